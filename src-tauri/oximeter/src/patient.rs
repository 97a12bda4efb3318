//! A patient with a finger in a sensor, in whole numbers.
//!
//! Whole numbers throughout, because the sine of one platform is not that of another, and the same seed must give the
//! same bytes on both.

use crate::Protocol;
use crate::random::Random;
use crate::sample::{Flags, Sample, strength_from_eighths};
use crate::script::{Finger, Moment};
use core::time::Duration;
use heart::Heart;
use motion::Motion;

mod heart;
mod motion;

/// Below this index, in hundredths of a %, perfusion is low. Each maker draws this line elsewhere, most without telling.
const LOW_PERFUSION: i32 = 50;

/// How much of the scale the wave fills, in thousandths, for a perfusion index in hundredths. A sensor amplifies what is
/// faint, so the wave grows more slowly than the index.
const HEIGHTS: [(i32, i32); 5] = [(0, 40), (25, 90), (100, 300), (320, 640), (2_000, 780)];

/// A patient with a finger in a sensor.
#[derive(Debug)]
pub(crate) struct Patient {
    random: Random,
    heart: Heart,
    motion: Motion,
    /// The second whose numbers stand.
    second: Option<u64>,
    /// Tenths of a %, and tenths of a beat a minute, beside what the script says.
    spo2_wander: Wander,
    pulse_wander: Wander,
    numbers: Numbers,
}

/// What the sensor shows.
#[derive(Debug, Default)]
struct Numbers {
    spo2: u8,
    pulse_rate: u16,
    perfusion_index: u16,
    strength_eighths: u8,
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

/// The value at `at` of the line through `points`, of which the first is no later than `at`; held after the last.
fn along(points: &[(i32, i32)], at: i32) -> i32 {
    points.windows(2).fold(points[0].1, |value, pair| match *pair {
        [(from, low), (to, high)] if at > from => low + (high - low) * (at.min(to) - from) / (to - from),
        _ => value,
    })
}

impl Patient {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            heart: Heart::default(),
            motion: Motion::default(),
            second: None,
            spo2_wander: Wander::default(),
            pulse_wander: Wander::default(),
            numbers: Numbers::default(),
        }
    }

    /// The next sample of a sensor that speaks `protocol`, `at` after the script's start.
    pub(crate) fn sample(&mut self, protocol: Protocol, at: Duration, moment: &Moment) -> Sample {
        let profile = protocol.profile();
        if self.second != Some(at.as_secs()) {
            self.second = Some(at.as_secs());
            self.measure(moment);
        }
        let pulse = moment.pulse + if moment.wanders { 10 * self.pulse_wander.0 } else { 0 };
        self.heart.advance(&mut self.random, pulse.max(10), moment.breathing, u64::from(profile.per_minute));
        let is_fine = profile.wave.as_ref().is_some_and(|wave| wave.max > 127);
        let height = self.height(moment, profile.per_minute, is_fine);

        let measured = moment.finger == Finger::On;
        let numbers = &self.numbers;
        let strength = match moment.finger {
            Finger::On => strength_from_eighths(numbers.strength_eighths),
            Finger::Out => 0,
            Finger::Searching => strength_from_eighths(3),
        };
        Sample {
            spo2: measured.then_some(numbers.spo2),
            pulse_rate: measured.then_some(numbers.pulse_rate),
            perfusion_index: measured.then_some(numbers.perfusion_index),
            signal_strength: Some(strength),
            pleth: profile.wave.as_ref().map(|wave| ((height as u32 * (u32::from(wave.max) + 1)) >> 16) as u16),
            beat: measured && profile.wave.as_ref().is_some_and(|wave| self.heart.since_systole() < wave.beat_mark),
            flags: Flags {
                no_finger: moment.finger == Finger::Out,
                searching: moment.finger == Finger::Searching,
                low_perfusion: measured && moment.perfusion < LOW_PERFUSION,
                artifact: moment.motion,
                weak_signal: measured && numbers.strength_eighths <= 2,
                low_battery: moment.low_battery,
            },
        }
    }

    /// Once a second: the numbers that the sensor shows.
    fn measure(&mut self, moment: &Moment) {
        let random = &mut self.random;
        let wanders = i32::from(moment.wanders);
        let spo2 = (moment.spo2 + 5) / 10 + wanders * self.spo2_wander.step(random, 1);
        // A wider pulse wanders more: 2 beats a minute at 72, 4 at 152, 1 at 38.
        let pulse = moment.pulse / 10 + wanders * self.pulse_wander.step(random, moment.pulse / 380);
        let part = random.between(-9, 9);
        let perfusion = moment.perfusion * (100 + wanders * part) / 100;
        let eighths = match (moment.perfusion < LOW_PERFUSION, moment.motion) {
            (true, _) => 2,
            (false, true) => random.between(1, 8),
            (false, false) => random.between(6, 7),
        };
        self.numbers = Numbers {
            spo2: spo2.clamp(1, 100) as u8,
            pulse_rate: pulse.clamp(18, 321) as u16,
            perfusion_index: perfusion.clamp(2, 2_000) as u16,
            strength_eighths: eighths as u8,
        };
    }

    /// The height of the wave, 0 to 65535.
    fn height(&mut self, moment: &Moment, per_minute: u32, is_fine: bool) -> i32 {
        let noise = self.random.between(-250, 250);
        let wave = match moment.finger {
            // An empty Xpod shows a count or two of noise.
            Finger::Out if is_fine => return 0x8000 + noise,
            // What Contec's document says of a probe without a finger: the middle of the scale.
            Finger::Out => return 0x8000,
            Finger::Searching => 0x7800 + 8 * noise,
            Finger::On => {
                let of_full = along(&HEIGHTS, moment.perfusion);
                // Breathing in draws blood to the chest: the wave sinks and its beats grow smaller. Slow changes of the
                // vessels' width move it as well.
                let breath = self.heart.breath();
                let swell = of_full * (1_000 - breath * 8 / 100) / 1_000;
                let middle = 0x7C00 - breath * 3 / 2 + self.heart.slow_wave();
                middle + (self.heart.shape() - 0x7400) / 10 * swell / 100 + noise
            }
        };
        let motion = if moment.motion { self.motion.step(&mut self.random, per_minute) } else { self.motion.rest() };
        (wave + motion).clamp(0, 0xFFFF)
    }
}

#[cfg(test)]
mod tests;
