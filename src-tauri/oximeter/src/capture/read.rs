//! A capture from its text.

use super::{Capture, Entry, Event, FIRST_WORD, Head, LONGEST, VERSION};
use crate::UnknownName;
use crate::line::NotALine;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

/// A line of a capture makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: CaptureProblem,
}

/// What is wrong with a line of a capture. Its message says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaptureProblem {
    /// The file does not begin as a capture does.
    NotACapture,
    /// The capture is of another version of the format.
    Version(String),
    /// The head knows no such word, or has it twice.
    Head(String),
    /// This is no time.
    Time(String),
    /// The time is earlier than that of the line above.
    GoesBack,
    /// No such event, or not with this behind it.
    Event(String),
    /// This is no byte.
    Byte(String),
    /// No such protocol.
    Protocol(UnknownName),
    /// This is no setting of a line.
    Line(NotALine),
}

impl fmt::Display for CaptureProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotACapture => write!(
                f,
                "This is no raw capture: one begins with \"{FIRST_WORD} {VERSION}\". A file of bare bytes can be decoded \
                 where the protocol is named."
            ),
            Self::Version(version) => write!(
                f,
                "This capture is of version {version:?} of the format; version {VERSION} is understood here. Use the \
                 version of the program that wrote it, or a newer one."
            ),
            Self::Head(text) => write!(
                f,
                "{text:?} cannot stand in the head. Write began:, port:, protocol:, line: or model:, each once at most, \
                 and what it is."
            ),
            Self::Time(word) => write!(
                f,
                "{word:?} is not a time. Write seconds since the beginning, such as 12.345678, a thousand hours at most."
            ),
            Self::GoesBack => f.write_str("This is earlier than the line above. Put the lines in the order of time."),
            Self::Event(text) => write!(
                f,
                "{text:?} is nothing that happens. Write < or > and bytes, or open, closed, gone, protocol, model, hole \
                 or end with what belongs to it."
            ),
            Self::Byte(word) => {
                write!(f, "{word:?} is not a byte. Write two hexadecimal digits for each, separated by blanks.")
            }
            Self::Protocol(error) => write!(f, "{error}"),
            Self::Line(error) => write!(f, "{error}"),
        }
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line {}: {}", self.line, self.problem)
    }
}

impl core::error::Error for CaptureError {}

/// Reads a capture line by line, for one that is too long to be held.
#[derive(Debug, Default)]
pub struct Reader {
    head: Head,
    /// Lines read.
    lines: usize,
    /// The time of the last entry, if there was one: the head is over then.
    last: Option<Duration>,
}

impl Reader {
    /// Before the first line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next line, without its end. A line that was cut off, one without an end, is not for it.
    ///
    /// # Errors
    /// If the line makes no sense; nothing after it is worth reading.
    pub fn line(&mut self, text: &str) -> Result<Option<Entry>, CaptureError> {
        self.lines += 1;
        self.read(text).map_err(|problem| CaptureError { line: self.lines, problem })
    }

    /// Whether what was read is a capture: its first line is there.
    ///
    /// # Errors
    /// If it is not.
    pub const fn finish(&self) -> Result<(), CaptureError> {
        if self.lines == 0 {
            return Err(CaptureError { line: 1, problem: CaptureProblem::NotACapture });
        }
        Ok(())
    }

    /// The head, whole as soon as there was an entry.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// How many lines were taken.
    #[must_use]
    pub const fn lines(&self) -> usize {
        self.lines
    }

    fn read(&mut self, text: &str) -> Result<Option<Entry>, CaptureProblem> {
        let text = text.trim();
        if self.lines == 1 {
            let version = text.strip_prefix(FIRST_WORD).ok_or(CaptureProblem::NotACapture)?.trim();
            return match version.parse() {
                Ok(VERSION) => Ok(None),
                _ => Err(CaptureProblem::Version(version.to_owned())),
            };
        }
        if text.is_empty() || text.starts_with('#') {
            return Ok(None);
        }
        if self.last.is_none() && !text.starts_with(|first: char| first.is_ascii_digit()) {
            return self.read_head(text).map(|()| None);
        }
        let (word, event) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let at = time(word).ok_or_else(|| CaptureProblem::Time(word.to_owned()))?;
        if self.last.is_some_and(|last| at < last) {
            return Err(CaptureProblem::GoesBack);
        }
        self.last = Some(at);
        Ok(Some(Entry { at, event: event_from(event.trim())? }))
    }

    fn read_head(&mut self, text: &str) -> Result<(), CaptureProblem> {
        let wrong = || CaptureProblem::Head(text.to_owned());
        let (key, value) = text.split_once(':').ok_or_else(wrong)?;
        let value = value.trim();
        let head = &mut self.head;
        let is_second = match key {
            "began" => head.began.replace(value.to_owned()).is_some(),
            "port" => head.port.replace(value.to_owned()).is_some(),
            "model" => head.model.replace(value.to_owned()).is_some(),
            "protocol" => head.protocol.replace(value.parse().map_err(CaptureProblem::Protocol)?).is_some(),
            "line" => head.line.replace(value.parse().map_err(CaptureProblem::Line)?).is_some(),
            _ => true,
        };
        if is_second { Err(wrong()) } else { Ok(()) }
    }
}

/// Seconds with up to six decimals. No floating point: every microsecond comes back as it was.
fn time(word: &str) -> Option<Duration> {
    let (seconds, part) = word.split_once('.').unwrap_or((word, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(seconds) || !is_number(part) || part.len() > 6 {
        return None;
    }
    let micros = part.parse::<u64>().ok()? * 10_u64.pow(6 - part.len() as u32);
    let at = Duration::from_secs(seconds.parse().ok()?).checked_add(Duration::from_micros(micros))?;
    (at <= LONGEST).then_some(at)
}

fn event_from(text: &str) -> Result<Event, CaptureProblem> {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    Ok(match (word, rest) {
        ("<", bytes) => Event::Received(bytes_from(bytes)?),
        (">", bytes) => Event::Sent(bytes_from(bytes)?),
        ("open", line) => Event::Opened(line.parse().map_err(CaptureProblem::Line)?),
        ("protocol", name) => Event::Understood(name.parse().map_err(CaptureProblem::Protocol)?),
        ("model", model) => Event::Model(model.to_owned()),
        ("hole", bytes) => Event::Hole(bytes.parse().map_err(|_| CaptureProblem::Event(text.to_owned()))?),
        ("closed", "") => Event::Closed,
        ("gone", "") => Event::Gone,
        ("end", reason) => Event::End(reason.to_owned()),
        _ => return Err(CaptureProblem::Event(text.to_owned())),
    })
}

fn bytes_from(text: &str) -> Result<Vec<u8>, CaptureProblem> {
    let byte = |word: &str| {
        let is_pair = word.len() == 2 && word.bytes().all(|digit| digit.is_ascii_hexdigit());
        u8::from_str_radix(word, 16).ok().filter(|_| is_pair).ok_or_else(|| CaptureProblem::Byte(word.to_owned()))
    };
    text.split_whitespace().map(byte).collect()
}

impl FromStr for Capture {
    type Err = CaptureError;

    fn from_str(text: &str) -> Result<Self, CaptureError> {
        let (mut reader, mut entries, mut torn) = (Reader::new(), Vec::new(), None);
        for line in text.split_inclusive('\n') {
            match line.strip_suffix('\n') {
                Some(line) => entries.extend(reader.line(line)?),
                // Written whole or not at all, and this is not whole: half a number is another number.
                None => torn = Some(reader.lines() + 1),
            }
        }
        reader.finish()?;
        Ok(Self { head: reader.head, entries, torn })
    }
}
