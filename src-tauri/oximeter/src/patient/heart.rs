//! Beats: when they come, and the shape of each.

use crate::random::Random;

/// One beat of a finger's photoplethysmogram from the foot of its upstroke: a steep systolic rise, the dicrotic notch
/// at [`NOTCH`], the diastolic wave, run-off.
const BEAT: [u32; 32] = [
    0, 18, 80, 165, 228, 253, 255, 244, 226, 205, 183, 161, 140, 122, 112, 113, 117, 116, 110, 101, 91, 80, 70, 60, 51,
    43, 35, 28, 22, 16, 10, 4,
];

/// Where in [`BEAT`] the notch is: the aortic valve closes. As a phase of 2³².
const NOTCH: u32 = 14 << 27;

/// Phase of [`BEAT`] at which the sensor sees the systole: the top of the upstroke.
const SYSTOLE: u32 = 1 << 29;

/// Breaths a minute.
const BREATHS: u64 = 14;

/// Slow waves a minute: the tone of the vessels and the nerves that steer the heart swing together at about 0.1 Hz
/// (Mayer waves).
const SLOW_WAVES: u64 = 6;

/// How far breathing and the slow waves shorten or lengthen a beat at a pulse of 72, in thousandths. With the wandering
/// of the pulse that makes an SDNN of about 40 ms and an RMSSD of about 30 ms, in the range of healthy adults at rest:
/// 32 to 93 and 19 to 75 ms (Nunan, Sandercock, Brodie, Pacing Clin Electrophysiol 2010; 33: 1407).
const BY_BREATH: i32 = 42;
const BY_SLOW_WAVE: i32 = 38;

/// A full turn of a phase.
const TURN: u64 = 1 << 32;

/// A parabola that stands in for a sine: −1000 to 1000 over the phase's 2³².
pub(super) fn swing(phase: u32) -> i32 {
    let half = i64::from(phase & 0x7FFF_FFFF);
    let arch = half * (0x8000_0000 - half) / (1 << 30) * 1000 / (1 << 30);
    if phase < 0x8000_0000 { arch as i32 } else { -(arch as i32) }
}

/// The height of [`BEAT`] at one of its phases, 0 to 65280.
fn height(phase: u32) -> i32 {
    let at = (phase >> 27) as usize;
    let (from, to) = (BEAT[at], BEAT[(at + 1) % BEAT.len()]);
    let part = phase >> 19 & 0xFF;
    (from * (256 - part) + to * part) as i32
}

/// The share of the beat, of 2³², before the notch, at `pulse` beats in ten minutes. The heart drives blood out for
/// nearly the same time however fast it beats: 413 ms less 1.7 ms for each beat a minute (Weissler, Harris, Schoenfeld,
/// Circulation 1968; 37: 149); what a fast heart saves on is the diastole.
fn systolic_share(pulse: i32) -> u32 {
    let ejection_ms = (413 - 17 * pulse / 100).max(120);
    let thousandths = (ejection_ms * pulse / 600).clamp(100, 450) as u64;
    (TURN * thousandths / 1_000) as u32
}

/// A heart that beats, and the breath and vessels that sway it.
#[derive(Debug)]
pub(super) struct Heart {
    /// Where the beat is, evenly in time.
    beat: u32,
    /// This beat's length in thousandths of what the pulse says, and the share of it before the notch.
    length: i32,
    systolic: u32,
    since_systole: u32,
    breath: u32,
    /// This breath's length in thousandths.
    breath_length: i32,
    slow: u32,
}

impl Default for Heart {
    fn default() -> Self {
        Self {
            beat: 0,
            length: 1_000,
            systolic: systolic_share(720),
            since_systole: u32::MAX,
            breath: 0,
            breath_length: 1_000,
            slow: 0,
        }
    }
}

impl Heart {
    /// One sample further, of `per_minute`, at `pulse` beats in ten minutes.
    pub(super) fn advance(&mut self, random: &mut Random, pulse: i32, breathing: bool, per_minute: u64) {
        let (before, was) = (self.beat, self.phase());
        let turn = TURN * pulse as u64 * 100 / (per_minute * self.length as u64);
        self.beat = before.wrapping_add(turn as u32);
        if self.beat < before {
            self.begin_beat(random, pulse, breathing);
        }
        let marked = was < SYSTOLE && self.phase() >= SYSTOLE;
        self.since_systole = if marked { 0 } else { self.since_systole.saturating_add(1) };
        self.slow = self.slow.wrapping_add((TURN * SLOW_WAVES / per_minute) as u32);
        if breathing {
            let before = self.breath;
            let turn = TURN * BREATHS * 1_000 / (per_minute * self.breath_length as u64);
            self.breath = before.wrapping_add(turn as u32);
            if self.breath < before {
                self.breath_length = 1_000 + random.between(-120, 120);
            }
        }
    }

    fn begin_beat(&mut self, random: &mut Random, pulse: i32, breathing: bool) {
        // The heart beats faster while breathing in, and never twice alike. A fast heart is steered less: its beats
        // are more even.
        let steered = |thousandths: i32| (thousandths * 720 / pulse).min(90);
        let by_breath = if breathing { swing(self.breath) * steered(BY_BREATH) / 1_000 } else { 0 };
        let by_slow_wave = swing(self.slow) * steered(BY_SLOW_WAVE) / 1_000;
        self.length = 1_000 - by_breath - by_slow_wave + random.between(-10, 10);
        self.systolic = systolic_share(pulse);
    }

    /// Where in [`BEAT`] the heart is: the part before the notch runs at its own pace.
    fn phase(&self) -> u32 {
        let (beat, systolic, notch) = (u64::from(self.beat), u64::from(self.systolic), u64::from(NOTCH));
        if beat < systolic {
            (beat * notch / systolic) as u32
        } else {
            (notch + (beat - systolic) * (TURN - notch) / (TURN - systolic)) as u32
        }
    }

    /// The beat's shape where the heart is, 0 to 65280.
    pub(super) fn shape(&self) -> i32 {
        height(self.phase())
    }

    /// Samples since the last systole.
    pub(super) const fn since_systole(&self) -> u32 {
        self.since_systole
    }

    /// Breathing in is above 0, out below: −1000 to 1000.
    pub(super) fn breath(&self) -> i32 {
        swing(self.breath)
    }

    /// The vessels' slow wave, −1000 to 1000.
    pub(super) fn slow_wave(&self) -> i32 {
        swing(self.slow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stand_in_for_a_sine_goes_up_down_and_back() {
        assert_eq!([0, 1 << 30, 1 << 31, 3 << 30].map(swing), [0, 1000, 0, -1000]);
    }

    #[test]
    fn each_beat_has_a_dicrotic_notch() {
        // Between the systolic peak and the next upstroke the wave rises once more.
        let shape: [i32; 32] = core::array::from_fn(|at| height((at as u32) << 27));
        let peaks = (1..31).filter(|&at| shape[at] > shape[at - 1] && shape[at] >= shape[at + 1]).count();
        assert_eq!(peaks, 2);
    }

    #[test]
    fn the_notch_keeps_its_time_while_the_beat_grows_shorter() {
        // Milliseconds from the foot to the notch, and its share of the beat in %.
        let notch = |pulse: i32| {
            let share = i64::from(systolic_share(pulse));
            ((share * 600_000 / i64::from(pulse)) >> 32, (share * 100) >> 32)
        };
        assert_eq!([380, 720, 1_520].map(notch), [(348, 22), (290, 34), (154, 39)]);
    }

    #[test]
    fn the_beat_runs_through_its_whole_shape_at_every_pulse() {
        for pulse in [180, 380, 720, 1_520, 3_210] {
            let mut heart = Heart { systolic: systolic_share(pulse), ..Heart::default() };
            let mut last = 0;
            for beat in (0..=u32::MAX).step_by(1 << 20) {
                heart.beat = beat;
                assert!(heart.phase() >= last, "{pulse}");
                last = heart.phase();
            }
            assert!(last > u32::MAX - (1 << 22), "{pulse}: {last}");
        }
    }
}
