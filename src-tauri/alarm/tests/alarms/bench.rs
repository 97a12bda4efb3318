//! A bed on the bench: seconds pass, a simulated sensor speaks, and the station ticks whenever the engine asks for it.

use alarm::{BedAlarms, Input, Rules};
use core::time::Duration;
use vitals::{
    AlarmChange, AlarmId, AlarmState, Condition, Limits, Now, Numbers, PulseRate, SensorState, Spo2, StationTime,
    Status, StatusSet, WallTime,
};

/// What the sensor says while samples come.
#[derive(Debug, Clone, Copy)]
pub struct Says {
    pub spo2: Option<u8>,
    pub pulse: Option<u16>,
    pub status: StatusSet,
}

pub const fn spo2(spo2: u8) -> Says {
    Says { spo2: Some(spo2), pulse: Some(72), status: StatusSet::EMPTY }
}

pub const fn pulse(pulse: u16) -> Says {
    Says { spo2: Some(97), pulse: Some(pulse), status: StatusSet::EMPTY }
}

pub const FINE: Says = spo2(97);
pub const NO_FINGER: Says = Says { spo2: None, pulse: None, status: StatusSet::EMPTY.with(Status::NoFinger) };
pub const SEARCHING: Says = Says { spo2: None, pulse: None, status: StatusSet::EMPTY.with(Status::Searching) };

pub const fn with(says: Says, status: Status) -> Says {
    Says { status: says.status.with(status), ..says }
}

#[derive(Debug)]
pub struct Bench {
    rules: Rules,
    pub bed: BedAlarms,
    pub now: StationTime,
    /// Added to the station's time for the time of day.
    pub wall: i64,
    pub last_sample: Option<StationTime>,
    ids: u64,
    /// Everything that the engine told, in order.
    pub told: Vec<AlarmChange>,
}

impl Bench {
    pub fn new(limits: Limits) -> Self {
        Self::with_rules(Rules::default(), limits)
    }

    pub fn with_rules(rules: Rules, limits: Limits) -> Self {
        Self {
            rules,
            bed: BedAlarms::new(rules, limits.check().unwrap()),
            now: StationTime::START,
            wall: 1_793_180_000_000,
            last_sample: None,
            ids: 0,
            told: Vec::new(),
        }
    }

    pub fn now(&self) -> Now {
        let millis = i64::try_from(self.now.since_start().as_millis()).unwrap();
        Now { station: self.now, wall: WallTime::from_millis(self.wall + millis) }
    }

    /// How many seconds of station time have passed, to the millisecond.
    pub fn seconds(&self, time: WallTime) -> f64 {
        (time.as_millis() - self.wall) as f64 / 1000.0
    }

    /// Time passes, with a tick whenever the engine asked for one.
    pub fn pass(&mut self, span: Duration) {
        let end = self.now.plus(span);
        while let Some(wake) = self.bed.wake_at().filter(|wake| *wake <= end) {
            self.now = wake;
            self.tick();
        }
        self.now = end;
    }

    pub fn tick(&mut self) {
        let now = self.now();
        let ids = &mut self.ids;
        let changes = self.bed.tick(now, &mut || next(ids));
        self.told.extend(changes);
    }

    pub fn observe(&mut self, input: Input) {
        let now = self.now();
        let ids = &mut self.ids;
        let changes = self.bed.observe(now, input, &mut || next(ids));
        self.told.extend(changes);
    }

    pub fn set_limits(&mut self, limits: Limits) {
        let now = self.now();
        let ids = &mut self.ids;
        let changes = self.bed.set_limits(now, limits.check().unwrap(), &mut || next(ids));
        self.told.extend(changes);
    }

    /// The same bed in a new process `down` later, whose station time starts anew, through the text that is kept.
    pub fn restart(&mut self, down: Duration) {
        let saved = serde_json::to_vec(&self.bed.saved(self.now())).unwrap();
        self.wall = self.now().wall.plus(down).as_millis();
        self.now = StationTime::START;
        self.last_sample = None;
        let saved = serde_json::from_slice(&saved).unwrap();
        self.bed = BedAlarms::restore(self.rules, self.bed.limits(), saved, self.now());
    }

    /// A sample arrives now.
    pub fn sample(&mut self, says: Says) {
        self.last_sample = Some(self.now);
        self.observe(self.input(says, SensorState::Live));
    }

    pub fn input(&self, says: Says, sensor: SensorState) -> Input {
        Input {
            numbers: Numbers {
                spo2: says.spo2.and_then(Spo2::new),
                pulse_rate: says.pulse.and_then(PulseRate::new),
                ..Numbers::default()
            },
            status: says.status,
            sensor,
            last_sample: self.last_sample,
        }
    }

    /// The sensor stands so, without a sample.
    pub fn sensor(&mut self, sensor: SensorState) {
        let status = if sensor == SensorState::Disconnected {
            StatusSet::EMPTY.with(Status::Disconnected)
        } else {
            StatusSet::EMPTY
        };
        self.observe(self.input(Says { spo2: None, pulse: None, status }, sensor));
    }

    /// The sensor says so for `seconds`, a sample at the beginning of each.
    pub fn hold(&mut self, seconds: u64, says: Says) {
        for _ in 0..seconds {
            self.sample(says);
            self.pass(Duration::from_secs(1));
        }
    }

    /// No sample for `seconds`: the station notices after 2 s.
    pub fn silence(&mut self, seconds: u64) {
        for passed in 1..=seconds {
            self.pass(Duration::from_secs(1));
            if passed >= 2 {
                let silent = Says { spo2: None, pulse: None, status: StatusSet::EMPTY.with(Status::Stale) };
                self.observe(self.input(silent, SensorState::Silent));
            }
        }
    }

    pub fn active(&self) -> Vec<Condition> {
        self.bed.active().iter().map(|alarm| alarm.condition).collect()
    }

    /// What was told since the last time, as (second, condition, state, message).
    pub fn take_told(&mut self) -> Vec<(f64, Condition, AlarmState, String)> {
        let told = core::mem::take(&mut self.told);
        told.into_iter()
            .map(|change| (self.seconds(change.time), change.condition, change.state, change.message))
            .collect()
    }

    /// The second of station time at which the only alarm of `condition` started.
    pub fn started(&self, condition: Condition) -> Option<f64> {
        let mut starts: Vec<_> = self
            .told
            .iter()
            .filter(|change| change.condition == condition)
            .map(|change| (change.id, change.since))
            .collect();
        starts.dedup();
        assert!(starts.len() <= 1, "more than one {condition:?}: {starts:?}");
        starts.first().map(|(_, since)| self.seconds(*since))
    }
}

pub fn next(ids: &mut u64) -> AlarmId {
    *ids += 1;
    AlarmId(*ids)
}
