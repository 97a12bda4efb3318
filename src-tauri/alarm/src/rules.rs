//! What a site decides once, and staff cannot change at the bedside.

use crate::{Escalation, OffRules, RapidFall};
use core::time::Duration;
use serde::{Deserialize, Serialize};
use vitals::{Condition, Priority};

/// The locked settings of a site. [`Rules::default`] is the documented starting point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// How urgent each condition is.
    pub priorities: Priorities,
    /// When technical conditions start and end.
    pub technical: TechnicalRules,
    /// When physiological conditions end.
    pub clearing: ClearingRules,
    /// Whether a pause of the sound also covers what starts, or grows more urgent, while it runs.
    ///
    /// Off by default: a pause is somebody's answer to what they hear now, and cannot answer what has not happened yet.
    pub pause_covers_new: bool,
    /// A fall of SpO₂ so fast that `spo2_low` does not wait for its delay. `None`, the default: there is none.
    pub rapid_fall: Option<RapidFall>,
    /// Whether a high alarm that ends without an acknowledgement stays to be seen until it has one. Its sound does not.
    ///
    /// A setting of the site and not of each person: who can choose it at the bedside is a hazard, says the rationale of
    /// IEC 60601-1-8. Off by default.
    pub latch_high: bool,
    /// How an alarm that nobody answers is announced ever more urgently. `None`, the default: it repeats as it is.
    pub escalation: Option<Escalation>,
    /// Whether sound or alarms may be turned off without an end. Not by default.
    pub off: OffRules,
}

/// How urgent each condition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are the words of the contract, explained at vitals::Condition")]
pub struct Priorities {
    pub spo2_desat: Priority,
    pub spo2_low: Priority,
    pub spo2_high: Priority,
    pub pulse_low: Priority,
    pub pulse_high: Priority,
    pub no_finger: Priority,
    pub no_signal: Priority,
    pub weak_signal: Priority,
    pub sensor_disconnected: Priority,
    pub low_battery: Priority,
    pub storage_failed: Priority,
    pub sound_failed: Priority,
    pub client_lost: Priority,
    pub clock_jumped: Priority,
}

/// When technical conditions start and end.
///
/// The contract gives five seconds from the cause to the alarm and from its end to the clearing; the defaults leave a
/// second of it to the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TechnicalRules {
    /// How old the newest sample may be before its numbers count as no numbers, whatever the last input said.
    /// Nothing is integrated past it.
    pub current_for: Duration,
    /// Without any sample, or with an open port and nothing understood, for this long: `no_signal`.
    pub no_signal_after: Duration,
    /// The probe reports no finger for this long: `no_finger`. Shorter is a probe being put right.
    pub no_finger_after: Duration,
    /// Samples come but give no number for this long: `no_signal`.
    ///
    /// An oximeter that was just put on a finger needs 5 to 10 s to find the pulse; a shorter time would sound at
    /// every application.
    pub searching_for: Duration,
    /// The same when a value was beyond its limit as the numbers stopped: that patient cannot wait.
    pub searching_when_beyond: Duration,
    /// The sensor reports a weak signal for this long: `weak_signal`.
    pub weak_signal_after: Duration,
    /// The sensor reports a low battery for this long: `low_battery`. One damaged packet is not a battery.
    pub low_battery_after: Duration,
    /// How long the cause must be gone before the alarm clears, so that a loose contact is one alarm and not twenty.
    pub gone_for: Duration,
}

/// When physiological conditions end: at once when the value is back by a margin, or after a while within the limit.
///
/// Without either, a value that hangs about its limit would start a new alarm, and void the acknowledgement, each time
/// it crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClearingRules {
    /// Points of SpO₂ from the limit at which the alarm clears at once.
    pub spo2_margin: u16,
    /// Beats per minute from the limit at which the alarm clears at once.
    pub pulse_margin: u16,
    /// How long within the limit, though not by the margin, clears it too.
    pub within_for: Duration,
}

impl Default for Priorities {
    /// By outcome and haste: IEC 60601-1-8 ranks a condition by how bad the outcome is if nobody responds, and how
    /// soon it comes.
    fn default() -> Self {
        Self {
            spo2_desat: Priority::High,
            spo2_low: Priority::Medium,
            spo2_high: Priority::Medium,
            pulse_low: Priority::Medium,
            pulse_high: Priority::Medium,
            // A probe that slipped off leaves the patient as unwatched as a pulled plug does: the same priority.
            no_finger: Priority::Medium,
            no_signal: Priority::Medium,
            weak_signal: Priority::Low,
            sensor_disconnected: Priority::Medium,
            low_battery: Priority::Low,
            storage_failed: Priority::Medium,
            sound_failed: Priority::Medium,
            client_lost: Priority::Medium,
            clock_jumped: Priority::Low,
        }
    }
}

impl Default for TechnicalRules {
    fn default() -> Self {
        Self {
            current_for: Duration::from_secs(3),
            no_signal_after: Duration::from_secs(4),
            no_finger_after: Duration::from_secs(3),
            searching_for: Duration::from_secs(15),
            searching_when_beyond: Duration::from_secs(4),
            weak_signal_after: Duration::from_secs(4),
            low_battery_after: Duration::from_secs(2),
            gone_for: Duration::from_secs(2),
        }
    }
}

impl Default for ClearingRules {
    fn default() -> Self {
        Self { spo2_margin: 1, pulse_margin: 2, within_for: Duration::from_secs(5) }
    }
}

impl Rules {
    /// How urgent `condition` is at this site.
    #[must_use]
    pub const fn priority(&self, condition: Condition) -> Priority {
        let of = &self.priorities;
        match condition {
            Condition::Spo2Desat => of.spo2_desat,
            Condition::Spo2Low => of.spo2_low,
            Condition::Spo2High => of.spo2_high,
            Condition::PulseLow => of.pulse_low,
            Condition::PulseHigh => of.pulse_high,
            Condition::NoFinger => of.no_finger,
            Condition::NoSignal => of.no_signal,
            Condition::WeakSignal => of.weak_signal,
            Condition::SensorDisconnected => of.sensor_disconnected,
            Condition::LowBattery => of.low_battery,
            Condition::StorageFailed => of.storage_failed,
            Condition::SoundFailed => of.sound_failed,
            Condition::ClientLost => of.client_lost,
            Condition::ClockJumped => of.clock_jumped,
        }
    }
}
