//! One alarm, from its start to its end.

use crate::bound::Side;
use crate::wording;
use core::time::Duration;
use serde::{Deserialize, Serialize};
use vitals::{Acknowledgement, AlarmChange, AlarmId, AlarmState, Condition, Now, Priority, WallTime};

/// One instance of one condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Instance {
    #[serde(with = "number")]
    pub(crate) id: AlarmId,
    pub(crate) condition: Condition,
    pub(crate) priority: Priority,
    since: WallTime,
    changed: WallTime,
    pub(crate) worst: Option<u16>,
    pub(crate) limit: Option<u16>,
    pub(crate) acknowledged: Option<Acknowledgement>,
    /// What a technical alarm says.
    pub(crate) said: String,
    /// The value alarms that ended in this one because the number was gone, as they were worded.
    pub(crate) during: Vec<String>,
    /// For how long nobody has answered, where the site escalates.
    #[serde(default)]
    pub(crate) unanswered: Duration,
}

/// How an alarm starts.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) id: AlarmId,
    pub(crate) condition: Condition,
    pub(crate) priority: Priority,
    pub(crate) since: WallTime,
    /// The worst value since the delay began, and the limit that was crossed.
    pub(crate) crossed: Option<(u16, u16)>,
    pub(crate) said: String,
}

impl Instance {
    pub(crate) fn start(now: Now, start: Start) -> Self {
        Self {
            id: start.id,
            condition: start.condition,
            priority: start.priority,
            since: start.since,
            changed: now.wall,
            worst: start.crossed.map(|(worst, _)| worst),
            limit: start.crossed.map(|(_, limit)| limit),
            acknowledged: None,
            said: start.said,
            during: Vec::new(),
            unanswered: Duration::ZERO,
        }
    }

    pub(crate) fn message(&self) -> String {
        match (self.worst, self.limit) {
            (Some(worst), Some(limit)) => wording::crossed(self.condition, worst, limit),
            _ if self.during.is_empty() => self.said.clone(),
            _ => format!("{} during {}", self.said, self.during.join(", ")),
        }
    }

    /// Takes `value` as the worst if it is; whether it was.
    pub(crate) fn worsen(&mut self, now: Now, value: u16) -> bool {
        let worst = self.worst.map_or(value, |worst| Side::of(self.condition).worse(worst, value));
        let worse = self.worst != Some(worst);
        if worse {
            self.worst = Some(worst);
            self.changed = now.wall;
        }
        worse
    }

    /// Raises the priority to `priority` if that is higher; whether it was.
    ///
    /// Who acknowledged the lower one has not answered the higher one, so their acknowledgement falls.
    pub(crate) fn rise(&mut self, now: Now, priority: Priority) -> bool {
        let rises = priority > self.priority;
        if rises {
            self.priority = priority;
            self.acknowledged = None;
            self.changed = now.wall;
        }
        rises
    }

    /// Takes the acknowledgement unless there is one; whether it was taken.
    pub(crate) fn acknowledge(&mut self, now: Now, by: &str) -> bool {
        let first = self.acknowledged.is_none();
        if first {
            self.acknowledged = Some(Acknowledgement { by: by.to_owned(), time: now.wall });
            self.unanswered = Duration::ZERO;
            self.changed = now.wall;
        }
        first
    }

    /// Takes the acknowledgement back; whose it was.
    pub(crate) fn withdraw(&mut self, now: Now) -> Option<Acknowledgement> {
        let was = self.acknowledged.take()?;
        self.changed = now.wall;
        Some(was)
    }

    /// A technical alarm says something else from now on. Where that is worse, whoever acknowledged it has not answered
    /// that, so their acknowledgement falls.
    pub(crate) fn retell(&mut self, now: Now, message: &str, worse: bool) {
        message.clone_into(&mut self.said);
        if worse {
            self.acknowledged = None;
        }
        self.changed = now.wall;
    }

    /// This alarm takes the place of one that nobody answered for so long: nor has anybody answered this one.
    pub(crate) fn wait_as_long_as(&mut self, unanswered: Duration) {
        if self.acknowledged.is_none() {
            self.unanswered = self.unanswered.max(unanswered);
        }
    }

    /// The alarm was measured against another limit from now on.
    pub(crate) fn move_limit(&mut self, now: Now, limit: u16) {
        self.limit = Some(limit);
        self.changed = now.wall;
    }

    /// The alarm as it stands.
    pub(crate) fn change(&self, value: Option<u16>) -> AlarmChange {
        AlarmChange {
            time: self.changed,
            id: self.id,
            condition: self.condition,
            priority: self.priority,
            state: AlarmState::Active,
            since: self.since,
            value,
            worst: self.worst,
            limit: self.limit,
            acknowledged: self.acknowledged.clone(),
            message: self.message(),
        }
    }

    /// The alarm as it ends.
    pub(crate) fn end(self, now: Now, value: Option<u16>, message: String) -> AlarmChange {
        AlarmChange { time: now.wall, state: AlarmState::Cleared, message, ..self.change(value) }
    }
}

/// The alarms in the order in which they are shown: the highest priority first; of one priority the physiological
/// before the technical, which may not hide them; of these the oldest first. `instances` come oldest first.
pub(crate) fn ranked<'a>(instances: &'a [Instance]) -> Vec<&'a Instance> {
    let mut ranked: Vec<&'a Instance> = instances.iter().collect();
    ranked.sort_by_key(|instance| (core::cmp::Reverse(instance.priority), instance.condition.measure().is_none()));
    ranked
}

/// An alarm's id as its bare number: the written form is for people.
mod number {
    use serde::{Deserialize, Deserializer, Serializer};
    use vitals::AlarmId;

    pub(super) fn serialize<S: Serializer>(id: &AlarmId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(id.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AlarmId, D::Error> {
        u64::deserialize(deserializer).map(AlarmId)
    }
}
