//! What staff answer to a bed's alarms, and what becomes of alarms that nobody answers.

use super::task::Bed;
use crate::command::Answer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;
use vitals::{AlarmId, Announcement, Now, Off};

/// How urgently each unanswered alarm has been told so far, so that each step is told once.
pub(super) type Steps = BTreeMap<AlarmId, u8>;

impl Bed {
    pub(super) fn acknowledge(&mut self, now: Now, alarm: Option<AlarmId>, by: &str, reply: mpsc::Sender<Answer>) {
        match self.alarms.acknowledge(now, alarm, by) {
            Ok(done) => {
                let ids: Vec<String> = done.changes.iter().map(|change| change.id.to_string()).collect();
                if !ids.is_empty() {
                    self.event(now, "acknowledged", Some(by), json!({ "alarms": ids }));
                    self.audit("acknowledged", by, json!({ "alarms": ids }));
                }
                self.announce(done.changes);
                self.reply(reply, Answer::Done(json!({ "acknowledged": ids, "first": done.first })));
            }
            Err(error) => self.refuse(reply, "unknown_alarm", error.to_string()),
        }
    }

    pub(super) fn pause_audio(&mut self, now: Now, length: Duration, by: &str, reply: mpsc::Sender<Answer>) {
        match self.alarms.pause_audio(now, length, by) {
            Ok(audio) => {
                let detail = json!({ "seconds": length.as_secs(), "until": audio.paused_until });
                self.event(now, "audio_paused", Some(by), detail.clone());
                self.audit("audio_paused", by, detail);
                self.reply(reply, Answer::Done(json!({ "paused_until": audio.paused_until, "by": audio.by })));
            }
            Err(error) => self.refuse(reply, "out_of_range", error.to_string()),
        }
    }

    pub(super) fn resume_audio(&mut self, now: Now, by: &str, reply: mpsc::Sender<Answer>) {
        if self.alarms.resume_audio(now) {
            self.event(now, "audio_resumed", Some(by), json!({}));
            self.audit("audio_resumed", by, json!({}));
        }
        self.reply(reply, Answer::Done(json!({ "paused_until": null })));
    }

    /// Takes back an acknowledgement, whoever gave it: one person's answer is not another's.
    pub(super) fn withdraw(&mut self, now: Now, alarm: AlarmId, by: &str, reply: mpsc::Sender<Answer>) {
        match self.alarms.withdraw(now, alarm) {
            Ok(done) => {
                let detail = json!({ "alarm": alarm, "was": done.was });
                self.event(now, "acknowledgement_withdrawn", Some(by), detail.clone());
                self.audit("acknowledgement_withdrawn", by, detail);
                self.announce(vec![done.change]);
                self.reply(reply, Answer::Done(json!({ "withdrawn": alarm, "was": done.was })));
            }
            Err(error @ alarm::WithdrawError::UnknownAlarm(_)) => {
                self.refuse(reply, "unknown_alarm", error.to_string());
            }
            Err(error) => self.refuse(reply, "not_acknowledged", error.to_string()),
        }
    }

    pub(super) fn turn_off(&mut self, now: Now, what: Off, by: &str, reply: mpsc::Sender<Answer>) {
        match self.alarms.turn_off(now, what, by) {
            Ok(off) => {
                let kind = match what {
                    Off::Audio => "audio_off",
                    Off::Alarms => "alarms_off",
                };
                self.event(now, kind, Some(by), json!({}));
                self.audit(kind, by, json!({}));
                self.reply(reply, Answer::Done(json!({ "off": off })));
            }
            Err(error) => self.refuse(reply, "not_allowed", error.to_string()),
        }
    }

    pub(super) fn turn_on(&mut self, now: Now, by: &str, reply: mpsc::Sender<Answer>) {
        if let Some(off) = self.alarms.turn_on(now) {
            self.turned_on(now, off.what, by);
        }
        self.reply(reply, Answer::Done(json!({ "off": null })));
    }

    pub(super) fn turned_on(&mut self, now: Now, what: Off, by: &str) {
        let kind = match what {
            Off::Audio => "audio_on",
            Off::Alarms => "alarms_on",
        };
        self.event(now, kind, Some(by), json!({}));
        self.audit(kind, by, json!({}));
    }

    /// Reminds the staff of what is off, when that is due.
    pub(super) fn remind(&mut self, now: Now) {
        if !self.alarms.take_reminder() {
            return;
        }
        if let Some(off) = self.alarms.off().cloned() {
            self.out.remind = true;
            self.event(now, "off_reminder", None, json!(off));
        }
    }

    /// Tells, once for each step, which alarms nobody has answered for so long that others are called.
    pub(super) fn escalate(&mut self, now: Now) {
        // Asked at each packet, of beds that mostly have no alarm.
        let steps: Vec<(AlarmId, Announcement)> = self.alarms.announcements().collect();
        if steps.is_empty() && self.steps.is_empty() {
            return;
        }
        let risen: Vec<_> =
            steps.iter().filter(|(id, told)| told.step > self.steps.get(id).copied().unwrap_or(0)).collect();
        if let Some(most) = risen.iter().map(|(_, told)| *told).max() {
            let ids: Vec<Value> = risen.iter().map(|(id, _)| json!(id)).collect();
            self.event(now, "escalated", None, json!({ "alarms": ids, "step": most.step, "priority": most.priority }));
        }
        self.steps = steps.into_iter().map(|(id, told)| (id, told.step)).collect();
    }
}
