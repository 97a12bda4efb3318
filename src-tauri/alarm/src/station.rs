//! The alarms of the station itself.

use crate::answer::{AcknowledgeError, Acknowledged, WithdrawError, Withdrawn, acknowledge, withdraw};
use crate::escalation::announced;
use crate::instance::{Instance, Start, ranked};
use crate::{Rules, wording};
use serde::{Deserialize, Serialize};
use vitals::{AlarmChange, AlarmId, Announcement, Condition, Now, Priority, StationTime};

/// The alarms that belong to no bed: `storage_failed`, `sound_failed`, `client_lost`, `clock_jumped`.
///
/// Each condition has at most one instance. Whoever watches over the disk, the sound or the clock raises and clears it.
#[derive(Debug, Clone)]
pub struct StationAlarms {
    rules: Rules,
    instances: Vec<Instance>,
    /// Up to when it is counted who has not answered.
    waited: Option<StationTime>,
}

/// What of the station's own alarms must survive a restart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SavedStation(Vec<Instance>);

impl StationAlarms {
    /// A station without alarms.
    #[must_use]
    pub const fn new(rules: Rules) -> Self {
        Self { rules, instances: Vec::new(), waited: None }
    }

    /// The station as it was when `saved` was taken.
    #[must_use]
    pub fn restore(rules: Rules, saved: SavedStation) -> Self {
        Self { rules, instances: saved.0, waited: None }
    }

    /// What must survive a restart.
    #[must_use]
    pub fn saved(&self) -> SavedStation {
        SavedStation(self.instances.clone())
    }

    /// `condition` holds; `message` is a sentence that tells what is wrong. Raised again while it is active, it is the
    /// same alarm: the newer message is shown with [`active`](Self::active), and nothing is sent.
    pub fn raise(
        &mut self,
        now: Now,
        condition: Condition,
        message: &str,
        ids: &mut dyn FnMut() -> AlarmId,
    ) -> Vec<AlarmChange> {
        self.tick(now);
        if let Some(instance) = self.instances.iter_mut().find(|instance| instance.condition == condition) {
            message.clone_into(&mut instance.said);
            return Vec::new();
        }
        let priority = self.rules.priority(condition);
        let said = message.to_owned();
        let start = Start { id: ids(), condition, priority, since: now.wall, crossed: None, said };
        let instance = Instance::start(now, start);
        let change = instance.change(None);
        self.instances.push(instance);
        vec![change]
    }

    /// What `condition` is about has changed while it holds: the newer message is sent, as the same alarm. Where it is
    /// `worse` than before, an acknowledgement of before does not cover it. Where it did not hold, it is raised.
    pub fn retell(
        &mut self,
        now: Now,
        condition: Condition,
        message: &str,
        worse: bool,
        ids: &mut dyn FnMut() -> AlarmId,
    ) -> Vec<AlarmChange> {
        self.tick(now);
        let Some(instance) = self.instances.iter_mut().find(|instance| instance.condition == condition) else {
            return self.raise(now, condition, message, ids);
        };
        instance.retell(now, message, worse);
        vec![instance.change(None)]
    }

    /// `condition` no longer holds.
    pub fn clear(&mut self, now: Now, condition: Condition) -> Vec<AlarmChange> {
        let Some(place) = self.instances.iter().position(|instance| instance.condition == condition) else {
            return Vec::new();
        };
        let ended = self.instances.remove(place);
        let message = wording::ended("Over", &ended.message());
        vec![ended.end(now, None, message)]
    }

    /// Takes `alarm`, or every active alarm of the station, in hand for `by`.
    ///
    /// # Errors
    /// If `alarm` is not one of the station's active alarms, or there is none.
    pub fn acknowledge(
        &mut self,
        now: Now,
        alarm: Option<AlarmId>,
        by: &str,
    ) -> Result<Acknowledged, AcknowledgeError> {
        self.tick(now);
        acknowledge(&mut self.instances, now, alarm, by, |_| None)
    }

    /// Takes back the acknowledgement of `alarm`.
    ///
    /// # Errors
    /// If `alarm` is not one of the station's active alarms, or nobody has acknowledged it.
    pub fn withdraw(&mut self, now: Now, alarm: AlarmId) -> Result<Withdrawn, WithdrawError> {
        self.tick(now);
        withdraw(&mut self.instances, now, alarm, |_| None)
    }

    /// The active alarms, the highest priority first, then the oldest.
    #[must_use]
    pub fn active(&self) -> Vec<AlarmChange> {
        ranked(&self.instances).into_iter().map(|instance| instance.change(None)).collect()
    }

    /// Lets time pass, for the alarms that nobody answers: to be called at [`wake_at`](Self::wake_at) where the site
    /// escalates.
    pub fn tick(&mut self, now: Now) {
        let waited = self.waited.map_or(now.station, |waited| waited.max(now.station));
        if let Some(rule) = self.rules.escalation {
            let span = waited.since(self.waited.unwrap_or(waited));
            let unanswered = self.instances.iter_mut().filter(|instance| instance.acknowledged.is_none());
            unanswered.for_each(|instance| rule.wait(instance, span));
        }
        self.waited = Some(waited);
    }

    /// When the next announcement rises if nobody answers; `None` if none will.
    #[must_use]
    pub fn wake_at(&self) -> Option<StationTime> {
        let (rule, waited) = (self.rules.escalation?, self.waited?);
        let unanswered = self.instances.iter().filter(|instance| instance.acknowledged.is_none());
        unanswered.filter_map(|instance| rule.left(instance.unanswered)).min().map(|left| waited.plus(left))
    }

    /// The most urgent announcement of the alarms that are active and not acknowledged.
    #[must_use]
    pub fn announcement(&self) -> Option<Announcement> {
        let unanswered = self.instances.iter().filter(|instance| instance.acknowledged.is_none());
        unanswered.map(|instance| announced(self.rules.escalation, instance)).max()
    }

    /// As what each alarm is announced that is not acknowledged.
    pub fn announcements(&self) -> impl Iterator<Item = (AlarmId, Announcement)> + '_ {
        let unanswered = self.instances.iter().filter(|instance| instance.acknowledged.is_none());
        unanswered.map(|instance| (instance.id, announced(self.rules.escalation, instance)))
    }

    /// The priority that is to be heard: of the alarms that are active and not acknowledged the highest, raised where the
    /// site escalates what nobody answers.
    #[must_use]
    pub fn sounding(&self) -> Option<Priority> {
        self.announcement().map(|announcement| announcement.priority)
    }
}
