//! Alarms that nobody answered: from then on they are everybody's, whatever beds a client chose.

use std::collections::HashSet;
use vitals::{AlarmId, AlarmState, BedView, Body, Recorded};

/// The alarms for which others are called, until each ends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(HashSet<AlarmId>);

/// Whether the bed's alarms have waited for an answer for longer than the site allows.
pub(super) fn calls_others(bed: &BedView) -> bool {
    bed.announcement.is_some_and(|told| told.step > 0)
}

impl Calls {
    /// Those that hold as `beds` stand.
    pub(super) fn standing<'a>(beds: impl IntoIterator<Item = &'a BedView>) -> Self {
        let calling = beds.into_iter().filter(|bed| calls_others(bed));
        Self(calling.flat_map(|bed| &bed.alarms).map(|alarm| alarm.id).collect())
    }

    /// Takes note of the next line; whether it goes to everybody. `calling`: its bed calls others.
    pub(crate) fn note(&mut self, line: &Recorded, calling: bool) -> bool {
        match &line.body {
            Body::Reading(_) => false,
            Body::Event(event) => {
                let escalated = event.kind == "escalated";
                if escalated && let Some(alarms) = event.detail["alarms"].as_array() {
                    self.0.extend(alarms.iter().filter_map(|alarm| AlarmId::parse(alarm.as_str()?)));
                }
                escalated
            }
            // Whoever was told of it is told its end too.
            Body::Alarm(alarm) if alarm.state == AlarmState::Cleared => self.0.remove(&alarm.id) || calling,
            Body::Alarm(alarm) => {
                if calling {
                    self.0.insert(alarm.id);
                }
                self.0.contains(&alarm.id)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use vitals::{AlarmChange, BedId, Condition, Event, Priority, Seq, WallTime};

    fn line(body: Body) -> Recorded {
        Recorded { seq: Seq(1), bed: Some(BedId::new("1").unwrap()), body }
    }

    fn alarm(id: u64, state: AlarmState) -> Recorded {
        let time = WallTime::from_millis(0);
        line(Body::Alarm(AlarmChange {
            time,
            id: AlarmId(id),
            condition: Condition::Spo2Low,
            priority: Priority::Medium,
            state,
            since: time,
            value: Some(86),
            worst: Some(85),
            limit: Some(90),
            acknowledged: None,
            message: "SpO2 85 < 90".into(),
        }))
    }

    fn event(kind: &str, alarms: serde_json::Value) -> Recorded {
        let detail = json!({ "alarms": alarms, "step": 1, "priority": "high" });
        line(Body::Event(Event { time: WallTime::from_millis(0), kind: kind.into(), by: None, detail }))
    }

    #[test]
    fn an_alarm_that_nobody_answered_is_everybodys_from_the_call_to_its_end_and_no_other_is() {
        let mut calls = Calls::default();
        assert!(!calls.note(&alarm(17, AlarmState::Active), false));
        assert!(!calls.note(&event("acknowledged", json!(["a-17"])), false));
        assert!(calls.note(&event("escalated", json!(["a-17"])), false));
        assert!(calls.note(&alarm(17, AlarmState::Active), false), "who answers is told to all, and all after it");
        assert!(!calls.note(&alarm(18, AlarmState::Active), false));
        assert!(calls.note(&alarm(17, AlarmState::Cleared), false));
        assert!(!calls.note(&alarm(17, AlarmState::Active), false), "it has ended");
    }

    #[test]
    fn what_alarms_at_a_bed_that_calls_others_is_everybodys_and_so_is_its_end() {
        let mut calls = Calls::default();
        assert!(calls.note(&alarm(18, AlarmState::Active), true));
        assert!(calls.note(&alarm(18, AlarmState::Cleared), false));
    }

    #[test]
    fn an_event_whose_detail_nobody_understands_goes_to_all_and_harms_nothing() {
        let mut calls = Calls::default();
        for alarms in [json!(null), json!("a-17"), json!([17, "x", null])] {
            assert!(calls.note(&event("escalated", alarms), false));
        }
        assert!(calls.0.is_empty());
    }
}
