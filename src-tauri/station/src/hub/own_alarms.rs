//! The station's own alarms on their way: raised, answered, escalated.

use super::task::{Moment, Running};
use crate::bed::Reply;
use crate::command::{Answer, Refusal};
use record::{Audit, Batch, Change};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc;
use vitals::{AlarmChange, AlarmId, Announcement, Body, Condition, Event, Now, Recorded};

impl Running {
    /// A technical condition of the station begins, goes on or ends.
    pub(super) async fn condition(&mut self, now: Now, condition: Condition, message: Option<String>) {
        self.unconfirmed.confirm(condition);
        let ids = self.hub.ids.clone();
        let changes = match message {
            Some(message) => self.hub.alarms.raise(now, condition, &message, &mut || ids.next()),
            None => match self.hub.alarms.clear(now, condition) {
                nothing if nothing.is_empty() => return,
                changes => changes,
            },
        };
        self.own_alarms(now, changes, Vec::new(), Vec::new(), Vec::new()).await;
    }

    /// What such a condition is about has changed while it holds.
    pub(super) async fn retell(&mut self, now: Now, condition: Condition, message: &str, worse: bool) {
        self.unconfirmed.confirm(condition);
        let ids = self.hub.ids.clone();
        let changes = self.hub.alarms.retell(now, condition, message, worse, &mut || ids.next());
        self.own_alarms(now, changes, Vec::new(), Vec::new(), Vec::new()).await;
    }

    async fn own_alarms(
        &mut self,
        now: Now,
        alarms: Vec<AlarmChange>,
        events: Vec<Event>,
        mut changes: Vec<Change>,
        replies: Vec<Reply>,
    ) {
        let mut moment = Moment { station_alarms: Some(self.hub.alarms.active()), ..Moment::default() };
        for body in events.into_iter().map(Body::Event).chain(alarms.into_iter().map(Body::Alarm)) {
            moment.lines.push(Arc::new(Recorded { seq: self.number(), bed: None, body }));
        }
        self.gathered.sounds(None, self.hub.alarms.sounding());
        self.announce();
        let saved = serde_json::to_string(&self.hub.alarms.saved()).unwrap_or_default();
        changes.push(Change::AlarmState(None, now.wall, saved));
        let batch = Batch { time: Some(now.wall), changes, force: true, ..Batch::default() };
        self.commit_and_send(now, moment, batch, replies).await;
    }

    pub(super) async fn acknowledge(
        &mut self,
        now: Now,
        alarm: Option<AlarmId>,
        by: &str,
        reply: mpsc::Sender<Answer>,
    ) {
        match self.hub.alarms.acknowledge(now, alarm, by) {
            Ok(done) => {
                let ids: Vec<String> = done.changes.iter().map(|change| change.id.to_string()).collect();
                let answer = Answer::Done(json!({ "acknowledged": ids, "first": done.first }));
                let (events, audit) = if ids.is_empty() {
                    Default::default()
                } else {
                    said(now, "acknowledged", by, json!({ "alarms": ids }))
                };
                self.own_alarms(now, done.changes, events, audit, vec![Reply { to: reply, answer }]).await;
            }
            Err(error) => refuse(reply, "unknown_alarm", error.to_string()),
        }
    }

    pub(super) async fn withdraw(&mut self, now: Now, alarm: AlarmId, by: &str, reply: mpsc::Sender<Answer>) {
        match self.hub.alarms.withdraw(now, alarm) {
            Ok(done) => {
                let answer = Answer::Done(json!({ "withdrawn": alarm, "was": done.was }));
                let detail = json!({ "alarm": alarm, "was": done.was });
                let (events, audit) = said(now, "acknowledgement_withdrawn", by, detail);
                self.own_alarms(now, vec![done.change], events, audit, vec![Reply { to: reply, answer }]).await;
            }
            Err(error @ alarm::WithdrawError::UnknownAlarm(_)) => refuse(reply, "unknown_alarm", error.to_string()),
            Err(error) => refuse(reply, "not_acknowledged", error.to_string()),
        }
    }

    /// Lets time pass for what nobody answers.
    pub(super) async fn escalate(&mut self, now: Now) {
        if self.hub.alarms.wake_at().is_some_and(|due| due <= now.station) {
            self.hub.alarms.tick(now);
        }
        let steps: Vec<(AlarmId, Announcement)> = self.hub.alarms.announcements().collect();
        let risen = steps.iter().filter(|(id, told)| told.step > self.steps.get(id).copied().unwrap_or(0));
        let (ids, told): (Vec<AlarmId>, Vec<Announcement>) = risen.copied().unzip();
        self.steps = steps.into_iter().map(|(id, told)| (id, told.step)).collect();
        let Some(most) = told.into_iter().max() else { return };
        let detail = json!({ "alarms": ids, "step": most.step, "priority": most.priority });
        let event = Event { time: now.wall, kind: "escalated".into(), by: None, detail };
        self.own_alarms(now, Vec::new(), vec![event], Vec::new(), Vec::new()).await;
    }
}

/// What a person did, for the record and for the audit log.
fn said(now: Now, kind: &str, by: &str, detail: Value) -> (Vec<Event>, Vec<Change>) {
    let event = Event { time: now.wall, kind: kind.to_owned(), by: Some(by.to_owned()), detail: detail.clone() };
    let audit = Audit { bed: None, what: kind.to_owned(), by: by.to_owned(), detail };
    (vec![event], vec![Change::Audit(audit)])
}

fn refuse(reply: mpsc::Sender<Answer>, code: &'static str, message: String) {
    Reply { to: reply, answer: Answer::Refused(Refusal::new(code, message)) }.give();
}
