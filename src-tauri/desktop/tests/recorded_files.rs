//! What each alarm sounds like, recorded from the device into a file, and the file measured against the table of
//! auditory signals (IEC 60601-1-8 as cited in public).
//!
//! The ear knows nothing of how the bursts are made. The files stay in `target/tmp`, to be listened to.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "tests")]

#[allow(dead_code, reason = "this ear measures more than is asked here")]
mod listening;
#[allow(dead_code, reason = "this loudspeaker can do more than is asked here")]
mod loudspeaker;
#[allow(dead_code, reason = "this child can do more than is asked here")]
mod sounding;

use core::ops::RangeInclusive;
use listening::{Pulse, Recording};
use loudspeaker::Loudspeaker;
use sounding::{Station, seconds};
use std::path::{Path, PathBuf};

#[test]
#[ignore = "the child of the tests below, not a test"]
fn station() {
    sounding::obey();
}

/// A column of the table. Lengths and gaps are in ms; what a buffer of the device adds to a measured silence is some
/// ms, and a pulse is heard from a twentieth of its loudness on.
struct Signal {
    priority: &'static str,
    pulses: usize,
    length: RangeInclusive<f64>,
    gap: RangeInclusive<f64>,
    /// Between the third and the fourth pulse of five: twice the gap and a pulse.
    after_third: Option<RangeInclusive<f64>>,
    after_fifth: Option<RangeInclusive<f64>>,
    between_bursts: RangeInclusive<f64>,
    /// How long to listen until the second burst has ended, s.
    listen: f64,
}

const HIGH: Signal = Signal {
    priority: "high",
    pulses: 10,
    length: 75.0..=200.0,
    gap: 50.0..=125.0,
    after_third: Some(2.0 * 50.0 + 75.0..=2.0 * 125.0 + 200.0),
    after_fifth: Some(350.0..=1300.0),
    between_bursts: 2500.0..=15_000.0,
    listen: 14.5,
};

const MEDIUM: Signal = Signal {
    priority: "medium",
    pulses: 3,
    length: 125.0..=250.0,
    gap: 125.0..=250.0,
    after_third: None,
    after_fifth: None,
    between_bursts: 2500.0..=30_000.0,
    listen: 24.0,
};

const LOW: Signal = Signal {
    priority: "low",
    pulses: 2,
    length: 125.0..=250.0,
    gap: 125.0..=250.0,
    after_third: None,
    after_fifth: None,
    between_bursts: 15_000.0..=f64::INFINITY,
    listen: 32.0,
};

#[test]
fn the_recorded_file_of_high_is_as_the_table_asks() {
    measure(&HIGH);
}

#[test]
fn the_recorded_file_of_medium_is_as_the_table_asks() {
    measure(&MEDIUM);
}

#[test]
fn the_recorded_file_of_low_is_as_the_table_asks() {
    measure(&LOW);
}

fn measure(signal: &Signal) {
    let recording = read(&record(signal));
    let pulses = recording.pulses();
    assert_eq!(pulses.len(), 2 * signal.pulses, "two bursts of {}", signal.priority);
    for (n, gap) in recording.gaps_ms().into_iter().enumerate() {
        let allowed = allowed_gap(signal, n);
        assert!(allowed.contains(&gap), "{}: {gap:.1} ms after pulse {}, not in {allowed:?}", signal.priority, n + 1);
    }
    for pulse in &pulses {
        has_the_shape(pulse, signal);
        has_the_spectrum(pulse, signal.priority);
    }
    for burst in pulses.chunks(signal.pulses) {
        let levels = burst.iter().map(Pulse::level_db);
        let spread = levels.clone().fold(f64::MIN, f64::max) - levels.fold(f64::MAX, f64::min);
        assert!(spread <= 10.0, "{}: {spread:.1} dB between its pulses", signal.priority);
    }
    if let Some(after_third) = &signal.after_third {
        let (gaps, length) = (recording.gaps_ms(), pulses[0].length_ms());
        let wanted = 2.0 * gaps[0] + length;
        assert!((gaps[2] - wanted).abs() < 0.1 * wanted, "2x + t_d is {wanted:.1} ms, and it is {:.1}", gaps[2]);
        assert!(after_third.contains(&gaps[2]));
    }
}

fn allowed_gap(signal: &Signal, after: usize) -> &RangeInclusive<f64> {
    match (after + 1) % signal.pulses {
        0 => &signal.between_bursts,
        3 | 8 => signal.after_third.as_ref().unwrap_or(&signal.gap),
        5 => signal.after_fifth.as_ref().unwrap_or(&signal.gap),
        _ => &signal.gap,
    }
}

fn has_the_shape(pulse: &Pulse<'_>, signal: &Signal) {
    let (length, rise) = (pulse.length_ms(), pulse.rise_ms());
    assert!(signal.length.contains(&length), "{}: a pulse of {length:.1} ms", signal.priority);
    let share = rise / length;
    assert!((0.10..=0.20).contains(&share), "{}: it rises in {share:.3} of its length", signal.priority);
    assert!(rise >= 10.0, "{}: it rises in {rise:.1} ms", signal.priority);
}

fn has_the_spectrum(pulse: &Pulse<'_>, priority: &str) {
    let fundamental = pulse.fundamental_hz();
    assert!((150.0..=1000.0).contains(&fundamental), "{priority}: {fundamental} Hz");
    let harmonics = (2..=26)
        .filter(|n| (300.0..=4000.0).contains(&(fundamental * f64::from(*n))))
        .filter(|n| pulse.stands_out_db(fundamental, *n) >= 20.0 && pulse.partial_db(fundamental, *n).abs() <= 15.0)
        .count();
    assert!(harmonics >= 4, "{priority}: {harmonics} harmonics of {fundamental} Hz");
    for n in 2..=26 {
        let level = pulse.partial_db(fundamental, n);
        assert!(level <= 15.0, "{priority}: {level:.1} dB at {n} times {fundamental} Hz");
    }
}

/// Sounds two bursts on a loudspeaker and writes what it was given into a file.
fn record(signal: &Signal) -> PathBuf {
    let loudspeaker = Loudspeaker::connected();
    let mut station = Station::start(&loudspeaker);
    assert!(station.told_within(5).starts_with("works: "));
    station.want(signal.priority);
    seconds(signal.listen);
    station.want("none");
    assert_eq!(station.end(), "");
    let (heard, file) = (loudspeaker.heard(), Path::new(env!("CARGO_TARGET_TMPDIR")).join(signal.priority));
    let file = file.with_extension("wav");
    let format = hound::WavSpec {
        channels: 1,
        sample_rate: heard.rate,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(&file, format).unwrap();
    heard.samples.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
    writer.finalize().unwrap();
    file
}

fn read(file: &Path) -> Recording {
    let mut reader = hound::WavReader::open(file).unwrap();
    let samples = reader.samples::<f32>().map(Result::unwrap).collect();
    Recording { samples, rate: reader.spec().sample_rate }
}
