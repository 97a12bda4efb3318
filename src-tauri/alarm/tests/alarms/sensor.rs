//! Why there is no number, and what else the sensor says of itself.

use crate::bench::{Bench, FINE, NO_FINGER, SEARCHING, Says, spo2, with};
use core::time::Duration;
use vitals::{AlarmState, Condition, Limits, Priority, SensorState, Status};

const LIMITS: Limits = Limits::ADULT;

fn conditions(bench: &mut Bench) -> Vec<(f64, Condition, AlarmState)> {
    bench.take_told().into_iter().map(|(time, condition, state, _)| (time, condition, state)).collect()
}

#[test]
fn a_port_that_opens_and_is_never_understood_is_no_signal_after_4_s() {
    let mut bench = Bench::new(LIMITS);
    bench.sensor(SensorState::Opening);
    bench.pass(Duration::from_secs(1));
    bench.sensor(SensorState::Searching);
    bench.pass(Duration::from_secs(10));
    assert_eq!(conditions(&mut bench), [(4.0, Condition::NoSignal, AlarmState::Active)]);
    assert_eq!(bench.bed.active()[0].message, "No signal that can be understood from the sensor");
}

#[test]
fn a_bed_without_a_sensor_has_no_technical_alarms() {
    let mut bench = Bench::new(LIMITS);
    bench.sensor(SensorState::None);
    assert_eq!(bench.bed.wake_at(), None);
    bench.pass(Duration::from_secs(3600));
    assert!(bench.told.is_empty());
}

#[test]
fn no_finger_clears_when_the_finger_is_back_for_2_s_even_before_the_first_number() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(10, NO_FINGER);
    bench.hold(8, SEARCHING);
    bench.hold(5, FINE);
    assert_eq!(
        conditions(&mut bench),
        [(3.0, Condition::NoFinger, AlarmState::Active), (12.0, Condition::NoFinger, AlarmState::Cleared)]
    );
}

#[test]
fn a_probe_put_back_has_the_full_time_to_find_the_pulse_also_after_a_low_value() {
    let mut bench = Bench::new(Limits { delay_s: 0, ..LIMITS });
    bench.hold(5, spo2(85));
    bench.hold(10, NO_FINGER);
    bench.hold(12, SEARCHING);
    bench.hold(5, FINE);
    assert_eq!(bench.started(Condition::NoSignal), None);
}

#[test]
fn a_loose_probe_is_one_alarm() {
    let mut bench = Bench::new(LIMITS);
    for _ in 0..20 {
        bench.hold(4, NO_FINGER);
        bench.hold(1, FINE);
    }
    assert_eq!(conditions(&mut bench), [(3.0, Condition::NoFinger, AlarmState::Active)]);
}

#[test]
fn causes_that_take_turns_do_not_hide_behind_each_others_delays() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, FINE);
    for _ in 0..20 {
        bench.hold(2, NO_FINGER);
        bench.hold(2, SEARCHING);
    }
    let first = bench.told.first().unwrap();
    assert_eq!(bench.seconds(first.since), 20.0, "15 s after the last number");
}

#[test]
fn of_the_three_reasons_for_no_number_one_is_active_at_a_time() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, NO_FINGER); // from 3
    bench.silence(6); // no signal, 4 s after the last sample at 4
    bench.sensor(SensorState::Disconnected); // at 11
    bench.pass(Duration::from_secs(5));
    bench.sensor(SensorState::Opening);
    bench.pass(Duration::from_secs(30));
    bench.sensor(SensorState::Searching); // at 46
    bench.pass(Duration::from_secs(6));
    bench.hold(5, FINE); // at 52
    assert_eq!(
        conditions(&mut bench),
        [
            (3.0, Condition::NoFinger, AlarmState::Active),
            (8.0, Condition::NoFinger, AlarmState::Cleared),
            (8.0, Condition::NoSignal, AlarmState::Active),
            (11.0, Condition::NoSignal, AlarmState::Cleared),
            (11.0, Condition::SensorDisconnected, AlarmState::Active),
            (50.0, Condition::SensorDisconnected, AlarmState::Cleared),
            (50.0, Condition::NoSignal, AlarmState::Active),
            (54.0, Condition::NoSignal, AlarmState::Cleared),
        ]
    );
}

#[test]
fn every_failed_try_to_open_the_port_again_is_the_same_alarm() {
    let mut bench = Bench::new(LIMITS);
    for _ in 0..30 {
        bench.sensor(SensorState::Disconnected);
        bench.pass(Duration::from_secs(1));
        bench.sensor(SensorState::Opening);
        bench.pass(Duration::from_secs(5));
    }
    assert_eq!(conditions(&mut bench), [(0.0, Condition::SensorDisconnected, AlarmState::Active)]);
}

#[test]
fn a_sensor_plugged_in_again_clears_within_5_s() {
    let mut bench = Bench::new(LIMITS);
    bench.sensor(SensorState::Disconnected);
    bench.pass(Duration::from_secs(10));
    bench.sensor(SensorState::Opening);
    bench.pass(Duration::from_millis(100));
    bench.sensor(SensorState::Searching);
    bench.pass(Duration::from_millis(900));
    bench.hold(5, FINE);
    assert_eq!(conditions(&mut bench)[1..], [(12.1, Condition::SensorDisconnected, AlarmState::Cleared)]);
}

#[test]
fn a_reset_of_the_sensor_that_works_raises_nothing() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, FINE);
    bench.sensor(SensorState::Opening);
    bench.pass(Duration::from_secs(1));
    bench.sensor(SensorState::Searching);
    bench.pass(Duration::from_secs(1));
    bench.hold(5, FINE);
    assert!(bench.told.is_empty());
}

#[test]
fn samples_every_two_seconds_are_no_silence() {
    let mut bench = Bench::new(LIMITS);
    for _ in 0..30 {
        bench.sample(FINE);
        bench.pass(Duration::from_millis(2040));
    }
    assert!(bench.told.is_empty());
}

#[test]
fn a_silence_ends_when_the_sample_arrived_and_not_when_it_was_told() {
    let mut bench = Bench::new(LIMITS);
    bench.sample(FINE);
    bench.pass(Duration::from_millis(3990));
    let arrived = bench.now;
    bench.now = bench.now.plus(Duration::from_millis(20));
    bench.last_sample = Some(arrived);
    bench.observe(bench.input(FINE, SensorState::Live));
    assert!(bench.told.is_empty());
}

#[test]
fn a_bed_first_heard_of_in_the_middle_of_a_silence_alarms_at_once() {
    let mut bench = Bench::new(LIMITS);
    bench.last_sample = Some(bench.now);
    bench.now = bench.now.plus(Duration::from_secs(10));
    bench.sensor(SensorState::Silent);
    assert_eq!(bench.active(), [Condition::NoSignal]);
}

#[test]
fn a_live_sensor_whose_sample_times_nobody_tells_is_taken_at_its_word() {
    let mut bench = Bench::new(LIMITS);
    for _ in 0..20 {
        bench.observe(bench.input(spo2(85), SensorState::Live));
        bench.pass(Duration::from_secs(1));
    }
    assert_eq!(bench.active(), [Condition::Spo2Low]);
}

#[test]
fn a_silence_that_turns_into_searching_is_worded_so() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(2, FINE);
    bench.silence(6);
    assert_eq!(bench.bed.active()[0].message, "No signal from the sensor");
    bench.hold(2, SEARCHING);
    assert_eq!(bench.bed.active()[0].message, "No pulse found: the sensor is searching");
    assert_eq!(bench.told.len(), 1, "the same alarm");
}

#[test]
fn a_late_tick_counts_from_the_moment_it_was_due() {
    let mut bench = Bench::new(LIMITS);
    bench.sample(FINE);
    bench.now = bench.now.plus(Duration::from_secs(3600));
    bench.tick();
    let change = &bench.told[0];
    assert_eq!((bench.seconds(change.since), bench.seconds(change.time)), (4.0, 3600.0));
}

#[test]
fn a_missing_pulse_rate_beside_a_good_spo2_is_told() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(20, Says { pulse: None, ..FINE });
    assert_eq!(bench.started(Condition::NoSignal), Some(15.0));
    assert_eq!(bench.told[0].message, "No pulse rate from the sensor");
}

#[test]
fn a_weak_signal_alarms_after_4_s_and_clears_2_s_after_it_is_gone() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(10, with(FINE, Status::WeakSignal));
    bench.hold(5, FINE);
    assert_eq!(
        conditions(&mut bench),
        [(4.0, Condition::WeakSignal, AlarmState::Active), (12.0, Condition::WeakSignal, AlarmState::Cleared)]
    );
}

#[test]
fn a_weak_signal_that_was_lost_in_between_is_counted_anew() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, with(FINE, Status::WeakSignal)); // from 4
    bench.silence(6); // to 8
    bench.hold(8, with(FINE, Status::WeakSignal)); // at 11
    let weak: Vec<_> =
        conditions(&mut bench).into_iter().filter(|(_, condition, _)| *condition == Condition::WeakSignal).collect();
    assert_eq!(
        weak,
        [
            (4.0, Condition::WeakSignal, AlarmState::Active),
            (8.0, Condition::WeakSignal, AlarmState::Cleared),
            (15.0, Condition::WeakSignal, AlarmState::Active),
        ]
    );
}

#[test]
fn a_low_battery_outlasts_the_silence_it_may_explain_and_ends_with_the_sensor() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, with(with(FINE, Status::LowBattery), Status::WeakSignal));
    assert_eq!(bench.active(), [Condition::LowBattery, Condition::WeakSignal]);
    bench.silence(6);
    assert_eq!(bench.active(), [Condition::NoSignal, Condition::LowBattery]);
    assert_eq!(bench.bed.wake_at(), None, "nothing turns by itself any more");
    bench.sensor(SensorState::Disconnected);
    assert_eq!(bench.active(), [Condition::SensorDisconnected]);
}

#[test]
fn a_technical_alarm_never_stands_before_a_physiological_one_of_its_priority() {
    let mut bench = Bench::new(Limits { delay_s: 0, ..LIMITS });
    bench.hold(20, Says { pulse: None, ..FINE });
    bench.hold(1, Says { spo2: Some(85), pulse: None, ..FINE });
    let shown: Vec<_> = bench.bed.active().into_iter().map(|alarm| (alarm.priority, alarm.condition)).collect();
    assert_eq!(shown, [(Priority::Medium, Condition::Spo2Low), (Priority::Medium, Condition::NoSignal)]);
}

#[test]
fn a_technical_alarm_that_takes_the_place_of_a_worse_one_rises_and_sheds_its_acknowledgement() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, NO_FINGER);
    bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    bench.hold(1, spo2(70));
    bench.told.clear();
    bench.sample(NO_FINGER);
    let [risen, ended] = core::mem::take(&mut bench.told).try_into().unwrap();
    assert_eq!((risen.condition, risen.priority, risen.acknowledged), (Condition::NoFinger, Priority::High, None));
    assert_eq!((ended.condition, ended.state), (Condition::Spo2Desat, AlarmState::Cleared));
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::High));
}

#[test]
fn the_haste_of_a_desaturation_goes_on_from_one_technical_alarm_to_the_next() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(3, spo2(70));
    bench.hold(4, NO_FINGER);
    bench.sensor(SensorState::Disconnected);
    let [shown] = bench.bed.active().try_into().unwrap();
    assert_eq!((shown.condition, shown.priority), (Condition::SensorDisconnected, Priority::High));
    assert_eq!(shown.message, "Sensor disconnected during SpO2 70 < 80 (desaturation)");
}
