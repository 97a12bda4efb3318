//! What a simulated sensor says: a simulator's bytes, or those of a capture.

use oximeter::capture::Replay;
use oximeter::{HostPacket, Presence, Protocol, Script, Simulator};
use std::time::Duration;

/// See the module.
#[derive(Debug)]
pub enum Played {
    /// A patient and a sensor that answers.
    Simulator(Box<Simulator>),
    /// What a sensor said once.
    Capture(Box<Replay>),
}

impl Played {
    /// A sensor as it comes out of its box, with its patient.
    #[must_use]
    pub fn sensor(protocol: Protocol, script: impl Into<Script>, seed: u64) -> Self {
        Self::Simulator(Box::new(Simulator::new(protocol, script, seed, Duration::ZERO)))
    }

    /// Whether it begins when somebody listens: of a capture nothing is to be missed.
    pub(super) const fn waits_for_host(&self) -> bool {
        matches!(self, Self::Capture(_))
    }

    /// Whether it is unplugged at some time, and comes back under another name.
    pub(super) fn is_unplugged_at_times(&self) -> bool {
        match self {
            Self::Simulator(simulator) => simulator.is_unplugged_at_times(),
            Self::Capture(replay) => replay.is_unplugged_at_times(),
        }
    }

    pub(super) fn poll(&mut self, now: Duration, send: &mut Vec<u8>) -> Presence {
        match self {
            Self::Simulator(simulator) => simulator.poll(now, send),
            Self::Capture(replay) => replay.poll(now, send),
        }
    }

    pub(super) fn receive(&mut self, now: Duration, bytes: &[u8]) {
        match self {
            Self::Simulator(simulator) => simulator.receive(now, bytes),
            // It says what was said then, whatever is asked now.
            Self::Capture(_) => {}
        }
    }

    pub(super) fn next_wake(&self) -> Option<Duration> {
        match self {
            Self::Simulator(simulator) => simulator.next_wake(),
            Self::Capture(replay) => replay.next_wake(),
        }
    }

    /// Everything was said that there is to say.
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Capture(replay) if replay.is_over())
    }

    pub(super) fn take_host_packets(&mut self) -> Vec<HostPacket> {
        match self {
            Self::Simulator(simulator) => simulator.take_host_packets().collect(),
            Self::Capture(_) => Vec::new(),
        }
    }
}

impl From<Simulator> for Played {
    fn from(simulator: Simulator) -> Self {
        Self::Simulator(Box::new(simulator))
    }
}

impl From<Replay> for Played {
    fn from(replay: Replay) -> Self {
        Self::Capture(Box::new(replay))
    }
}
