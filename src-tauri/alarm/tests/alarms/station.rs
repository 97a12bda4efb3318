//! The alarms that belong to no bed.

use crate::bench::next;
use alarm::{Rules, StationAlarms};
use core::time::Duration;
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
