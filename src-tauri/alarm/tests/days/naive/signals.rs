//! What is to be heard and seen of the alarms.

use super::{Alarm, Naive};
use vitals::{Condition, Priority};

impl Naive {
    /// As what the most urgent alarm is announced that is to be heard, and after how many steps.
    pub fn announced(&self) -> Option<(Priority, u8)> {
        self.alarms.iter().filter(|alarm| self.is_heard(alarm)).map(|alarm| self.announces(alarm)).max()
    }

    pub(super) fn is_heard(&self, alarm: &Alarm) -> bool {
        let paused = self.pause_left > 0 && (alarm.paused || self.site.pause_covers_new);
        !alarm.acknowledged && !paused && self.off.is_none()
    }

    fn announces(&self, alarm: &Alarm) -> (Priority, u8) {
        let step = self.site.escalation.map_or(0, |(steps, after)| (alarm.unanswered / after).min(steps.into()));
        let priority = match alarm.priority {
            Priority::Medium if step > 0 => Priority::High,
            Priority::Low if step > 0 => Priority::Medium,
            own => own,
        };
        (priority, u8::try_from(step).unwrap())
    }

    /// The newest first.
    pub fn latched(&self) -> Vec<(Condition, Option<u16>)> {
        self.latched.iter().rev().map(|alarm| (alarm.condition, alarm.worst)).collect()
    }
}
