//! What is said over an open line: finding out who speaks, then speaking with them. A step at a time, each ending with
//! one read that waits no longer than it may.

use super::transport::Transport;
use crate::clock::Clock;
use oximeter::{
    Counters, Detector, Errand, Failure, Identity, Line, NotPossible, Outcome, Progress, Protocol, Sample, Session,
    Step,
};
use std::io;
use std::time::Duration;

/// The shortest wait of a read; a system may take none for a wait without end.
const SHORTEST_READ: Duration = Duration::from_millis(1);
/// The longest wait of a read while one finds out who speaks.
const DETECTOR_READ: Duration = Duration::from_millis(20);

/// What one step of finding out came to.
pub(super) enum Detected {
    /// It goes on; whether something came.
    Nothing { came: bool },
    /// The line is to be opened with other settings.
    Reopen(Line),
    /// This is spoken, on this line.
    Found(Protocol, Line),
}

/// A line on which one finds out who speaks.
pub(super) struct Detecting {
    detector: Detector,
    line: Option<Box<dyn Transport>>,
}

impl Detecting {
    /// `may_send`: see [`Detector::new`].
    pub(super) fn new(clock: Clock, may_send: bool) -> Self {
        Self { detector: Detector::new(since_start(clock), may_send), line: None }
    }

    /// A sensor whose protocol is named, at a speed that is not known.
    pub(super) fn of(clock: Clock, protocol: Protocol) -> Self {
        Self { detector: Detector::of(protocol, since_start(clock)), line: None }
    }

    /// The line is closed, before it is opened anew.
    pub(super) fn hang_up(&mut self) {
        self.line = None;
    }

    /// The line is open with the settings that were asked for.
    pub(super) fn pick_up(&mut self, line: Box<dyn Transport>) {
        self.line = Some(line);
    }

    /// What is being tried, in words.
    pub(super) fn in_words(&self) -> String {
        self.detector.in_words()
    }

    pub(super) fn step(&mut self, clock: Clock) -> io::Result<Detected> {
        match self.detector.poll(since_start(clock)) {
            Step::Open(line) => return Ok(Detected::Reopen(line)),
            Step::Found { protocol, line } => return Ok(Detected::Found(protocol, line)),
            Step::Send(bytes) => self.line.as_mut().map_or(Ok(()), |line| line.write(&bytes))?,
            Step::Listen { .. } => {}
        }
        let Some(line) = &mut self.line else { return Ok(Detected::Nothing { came: false }) };
        let mut buffer = [0; 1024];
        let count = line.read(&mut buffer, DETECTOR_READ)?;
        if let Some(count) = count {
            self.detector.feed(since_start(clock), &buffer[..count]);
        }
        Ok(Detected::Nothing { came: count.is_some() })
    }
}

/// What one step of a conversation came to.
#[derive(Default)]
pub(super) struct Heard {
    /// Something came.
    pub(super) bytes: bool,
    /// What it ended.
    pub(super) samples: Vec<Sample>,
    /// The sensor said something new about itself.
    pub(super) identity: Option<Identity>,
    /// What came of the errand that it was sent on.
    pub(super) outcome: Option<Result<Outcome, Failure>>,
}

/// A line to a sensor whose protocol is known.
pub(super) struct Speaking {
    session: Session,
    line: Box<dyn Transport>,
    identity: Identity,
    send: Vec<u8>,
}

impl Speaking {
    /// Begins: what makes the sensor stream is sent with the first step.
    pub(super) fn new(clock: Clock, protocol: Protocol, line: Box<dyn Transport>) -> Self {
        let mut session = Session::new(protocol, since_start(clock));
        let mut send = Vec::new();
        session.start(since_start(clock), &mut send);
        Self { identity: session.identity().clone(), session, line, send }
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn counters(&self) -> Counters {
        self.session.counters()
    }

    /// Sends what is due, then waits at most `longest` for something to come.
    pub(super) fn step(&mut self, clock: Clock, longest: Duration) -> io::Result<Heard> {
        let mut heard = Heard::default();
        self.session.poll(since_start(clock), &mut self.send, &mut |sample| heard.samples.push(sample));
        if !self.send.is_empty() {
            self.line.write(&self.send)?;
            self.send.clear();
        }
        let due = self.session.next_wake().map_or(longest, |at| at.saturating_sub(since_start(clock)));
        let mut buffer = [0; 1024];
        if let Some(count) = self.line.read(&mut buffer, due.min(longest).max(SHORTEST_READ))? {
            heard.bytes = true;
            self.session.receive(since_start(clock), &buffer[..count], &mut |sample| heard.samples.push(sample));
        }
        if *self.session.identity() != self.identity {
            self.identity = self.session.identity().clone();
            heard.identity = Some(self.identity.clone());
        }
        heard.outcome = self.session.take_outcome();
        Ok(heard)
    }

    /// Sends the sensor on an errand; the next steps carry it out.
    pub(super) fn begin(&mut self, clock: Clock, errand: &Errand) -> Result<(), NotPossible> {
        self.session.begin(since_start(clock), errand)
    }

    /// Calls the sensor back from its errand.
    pub(super) fn abandon(&mut self, clock: Clock) {
        self.session.abandon(since_start(clock));
    }

    /// How far the sensor's errand is; `None` if it is on none.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.session.progress()
    }

    /// Tells the sensor to stop sending, and closes the line.
    pub(super) fn stop(mut self) {
        self.send.clear();
        self.session.stop(&mut self.send);
        // The sensor may be gone already; the port is closed either way.
        let _ = self.line.write(&self.send);
    }
}

fn since_start(clock: Clock) -> Duration {
    clock.station().since_start()
}
