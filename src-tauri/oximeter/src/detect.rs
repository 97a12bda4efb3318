//! Which protocol speaks on a line.

use crate::protocol::contec_v7::{self, Framed, Framer};
use crate::protocol::{Heard, Host, cms50};
use crate::{Line, Protocol};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

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

/// What may be sent on a line where nothing was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    None,
    /// Stop stored, then stop live data: a Contec V7 answers each.
    V7,
    /// Back to live: switches the stream of a CMS50E on.
    Cms50,
}

#[derive(Debug)]
struct Stage {
    line: Line,
    listen: Duration,
    question: Question,
}

const SLOW: Duration = Duration::from_millis(2500);

/// Listen first, write last. The most owned first, and the fastest, so that it costs the others little.
const STAGES: [Stage; 4] = [
    Stage { line: Line::eight_n_one(115_200), listen: Duration::from_millis(300), question: Question::V7 },
    Stage { line: Line::eight_n_one(9600), listen: SLOW, question: Question::None },
    Stage { line: Line::eight_o_one(19_200), listen: SLOW, question: Question::Cms50 },
    Stage { line: Line::eight_n_one(19_200), listen: SLOW, question: Question::None },
];

/// How long an answer of a Contec V7 may take here. Its document allows 1 s; recorded answers come at once.
const ANSWER: Duration = Duration::from_millis(500);

/// How long a stage goes on while something is half recognised.
const LONGER: Duration = Duration::from_millis(1500);

/// Frames in a row that make it worth listening longer.
const PROMISING: u64 = 3;

#[derive(Debug)]
struct Recogniser {
    protocol: Protocol,
    host: Box<dyn Host>,
    heard: Heard,
    /// Frames, and faults, when the last fault was seen.
    packets: u64,
    faults: u64,
}

impl Recogniser {
    fn new(protocol: Protocol) -> Self {
        Self { protocol, host: (protocol.profile().host)(), heard: Heard::default(), packets: 0, faults: 0 }
    }

    fn feed(&mut self, now: Duration, byte: u8) {
        self.host.receive(now, byte, &mut self.heard);
        let counters = self.heard.counters;
        let faults = counters.rejected + counters.skipped;
        if faults != self.faults {
            (self.faults, self.packets) = (faults, counters.packets);
        }
    }

    /// Frames in a row without a fault.
    fn run(&self) -> u64 {
        self.heard.counters.packets - self.packets
    }

    fn is_certain(&self) -> bool {
        self.run() >= self.protocol.profile().agreement
    }
}

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
/// packet of a Nonin), or, for a Contec V7 that waits to be asked, after two answers.
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
    stage: usize,
    rounds: u32,
    phase: Phase,
    recognisers: Vec<Recogniser>,
    framer: Framer,
    answers: u8,
    bytes: u64,
    /// Bytes of the lines tried before in this round.
    round_bytes: u64,
    /// In the last round bytes came that nobody understood.
    puzzled: bool,
}

impl Detector {
    /// `may_send`: whether it may ask on a line where nothing is heard. What hangs on a port that nobody named may be
    /// no oximeter at all; there it should only listen.
    #[must_use]
    pub fn new(now: Duration, may_send: bool) -> Self {
        // The first stage begins with the first poll, whenever the port is ready.
        let _ = now;
        Self {
            may_send,
            stage: 0,
            rounds: 0,
            phase: Phase::Open,
            recognisers: Vec::new(),
            framer: Framer::default(),
            answers: 0,
            bytes: 0,
            round_bytes: 0,
            puzzled: false,
        }
    }

    /// The next step.
    pub fn poll(&mut self, now: Duration) -> Step {
        let stage = &STAGES[self.stage];
        if let Some(protocol) = self.recognised() {
            self.phase = Phase::Found(protocol);
        }
        match self.phase {
            Phase::Found(protocol) => Step::Found { protocol, line: stage.line },
            Phase::Open => {
                self.recognisers = Protocol::ALL.iter().copied().map(Recogniser::new).collect();
                self.framer = Framer::default();
                (self.answers, self.bytes) = (0, 0);
                self.phase = Phase::Opened;
                Step::Open(stage.line)
            }
            Phase::Opened => self.listen(now.saturating_add(stage.listen), false),
            Phase::Listening { until, .. } | Phase::Asked { until, .. } if now < until && !self.is_answered() => {
                Step::Listen { until }
            }
            Phase::Listening { longer: false, .. } if self.recognisers.iter().any(|one| one.run() >= PROMISING) => {
                self.listen(now.saturating_add(LONGER), true)
            }
            Phase::Listening { .. } if self.bytes == 0 && self.may_send => self.ask(now, stage, 0),
            Phase::Asked { questions, .. } if self.is_answered() => self.ask(now, stage, questions),
            Phase::Listening { .. } | Phase::Asked { .. } => self.move_on(now),
        }
    }

    /// Takes the bytes that arrived at `now`.
    pub fn feed(&mut self, now: Duration, bytes: &[u8]) {
        if matches!(self.phase, Phase::Found(_)) {
            return;
        }
        self.bytes += bytes.len() as u64;
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
        let line = STAGES[self.stage].line;
        let now = match self.phase {
            Phase::Found(protocol) => return format!("Found {protocol} at {line}."),
            Phase::Asked { .. } => format!("Asking for a Contec sensor at {line}."),
            _ => format!("Listening at {line}."),
        };
        match (self.rounds, self.puzzled) {
            (0, _) => now,
            (_, true) => format!(
                "{now} Data come, but in no known format: check that this is an oximeter and its serial output is set."
            ),
            (_, false) => format!(
                "{now} Nothing was heard yet: switch the sensor on, put it on a finger, and check the cable. \
                 On an older Contec CMS50E or CMS50F switch USB on in the sensor's menu."
            ),
        }
    }

    /// The protocol that is certain by now.
    fn recognised(&self) -> Option<Protocol> {
        if let Phase::Found(protocol) = self.phase {
            return Some(protocol);
        }
        if matches!(self.phase, Phase::Asked { questions: 2, .. }) && self.answers >= 2 && self.is_v7_stage() {
            return Some(Protocol::ContecV7);
        }
        // Bytes of a format with a checksum can look like frames of one without; hardly ever the reverse.
        let checked = |one: &&Recogniser| one.protocol.profile().has_checksum;
        if let Some(promising) = self.recognisers.iter().filter(checked).find(|one| one.run() >= PROMISING) {
            return promising.is_certain().then_some(promising.protocol);
        }
        self.recognisers.iter().find(|one| one.is_certain()).map(|one| one.protocol)
    }

    fn is_v7_stage(&self) -> bool {
        STAGES[self.stage].question == Question::V7
    }

    /// A question was asked and its answer has come.
    fn is_answered(&self) -> bool {
        let Phase::Asked { questions, .. } = self.phase else { return false };
        self.is_v7_stage() && self.answers >= questions && questions < 2
    }

    fn listen(&mut self, until: Duration, longer: bool) -> Step {
        self.phase = Phase::Listening { until, longer };
        Step::Listen { until }
    }

    fn ask(&mut self, now: Duration, stage: &Stage, asked: u8) -> Step {
        let v7 = |code| contec_v7::Packet::command(code, &[]).bytes().as_ref().to_vec();
        let (bytes, patience) = match (stage.question, asked) {
            (Question::V7, 0) => (v7(contec_v7::command::STOP_STORED), ANSWER),
            (Question::V7, _) => (v7(contec_v7::command::STOP_LIVE), ANSWER),
            (Question::Cms50, _) => (cms50::LIVE.to_vec(), SLOW),
            (Question::None, _) => return self.move_on(now),
        };
        self.phase = Phase::Asked { until: now.saturating_add(patience), questions: asked + 1 };
        Step::Send(bytes)
    }

    fn move_on(&mut self, now: Duration) -> Step {
        self.round_bytes += self.bytes;
        self.stage = (self.stage + 1) % STAGES.len();
        if self.stage == 0 {
            self.rounds = self.rounds.saturating_add(1);
            self.puzzled = core::mem::take(&mut self.round_bytes) > 0;
        }
        self.phase = Phase::Open;
        self.poll(now)
    }
}

#[cfg(test)]
mod tests;
