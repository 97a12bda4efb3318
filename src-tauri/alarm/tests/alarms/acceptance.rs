//! Those of the twenty acceptance checks of a biomedical engineer that the engine decides, under their numbers.
//!
//! Of 10, 14, 15 and 16 this is the engine's part. 7 (sound without a window), 8 (a tablet without its station), 17 (many
//! tablets), 18 (two ports swapped) and 20 (a photograph) are none of its business: `tests/behaviour/acceptance` has all
//! twenty from outside, 15 (the clock) in `tests/behaviour/clock.rs`.

use crate::bench::{Bench, FINE, NO_FINGER, SEARCHING, spo2};
use alarm::{Rules, StationAlarms};
use core::time::Duration;
use std::collections::BTreeSet;
use vitals::{AlarmState, Condition, Limits, Priority, SensorState, StationTime};

const LIMITS: Limits = Limits::ADULT;

#[test]
fn check_01_a_cable_pulled_in_silence_is_a_technical_alarm_within_5_s_and_a_known_unplug_at_once() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(10, FINE);
    bench.silence(6);
    assert_eq!(bench.started(Condition::NoSignal), Some(13.0), "the last sample came at 9 s");

    let mut bench = Bench::new(LIMITS);
    bench.hold(10, FINE);
    bench.sensor(SensorState::Disconnected);
    assert_eq!(bench.started(Condition::SensorDisconnected), Some(10.0));
}

#[test]
fn check_02_finger_out_is_probe_off_and_never_low_spo2() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, FINE);
    bench.hold(120, NO_FINGER);
    assert_eq!(bench.take_told(), [(8.0, Condition::NoFinger, AlarmState::Active, "Probe off: no finger".into())]);
}

#[test]
fn check_02_a_number_that_a_device_holds_beside_no_finger_is_no_number() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(60, crate::bench::with(spo2(60), vitals::Status::NoFinger));
    assert_eq!(bench.active(), [Condition::NoFinger]);
}

#[test]
fn check_03_a_value_at_the_limit_does_not_alarm_and_one_below_alarms_on_the_edge_of_the_delay() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(300, spo2(90));
    assert_eq!(bench.active(), []);
    bench.sample(spo2(89));
    bench.pass(Duration::from_millis(500));
    for _ in 0..14 {
        bench.sample(spo2(89));
        bench.pass(Duration::from_secs(1));
    }
    bench.sample(spo2(89));
    bench.pass(Duration::from_nanos(499_999_999));
    assert_eq!(bench.active(), []);
    bench.pass(Duration::from_nanos(1));
    assert_eq!(bench.active(), [Condition::Spo2Low]);
    assert_eq!(bench.started(Condition::Spo2Low), Some(315.0));
}

#[test]
fn check_04_the_trace_of_the_n_395_alarms_in_the_11th_second_of_an_area_of_50() {
    let mut bench = Bench::new(Limits { area_delay: Some(50), ..LIMITS });
    bench.hold(2, spo2(88));
    bench.hold(3, spo2(86));
    bench.hold(5, spo2(84));
    assert_eq!(bench.active(), [], "46 after second 10");
    bench.hold(1, spo2(84));
    let started = bench.started(Condition::Spo2Low).unwrap();
    assert!(started > 10.0 && started <= 11.0, "{started}");
    assert!((started - (10.0 + 4.0 / 6.0)).abs() < 0.001, "the moment the sum reaches 50, not the next sample");
}

#[test]
fn check_05_with_an_area_of_100_the_third_dip_within_60_s_alarms_at_once() {
    let mut bench = Bench::new(Limits { area_delay: Some(100), ..LIMITS });
    for _ in 0..2 {
        bench.hold(2, spo2(88));
        bench.hold(18, spo2(95));
    }
    assert_eq!(bench.active(), []);
    bench.sample(spo2(89));
    assert_eq!(bench.active(), [Condition::Spo2Low]);
    assert_eq!(bench.started(Condition::Spo2Low), Some(40.0));
}

#[test]
fn check_05_three_dips_further_apart_than_60_s_do_not_alarm() {
    let mut bench = Bench::new(Limits { area_delay: Some(100), ..LIMITS });
    for _ in 0..5 {
        bench.hold(2, spo2(88));
        bench.hold(29, spo2(95));
    }
    assert!(bench.told.is_empty());
}

#[test]
fn check_06_a_drop_below_the_second_tier_alarms_at_once_whatever_the_delay_or_area_of_the_first() {
    for area_delay in [None, Some(100)] {
        let mut bench = Bench::new(Limits { delay_s: 60, area_delay, ..LIMITS });
        bench.hold(10, FINE);
        bench.sample(spo2(80));
        assert_eq!(bench.active(), [], "80 is within a limit of 80");
        bench.pass(Duration::from_secs(1));
        bench.sample(spo2(79));
        assert_eq!(bench.active(), [Condition::Spo2Desat]);
        assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::High));
        assert_eq!(bench.told.last().unwrap().message, "SpO2 79 < 80 (desaturation)");
    }
}

#[test]
fn check_09_a_restart_in_an_alarm_keeps_the_instance_and_its_acknowledgement() {
    let mut bench = Bench::new(Limits { delay_s: 0, ..LIMITS });
    bench.sample(spo2(84));
    let before = bench.bed.active();
    let ack = bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap().changes;
    let saved = serde_json::to_string(&bench.bed.saved(bench.now())).unwrap();

    // Fourteen seconds later another process, whose station time starts anew.
    let mut after = Bench::new(LIMITS);
    after.wall = bench.wall + 14_000;
    after.bed = alarm::BedAlarms::restore(
        Rules::default(),
        bench.bed.limits(),
        serde_json::from_str(&saved).unwrap(),
        after.now(),
    );
    after.sample(spo2(84));
    assert!(after.told.is_empty(), "no second alarm: {:?}", after.told);
    let [now] = after.bed.active().try_into().unwrap();
    assert_eq!((now.id, now.since, now.worst), (before[0].id, before[0].since, Some(84)));
    assert_eq!(now.acknowledged, ack[0].acknowledged);
    assert_eq!(after.bed.sounding(after.now()), None);
}

#[test]
fn check_10_an_acknowledgement_is_told_with_name_and_time_and_stays_with_the_alarm_to_its_end() {
    let mut bench = Bench::new(Limits { delay_s: 0, ..LIMITS });
    bench.hold(3, spo2(85));
    let time = bench.now().wall;
    let done = bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    let acknowledged = Some(vitals::Acknowledgement { by: "Nurse A".into(), time });
    assert_eq!((done.changes[0].time, &done.changes[0].acknowledged), (time, &acknowledged));
    assert_eq!(bench.bed.active()[0].acknowledged, acknowledged, "for a screen that comes later");
    bench.hold(1, FINE);
    let ended = bench.told.last().unwrap();
    assert_eq!((ended.state, &ended.acknowledged), (AlarmState::Cleared, &acknowledged));
}

#[test]
fn check_11_of_two_who_acknowledge_one_is_recorded_and_the_other_is_told_who() {
    let mut bench = Bench::new(LIMITS);
    bench.sample(spo2(70));
    let id = bench.bed.active()[0].id;
    let first = bench.bed.acknowledge(bench.now(), Some(id), "Nurse A").unwrap();
    let second = bench.bed.acknowledge(bench.now(), Some(id), "Nurse B").unwrap();
    assert_eq!((first.changes.len(), first.first), (1, None));
    assert_eq!((second.changes.len(), second.first.unwrap().by.as_str()), (0, "Nurse A"));
    assert_eq!(bench.bed.active()[0].acknowledged.as_ref().unwrap().by, "Nurse A");
}

#[test]
fn check_12_the_end_of_a_pause_signals_again_at_once_without_new_data() {
    // A sensor that falls silent alarms too, and would sound in a pause that does not cover what is new.
    let mut bench = Bench::with_rules(Rules { pause_covers_new: true, ..Rules::default() }, LIMITS);
    bench.sample(spo2(70));
    bench.bed.pause_audio(bench.now(), Duration::from_secs(120), "Nurse A").unwrap();
    bench.pass(Duration::from_nanos(119_999_999_999));
    assert_eq!(bench.bed.sounding(bench.now()), None);
    assert_eq!(bench.bed.wake_at(), Some(StationTime::from_start(Duration::from_secs(120))));
    bench.pass(Duration::from_nanos(1));
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::High));
    assert_eq!(bench.bed.audio(), vitals::AudioView::default());
}

#[test]
fn check_13_a_new_condition_during_a_pause_sounds_unless_the_site_says_otherwise() {
    for (pause_covers_new, sounds) in [(false, Some(Priority::High)), (true, None)] {
        let mut bench =
            Bench::with_rules(Rules { pause_covers_new, ..Rules::default() }, Limits { delay_s: 0, ..LIMITS });
        bench.sample(spo2(85));
        bench.bed.pause_audio(bench.now(), Duration::from_secs(60), "Nurse A").unwrap();
        assert_eq!(bench.bed.sounding(bench.now()), None);
        bench.pass(Duration::from_secs(1));
        bench.sample(spo2(75));
        assert_eq!(bench.bed.sounding(bench.now()), sounds);
    }
}

#[test]
fn check_14_a_full_disk_is_a_technical_alarm_of_the_station_and_takes_nothing_from_the_beds() {
    let mut station = StationAlarms::new(Rules::default());
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, FINE);
    let full = station.raise(bench.now(), Condition::StorageFailed, "The disk is full.", &mut || vitals::AlarmId(100));
    assert_eq!((full.len(), full[0].condition, full[0].state), (1, Condition::StorageFailed, AlarmState::Active));
    bench.hold(15, spo2(85));
    bench.sample(spo2(75));
    assert_eq!(bench.active(), [Condition::Spo2Desat, Condition::Spo2Low]);
    assert_eq!(station.sounding().max(bench.bed.sounding(bench.now())), Some(Priority::High));
}

#[test]
fn check_15_a_clock_set_by_an_hour_neither_starts_nor_ends_moves_nor_repeats_an_alarm() {
    for step in [3_600_000, -3_600_000] {
        let (mut still, mut stepped) = (Bench::new(LIMITS), Bench::new(LIMITS));
        for (bench, step) in [(&mut still, 0), (&mut stepped, step)] {
            bench.hold(7, spo2(85));
            bench.wall += step;
            bench.hold(13, spo2(84));
            bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
            bench.wall -= step;
            bench.hold(5, spo2(84));
            bench.wall += step;
            bench.hold(3, FINE);
            bench.silence(6);
        }
        let plain = |bench: &Bench| -> Vec<_> {
            let told = bench.told.iter();
            told.map(|change| (change.id, change.condition, change.state, change.worst, bench.seconds(change.time)))
                .collect()
        };
        assert_eq!(plain(&still).len(), 3, "{:?}", plain(&still));
        assert_eq!(plain(&still), plain(&stepped));
    }
}

#[test]
fn check_16_a_whole_day_tells_every_alarm_once_at_its_start_and_once_at_its_end_and_ends_as_it_began() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(60, FINE);
    let fresh = bench.bed.saved(bench.now());
    for _ in 0..24 {
        bench.hold(1800, FINE);
        bench.hold(20, spo2(86));
        bench.hold(760, FINE);
        bench.hold(10, NO_FINGER);
        bench.hold(10, SEARCHING);
        bench.hold(1000, FINE);
    }
    let of = |state| -> Vec<_> {
        bench.told.iter().filter(|told| told.state == state).map(|told| (told.id, told.condition)).collect()
    };
    let (started, ended) = (of(AlarmState::Active), of(AlarmState::Cleared));
    assert_eq!((started.len(), &started), (48, &ended));
    assert_eq!(started.iter().collect::<BTreeSet<_>>().len(), 48);
    assert_eq!(bench.bed.saved(bench.now()), fresh, "nothing is left behind that could grow");
}

#[test]
fn check_19_after_a_discharge_the_next_patient_sees_nothing_of_the_last() {
    let mut bench = Bench::new(Limits { delay_s: 10, area_delay: None, ..LIMITS });
    bench.hold(9, spo2(85));
    bench.sample(spo2(70));
    bench.bed.pause_audio(bench.now(), Duration::from_secs(60), "Nurse A").unwrap();
    let ended = bench.bed.end_all(bench.now(), "Discharged");
    assert_eq!(ended.iter().map(|change| change.state).collect::<Vec<_>>(), [AlarmState::Cleared]);
    assert_eq!(ended[0].message, "Discharged; was SpO2 70 < 80 (desaturation)");
    bench.pass(Duration::from_secs(60));
    assert_eq!((bench.active(), bench.bed.audio()), (vec![], vitals::AudioView::default()));
    bench.hold(9, spo2(85));
    assert_eq!(bench.active(), [], "the nine seconds of the last patient do not count");
}

#[test]
fn no_bed_stays_without_a_number_and_without_an_alarm() {
    let mut bench = Bench::new(LIMITS);
    bench.hold(5, FINE);
    bench.hold(60, SEARCHING);
    assert_eq!(bench.started(Condition::NoSignal), Some(20.0), "15 s for a probe that was put on anew");
    assert_eq!(bench.told[0].message, "No pulse found: the sensor is searching");
}
