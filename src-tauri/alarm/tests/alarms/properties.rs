//! What holds for every sequence of readings, silences, commands and ticks.

use crate::bench::{Bench, FINE, NO_FINGER, SEARCHING, Says, pulse, spo2, with};
use alarm::{BedAlarms, Rules};
use core::time::Duration;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use vitals::{AlarmChange, AlarmId, AlarmState, Condition, Limits, Measure, Priority, SensorState, Status, StatusSet};

#[derive(Debug, Clone)]
enum Step {
    Sample(Says),
    /// A reading without a newer sample, as the station gives it when the sensor is silent.
    Stale,
    Sensor(SensorState),
    Pass(u64),
    AcknowledgeAll,
    AcknowledgeOne,
    Pause(u64),
    Resume,
    Limits(Limits),
    Discharge,
}

fn says() -> impl Strategy<Value = Says> {
    prop_oneof![
        4 => (70u8..=100).prop_map(spo2),
        3 => prop::sample::select(vec![79, 80, 81, 88, 89, 90, 91, 92, 98, 99]).prop_map(spo2),
        3 => prop::sample::select(vec![38, 49, 50, 51, 52, 118, 119, 120, 121, 150]).prop_map(pulse),
        2 => Just(FINE),
        2 => Just(NO_FINGER),
        2 => Just(SEARCHING),
        1 => Just(with(FINE, Status::WeakSignal)),
        1 => Just(with(spo2(85), Status::LowBattery)),
        1 => Just(Says { pulse: None, ..spo2(85) }),
        1 => Just(Says { spo2: None, ..pulse(45) }),
        1 => Just(with(spo2(60), Status::NoFinger)),
    ]
}

fn complete(says: &Says) -> bool {
    says.spo2.is_some() && says.pulse.is_some() && !says.status.has(Status::NoFinger)
}

fn limits() -> impl Strategy<Value = Limits> {
    (
        prop::sample::select(vec![85, 90, 92]),
        prop::sample::select(vec![None, Some(98)]),
        prop::sample::select(vec![0, 1, 5, 15]),
        prop::sample::select(vec![None, None, Some(10), Some(50)]),
        prop::sample::select(vec![40, 50]),
    )
        .prop_map(|(spo2_low, spo2_high, delay_s, area_delay, pulse_low)| Limits {
            spo2_low,
            spo2_high,
            delay_s,
            area_delay,
            pulse_low,
            ..Limits::ADULT
        })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => says().prop_map(Step::Sample),
        12 => prop::sample::select(vec![1, 250, 500, 1000, 1000, 1000, 2000, 2999, 3000, 3001, 4000, 5000, 15_000])
            .prop_map(Step::Pass),
        2 => Just(Step::Stale),
        2 => prop::sample::select(vec![
            SensorState::None,
            SensorState::Opening,
            SensorState::Searching,
            SensorState::Silent,
            SensorState::Disconnected,
            SensorState::Disconnected,
        ])
        .prop_map(Step::Sensor),
        1 => Just(Step::AcknowledgeAll),
        1 => Just(Step::AcknowledgeOne),
        1 => prop::sample::select(vec![30, 60, 120]).prop_map(Step::Pause),
        1 => Just(Step::Resume),
        1 => limits().prop_map(Step::Limits),
        1 => Just(Step::Discharge),
    ]
}

/// Mostly a sample each second, as a live sensor gives them, with anything between.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let run = (says(), 1usize..20).prop_map(|(says, seconds)| {
        (0..seconds).flat_map(|_| [Step::Sample(says), Step::Pass(1000)]).collect::<Vec<_>>()
    });
    let one = step().prop_map(|step| vec![step]);
    prop::collection::vec(prop_oneof![run, one], 0..30).prop_map(|parts| parts.into_iter().flatten().collect())
}

fn take(bench: &mut Bench, step: &Step) {
    match step {
        Step::Sample(says) => bench.sample(*says),
        Step::Stale => {
            let says = Says { spo2: None, pulse: None, status: StatusSet::EMPTY.with(Status::Stale) };
            bench.observe(bench.input(says, SensorState::Silent));
        }
        Step::Sensor(sensor) => bench.sensor(*sensor),
        Step::Pass(millis) => bench.pass(Duration::from_millis(*millis)),
        Step::AcknowledgeAll => acknowledge(bench, None),
        Step::AcknowledgeOne => {
            if let Some(alarm) = bench.bed.active().last() {
                acknowledge(bench, Some(alarm.id));
            }
        }
        Step::Pause(seconds) => {
            bench.bed.pause_audio(bench.now(), Duration::from_secs(*seconds), "Nurse A").unwrap();
        }
        Step::Resume => {
            bench.bed.resume_audio(bench.now());
        }
        Step::Limits(limits) => bench.set_limits(*limits),
        Step::Discharge => {
            let ended = bench.bed.end_all(bench.now(), "Discharged");
            bench.told.extend(ended);
        }
    }
}

fn acknowledge(bench: &mut Bench, alarm: Option<AlarmId>) {
    if let Ok(done) = bench.bed.acknowledge(bench.now(), alarm, "Nurse A") {
        bench.told.extend(done.changes);
    }
}

/// The alarms that are active by what was told, as a client keeps them.
fn told_active(told: &[AlarmChange]) -> BTreeMap<AlarmId, AlarmChange> {
    let mut active = BTreeMap::new();
    for change in told {
        match change.state {
            AlarmState::Active => active.insert(change.id, change.clone()),
            AlarmState::Cleared => active.remove(&change.id),
        };
    }
    active
}

/// A second opinion on delays and areas, added up in the simplest way.
#[derive(Debug, Default)]
struct Opinion {
    /// %·ms below the low limit of SpO2.
    area: u64,
    below: bool,
    /// How long ago, in milliseconds with a value, each entry below it was.
    entries: Vec<u64>,
    says: Option<Says>,
    age: u64,
    beyond: BTreeMap<Condition, u64>,
    /// Milliseconds without both numbers and without an alarm that says why.
    dark: u64,
    sensor: Option<SensorState>,
}

const VALUES: [Condition; 5] =
    [Condition::Spo2Desat, Condition::Spo2Low, Condition::Spo2High, Condition::PulseLow, Condition::PulseHigh];
const LINKS: [Condition; 3] = [Condition::NoFinger, Condition::NoSignal, Condition::SensorDisconnected];

fn is_beyond(condition: Condition, value: u16, limits: &Limits) -> bool {
    match condition {
        Condition::Spo2Desat => value < limits.spo2_desat.into(),
        Condition::Spo2Low => value < limits.spo2_low.into(),
        Condition::Spo2High => limits.spo2_high.is_some_and(|high| value > high.into()),
        Condition::PulseLow => value < limits.pulse_low,
        _ => value > limits.pulse_high,
    }
}

impl Opinion {
    fn value(&self, condition: Condition) -> Option<u16> {
        let says = self.says.filter(|says| self.age < 3000 && !says.status.has(Status::NoFinger))?;
        match condition.measure()? {
            Measure::Spo2 => says.spo2.map(u16::from),
            Measure::PulseRate => says.pulse,
        }
    }

    fn note(&mut self, step: &Step, limits: &Limits) {
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

    fn complete(&self) -> bool {
        self.value(Condition::Spo2Low).is_some() && self.value(Condition::PulseLow).is_some()
    }

    /// For how long nothing in this opinion turns by itself, and not so long that an alarm could hide within.
    fn longest(&self) -> u64 {
        if self.age < 3000 { (3000 - self.age).min(50) } else { 50 }
    }

    /// So many milliseconds pass.
    fn pass(&mut self, span: u64, limits: &Limits, active: &BTreeSet<Condition>) {
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
    fn has_cause(&self, condition: Condition, limits: &Limits) -> bool {
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

    fn must_be_active(&self, condition: Condition, limits: &Limits) -> bool {
        let now = self.value(condition).is_some_and(|value| is_beyond(condition, value, limits));
        now && self.has_cause(condition, limits)
    }
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(96))]

    /// Held against the second opinion every 50 ms.
    #[test]
    fn no_value_stays_beyond_its_limit_for_its_delay_without_an_alarm_and_none_alarms_without(
        start in limits(),
        steps in steps(),
    ) {
        let mut bench = Bench::new(start);
        let mut opinion = Opinion::default();
        for step in &steps {
            let before = bench.told.len();
            let passes = match step {
                Step::Pass(millis) => *millis,
                _ => 0,
            };
            if passes == 0 {
                take(&mut bench, step);
                opinion.note(step, &bench.bed.limits());
                hold_against(&bench, &opinion, before)?;
            }
            let mut left = passes;
            while left > 0 {
                let span = opinion.longest().min(left);
                left -= span;
                let active = bench.active().into_iter().collect();
                let before = bench.told.len();
                opinion.pass(span, &bench.bed.limits(), &active);
                bench.pass(Duration::from_millis(span));
                hold_against(&bench, &opinion, before)?;
            }
        }
    }
}

/// `before`: how much had been told before the last step.
fn hold_against(bench: &Bench, opinion: &Opinion, before: usize) -> Result<(), TestCaseError> {
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

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_was_told_is_what_is_active_and_every_instance_starts_once_and_clears_once(
        start in limits(),
        steps in steps(),
    ) {
        let mut bench = Bench::new(start);
        for step in &steps {
            take(&mut bench, step);
            let told = told_active(&bench.told);
            let active: BTreeMap<_, _> = bench.bed.active().into_iter().map(|alarm| (alarm.id, alarm)).collect();
            prop_assert_eq!(told.keys().collect::<Vec<_>>(), active.keys().collect::<Vec<_>>());
            for (id, alarm) in &active {
                let told = &told[id];
                prop_assert_eq!(
                    (told.condition, told.priority, told.since, told.worst, told.limit, &told.acknowledged),
                    (alarm.condition, alarm.priority, alarm.since, alarm.worst, alarm.limit, &alarm.acknowledged)
                );
            }
            let conditions: BTreeSet<_> = active.values().map(|alarm| alarm.condition).collect();
            prop_assert_eq!(conditions.len(), active.len(), "one instance of each condition");
            prop_assert!(LINKS.iter().filter(|link| conditions.contains(link)).count() <= 1);
        }
        let mut ended = BTreeSet::new();
        let mut first: BTreeMap<AlarmId, AlarmChange> = BTreeMap::new();
        for change in &bench.told {
            prop_assert!(!ended.contains(&change.id), "told after its end: {change:?}");
            if let Some(first) = first.get(&change.id) {
                prop_assert_eq!((first.condition, first.since), (change.condition, change.since));
            } else {
                prop_assert_eq!(change.state, AlarmState::Active, "it starts before it ends");
                first.insert(change.id, change.clone());
            }
            if change.state == AlarmState::Cleared {
                ended.insert(change.id);
            }
        }
    }

    #[test]
    fn a_priority_never_falls_while_active_and_nothing_acknowledged_or_paused_sounds(
        start in limits(),
        steps in steps(),
    ) {
        let mut bench = Bench::new(start);
        let mut highest: BTreeMap<AlarmId, Priority> = BTreeMap::new();
        for step in &steps {
            take(&mut bench, step);
            let active = bench.bed.active();
            for alarm in &active {
                let before = highest.insert(alarm.id, alarm.priority);
                prop_assert!(before.is_none_or(|before| before <= alarm.priority));
            }
            let ranked = active
                .is_sorted_by_key(|alarm| (core::cmp::Reverse(alarm.priority), alarm.condition.measure().is_none()));
            prop_assert!(ranked);
            let unacknowledged =
                active.iter().filter(|alarm| alarm.acknowledged.is_none()).map(|alarm| alarm.priority).max();
            let sounding = bench.bed.sounding(bench.now());
            match bench.bed.audio().paused_until {
                None => prop_assert_eq!(sounding, unacknowledged),
                Some(until) => {
                    prop_assert!(sounding <= unacknowledged);
                    prop_assert!(until > bench.now().wall, "a pause outlives its end");
                    prop_assert!(until <= bench.now().wall.plus(Duration::from_secs(120)));
                }
            }
        }
    }

    #[test]
    fn more_ticks_change_nothing(start in limits(), steps in steps(), every in 1u64..700) {
        let (mut asked, mut eager) = (Bench::new(start), Bench::new(start));
        for step in &steps {
            take(&mut asked, step);
            if let Step::Pass(millis) = step {
                let mut left = *millis;
                while left > 0 {
                    let span = left.min(every);
                    eager.pass(Duration::from_millis(span));
                    eager.tick();
                    left -= span;
                }
            } else {
                take(&mut eager, step);
            }
        }
        prop_assert_eq!(asked.told, eager.told);
    }

    /// All but the moment at which it was told: a station that is late is late, and does not decide otherwise.
    #[test]
    fn a_late_tick_decides_what_a_punctual_one_would_have(start in limits(), steps in steps()) {
        let (mut punctual, mut late) = (Bench::new(start), Bench::new(start));
        for step in &steps {
            // A command answers to what was already told, and so to whether the tick came.
            if matches!(step, Step::AcknowledgeAll | Step::AcknowledgeOne | Step::Pause(_) | Step::Discharge) {
                continue;
            }
            take(&mut punctual, step);
            if let Step::Pass(millis) = step {
                late.now = late.now.plus(Duration::from_millis(*millis));
            } else {
                take(&mut late, step);
            }
        }
        late.tick();
        let plain = |told: &[AlarmChange]| -> Vec<_> {
            told.iter().map(|change| (change.id, change.state, change.worst, change.message.clone())).collect()
        };
        prop_assert_eq!(plain(&punctual.told), plain(&late.told));
        for (punctual, late) in punctual.told.iter().zip(&late.told) {
            // A wall time is in whole milliseconds, and may be rounded down once or twice.
            prop_assert!((punctual.since.as_millis() - late.since.as_millis()).abs() <= 1);
        }
    }

    /// Saved and restored through JSON before every sample that `at` picks, in a process whose station time starts anew.
    #[test]
    fn a_restart_between_two_samples_changes_nothing(start in limits(), steps in steps(), at in any::<u64>()) {
        let (mut whole, mut broken) = (Bench::new(start), Bench::new(start));
        for (number, step) in steps.iter().enumerate() {
            // What the sensor says is not kept: whoever restarts hears it anew. So it breaks where that is so.
            if matches!(step, Step::Sample(_)) && at >> (number % 64) & 1 == 1 {
                let saved = serde_json::to_string(&broken.bed.saved(broken.now())).unwrap();
                let limits = broken.bed.limits();
                broken.wall = broken.now().wall.as_millis();
                broken.now = vitals::StationTime::START;
                broken.last_sample = None;
                let saved = serde_json::from_str(&saved).unwrap();
                broken.bed = BedAlarms::restore(Rules::default(), limits, saved, broken.now());
            }
            take(&mut whole, step);
            take(&mut broken, step);
        }
        for (one, other) in whole.told.iter().zip(&broken.told) {
            prop_assert_eq!(one, other);
        }
        prop_assert_eq!(whole.told.len(), broken.told.len());
        prop_assert_eq!(whole.bed.active(), broken.bed.active());
    }

    /// A restart is the same as a gap in the data that is too short for a technical alarm.
    #[test]
    fn time_down_counts_as_a_gap(
        start in limits(),
        before in says().prop_filter("has both numbers", complete),
        seconds in 1u64..20,
        after in says().prop_filter("has both numbers", complete),
    ) {
        let (mut gap, mut down) = (Bench::new(start), Bench::new(start));
        for bench in [&mut gap, &mut down] {
            bench.hold(seconds, before);
        }
        let pass = Duration::from_millis(900);
        gap.sensor(SensorState::Opening);
        gap.now = gap.now.plus(pass);
        gap.tick();
        let saved = down.bed.saved(down.now());
        let limits = down.bed.limits();
        down.now = down.now.plus(pass);
        down.bed = BedAlarms::restore(Rules::default(), limits, saved, down.now());
        for bench in [&mut gap, &mut down] {
            bench.hold(3, after);
        }
        let values = |told: &[AlarmChange]| -> Vec<_> {
            told.iter()
                .filter(|change| VALUES.contains(&change.condition))
                .map(|change| (change.condition, change.state, change.since, change.worst))
                .collect()
        };
        prop_assert_eq!(values(&gap.told), values(&down.told));
    }
}
