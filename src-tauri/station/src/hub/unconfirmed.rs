//! The station's own alarms of the run before, until whoever watches over their cause has said how things stand.

use std::time::Duration;
use vitals::{AlarmChange, Condition, StationTime};

/// Alarms that were restored and that nobody has spoken of yet.
#[derive(Debug, Default)]
pub(super) struct Unconfirmed(Vec<Condition>);

impl Unconfirmed {
    pub(super) fn new(restored: &[AlarmChange]) -> Self {
        Self(restored.iter().map(|alarm| alarm.condition).collect())
    }

    /// Its source says how it stands.
    pub(super) fn confirm(&mut self, condition: Condition) {
        self.0.retain(|waiting| *waiting != condition);
    }

    /// One that has waited long enough: its cause is not there any more.
    pub(super) fn take_due(&mut self, now: StationTime) -> Option<Condition> {
        let due = self.0.iter().position(|condition| now >= StationTime::START.plus(waits(*condition)))?;
        Some(self.0.swap_remove(due))
    }
}

/// How long after the start a source may take to say that its condition still holds.
const fn waits(condition: Condition) -> Duration {
    Duration::from_secs(match condition {
        // A record that has kept up this long is sound again, as while the station runs.
        Condition::StorageFailed => 3,
        // Screens are given 15 s to come back.
        Condition::ClientLost => 20,
        _ => 10,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alarm::{Rules, StationAlarms};
    use vitals::{AlarmId, Now, WallTime};

    fn at(seconds: u64) -> StationTime {
        StationTime::from_start(Duration::from_secs(seconds))
    }

    #[test]
    fn an_alarm_of_the_run_before_is_over_unless_its_source_speaks_in_time() {
        let mut alarms = StationAlarms::new(Rules::default());
        let now = Now { station: at(0), wall: WallTime::from_millis(0) };
        for condition in
            [Condition::SoundFailed, Condition::StorageFailed, Condition::ClientLost, Condition::ClockJumped]
        {
            alarms.raise(now, condition, "Something is wrong.", &mut || AlarmId(1));
        }
        let mut unconfirmed = Unconfirmed::new(&alarms.active());
        unconfirmed.confirm(Condition::SoundFailed);
        assert_eq!(unconfirmed.take_due(at(2)), None);
        assert_eq!(unconfirmed.take_due(at(3)), Some(Condition::StorageFailed));
        assert_eq!(unconfirmed.take_due(at(9)), None);
        assert_eq!(unconfirmed.take_due(at(10)), Some(Condition::ClockJumped));
        assert_eq!(unconfirmed.take_due(at(19)), None);
        assert_eq!(unconfirmed.take_due(at(20)), Some(Condition::ClientLost));
        assert_eq!(unconfirmed.take_due(at(99)), None);
    }
}
