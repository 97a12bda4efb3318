//! The sensor's side of the conversation.

use crate::patient::Patient;
use crate::random::Random;
use crate::script::{Moment, Talk};
use crate::{Arrival, Faults, Protocol, Sample, Script};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// Frames due for longer than this are not made up for: after a suspend of the computer a sensor has nothing to tell of
/// the time between.
const BACKLOG: Duration = Duration::from_secs(2);

/// Stored data that are due for longer than this are sent later: they wait in the sensor.
const BURST: Duration = Duration::from_millis(500);

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
    /// Puts another memory in place of what it has stored; without an effect on a sensor that stores nothing.
    fn remember(&mut self, _memory: Memory) {}
    /// Appends the next unit of stored data, which is due.
    fn stored(&mut self, _now: Duration, _send: &mut Vec<u8>) {}
    /// When stored data are due next.
    fn stored_due(&self) -> Option<Duration> {
        None
    }
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
    script: Script,
    device: Box<dyn Device>,
    patient: Patient,
    /// Chance of the line; the patient has a chance of its own, so that garbage does not change the numbers.
    noise: Random,
    /// How many frames to send before the next damage.
    good_frames: i32,
    /// When the script was at its beginning; `None` while it stands still: until the first sample, and from each
    /// unplugging to the first sample after it.
    began: Option<Duration>,
    /// Where the script goes on when it stands still.
    stands_at: Duration,
    was_garbled: bool,
    /// When the running stream began, and how many frames it has had.
    stream: Option<(Duration, u64)>,
    away_until: Option<Duration>,
    answers: Vec<u8>,
    asked_at: Duration,
    host_packets: VecDeque<HostPacket>,
    line: Option<Faults>,
    frame: Vec<u8>,
}

impl Simulator {
    /// A sensor that is switched on at `now` and goes through a [`Scenario`](crate::Scenario) or a [`Script`].
    #[must_use]
    pub fn new(protocol: Protocol, script: impl Into<Script>, seed: u64, now: Duration) -> Self {
        let mut simulator = Self {
            protocol,
            script: script.into(),
            device: (protocol.profile().device)(),
            patient: Patient::new(seed),
            noise: Random::new(!seed),
            good_frames: 0,
            began: None,
            stands_at: Duration::ZERO,
            was_garbled: false,
            stream: None,
            away_until: None,
            answers: Vec::new(),
            asked_at: now,
            host_packets: VecDeque::new(),
            line: None,
            frame: Vec::new(),
        };
        simulator.power_on(now);
        simulator
    }

    /// The same sensor behind a bad line: what it sends comes out as the line leaves it. What it is sent arrives whole;
    /// a plug that the line pulls is the sensor's.
    ///
    /// ```
    /// use core::time::Duration;
    /// use oximeter::{FaultRates, Faults, Protocol, Scenario, Simulator};
    ///
    /// let line = Faults::new(FaultRates::mix(1000), 1);
    /// let sensor = Simulator::new(Protocol::Cms50, Scenario::Steady, 1, Duration::ZERO).behind(line);
    /// # let _ = sensor;
    /// ```
    #[must_use]
    pub fn behind(mut self, line: Faults) -> Self {
        self.line = Some(line);
        self
    }

    /// The same sensor with another memory; without an effect on one that stores nothing.
    #[must_use]
    pub fn with_memory(mut self, memory: Memory) -> Self {
        self.device.remember(memory);
        self
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

    /// Appends to `send` what is due up to `now`. A sensor that was just unplugged may have sent something before.
    pub fn poll(&mut self, now: Duration, send: &mut Vec<u8>) -> Presence {
        if let Some(until) = self.away_until {
            if now < until {
                return Presence::Unplugged;
            }
            self.power_on(until);
        }
        let Some(mut line) = self.line.take() else { return self.send(now, None, send) };
        let presence = self.send(now, Some(&mut line), send);
        while let Some(arrival) = line.arrive(now) {
            match arrival {
                Arrival::Bytes(bytes) => send.extend_from_slice(&bytes),
                Arrival::Unplugged { until } => {
                    let at = self.script_time(now).unwrap_or(self.stands_at);
                    self.unplug(until, at);
                    break;
                }
            }
        }
        self.line = Some(line);
        if self.away_until.is_some() { Presence::Unplugged } else { presence }
    }

    /// Sends what is due up to `now`, through `line` if there is one.
    fn send(&mut self, now: Duration, mut line: Option<&mut Faults>, send: &mut Vec<u8>) -> Presence {
        let answers = core::mem::take(&mut self.answers);
        match &mut line {
            Some(line) if !answers.is_empty() => line.send(self.asked_at, &answers),
            _ => send.extend_from_slice(&answers),
        }
        self.send_stored(now, line.as_deref_mut(), send);
        while let Some(due) = self.frame_due() {
            if due > now {
                break;
            }
            if !self.device.streams(due) {
                self.stream = None;
                break;
            }
            let began = *self.began.get_or_insert(due.saturating_sub(self.stands_at));
            let at = due.saturating_sub(began);
            let moment = self.script.at(at);
            match moment.talk {
                Talk::Frames => {}
                Talk::Nothing { left: None } => break,
                Talk::Nothing { left: Some(_) } => {
                    self.count_frame();
                    continue;
                }
                Talk::Unplugged { left } => {
                    self.unplug(due.saturating_add(left), at.saturating_add(left));
                    return Presence::Unplugged;
                }
            }
            let late = now.saturating_sub(due) > BACKLOG;
            if !late {
                let sample = self.patient.sample(self.protocol, at, &moment);
                if let Some(line) = &mut line {
                    let mut frame = core::mem::take(&mut self.frame);
                    frame.clear();
                    self.send_frame(due, &moment, &sample, &mut frame);
                    line.send(due, &frame);
                    self.frame = frame;
                    if line.was_pulled() {
                        break;
                    }
                } else {
                    self.send_frame(due, &moment, &sample, send);
                }
            }
            self.count_frame();
        }
        // A sensor that waits to be asked can be unplugged as well.
        if let Some(at) = self.script_time(now)
            && let Talk::Unplugged { left } = self.script.at(at).talk
        {
            self.unplug(now.saturating_add(left), at.saturating_add(left));
            return Presence::Unplugged;
        }
        Presence::Plugged
    }

    fn count_frame(&mut self) {
        if let Some((_, frames)) = &mut self.stream {
            *frames += 1;
        }
    }

    /// The sensor is away until `until`; then its script goes on at `at`.
    fn unplug(&mut self, until: Duration, at: Duration) {
        self.away_until = Some(until);
        self.stands_at = at;
        self.began = None;
    }

    /// Where the script is at `now`; `None` while it stands still.
    fn script_time(&self, now: Duration) -> Option<Duration> {
        self.began.map(|began| now.saturating_sub(began))
    }

    /// Sends what is due of stored data.
    fn send_stored(&mut self, now: Duration, mut line: Option<&mut Faults>, send: &mut Vec<u8>) {
        while let Some(due) = self.device.stored_due().filter(|&due| due <= now) {
            if !matches!(self.talk(due), Talk::Frames) {
                break;
            }
            let due = due.max(now.saturating_sub(BURST));
            let mut unit = core::mem::take(&mut self.frame);
            unit.clear();
            self.device.stored(due, &mut unit);
            match &mut line {
                Some(line) => line.send(due, &unit),
                None => send.extend_from_slice(&unit),
            }
            self.frame = unit;
        }
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
        let arrival = self.line.as_ref().and_then(Faults::next_wake);
        let wake = |due| match self.talk(due) {
            Talk::Nothing { left } => left.map(|left| due.saturating_add(left)),
            Talk::Frames | Talk::Unplugged { .. } => Some(due),
        };
        let due = [self.frame_due(), self.device.stored_due()].into_iter().flatten().filter_map(wake);
        due.chain(arrival).min()
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
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// Whether the sensor is unplugged at some time, by its script or by the line.
    #[must_use]
    pub fn is_unplugged_at_times(&self) -> bool {
        self.script.unplugs() || self.line.as_ref().is_some_and(Faults::unplugs)
    }

    fn power_on(&mut self, now: Duration) {
        self.device.power_on(now);
        self.away_until = None;
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
        let per_minute = u64::from(self.protocol.samples_per_minute());
        // Whole minutes apart, so that the product cannot overflow and no rounding adds up.
        let part = Duration::from_nanos(frames % per_minute * 60_000_000_000 / per_minute);
        Some(from.saturating_add(Duration::from_secs(frames / per_minute * 60)).saturating_add(part))
    }

    fn talk(&self, now: Duration) -> Talk {
        self.script_time(now).map_or(Talk::Frames, |at| self.script.at(at).talk)
    }

    fn is_silenced(&self, now: Duration) -> bool {
        matches!(self.talk(now), Talk::Nothing { .. })
    }

    fn send_frame(&mut self, due: Duration, moment: &Moment, sample: &Sample, send: &mut Vec<u8>) {
        let from = send.len();
        self.device.frame(due, sample, send);
        let first = !core::mem::replace(&mut self.was_garbled, moment.garbage);
        if !moment.garbage {
            return;
        }
        let a_second = (self.protocol.samples_per_minute() / 60).max(1) as i32;
        if first {
            self.burst(from, send);
        } else if self.good_frames == 0 {
            self.damage(from, send);
        } else {
            self.good_frames -= 1;
            return;
        }
        self.good_frames = self.noise.between(a_second, 2 * a_second);
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

pub use memory::Memory;
pub(crate) use memory::{Kept, Sending};

mod memory;
#[cfg(test)]
mod tests;
