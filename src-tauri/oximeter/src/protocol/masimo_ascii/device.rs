//! The sensor's side: a Rad-8.

use super::{DataLine, KeySet};
use crate::protocol::text::clock::unset;
use crate::sample::Sample;
use crate::simulator::{Device, HostPacket};
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

/// A serial number that no device has: nobody shall take this one for a real one.
const SERIAL: u64 = 1;

#[derive(Debug, Default)]
pub(super) struct Rad8 {
    powered: Duration,
}

impl Device for Rad8 {
    fn power_on(&mut self, now: Duration) {
        self.powered = now;
    }

    fn receive(&mut self, _now: Duration, _byte: u8, _send: &mut Vec<u8>) -> Option<HostPacket> {
        // It takes no commands.
        None
    }

    fn streams(&mut self, _now: Duration) -> bool {
        true
    }

    fn frame(&mut self, now: Duration, sample: &Sample, send: &mut Vec<u8>) {
        let clock = unset(now.saturating_sub(self.powered));
        let line = DataLine { serial: Some(SERIAL), ..DataLine::from_sample(clock, sample) };
        send.extend_from_slice(format!("{}\r\n", line.encode(KeySet::Rad8)).as_bytes());
    }
}
