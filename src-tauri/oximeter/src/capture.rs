//! What went over the line to a sensor, kept with its times: a text that people can read, mail and compare.
//!
//! ```
//! use oximeter::capture::{Capture, Event};
//!
//! let capture: Capture = "\
//! oxiward-capture 1
//! protocol: cms50
//!
//! 0.000000 open 19200 8O1
//! 0.000250 > f6 f6 f6
//! 0.018400 < 85 40 07 48 61
//! ".parse()?;
//! assert_eq!(capture.entries[2].event, Event::Received(vec![0x85, 0x40, 0x07, 0x48, 0x61]));
//! assert_eq!(capture.to_string().parse::<Capture>()?, capture);
//! # Ok::<(), oximeter::capture::CaptureError>(())
//! ```
//!
//! `docs/ref/capture-file.md` of the project describes the format for whoever reads or writes one by hand.

use crate::{Line, Protocol};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

mod decode;
mod read;
mod recognise;
mod replay;
mod write;

pub use decode::Decoder;
pub use read::{CaptureError, CaptureProblem, Reader};
pub use recognise::Recognition;
pub use replay::Replay;

/// The first word of a capture, by which it is told from other files.
pub const FIRST_WORD: &str = "oxiward-capture";

/// The version of the format that is written here, and the only one that is read.
pub const VERSION: u32 = 1;

/// The latest time of an entry: a thousand hours.
pub const LONGEST: Duration = Duration::from_secs(1_000 * 3_600);

/// What was known when the capture began. Never a patient's name.
///
/// Texts are written as one line: whatever is no printable character becomes a blank, and several become one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Head {
    /// When it began, in words; nothing is calculated from it.
    pub began: Option<String>,
    /// What kind of port, such as `FT232R USB UART (0403:6001)`.
    pub port: Option<String>,
    /// The protocol that was spoken.
    pub protocol: Option<Protocol>,
    /// How the line was set up.
    pub line: Option<Line>,
    /// The model that the sensor said it is.
    pub model: Option<String>,
}

/// Something that happened on the line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Event {
    /// The port was opened so.
    Opened(Line),
    /// These bytes came from the sensor.
    Received(Vec<u8>),
    /// These bytes were sent to the sensor.
    Sent(Vec<u8>),
    /// From here on this protocol was spoken: a person chose it, or it was recognised.
    Understood(Protocol),
    /// The sensor said what model it is.
    Model(String),
    /// Pieces with so many bytes in all, of either direction, were not kept: the disk was too slow for them.
    Hole(u64),
    /// The port was closed.
    Closed,
    /// The port ended by itself: the sensor was unplugged.
    Gone,
    /// Nothing was kept after this, for this reason. A capture without it ends by a crash, or is still being written.
    End(String),
}

/// An event with its time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Since the capture began; kept in whole microseconds.
    pub at: Duration,
    /// What happened.
    pub event: Event,
}

/// A whole capture. [`Reader`] takes a long one line by line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capture {
    /// What was known when it began.
    pub head: Head,
    /// What happened, in the order of time.
    pub entries: Vec<Entry>,
    /// The number of the last line if it was cut off, as by a crash. What it said is not among the entries.
    pub torn: Option<usize>,
}

impl Capture {
    /// Whether it ends with a word about its end; if not, it ends by a crash, or is still being written.
    #[must_use]
    pub fn has_end(&self) -> bool {
        matches!(self.entries.last(), Some(Entry { event: Event::End(_), .. }))
    }
}

#[cfg(test)]
mod tests;
