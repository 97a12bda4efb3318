//! What may be asked of a sensor beside live data, and what comes of it.
//!
//! One errand at a time: [`crate::Session::begin`] takes it on or says why not, [`crate::Session::progress`] tells how
//! far it is, [`crate::Session::take_outcome`] what came of it, once. While stored data are sent there are no live data:
//! no sensor here can do both, and what arrives then is never taken for a live sample. However an errand ends, live data
//! are called for again.

use crate::Protocol;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use calendar::DeviceTime;

mod calendar;
pub(crate) mod transfer;

/// Where a recording stands in the sensor. A sensor that has only one keeps it at user 0, segment 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Slot {
    /// The user, from 0.
    pub user: u8,
    /// The recording among those of the user.
    pub segment: u8,
}

/// As people and programs write it: `0/1`.
impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.user, self.segment)
    }
}

/// Something to be asked of a sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Errand {
    /// Who it is, beyond what the start-up asks: serial number, users, clock.
    Details,
    /// What recordings it holds.
    Recordings,
    /// One recording, all of it.
    Download(Slot),
    /// Set its clock.
    SetClock(DeviceTime),
    /// Choose the format in which it sends live data. It keeps the choice when it is switched off; the session goes on
    /// in the old one, so begin a new one when this is done.
    SetFormat(Protocol),
}

/// When a recording began, by the sensor's own clock, which may be wrong or have been so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Start {
    /// Date and time.
    At(DeviceTime),
    /// A time of day, of a sensor that keeps no date.
    TimeOfDay {
        /// 0 to 23.
        hour: u8,
        /// 0 to 59.
        minute: u8,
    },
}

/// As ISO 8601 has it, without a zone, for the sensor knows none: `2014-08-18T02:38:18` or `22:41`.
impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(time) => time.fmt(f),
            Self::TimeOfDay { hour, minute } => write!(f, "{hour:02}:{minute:02}"),
        }
    }
}

/// A recording in the sensor, as it is listed. What the sensor does not tell is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Stored {
    /// Where it is.
    pub slot: Slot,
    /// Its length in seconds, which is also its number of values.
    pub seconds: Option<u32>,
    /// When it began; `None` for a sensor without a clock.
    pub start: Option<Start>,
    /// Whether it holds a perfusion index.
    pub perfusion_index: Option<bool>,
}

/// One second of a recording. Out of range, or what the format sends for "none", is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Second {
    /// Oxygen saturation, %, 1 to 100.
    pub spo2: Option<u8>,
    /// Pulse rate, beats per minute.
    pub pulse_rate: Option<u16>,
    /// Perfusion index, hundredths of a %.
    pub perfusion_index: Option<u16>,
}

/// A recording that was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recording {
    /// What it is.
    pub stored: Stored,
    /// The value of each second, from the start on. One that the sensor has none of, or that was lost on the way, is
    /// empty and stays in its place: no later second moves.
    pub seconds: Vec<Second>,
    /// How many of them were lost on the way: the sensor has a value that is not known here.
    pub lost: u32,
    /// Every value came the same in two transfers. No format here has a checksum for stored data, so what came once
    /// only may have been changed on the line without a trace.
    pub confirmed: bool,
}

/// Who the sensor is. What it did not tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Details {
    /// The model.
    pub model: Option<String>,
    /// The serial number.
    pub serial_number: Option<String>,
    /// The names of its users, in order.
    pub users: Vec<String>,
    /// What its clock showed when it was asked.
    pub clock: Option<DeviceTime>,
    /// Whether it holds recordings.
    pub holds_recordings: Option<bool>,
}

/// What came of an errand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Who the sensor is.
    Details(Details),
    /// What it holds; empty if it holds nothing.
    Recordings(Vec<Stored>),
    /// A recording.
    Recording(Recording),
    /// The sensor says that its clock is set, or, where the format has no answer to it, its clock showed the new time.
    ClockSet,
    /// The sensor says that it will send this format.
    FormatSet(Protocol),
}

/// How far an errand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Progress {
    /// Seconds of the recording that have come. Each is fetched twice where the sensor can, and counts half the first
    /// time.
    pub seconds: u32,
    /// Seconds that will come, once the sensor told.
    pub of_seconds: Option<u32>,
}

/// Why an errand was not taken on. The message is for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotPossible {
    /// This kind of sensor cannot; why, in words.
    Unsupported(&'static str),
    /// Another errand is under way, or its outcome was not taken yet.
    Busy,
    /// The session has not begun, or has ended.
    NotStarted,
}

impl fmt::Display for NotPossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsupported(why) => why,
            Self::Busy => "The sensor is busy with something else that it was asked; wait until that is done.",
            Self::NotStarted => "Nobody talks to the sensor at this moment; try again when it is live.",
        })
    }
}

impl core::error::Error for NotPossible {}

/// Why an errand failed. The message is for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Failure {
    /// The sensor did not answer; to what, in words.
    NoAnswer {
        /// What it was asked.
        to: &'static str,
    },
    /// The sensor refused.
    Refused {
        /// What it was asked.
        what: &'static str,
        /// Why.
        reason: Reason,
    },
    /// The answers to the same question differ, or make no sense: the line is damaged.
    Unclear {
        /// What it was asked.
        to: &'static str,
    },
    /// The sensor holds no such recording, or it is empty.
    NoSuchRecording(Slot),
    /// Part of the recording was lost on the way, and nothing tells which.
    Damaged,
    /// The sensor ended the conversation.
    Ended(Reason),
    /// It was abandoned.
    Abandoned,
    /// The session was begun anew or stopped.
    Interrupted,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer { to } => write!(f, "The sensor did not answer when asked {to}; try again."),
            Self::Refused { what, reason } => write!(f, "The sensor refused when asked {what}: {reason}."),
            Self::Unclear { to } => {
                write!(f, "The sensor's answers make no sense when asked {to}; check the cable and try again.")
            }
            Self::NoSuchRecording(slot) => write!(f, "The sensor holds no recording {slot}, or it is empty."),
            Self::Damaged => f.write_str(
                "Part of the recording was lost on the way, and nothing tells which; check the cable and try again.",
            ),
            Self::Ended(reason) => write!(f, "The sensor ended the conversation: {reason}."),
            Self::Abandoned => f.write_str("It was stopped."),
            Self::Interrupted => f.write_str("The connection to the sensor was begun anew; try again."),
        }
    }
}

impl core::error::Error for Failure {}

/// Why a sensor refuses; the codes of Contec's document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It is being switched off.
    ShuttingDown,
    /// Another user was chosen on it.
    UserChanged,
    /// It is recording.
    Recording,
    /// The recording could not be deleted.
    DeleteFailed,
    /// It cannot.
    NotSupported,
    /// It did not say.
    Unknown,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ShuttingDown => "it is being switched off",
            Self::UserChanged => "another user was chosen on it",
            Self::Recording => "it is recording at this moment",
            Self::DeleteFailed => "the recording could not be deleted",
            Self::NotSupported => "this model cannot do that",
            Self::Unknown => "it gave no reason",
        })
    }
}

/// How the errand of a session stands.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// While one is under way.
    pub(crate) progress: Option<Progress>,
    /// From its end until it is taken.
    pub(crate) outcome: Option<Result<Outcome, Failure>>,
}

impl Standing {
    pub(crate) fn end(&mut self, outcome: Result<Outcome, Failure>) {
        if self.progress.take().is_some() {
            self.outcome = Some(outcome);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
