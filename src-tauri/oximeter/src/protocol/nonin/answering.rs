//! The sensor's side of the commands: an Xpod that knows the clock and format commands of the 9560.

use crate::protocol::nonin_commands::time_in;
use crate::simulator::{HostPacket, Memory};
use alloc::vec::Vec;
use core::time::Duration;

/// Commands are heeded so long after power-on (9560).
const HEEDS: Duration = Duration::from_secs(5);

const ACK: u8 = 0x06;
const NAK: u8 = 0x15;

/// The longest command that is heeded: `02 op len`, six bytes of data, `03`.
const LONGEST: usize = 10;

/// Answers the commands beside a format.
#[derive(Debug)]
pub(in crate::protocol) struct Answering {
    /// The format that is sent; kept when the sensor is switched off.
    pub(in crate::protocol) format: u8,
    /// Those that it can be told to send.
    formats: &'static [u8],
    /// For its clock; it stores nothing else.
    pub(in crate::protocol) memory: Memory,
    powered: Duration,
    command: Vec<u8>,
}

impl Answering {
    /// A sensor that sends data format `format` and can be told to send `formats`.
    pub(in crate::protocol) fn new(format: u8, formats: &'static [u8]) -> Self {
        Self { format, formats, memory: Memory::example(), powered: Duration::ZERO, command: Vec::new() }
    }

    pub(in crate::protocol) fn power_on(&mut self, now: Duration) {
        self.powered = now;
        self.command.clear();
    }

    /// Takes one byte of the host, appends the answer to `send`; returns the command that the byte ended.
    pub(in crate::protocol) fn receive(&mut self, now: Duration, byte: u8, send: &mut Vec<u8>) -> Option<HostPacket> {
        if self.command.is_empty() && byte != 0x02 {
            return None;
        }
        self.command.push(byte);
        let whole = self.command.get(2).map_or(LONGEST, |&len| usize::from(len) + 4);
        if self.command.len() < whole.min(LONGEST) {
            return None;
        }
        self.obey(now, send)
    }

    fn obey(&mut self, now: Duration, send: &mut Vec<u8>) -> Option<HostPacket> {
        let heeds = now < self.powered.saturating_add(HEEDS);
        match core::mem::take(&mut self.command).as_slice() {
            [0x02, 0x70, 0x02, 0x02, format, 0x03] => {
                let known = self.formats.contains(format);
                if heeds {
                    self.select(*format, send);
                }
                Some(HostPacket { name: "select format", starts: known })
            }
            [0x02, 0x70, 0x04, 0x02, format, ..] => {
                let known = self.formats.contains(format);
                if heeds {
                    self.select(*format, send);
                }
                Some(HostPacket { name: "select format of a 3150", starts: known })
            }
            [0x02, 0x72, 0x06, time @ .., 0x03] => {
                if let Some(time) = <[u8; 6]>::try_from(time).ok().and_then(time_in) {
                    self.memory.set_clock(now, time);
                }
                Some(HostPacket { name: "set time", starts: false })
            }
            [0x02, 0x72, 0x00, 0x03] => {
                if let Some(time) = self.memory.clock(now) {
                    let date = [time.year_of_century(), time.month(), time.day()];
                    send.extend([0x02, 0xF2, 0x06]);
                    send.extend(date);
                    send.extend([time.hour(), time.minute(), time.second(), 0x03]);
                }
                Some(HostPacket { name: "time", starts: false })
            }
            [0x02, 0x73, 0x00, 0x03] => {
                send.extend([0x02, 0xF3, 0x02, 0x9E, 0x09, 0x03]);
                Some(HostPacket { name: "type", starts: false })
            }
            [0x02, 0x74, 0x02, 0x02, 0x02, 0x03] => {
                send.extend([0x02, 0xF4, 0x0A, 0x02]);
                send.extend(b"SIM000001");
                send.push(0x03);
                Some(HostPacket { name: "serial number", starts: false })
            }
            [0x02, _, ..] => {
                if heeds {
                    send.push(NAK);
                }
                Some(HostPacket { name: "unknown command", starts: false })
            }
            _ => None,
        }
    }

    fn select(&mut self, format: u8, send: &mut Vec<u8>) {
        let known = self.formats.contains(&format);
        if known {
            self.format = format;
        }
        send.push(if known { ACK } else { NAK });
    }
}
