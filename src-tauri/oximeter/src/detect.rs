//! Which protocol speaks on a line.

use crate::protocol::cms50;
use crate::protocol::contec_v7::{self, Framed, Framer};
use crate::{Line, Protocol};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;
use plan::{Hearing, Plan, Question};
use recogniser::Recogniser;

mod plan;
mod recogniser;
mod words;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Set the line up so, then poll again.
    Open(Line),
    /// Send these bytes, then poll again.
    Send(Vec<u8>),
    /// Feed what arrives; poll again after each feed, and at `until`.
    Listen {
        /// When the next step is due.
        until: Duration,
    },
    /// This protocol is spoken, on this line.
    Found {
        /// The protocol.
        protocol: Protocol,
        /// The line on which it was heard; not always the protocol's usual one.
        line: Line,
    },
}

/// How long an answer of a Contec V7 may take here. Its document allows 1 s; recorded answers come at once.
const ANSWER: Duration = Duration::from_millis(500);

/// How long a CMS50E may take to switch its stream on.
const SWITCH: Duration = Duration::from_millis(1000);

/// How long a line is listened to at least while something is half recognised.
const LONGER: Duration = Duration::from_millis(1500);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Opened,
    Listening { until: Duration, longer: bool },
    Asked { until: Duration, questions: u8 },
    Found(Protocol),
}

/// Finds out which protocol speaks on a line, by its bytes: opens the usual lines in turn, listens, and where nothing
/// comes asks, if it may. Goes round until it finds something. Without I/O and without a clock.
///
/// A protocol is accepted after so many frames in a row that chance is out of the question (ten of a Contec, a whole
/// packet of a Nonin, three groups a second apart, one line of text), or, for a Contec V7 that waits to be asked, after
/// two answers.
///
/// A sensor that is switched on and speaks one of the [`Protocol`]s is found within 6 s, at whichever of its speeds: a
/// line where nothing comes is left after as long as the slowest sensor is silent, one where a stream or a burst makes
/// no sense at once, and how long a burst lasted tells which speed to try next.
///
/// ```
/// use core::time::Duration;
/// use oximeter::{Detector, Protocol, Scenario, Simulator, Step};
///
/// let mut sensor = Simulator::new(Protocol::Cms50, Scenario::Steady, 1, Duration::ZERO);
/// let mut detector = Detector::new(Duration::ZERO, true);
/// let mut now = Duration::ZERO;
/// let protocol = loop {
///     match detector.poll(now) {
///         Step::Open(_) => {}
///         Step::Send(bytes) => sensor.receive(now, &bytes),
///         Step::Listen { .. } => {
///             now += Duration::from_millis(10);
///             let mut bytes = Vec::new();
///             sensor.poll(now, &mut bytes);
///             detector.feed(now, &bytes);
///         }
///         Step::Found { protocol, .. } => break protocol,
///     }
/// };
/// assert_eq!(protocol, Protocol::Cms50);
/// ```
#[derive(Debug)]
pub struct Detector {
    may_send: bool,
    /// What speaks here for certain; only its line is sought.
    named: Option<Protocol>,
    plan: Plan,
    phase: Phase,
    hearing: Hearing,
    recognisers: Vec<Recogniser>,
    framer: Framer,
    answers: u8,
    /// Bytes of the lines tried before in this round.
    round_bytes: u64,
    /// In the last round bytes came that nobody understood; in any round, if the protocol is named.
    puzzled: bool,
}

impl Detector {
    /// `may_send`: whether it may ask on a line where nothing is heard. What hangs on a port that nobody named may be
    /// no oximeter at all; there it should only listen.
    #[must_use]
    pub fn new(now: Duration, may_send: bool) -> Self {
        // The first line is opened with the first poll, whenever the port is ready.
        let _ = now;
        Self::with(Plan::of_all(), None, may_send)
    }

    /// Looks only for the line on which `protocol` is spoken: some can be set to several speeds. It may ask.
    ///
    /// ```
    /// use core::time::Duration;
    /// use oximeter::{Detector, Line, Protocol, Step};
    ///
    /// let mut detector = Detector::of(Protocol::NellcorAscii, Duration::ZERO);
    /// assert_eq!(detector.poll(Duration::ZERO), Step::Open(Line::eight_n_one(9600)));
    /// ```
    #[must_use]
    pub fn of(protocol: Protocol, now: Duration) -> Self {
        let _ = now;
        Self::with(Plan::of(protocol), Some(protocol), true)
    }

    fn with(plan: Plan, named: Option<Protocol>, may_send: bool) -> Self {
        Self {
            may_send,
            named,
            plan,
            phase: Phase::Open,
            hearing: Hearing::default(),
            recognisers: Vec::new(),
            framer: Framer::default(),
            answers: 0,
            round_bytes: 0,
            puzzled: false,
        }
    }

    /// The next step.
    pub fn poll(&mut self, now: Duration) -> Step {
        let stop = self.plan.stop();
        for recogniser in &mut self.recognisers {
            recogniser.wait(now);
        }
        if let Some(protocol) = self.recognised() {
            self.phase = Phase::Found(protocol);
        }
        match self.phase {
            Phase::Found(protocol) => Step::Found { protocol, line: stop.line },
            Phase::Open => {
                // A Berry frames its bytes as an old Contec does: one recogniser tells both.
                self.recognisers = match self.named {
                    Some(protocol) => [Recogniser::new(protocol)].into_iter().collect(),
                    None => {
                        let framings = Protocol::ALL.iter().copied().filter(|&protocol| protocol != Protocol::Berry);
                        framings.map(Recogniser::new).collect()
                    }
                };
                (self.framer, self.hearing, self.answers) = (Framer::default(), Hearing::default(), 0);
                self.phase = Phase::Opened;
                Step::Open(stop.line)
            }
            Phase::Opened => self.listen(now.saturating_add(stop.listen), false),
            _ if self.is_answered() => self.ask(now),
            Phase::Listening { until, .. } | Phase::Asked { until, .. } if now < until => {
                if self.promising().is_none() && self.hearing.is_hopeless(now) {
                    return self.move_on(now);
                }
                Step::Listen { until }
            }
            Phase::Listening { longer: true, .. } => self.move_on(now),
            Phase::Listening { .. } | Phase::Asked { .. } => match self.promising() {
                Some(patience) => self.listen(now.saturating_add(patience.max(LONGER)), true),
                None if self.hearing.bytes == 0 && self.may_send => self.ask(now),
                None => self.move_on(now),
            },
        }
    }

    /// Takes the bytes that arrived at `now`.
    pub fn feed(&mut self, now: Duration, bytes: &[u8]) {
        if matches!(self.phase, Phase::Found(_)) {
            return;
        }
        self.hearing.hear(now, bytes);
        for &byte in bytes {
            for recogniser in &mut self.recognisers {
                recogniser.feed(now, byte);
            }
            if let Framed::Whole(packet) = self.framer.push(byte)
                && packet.kind() == contec_v7::packet::FREE
            {
                self.answers = self.answers.saturating_add(1);
            }
            if let Some(protocol) = self.recognised() {
                self.phase = Phase::Found(protocol);
                return;
            }
        }
    }

    /// What is going on, and what to do about it, in words for people.
    #[must_use]
    pub fn in_words(&self) -> String {
        words::of(self)
    }

    /// The protocol that is certain by now.
    fn recognised(&self) -> Option<Protocol> {
        if let Phase::Found(protocol) = self.phase {
            return Some(protocol);
        }
        if matches!(self.phase, Phase::Asked { questions: 2, .. }) && self.answers >= 2 && self.asks(Question::V7) {
            return Some(Protocol::ContecV7);
        }
        // Bytes of a format with a checksum can look like frames of one without; hardly ever the reverse.
        if let Some(one) = self.recognisers.iter().find(|one| one.has_checksum() && one.is_promising()) {
            return self.of_recogniser(one);
        }
        self.recognisers.iter().find_map(|one| self.of_recogniser(one))
    }

    fn of_recogniser(&self, one: &Recogniser) -> Option<Protocol> {
        if self.named.is_some() { self.named.filter(|_| one.has_agreement()) } else { one.certain() }
    }

    /// How long what is half recognised may need until it is certain.
    fn promising(&self) -> Option<Duration> {
        self.recognisers.iter().filter(|one| one.is_promising()).map(Recogniser::patience).max()
    }

    fn asks(&self, question: Question) -> bool {
        self.plan.stop().question == question
    }

    /// The first question was asked and its answer has come.
    fn is_answered(&self) -> bool {
        matches!(self.phase, Phase::Asked { questions: 1, .. }) && self.asks(Question::V7) && self.answers >= 1
    }

    fn listen(&mut self, until: Duration, longer: bool) -> Step {
        self.phase = Phase::Listening { until, longer };
        Step::Listen { until }
    }

    fn ask(&mut self, now: Duration) -> Step {
        let v7 = |code| contec_v7::Packet::command(code, &[]).bytes().as_ref().to_vec();
        let (bytes, patience, questions) = match (self.plan.stop().question, self.phase) {
            (Question::V7, Phase::Listening { .. }) => (v7(contec_v7::command::STOP_STORED), ANSWER, 1),
            (Question::V7, Phase::Asked { questions: 1, .. }) if self.answers >= 1 => {
                (v7(contec_v7::command::STOP_LIVE), ANSWER, 2)
            }
            (Question::Cms50, Phase::Listening { .. }) => (cms50::LIVE.to_vec(), SWITCH, 1),
            _ => return self.move_on(now),
        };
        self.phase = Phase::Asked { until: now.saturating_add(patience), questions };
        Step::Send(bytes)
    }

    fn move_on(&mut self, now: Duration) -> Step {
        self.round_bytes += self.hearing.bytes;
        if self.plan.move_on(&self.hearing) {
            let heard = core::mem::take(&mut self.round_bytes) > 0;
            // The rounds of a single line are short, and a slow sensor of another kind is silent in many of them.
            self.puzzled = heard || self.named.is_some() && self.puzzled;
        }
        self.phase = Phase::Open;
        self.poll(now)
    }
}

#[cfg(test)]
mod tests;
