//! What staff may ask of a bed, and what they are answered.

use oximeter::Protocol;
use oximeter::errand::Slot;
use serde_json::Value;
use std::time::Duration;
use vitals::{AlarmId, Limits, Patient};

/// A command to a bed.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Answers with data; changes nothing.
    Request(Request),
    /// Closes and reopens the sensor's port.
    Reset,
    /// Takes an alarm in hand, or all active ones.
    Acknowledge(Option<AlarmId>),
    /// Pauses the bed's sound, 30 to 120 s.
    PauseAudio(Duration),
    /// Ends the pause.
    ResumeAudio,
    /// Changes limits; those left out stay.
    SetLimits(LimitsChange),
    /// A patient comes.
    Admit(Patient),
    /// The patient leaves: limits go back to the ward preset.
    Discharge,
    /// The sensor that answers is the bed's, though another one was there before.
    ConfirmSensor,
    /// Fetches the recordings stored in the sensor: these, or all.
    Download(Option<Vec<Slot>>),
    /// Stops fetching them; what has come whole is kept.
    StopDownload,
    /// Sets the sensor's clock to the station's local time.
    SetClock,
    /// Chooses the format in which the sensor sends.
    SetFormat(Protocol),
    /// Keeps what goes over the sensor's line in a file.
    StartCapture,
    /// Ends that.
    StopCapture,
}

/// What data is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// The newest reading, with its age.
    Reading,
    /// What is known of the sensor.
    Device,
    /// The newest seconds of the wave.
    Wave(Duration),
    /// What the sensor has stored.
    Recordings,
}

/// New limits; `None` leaves the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LimitsChange {
    /// See [`Limits::spo2_low`].
    pub spo2_low: Option<u8>,
    /// See [`Limits::spo2_desat`].
    pub spo2_desat: Option<u8>,
    /// See [`Limits::spo2_high`]; `Some(None)` turns it off.
    pub spo2_high: Option<Option<u8>>,
    /// See [`Limits::pulse_low`].
    pub pulse_low: Option<u16>,
    /// See [`Limits::pulse_high`].
    pub pulse_high: Option<u16>,
    /// See [`Limits::delay_s`].
    pub delay_s: Option<u8>,
    /// See [`Limits::area_delay`]; `Some(None)` turns it off.
    pub area_delay: Option<Option<u8>>,
}

impl LimitsChange {
    /// `limits` with the change made; not yet checked.
    #[must_use]
    pub fn apply(self, limits: Limits) -> Limits {
        Limits {
            spo2_low: self.spo2_low.unwrap_or(limits.spo2_low),
            spo2_desat: self.spo2_desat.unwrap_or(limits.spo2_desat),
            spo2_high: self.spo2_high.unwrap_or(limits.spo2_high),
            pulse_low: self.pulse_low.unwrap_or(limits.pulse_low),
            pulse_high: self.pulse_high.unwrap_or(limits.pulse_high),
            delay_s: self.delay_s.unwrap_or(limits.delay_s),
            area_delay: self.area_delay.unwrap_or(limits.area_delay),
        }
    }
}

/// An answer to a command. A command that takes long is answered `Accepted` first.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is being done; a second answer follows.
    Accepted,
    /// It is done, with this result.
    Done(Value),
    /// It is not done.
    Refused(Refusal),
}

/// Why a command is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// A stable word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
