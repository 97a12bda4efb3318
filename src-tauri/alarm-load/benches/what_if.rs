//! How fast a span of the record is replayed, in a table for `docs/ref/performance.md`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "it is run by hand and prints what it found"
)]

use alarm::Rules;
use alarm_load::{Happening, Moment, Newest, Outcome, Seen, Settings, replay};
use core::time::Duration;
use std::time::Instant;
use vitals::{Limits, Numbers, PulseRate, SensorState, Spo2, Status, StatusSet, WallTime};

/// Readings of a simulated bed, one a second: eleven days.
const READINGS: usize = 1_000_000;
const PASSES: usize = 9;

/// A patient who dips and a probe that comes off, from a seed.
fn record() -> Vec<Moment> {
    let mut state = 1_u64;
    let mut random = move |below: u64| {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    };
    let (mut value, mut target, mut finger_out) = (97_u8, 97_u8, 0_u64);
    let moment = |second: usize| {
        if random(120) == 0 {
            target = if random(4) == 0 { 80 + u8::try_from(random(12)).unwrap() } else { 95 };
        }
        if random(7200) == 0 {
            finger_out = random(60);
        }
        value = if value > target { value - 1 } else { (value + 1).min(target + u8::try_from(random(3)).unwrap()) };
        let out = finger_out > 0;
        finger_out = finger_out.saturating_sub(1);
        let numbers = Numbers {
            spo2: Spo2::new(value).filter(|_| !out),
            pulse_rate: PulseRate::new(66 + u16::try_from(random(12)).unwrap()).filter(|_| !out),
            ..Numbers::default()
        };
        let status = StatusSet::EMPTY.with_if(Status::NoFinger, out);
        Moment {
            time: WallTime::from_millis(1_793_180_000_000 + 1000 * i64::try_from(second).unwrap()),
            what: Happening::Seen(Seen { numbers, status, sensor: SensorState::Live, sample: Newest::Now }),
        }
    };
    (0..READINGS).map(moment).collect()
}

fn main() {
    let record = record();
    println!("| what is asked | alarms | readings a second, median | range |\n| --- | ---: | ---: | ---: |");
    let longer = |limits| Limits { delay_s: 30, ..limits };
    let area = |limits| Limits { area_delay: Some(50), ..limits };
    measure("nothing else", &record, &core::convert::identity, Duration::ZERO);
    measure("a delay of 30 s", &record, &longer, Duration::ZERO);
    measure("an area of 50 %·s", &record, &area, Duration::ZERO);
    measure("averaging over 10 s", &record, &core::convert::identity, Duration::from_secs(10));
}

/// What this thread has cost so far: the processor's time where the system tells it, so that whoever else is at the
/// machine does not count, and the clock's elsewhere.
fn spent(begun: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split_whitespace().next().and_then(|first| first.parse().ok()));
    nanos.map_or_else(|| begun.elapsed(), Duration::from_nanos)
}

fn measure(what: &str, record: &[Moment], limits: &dyn Fn(Limits) -> Limits, averaging: Duration) {
    let settings = Settings { limits, averaging, ..Settings::in_force(Rules::default()) };
    let mut outcome = Outcome::default();
    let mut rates: Vec<f64> = (0..PASSES)
        .map(|_| {
            let begun = Instant::now();
            let before = spent(begun);
            outcome = replay(Limits::ADULT, record.iter().copied(), &settings).unwrap();
            READINGS as f64 / (spent(begun) - before).as_secs_f64() / 1e6
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    println!(
        "| {what} | {} | {:.2} million | {:.2}–{:.2} |",
        outcome.alarms.len(),
        rates[PASSES / 2],
        rates[0],
        rates[PASSES - 1]
    );
}
