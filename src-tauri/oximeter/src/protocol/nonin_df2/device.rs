//! The sensor's side: an Xpod that knows the clock and format commands of the 9560.

use super::Encoder;
use crate::sample::Sample;
use crate::simulator::{Device, HostPacket};
use alloc::vec::Vec;
use core::time::Duration;

/// Commands are heeded so long after power-on (9560).
const HEEDS: Duration = Duration::from_secs(5);

/// Display values change so often, and are held so long after the finger left.
const DISPLAY_EVERY: Duration = Duration::from_millis(1500);
const DISPLAY_HELD: Duration = Duration::from_secs(10);

const ACK: u8 = 0x06;
const NAK: u8 = 0x15;

/// The longest command that is heeded: `02 op len`, six bytes of data, `03`.
const LONGEST: usize = 10;

#[derive(Debug, Default)]
pub(super) struct Df2Device {
    encoder: Encoder,
    powered: Duration,
    command: Vec<u8>,
    shown: (Option<u8>, Option<u16>),
    shown_at: Option<Duration>,
    measured_at: Duration,
}

impl Df2Device {
    fn obey(&self, now: Duration, send: &mut Vec<u8>) -> Option<HostPacket> {
        let heeds = now < self.powered.saturating_add(HEEDS);
        match self.command.as_slice() {
            [0x02, 0x70, 0x02, 0x02, format, 0x03] => {
                // It streams data format 2 and nothing else.
                let known = *format == 0x02;
                if heeds {
                    send.push(if known { ACK } else { NAK });
                }
                Some(HostPacket { name: "select format", starts: known })
            }
            [0x02, 0x72, 0x06, .., 0x03] => Some(HostPacket { name: "set time", starts: false }),
            [0x02, _, ..] => {
                if heeds {
                    send.push(NAK);
                }
                Some(HostPacket { name: "unknown command", starts: false })
            }
            _ => None,
        }
    }

    /// The numbers for display: held where the plain ones go missing.
    fn show(&mut self, now: Duration, sample: &Sample) {
        if sample.spo2.is_some() {
            self.measured_at = now;
        } else if now < self.measured_at.saturating_add(DISPLAY_HELD) {
            return;
        }
        if self.shown_at.is_none_or(|at| now >= at.saturating_add(DISPLAY_EVERY)) {
            self.shown = (sample.spo2, sample.pulse_rate);
            self.shown_at = Some(now);
        }
    }
}

impl Device for Df2Device {
    fn power_on(&mut self, now: Duration) {
        *self = Self { powered: now, ..Self::default() };
    }

    fn receive(&mut self, now: Duration, byte: u8, send: &mut Vec<u8>) -> Option<HostPacket> {
        if self.command.is_empty() && byte != 0x02 {
            return None;
        }
        self.command.push(byte);
        let whole = self.command.get(2).map_or(LONGEST, |&len| usize::from(len) + 4);
        if self.command.len() < whole.min(LONGEST) {
            return None;
        }
        let heard = self.obey(now, send);
        self.command.clear();
        heard
    }

    fn streams(&mut self, _now: Duration) -> bool {
        true
    }

    fn frame(&mut self, now: Duration, sample: &Sample, send: &mut Vec<u8>) {
        self.show(now, sample);
        let (spo2, rate) = self.shown;
        let frame = self.encoder.encode_with(sample, |packet| {
            packet.firmware = 41;
            packet.smart_point = sample.spo2.is_some() && !sample.flags.artifact;
            (packet.spo2_display, packet.spo2_8_display) = (spo2, spo2);
            (packet.pulse_rate_display, packet.pulse_rate_8_display) = (rate, rate);
        });
        send.extend_from_slice(&frame);
    }
}
