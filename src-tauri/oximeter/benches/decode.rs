//! How fast bytes become samples: `cargo bench -p oximeter`. The floor looks at each byte once, one after the other
//! (FNV-1a); a decoder cannot do with less.

#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]

use oximeter::{Protocol, Scenario, Session, Simulator};
use std::hint::black_box;
use std::time::{Duration, Instant};

const START_LIVE: [u8; 9] = [0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];

/// As much as a port's thread reads at once, and how far apart: groups that are told from each other by the quiet
/// between them come one by one.
fn pieces(protocol: Protocol) -> (usize, Duration) {
    match protocol {
        Protocol::NoninDf1 => (3, Duration::from_secs(1)),
        Protocol::NoninDf8 => (4, Duration::from_secs(1)),
        _ => (4096, Duration::ZERO),
    }
}

const ROUNDS: usize = 25;

/// Some megabytes of a clean stream.
fn stream(protocol: Protocol) -> Vec<u8> {
    let mut sensor = Simulator::new(protocol, Scenario::Desaturation, 1, Duration::ZERO);
    let (mut bytes, mut second) = (Vec::new(), 0);
    while bytes.len() < 4 << 20 {
        let now = Duration::from_secs(second);
        sensor.receive(now, &START_LIVE);
        sensor.poll(now, &mut bytes);
        second += 1;
    }
    bytes
}

fn floor(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

fn decode(protocol: Protocol, bytes: &[u8]) -> u64 {
    let mut session = Session::new(protocol, Duration::ZERO);
    let (mut samples, mut now) = (0, Duration::ZERO);
    let (size, apart) = pieces(protocol);
    for piece in bytes.chunks(size) {
        session.receive(now, piece, &mut |sample| {
            black_box(sample);
            samples += 1;
        });
        now += apart;
    }
    samples
}

fn took(run: impl FnOnce() -> u64) -> f64 {
    let began = Instant::now();
    black_box(run());
    began.elapsed().as_secs_f64()
}

/// The middle one, and the least: the time without what else the computer does.
fn median_and_least(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_unstable_by(f64::total_cmp);
    (times[times.len() / 2], times[0])
}

fn main() {
    println!("| protocol | MB/s, median | best | ns a sample, median | times the floor's time, median |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for &protocol in Protocol::ALL {
        let bytes = stream(protocol);
        let samples = decode(protocol, &bytes) as f64;
        assert!(samples > 1000.0, "{protocol} is not decoded");
        // Floor and decoder in turn, in one run: what else the computer does hits both.
        let (floors, times): (Vec<f64>, Vec<f64>) = (0..ROUNDS)
            .map(|_| (took(|| floor(black_box(&bytes))), took(|| decode(protocol, black_box(&bytes)))))
            .unzip();
        let ((floor, _), (median, least)) = (median_and_least(floors), median_and_least(times));
        let megabytes = bytes.len() as f64 / 1e6;
        println!(
            "| `{protocol}` | {:.0} | {:.0} | {:.0} | {:.1} |",
            megabytes / median,
            megabytes / least,
            median * 1e9 / samples,
            median / floor
        );
    }
}
