//! SpO2 and pulse beyond their limits.

use crate::bench::{Bench, FINE, NO_FINGER, SEARCHING, pulse, spo2, with};
use core::time::Duration;
use vitals::{AlarmState, Condition, Limits, Priority, SensorState, Status};

const LIMITS: Limits = Limits::ADULT;
const AT_ONCE: Limits = Limits { delay_s: 0, spo2_high: Some(98), ..Limits::ADULT };

#[test]
fn the_message_names_the_worst_value_the_sign_and_the_limit() {
    for (says, message, back) in [
        (spo2(85), "SpO2 85 < 90", "SpO2 back within limits; was SpO2 85 < 90"),
        (spo2(100), "SpO2 100 > 98", "SpO2 back within limits; was SpO2 100 > 98"),
        (pulse(38), "Pulse 38 < 50", "Pulse back within limits; was Pulse 38 < 50"),
        (pulse(150), "Pulse 150 > 120", "Pulse back within limits; was Pulse 150 > 120"),
    ] {
        let mut bench = Bench::new(AT_ONCE);
        bench.hold(1, says);
        bench.hold(1, FINE);
        let told: Vec<_> = bench.take_told().into_iter().map(|(_, _, state, message)| (state, message)).collect();
        assert_eq!(told, [(AlarmState::Active, message.to_owned()), (AlarmState::Cleared, back.to_owned())]);
    }
}

#[test]
fn the_delay_governs_all_four_plain_conditions() {
    let limits = Limits { delay_s: 15, spo2_high: Some(98), ..LIMITS };
    for (says, condition) in [
        (spo2(85), Condition::Spo2Low),
        (spo2(99), Condition::Spo2High),
        (pulse(49), Condition::PulseLow),
        (pulse(121), Condition::PulseHigh),
    ] {
        let mut bench = Bench::new(limits);
        bench.hold(20, says);
        assert_eq!(bench.started(condition), Some(15.0));
        assert_eq!(bench.told.len(), 1);
    }
}

#[test]
fn a_return_to_the_limit_starts_the_delay_again() {
    let mut bench = Bench::new(LIMITS);
    for _ in 0..10 {
        bench.hold(14, spo2(85));
        bench.hold(1, spo2(90));
    }
    assert!(bench.told.is_empty());
}

#[test]
fn without_valid_data_the_delay_neither_runs_nor_starts_again() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(14, spo2(85));
    bench.hold(2, NO_FINGER);
    assert_eq!(bench.active(), []);
    bench.hold(2, spo2(85));
    assert_eq!(bench.started(Condition::Spo2Low), Some(17.0));
}

#[test]
fn without_valid_data_the_area_is_held() {
    let mut bench = Bench::new(Limits { area_delay: Some(50), ..LIMITS });
    bench.hold(9, spo2(85));
    bench.hold(2, NO_FINGER);
    bench.hold(1, spo2(85));
    assert_eq!(bench.started(Condition::Spo2Low), Some(12.0));
}

#[test]
fn nothing_is_counted_past_the_age_at_which_numbers_are_no_numbers_even_if_nobody_says_so() {
    let mut bench = Bench::new(LIMITS);
    bench.sample(spo2(85));
    bench.pass(Duration::from_secs(14));
    bench.hold(11, spo2(85));
    assert_eq!(bench.started(Condition::Spo2Low), None, "3 s of the gap and 11 s are 14 s");
    bench.hold(1, spo2(85));
    assert_eq!(bench.started(Condition::Spo2Low), Some(26.0));
}

#[test]
fn what_is_counted_ahead_of_a_tick_stops_at_the_same_age() {
    let mut bench = Bench::new(LIMITS);
    bench.sample(spo2(85));
    bench.now = bench.now.plus(Duration::from_secs(12));
    let [pending] = bench.bed.pending(bench.now()).try_into().unwrap();
    assert!((pending.fraction - 0.2).abs() < 1e-9, "3 s of 15, {}", pending.fraction);
    let saved = bench.bed.saved(bench.now());
    bench.bed = alarm::BedAlarms::restore(alarm::Rules::default(), LIMITS, saved, bench.now());
    bench.hold(12, spo2(85));
    assert_eq!(bench.started(Condition::Spo2Low), Some(24.0));
}

#[test]
fn a_number_that_the_station_calls_stale_is_no_number() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(20, with(spo2(70), Status::Stale));
    assert_eq!(bench.active(), [Condition::NoSignal]);
}

#[test]
fn an_area_counts_down_before_it_counts_up_again() {
    let mut bench = Bench::new(Limits { area_delay: Some(50), ..LIMITS });
    bench.hold(8, spo2(85)); // 40
    bench.hold(8, spo2(95)); // 0
    bench.hold(9, spo2(85)); // 45
    assert!(bench.told.is_empty());
}

#[test]
fn a_long_dip_does_not_fill_an_area_past_its_setting_even_when_the_setting_comes_later() {
    let mut bench = Bench::new(Limits { area_delay: Some(100), ..LIMITS });
    bench.hold(19, spo2(85)); // 95
    bench.sample(NO_FINGER);
    bench.set_limits(Limits { area_delay: Some(10), ..LIMITS });
    bench.hold(9, spo2(91)); // 1
    bench.told.clear();
    bench.sample(spo2(88));
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.active(), []);
    bench.sample(spo2(85));
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.active(), [Condition::Spo2Low]);
}

#[test]
fn an_area_governs_spo2_low_alone() {
    let mut bench = Bench::new(Limits { area_delay: Some(100), delay_s: 5, ..LIMITS });
    bench.hold(10, crate::bench::Says { spo2: Some(89), pulse: Some(40), ..FINE });
    assert_eq!(bench.active(), [Condition::PulseLow]);
    assert_eq!(bench.started(Condition::PulseLow), Some(5.0));
}

#[test]
fn a_worse_value_is_told_and_a_better_one_is_only_shown() {
    let mut bench = Bench::new(AT_ONCE);
    for value in [85, 84, 86, 86, 83] {
        bench.hold(1, spo2(value));
    }
    let told: Vec<_> = bench.told.iter().map(|change| (change.value, change.worst)).collect();
    assert_eq!(told, [(Some(85), Some(85)), (Some(84), Some(84)), (Some(83), Some(83))]);
    bench.hold(1, spo2(88));
    let [shown] = bench.bed.active().try_into().unwrap();
    assert_eq!((shown.value, shown.worst, shown.message.as_str()), (Some(88), Some(83), "SpO2 83 < 90"));
    assert_eq!(bench.told.len(), 3);
}

#[test]
fn the_worst_value_counts_from_the_start_of_the_delay() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(1, spo2(81)); // of a dip that ended
    bench.hold(1, spo2(95));
    bench.hold(5, spo2(86));
    bench.hold(2, spo2(83));
    bench.hold(8, spo2(87));
    let started = &bench.told[0];
    assert_eq!((started.value, started.worst, started.message.as_str()), (Some(87), Some(83), "SpO2 83 < 90"));

    let mut bench = Bench::new(LIMITS);
    bench.hold(5, pulse(140));
    bench.hold(10, pulse(125));
    bench.sample(pulse(125));
    assert_eq!(bench.told[0].message, "Pulse 140 > 120");
}

#[test]
fn the_worst_value_of_an_area_counts_from_where_its_sum_began_or_from_the_first_of_the_dips_that_were_too_many() {
    let mut bench = Bench::new(Limits { area_delay: Some(50), ..LIMITS });
    bench.hold(1, spo2(82)); // 8, and gone again after 1 s
    bench.hold(1, spo2(98));
    bench.hold(4, spo2(85));
    bench.hold(20, spo2(88));
    assert_eq!((bench.told[0].value, bench.told[0].worst), (Some(88), Some(85)));

    let mut bench = Bench::new(Limits { area_delay: Some(100), ..LIMITS });
    for lowest in [82, 87, 89] {
        bench.hold(1, spo2(lowest));
        bench.hold(10, spo2(99));
    }
    assert_eq!((bench.told[0].value, bench.told[0].worst), (Some(89), Some(82)));
}

#[test]
fn a_value_that_hangs_at_its_limit_is_one_alarm_and_keeps_its_acknowledgement() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(89));
    bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    for _ in 0..20 {
        bench.hold(4, spo2(90));
        bench.hold(1, spo2(89));
    }
    assert_eq!(bench.told.len(), 1);
    assert_eq!(bench.bed.sounding(bench.now()), None);
    bench.hold(6, spo2(90));
    assert_eq!(bench.active(), [], "five seconds within the limit end it");
}

#[test]
fn a_pulse_one_beat_within_its_limit_holds_the_alarm_and_two_beats_end_it() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, pulse(49));
    bench.hold(4, pulse(51));
    assert_eq!(bench.active(), [Condition::PulseLow]);
    bench.sample(pulse(52));
    assert_eq!(bench.active(), []);
}

#[test]
fn the_first_tier_goes_on_beside_the_second() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(20, spo2(75));
    assert_eq!(bench.active(), [Condition::Spo2Desat, Condition::Spo2Low]);
    assert_eq!((bench.started(Condition::Spo2Desat), bench.started(Condition::Spo2Low)), (Some(0.0), Some(15.0)));
    bench.sample(spo2(85));
    assert_eq!(bench.active(), [Condition::Spo2Low]);
    assert_eq!(
        bench.told.last().unwrap().message,
        "SpO2 no longer below the desaturation limit; was SpO2 75 < 80 (desaturation)"
    );
}

#[test]
fn poor_perfusion_and_artefacts_suppress_nothing() {
    for status in [Status::LowPerfusion, Status::Artifact, Status::WeakSignal, Status::Searching, Status::LowBattery] {
        let mut bench = Bench::new(LIMITS);
        bench.hold(16, with(spo2(85), status));
        assert_eq!(bench.started(Condition::Spo2Low), Some(15.0), "{status:?}");
    }
}

#[test]
fn when_data_stop_the_value_alarm_stays_without_a_value_until_a_technical_one_takes_its_place() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, spo2(76));
    assert_eq!(bench.active(), [Condition::Spo2Desat]);
    bench.hold(2, NO_FINGER);
    let [shown] = bench.bed.active().try_into().unwrap();
    assert_eq!((shown.condition, shown.value, shown.worst), (Condition::Spo2Desat, None, Some(76)));
    bench.told.clear();
    bench.hold(2, NO_FINGER);
    assert_eq!(
        bench.take_told(),
        [
            (
                8.0,
                Condition::NoFinger,
                AlarmState::Active,
                "Probe off: no finger during SpO2 76 < 80 (desaturation)".into()
            ),
            (
                8.0,
                Condition::Spo2Desat,
                AlarmState::Cleared,
                "SpO2 no longer measured: Probe off: no finger; was SpO2 76 < 80 (desaturation)".into()
            ),
        ]
    );
    assert_eq!(bench.bed.active()[0].priority, Priority::High, "no less urgent than what it took the place of");
}

#[test]
fn a_low_value_that_comes_back_after_the_gap_alarms_without_another_delay() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(20, spo2(85));
    bench.hold(10, NO_FINGER);
    assert_eq!(bench.active(), [Condition::NoFinger]);
    bench.sample(spo2(85));
    assert_eq!(bench.active(), [Condition::Spo2Low, Condition::NoFinger]);
}

#[test]
fn a_gap_too_short_for_a_technical_alarm_does_not_end_the_instance() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(3, spo2(85));
    bench.hold(2, NO_FINGER);
    bench.hold(3, spo2(85));
    assert_eq!(bench.told.len(), 1);
}

#[test]
fn a_patient_who_was_beyond_a_limit_is_not_left_searching_for_longer_than_4_s() {
    // In the alarm, and as well while its delay still ran.
    for (limits, message) in [
        (AT_ONCE, "No pulse found: the sensor is searching during SpO2 85 < 90"),
        (LIMITS, "No pulse found: the sensor is searching"),
    ] {
        let mut bench = Bench::new(limits);
        bench.hold(5, spo2(85));
        bench.hold(10, SEARCHING);
        assert_eq!(bench.started(Condition::NoSignal), Some(9.0));
        assert_eq!(bench.bed.active()[0].message, message);
    }
}

#[test]
fn the_haste_is_back_once_there_were_numbers_again() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, NO_FINGER);
    bench.hold(10, spo2(85));
    bench.hold(10, SEARCHING);
    assert_eq!(bench.started(Condition::NoSignal), Some(19.0));
}

#[test]
fn a_pulse_alarm_does_not_end_because_spo2_is_gone() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(5, crate::bench::Says { spo2: Some(85), pulse: Some(40), ..FINE });
    bench.hold(10, crate::bench::Says { spo2: None, pulse: Some(40), ..FINE });
    assert_eq!(bench.active(), [Condition::PulseLow, Condition::NoSignal]);
    assert_eq!(bench.bed.active()[1].message, "No SpO2 from the sensor during SpO2 85 < 90");
}

#[test]
fn new_limits_end_what_is_now_within_and_are_told_with_what_is_still_beyond() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, crate::bench::Says { spo2: Some(85), pulse: Some(40), ..FINE });
    bench.told.clear();
    bench.set_limits(Limits { spo2_low: 84, pulse_low: 45, ..AT_ONCE });
    let told: Vec<_> =
        bench.take_told().into_iter().map(|(_, condition, state, text)| (condition, state, text)).collect();
    assert_eq!(
        told,
        [
            (Condition::Spo2Low, AlarmState::Cleared, "SpO2 back within limits; was SpO2 85 < 90".into()),
            (Condition::PulseLow, AlarmState::Active, "Pulse 40 < 45".into()),
        ]
    );
}

#[test]
fn an_alarm_whose_worst_value_lies_within_the_new_limit_keeps_the_limit_it_crossed() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(85));
    bench.sample(NO_FINGER);
    bench.set_limits(Limits { spo2_low: 84, ..AT_ONCE });
    assert_eq!(bench.bed.active()[0].message, "SpO2 85 < 90");
}

#[test]
fn a_limit_turned_off_ends_its_alarm_and_says_so() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(99));
    bench.set_limits(Limits { spo2_high: None, ..AT_ONCE });
    assert_eq!(bench.told.last().unwrap().message, "SpO2 limit turned off; was SpO2 99 > 98");
    assert_eq!(bench.active(), []);
}

#[test]
fn a_limit_turned_off_and_on_counts_anew() {
    let limits = Limits { spo2_high: Some(98), ..LIMITS };
    let mut bench = Bench::new(limits);
    bench.hold(14, spo2(99));
    bench.set_limits(LIMITS);
    bench.set_limits(limits);
    bench.hold(14, spo2(99));
    assert_eq!(bench.active(), []);
    bench.hold(1, spo2(99));
    assert_eq!(bench.active(), [Condition::Spo2High]);
}

#[test]
fn a_shorter_delay_that_has_already_run_alarms_as_it_is_set() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(10, spo2(85));
    bench.set_limits(Limits { delay_s: 10, ..LIMITS });
    assert_eq!(bench.active(), [Condition::Spo2Low]);
}

#[test]
fn an_area_turned_on_in_a_dip_knows_the_dip() {
    let mut bench = Bench::new(Limits { delay_s: 60, ..LIMITS });
    bench.hold(10, spo2(85));
    bench.set_limits(Limits { area_delay: Some(50), ..LIMITS });
    assert_eq!(bench.active(), [Condition::Spo2Low]);
}

#[test]
fn a_delay_that_runs_is_shown_filling() {
    let mut bench = Bench::new(Limits { delay_s: 10, ..LIMITS });
    bench.hold(4, spo2(85));
    let [pending] = bench.bed.pending(bench.now()).try_into().unwrap();
    assert_eq!(pending.condition, Condition::Spo2Low);
    assert!((pending.fraction - 0.4).abs() < 1e-9);
    bench.hold(6, spo2(85));
    assert_eq!(bench.bed.pending(bench.now()), []);

    let mut bench = Bench::new(Limits { area_delay: Some(50), ..LIMITS });
    bench.hold(5, spo2(85));
    let [pending] = bench.bed.pending(bench.now()).try_into().unwrap();
    assert!((pending.fraction - 0.5).abs() < 1e-9);
}

#[test]
fn a_sensor_taken_from_the_bed_ends_its_alarms_and_raises_none() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(70));
    bench.sensor(SensorState::None);
    assert_eq!(bench.active(), []);
    bench.pass(Duration::from_secs(600));
    assert_eq!(bench.active(), []);
    assert!(bench.told.last().unwrap().message.starts_with("No sensor is assigned to this bed; was SpO2 70"));
}
