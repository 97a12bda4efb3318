//! What staff may ask of a bed, and what they are answered.

use oximeter::Protocol;
use oximeter::errand::Slot;
use serde_json::Value;
use std::time::Duration;
use vitals::{AlarmId, LimitsChange, Off, Patient};

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
    /// Takes an acknowledgement back.
    Withdraw(AlarmId),
    /// Turns the bed's sound or alarms off, without an end; where the site allows it.
    TurnOff(Off),
    /// Turns on what is off.
    TurnOn,
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
