//! Reading the file piece by piece: a capture may be as long as a day.

use crate::cli::Failure;
use oximeter::Protocol;
use oximeter::capture::{CaptureError, Entry, Event, FIRST_WORD, Reader};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Longer than any line of a capture; a file without line feeds is not read into the memory.
const LONGEST_LINE: u64 = 1 << 20;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    /// A raw capture.
    Capture,
    /// Bare bytes.
    Bytes,
}

/// What is known of a capture that was read to its end.
#[derive(Debug, Default)]
pub(super) struct Whole {
    /// The protocol that its head names.
    pub(super) protocol: Option<Protocol>,
    /// The number of the last line if it was cut off.
    pub(super) torn: Option<usize>,
    /// It says why it ends.
    pub(super) has_end: bool,
}

fn open(path: &Path) -> Result<BufReader<File>, Failure> {
    File::open(path)
        .map(BufReader::new)
        .map_err(|error| Failure::failed(format!("{} cannot be read: {error}.", path.display())))
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    move |error| Failure::failed(format!("{} cannot be read to its end: {error}.", path.display()))
}

impl Contents {
    pub(super) fn of(path: &Path) -> Result<Self, Failure> {
        let mut first = Vec::new();
        open(path)?.take(FIRST_WORD.len() as u64).read_to_end(&mut first).map_err(unreadable(path))?;
        Ok(if first == FIRST_WORD.as_bytes() { Self::Capture } else { Self::Bytes })
    }
}

/// Calls `each` with the entries of a capture.
pub(super) fn each_entry(path: &Path, mut each: impl FnMut(&Entry)) -> Result<Whole, Failure> {
    let (mut file, mut reader, mut line) = (open(path)?, Reader::new(), Vec::new());
    let mut whole = Whole::default();
    let wrong = |error: CaptureError| Failure::failed(format!("{}: {error}", path.display()));
    loop {
        line.clear();
        file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(unreadable(path))?;
        let Some((b'\n', text)) = line.split_last() else { break };
        // What is no text makes no sense as a line either, and is told as such.
        if let Some(entry) = reader.line(&String::from_utf8_lossy(text)).map_err(wrong)? {
            whole.has_end = matches!(entry.event, Event::End(_));
            each(&entry);
        }
    }
    reader.finish().map_err(wrong)?;
    whole.protocol = reader.head().protocol;
    whole.torn = (!line.is_empty()).then(|| reader.lines() + 1);
    Ok(whole)
}

/// Whether a CR stands anywhere in a file.
pub(super) fn has_returns(path: &Path) -> Result<bool, Failure> {
    let mut found = false;
    each_piece(path, |bytes| found |= bytes.contains(&b'\r'))?;
    Ok(found)
}

/// Calls `each` with the bytes of a file, a few at a time.
pub(super) fn each_piece(path: &Path, mut each: impl FnMut(&[u8])) -> Result<(), Failure> {
    let (mut file, mut piece) = (open(path)?, [0; 64]);
    loop {
        match file.read(&mut piece).map_err(unreadable(path))? {
            0 => return Ok(()),
            count => each(&piece[..count]),
        }
    }
}
