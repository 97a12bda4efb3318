//! The alarm signals as numbers: pulses, gaps, pitch and harmonics.
//!
//! IEC-style, after the table of auditory signals of IEC 60601-1-8 as it is cited in public (US patent 9,814,817 B2
//! repeats it): HIGH is ten pulses (five, a pause, five), MEDIUM three, LOW two. Pitches are the *oxygen* melody of
//! that standard. Melodies are hard to learn and easy to tell from a phone, so they stand for "monitor", while the
//! count and the pace of the pulses stand for the priority.

use core::f32::consts::TAU;
use core::time::Duration;
use vitals::Priority;

const C5: f32 = 523.25;
const B4: f32 = 493.88;
const A4: f32 = 440.0;
const G4: f32 = 392.0;
const F4: f32 = 349.23;

/// The level of the fundamental and its harmonics, relative to each other. Each is within 9 dB of the fundamental
/// (the table allows 15), so that a speaker that cannot render 350 Hz still renders the pulse.
const PARTIALS: [f32; 5] = [1.0, 0.71, 0.56, 0.45, 0.36];

/// Above this the table asks for nothing and a piezo speaker shrieks.
const HIGHEST_PARTIAL_HZ: f32 = 4000.0;

/// How much of a pulse is its rise, and as much again its fall. With the raised cosine below, the rise from 10 % to
/// 90 % takes 12 % of the pulse: between 10 % and 20 % by either reading of "rise time", and over 10 ms as Amendment 1
/// has it.
const RAMP_SHARE: f32 = 0.2;

/// The tempo and pitches of one priority's burst.
struct Call {
    pulse_ms: u32,
    /// The pitch of each pulse, Hz, and the gap after it, ms.
    pulses: &'static [(f32, u32)],
}

const fn call(priority: Priority) -> Call {
    match priority {
        Priority::High => Call {
            pulse_ms: 150,
            pulses: &[
                (C5, 100),
                (B4, 100),
                (A4, 350),
                (G4, 100),
                (F4, 600),
                (C5, 100),
                (B4, 100),
                (A4, 350),
                (G4, 100),
                (F4, 0),
            ],
        },
        Priority::Medium => Call { pulse_ms: 200, pulses: &[(C5, 200), (B4, 200), (A4, 0)] },
        // Neither the general call nor a melody: two equal pulses cannot be taken for the start of MEDIUM.
        Priority::Low => Call { pulse_ms: 200, pulses: &[(A4, 200), (A4, 0)] },
    }
}

/// How long a burst of `priority` lasts from its first pulse to the end of its last.
#[must_use]
pub fn length(priority: Priority) -> Duration {
    let call = call(priority);
    let millis = call.pulses.iter().map(|(_, gap)| call.pulse_ms + gap).sum::<u32>();
    Duration::from_millis(millis.into())
}

/// Makes one burst of `priority` as mono samples at `rate` samples per second, its peak at `level` (0 to 1).
///
/// Partials that `rate` cannot carry are left out. A `rate` of 0 gives an empty burst.
#[must_use]
pub fn burst(priority: Priority, rate: u32, level: f32) -> Vec<f32> {
    let call = call(priority);
    let mut samples = Vec::new();
    for &(pitch, gap) in call.pulses {
        samples.extend(pulse(pitch, samples_in(call.pulse_ms, rate), rate));
        samples.resize(samples.len() + samples_in(gap, rate), 0.0);
    }
    scale_peak_to(level.clamp(0.0, 1.0), &mut samples);
    samples
}

const fn samples_in(millis: u32, rate: u32) -> usize {
    (millis as u64 * rate as u64 / 1000) as usize
}

#[expect(clippy::cast_precision_loss, reason = "a pulse has far fewer than 2^24 samples")]
fn pulse(pitch: f32, length: usize, rate: u32) -> impl Iterator<Item = f32> {
    let rate = rate as f32;
    let ramp = length as f32 * RAMP_SHARE;
    (0..length).map(move |n| {
        let at = n as f32;
        let from_edge = at.min(length as f32 - at);
        let envelope = if from_edge < ramp { 0.5 - 0.5 * (0.5 * TAU * from_edge / ramp).cos() } else { 1.0 };
        envelope * partials(pitch, rate).map(|(hz, level)| level * (TAU * hz * at / rate).sin()).sum::<f32>()
    })
}

fn partials(pitch: f32, rate: f32) -> impl Iterator<Item = (f32, f32)> {
    let mut hz = 0.0;
    PARTIALS
        .iter()
        .map(move |&level| {
            hz += pitch;
            (hz, level)
        })
        .filter(move |(hz, _)| *hz <= HIGHEST_PARTIAL_HZ && *hz < rate / 2.0)
}

fn scale_peak_to(level: f32, samples: &mut [f32]) {
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    if peak > 0.0 {
        for sample in samples {
            *sample *= level / peak;
        }
    }
}
