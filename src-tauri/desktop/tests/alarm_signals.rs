//! Each burst, measured sample by sample against the table of auditory signals (IEC 60601-1-8 as cited in public).

#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "this ear measures more than is asked here")]
mod listening;

use core::time::Duration;
use desktop::sound::{burst, length};
use listening::Recording;
use vitals::Priority::{self, High, Low, Medium};

const RATES: [u32; 4] = [11_025, 44_100, 48_000, 96_000];

fn record(priority: Priority, rate: u32) -> Recording {
    Recording { samples: burst(priority, rate, 0.8), rate }
}

fn near(measured: f64, wanted: f64, tolerance: f64) -> bool {
    (measured - wanted).abs() <= tolerance
}

#[test]
fn high_is_ten_pulses_medium_three_and_low_two() {
    for rate in RATES {
        for (priority, count) in [(High, 10), (Medium, 3), (Low, 2)] {
            assert_eq!(record(priority, rate).pulses().len(), count, "{priority:?} at {rate}");
        }
    }
}

#[test]
fn pulses_are_as_long_as_their_priority_asks() {
    for (priority, wanted) in [(High, 150.0), (Medium, 200.0), (Low, 200.0)] {
        for pulse in record(priority, 48_000).pulses() {
            assert!(near(pulse.length_ms(), wanted, 14.0), "{priority:?}: {} ms", pulse.length_ms());
        }
    }
}

#[test]
fn the_gaps_of_high_are_100_100_350_100_and_600_between_its_halves() {
    let wanted = [100.0, 100.0, 350.0, 100.0, 600.0, 100.0, 100.0, 350.0, 100.0];
    let heard = record(High, 48_000).gaps_ms();
    assert_eq!(heard.len(), wanted.len());
    for (heard, wanted) in heard.into_iter().zip(wanted) {
        assert!(near(heard, wanted, 14.0), "{heard} ms for {wanted}");
    }
}

#[test]
fn the_gaps_of_medium_and_low_are_200() {
    for priority in [Medium, Low] {
        for gap in record(priority, 48_000).gaps_ms() {
            assert!(near(gap, 200.0, 14.0), "{priority:?}: {gap} ms");
        }
    }
}

#[test]
fn a_burst_lasts_as_long_as_it_says() {
    for (priority, millis) in [(High, 3400), (Medium, 1000), (Low, 600)] {
        assert_eq!(length(priority), Duration::from_millis(millis));
        let seconds = burst(priority, 48_000, 1.0).len() as f64 / 48_000.0;
        assert!(near(seconds, length(priority).as_secs_f64(), 0.001), "{priority:?}: {seconds} s");
    }
}

#[test]
fn high_and_medium_play_the_oxygen_melody() {
    let oxygen = [523.25, 493.88, 440.00, 392.00, 349.23];
    for (priority, melody) in [(High, [&oxygen[..], &oxygen[..]].concat()), (Medium, oxygen[..3].to_vec())] {
        let recording = record(priority, 48_000);
        for (pulse, wanted) in recording.pulses().iter().zip(melody) {
            assert!(near(pulse.fundamental_hz(), wanted, 2.0), "{} Hz for {wanted}", pulse.fundamental_hz());
        }
    }
}

#[test]
fn each_pulse_has_four_harmonics_under_4_khz_within_15_db() {
    for priority in [High, Medium, Low] {
        let recording = record(priority, 48_000);
        for pulse in recording.pulses() {
            let fundamental = pulse.fundamental_hz();
            assert!((150.0..=1000.0).contains(&fundamental));
            for n in 2..=5 {
                assert!(fundamental * f64::from(n) < 4000.0);
                let level = pulse.partial_db(fundamental, n);
                assert!(level.abs() <= 15.0, "{priority:?}: harmonic {n} of {fundamental} Hz at {level:.1} dB");
            }
        }
    }
}

#[test]
fn a_pulse_rises_in_10_to_20_percent_of_its_length_and_no_faster_than_10_ms() {
    for priority in [High, Medium, Low] {
        let recording = record(priority, 48_000);
        for pulse in recording.pulses() {
            let (rise, length) = (pulse.rise_ms(), pulse.length_ms());
            assert!((0.10 * length..=0.20 * length).contains(&rise), "{priority:?}: {rise} of {length} ms");
            assert!(rise >= 10.0, "{priority:?}: {rise} ms");
        }
    }
}

#[test]
fn the_pulses_of_a_burst_are_equally_loud_within_10_db_and_never_clip() {
    for priority in [High, Medium, Low] {
        let recording = record(priority, 48_000);
        let peaks: Vec<f32> = recording.pulses().iter().map(listening::Pulse::peak).collect();
        let (low, high) = peaks.iter().fold((1.0_f32, 0.0_f32), |(low, high), peak| (low.min(*peak), high.max(*peak)));
        assert!(20.0 * (high / low).log10() <= 10.0, "{priority:?}: {low} to {high}");
        assert!((high - 0.8).abs() < 0.001, "{priority:?}: {high}");
    }
}

#[test]
fn a_rate_that_cannot_carry_a_partial_carries_no_alias_of_it() {
    let recording = record(Medium, 4000);
    assert_eq!(recording.pulses().len(), 3);
    assert!(burst(Medium, 0, 1.0).is_empty());
}
