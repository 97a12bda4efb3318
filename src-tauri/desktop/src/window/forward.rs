//! When the window comes forward by itself, where the site wants it.

use std::collections::BTreeSet;
use vitals::{AlarmChange, AlarmId, Priority};

/// The alarms for which the window came forward. Each calls once: whoever then puts another program in front has seen
/// it, and a window that keeps coming back is in the way of whatever is done about the alarm.
#[derive(Debug, Default)]
pub struct Calls {
    called: BTreeSet<AlarmId>,
}

impl Calls {
    /// Whether the window is to come forward, now that these alarms are active: one of them is HIGH, is acknowledged by
    /// nobody, and has not called before.
    pub fn come_forward<'a>(&mut self, active: impl IntoIterator<Item = &'a AlarmChange>) -> bool {
        let (mut still, mut calls) = (BTreeSet::new(), false);
        for alarm in active {
            let called = self.called.contains(&alarm.id);
            let is_call = alarm.priority == Priority::High && alarm.acknowledged.is_none();
            calls |= is_call && !called;
            if called || is_call {
                still.insert(alarm.id);
            }
        }
        // What has ended is forgotten: ids are never used again.
        self.called = still;
        calls
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::{Acknowledgement, AlarmState, Condition, WallTime};

    fn alarm(id: u64, priority: Priority) -> AlarmChange {
        AlarmChange {
            time: WallTime::from_millis(0),
            id: AlarmId(id),
            condition: Condition::Spo2Desat,
            priority,
            state: AlarmState::Active,
            since: WallTime::from_millis(0),
            value: Some(75),
            worst: Some(75),
            limit: Some(80),
            acknowledged: None,
            message: "SpO2 75 < 80".into(),
        }
    }

    fn acknowledged(mut alarm: AlarmChange) -> AlarmChange {
        alarm.acknowledged = Some(Acknowledgement { by: "Anna".into(), time: WallTime::from_millis(0) });
        alarm
    }

    #[test]
    fn a_new_high_alarm_calls_once() {
        let mut calls = Calls::default();
        let high = alarm(1, Priority::High);
        assert!(calls.come_forward([&high]));
        assert!(!calls.come_forward([&high]));
        assert!(!calls.come_forward([&high, &alarm(2, Priority::Medium), &alarm(3, Priority::Low)]));
        assert!(calls.come_forward([&high, &alarm(4, Priority::High)]), "another one calls for itself");
    }

    #[test]
    fn an_acknowledged_alarm_does_not_call_and_does_not_call_again_when_that_is_taken_back() {
        let mut calls = Calls::default();
        assert!(!calls.come_forward([&acknowledged(alarm(1, Priority::High))]));
        assert!(calls.come_forward([&alarm(1, Priority::High)]), "it never called before");
        assert!(!calls.come_forward([&acknowledged(alarm(1, Priority::High))]));
        assert!(!calls.come_forward([&alarm(1, Priority::High)]));
    }

    #[test]
    fn an_alarm_that_rises_to_high_calls_then_and_not_again_after_it_fell() {
        let mut calls = Calls::default();
        assert!(!calls.come_forward([&alarm(1, Priority::Medium)]));
        assert!(calls.come_forward([&alarm(1, Priority::High)]));
        assert!(!calls.come_forward([&alarm(1, Priority::Medium)]));
        assert!(!calls.come_forward([&alarm(1, Priority::High)]));
    }
}
