//! What hangs on the desktop, and which calls bring it in step with the alarms. Pure.

use super::ActiveAlarm;
use std::collections::BTreeMap;
use vitals::{Acknowledgement, AlarmId, AlarmState, Priority};

/// One call to the desktop's notification service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Call {
    /// Show `alarm`, in the place of the notification `replaces` if that still hangs.
    Show { alarm: ActiveAlarm, replaces: Option<u32> },
    /// Take a notification down.
    Close(u32),
}

/// What must change for a notification to be shown anew. The value is not among it: it changes with each reading,
/// and a notification that moves every second is one that people turn off.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Face {
    priority: Priority,
    worst: Option<u16>,
    acknowledged: Option<Acknowledgement>,
    audio_paused: bool,
}

impl Face {
    fn of(active: &ActiveAlarm) -> Self {
        Self {
            priority: active.alarm.priority,
            worst: active.alarm.worst,
            acknowledged: active.alarm.acknowledged.clone(),
            audio_paused: active.audio_paused,
        }
    }
}

#[derive(Debug)]
struct Shown {
    /// As it was last sent; `None` if the service did not take it.
    face: Option<Face>,
    /// The service's number; `None` while it hangs no more, be it that a person took it down.
    number: Option<u32>,
}

/// The notifications as the service should have them.
#[derive(Debug, Default)]
pub(super) struct Board {
    shown: BTreeMap<AlarmId, Shown>,
}

impl Board {
    /// The calls that bring the board in step with `alarms`: first what has ended, then what is new or worse.
    pub(super) fn calls(&mut self, alarms: &[ActiveAlarm]) -> Vec<Call> {
        let active = || alarms.iter().filter(|active| active.alarm.state == AlarmState::Active);
        let mut calls = Vec::new();
        self.shown.retain(|id, shown| {
            let goes_on = active().any(|active| active.alarm.id == *id);
            if !goes_on {
                calls.extend(shown.number.map(Call::Close));
            }
            goes_on
        });
        for active in active() {
            let face = Some(Face::of(active));
            match self.shown.get_mut(&active.alarm.id) {
                Some(shown) if shown.face == face => {}
                Some(shown) => {
                    shown.face = face;
                    calls.push(Call::Show { alarm: active.clone(), replaces: shown.number });
                }
                None => {
                    self.shown.insert(active.alarm.id, Shown { face, number: None });
                    calls.push(Call::Show { alarm: active.clone(), replaces: None });
                }
            }
        }
        calls
    }

    /// The service gave the notification of `alarm` this number.
    pub(super) fn was_shown(&mut self, alarm: AlarmId, number: u32) {
        if let Some(shown) = self.shown.get_mut(&alarm) {
            shown.number = Some(number);
        }
    }

    /// The service did not take the notification of `alarm`: the next calls try it again.
    pub(super) fn was_refused(&mut self, alarm: AlarmId) {
        if let Some(shown) = self.shown.get_mut(&alarm) {
            shown.face = None;
        }
    }

    /// A notification was taken down, by a person or by the service. It comes back when its alarm gets worse.
    pub(super) fn was_closed(&mut self, number: u32) {
        for shown in self.shown.values_mut().filter(|shown| shown.number == Some(number)) {
            shown.number = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::{AlarmChange, BedId, Condition, WallTime};

    fn alarm(id: u64, value: u16, worst: u16) -> ActiveAlarm {
        ActiveAlarm {
            bed: Some(BedId::new("3").unwrap()),
            bed_name: "Bed 3".into(),
            audio_paused: false,
            alarm: AlarmChange {
                time: WallTime::from_millis(0),
                id: AlarmId(id),
                condition: Condition::Spo2Low,
                priority: Priority::Medium,
                state: AlarmState::Active,
                since: WallTime::from_millis(0),
                value: Some(value),
                worst: Some(worst),
                limit: Some(90),
                acknowledged: None,
                message: format!("SpO2 {value} < 90"),
            },
        }
    }

    fn show(alarm: &ActiveAlarm, replaces: Option<u32>) -> Call {
        Call::Show { alarm: alarm.clone(), replaces }
    }

    /// A board on which `alarm` hangs as number 7.
    fn board_with(alarm: &ActiveAlarm) -> Board {
        let mut board = Board::default();
        assert_eq!(board.calls(std::slice::from_ref(alarm)), [show(alarm, None)]);
        board.was_shown(alarm.alarm.id, 7);
        board
    }

    #[test]
    fn an_alarm_is_shown_once_however_many_readings_follow() {
        let mut board = board_with(&alarm(1, 85, 85));
        for value in [85, 86, 87, 86, 85] {
            assert_eq!(board.calls(&[alarm(1, value, 85)]), []);
        }
    }

    #[test]
    fn a_worse_value_is_shown_in_its_place() {
        let mut board = board_with(&alarm(1, 85, 85));
        let worse = alarm(1, 83, 83);
        assert_eq!(board.calls(std::slice::from_ref(&worse)), [show(&worse, Some(7))]);
    }

    #[test]
    fn a_risen_priority_an_acknowledgement_and_a_pause_are_shown_in_its_place() {
        let mut board = board_with(&alarm(1, 85, 85));
        let mut changed = alarm(1, 85, 85);
        changed.alarm.priority = Priority::High;
        assert_eq!(board.calls(std::slice::from_ref(&changed)), [show(&changed, Some(7))]);
        changed.alarm.acknowledged = Some(Acknowledgement { by: "Anna".into(), time: WallTime::from_millis(1) });
        assert_eq!(board.calls(std::slice::from_ref(&changed)), [show(&changed, Some(7))]);
        changed.audio_paused = true;
        assert_eq!(board.calls(std::slice::from_ref(&changed)), [show(&changed, Some(7))]);
        assert_eq!(board.calls(std::slice::from_ref(&changed)), []);
    }

    #[test]
    fn a_cleared_alarm_is_taken_down_be_it_listed_or_gone() {
        let mut cleared = alarm(1, 95, 85);
        cleared.alarm.state = AlarmState::Cleared;
        assert_eq!(board_with(&alarm(1, 85, 85)).calls(&[cleared]), [Call::Close(7)]);
        assert_eq!(board_with(&alarm(1, 85, 85)).calls(&[]), [Call::Close(7)]);
    }

    #[test]
    fn a_notification_that_a_person_closed_stays_closed_until_its_alarm_gets_worse() {
        let mut board = board_with(&alarm(1, 85, 85));
        board.was_closed(7);
        assert_eq!(board.calls(&[alarm(1, 85, 85)]), []);
        let worse = alarm(1, 83, 83);
        assert_eq!(board.calls(std::slice::from_ref(&worse)), [show(&worse, None)]);
    }

    #[test]
    fn a_notification_that_a_person_closed_needs_no_closing_when_its_alarm_ends() {
        let mut board = board_with(&alarm(1, 85, 85));
        board.was_closed(7);
        assert_eq!(board.calls(&[]), []);
    }

    #[test]
    fn a_refused_notification_is_tried_again() {
        let alarm = alarm(1, 85, 85);
        let mut board = Board::default();
        assert_eq!(board.calls(std::slice::from_ref(&alarm)), [show(&alarm, None)]);
        board.was_refused(alarm.alarm.id);
        assert_eq!(board.calls(std::slice::from_ref(&alarm)), [show(&alarm, None)]);
    }

    #[test]
    fn the_old_notification_is_still_ours_when_its_update_was_refused() {
        let mut board = board_with(&alarm(1, 85, 85));
        assert_eq!(board.calls(&[alarm(1, 83, 83)]).len(), 1);
        board.was_refused(AlarmId(1));
        assert_eq!(board.calls(&[]), [Call::Close(7)]);
    }

    #[test]
    fn two_instances_of_one_condition_are_two_notifications() {
        let mut board = board_with(&alarm(1, 85, 85));
        let second = alarm(2, 85, 85);
        assert_eq!(board.calls(std::slice::from_ref(&second)), [Call::Close(7), show(&second, None)]);
    }
}
