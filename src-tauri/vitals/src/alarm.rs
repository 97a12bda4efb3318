//! The words of alarms. The rules are the `alarm` crate's.

use crate::WallTime;
use serde::{Deserialize, Serialize, Serializer};

/// Names one instance of one condition at one bed, from its start to its end; written `a-17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlarmId(pub u64);

impl AlarmId {
    /// Reads the written form; `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("a-")?;
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse().ok().map(Self))
            .flatten()
    }
}

impl core::fmt::Display for AlarmId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "a-{}", self.0)
    }
}

impl Serialize for AlarmId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How bad it is if nobody responds, and how soon (`docs/guide/alarms.md`). Ordered: `Low < Medium < High`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Plan it for later.
    Low,
    /// Change your plan now.
    Medium,
    /// Stop what you do.
    High,
}

impl Priority {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The priority that a word of the contract names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|priority| priority.as_str() == word)
    }
}

/// What is measured where a physiological condition looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Oxygen saturation, %.
    Spo2,
    /// Pulse rate, beats per minute.
    PulseRate,
}

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// SpO₂ far below its limit: the second tier, without delay.
    Spo2Desat,
    /// SpO₂ below its limit for longer than the delay.
    Spo2Low,
    /// SpO₂ above its upper limit.
    Spo2High,
    /// Pulse rate below its limit.
    PulseLow,
    /// Pulse rate above its limit.
    PulseHigh,
    /// The probe is not on a finger.
    NoFinger,
    /// The port is open and nothing comes, or nothing that can be understood.
    NoSignal,
    /// The sensor reports a weak signal.
    WeakSignal,
    /// The sensor is not plugged in, or its port cannot be opened.
    SensorDisconnected,
    /// The sensor's battery is low.
    LowBattery,
    /// The record cannot be written, or not in time.
    StorageFailed,
    /// No sound can be made here.
    SoundFailed,
    /// A screen that was armed for sound is gone.
    ClientLost,
    /// The clock of this computer was moved.
    ClockJumped,
}

impl Condition {
    /// Every condition.
    pub const ALL: [Self; 14] = [
        Self::Spo2Desat,
        Self::Spo2Low,
        Self::Spo2High,
        Self::PulseLow,
        Self::PulseHigh,
        Self::NoFinger,
        Self::NoSignal,
        Self::WeakSignal,
        Self::SensorDisconnected,
        Self::LowBattery,
        Self::StorageFailed,
        Self::SoundFailed,
        Self::ClientLost,
        Self::ClockJumped,
    ];

    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spo2Desat => "spo2_desat",
            Self::Spo2Low => "spo2_low",
            Self::Spo2High => "spo2_high",
            Self::PulseLow => "pulse_low",
            Self::PulseHigh => "pulse_high",
            Self::NoFinger => "no_finger",
            Self::NoSignal => "no_signal",
            Self::WeakSignal => "weak_signal",
            Self::SensorDisconnected => "sensor_disconnected",
            Self::LowBattery => "low_battery",
            Self::StorageFailed => "storage_failed",
            Self::SoundFailed => "sound_failed",
            Self::ClientLost => "client_lost",
            Self::ClockJumped => "clock_jumped",
        }
    }

    /// The condition that a word of the contract names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.as_str() == word)
    }

    /// What it measures: `Some` for a physiological condition, `None` for a technical one.
    #[inline]
    #[must_use]
    pub const fn measure(self) -> Option<Measure> {
        match self {
            Self::Spo2Desat | Self::Spo2Low | Self::Spo2High => Some(Measure::Spo2),
            Self::PulseLow | Self::PulseHigh => Some(Measure::PulseRate),
            _ => None,
        }
    }
}

/// Whether the condition of an alarm still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmState {
    /// It holds.
    Active,
    /// It has ended.
    Cleared,
}

/// Who took an alarm in hand, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The name of the token.
    pub by: String,
    /// When.
    pub time: WallTime,
}

/// An alarm as it stands after it started, changed or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlarmChange {
    /// When it changed.
    pub time: WallTime,
    /// The instance.
    pub id: AlarmId,
    /// What it is about.
    pub condition: Condition,
    /// How urgent; rises while the alarm is active, never falls.
    pub priority: Priority,
    /// Whether it still holds.
    pub state: AlarmState,
    /// When it started.
    pub since: WallTime,
    /// The newest value, in the unit of the condition's measure; `None` for a technical condition or without a value.
    pub value: Option<u16>,
    /// The worst value since its delay began to run.
    pub worst: Option<u16>,
    /// The limit that the value crossed.
    pub limit: Option<u16>,
    /// Who acknowledged it.
    pub acknowledged: Option<Acknowledgement>,
    /// What a person is told, such as `SpO2 85 < 90`.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_is_read_back_from_its_word() {
        for condition in Condition::ALL {
            assert_eq!(Condition::parse(condition.as_str()), Some(condition));
            assert_eq!(serde_json::to_string(&condition).unwrap(), format!("\"{}\"", condition.as_str()));
        }
    }

    #[test]
    fn only_a_written_id_is_read_as_one() {
        assert_eq!(AlarmId::parse(&AlarmId(17).to_string()), Some(AlarmId(17)));
        for wrong in ["", "17", "a-", "a-x", "a-+1", "A-1", "a-99999999999999999999999"] {
            assert_eq!(AlarmId::parse(wrong), None, "{wrong}");
        }
    }
}
