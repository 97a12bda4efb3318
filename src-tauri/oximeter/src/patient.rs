//! A patient with a finger in a sensor, in whole numbers.
//!
//! Whole numbers throughout, because the sine of one platform is not that of another, and the same seed must give the
//! same bytes on both.

use crate::random::Random;
use crate::sample::{Flags, Sample, strength_from_eighths};
use crate::{Protocol, Scenario};
use core::time::Duration;

/// One beat of a finger's photoplethysmogram from the foot of its upstroke: a steep systolic rise, the dicrotic notch
/// at 14, the diastolic wave, run-off.
const BEAT: [u32; 32] = [
    0, 18, 80, 165, 228, 253, 255, 244, 226, 205, 183, 161, 140, 122, 112, 113, 117, 116, 110, 101, 91, 80, 70, 60, 51,
    43, 35, 28, 22, 16, 10, 4,
];

/// Phase of the beat, of 2³², at which the sensor sees the systole: the top of the upstroke.
const SYSTOLE: u32 = 1 << 29;

/// Breaths a minute.
const BREATHS: u64 = 14;

/// Whether there is something to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finger {
    On,
    Out,
    Searching,
}

/// What a scenario wants of the patient at a moment.
#[derive(Debug, Clone, Copy)]
struct Course {
    finger: Finger,
    /// Tenths of a %.
    spo2: i32,
    /// Beats in ten minutes.
    pulse: i32,
    breathing: bool,
    perfused: bool,
    motion: bool,
}

/// The value at `at` of the line through `points`; held before the first and after the last.
fn along(points: &[(u64, i32)], at: u64) -> i32 {
    let after = points.iter().position(|&(time, _)| time > at).unwrap_or(points.len());
    match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
        (Some((from, low)), Some(&(to, high))) => {
            low + ((i64::from(high) - i64::from(low)) * (at - from) as i64 / (to - from) as i64) as i32
        }
        (Some((_, value)), None) | (None, Some(&(_, value))) => value,
        (None, None) => 0,
    }
}

impl Course {
    fn at(scenario: Scenario, ms: u64) -> Self {
        let mut course =
            Self { finger: Finger::On, spo2: 970, pulse: 720, breathing: true, perfused: true, motion: false };
        match scenario {
            Scenario::Desaturation => {
                let at = ms % 150_000;
                course.spo2 = along(&[(8_000, 970), (27_000, 780), (57_000, 780), (97_000, 970)], at);
                course.pulse = along(&[(8_000, 720), (27_000, 860), (57_000, 880), (97_000, 720)], at);
            }
            Scenario::Brady => course.pulse = along(&[(6_000, 720), (14_000, 380)], ms),
            Scenario::Tachy => course.pulse = along(&[(6_000, 720), (14_000, 1_520)], ms),
            Scenario::FingerOut => {
                course.finger = match ms % 38_000 {
                    6_000..26_000 => Finger::Out,
                    26_000..28_000 => Finger::Searching,
                    _ => Finger::On,
                };
            }
            Scenario::Searching => course.finger = Finger::Searching,
            Scenario::LowPerfusion => course.perfused = false,
            Scenario::Artifact => course.motion = ms % 12_000 >= 4_000,
            Scenario::Apnea => {
                let at = ms % 60_000;
                // Blood takes some seconds from the lung to the finger.
                course.breathing = !(6_000..26_000).contains(&at);
                course.spo2 = along(&[(8_000, 970), (24_000, 860), (30_000, 860), (42_000, 970)], at);
                course.pulse = along(&[(6_000, 720), (24_000, 620), (30_000, 900), (45_000, 720)], at);
            }
            _ => {}
        }
        course
    }
}

/// A parabola that stands in for a sine: −1000 to 1000 over the phase's 2³².
fn swing(phase: u32) -> i32 {
    let half = i64::from(phase & 0x7FFF_FFFF);
    let arch = half * (0x8000_0000 - half) / (1 << 30) * 1000 / (1 << 30);
    if phase < 0x8000_0000 { arch as i32 } else { -(arch as i32) }
}

/// The beat's shape at a phase, 0 to 65280.
fn shape(phase: u32) -> i32 {
    let at = (phase >> 27) as usize;
    let (from, to) = (BEAT[at], BEAT[(at + 1) % BEAT.len()]);
    let part = phase >> 19 & 0xFF;
    (from * (256 - part) + to * part) as i32
}

/// Drifts by one step at a time within −`span` to `span`.
#[derive(Debug, Clone, Copy, Default)]
struct Wander(i32);

impl Wander {
    fn step(&mut self, random: &mut Random, span: i32) -> i32 {
        self.0 = (self.0 + random.between(-1, 1)).clamp(-span, span);
        self.0
    }
}

/// A patient with a finger in a sensor.
#[derive(Debug)]
pub(crate) struct Patient {
    scenario: Scenario,
    random: Random,
    beat: u32,
    /// This beat's length in thousandths of what the pulse rate says.
    beat_length: i32,
    since_systole: u32,
    breath: u32,
    motion: i32,
    /// The second whose numbers stand.
    second: Option<u64>,
    spo2: Wander,
    pulse: Wander,
    numbers: (u8, u16, u16, u8),
}

impl Patient {
    pub(crate) fn new(scenario: Scenario, seed: u64) -> Self {
        Self {
            scenario,
            random: Random::new(seed),
            beat: 0,
            beat_length: 1000,
            since_systole: u32::MAX,
            breath: 0,
            motion: 0,
            second: None,
            spo2: Wander::default(),
            pulse: Wander::default(),
            numbers: (97, 72, 320, 6),
        }
    }

    /// The next sample of a sensor that speaks `protocol`, `at` after the scenario's start.
    pub(crate) fn sample(&mut self, protocol: Protocol, at: Duration) -> Sample {
        let profile = protocol.profile();
        let ms = at.as_millis() as u64;
        let course = Course::at(self.scenario, ms);
        if self.second != Some(ms / 1000) {
            self.second = Some(ms / 1000);
            self.measure(&course);
        }
        self.advance(&course, u64::from(profile.rate));
        let height = self.height(&course);

        let measured = course.finger == Finger::On;
        let (spo2, pulse_rate, perfusion_index, eighths) = self.numbers;
        let no_finger = course.finger == Finger::Out;
        let strength = match course.finger {
            Finger::On => strength_from_eighths(eighths),
            Finger::Out => 0,
            Finger::Searching => strength_from_eighths(3),
        };
        Sample {
            spo2: measured.then_some(spo2),
            pulse_rate: measured.then_some(pulse_rate),
            perfusion_index: measured.then_some(perfusion_index),
            signal_strength: Some(strength),
            pleth: Some(((height as u32 * (u32::from(profile.pleth_max) + 1)) >> 16) as u16),
            beat: measured && self.since_systole < profile.beat_mark,
            flags: Flags {
                no_finger,
                searching: course.finger == Finger::Searching,
                low_perfusion: measured && !course.perfused,
                artifact: course.motion,
                weak_signal: measured && eighths <= 2,
                low_battery: self.scenario == Scenario::LowBattery,
            },
        }
    }

    /// Once a second: the numbers that the sensor shows.
    fn measure(&mut self, course: &Course) {
        let random = &mut self.random;
        let spo2 = (course.spo2 + 5) / 10 + self.spo2.step(random, 1);
        // A wider pulse wanders more: 2 beats a minute at 72, 4 at 152, 1 at 38.
        let pulse = course.pulse / 10 + self.pulse.step(random, course.pulse / 380);
        let perfusion = if course.perfused { random.between(290, 350) } else { random.between(20, 30) };
        let eighths = match (course.perfused, course.motion) {
            (false, _) => 2,
            (true, true) => random.between(1, 8),
            (true, false) => random.between(6, 7),
        };
        self.numbers = (spo2.clamp(1, 100) as u8, pulse.clamp(20, 250) as u16, perfusion as u16, eighths as u8);
    }

    /// One sample further in the beat and the breath.
    fn advance(&mut self, course: &Course, rate: u64) {
        let before = self.beat;
        let turn = (1_u64 << 32) * course.pulse as u64 * 1000 / (600 * rate * self.beat_length as u64);
        self.beat = before.wrapping_add(turn as u32);
        if self.beat < before {
            // The heart beats faster while breathing in, and never twice alike.
            let sinus = if course.breathing { swing(self.breath) / 30 } else { 0 };
            self.beat_length = 1000 - sinus + self.random.between(-15, 15);
        }
        self.since_systole =
            if before < SYSTOLE && self.beat >= SYSTOLE { 0 } else { self.since_systole.saturating_add(1) };
        if course.breathing {
            self.breath = self.breath.wrapping_add(((1_u64 << 32) * BREATHS / (60 * rate)) as u32);
        }
    }

    /// The height of the wave, 0 to 65535.
    fn height(&mut self, course: &Course) -> i32 {
        let noise = self.random.between(-250, 250);
        let breath = swing(self.breath);
        let wave = match course.finger {
            // What Contec's document says of a probe without a finger: the middle of the scale.
            Finger::Out => return 0x8000,
            Finger::Searching => 0x7800 + 8 * noise,
            Finger::On => {
                let (bottom, of_full) = if course.perfused { (11_000, 640) } else { (28_000, 90) };
                let swell = of_full * (1000 + breath * 8 / 100) / 1000;
                bottom + breath * 3 / 2 + shape(self.beat) / 10 * swell / 100 + noise
            }
        };
        self.motion = if course.motion { self.motion * 9 / 10 + self.random.between(-7_000, 7_000) } else { 0 };
        (wave + self.motion).clamp(0, 0xFFFF)
    }
}

#[cfg(test)]
mod tests;
