//! Lines in a stream of bytes.

use crate::sample::Counters;
use core::time::Duration;

/// The longest line of any device is the 190 bytes of a Radical-7 with a colour screen.
const LONGEST: usize = 256;

/// A line takes 0.2 s at 9600 baud and the next begins after the rest of a second. One that takes longer than this has
/// lost what stood between its beginning and its end, and may be two lines that fit together by chance.
const SLOWEST: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Text,
    /// CR was the last byte.
    Returned,
    /// A byte that no line holds: all up to the next LF is lost.
    Spoilt,
}

/// Finds lines: printable ASCII, then CR LF. Whatever ends otherwise is no line.
#[derive(Debug)]
pub(super) struct Lines {
    bytes: [u8; LONGEST],
    len: usize,
    state: State,
    /// When the first byte came.
    began: Duration,
}

impl Default for Lines {
    fn default() -> Self {
        Self { bytes: [0; LONGEST], len: 0, state: State::Text, began: Duration::ZERO }
    }
}

impl Lines {
    /// Takes one byte; returns the line that it ended, without its CR LF. An empty line is none: some devices send one
    /// between two others.
    pub(super) fn push(&mut self, now: Duration, byte: u8, counters: &mut Counters) -> Option<&str> {
        if now > self.began.saturating_add(SLOWEST) && !self.is_clear() {
            counters.rejected += u64::from(self.state != State::Spoilt);
            self.clear();
        }
        if self.is_clear() {
            self.began = now;
        }
        match (self.state, byte) {
            (State::Returned, b'\n') => {
                let len = self.len;
                self.clear();
                return core::str::from_utf8(&self.bytes[..len]).ok().filter(|line| !line.is_empty());
            }
            (State::Text, b'\r') => self.state = State::Returned,
            (State::Text, b' '..=b'~') if self.len < LONGEST => {
                self.bytes[self.len] = byte;
                self.len += 1;
            }
            (State::Spoilt, _) => {
                counters.skipped += 1;
                if byte == b'\n' {
                    self.clear();
                }
            }
            (State::Text | State::Returned, _) => {
                counters.rejected += 1;
                self.state = State::Spoilt;
                if byte == b'\n' {
                    self.clear();
                }
            }
        }
        None
    }

    /// The line that lies whole at the beginning of `bytes`, where one may begin, without its CR LF; it takes two bytes
    /// more. As [`push`](Self::push) with each of them.
    pub(super) fn whole<'a>(&self, bytes: &'a [u8]) -> Option<&'a str> {
        let end = bytes.iter().take(LONGEST + 2).position(|&byte| byte == b'\n')?;
        let line = bytes[..end].strip_suffix(b"\r").filter(|line| self.is_clear() && !line.is_empty())?;
        // Without a branch for each byte: the compiler looks at many at once.
        let printable = line.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'));
        core::str::from_utf8(line).ok().filter(|_| printable)
    }

    fn is_clear(&self) -> bool {
        self.len == 0 && self.state == State::Text
    }

    fn clear(&mut self) {
        self.len = 0;
        self.state = State::Text;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::string::String;
    use alloc::vec::Vec;

    /// The lines in pieces that arrive at these milliseconds.
    fn lines(pieces: &[(u64, &[u8])]) -> (Vec<String>, Counters) {
        let (mut framing, mut counters, mut found) = (Lines::default(), Counters::default(), Vec::new());
        for (at, piece) in pieces {
            for &byte in *piece {
                found.extend(framing.push(Duration::from_millis(*at), byte, &mut counters).map(ToOwned::to_owned));
            }
        }
        (found, counters)
    }

    fn at_once(bytes: &[u8]) -> Vec<String> {
        lines(&[(0, bytes)]).0
    }

    #[test]
    fn a_line_ends_with_cr_lf_and_an_empty_one_is_none() {
        assert_eq!(at_once(b"one\r\n\r\ntwo\r\nthr"), ["one", "two"]);
    }

    #[test]
    fn a_line_that_ends_otherwise_costs_itself_alone() {
        assert_eq!(at_once(b"one\ntwo\r\nthree\r\n"), ["two", "three"], "CR lost");
        assert_eq!(at_once(b"one\rtwo\r\nthree\r\n"), ["three"], "LF lost: where the next began is a guess");
        assert_eq!(at_once(b"one\r\r\ntwo\r\n"), ["two"], "CR doubled");
        assert_eq!(at_once(b"one\r\n\ntwo\r\n"), ["one", "two"], "LF doubled");
    }

    #[test]
    fn a_byte_outside_ascii_costs_its_line() {
        assert_eq!(at_once(b"s\xC3\xB3me garb\xC3\xA4ge first\r\nnext\r\n"), ["next"]);
        assert_eq!(at_once(b"a\tb\r\nc\x7Fd\r\ne\0\r\nnext\r\n"), ["next"]);
    }

    #[test]
    fn a_line_that_does_not_end_is_bounded() {
        let endless = [[b'x'; 10_000].as_slice(), b"\r\nnext\r\n"].concat();
        assert_eq!(at_once(&endless), ["next"]);
        let longest = [[b'x'; LONGEST].as_slice(), b"\r\n"].concat();
        assert_eq!(at_once(&longest).len(), 1);
    }

    #[test]
    fn the_two_ends_of_what_lost_a_second_between_them_are_no_line() {
        let (found, counters) = lines(&[(0, b"BPM=0"), (900, b"97\r\n"), (1_900, b"next\r\n")]);
        assert_eq!(found, ["97", "next"]);
        assert_eq!(counters.rejected, 1);
    }

    #[test]
    fn quiet_after_rubbish_shows_where_a_line_begins() {
        assert_eq!(lines(&[(0, b"\xFF\xFE rubbish"), (1_000, b"next\r\n")]).0, ["next"]);
    }

    #[test]
    fn a_line_may_come_in_pieces() {
        assert_eq!(lines(&[(0, b"on"), (150, b"e\r"), (300, b"\n")]).0, ["one"]);
    }

    #[test]
    fn what_is_dropped_is_counted() {
        let (_, counters) = lines(&[(0, b"one\ntw\xFFo\r\nthree\r\n")]);
        assert_eq!((counters.rejected, counters.skipped), (2, 3));
    }
}
