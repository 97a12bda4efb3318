//! High alarms that stay to be seen after their end.

use crate::bench::{Bench, FINE, spo2};
use alarm::{AcknowledgeError, Rules};
use core::time::Duration;
use vitals::{AlarmState, Condition, Limits};

const AT_ONCE: Limits = Limits { delay_s: 0, ..Limits::ADULT };

fn bench() -> Bench {
    Bench::with_rules(Rules { latch_high: true, ..Rules::default() }, AT_ONCE)
}

/// Down to 72 and back.
fn after_a_dip() -> Bench {
    let mut bench = bench();
    bench.hold(5, FINE);
    bench.hold(3, spo2(75));
    bench.hold(3, spo2(72));
    bench.hold(60, FINE);
    bench
}

#[test]
fn a_high_alarm_that_ended_unseen_is_shown_with_its_worst_value_and_time_and_does_not_sound() {
    let mut bench = after_a_dip();
    assert_eq!((bench.active(), bench.bed.sounding(bench.now())), (vec![], None));
    let [latched] = bench.bed.latched().try_into().unwrap();
    assert_eq!((latched.condition, latched.state), (Condition::Spo2Desat, AlarmState::Cleared));
    assert_eq!((latched.worst, latched.acknowledged.clone()), (Some(72), None));
    assert_eq!((bench.seconds(latched.since), bench.seconds(latched.time)), (5.0, 11.0));
    let cleared = bench.told.iter().find(|told| told.id == latched.id && told.state == AlarmState::Cleared);
    assert_eq!(cleared.map(|told| &told.message), Some(&latched.message), "as it was told at its end");
    bench.hold(3600, FINE);
    assert_eq!(bench.bed.latched(), [latched]);
}

#[test]
fn it_leaves_the_screens_with_an_acknowledgement_and_says_whose() {
    let mut bench = after_a_dip();
    let id = bench.bed.latched()[0].id;
    let done = bench.bed.acknowledge(bench.now(), Some(id), "Nurse A").unwrap();
    assert_eq!((done.changes[0].id, done.changes[0].state), (id, AlarmState::Cleared));
    assert_eq!(done.changes[0].acknowledged.as_ref().unwrap().by, "Nurse A");
    assert_eq!(bench.bed.latched(), []);
    let again = bench.bed.acknowledge(bench.now(), Some(id), "Nurse B").unwrap_err();
    assert_eq!(again, AcknowledgeError::UnknownAlarm(id));
}

#[test]
fn acknowledging_all_takes_what_is_latched_too() {
    let mut bench = after_a_dip();
    bench.hold(1, spo2(85));
    let done = bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    let conditions: Vec<_> = done.changes.iter().map(|change| change.condition).collect();
    assert_eq!(conditions, [Condition::Spo2Low, Condition::Spo2Desat]);
    assert_eq!((bench.bed.latched(), bench.bed.sounding(bench.now())), (vec![], None));
}

#[test]
fn what_was_answered_or_is_not_high_does_not_latch_and_nothing_does_by_default() {
    let mut answered = bench();
    answered.hold(1, spo2(75));
    answered.bed.acknowledge(answered.now(), None, "Nurse A").unwrap();
    answered.hold(1, FINE);
    assert_eq!(answered.bed.latched(), []);
    let mut medium = bench();
    medium.hold(1, spo2(85));
    medium.hold(1, FINE);
    assert_eq!(medium.bed.latched(), []);
    let mut default = Bench::new(AT_ONCE);
    default.hold(1, spo2(75));
    default.hold(1, FINE);
    assert_eq!(default.bed.latched(), []);
}

#[test]
fn a_high_alarm_that_its_sensor_took_over_latches_as_both() {
    let mut bench = bench();
    bench.hold(3, spo2(75));
    bench.hold(5, crate::bench::NO_FINGER);
    bench.hold(10, FINE);
    let latched: Vec<_> = bench.bed.latched().into_iter().map(|alarm| (alarm.condition, alarm.worst)).collect();
    assert_eq!(latched, [(Condition::NoFinger, None), (Condition::Spo2Desat, Some(75))]);
}

#[test]
fn it_survives_a_restart_and_leaves_with_the_patient() {
    let mut bench = after_a_dip();
    let latched = bench.bed.latched();
    bench.restart(Duration::from_secs(3600));
    assert_eq!(bench.bed.latched(), latched);
    let saved = bench.bed.saved(bench.now());
    let no_longer = alarm::BedAlarms::restore(Rules::default(), AT_ONCE, saved, bench.now());
    assert_eq!(no_longer.latched(), [], "the site has turned it off meanwhile");
    bench.bed.end_all(bench.now(), "Discharged");
    assert_eq!(bench.bed.latched(), []);
    bench.hold(1, spo2(75));
    bench.bed.end_all(bench.now(), "Discharged");
    assert_eq!(bench.bed.latched(), [], "the next patient sees nothing of the last");
}

#[test]
fn a_night_of_unseen_dips_keeps_the_newest_32() {
    let mut bench = bench();
    for _ in 0..40 {
        bench.hold(2, spo2(75));
        bench.hold(30, FINE);
    }
    let latched = bench.bed.latched();
    assert_eq!(latched.len(), 32);
    assert_eq!(bench.seconds(latched[0].since), 39.0 * 32.0);
}
