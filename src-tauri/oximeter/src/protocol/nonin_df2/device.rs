//! The sensor's side: an Xpod that sends data format 2, or 7, which shares the packet, and can be told to send the other.

use super::{Encoder, frame};
use crate::protocol::nonin::answering::Answering;
use crate::protocol::nonin::display::Display;
use crate::protocol::nonin_df7;
use crate::sample::Sample;
use crate::simulator::{Device, HostPacket, Memory};
use alloc::vec::Vec;
use core::time::Duration;

const WIDE: u8 = 0x07;

#[derive(Debug)]
pub(in crate::protocol) struct Df2Device {
    answering: Answering,
    /// Samples come with a wave of 16 bits, whichever format is sent.
    wide: bool,
    encoder: Encoder,
    display: Display,
}

impl Df2Device {
    /// One that begins with data format `format`, 2 or 7.
    pub(in crate::protocol) fn new(format: u8) -> Self {
        Self {
            answering: Answering::new(format, &[0x02, WIDE]),
            wide: format == WIDE,
            encoder: Encoder::default(),
            display: Display::default(),
        }
    }
}

impl Device for Df2Device {
    fn power_on(&mut self, now: Duration) {
        self.answering.power_on(now);
        (self.encoder, self.display) = (Encoder::default(), Display::default());
    }

    fn receive(&mut self, now: Duration, byte: u8, send: &mut Vec<u8>) -> Option<HostPacket> {
        self.answering.receive(now, byte, send)
    }

    fn remember(&mut self, memory: Memory) {
        self.answering.memory = memory;
    }

    fn streams(&mut self, _now: Duration) -> bool {
        true
    }

    fn frame(&mut self, now: Duration, sample: &Sample, send: &mut Vec<u8>) {
        let (spo2, rate) = self.display.show(now, sample);
        let (bits, float) = self.encoder.encode_with(sample, |packet| {
            packet.firmware = 41;
            packet.smart_point = sample.spo2.is_some() && !sample.flags.artifact;
            (packet.spo2_display, packet.spo2_8_display) = (spo2, spo2);
            (packet.pulse_rate_display, packet.pulse_rate_8_display) = (rate, rate);
        });
        let pleth = match (sample.pleth, self.wide) {
            (None, _) => 0x8000,
            (Some(pleth), true) => pleth,
            (Some(pleth), false) => pleth.min(255) << 8 | pleth.min(255),
        };
        let bytes = if self.answering.format == WIDE {
            nonin_df7::frame(bits, pleth, float)
        } else {
            frame(bits, (pleth >> 8) as u8, float)
        };
        send.extend_from_slice(&bytes);
    }
}
