//! A bed's limits: changed by staff, put back to the ward's preset, followed when that changes.

use super::task::Bed;
use crate::command::Answer;
use record::{Change, EngineCall};
use serde_json::json;
use tokio::sync::mpsc;
use vitals::{Limits, LimitsChange, Now};

impl Bed {
    pub(super) fn set_limits(&mut self, now: Now, limits: Limits) {
        let ids = self.ids.clone();
        self.tell(now, EngineCall::Limits(limits));
        let changes = self.alarms.set_limits(now, limits, &mut || ids.next());
        self.announce(changes);
        self.out.changes.push(Change::Limits(self.id.clone(), limits));
    }

    pub(super) fn change_limits(&mut self, now: Now, change: LimitsChange, by: &str, reply: mpsc::Sender<Answer>) {
        let before = self.alarms.limits();
        match change.apply(before).check() {
            Ok(limits) => {
                self.put_in_force(now, limits, by);
                self.reply(reply, Answer::Done(json!({ "limits": limits })));
            }
            Err(error) => self.refuse(reply, "bad_limits", error.to_string()),
        }
    }

    /// The ward has another preset. A bed without a patient that had the old one takes the new one; a patient's limits
    /// are somebody's decision for that patient and stay, and the screens show that they differ.
    pub(super) fn ward_preset(&mut self, now: Now, preset: Limits, by: &str) {
        let before = core::mem::replace(&mut self.preset, preset);
        if self.patient.is_none() && self.alarms.limits() == before && before != preset {
            self.put_in_force(now, preset, by);
        }
    }

    fn put_in_force(&mut self, now: Now, limits: Limits, by: &str) {
        let detail = json!({ "before": self.alarms.limits(), "limits": limits });
        self.event(now, "limits_changed", Some(by), detail.clone());
        self.audit("limits_changed", by, detail);
        self.set_limits(now, limits);
    }
}
