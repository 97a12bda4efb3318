//! A second opinion to hold the engine against.

use crate::bench::{Bench, Says};
use crate::steps::Step;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use vitals::{Condition, Limits, Measure, SensorState, Status};

/// A second opinion on delays and areas, added up in the simplest way.
#[derive(Debug, Default)]
pub struct Opinion {
    /// %·ms below the low limit of SpO2.
    area: u64,
    below: bool,
    /// How long ago, in milliseconds with a value, each entry below it was.
    entries: Vec<u64>,
    pub says: Option<Says>,
    pub age: u64,
    beyond: BTreeMap<Condition, u64>,
    /// Milliseconds without both numbers and without an alarm that says why.
    pub dark: u64,
    pub sensor: Option<SensorState>,
}

pub const VALUES: [Condition; 5] =
    [Condition::Spo2Desat, Condition::Spo2Low, Condition::Spo2High, Condition::PulseLow, Condition::PulseHigh];
pub const LINKS: [Condition; 3] = [Condition::NoFinger, Condition::NoSignal, Condition::SensorDisconnected];

pub fn is_beyond(condition: Condition, value: u16, limits: &Limits) -> bool {
    match condition {
        Condition::Spo2Desat => value < limits.spo2_desat.into(),
        Condition::Spo2Low => value < limits.spo2_low.into(),
        Condition::Spo2High => limits.spo2_high.is_some_and(|high| value > high.into()),
        Condition::PulseLow => value < limits.pulse_low,
        _ => value > limits.pulse_high,
    }
}

impl Opinion {
    pub fn value(&self, condition: Condition) -> Option<u16> {
        let says = self.says.filter(|says| self.age < 3000 && !says.status.has(Status::NoFinger))?;
        match condition.measure()? {
            Measure::Spo2 => says.spo2.map(u16::from),
            Measure::PulseRate => says.pulse,
        }
    }

    pub fn note(&mut self, step: &Step, limits: &Limits) {
        match step {
            Step::Sample(says) => {
                (self.says, self.age, self.sensor) = (Some(*says), 0, Some(SensorState::Live));
            }
            Step::Stale => (self.says, self.sensor) = (None, Some(SensorState::Silent)),
            Step::Sensor(sensor) => {
                (self.says, self.sensor) = (None, Some(*sensor));
                if *sensor == SensorState::None {
                    *self = Self { sensor: self.sensor, age: self.age, ..Self::default() };
                }
            }
            // What was counted is kept; what the sensor says is not.
            Step::Restart(_) => (self.says, self.sensor, self.age) = (None, Some(SensorState::Opening), 0),
            Step::Discharge => *self = Self { age: self.age, ..Self::default() },
            _ => {}
        }
        if self.complete() {
            self.dark = 0;
        }
        self.area = self.area.min(u64::from(limits.area_delay.unwrap_or(100)) * 1000);
        if let Some(value) = self.value(Condition::Spo2Low) {
            let below = value < limits.spo2_low.into();
            if below && !self.below {
                self.entries.push(0);
            }
            self.below = below;
        }
        for condition in VALUES {
            if self.value(condition).is_some_and(|value| !is_beyond(condition, value, limits)) {
                self.beyond.remove(&condition);
            }
        }
    }

    pub fn complete(&self) -> bool {
        self.value(Condition::Spo2Low).is_some() && self.value(Condition::PulseLow).is_some()
    }

    /// For how long nothing in this opinion turns by itself, and not so long that an alarm could hide within.
    pub fn longest(&self) -> u64 {
        if self.age < 3000 { (3000 - self.age).min(50) } else { 50 }
    }

    /// So many milliseconds pass.
    pub fn pass(&mut self, span: u64, limits: &Limits, active: &BTreeSet<Condition>) {
        for condition in VALUES {
            if self.value(condition).is_some_and(|value| is_beyond(condition, value, limits)) {
                *self.beyond.entry(condition).or_default() += span;
            }
        }
        if let Some(value) = self.value(Condition::Spo2Low) {
            let limit = u16::from(limits.spo2_low);
            let points = u64::from(if value < limit { limit - value } else { (value - limit).max(1) });
            self.area = if value < limit {
                (self.area + points * span).min(u64::from(limits.area_delay.unwrap_or(100)) * 1000)
            } else {
                self.area.saturating_sub(points * span)
            };
            self.entries.iter_mut().for_each(|age| *age += span);
        }
        let watched = self.sensor.is_some_and(|sensor| sensor != SensorState::None);
        let told = LINKS.iter().any(|link| active.contains(link));
        self.dark = if self.complete() || told || !watched { 0 } else { self.dark + span };
        self.age += span;
    }

    /// Whether the value has been beyond its limit for what governs the condition.
    pub fn has_cause(&self, condition: Condition, limits: &Limits) -> bool {
        if let (Condition::Spo2Low, Some(area)) = (condition, limits.area_delay) {
            let dips = self.entries.iter().filter(|age| **age <= 60_000).count();
            return self.area >= u64::from(area) * 1000 || dips >= 3;
        }
        let delay = match condition {
            Condition::Spo2Desat => 0,
            _ => u64::from(limits.delay_s) * 1000,
        };
        let now = self.value(condition).is_some_and(|value| is_beyond(condition, value, limits));
        self.beyond.get(&condition).map_or(now && delay == 0, |beyond| *beyond >= delay)
    }

    pub fn must_be_active(&self, condition: Condition, limits: &Limits) -> bool {
        let now = self.value(condition).is_some_and(|value| is_beyond(condition, value, limits));
        now && self.has_cause(condition, limits)
    }
}

/// `before`: how much had been told before the last step.
pub fn hold_against(bench: &Bench, opinion: &Opinion, before: usize) -> Result<(), TestCaseError> {
    let limits = bench.bed.limits();
    let active = bench.bed.active();
    let is_active = |condition| active.iter().any(|alarm| alarm.condition == condition);
    for condition in VALUES {
        if opinion.must_be_active(condition, &limits) {
            prop_assert!(is_active(condition), "{condition:?} is missing at {:?}", bench.now);
        }
    }
    // No bed stays without a number and without an alarm: 15 s at the very longest, and 4 s without a sample.
    let told = LINKS.into_iter().any(is_active);
    prop_assert!(told || opinion.dark < 15_000, "dark at {:?}", bench.now);
    let silent = opinion.sensor.is_some_and(|sensor| sensor != SensorState::None) && opinion.age >= 4000;
    prop_assert!(told || !silent || opinion.dark < 4000, "silent at {:?}", bench.now);
    let known: BTreeSet<_> = bench.told[..before].iter().map(|change| change.id).collect();
    for alarm in active.iter().filter(|alarm| !known.contains(&alarm.id)) {
        let cause = match alarm.condition {
            Condition::NoFinger => opinion.says.is_some_and(|says| says.status.has(Status::NoFinger)),
            Condition::SensorDisconnected => opinion.sensor == Some(SensorState::Disconnected),
            Condition::NoSignal => VALUES.into_iter().any(|condition| opinion.value(condition).is_none()),
            Condition::WeakSignal => opinion.says.is_some_and(|says| says.status.has(Status::WeakSignal)),
            Condition::LowBattery => opinion.says.is_some_and(|says| says.status.has(Status::LowBattery)),
            condition => opinion.has_cause(condition, &limits),
        };
        prop_assert!(cause, "{:?} without cause at {:?}", alarm.condition, bench.now);
    }
    Ok(())
}
