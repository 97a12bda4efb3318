//! A host and a simulated sensor with a memory, joined by buffers, in virtual time.

use super::*;
use crate::{Memory, Sample, Scenario, Session, Simulator};
use core::time::Duration;

const STEP: Duration = Duration::from_millis(5);

/// A host and a sensor; what the line between them does to the sensor's bytes is up to `line`.
pub(crate) struct Pair {
    pub(crate) host: Session,
    pub(crate) sensor: Simulator,
    pub(crate) now: Duration,
    pub(crate) samples: Vec<(Duration, Sample)>,
    pub(crate) asked: Vec<u8>,
}

impl Pair {
    pub(crate) fn new(protocol: Protocol, memory: Memory) -> Self {
        let mut host = Session::new(protocol, Duration::ZERO);
        let mut sensor = Simulator::new(protocol, Scenario::Steady, 3, Duration::ZERO).with_memory(memory);
        let mut asked = Vec::new();
        host.start(Duration::ZERO, &mut asked);
        sensor.receive(Duration::ZERO, &asked);
        Self { host, sensor, now: Duration::ZERO, samples: Vec::new(), asked }
    }

    pub(crate) fn step(&mut self, line: &mut dyn FnMut(Vec<u8>) -> Vec<u8>) {
        self.now += STEP;
        let (now, samples) = (self.now, &mut self.samples);
        let mut send = Vec::new();
        self.sensor.poll(now, &mut send);
        self.host.receive(now, &line(send), &mut |sample| samples.push((now, sample)));
        // As a port's owner does: an answer is followed up at once.
        for _ in 0..4 {
            let mut send = Vec::new();
            self.host.poll(now, &mut send, &mut |sample| samples.push((now, sample)));
            self.sensor.receive(now, &send);
            self.asked.extend(send);
        }
    }

    pub(crate) fn run(&mut self, seconds: u64) {
        let until = self.now + Duration::from_secs(seconds);
        while self.now < until {
            self.step(&mut |bytes| bytes);
        }
    }

    /// Runs until the errand is over; within ten minutes it must be.
    pub(crate) fn outcome(&mut self, line: &mut dyn FnMut(Vec<u8>) -> Vec<u8>) -> Result<Outcome, Failure> {
        let until = self.now + Duration::from_secs(600);
        while self.now < until {
            self.step(line);
            if let Some(outcome) = self.host.take_outcome() {
                assert_eq!(self.host.progress(), None);
                return outcome;
            }
        }
        panic!("no end in ten minutes: {:?}", self.host.progress());
    }

    pub(crate) fn errand(&mut self, errand: &Errand) -> Result<Outcome, Failure> {
        self.host.begin(self.now, errand).unwrap();
        self.outcome(&mut |bytes| bytes)
    }

    pub(crate) fn live_within(&mut self, seconds: u64) -> bool {
        let before = self.samples.len();
        self.run(seconds);
        self.samples[before..].iter().any(|(_, sample)| sample.spo2.is_some())
    }
}

pub(crate) fn recording(outcome: Result<Outcome, Failure>) -> Recording {
    match outcome {
        Ok(Outcome::Recording(recording)) => recording,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn slot(user: u8, segment: u8) -> Slot {
    Slot { user, segment }
}

#[test]
fn what_was_not_possible_is_said_in_a_sentence() {
    use alloc::string::ToString;
    let refused = Failure::Refused { what: "to set its clock", reason: Reason::NotSupported };
    assert_eq!(refused.to_string(), "The sensor refused when asked to set its clock: this model cannot do that.");
    let silent = Failure::NoAnswer { to: "how many users it has" };
    assert_eq!(silent.to_string(), "The sensor did not answer when asked how many users it has; try again.");
    let none = Failure::NoSuchRecording(slot(0, 3));
    assert_eq!(none.to_string(), "The sensor holds no recording 0/3, or it is empty.");
}

#[test]
fn a_start_is_written_as_the_sensor_knows_it() {
    use alloc::string::ToString;
    let at = DeviceTime::new(2014, 8, 18, 2, 38, 18).unwrap();
    assert_eq!(Start::At(at).to_string(), "2014-08-18T02:38:18");
    assert_eq!(Start::TimeOfDay { hour: 22, minute: 41 }.to_string(), "22:41");
}

#[test]
fn one_errand_at_a_time_and_none_without_a_conversation() {
    let mut pair = Pair::new(Protocol::ContecV7, Memory::example());
    pair.run(1);
    pair.host.begin(pair.now, &Errand::Recordings).unwrap();
    assert_eq!(pair.host.begin(pair.now, &Errand::Details), Err(NotPossible::Busy));
    pair.outcome(&mut |bytes| bytes).unwrap();
    assert_eq!(pair.host.begin(pair.now, &Errand::Details), Ok(()));
    pair.host.stop(&mut Vec::new());
    assert_eq!(pair.host.begin(pair.now, &Errand::Details), Err(NotPossible::NotStarted));
    assert_eq!(pair.host.take_outcome(), Some(Err(Failure::Interrupted)));
}

#[test]
fn beginning_anew_ends_an_errand() {
    let mut pair = Pair::new(Protocol::ContecV7, Memory::example());
    pair.run(1);
    pair.host.begin(pair.now, &Errand::Download(slot(0, 2))).unwrap();
    for _ in 0..400 {
        pair.step(&mut |bytes| bytes);
    }
    let mut send = Vec::new();
    pair.host.start(pair.now, &mut send);
    pair.sensor.receive(pair.now, &send);
    assert_eq!(pair.host.take_outcome(), Some(Err(Failure::Interrupted)));
    assert!(pair.live_within(2));
}
