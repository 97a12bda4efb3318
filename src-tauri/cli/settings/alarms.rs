//! The locked alarm rules of the site: whoever may write the settings file decides, and nobody at a bedside.

use alarm::{Escalation, OffRules, Priorities, RapidFall, Rules};
use serde::Deserialize;
use std::time::Duration;
use vitals::{Preset, Priority};

/// `[alarms]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Alarms {
    /// What the ward's preset is while no admin has set one.
    pub(crate) preset: Preset,
    /// `None`: there is none.
    pub(crate) rapid_fall: Option<Fall>,
    pub(crate) latch_high: bool,
    pub(crate) pause_covers_new: bool,
    /// `None`: an alarm that nobody answers repeats as it is.
    pub(crate) escalation: Option<Steps>,
    pub(crate) audio_off: bool,
    pub(crate) alarm_off: bool,
    /// s; 10 to 180.
    pub(crate) reminder_s: u16,
    pub(crate) priorities: Ranks,
}

/// A fall so fast that the delay is not waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fall {
    points: u8,
    seconds: u16,
}

/// How an alarm that nobody answers is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Steps {
    after_s: u16,
    #[serde(default = "two")]
    steps: u8,
}

const fn two() -> u8 {
    2
}

/// Priorities that are not the documented ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Ranks {
    spo2_desat: Option<Priority>,
    spo2_low: Option<Priority>,
    spo2_high: Option<Priority>,
    pulse_low: Option<Priority>,
    pulse_high: Option<Priority>,
    no_finger: Option<Priority>,
    no_signal: Option<Priority>,
    weak_signal: Option<Priority>,
    sensor_disconnected: Option<Priority>,
    low_battery: Option<Priority>,
    storage_failed: Option<Priority>,
    sound_failed: Option<Priority>,
    client_lost: Option<Priority>,
    clock_jumped: Option<Priority>,
}

impl Default for Alarms {
    fn default() -> Self {
        Self {
            preset: Preset::Adult,
            rapid_fall: None,
            latch_high: false,
            pause_covers_new: false,
            escalation: None,
            audio_off: false,
            alarm_off: false,
            reminder_s: 180,
            priorities: Ranks::default(),
        }
    }
}

impl Alarms {
    /// The rules, if they can be in force; else what is wrong, in words.
    pub(crate) fn rules(&self) -> Result<Rules, String> {
        let within = |key: &str, value: u16, low: u16, high: u16| {
            let wrong = || format!("`alarms.{key}` must be {low} to {high}; it was {value}.");
            (low..=high).contains(&value).then_some(()).ok_or_else(wrong)
        };
        if let Some(Fall { points, seconds }) = self.rapid_fall {
            within("rapid_fall.points", points.into(), 3, 30)?;
            within("rapid_fall.seconds", seconds, 5, 120)?;
        }
        if let Some(Steps { after_s, steps }) = self.escalation {
            within("escalation.after_s", after_s, 10, 600)?;
            within("escalation.steps", steps.into(), 1, 10)?;
        }
        within("reminder_s", self.reminder_s, 10, 180)?;
        let seconds = |seconds: u16| Duration::from_secs(seconds.into());
        Ok(Rules {
            priorities: self.priorities.of()?,
            pause_covers_new: self.pause_covers_new,
            rapid_fall: self
                .rapid_fall
                .map(|fall| RapidFall { points: fall.points.into(), within: seconds(fall.seconds) }),
            latch_high: self.latch_high,
            escalation: self.escalation.map(|rule| Escalation { after: seconds(rule.after_s), steps: rule.steps }),
            off: OffRules { audio: self.audio_off, alarms: self.alarm_off, reminder_every: seconds(self.reminder_s) },
            ..Rules::default()
        })
    }
}

impl Ranks {
    fn of(self) -> Result<Priorities, String> {
        // Death or lasting harm at once is high by its meaning, whatever a site would like.
        if self.spo2_desat.is_some_and(|priority| priority != Priority::High) {
            return Err("`alarms.priorities.spo2_desat` is always \"high\"; leave it out.".into());
        }
        let all = Priorities::default();
        Ok(Priorities {
            spo2_desat: all.spo2_desat,
            spo2_low: self.spo2_low.unwrap_or(all.spo2_low),
            spo2_high: self.spo2_high.unwrap_or(all.spo2_high),
            pulse_low: self.pulse_low.unwrap_or(all.pulse_low),
            pulse_high: self.pulse_high.unwrap_or(all.pulse_high),
            no_finger: self.no_finger.unwrap_or(all.no_finger),
            no_signal: self.no_signal.unwrap_or(all.no_signal),
            weak_signal: self.weak_signal.unwrap_or(all.weak_signal),
            sensor_disconnected: self.sensor_disconnected.unwrap_or(all.sensor_disconnected),
            low_battery: self.low_battery.unwrap_or(all.low_battery),
            storage_failed: self.storage_failed.unwrap_or(all.storage_failed),
            sound_failed: self.sound_failed.unwrap_or(all.sound_failed),
            client_lost: self.client_lost.unwrap_or(all.client_lost),
            clock_jumped: self.clock_jumped.unwrap_or(all.clock_jumped),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Result<Rules, String> {
        toml::from_str::<Alarms>(text).map_err(|error| error.to_string())?.rules()
    }

    #[test]
    fn a_site_that_decides_nothing_has_the_documented_rules() {
        assert_eq!(rules(""), Ok(Rules::default()));
    }

    #[test]
    fn what_a_site_decides_is_in_force() {
        let text = "latch_high = true\naudio_off = true\nreminder_s = 60\nescalation = { after_s = 90 }\n\
                    rapid_fall = { points = 10, seconds = 30 }\n[priorities]\nspo2_low = \"high\"";
        let rules = rules(text).unwrap();
        assert!(rules.latch_high && rules.off.audio && !rules.off.alarms);
        assert_eq!(rules.off.reminder_every, Duration::from_secs(60));
        assert_eq!(rules.escalation, Some(Escalation { after: Duration::from_secs(90), steps: 2 }));
        assert_eq!(rules.rapid_fall, Some(RapidFall { points: 10, within: Duration::from_secs(30) }));
        assert_eq!((rules.priorities.spo2_low, rules.priorities.pulse_low), (Priority::High, Priority::Medium));
    }

    #[test]
    fn a_rule_that_would_take_the_sense_out_of_alarms_is_refused_by_name() {
        for (text, named) in [
            ("[priorities]\nspo2_desat = \"low\"", "spo2_desat"),
            ("reminder_s = 600", "reminder_s"),
            ("escalation = { after_s = 0 }", "after_s"),
            ("escalation = { after_s = 60, steps = 0 }", "steps"),
            ("rapid_fall = { points = 1, seconds = 30 }", "points"),
            ("volume = 3", "volume"),
            ("[priorities]\nspo2 = \"low\"", "spo2"),
        ] {
            let message = rules(text).unwrap_err();
            assert!(message.contains(named), "{message}");
        }
    }
}
