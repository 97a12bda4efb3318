//! The alarms that belong to no bed.

use crate::bench::next;
use alarm::{Escalation, Rules, StationAlarms};
use core::time::Duration;
use vitals::Announcement;
use vitals::{AlarmState, Condition, Now, Priority, StationTime, WallTime};

fn at(seconds: u64) -> Now {
    Now {
        station: StationTime::from_start(Duration::from_secs(seconds)),
        wall: WallTime::from_millis(0).plus(Duration::from_secs(seconds)),
    }
}

#[test]
fn a_condition_raised_again_is_the_same_alarm_until_it_is_cleared() {
    let (mut alarms, mut ids) = (StationAlarms::new(Rules::default()), 0);
    let raised = alarms.raise(at(0), Condition::StorageFailed, "The disk is full.", &mut || next(&mut ids));
    assert_eq!((raised[0].state, raised[0].message.as_str()), (AlarmState::Active, "The disk is full."));
    assert!(alarms.raise(at(1), Condition::StorageFailed, "The disk is slow.", &mut || next(&mut ids)).is_empty());
    assert_eq!(alarms.active()[0].message, "The disk is slow.");
    let cleared = alarms.clear(at(2), Condition::StorageFailed);
    assert_eq!((cleared[0].state, cleared[0].id), (AlarmState::Cleared, raised[0].id));
    assert!(alarms.clear(at(3), Condition::StorageFailed).is_empty());
    let again = alarms.raise(at(4), Condition::StorageFailed, "The disk is full.", &mut || next(&mut ids));
    assert_ne!(again[0].id, raised[0].id);
}

#[test]
fn what_is_told_anew_is_the_same_alarm_and_an_acknowledgement_does_not_cover_what_is_worse() {
    let (mut alarms, mut ids) = (StationAlarms::new(Rules::default()), 0);
    let id = alarms.retell(at(0), Condition::ClientLost, "A is gone.", true, &mut || next(&mut ids))[0].id;
    alarms.acknowledge(at(1), None, "Nurse A").unwrap();
    let worse = alarms.retell(at(2), Condition::ClientLost, "A and B are gone.", true, &mut || next(&mut ids));
    assert_eq!((worse[0].id, worse[0].message.as_str(), &worse[0].acknowledged), (id, "A and B are gone.", &None));
    assert_eq!((worse[0].time, alarms.sounding()), (at(2).wall, Some(Priority::Medium)));
    alarms.acknowledge(at(3), None, "Nurse A").unwrap();
    let better = alarms.retell(at(4), Condition::ClientLost, "B is gone.", false, &mut || next(&mut ids));
    assert_eq!((better[0].id, better[0].acknowledged.is_some(), alarms.sounding()), (id, true, None));
}

#[test]
fn an_acknowledged_station_alarm_is_quiet_also_after_a_restart() {
    let (mut alarms, mut ids) = (StationAlarms::new(Rules::default()), 0);
    alarms.raise(at(0), Condition::SoundFailed, "The speaker is muted.", &mut || next(&mut ids));
    assert_eq!(alarms.sounding(), Some(Priority::Medium));
    alarms.acknowledge(at(1), None, "Nurse A").unwrap();
    let saved = serde_json::to_string(&alarms.saved()).unwrap();
    let mut after = StationAlarms::restore(Rules::default(), serde_json::from_str(&saved).unwrap());
    assert_eq!((after.sounding(), after.active()), (None, alarms.active()));
    assert_eq!(after.acknowledge(at(2), None, "Nurse B").unwrap().first.unwrap().by, "Nurse A");
    assert!(after.raise(at(3), Condition::SoundFailed, "The speaker is muted.", &mut || next(&mut ids)).is_empty());
}

#[test]
fn the_most_urgent_comes_first_then_the_oldest() {
    let (mut alarms, mut ids) = (StationAlarms::new(Rules::default()), 0);
    for condition in [Condition::ClockJumped, Condition::SoundFailed, Condition::ClientLost] {
        alarms.raise(at(0), condition, "Something is wrong.", &mut || next(&mut ids));
    }
    let order: Vec<_> = alarms.active().into_iter().map(|alarm| alarm.condition).collect();
    assert_eq!(order, [Condition::SoundFailed, Condition::ClientLost, Condition::ClockJumped]);
}

#[test]
fn a_station_alarm_that_nobody_answers_is_announced_more_urgently_where_the_site_escalates_also_over_a_restart() {
    let escalation = Some(Escalation { after: Duration::from_secs(60), steps: 2 });
    let rules = Rules { escalation, ..Rules::default() };
    let (mut alarms, mut ids) = (StationAlarms::new(rules), 0);
    let id = alarms.raise(at(100), Condition::StorageFailed, "The disk is full.", &mut || next(&mut ids))[0].id;
    assert_eq!((alarms.sounding(), alarms.wake_at()), (Some(Priority::Medium), Some(at(160).station)));
    alarms.tick(at(159));
    assert_eq!(alarms.sounding(), Some(Priority::Medium));
    let saved = alarms.saved();
    // A new process, whose station time starts anew.
    let mut alarms = StationAlarms::restore(rules, saved);
    alarms.tick(at(5));
    assert_eq!(alarms.wake_at(), Some(at(6).station));
    alarms.tick(at(6));
    assert_eq!(alarms.announcement(), Some(Announcement { priority: Priority::High, step: 1 }));
    alarms.tick(at(1000));
    assert_eq!(alarms.announcement(), Some(Announcement { priority: Priority::High, step: 2 }));
    assert_eq!((alarms.active()[0].priority, alarms.wake_at()), (Priority::Medium, None));
    alarms.acknowledge(at(1001), None, "Nurse A").unwrap();
    assert_eq!(alarms.announcement(), None);
    let withdrawn = alarms.withdraw(at(1002), id).unwrap();
    assert_eq!((withdrawn.was.by.as_str(), withdrawn.change.acknowledged), ("Nurse A", None));
    assert_eq!(alarms.announcement(), Some(Announcement { priority: Priority::Medium, step: 0 }));
}
