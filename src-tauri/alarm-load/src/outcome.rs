//! What a pass through the engine gave.

use core::time::Duration;
use vitals::{AlarmChange, AlarmId, AlarmState, Condition, Priority, WallTime};

/// One alarm of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// What it was about.
    pub condition: Condition,
    /// When it started.
    pub since: WallTime,
    /// When it ended; `None` if it still held at the end of the span.
    pub until: Option<WallTime>,
    /// Its highest priority.
    pub priority: Priority,
    /// Its worst value.
    pub worst: Option<u16>,
    /// The limit that was crossed.
    pub limit: Option<u16>,
}

/// What alarmed in a span, and what did not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Every alarm, in the order of their starts.
    pub alarms: Vec<Alarm>,
    /// How long the station ran and a sensor was assigned to the bed: what *per day* is counted by.
    pub watched: Duration,
    /// How long there was an SpO₂.
    pub measured: Duration,
    /// How long SpO₂ was below the limit **that was really in force**, whatever was asked instead.
    pub below: Duration,
    /// How much of that passed without an active alarm for low SpO₂ or desaturation: the price of every delay.
    pub below_unalarmed: Duration,
}

/// The alarms that are active while a pass is under way.
#[derive(Debug, Default)]
pub(crate) struct Active {
    /// Their ids and their places among all alarms of the pass.
    places: Vec<(AlarmId, usize)>,
    /// How many of them are for low SpO₂ or desaturation.
    low: usize,
}

impl Outcome {
    /// How many alarms of `condition` there were.
    #[must_use]
    pub fn count(&self, condition: Condition) -> usize {
        self.alarms.iter().filter(|alarm| alarm.condition == condition).count()
    }

    /// How many alarms of `condition` there were for each day watched; `None` if nothing was.
    #[must_use]
    pub fn per_day(&self, condition: Condition) -> Option<f64> {
        per_day(self.count(condition), self.watched)
    }
}

impl Active {
    /// Whether an alarm for low SpO₂ or desaturation is active.
    pub(crate) const fn for_low(&self) -> bool {
        self.low > 0
    }

    /// Enters what the engine told among `alarms`.
    pub(crate) fn take(&mut self, changes: Vec<AlarmChange>, alarms: &mut Vec<Alarm>) {
        for change in changes {
            let known = self.places.iter().position(|(id, _)| *id == change.id);
            let place = known.and_then(|known| self.places.get(known)).map(|(_, place)| *place);
            let until = (change.state == AlarmState::Cleared).then_some(change.time);
            let alarm = Alarm {
                condition: change.condition,
                since: change.since,
                until,
                priority: change.priority,
                worst: change.worst,
                limit: change.limit,
            };
            match place.and_then(|place| alarms.get_mut(place)) {
                Some(told) => *told = alarm,
                None => {
                    self.places.push((change.id, alarms.len()));
                    alarms.push(alarm);
                    self.low += usize::from(is_low(change.condition));
                }
            }
            if let Some(known) = known.filter(|_| until.is_some()) {
                self.places.swap_remove(known);
                self.low -= usize::from(is_low(change.condition));
            }
        }
    }
}

const fn is_low(condition: Condition) -> bool {
    matches!(condition, Condition::Spo2Low | Condition::Spo2Desat)
}

/// `count` for each day of `watched`.
pub(crate) fn per_day(count: usize, watched: Duration) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 alarms")]
    let count = count as f64;
    (!watched.is_zero()).then(|| count * 86_400.0 / watched.as_secs_f64())
}
