//! What a notification says.

use super::ActiveAlarm;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use vitals::{Measure, Priority, WallTime};

/// A notification, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) title: String,
    pub(super) body: String,
    pub(super) priority: Priority,
}

/// How this station speaks: its name and its time zone.
#[derive(Debug)]
pub(super) struct Words {
    station: String,
    zone: TimeZone,
}

impl Words {
    pub(super) fn of_station(name: String) -> Self {
        Self { station: name, zone: TimeZone::system() }
    }

    /// Puts `active` into words. With `markup` the service reads the body as markup, and what is not meant as such
    /// must be escaped; it never reads the title so.
    pub(super) fn notice(&self, active: &ActiveAlarm, markup: bool) -> Notice {
        let alarm = &active.alarm;
        let place = if active.bed.is_some() { &active.bed_name } else { &self.station };
        let lines: Vec<String> = [
            self.numbers(active),
            Some(format!("{} priority, since {}", priority(alarm.priority), self.clock(alarm.since))),
            alarm
                .acknowledged
                .as_ref()
                .map(|acknowledged| format!("Acknowledged by {}, {}", acknowledged.by, self.clock(acknowledged.time))),
            active.audio_paused.then(|| "Audio paused".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect();
        let body = lines.join("\n");
        Notice {
            title: format!("{place}: {}", alarm.message),
            body: if markup { escape(&body) } else { body },
            priority: alarm.priority,
        }
    }

    fn numbers(&self, active: &ActiveAlarm) -> Option<String> {
        let alarm = &active.alarm;
        let (name, unit) = match alarm.condition.measure()? {
            Measure::Spo2 => ("SpO2", "%"),
            Measure::PulseRate => ("Pulse", "/min"),
        };
        let value = alarm.value.map_or_else(|| "---".to_owned(), |value| format!("{value} {unit}"));
        let rest = [("worst", alarm.worst), ("limit", alarm.limit)]
            .into_iter()
            .filter_map(|(word, number)| number.map(|number| format!(", {word} {number}")));
        Some(format!("{name} {value}{}", rest.collect::<String>()))
    }

    fn clock(&self, time: WallTime) -> String {
        Timestamp::from_millisecond(time.as_millis()).map_or_else(
            |_| "--:--:--".to_owned(),
            |time| time.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string(),
        )
    }
}

const fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "HIGH",
        Priority::Medium => "MEDIUM",
        Priority::Low => "LOW",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::{Acknowledgement, AlarmChange, AlarmId, AlarmState, BedId, Condition};

    fn words() -> Words {
        Words { station: "Ward 3".into(), zone: TimeZone::fixed(jiff::tz::offset(1)) }
    }

    fn low_spo2() -> ActiveAlarm {
        ActiveAlarm {
            bed: Some(BedId::new("3").unwrap()),
            bed_name: "Bed 3".into(),
            audio_paused: false,
            alarm: AlarmChange {
                time: WallTime::from_millis(1_793_180_001_500),
                id: AlarmId(17),
                condition: Condition::Spo2Low,
                priority: Priority::Medium,
                state: AlarmState::Active,
                since: WallTime::from_millis(1_793_180_001_500),
                value: Some(85),
                worst: Some(83),
                limit: Some(90),
                acknowledged: None,
                message: "SpO2 85 < 90".into(),
            },
        }
    }

    #[test]
    fn it_names_the_bed_the_value_the_worst_the_limit_and_since_when() {
        let notice = words().notice(&low_spo2(), false);
        assert_eq!(notice.title, "Bed 3: SpO2 85 < 90");
        assert_eq!(notice.body, "SpO2 85 %, worst 83, limit 90\nMEDIUM priority, since 10:33:21");
    }

    #[test]
    fn an_alarm_of_the_station_is_named_after_it_and_has_no_numbers() {
        let mut active = low_spo2();
        active.bed = None;
        active.bed_name = String::new();
        active.alarm.condition = Condition::StorageFailed;
        active.alarm.message = "The disk is full".into();
        let notice = words().notice(&active, false);
        assert_eq!(notice.title, "Ward 3: The disk is full");
        assert_eq!(notice.body, "MEDIUM priority, since 10:33:21");
    }

    #[test]
    fn a_missing_value_is_dashes() {
        let mut active = low_spo2();
        active.alarm.condition = Condition::PulseLow;
        active.alarm.value = None;
        active.alarm.limit = Some(50);
        active.alarm.worst = None;
        assert!(words().notice(&active, false).body.starts_with("Pulse ---, limit 50\n"));
    }

    #[test]
    fn it_says_who_acknowledged_and_that_audio_is_paused() {
        let mut active = low_spo2();
        active.alarm.acknowledged =
            Some(Acknowledgement { by: "Anna".into(), time: WallTime::from_millis(1_793_180_061_500) });
        active.audio_paused = true;
        let body = words().notice(&active, false).body;
        assert!(body.ends_with("\nAcknowledged by Anna, 10:34:21\nAudio paused"), "{body}");
    }

    #[test]
    fn names_cannot_be_taken_for_markup() {
        let mut active = low_spo2();
        active.alarm.acknowledged = Some(Acknowledgement { by: "<b>A & B</b>".into(), time: WallTime::from_millis(0) });
        assert!(words().notice(&active, true).body.contains("by &lt;b&gt;A &amp; B&lt;/b&gt;,"));
        assert!(words().notice(&active, false).body.contains("by <b>A & B</b>,"));
        assert_eq!(words().notice(&active, true).title, "Bed 3: SpO2 85 < 90", "a title is never markup");
    }
}
