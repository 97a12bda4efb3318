use super::*;
use crate::{Scenario, Script};
use alloc::vec::Vec;

fn run(protocol: Protocol, script: impl Into<Script>, seconds: u64) -> Vec<Sample> {
    let (mut patient, script) = (Patient::new(3), script.into());
    let rate = u64::from(protocol.samples_per_minute() / 60);
    let times = (0..seconds * rate).map(|n| Duration::from_micros(n * 1_000_000 / rate));
    times.map(|at| patient.sample(protocol, at, &script.at(at))).collect()
}

fn beginnings(samples: &[Sample]) -> Vec<usize> {
    (1..samples.len()).filter(|&n| samples[n].beat && !samples[n - 1].beat).collect()
}

#[test]
fn beats_come_as_often_as_the_pulse_rate_says() {
    for (scenario, low, high) in [(Scenario::Steady, 70, 74), (Scenario::Brady, 36, 40), (Scenario::Tachy, 149, 155)] {
        for &protocol in Protocol::ALL.iter().filter(|protocol| protocol.wave_rate().is_some()) {
            let samples = run(protocol, scenario, 80);
            let minute = &samples[20 * (protocol.samples_per_minute() / 60) as usize..];
            let beats = beginnings(minute).len();
            assert!((low..=high).contains(&beats), "{scenario} {protocol}: {beats}");
        }
    }
}

#[test]
fn a_beat_is_marked_near_the_top_of_the_upstroke() {
    let samples = run(Protocol::NoninDf2, Scenario::Steady, 60);
    let pleth: Vec<u16> = samples.iter().map(|sample| sample.pleth.unwrap()).collect();
    for beat in beginnings(&samples).into_iter().filter(|&beat| beat > 10 && beat + 50 < pleth.len()) {
        let rise = pleth[beat] - pleth[beat - 7];
        let top = pleth[beat..beat + 50].iter().max().unwrap();
        assert!(rise > 60 && top - pleth[beat] < 50, "{:?}", &pleth[beat - 10..beat + 50]);
    }
}

#[test]
fn no_two_beats_are_quite_alike() {
    let beats = beginnings(&run(Protocol::NoninDf2, Scenario::Steady, 60));
    let mut intervals: Vec<usize> = beats.windows(2).map(|pair| pair[1] - pair[0]).collect();
    intervals.sort_unstable();
    intervals.dedup();
    assert!(intervals.len() >= 4, "{intervals:?}");
}

#[test]
fn the_wave_fills_the_scale_with_good_perfusion_and_is_flat_with_poor() {
    for &protocol in Protocol::ALL.iter().filter(|protocol| protocol.wave_rate().is_some()) {
        let height = |scenario| {
            let samples = run(protocol, scenario, 10);
            let pleth = samples.iter().map(|sample| sample.pleth.unwrap());
            let (low, high) = (pleth.clone().min().unwrap(), pleth.max().unwrap());
            assert!(low > 0 && Some(high) < protocol.pleth_max(), "{protocol} {scenario}: {low} to {high}");
            high - low
        };
        assert!(height(Scenario::Steady) > protocol.pleth_max().unwrap() / 2);
        assert!(height(Scenario::LowPerfusion) < protocol.pleth_max().unwrap() / 5);
    }
}

#[test]
fn a_line_through_points_is_held_after_the_last() {
    let points = [(0, 100), (10, 200), (20, 0)];
    assert_eq!([0, 5, 10, 15, 20, 99].map(|at| along(&points, at)), [100, 150, 200, 100, 0, 0]);
}
