//! What becomes of an alarm that nobody answers.

use crate::bench::{Bench, FINE, NO_FINGER, spo2, with};
use alarm::{Escalation, Rules};
use core::time::Duration;
use vitals::Announcement;
use vitals::{AlarmId, Limits, Priority, Status};

const AT_ONCE: Limits = Limits { delay_s: 0, ..Limits::ADULT };
const RULE: Escalation = Escalation { after: Duration::from_secs(60), steps: 3 };

fn bench() -> Bench {
    Bench::with_rules(Rules { escalation: Some(RULE), ..Rules::default() }, AT_ONCE)
}

fn announced(bench: &Bench) -> Option<(Priority, u8)> {
    bench.bed.announcement(bench.now()).map(|Announcement { priority, step }| (priority, step))
}

#[test]
fn an_unanswered_alarm_is_announced_more_urgently_step_by_step_and_keeps_its_own_priority() {
    let mut bench = bench();
    bench.sample(spo2(85));
    let mut steps = vec![(0, announced(&bench))];
    for second in 1..=400 {
        bench.pass(Duration::from_secs(1));
        bench.sample(spo2(85));
        if announced(&bench) != steps[steps.len() - 1].1 {
            steps.push((second, announced(&bench)));
        }
    }
    let (medium, high) = (Priority::Medium, Priority::High);
    assert_eq!(steps, [(0, Some((medium, 0))), (60, Some((high, 1))), (120, Some((high, 2))), (180, Some((high, 3)))]);
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::High));
    assert_eq!((bench.bed.active()[0].priority, bench.told.len()), (Priority::Medium, 1), "the alarm is what it was");
}

#[test]
fn a_low_alarm_is_announced_as_medium_at_most() {
    let mut bench = bench();
    bench.hold(600, with(FINE, Status::LowBattery));
    assert_eq!(announced(&bench), Some((Priority::Medium, 3)));
}

#[test]
fn the_step_comes_on_its_edge_without_new_data() {
    let mut bench = bench();
    bench.hold(5, NO_FINGER); // told at 3 s
    bench.pass(Duration::from_nanos(57_999_999_999));
    assert_eq!(announced(&bench), Some((Priority::Medium, 0)));
    assert_eq!(bench.bed.wake_at().map(|wake| wake.since_start()), Some(Duration::from_secs(63)));
    bench.pass(Duration::from_nanos(1));
    assert_eq!(announced(&bench), Some((Priority::High, 1)));
}

#[test]
fn an_acknowledgement_ends_it_and_a_withdrawn_one_begins_it_anew() {
    let mut bench = bench();
    bench.hold(100, spo2(85));
    bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    assert_eq!(announced(&bench), None);
    bench.hold(600, spo2(85));
    assert_eq!(announced(&bench), None);
    let id = bench.told[0].id;
    bench.bed.withdraw(bench.now(), id).unwrap();
    assert_eq!(announced(&bench), Some((Priority::Medium, 0)));
    bench.hold(60, spo2(85));
    assert_eq!(announced(&bench), Some((Priority::High, 1)));
}

#[test]
fn a_pause_holds_it_and_its_end_goes_on_from_there() {
    let mut bench = bench();
    bench.hold(30, spo2(85));
    bench.bed.pause_audio(bench.now(), Duration::from_secs(120), "Nurse A").unwrap();
    bench.hold(120, spo2(85));
    assert_eq!(announced(&bench), Some((Priority::Medium, 0)));
    bench.hold(29, spo2(85));
    assert_eq!(announced(&bench), Some((Priority::Medium, 0)));
    bench.hold(1, spo2(85));
    assert_eq!(announced(&bench), Some((Priority::High, 1)));
}

#[test]
fn an_alarm_that_takes_the_place_of_an_unanswered_one_has_waited_as_long() {
    let mut bench = bench();
    bench.hold(58, spo2(85));
    bench.hold(3, NO_FINGER); // 61 s
    assert_eq!(announced(&bench), Some((Priority::High, 1)));
    let id: AlarmId = bench.bed.active()[0].id;
    assert_eq!(bench.bed.announcement_of(id), Some(Announcement { priority: Priority::High, step: 1 }));
}

#[test]
fn one_that_rises_with_an_unanswered_alarm_has_waited_as_long_as_that_one_whoever_answered_it_before() {
    let mut bench = bench();
    bench.hold(100, NO_FINGER);
    bench.bed.acknowledge(bench.now(), None, "Nurse A").unwrap();
    bench.hold(1, spo2(75)); // high, unanswered for 1 s
    bench.hold(58, NO_FINGER);
    assert_eq!(announced(&bench), Some((Priority::High, 0)));
    bench.hold(1, NO_FINGER);
    assert_eq!(announced(&bench), Some((Priority::High, 1)));
}

#[test]
fn it_survives_a_restart() {
    let mut bench = bench();
    bench.hold(50, spo2(85));
    bench.restart(Duration::from_secs(3600));
    bench.hold(9, spo2(85));
    assert_eq!(announced(&bench), Some((Priority::Medium, 0)));
    bench.hold(1, spo2(85));
    assert_eq!(announced(&bench), Some((Priority::High, 1)));
}

#[test]
fn without_the_setting_an_alarm_repeats_as_it_is() {
    let mut bench = Bench::new(AT_ONCE);
    bench.hold(3600, spo2(85));
    assert_eq!(announced(&bench), Some((Priority::Medium, 0)));
}
