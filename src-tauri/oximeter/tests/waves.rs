//! The simulated heart, as a sensor shows it, against figures of real ones.

#![allow(clippy::unwrap_used)]

use oximeter::{Protocol, Sample, Script, Session, Simulator};
use std::time::Duration;

const RATE: f64 = 75.0;

/// What a Nonin, whose wave is the finest, says through a script.
fn samples(script: &str, seed: u64, seconds: u64) -> Vec<Sample> {
    let script: Script = script.parse().unwrap();
    let mut sensor = Simulator::new(Protocol::NoninDf2, script, seed, Duration::ZERO);
    let mut bytes = Vec::new();
    for second in 0..=seconds {
        sensor.poll(Duration::from_secs(second), &mut bytes);
    }
    let mut samples = Vec::new();
    Session::new(Protocol::NoninDf2, Duration::ZERO).receive(Duration::ZERO, &bytes, &mut |one| samples.push(one));
    samples
}

fn wave(samples: &[Sample]) -> Vec<f64> {
    samples.iter().filter_map(|sample| sample.pleth).map(f64::from).collect()
}

/// Where the wave rises through the middle between its neighbourhood's ends, between two points of the wave: seconds.
/// Finer than the marks of the beats, which stand at a sample.
fn upstrokes(wave: &[f64], rate: f64) -> Vec<f64> {
    let reach = (1.5 * rate) as usize;
    let mut found: Vec<f64> = Vec::new();
    for at in 1..wave.len() {
        let near = &wave[at.saturating_sub(reach)..(at + reach).min(wave.len())];
        let (low, high) =
            near.iter().fold((f64::MAX, f64::MIN), |(low, high), &point| (low.min(point), high.max(point)));
        let middle = (low + high) / 2.0;
        if wave[at - 1] < middle && wave[at] >= middle {
            let time = (at as f64 - (wave[at] - middle) / (wave[at] - wave[at - 1])) / rate;
            if found.last().is_none_or(|last| time - last > 0.25) {
                found.push(time);
            }
        }
    }
    found
}

/// Milliseconds between beats: mean, SDNN and RMSSD.
fn variability(beats: &[f64]) -> (f64, f64, f64) {
    let spans: Vec<f64> = beats.windows(2).map(|pair| (pair[1] - pair[0]) * 1e3).collect();
    let count = spans.len() as f64;
    let mean = spans.iter().sum::<f64>() / count;
    let sdnn = (spans.iter().map(|span| (span - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let steps: Vec<f64> = spans.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).collect();
    (mean, sdnn, (steps.iter().sum::<f64>() / steps.len() as f64).sqrt())
}

/// Height from foot to peak of each beat.
fn heights(wave: &[f64], beats: &[f64], rate: f64) -> Vec<f64> {
    let beat = |pair: &[f64]| {
        let part = &wave[(pair[0] * rate) as usize..(pair[1] * rate) as usize];
        part.iter().copied().fold(f64::MIN, f64::max) - part.iter().copied().fold(f64::MAX, f64::min)
    };
    beats.windows(2).map(beat).collect()
}

/// Of the average beat, the share of the time in which it is above its half, and from its foot to its peak.
fn shape(wave: &[f64], beats: &[f64], rate: f64) -> (f64, f64) {
    let (mut above, mut rise, mut count) = (0.0, 0.0, 0.0);
    for pair in beats.windows(2) {
        let span = pair[1] - pair[0];
        // The upstroke begins a little before its middle.
        let from = ((pair[0] - 0.2 * span) * rate).max(0.0) as usize;
        let part = &wave[from..(from + (span * rate) as usize).min(wave.len())];
        let index = |better: fn(&f64, &f64) -> bool| {
            (1..part.len()).fold(0, |best, at| if better(&part[at], &part[best]) { at } else { best })
        };
        let peak = index(|one, other| one > other);
        let foot = (0..peak).rev().find(|&at| at == 0 || part[at - 1] > part[at]).unwrap_or(0);
        let middle = (part[peak] + part.iter().copied().fold(f64::MAX, f64::min)) / 2.0;
        above += part.iter().filter(|&&point| point > middle).count() as f64 / part.len() as f64;
        rise += (peak - foot) as f64 / part.len() as f64;
        count += 1.0;
    }
    (above / count, rise / count)
}

/// Short-term figures of healthy adults at rest: SDNN 32 to 93 ms, RMSSD 19 to 75 ms (Nunan, Sandercock, Brodie, Pacing
/// Clin Electrophysiol 2010; 33: 1407).
#[test]
fn the_heart_rate_varies_as_that_of_a_healthy_adult_at_rest() {
    for seed in 1..=8 {
        let beats = upstrokes(&wave(&samples("0s pulse 65", seed, 300)), RATE);
        let (mean, sdnn, rmssd) = variability(&beats);
        assert!((880.0..970.0).contains(&mean), "seed {seed}: {mean} ms");
        assert!((32.0..93.0).contains(&sdnn), "seed {seed}: SDNN {sdnn} ms");
        assert!((19.0..75.0).contains(&rmssd), "seed {seed}: RMSSD {rmssd} ms");
    }
}

#[test]
fn a_fast_heart_is_more_even() {
    let sdnn = |pulse: u32| variability(&upstrokes(&wave(&samples(&format!("0s pulse {pulse}"), 1, 300)), RATE)).1;
    assert!(sdnn(140) < sdnn(65) / 2.0, "{} {}", sdnn(140), sdnn(65));
}

#[test]
fn beats_come_at_the_rate_that_is_shown() {
    for pulse in [40, 72, 110, 160, 220] {
        let samples = samples(&format!("0s pulse {pulse}"), 5, 120);
        let shown: Vec<f64> = samples.iter().filter_map(|sample| sample.pulse_rate).map(f64::from).collect();
        let shown = shown.iter().sum::<f64>() / shown.len() as f64;
        let (mean, ..) = variability(&upstrokes(&wave(&samples), RATE));
        assert!((60_000.0 / mean - shown).abs() < 0.02 * shown, "{pulse}: {} {shown}", 60_000.0 / mean);
    }
}

#[test]
fn breathing_moves_the_baseline_and_the_height_of_the_beats() {
    let sway = |script: &str| {
        let wave = wave(&samples(script, 2, 120));
        let heights = heights(&wave, &upstrokes(&wave, RATE), RATE);
        let mean = heights.iter().sum::<f64>() / heights.len() as f64;
        (heights.iter().map(|height| (height - mean).powi(2)).sum::<f64>() / heights.len() as f64).sqrt() / mean
    };
    let (with, without) = (sway("0s breathing on"), sway("0s breathing off"));
    assert!(with > 0.03 && with < 0.15 && without < with / 2.0, "{with} {without}");
}

#[test]
fn the_wave_grows_with_perfusion_and_more_slowly_than_it() {
    let height = |perfusion: &str| {
        let wave = wave(&samples(&format!("0s perfusion {perfusion}, breathing off"), 2, 60));
        let heights = heights(&wave, &upstrokes(&wave, RATE), RATE);
        heights.iter().sum::<f64>() / heights.len() as f64
    };
    let (faint, fair, strong) = (height("0.3"), height("3"), height("15"));
    assert!(fair > 3.0 * faint && fair < 10.0 * faint, "{faint} {fair}");
    assert!(strong > 1.05 * fair && strong < 2.0 * fair, "{fair} {strong}");
}

/// A real finger's wave: paulvangentcom/heartrate_analysis_python, `heartpy/data/data.csv`, MIT; 25 s at 100/s.
#[test]
fn the_shape_of_a_beat_is_like_that_of_a_real_finger() {
    let simulated = samples("0s pulse 59", 1, 60);
    let simulated_wave = wave(&simulated);
    let (above, rise) = shape(&simulated_wave, &upstrokes(&simulated_wave, RATE)[1..], RATE);
    // Half the beat's height is passed for a third of it, more or less; the peak comes soon after the foot.
    assert!((0.2..0.5).contains(&above) && (0.06..0.3).contains(&rise), "{above} {rise}");

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures/wave/heartpy-ppg-100hz.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        return eprintln!("Not compared with a real wave: the captures are not beside the project.");
    };
    let real: Vec<f64> = text.lines().filter_map(|line| line.trim().parse().ok()).collect();
    let (real_above, real_rise) = shape(&real, &upstrokes(&real, 100.0)[1..], 100.0);
    assert!((above - real_above).abs() < 0.15, "above half: simulated {above}, real {real_above}");
    assert!((rise - real_rise).abs() < 0.1, "to the peak: simulated {rise}, real {real_rise}");
}
