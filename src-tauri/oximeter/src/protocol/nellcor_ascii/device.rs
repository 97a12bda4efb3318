//! The sensor's side: an N-560.

use super::heading::{ADULT, COLUMNS};
use super::{Code, Codes, DataLine, GO_ON, Heading};
use crate::DeviceTime;
use crate::protocol::text::clock::unset;
use crate::sample::Sample;
use crate::simulator::{Device, HostPacket};
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

/// "Stop sending" (XOFF).
const STOP: u8 = 0x13;

/// Data lines between two headings.
const LINES: u8 = 22;

/// The limits of the recorded N-560.
const HEADING: Heading<'static> =
    Heading { model: "N-560", version: "1.56.00", spo2_limits: (90, 100), pulse_rate_limits: (60, 170) };

#[derive(Debug, Default)]
pub(super) struct N560 {
    powered: Duration,
    stopped: bool,
    /// Data lines since the heading; a new one stands above the first.
    lines: u8,
}

/// The line that the device writes for `sample`.
fn line_of(clock: Option<DeviceTime>, sample: &Sample) -> DataLine {
    let flags = sample.flags;
    let beyond = |number: Option<u16>, (low, high): (u16, u16)| {
        (number.is_some_and(|number| number < low), number.is_some_and(|number| number > high))
    };
    let (low, high) = HEADING.spo2_limits;
    let (spo2_low, spo2_high) = beyond(sample.spo2.map(u16::from), (u16::from(low), u16::from(high)));
    let (rate_low, rate_high) = beyond(sample.pulse_rate, HEADING.pulse_rate_limits);
    let codes = [
        (Code::SensorOff, flags.no_finger),
        (Code::PulseSearch, flags.searching),
        (Code::Interference, flags.artifact),
        (Code::SaturationLow, spo2_low),
        (Code::SaturationHigh, spo2_high),
        (Code::PulseRateLow, rate_low),
        (Code::PulseRateHigh, rate_high),
        (Code::LowBattery, flags.low_battery),
    ];
    DataLine {
        clock,
        spo2: sample.spo2,
        spo2_beyond_limit: spo2_low || spo2_high,
        pulse_rate: sample.pulse_rate,
        pulse_rate_beyond_limit: rate_low || rate_high,
        amplitude: sample.spo2.map(|_| if flags.low_perfusion { 4 } else { 52 }),
        codes: codes.into_iter().filter(|(_, set)| *set).map(|(code, _)| code).collect::<Codes>(),
    }
}

impl Device for N560 {
    fn power_on(&mut self, now: Duration) {
        *self = Self { powered: now, ..Self::default() };
    }

    fn receive(&mut self, _now: Duration, byte: u8, _send: &mut Vec<u8>) -> Option<HostPacket> {
        match byte {
            GO_ON => {
                self.stopped = false;
                Some(HostPacket { name: "go on", starts: true })
            }
            STOP => {
                self.stopped = true;
                Some(HostPacket { name: "stop", starts: false })
            }
            _ => None,
        }
    }

    fn streams(&mut self, _now: Duration) -> bool {
        !self.stopped
    }

    fn frame(&mut self, now: Duration, sample: &Sample, send: &mut Vec<u8>) {
        if self.lines == 0 {
            send.extend_from_slice(format!("{HEADING}\r\n{ADULT}\r\n{COLUMNS}\r\n").as_bytes());
        }
        self.lines = (self.lines + 1) % LINES;
        let line = line_of(unset(now.saturating_sub(self.powered)), sample);
        send.extend_from_slice(format!("{line}\r\n").as_bytes());
    }
}
