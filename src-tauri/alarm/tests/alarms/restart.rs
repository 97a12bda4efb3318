//! What survives a restart of the station.

use crate::bench::{Bench, FINE, NO_FINGER, SEARCHING, spo2};
use alarm::{BedAlarms, Rules};
use core::time::Duration;
use vitals::{AudioView, Condition, Limits, Priority, StationTime};

const LIMITS: Limits = Limits::ADULT;

fn restart(mut bench: Bench, down: Duration) -> Bench {
    bench.restart(down);
    bench
}

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_running_delay_goes_on_and_the_time_down_does_not_count() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(10, spo2(85));
    let mut bench = restart(bench, HOUR);
    bench.hold(4, spo2(85));
    assert_eq!(bench.active(), []);
    bench.hold(1, spo2(85));
    assert_eq!(bench.started(Condition::Spo2Low), Some(5.0));
}

#[test]
fn a_running_area_and_the_dips_of_the_last_60_s_go_on() {
    let limits = Limits { area_delay: Some(50), ..LIMITS };
    let mut bench = Bench::new(limits);
    bench.hold(8, spo2(85));
    let mut bench = restart(bench, HOUR);
    bench.hold(3, spo2(85));
    assert_eq!(bench.started(Condition::Spo2Low), Some(2.0));

    let mut bench = Bench::new(limits);
    for _ in 0..2 {
        bench.hold(1, spo2(89));
        bench.hold(5, FINE);
    }
    let mut bench = restart(bench, HOUR);
    bench.hold(1, spo2(89));
    assert_eq!(bench.started(Condition::Spo2Low), Some(0.0));
}

#[test]
fn an_area_that_was_set_lower_while_down_holds_the_sum_to_it() {
    let mut bench = Bench::new(Limits { area_delay: Some(100), ..LIMITS });
    bench.hold(19, spo2(85)); // 95
    let saved = bench.bed.saved(bench.now());
    let lower = Limits { area_delay: Some(10), ..LIMITS };
    bench.bed = BedAlarms::restore(Rules::default(), lower, saved, bench.now());
    bench.hold(9, spo2(91)); // 1
    bench.sample(spo2(88));
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.active(), []);
}

#[test]
fn a_delay_that_had_run_out_unseen_alarms_with_the_first_value_still_beyond() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(14, spo2(85));
    bench.sample(spo2(85));
    // Killed before the tick of the last second.
    bench.now = bench.now.plus(Duration::from_secs(1));
    let mut bench = restart(bench, HOUR);
    assert_eq!(bench.active(), []);
    bench.sample(spo2(85));
    assert_eq!(bench.active(), [Condition::Spo2Low]);
}

#[test]
fn a_value_that_recovered_while_down_clears_with_the_first_reading() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(20, spo2(75));
    let mut bench = restart(bench, HOUR);
    assert_eq!(bench.active(), [Condition::Spo2Desat, Condition::Spo2Low]);
    bench.sample(FINE);
    assert_eq!(bench.active(), []);
}

#[test]
fn the_rest_of_a_pause_still_runs() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(1, spo2(70));
    bench.bed.pause_audio(bench.now(), Duration::from_secs(60), "Nurse A").unwrap();
    let view = bench.bed.audio();
    let mut bench = restart(bench, Duration::from_secs(20));
    assert_eq!(bench.bed.audio(), view);
    bench.sample(spo2(70));
    assert_eq!(bench.bed.sounding(bench.now()), None);
    assert_eq!(bench.bed.wake_at(), Some(StationTime::from_start(Duration::from_secs(3))));
    bench.hold(40, spo2(70));
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::High));
}

#[test]
fn a_pause_that_ended_while_down_signals_at_once() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(1, spo2(70));
    bench.bed.pause_audio(bench.now(), Duration::from_secs(60), "Nurse A").unwrap();
    let bench = restart(bench, Duration::from_secs(60));
    assert_eq!(bench.bed.audio(), AudioView::default());
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::High));
}

#[test]
fn a_clock_set_back_while_down_makes_no_pause_longer_than_one_can_be() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(1, spo2(70));
    bench.bed.pause_audio(bench.now(), Duration::from_secs(60), "Nurse A").unwrap();
    let saved = bench.bed.saved(bench.now());
    bench.wall -= 3_600_000;
    bench.bed = BedAlarms::restore(Rules::default(), LIMITS, saved, bench.now());
    assert!(bench.bed.wake_at().unwrap() <= bench.now.plus(Duration::from_secs(120)));
}

#[test]
fn a_technical_alarm_is_the_same_after_the_restart_with_its_raised_priority() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(3, spo2(70));
    bench.hold(5, NO_FINGER);
    let before = bench.bed.active();
    let mut bench = restart(bench, HOUR);
    bench.told.clear();
    bench.hold(5, NO_FINGER);
    assert!(bench.told.is_empty());
    assert_eq!(bench.bed.active(), before);
    bench.hold(3, SEARCHING);
    assert_eq!(bench.active(), []);
}

#[test]
fn a_bed_where_nothing_changes_keeps_the_same_state_and_need_not_be_written_each_second() {
    for says in [FINE, NO_FINGER, spo2(75), crate::bench::with(FINE, vitals::Status::WeakSignal)] {
        let mut bench = Bench::new(LIMITS);
        bench.hold(300, says);
        let saved = bench.bed.saved(bench.now());
        bench.hold(1, says);
        assert_eq!(bench.bed.saved(bench.now()), saved, "{says:?}");
    }
}

#[test]
fn a_state_of_an_older_version_with_less_in_it_is_read() {
    let saved: alarm::Saved = serde_json::from_str("{}").unwrap();
    assert_eq!(saved, alarm::Saved::default());
}

#[test]
fn what_is_saved_is_what_is_read_back() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(3, spo2(85));
    bench.pass(Duration::from_millis(1700));
    let saved = bench.bed.saved(bench.now());
    let read: alarm::Saved = serde_json::from_str(&serde_json::to_string(&saved).unwrap()).unwrap();
    assert_eq!(read, saved, "the silence since the newest sample is not kept and must not seem to be");
}
