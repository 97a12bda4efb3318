//! Sound and alarms turned off without an end, where a site allows it.

use crate::bench::{Bench, FINE, spo2};
use alarm::{OffError, OffRules, Rules};
use core::time::Duration;
use vitals::Off;
use vitals::{Condition, Limits, Priority};

const AT_ONCE: Limits = Limits { delay_s: 0, ..Limits::ADULT };
const ALLOWED: OffRules = OffRules { audio: true, alarms: true, reminder_every: Duration::from_secs(180) };

fn bench() -> Bench {
    Bench::with_rules(Rules { off: ALLOWED, ..Rules::default() }, AT_ONCE)
}

#[test]
fn no_site_has_it_that_did_not_ask_for_it() {
    let mut bench = Bench::new(AT_ONCE);
    for what in [Off::Audio, Off::Alarms] {
        let refused = bench.bed.turn_off(bench.now(), what, "Admin").unwrap_err();
        assert_eq!(refused, OffError::NotAllowed(what));
        assert!(refused.to_string().contains("pause the sound instead"), "{refused}");
    }
    assert_eq!(bench.bed.off(), None);
}

#[test]
fn nothing_sounds_while_it_is_off_and_everything_is_still_decided_and_told() {
    for what in [Off::Audio, Off::Alarms] {
        let mut bench = bench();
        let view = bench.bed.turn_off(bench.now(), what, "Admin").unwrap();
        assert_eq!((view.what, view.by.as_str(), view.since), (what, "Admin", bench.now().wall));
        bench.hold(600, spo2(70));
        assert_eq!(bench.bed.sounding(bench.now()), None);
        assert_eq!(bench.active(), [Condition::Spo2Desat, Condition::Spo2Low]);
        assert_eq!((bench.told.len(), bench.bed.off()), (2, Some(&view)));
    }
}

#[test]
fn what_still_holds_signals_at_once_when_it_is_turned_on() {
    let mut bench = bench();
    bench.bed.turn_off(bench.now(), Off::Audio, "Admin").unwrap();
    bench.hold(10, spo2(70));
    assert_eq!(bench.bed.turn_on(bench.now()).unwrap().by, "Admin");
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::High));
    assert_eq!((bench.bed.turn_on(bench.now()), bench.bed.off()), (None, None));
}

#[test]
fn the_staff_are_reminded_every_3_minutes_at_least_whatever_the_site_has_set() {
    for (set, every) in [(180, 180), (60, 60), (3600, 180), (0, 10)] {
        let off = OffRules { reminder_every: Duration::from_secs(set), ..ALLOWED };
        let mut bench = Bench::with_rules(Rules { off, ..Rules::default() }, AT_ONCE);
        bench.bed.turn_off(bench.now(), Off::Audio, "Admin").unwrap();
        let mut reminded = Vec::new();
        for second in 1..=600 {
            // No data is needed for it.
            bench.pass(Duration::from_secs(1));
            if bench.bed.take_reminder() {
                reminded.push(second);
            }
        }
        assert_eq!(reminded, (1..=600 / every).map(|time| time * every).collect::<Vec<_>>(), "{set}");
    }
}

#[test]
fn it_survives_a_restart_which_reminds_at_once_unless_the_site_has_forbidden_it_meanwhile() {
    let mut bench = bench();
    let view = bench.bed.turn_off(bench.now(), Off::Alarms, "Admin").unwrap();
    bench.hold(100, FINE);
    bench.restart(Duration::from_secs(3600));
    assert_eq!(bench.bed.off(), Some(&view));
    assert!(bench.bed.take_reminder());
    assert!(!bench.bed.take_reminder(), "once");
    let saved = bench.bed.saved(bench.now());
    let strict = alarm::BedAlarms::restore(Rules::default(), AT_ONCE, saved, bench.now());
    assert_eq!(strict.off(), None);
}

#[test]
fn it_ends_with_the_patient() {
    let mut bench = bench();
    bench.bed.turn_off(bench.now(), Off::Audio, "Admin").unwrap();
    bench.bed.end_all(bench.now(), "Discharged");
    assert_eq!(bench.bed.off(), None);
    bench.hold(1, spo2(70));
    assert_eq!(bench.bed.sounding(bench.now()), Some(Priority::High));
}
