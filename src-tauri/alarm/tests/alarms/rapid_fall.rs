//! A fall so fast that the first tier does not wait for its delay.

use crate::bench::{Bench, FINE, NO_FINGER, SEARCHING, spo2};
use alarm::{RapidFall, Rules};
use core::time::Duration;
use vitals::{Condition, Limits};

const LIMITS: Limits = Limits { delay_s: 60, ..Limits::ADULT };

fn bench(limits: Limits) -> Bench {
    Bench::with_rules(Rules { rapid_fall: Some(RapidFall::STARTING_POINT), ..Rules::default() }, limits)
}

#[test]
fn ten_points_within_30_s_alarm_at_once_below_the_limit_whatever_the_delay_or_area() {
    for area_delay in [None, Some(100)] {
        let mut bench = bench(Limits { area_delay, ..LIMITS });
        bench.hold(60, FINE);
        bench.hold(10, spo2(93));
        bench.hold(10, spo2(89));
        assert_eq!(bench.active(), [], "eight points down");
        bench.sample(spo2(87));
        assert_eq!(bench.active(), [Condition::Spo2Low]);
        assert_eq!(bench.started(Condition::Spo2Low), Some(80.0));
        assert_eq!(bench.told[0].message, "SpO2 87 < 90");
    }
}

#[test]
fn a_fall_that_takes_longer_or_stays_within_the_limit_waits_as_ever() {
    let mut slow = bench(LIMITS);
    slow.hold(60, FINE);
    slow.hold(31, spo2(93));
    slow.hold(20, spo2(87));
    assert_eq!(slow.active(), []);
    let mut within = bench(LIMITS);
    within.hold(60, spo2(100));
    within.hold(60, spo2(90));
    assert_eq!(within.active(), []);
}

#[test]
fn without_the_setting_a_fall_waits_as_ever() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(60, FINE);
    bench.hold(59, spo2(81));
    assert_eq!(bench.active(), []);
}

#[test]
fn a_gap_is_no_time_in_which_a_value_fell() {
    let mut bench = bench(LIMITS);
    bench.hold(60, FINE);
    bench.hold(2, NO_FINGER);
    bench.hold(10, SEARCHING);
    bench.sample(spo2(87));
    assert_eq!(bench.active(), [Condition::Spo2Low], "ten points down since the last value");
}

#[test]
fn where_the_value_was_survives_a_restart() {
    let mut bench = bench(LIMITS);
    bench.hold(60, FINE);
    bench.restart(Duration::from_secs(20));
    bench.sample(spo2(87));
    assert_eq!(bench.active(), [Condition::Spo2Low]);
}
