//! What becomes of an alarm that nobody answers: its announcement grows more urgent, step by step.
//!
//! The alarm's own priority says how bad it is for the patient, and that does not change because nobody came. So it is
//! the announcement that rises: what sounds, and who is called.

use crate::BedAlarms;
use crate::instance::Instance;
use core::time::Duration;
use serde::{Deserialize, Serialize};
use vitals::{AlarmId, Announcement, Priority, StationTime};

/// How an unanswered alarm is announced ever more urgently. Acknowledging ends it; while it is paused it stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// So long unanswered for each step.
    pub after: Duration,
    /// How many steps there are.
    pub steps: u8,
}

/// A low priority can wait by its meaning, and a high one calls people from what they do: unanswered for however long, a
/// low battery is announced as medium at most.
fn raised(priority: Priority, step: u8) -> Priority {
    match (priority, step) {
        (_, 0) | (Priority::High, _) => priority,
        (Priority::Low, _) => Priority::Medium,
        (Priority::Medium, _) => Priority::High,
    }
}

/// As what `instance` is announced.
pub(crate) fn announced(rule: Option<Escalation>, instance: &Instance) -> Announcement {
    let step = rule.map_or(0, |rule| rule.step(instance.unanswered));
    Announcement { priority: raised(instance.priority, step), step }
}

impl Escalation {
    /// Without a time between them there are no steps.
    fn steps(&self) -> u32 {
        if self.after.is_zero() { 0 } else { self.steps.into() }
    }

    fn step(&self, unanswered: Duration) -> u8 {
        let step = (1..=self.steps()).take_while(|step| unanswered >= self.after.saturating_mul(*step)).count();
        u8::try_from(step).unwrap_or(u8::MAX)
    }

    /// Nobody has answered `instance` for `span` more. Counting stops where the last step is, so that what is kept of a
    /// long alarm does not change every second.
    pub(crate) fn wait(&self, instance: &mut Instance, span: Duration) {
        let full = self.after.saturating_mul(self.steps());
        instance.unanswered = instance.unanswered.saturating_add(span).min(full);
    }

    /// How long until the next step, if there is one.
    pub(crate) fn left(&self, unanswered: Duration) -> Option<Duration> {
        let next = u32::from(self.step(unanswered)) + 1;
        (next <= self.steps()).then(|| self.after.saturating_mul(next).saturating_sub(unanswered))
    }
}

impl BedAlarms {
    /// The most urgent announcement of the alarms that are to be heard: active, not acknowledged, not paused, not off.
    #[must_use]
    pub fn announcement(&self, now: vitals::Now) -> Option<Announcement> {
        let heard = self.instances.iter().filter(|instance| self.is_heard(instance, now.station));
        heard.map(|instance| self.announced(instance)).max()
    }

    /// As what `alarm` is announced now, whether or not it is heard; `None` if it is not active here.
    #[must_use]
    pub fn announcement_of(&self, alarm: AlarmId) -> Option<Announcement> {
        self.instances.iter().find(|instance| instance.id == alarm).map(|instance| self.announced(instance))
    }

    /// As what each active alarm is announced now, whether or not it is heard.
    pub fn announcements(&self) -> impl Iterator<Item = (AlarmId, Announcement)> + '_ {
        self.instances.iter().map(|instance| (instance.id, self.announced(instance)))
    }

    fn announced(&self, instance: &Instance) -> Announcement {
        announced(self.rules.escalation, instance)
    }

    pub(crate) fn is_heard(&self, instance: &Instance, at: StationTime) -> bool {
        instance.acknowledged.is_none() && self.off.is_none() && self.quiet_until(instance).is_none_or(|end| end <= at)
    }

    /// When the pause that covers `instance` ends.
    fn quiet_until(&self, instance: &Instance) -> Option<StationTime> {
        let pause = self.pause.as_ref()?;
        (self.rules.pause_covers_new || pause.covers(instance.id)).then_some(pause.until)
    }

    /// Whether `instance` waits for an answer, and from when on if a pause covers it.
    fn waits_from(&self, instance: &Instance) -> Option<StationTime> {
        let waits = instance.acknowledged.is_none() && self.off.is_none();
        waits.then(|| self.quiet_until(instance).unwrap_or(StationTime::START))
    }

    /// Time has come to `to`; whoever has not answered until then has not answered for so much longer.
    pub(crate) fn wait_for_an_answer(&mut self, to: StationTime) {
        let Some(rule) = self.rules.escalation else { return };
        let waited = self.waited.unwrap_or(to);
        let mut instances = core::mem::take(&mut self.instances);
        for instance in &mut instances {
            if let Some(from) = self.waits_from(instance) {
                rule.wait(instance, to.since(waited.max(from)));
            }
        }
        self.instances = instances;
        self.waited = Some(waited.max(to));
    }

    /// When the next announcement rises if nobody answers.
    pub(crate) fn next_step(&self) -> Option<StationTime> {
        let (rule, waited) = (self.rules.escalation?, self.waited?);
        let steps = self.instances.iter().filter_map(|instance| {
            let from = self.waits_from(instance)?;
            Some(waited.max(from).plus(rule.left(instance.unanswered)?))
        });
        steps.min()
    }
}
