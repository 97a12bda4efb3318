//! The sensor's side: an Avant.

use super::DataLine;
use crate::sample::Sample;
use crate::simulator::{Device, HostPacket};
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

/// Format, date and time at power-on, as the manuals describe it; how the lines are worded is not known.
const HEADING: &str = "NONIN AVANT FORMAT 1\r\n01/01/00 00:00:00\r\n";

#[derive(Debug, Default)]
pub(super) struct Avant {
    introduced: bool,
}

impl Device for Avant {
    fn power_on(&mut self, _now: Duration) {
        *self = Self::default();
    }

    fn receive(&mut self, _now: Duration, _byte: u8, _send: &mut Vec<u8>) -> Option<HostPacket> {
        // It takes no commands.
        None
    }

    fn streams(&mut self, _now: Duration) -> bool {
        true
    }

    fn frame(&mut self, _now: Duration, sample: &Sample, send: &mut Vec<u8>) {
        if !core::mem::replace(&mut self.introduced, true) {
            send.extend_from_slice(HEADING.as_bytes());
        }
        send.extend_from_slice(format!("{}\r\n", DataLine::from_sample(sample)).as_bytes());
    }
}
