//! What the three text formats share: lines, fields, the device's clock, and a host that only listens.
//!
//! None of them has a checksum, and a line comes once in one or two seconds, so that nothing can wait for a second line
//! that agrees: a fall would alarm seconds late. Each good line counts by itself and at once. What stands in for a
//! checksum is a grammar as narrow as the devices' own: fixed widths, every key once, nothing left over. So a byte that
//! is lost, doubled or inserted, and a line that is split or merged with its neighbour, costs that line. A digit that
//! was changed into another cannot be found; it is wrong for the one line.

use super::{Heard, Host};
use crate::sample::Sample;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

pub(super) mod clock;
pub(super) mod fields;
mod lines;

/// What a format makes of whole lines.
pub(super) trait LineReader: fmt::Debug + Default + Send {
    /// What is sent after so long a silence, if the format has a word for it.
    const WAKE: Option<(Duration, u8)> = None;

    /// Takes a line without its CR LF: printable ASCII, not empty. Counts it.
    fn read(&mut self, line: &str, heard: &mut Heard) -> Option<Sample>;
}

/// A host that listens to lines.
#[derive(Debug, Default)]
pub(super) struct TextHost<R> {
    lines: lines::Lines,
    reader: R,
    /// When a byte last came or the sensor was woken; `None` unless started.
    awake: Option<Duration>,
}

impl<R: LineReader> Host for TextHost<R> {
    fn start(&mut self, now: Duration, _send: &mut Vec<u8>) {
        *self = Self { awake: Some(now), ..Self::default() };
    }

    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample> {
        if let Some(awake) = &mut self.awake {
            *awake = now;
        }
        let line = self.lines.push(now, byte, &mut heard.counters)?;
        self.reader.read(line, heard)
    }

    fn receive_frame(&mut self, now: Duration, bytes: &[u8], heard: &mut Heard) -> Option<(usize, Option<Sample>)> {
        let line = self.lines.whole(bytes)?;
        if let Some(awake) = &mut self.awake {
            *awake = now;
        }
        Some((line.len() + 2, self.reader.read(line, heard)))
    }

    fn poll(&mut self, now: Duration, send: &mut Vec<u8>, _heard: &mut Heard) -> Option<Sample> {
        if let Some((_, word)) = R::WAKE
            && self.next_wake().is_some_and(|due| now >= due)
        {
            self.awake = Some(now);
            send.push(word);
        }
        None
    }

    fn next_wake(&self) -> Option<Duration> {
        let (silence, _) = R::WAKE?;
        Some(self.awake?.saturating_add(silence))
    }

    fn stop(&mut self, _send: &mut Vec<u8>) {
        // The sensor streams whether anyone listens or not.
        self.awake = None;
    }
}

#[cfg(test)]
mod tests;
