//! The sensor's side: a CMS50D+ of before firmware 4.6.

use super::stored::{announce, encode_second};
use super::{LIVE, STORED, encode};
use crate::errand::Start;
use crate::sample::Sample;
use crate::simulator::{Device, HostPacket, Kept, Memory, Sending};
use alloc::vec::Vec;
use core::time::Duration;

/// One byte on a line of 19200 8O1.
const BYTE: Duration = Duration::from_nanos(572_917);

/// It streams from power-on, and again after a transfer when it is told to. Of what is in its memory it sends the first
/// recording: it has room for one.
#[derive(Debug)]
pub(super) struct Cms50Device {
    last: [u8; 2],
    live: bool,
    memory: Memory,
    sending: Option<Sending>,
}

impl Default for Cms50Device {
    fn default() -> Self {
        Self { last: [0; 2], live: true, memory: Memory::example().with_its_clock_removed(), sending: None }
    }
}

/// What stands before the seconds.
fn head(kept: &Kept) -> Vec<u8> {
    let (hour, minute) = match kept.stored.start {
        Some(Start::At(at)) => (at.hour(), at.minute()),
        Some(Start::TimeOfDay { hour, minute }) => (hour, minute),
        None => (0, 0),
    };
    let mut head = [0xF2, 0x80 | hour, minute].repeat(3);
    head.extend(announce(kept.len()));
    head
}

impl Device for Cms50Device {
    fn power_on(&mut self, _now: Duration) {
        self.last = [0; 2];
        self.live = true;
        self.sending = None;
    }

    fn receive(&mut self, now: Duration, byte: u8, _send: &mut Vec<u8>) -> Option<HostPacket> {
        let [before, last] = self.last;
        self.last = [last, byte];
        if [before, last, byte] == LIVE {
            self.last = [0; 2];
            self.live = true;
            self.sending = None;
            return Some(HostPacket { name: "live data", starts: true });
        }
        if [last, byte] == STORED {
            self.last = [0; 2];
            if let Some(kept) = self.memory.recordings().first().filter(|kept| kept.len() > 0) {
                self.sending = Some(Sending { slot: kept.stored.slot, unit: 0, due: now });
                self.live = false;
            }
            return Some(HostPacket { name: "stored recording", starts: false });
        }
        None
    }

    fn streams(&mut self, _now: Duration) -> bool {
        self.live
    }

    fn frame(&mut self, _now: Duration, sample: &Sample, send: &mut Vec<u8>) {
        send.extend_from_slice(&encode(sample));
    }

    fn remember(&mut self, memory: Memory) {
        self.memory = memory;
    }

    fn stored(&mut self, now: Duration, send: &mut Vec<u8>) {
        let Some(mut sending) = self.sending.take() else { return };
        let Some(kept) = self.memory.at(sending.slot) else { return };
        let from = send.len();
        match sending.unit.checked_sub(1) {
            None => send.extend(head(kept)),
            Some(at) if at < kept.len() => send.extend(encode_second(&kept.second(at))),
            // It simply stops.
            Some(_) => return,
        }
        sending.unit += 1;
        sending.due = now.saturating_add(BYTE * (send.len() - from) as u32);
        self.sending = Some(sending);
    }

    fn stored_due(&self) -> Option<Duration> {
        self.sending.as_ref().map(|sending| sending.due)
    }
}
