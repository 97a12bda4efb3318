//! What staff answer to an alarm: they take it in hand, or take that back.

use crate::BedAlarms;
use crate::bed::value;
use crate::instance::Instance;
use vitals::{Acknowledgement, AlarmChange, AlarmId, Now};

/// What an acknowledgement did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The alarms that are acknowledged by it.
    pub changes: Vec<AlarmChange>,
    /// Who was first, when nothing was left to acknowledge.
    pub first: Option<Acknowledgement>,
}

/// The acknowledgement was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcknowledgeError {
    /// Not an active alarm here.
    #[error("Alarm {0} is not active here: it has ended, or there never was one.")]
    UnknownAlarm(AlarmId),
    /// All were to be acknowledged, and there is none.
    #[error("No alarm is active here, so there is nothing to acknowledge.")]
    NoneActive,
}

/// An acknowledgement that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// The alarm, unanswered again.
    pub change: AlarmChange,
    /// Whose acknowledgement it was.
    pub was: Acknowledgement,
}

/// An acknowledgement was not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WithdrawError {
    /// Not an active alarm here.
    #[error("Alarm {0} is not active here: it has ended, or there never was one.")]
    UnknownAlarm(AlarmId),
    /// There is nothing to take back.
    #[error("Nobody has acknowledged alarm {0}, so there is nothing to withdraw.")]
    NotAcknowledged(AlarmId),
}

impl BedAlarms {
    /// Takes `alarm`, or everything that waits for an answer here, in hand for `by`. It holds for these instances until
    /// they end. A latched alarm leaves the screens with it: told as cleared and acknowledged.
    ///
    /// # Errors
    /// If `alarm` is neither active nor latched here, or none is.
    pub fn acknowledge(
        &mut self,
        now: Now,
        alarm: Option<AlarmId>,
        by: &str,
    ) -> Result<Acknowledged, AcknowledgeError> {
        self.wait_for_an_answer(now.station);
        let latched = self.release(now, alarm, by);
        let sight = self.sight();
        match acknowledge(&mut self.instances, now, alarm, by, |instance| value(instance, sight.as_ref())) {
            Ok(done) if latched.is_empty() => Ok(done),
            Ok(done) => Ok(Acknowledged { changes: done.changes.into_iter().chain(latched).collect(), first: None }),
            Err(error) if latched.is_empty() => Err(error),
            Err(_) => Ok(Acknowledged { changes: latched, first: None }),
        }
    }

    /// Takes back the acknowledgement of `alarm`, whoever gave it: it is unanswered again, sounds at once, and waits
    /// for an answer from now on.
    ///
    /// # Errors
    /// If `alarm` is not active here, or nobody has acknowledged it.
    pub fn withdraw(&mut self, now: Now, alarm: AlarmId) -> Result<Withdrawn, WithdrawError> {
        self.wait_for_an_answer(now.station);
        let sight = self.sight();
        withdraw(&mut self.instances, now, alarm, |instance| value(instance, sight.as_ref()))
    }
}

/// Acknowledges `alarm`, or all of `instances`.
pub(crate) fn acknowledge(
    instances: &mut [Instance],
    now: Now,
    alarm: Option<AlarmId>,
    by: &str,
    value: impl Fn(&Instance) -> Option<u16>,
) -> Result<Acknowledged, AcknowledgeError> {
    let mut meant: Vec<_> =
        instances.iter_mut().filter(|instance| alarm.is_none_or(|alarm| instance.id == alarm)).collect();
    if meant.is_empty() {
        return Err(alarm.map_or(AcknowledgeError::NoneActive, AcknowledgeError::UnknownAlarm));
    }
    let first = meant.iter().filter_map(|instance| instance.acknowledged.clone()).min_by_key(|first| first.time);
    let changes: Vec<_> = meant
        .iter_mut()
        .filter_map(|instance| instance.acknowledge(now, by).then(|| instance.change(value(instance))))
        .collect();
    let first = first.filter(|_| changes.is_empty());
    Ok(Acknowledged { changes, first })
}

/// Takes back the acknowledgement of `alarm`.
pub(crate) fn withdraw(
    instances: &mut [Instance],
    now: Now,
    alarm: AlarmId,
    value: impl Fn(&Instance) -> Option<u16>,
) -> Result<Withdrawn, WithdrawError> {
    let instance =
        instances.iter_mut().find(|instance| instance.id == alarm).ok_or(WithdrawError::UnknownAlarm(alarm))?;
    let was = instance.withdraw(now).ok_or(WithdrawError::NotAcknowledged(alarm))?;
    Ok(Withdrawn { change: instance.change(value(instance)), was })
}
