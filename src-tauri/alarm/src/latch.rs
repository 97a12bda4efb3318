//! High alarms that ended without an answer, and stay on the screens until they have one.
//!
//! Who was away for a minute must not miss that a patient was at 70. Only what is seen latches, never what is heard.

use crate::BedAlarms;
use crate::instance::Instance;
use serde::{Deserialize, Serialize};
use vitals::{Acknowledgement, AlarmChange, AlarmId, AlarmState, Now, Priority, WallTime};

/// So many are kept for a bed; the oldest goes first. So many that nobody has looked at say enough, and the record has
/// them all.
const KEPT: usize = 32;

/// An alarm that has ended and waits to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Latched {
    instance: Instance,
    ended: WallTime,
    message: String,
}

impl Latched {
    fn change(&self) -> AlarmChange {
        AlarmChange {
            time: self.ended,
            state: AlarmState::Cleared,
            message: self.message.clone(),
            ..self.instance.change(None)
        }
    }

    fn acknowledged(self, now: Now, by: &str) -> AlarmChange {
        let acknowledged = Some(Acknowledgement { by: by.to_owned(), time: now.wall });
        AlarmChange { time: now.wall, acknowledged, ..self.change() }
    }
}

impl BedAlarms {
    /// The alarms that have ended and wait for an acknowledgement, the newest first: `cleared`, with their worst value
    /// and `acknowledged` `None`. Empty unless the site latches.
    #[must_use]
    pub fn latched(&self) -> Vec<AlarmChange> {
        self.latched.iter().rev().map(Latched::change).collect()
    }

    /// Ends `instance`, which stays to be seen where the site has it so.
    pub(crate) fn close(&mut self, now: Now, instance: Instance, value: Option<u16>, message: String) -> AlarmChange {
        let unseen = instance.priority == Priority::High && instance.acknowledged.is_none();
        if self.rules.latch_high && unseen {
            if self.latched.len() == KEPT {
                self.latched.remove(0);
            }
            self.latched.push(Latched { instance: instance.clone(), ended: now.wall, message: message.clone() });
        }
        instance.end(now, value, message)
    }

    /// Takes `alarm`, or all, from what is latched.
    pub(crate) fn release(&mut self, now: Now, alarm: Option<AlarmId>, by: &str) -> Vec<AlarmChange> {
        let (seen, kept) = core::mem::take(&mut self.latched)
            .into_iter()
            .partition(|latched| alarm.is_none_or(|alarm| latched.instance.id == alarm));
        self.latched = kept;
        let seen: Vec<Latched> = seen;
        seen.into_iter().map(|latched| latched.acknowledged(now, by)).collect()
    }
}
