//! Which lines are tried, in which order, for how long.

use crate::{Line, Protocol};
use alloc::vec::Vec;
use core::time::Duration;

/// What may be sent on a line where nothing was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    None,
    /// Stop stored, then stop live data: a Contec V7 answers each.
    V7,
    /// Back to live: switches the stream of a CMS50E on.
    Cms50,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    pub(super) line: Line,
    pub(super) listen: Duration,
    pub(super) question: Question,
}

/// A sensor that streams is heard at once.
const BRIEF: Duration = Duration::from_millis(300);

/// The slowest sensor, a Nellcor, sends a line every 2 s.
const PATIENT: Duration = Duration::from_millis(2200);

/// Listen first, write last. The most owned first, and the fastest, so that it costs the others little.
pub(super) const STOPS: [Stop; 7] = [
    Stop { line: Line::eight_n_one(115_200), listen: BRIEF, question: Question::V7 },
    Stop { line: Line::eight_n_one(9600), listen: PATIENT, question: Question::None },
    Stop { line: Line::eight_o_one(19_200), listen: BRIEF, question: Question::Cms50 },
    Stop { line: Line::eight_n_one(19_200), listen: PATIENT, question: Question::None },
    Stop { line: Line::eight_n_one(115_200), listen: PATIENT, question: Question::None },
    Stop { line: Line::eight_n_one(57_600), listen: PATIENT, question: Question::None },
    Stop { line: Line::eight_n_one(38_400), listen: PATIENT, question: Question::None },
];

/// Characters of a Nellcor's line, the only one that is spoken at so many speeds.
const TEXT_LINE: u64 = 63;

const FASTEST: u32 = 115_200;

/// Bytes in one go that are too few to judge by: Nonin's groups have three or four.
const FEW: u64 = 5;

/// The way through the stops. Each is tried once in a round; what is heard on one may bring another forward.
#[derive(Debug)]
pub(super) struct Plan {
    /// Never empty.
    stops: Vec<Stop>,
    at: usize,
    tried: u8,
    rounds: u32,
}

impl Plan {
    /// Every line on which anything is spoken.
    pub(super) fn of_all() -> Self {
        Self { stops: STOPS.to_vec(), at: 0, tried: 0, rounds: 0 }
    }

    /// The lines on which `protocol` is spoken.
    pub(super) fn of(protocol: Protocol) -> Self {
        // One that can be asked need not be waited for.
        let (listen, question) = match protocol {
            Protocol::ContecV7 => (BRIEF, Question::V7),
            Protocol::Cms50 => (BRIEF, Question::Cms50),
            _ => (PATIENT, Question::None),
        };
        let stops = protocol.lines().iter().map(|&line| Stop { line, listen, question }).collect();
        Self { stops, at: 0, tried: 0, rounds: 0 }
    }

    pub(super) fn stop(&self) -> Stop {
        self.stops[self.at]
    }

    /// Rounds that are over.
    pub(super) fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Goes on. Says whether a new round begins.
    pub(super) fn move_on(&mut self, heard: &Hearing) -> bool {
        self.tried |= 1 << self.at;
        let untried = |at: &usize| self.tried & 1 << at == 0;
        let next = (0..self.stops.len()).find(untried);
        let Some(next) = next else {
            (self.at, self.tried, self.rounds) = (0, 0, self.rounds.saturating_add(1));
            return true;
        };
        let patient = (0..self.stops.len()).filter(|&at| self.stops[at].listen == PATIENT).filter(untried);
        let nearest = heard.baud_of_a_burst(self.stop().line.baud).and_then(|baud| {
            let octaves = |at: &usize| {
                let other = u64::from(self.stops[*at].line.baud);
                baud.max(other) * 100 / baud.min(other).max(1)
            };
            patient.min_by_key(octaves)
        });
        self.at = nearest.unwrap_or(next);
        false
    }
}

/// What was heard on a line, understood or not.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    /// Bytes in all.
    pub(super) bytes: u64,
    /// What came last in one go.
    burst: Option<Burst>,
}

#[derive(Debug)]
struct Burst {
    first: Duration,
    last: Duration,
    bytes: u64,
    printable: u64,
}

/// A quiet of so long ends a burst; what goes on for longer is a stream.
const BURST: Duration = Duration::from_millis(250);

/// A DF7, the format that takes longest to be sure of, shows a whole packet within two thirds of a second.
const STREAM: Duration = Duration::from_millis(1200);

impl Hearing {
    pub(super) fn hear(&mut self, now: Duration, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let new = Burst { first: now, last: now, bytes: 0, printable: 0 };
        let goes_on = self.burst.take().filter(|burst| now < burst.last.saturating_add(BURST));
        let burst = self.burst.insert(goes_on.unwrap_or(new));
        burst.last = now;
        burst.bytes += bytes.len() as u64;
        let printable = |byte: &&u8| matches!(byte, 0x20..0x7F | b'\r' | b'\n');
        burst.printable += bytes.iter().filter(printable).count() as u64;
        self.bytes += bytes.len() as u64;
    }

    /// Bytes have come that make no sense here, and more of them would make no more: at the wrong speed a text is
    /// anything but text, and a stream has had its time.
    pub(super) fn is_hopeless(&self, now: Duration) -> bool {
        let Some(burst) = self.burst.as_ref().filter(|burst| burst.bytes >= FEW) else { return false };
        // Of bytes at random, three in eight are printable.
        let is_text = burst.printable * 5 >= burst.bytes * 4;
        let is_over = now >= burst.last.saturating_add(BURST);
        if burst.lasted() < BURST { is_over && !is_text } else { burst.lasted() >= STREAM }
    }

    /// The speed at which a single burst was sent, going by how long it lasted at `baud`, if it was a line of text. A
    /// receiver that is too slow hears a byte after the other all the time and so tells the time well. The fastest takes
    /// each run of zeros for a byte, at different speeds about as many, and tells nothing.
    fn baud_of_a_burst(&self, baud: u32) -> Option<u64> {
        let burst = self.burst.as_ref().filter(|burst| burst.lasted() < BURST && baud < FASTEST)?;
        Some(TEXT_LINE * u64::from(baud) / burst.bytes)
    }
}

impl Burst {
    fn lasted(&self) -> Duration {
        self.last.saturating_sub(self.first)
    }
}
