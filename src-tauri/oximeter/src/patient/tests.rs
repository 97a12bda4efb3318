use super::*;
use alloc::vec::Vec;

fn run(protocol: Protocol, scenario: Scenario, seconds: u64) -> Vec<Sample> {
    let mut patient = Patient::new(scenario, 3);
    let rate = u64::from(protocol.sample_rate());
    (0..seconds * rate).map(|n| patient.sample(protocol, Duration::from_micros(n * 1_000_000 / rate))).collect()
}

fn beginnings(samples: &[Sample]) -> Vec<usize> {
    (1..samples.len()).filter(|&n| samples[n].beat && !samples[n - 1].beat).collect()
}

#[test]
fn beats_come_as_often_as_the_pulse_rate_says() {
    for (scenario, low, high) in [(Scenario::Steady, 70, 74), (Scenario::Brady, 36, 40), (Scenario::Tachy, 149, 155)] {
        for &protocol in Protocol::ALL {
            let samples = run(protocol, scenario, 80);
            let minute = &samples[20 * usize::from(protocol.sample_rate())..];
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
fn each_beat_has_a_dicrotic_notch() {
    // Between the systolic peak and the next upstroke the wave rises once more.
    let shape: Vec<i32> = (0..32).map(|at| shape(at << 27)).collect();
    let peaks = (1..31).filter(|&at| shape[at] > shape[at - 1] && shape[at] >= shape[at + 1]).count();
    assert_eq!(peaks, 2);
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
    for &protocol in Protocol::ALL {
        let height = |scenario| {
            let samples = run(protocol, scenario, 10);
            let pleth = samples.iter().map(|sample| sample.pleth.unwrap());
            let (low, high) = (pleth.clone().min().unwrap(), pleth.max().unwrap());
            assert!(low > 0 && high < protocol.pleth_max(), "{protocol} {scenario}: {low} to {high}");
            high - low
        };
        assert!(height(Scenario::Steady) > protocol.pleth_max() / 2);
        assert!(height(Scenario::LowPerfusion) < protocol.pleth_max() / 6);
    }
}

#[test]
fn the_stand_in_for_a_sine_goes_up_down_and_back() {
    assert_eq!([0, 1 << 30, 1 << 31, 3 << 30].map(swing), [0, 1000, 0, -1000]);
}

#[test]
fn a_line_through_points_is_held_before_and_after_them() {
    let points = [(10, 100), (20, 200)];
    assert_eq!([0, 10, 15, 20, 99].map(|at| along(&points, at)), [100, 100, 150, 200, 200]);
}
