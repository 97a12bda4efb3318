//! The sensor's side of the conversation.

use crate::patient::Patient;
use crate::random::Random;
use crate::{Protocol, Sample, Scenario};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// How long the scenarios `silence` and `unplug` send data.
const DATA: Duration = Duration::from_secs(6);

/// How long `unplug` keeps the sensor away.
const AWAY: Duration = Duration::from_secs(8);

/// Frames due for longer than this are not made up for: after a suspend of the computer a sensor has nothing to tell of
/// the time between.
const BACKLOG: Duration = Duration::from_secs(2);

/// Packets of the host that are remembered for whoever asks; older ones are forgotten first.
const REMEMBERED: usize = 64;

/// Whether the simulated sensor is at its port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// It is there.
    Plugged,
    /// It was pulled out: whoever holds the port sees it vanish. What it is sent is lost.
    Unplugged,
}

/// A packet of the host that the simulated sensor understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HostPacket {
    /// What it asks for, in words.
    pub name: &'static str,
    /// It asks for live data: the last packet of a start-up.
    pub starts: bool,
}

/// The sensor's side of a protocol.
pub(crate) trait Device: fmt::Debug + Send {
    /// Forgets the conversation, as a sensor does that was unplugged.
    fn power_on(&mut self, now: Duration);
    /// Takes one byte of the host, appends the answer to `send`; returns the packet that the byte ended.
    fn receive(&mut self, now: Duration, byte: u8, send: &mut Vec<u8>) -> Option<HostPacket>;
    /// Whether it sends live data at `now`.
    fn streams(&mut self, now: Duration) -> bool;
    /// Appends the frame that says `sample`.
    fn frame(&mut self, now: Duration, sample: &Sample, send: &mut Vec<u8>);
}

/// A simulated sensor, without I/O and without a clock: it answers the host as the real one does and sends frames when
/// they are due. The same seed, and the same calls at the same times, give the same bytes.
///
/// ```
/// use core::time::Duration;
/// use oximeter::{Presence, Protocol, Scenario, Simulator};
///
/// let mut sensor = Simulator::new(Protocol::Cms50, Scenario::Steady, 1, Duration::ZERO);
/// let mut bytes = Vec::new();
/// assert_eq!(sensor.poll(Duration::from_millis(999), &mut bytes), Presence::Plugged);
/// assert_eq!(bytes.len(), 60 * 5);
/// ```
#[derive(Debug)]
pub struct Simulator {
    protocol: Protocol,
    scenario: Scenario,
    device: Box<dyn Device>,
    patient: Patient,
    /// Chance of the line; the patient has a chance of its own, so that garbage does not change the numbers.
    noise: Random,
    /// How many frames to send before the next damage.
    good_frames: i32,
    /// When the first sample of all was due.
    began: Option<Duration>,
    /// When the first sample since the last plugging in was due.
    plugged: Option<Duration>,
    /// When the running stream began, and how many frames it has had.
    stream: Option<(Duration, u64)>,
    away_until: Option<Duration>,
    answers: Vec<u8>,
    asked_at: Duration,
    host_packets: VecDeque<HostPacket>,
}

impl Simulator {
    /// A sensor that is switched on at `now`.
    #[must_use]
    pub fn new(protocol: Protocol, scenario: Scenario, seed: u64, now: Duration) -> Self {
        let mut simulator = Self {
            protocol,
            scenario,
            device: (protocol.profile().device)(),
            patient: Patient::new(scenario, seed),
            noise: Random::new(!seed),
            good_frames: 0,
            began: None,
            plugged: None,
            stream: None,
            away_until: None,
            answers: Vec::new(),
            asked_at: now,
            host_packets: VecDeque::new(),
        };
        simulator.power_on(now);
        simulator
    }

    /// Takes the bytes that the host sent. What an unplugged or silenced sensor is sent is lost.
    pub fn receive(&mut self, now: Duration, bytes: &[u8]) {
        if self.away_until.is_some() || self.is_silenced(now) {
            return;
        }
        for &byte in bytes {
            if let Some(packet) = self.device.receive(now, byte, &mut self.answers) {
                if self.host_packets.len() == REMEMBERED {
                    self.host_packets.pop_front();
                }
                self.host_packets.push_back(packet);
            }
        }
        self.asked_at = now;
        self.set_stream(now);
    }

    /// Appends to `send` what is due up to `now`.
    pub fn poll(&mut self, now: Duration, send: &mut Vec<u8>) -> Presence {
        if let Some(until) = self.away_until {
            if now < until {
                return Presence::Unplugged;
            }
            self.power_on(until);
        }
        send.append(&mut self.answers);
        while let Some(due) = self.frame_due() {
            if due > now {
                break;
            }
            if !self.device.streams(due) {
                self.stream = None;
                break;
            }
            let began = *self.began.get_or_insert(due);
            let plugged = *self.plugged.get_or_insert(due);
            if self.is_silenced(due) {
                break;
            }
            if self.scenario == Scenario::Unplug && due >= plugged.saturating_add(DATA) {
                self.away_until = Some(due.saturating_add(AWAY));
                return Presence::Unplugged;
            }
            let late = now.saturating_sub(due) > BACKLOG;
            if !late {
                let sample = self.patient.sample(self.protocol, due.saturating_sub(began));
                self.send_frame(due, due == began, &sample, send);
            }
            if let Some((_, frames)) = &mut self.stream {
                *frames += 1;
            }
        }
        Presence::Plugged
    }

    /// When [`poll`](Self::poll) will have something to do, if the host sends nothing before; a time that has passed
    /// means at once.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        if self.away_until.is_some() {
            return self.away_until;
        }
        if !self.answers.is_empty() {
            return Some(self.asked_at);
        }
        self.frame_due().filter(|&due| !self.is_silenced(due))
    }

    /// The packets of the host that were understood since the last call, oldest first; of more than 64 the newest 64.
    pub fn take_host_packets(&mut self) -> impl Iterator<Item = HostPacket> + '_ {
        self.host_packets.drain(..)
    }

    /// The protocol spoken.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// What the sensor goes through.
    #[must_use]
    pub fn scenario(&self) -> Scenario {
        self.scenario
    }

    fn power_on(&mut self, now: Duration) {
        self.device.power_on(now);
        self.away_until = None;
        self.plugged = None;
        self.stream = None;
        self.answers.clear();
        self.set_stream(now);
    }

    /// Begins or ends the stream as the device has been told.
    fn set_stream(&mut self, now: Duration) {
        match (self.device.streams(now), self.stream) {
            (true, None) => self.stream = Some((now, 0)),
            (false, Some(_)) => self.stream = None,
            _ => {}
        }
    }

    fn frame_due(&self) -> Option<Duration> {
        let (from, frames) = self.stream?;
        let rate = u64::from(self.protocol.sample_rate());
        // Whole seconds apart, so that the product cannot overflow and no rounding adds up.
        let part = Duration::from_nanos(frames % rate * 1_000_000_000 / rate);
        Some(from.saturating_add(Duration::from_secs(frames / rate)).saturating_add(part))
    }

    fn is_silenced(&self, now: Duration) -> bool {
        self.scenario == Scenario::Silence && self.began.is_some_and(|began| now >= began.saturating_add(DATA))
    }

    fn send_frame(&mut self, due: Duration, first: bool, sample: &Sample, send: &mut Vec<u8>) {
        let from = send.len();
        self.device.frame(due, sample, send);
        if self.scenario != Scenario::Garbage {
            return;
        }
        let rate = i32::from(self.protocol.sample_rate());
        if first {
            self.burst(from, send);
        } else if self.good_frames == 0 {
            self.damage(from, send);
        } else {
            self.good_frames -= 1;
            return;
        }
        self.good_frames = self.noise.between(rate, 2 * rate);
    }

    /// Puts random bytes into `send` at `at`.
    fn burst(&mut self, at: usize, send: &mut Vec<u8>) {
        let len = self.noise.between(1, 24) as usize;
        let noise = &mut self.noise;
        send.splice(at..at, (0..len).map(|_| noise.byte()));
    }

    /// Damages the frame that begins at `from`, one way or another.
    fn damage(&mut self, from: usize, send: &mut Vec<u8>) {
        let last = send.len().saturating_sub(1).max(from) as i32;
        let at = self.noise.between(from as i32, last) as usize;
        match self.noise.between(0, 4) {
            0 => self.burst(from, send),
            1 => self.burst(at, send),
            2 => {
                send.truncate(from);
                self.burst(from, send);
            }
            3 => {
                send.remove(at);
            }
            _ => send[at] ^= 1 << self.noise.between(0, 7),
        }
    }
}

#[cfg(test)]
mod tests;
