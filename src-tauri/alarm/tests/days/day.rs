//! What happens at a bed from one second to the next: the patient, the sensor's faults, the staff, the computer.

use crate::random::Random;
use vitals::Off;
use vitals::{Limits, SensorState, Status, StatusSet};

/// What the sensor says with a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Says {
    pub spo2: Option<u8>,
    pub pulse: Option<u16>,
    pub status: StatusSet,
}

/// What the site has set, in seconds and points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    pub pause_covers_new: bool,
    /// So many points within so many seconds.
    pub rapid_fall: Option<(u16, u64)>,
    pub latch_high: bool,
    /// So many steps, each after so many seconds.
    pub escalation: Option<(u8, u64)>,
    /// Sound and alarms may be turned off, with a reminder every so many seconds.
    pub off: Option<u64>,
}

/// What comes at the beginning of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    Sample(Says),
    /// The station finds that the sensor has been silent.
    Stale,
    /// The sensor stands so, and gives no sample.
    Sensor(SensorState),
    AcknowledgeAll,
    AcknowledgeNewest,
    AcknowledgeLatched,
    WithdrawNewest,
    TurnOff(Off),
    TurnOn,
    Pause(u64),
    Resume,
    Limits(Limits),
    Discharge,
    /// The time of day is set by so many seconds.
    Clock(i64),
    /// The station is gone for `down` seconds, while which the time of day may be set by `stepped` more.
    Restart {
        down: u64,
        stepped: i64,
    },
}

/// How the patient is and what befalls the sensor, for a while.
#[derive(Debug, Clone, Copy)]
enum Phase {
    Steady,
    /// About a value, by this many points at most.
    About(u8, u8),
    /// Falls to a value, a point or more a second, stays and comes back.
    Fall(u8),
    Pulse(u16),
    FingerOut,
    Searching,
    OneMissing,
    Motion,
    Weak,
    Battery,
    Silence,
    Unplugged,
    NoSensor,
}

/// A day of one bed, from its seed.
#[derive(Debug)]
pub struct Day {
    random: Random,
    phase: Phase,
    left: u64,
    spo2: u8,
    quiet: u64,
    limits: Limits,
    alarmed: bool,
}

const HELD: [Status; 2] = [Status::LowPerfusion, Status::Artifact];

impl Day {
    pub const fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            phase: Phase::Steady,
            left: 60,
            spo2: 97,
            quiet: 0,
            limits: Limits::ADULT,
            alarmed: false,
        }
    }

    /// Staff do more where something is active.
    pub const fn hears(&mut self, active: bool) {
        self.alarmed = active;
    }

    /// What the bed starts the day with.
    pub fn limits(&mut self) -> Limits {
        let random = &mut self.random;
        let spo2_low = random.one_of(&[85, 88, 90, 92]);
        self.limits = Limits {
            spo2_low,
            spo2_desat: spo2_low - random.one_of(&[1, 5, 10]),
            spo2_high: random.one_of(&[None, None, Some(98)]),
            pulse_low: random.one_of(&[40, 50]),
            pulse_high: random.one_of(&[110, 120]),
            delay_s: random.one_of(&[0, 1, 5, 15, 15, 30, 60]),
            area_delay: random.one_of(&[None, None, Some(10), Some(25), Some(50), Some(100)]),
        };
        self.limits
    }

    /// What the site has set, on this day.
    pub fn site(&mut self) -> Site {
        let random = &mut self.random;
        Site {
            pause_covers_new: random.once_in(4),
            rapid_fall: random.one_of(&[None, None, Some((10, 30)), Some((5, 10))]),
            latch_high: random.once_in(2),
            escalation: random.one_of(&[None, None, Some((3, 60)), Some((2, 15))]),
            off: random.one_of(&[None, None, Some(180), Some(60)]),
        }
    }

    pub const fn limits_in_force(&self) -> Limits {
        self.limits
    }

    /// What happens at the beginning of the next second, in order.
    pub fn next(&mut self, happens: &mut Vec<Happening>) {
        happens.clear();
        if self.left == 0 {
            self.turn();
        }
        self.left -= 1;
        self.staff(happens);
        if self.random.once_in(7200) {
            happens.push(Happening::Clock(self.random.one_of(&[-3600, -60, -1, 1, 60, 3600])));
        }
        if self.random.once_in(7200) {
            let down = self.random.within(1, 90);
            let stepped = if self.random.once_in(4) { self.random.one_of(&[-3600, -30, 30, 3600]) } else { 0 };
            happens.push(Happening::Restart { down, stepped });
            // The station opens the port anew; the sensor may take a while.
            happens.push(Happening::Sensor(SensorState::Opening));
            if self.random.once_in(2) {
                (self.phase, self.left, self.quiet) = (Phase::Silence, self.random.within(1, 6), 0);
                return;
            }
        }
        self.sensor(happens);
    }

    fn staff(&mut self, happens: &mut Vec<Happening>) {
        let seldom = if self.alarmed { 40 } else { 3600 };
        if !self.random.once_in(seldom) {
            return;
        }
        happens.push(match self.random.within(0, 14) {
            10 => Happening::AcknowledgeLatched,
            11 => Happening::WithdrawNewest,
            12 => Happening::TurnOff(self.random.one_of(&[Off::Audio, Off::Alarms])),
            13..=14 => Happening::TurnOn,
            0..=2 => Happening::AcknowledgeAll,
            3..=4 => Happening::AcknowledgeNewest,
            5..=6 => Happening::Pause(self.random.one_of(&[30, 60, 120])),
            7 => Happening::Resume,
            8 if self.random.once_in(8) => Happening::Discharge,
            _ => Happening::Limits(self.limits()),
        });
    }

    /// The next phase. Most of the day is steady, with what goes wrong between.
    fn turn(&mut self) {
        let random = &mut self.random;
        let low = self.limits.spo2_low;
        self.quiet = 0;
        (self.phase, self.left) = match random.within(0, 25) {
            0..=2 => (Phase::About(low, 2), random.within(5, 300)),
            3 => (Phase::About(self.limits.spo2_desat, 3), random.within(5, 120)),
            4..=5 => (Phase::About(low - 3, 1), random.within(5, 120)),
            6..=8 => (Phase::Fall(u8::try_from(random.within(66, 92)).unwrap()), random.within(5, 90)),
            9 => (Phase::Pulse(self.limits.pulse_low), random.within(5, 90)),
            10 => (Phase::Pulse(self.limits.pulse_high), random.within(5, 90)),
            11..=12 => (Phase::FingerOut, random.within(1, 40)),
            13 => (Phase::Searching, random.within(1, 40)),
            14 => (Phase::OneMissing, random.within(1, 40)),
            15 => (Phase::Motion, random.within(5, 60)),
            16 => (Phase::Weak, random.within(1, 12)),
            17 => (Phase::Battery, random.within(1, 8)),
            18..=19 => (Phase::Silence, random.within(1, 12)),
            20 => (Phase::Unplugged, random.within(1, 30)),
            21 if random.once_in(10) => (Phase::NoSensor, random.within(1, 30)),
            _ => (Phase::Steady, random.within(30, 900)),
        };
    }

    fn sensor(&mut self, happens: &mut Vec<Happening>) {
        let random = &mut self.random;
        let mut says = Says { spo2: Some(self.spo2), pulse: Some(72), status: StatusSet::EMPTY };
        match self.phase {
            Phase::Silence => {
                self.quiet += 1;
                if self.quiet >= 2 {
                    happens.push(Happening::Stale);
                }
                return;
            }
            Phase::Unplugged => {
                let opening = random.once_in(5);
                let state = if opening { SensorState::Opening } else { SensorState::Disconnected };
                happens.push(Happening::Sensor(state));
                return;
            }
            Phase::NoSensor => {
                happens.push(Happening::Sensor(SensorState::None));
                return;
            }
            Phase::Steady => self.spo2 = (self.spo2 + 1).min(u8::try_from(random.within(95, 99)).unwrap()),
            Phase::About(value, by) => {
                let value = u64::from(value);
                self.spo2 = u8::try_from(random.within(value - u64::from(by), value + u64::from(by))).unwrap().min(100);
            }
            Phase::Fall(to) => {
                let step = u8::try_from(random.within(1, 6)).unwrap();
                self.spo2 = self.spo2.saturating_sub(step).max(to);
            }
            Phase::Pulse(limit) => {
                says.pulse = Some(u16::try_from(random.within(u64::from(limit) - 4, u64::from(limit) + 4)).unwrap())
            }
            Phase::FingerOut => {
                // Some devices go on with their last number.
                if random.once_in(2) {
                    (says.spo2, says.pulse) = (None, None);
                }
                says.status = says.status.with(Status::NoFinger);
            }
            Phase::Searching => {
                (says.spo2, says.pulse) = (None, None);
                says.status = says.status.with(Status::Searching);
            }
            Phase::OneMissing => {
                if random.once_in(2) {
                    says.spo2 = None;
                } else {
                    says.pulse = None;
                }
            }
            Phase::Motion => {
                self.spo2 = u8::try_from(random.within(80, 99)).unwrap();
                says.pulse = Some(u16::try_from(random.within(45, 140)).unwrap());
                says.status = says.status.with(random.one_of(&HELD));
                if random.once_in(6) {
                    says.spo2 = None;
                }
            }
            Phase::Weak => says.status = says.status.with_if(Status::WeakSignal, !random.once_in(10)),
            Phase::Battery => says.status = says.status.with_if(Status::LowBattery, !random.once_in(6)),
        }
        says.spo2 = says.spo2.map(|_| self.spo2);
        happens.push(Happening::Sample(says));
    }
}
