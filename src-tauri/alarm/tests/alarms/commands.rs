//! Acknowledging and pausing.

use crate::bench::{Bench, FINE, NO_FINGER, spo2};
use alarm::{AcknowledgeError, PauseError, WithdrawError};
use core::time::Duration;
use vitals::{AlarmId, Condition, Limits, Priority};

const AT_ONCE: Limits = Limits { delay_s: 0, ..Limits::ADULT };

#[test]
fn an_acknowledgement_survives_every_new_worst_value() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(89));
    bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    for value in (80..89).rev() {
        bench.hold(1, spo2(value));
        assert_eq!(bench.bed.sounding(bench.now()), None);
        assert_eq!(bench.told.last().unwrap().acknowledged.as_ref().unwrap().by, "Nurse A");
    }
}

#[test]
fn an_acknowledgement_does_not_cover_the_second_tier() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(85));
    bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    bench.hold(1, spo2(79));
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::High));
}

#[test]
fn an_acknowledgement_ends_with_its_instance() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(85));
    bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    bench.hold(1, FINE);
    bench.hold(1, spo2(85));
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::Medium));
}

#[test]
fn an_unknown_or_ended_alarm_or_none_is_refused_in_words() {
    let mut bench = Bench::new(AT_ONCE);
    let none = bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap_err();
    assert_eq!(none, AcknowledgeError::NoneActive);
    bench.hold(1, spo2(85));
    let id = bench.told[0].id;
    bench.hold(1, FINE);
    let ended = bench.bed.acknowledge(bench.now(), Some(id), "Nurse A").unwrap_err();
    assert_eq!(ended, AcknowledgeError::UnknownAlarm(id));
    assert_eq!(ended.to_string(), "Alarm a-1 is not active here: it has ended, or there never was one.");
    let unknown = bench.bed.acknowledge(bench.now(), Some(AlarmId(99)), "Nurse A").unwrap_err();
    assert_eq!(unknown, AcknowledgeError::UnknownAlarm(AlarmId(99)));
}

#[test]
fn acknowledging_all_takes_what_is_left_and_names_the_first_only_when_nothing_was() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(75));
    let [desat, low] = bench.bed.active().try_into().unwrap();
    bench.bed.acknowledge(bench.now(), Some(desat.id), "Nurse A").unwrap();
    let rest = bench.bed.acknowledge(bench.now(), None, "Nurse B").unwrap();
    assert_eq!(rest.changes.iter().map(|change| change.id).collect::<Vec<_>>(), [low.id]);
    assert_eq!(rest.first, None);
    let nothing = bench.bed.acknowledge(bench.now(), None, "Nurse C").unwrap();
    assert_eq!((nothing.changes.len(), nothing.first.unwrap().by.as_str()), (0, "Nurse A"));
}

#[test]
fn an_acknowledgement_that_is_withdrawn_leaves_the_alarm_unanswered_and_it_sounds_at_once() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(85));
    let id = bench.told[0].id;
    let none = bench.bed.withdraw(bench.now(), id).unwrap_err();
    assert_eq!(none, WithdrawError::NotAcknowledged(id));
    assert_eq!(none.to_string(), "Nobody has acknowledged alarm a-1, so there is nothing to withdraw.");
    bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    bench.hold(1, spo2(85));
    let withdrawn = bench.bed.withdraw(bench.now(), id).unwrap();
    assert_eq!(withdrawn.was.by, "Nurse A");
    assert_eq!(
        (withdrawn.change.id, withdrawn.change.acknowledged, withdrawn.change.time),
        (id, None, bench.now().wall)
    );
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::Medium));
    bench.hold(1, FINE);
    assert_eq!(bench.bed.withdraw(bench.now(), id).unwrap_err(), WithdrawError::UnknownAlarm(id));
}

#[test]
fn technical_alarms_are_acknowledged_like_all_others() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(5, NO_FINGER);
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::Medium));
    bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    bench.hold(600, NO_FINGER);
    assert_eq!(bench.bed.sounding(bench.now()), None);
}

#[test]
fn a_pause_is_between_30_and_120_s_and_names_who_and_until_when() {
    let mut bench = Bench::new(AT_ONCE);
    for wrong in [0, 29, 121] {
        let refused = bench.bed.pause_audio(bench.now(), Duration::from_secs(wrong), "Nurse A").unwrap_err();
        assert_eq!(refused, PauseError::Length(Duration::from_secs(wrong)));
        assert_eq!(
            refused.to_string(),
            format!("The sound can be paused for 30 to 120 seconds; {wrong} was asked for.")
        );
    }
    for right in [30, 120] {
        let view = bench.bed.pause_audio(bench.now(), Duration::from_secs(right), "Nurse A").unwrap();
        assert_eq!(view.paused_until, Some(bench.now().wall.plus(Duration::from_secs(right))));
        assert_eq!(view.by.as_deref(), Some("Nurse A"));
        assert_eq!(bench.bed.audio(), view);
    }
}

#[test]
fn a_clock_that_is_moved_moves_the_end_that_people_read_and_not_the_pause() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(85));
    bench.bed.pause_audio(bench.now(), Duration::from_secs(60), "Nurse A").unwrap();
    bench.wall += 3_600_000;
    bench.hold(1, spo2(85));
    assert_eq!(bench.bed.audio().paused_until, Some(bench.now().wall.plus(Duration::from_secs(59))));
    bench.hold(58, spo2(85));
    assert_eq!(bench.bed.sounding(bench.now()), None);
    bench.hold(1, spo2(85));
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::Medium));
}

#[test]
fn a_pause_can_be_undone() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(85));
    bench.bed.pause_audio(bench.now(), Duration::from_secs(60), "Nurse A").unwrap();
    assert!(bench.bed.resume_audio(bench.now()));
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::Medium));
    assert!(!bench.bed.resume_audio(bench.now()), "there is nothing to undo any more");
}

#[test]
fn a_second_instance_of_a_paused_condition_sounds() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(1, spo2(85));
    bench.bed.pause_audio(bench.now(), Duration::from_secs(60), "Nurse A").unwrap();
    bench.hold(1, FINE);
    bench.hold(1, spo2(85));
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::Medium));
}

#[test]
fn a_paused_alarm_that_grows_more_urgent_sounds() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(5, NO_FINGER);
    bench.bed.pause_audio(bench.now(), Duration::from_secs(60), "Nurse A").unwrap();
    assert_eq!(bench.bed.sounding(bench.now()), None);
    bench.hold(1, spo2(70));
    bench.sample(NO_FINGER);
    assert_eq!(bench.active(), [Condition::NoFinger]);
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::High));
}
