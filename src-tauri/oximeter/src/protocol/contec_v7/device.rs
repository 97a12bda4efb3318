//! The sensor's side: a CMS50I, or, with a memory without a clock, a CMS50D+ of firmware 4.6.

use super::{Framed, Framer, Live, Packet, command, packet};
use crate::errand::{DeviceTime, Second, Slot, Start};
use crate::sample::Sample;
use crate::simulator::{Device, HostPacket, Kept, Memory, Sending};
use alloc::vec::Vec;
use core::time::Duration;

/// How long after the host's last packet the stream goes on; real sensors stop after 30 to 60 s.
const LEASE: Duration = Duration::from_secs(30);

/// Reasons in a packet of type 0B.
const DONE: u8 = 0;
const NOT_SUPPORTED: u8 = 5;
const UNKNOWN: u8 = 0xFF;

/// One byte on a line of 115200 8N1.
const BYTE: Duration = Duration::from_nanos(86_806);

#[derive(Debug)]
pub(super) struct V7Device {
    framer: Framer,
    live: bool,
    last_heard: Duration,
    device_id: Option<[u8; 7]>,
    memory: Memory,
    /// The date that was set, until the time of day follows.
    date: Option<(u16, u8, u8)>,
    sending: Option<Sending>,
}

impl Default for V7Device {
    fn default() -> Self {
        Self {
            framer: Framer::default(),
            live: false,
            last_heard: Duration::ZERO,
            device_id: None,
            memory: Memory::example(),
            date: None,
            sending: None,
        }
    }
}

fn say(kind: u8, payload: &[u8], send: &mut Vec<u8>) {
    if let Some(packet) = Packet::new(kind, payload) {
        send.extend_from_slice(packet.bytes().as_ref());
    }
}

/// Seconds in one packet of a recording.
fn per_unit(kept: &Kept) -> u32 {
    if kept.has_perfusion() { 1 } else { 3 }
}

impl V7Device {
    /// The bytes of one stored second; without a value, as this model writes it.
    fn bytes_of(&self, second: Second) -> [u8; 4] {
        let [spo2, rate, index] = if self.memory.has_clock() { [0x7F, 0xFF, 0xFFFF] } else { [0, 0, 0] };
        let index = second.perfusion_index.unwrap_or(index).to_le_bytes();
        let rate = second.pulse_rate.map_or(rate as u8, |rate| rate.min(254) as u8);
        [second.spo2.unwrap_or(spo2 as u8), rate, index[0], index[1]]
    }

    /// The packet of one unit; `None` past the end. The last is filled up with 0.
    fn unit(&self, kept: &Kept, unit: u32) -> Option<Packet> {
        let first = unit.checked_mul(per_unit(kept))?;
        if first >= kept.len() {
            return None;
        }
        if kept.has_perfusion() {
            return Packet::new(packet::STORED_WITH_PERFUSION, &self.bytes_of(kept.second(first)));
        }
        let mut payload = [0; 6];
        for (at, to) in (first..kept.len()).zip(payload.chunks_exact_mut(2)) {
            to.copy_from_slice(&self.bytes_of(kept.second(at))[..2]);
        }
        Packet::new(packet::STORED, &payload)
    }

    fn start_of(&self, slot: Slot) -> ([u8; 6], [u8; 6]) {
        let Slot { user, segment } = slot;
        match self.memory.at(slot).and_then(|kept| kept.stored.start) {
            Some(Start::At(at)) => (
                [user, segment, (at.year() / 100) as u8, at.year_of_century(), at.month(), at.day()],
                [user, segment, at.hour(), at.minute(), at.second(), 0],
            ),
            Some(Start::TimeOfDay { hour, minute }) => {
                ([user, segment, 0, 0, 0, 0], [user, segment, hour, minute, 0, 0])
            }
            None => ([user, segment, 0, 0, 0, 0], [user, segment, 0, 0, 0, 0]),
        }
    }

    /// Sets the clock when the date is there; reason for the answer.
    fn set_time(&mut self, now: Duration, arguments: &[u8]) -> u8 {
        let (Some((year, month, day)), [hour, minute, second, ..]) = (self.date, arguments) else { return UNKNOWN };
        match DeviceTime::new(year, month, day, *hour, *minute, *second) {
            Some(time) if self.memory.has_clock() => {
                self.memory.set_clock(now, time);
                DONE
            }
            Some(_) => NOT_SUPPORTED,
            None => UNKNOWN,
        }
    }

    fn set_date(&mut self, arguments: &[u8]) -> u8 {
        if !self.memory.has_clock() {
            return NOT_SUPPORTED;
        }
        if let [hundreds, year, month, day, ..] = arguments {
            self.date = Some((u16::from(*hundreds) * 100 + u16::from(*year), *month, *day));
        }
        DONE
    }

    fn send_stored(&mut self, now: Duration, slot: Slot) -> Option<u8> {
        if self.live || self.memory.at(slot).is_none() {
            return Some(UNKNOWN);
        }
        self.sending = Some(Sending { slot, unit: 0, due: now });
        None
    }

    /// Answers a command that the host may give while stored data are sent, or at any time.
    fn obey(&mut self, now: Duration, code: u8, arguments: &[u8], send: &mut Vec<u8>) -> HostPacket {
        if self.sending.is_some() && ![command::STOP_STORED, command::KEEP_ALIVE].contains(&code) {
            // "While stored data runs, nothing may be asked."
            return HostPacket { name: "a question during stored data", starts: false };
        }
        let user = arguments.first().copied().unwrap_or(0);
        let segment = arguments.get(1).copied().unwrap_or(0);
        let slot = Slot { user, segment };
        let mut outcome = None;
        let name = match code {
            command::VERSION => {
                say(packet::VERSION, &[0, 7], send);
                "version"
            }
            command::START_LIVE => {
                self.live = true;
                "start live data"
            }
            command::STOP_LIVE => {
                self.live = false;
                say(packet::FREE, &[], send);
                "stop live data"
            }
            command::SEGMENTS => {
                say(packet::SEGMENTS, &[user, self.memory.segments(user)], send);
                "number of recordings"
            }
            command::LENGTH => {
                let bytes =
                    self.memory.at(slot).map_or(0, |kept| kept.len() * if kept.has_perfusion() { 4 } else { 2 });
                let [a, b, c, d] = bytes.to_le_bytes();
                say(packet::LENGTH, &[user, segment, a, b, c, d], send);
                "length of a recording"
            }
            command::START_TIME => {
                let (date, time) = self.start_of(slot);
                say(packet::START_DATE, &date, send);
                say(packet::START_TIME, &time, send);
                "start of a recording"
            }
            command::SEND_STORED => {
                outcome = self.send_stored(now, slot);
                "send a recording"
            }
            command::STOP_STORED => {
                self.sending = None;
                say(packet::FREE, &[], send);
                "stop sending a recording"
            }
            command::MODEL => {
                // A real D+ sends blanks for all its names.
                let model = if self.memory.has_clock() { b"\x00CMS50I" } else { b"\x00      " };
                say(packet::MODEL, model, send);
                say(packet::MODEL, if self.memory.has_clock() { b"\x01      " } else { b"\xFF      " }, send);
                "model"
            }
            command::VENDOR => {
                say(packet::VENDOR, if self.memory.has_clock() { b"CONTEC " } else { b"       " }, send);
                "vendor"
            }
            command::DEVICE_ID => {
                let id = if self.memory.has_clock() { b"SIM0001" } else { b"user   " };
                say(packet::DEVICE_ID, &self.device_id.unwrap_or(*id), send);
                "device id"
            }
            command::USER => {
                say(packet::USER, &[user, b'u', b's', b'e', b'r', b' ', b' '], send);
                "user"
            }
            command::PERFUSION => {
                say(packet::PERFUSION, &[u8::from(!self.memory.has_clock())], send);
                "perfusion index in live data"
            }
            command::USERS => {
                say(packet::USERS, &[1], send);
                "number of users"
            }
            command::DELETE => {
                self.memory.delete(user, Some(segment).filter(|&segment| segment != 0xFF));
                outcome = Some(DONE);
                "delete recordings"
            }
            command::KEEP_ALIVE => "keep-alive",
            command::STORED => {
                say(packet::NOTICE, &[1, u8::from(!self.memory.recordings().is_empty())], send);
                "recordings stored"
            }
            command::SET_TIME => {
                outcome = Some(self.set_time(now, arguments));
                "set time"
            }
            command::SET_DATE => {
                outcome = Some(self.set_date(arguments));
                "set date"
            }
            command::UNKNOWN_B3 => {
                say(0x13, b"       ", send);
                say(0x14, b"     \0\0", send);
                "B3"
            }
            command::SEGMENT_PERFUSION if self.memory.has_clock() => {
                let has = self.memory.at(slot).is_some_and(Kept::has_perfusion);
                say(packet::SEGMENT_PERFUSION, &[user, segment, if has { 0xA1 } else { 0xA0 }], send);
                "perfusion index in a recording"
            }
            _ => {
                outcome = Some(NOT_SUPPORTED);
                "unknown command"
            }
        };
        if let Some(reason) = outcome {
            say(packet::OUTCOME, &[code, reason], send);
        }
        HostPacket { name, starts: code == command::START_LIVE }
    }
}

impl Device for V7Device {
    fn power_on(&mut self, now: Duration) {
        let memory = core::mem::replace(&mut self.memory, Memory::without_clock());
        *self = Self { last_heard: now, device_id: self.device_id, memory, ..Self::default() };
    }

    fn receive(&mut self, now: Duration, byte: u8, send: &mut Vec<u8>) -> Option<HostPacket> {
        let Framed::Whole(packet) = self.framer.push(byte) else { return None };
        self.last_heard = now;
        match (packet.kind(), packet.payload()) {
            (packet::COMMAND, [code, arguments @ ..]) => Some(self.obey(now, *code, arguments, send)),
            (packet::DEVICE_ID, id) => {
                self.device_id = id.try_into().ok();
                say(packet::DEVICE_ID, id, send);
                Some(HostPacket { name: "set device id", starts: false })
            }
            _ => None,
        }
    }

    fn streams(&mut self, now: Duration) -> bool {
        self.live = self.live && now < self.last_heard.saturating_add(LEASE);
        self.live
    }

    fn frame(&mut self, _now: Duration, sample: &Sample, send: &mut Vec<u8>) {
        let mut live = Live::from_sample(sample);
        if !self.memory.has_clock() {
            (live.perfusion_invalid, live.perfusion_index) = (true, 0xFFFF);
        }
        send.extend_from_slice(live.packet().bytes().as_ref());
    }

    fn remember(&mut self, memory: Memory) {
        self.memory = memory;
    }

    fn stored(&mut self, now: Duration, send: &mut Vec<u8>) {
        let Some(mut sending) = self.sending.take() else { return };
        // Past the end nothing comes any more.
        let unit = self.memory.at(sending.slot).and_then(|kept| self.unit(kept, sending.unit));
        let Some(unit) = unit.map(|unit| unit.bytes()) else { return };
        send.extend_from_slice(unit.as_ref());
        sending.unit += 1;
        sending.due = now.saturating_add(BYTE * unit.as_ref().len() as u32);
        self.sending = Some(sending);
    }

    fn stored_due(&self) -> Option<Duration> {
        self.sending.as_ref().map(|sending| sending.due)
    }
}
