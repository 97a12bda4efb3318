//! BerryMed's dialect of the five bytes (`berry`), also called the BCI protocol: BM1000 and many OEM boards.
//!
//! 100 frames a second, sent without being asked. "BCI Protocol V1.2" gives no speed; 115200 8N1 is tried first, then
//! 19200 8O1, which is an old Contec's. The frames are framed as an old Contec's are; what tells them apart is their
//! pace, and what the bits mean:
//!
//! | byte | bits | meaning |
//! | --- | --- | --- |
//! | 1 | 7 | 1, here and nowhere else |
//! | | 6 | beat |
//! | | 5 | the probe is unplugged |
//! | | 4 | no signal |
//! | | 3-0 | signal strength, 0 to 8 |
//! | 2 | 6-0 | pulse wave, 1 to 100; 0 is no value |
//! | 3 | 6 | bit 7 of the pulse rate |
//! | | 5 | searching for a pulse |
//! | | 4 | no finger |
//! | | 3-0 | bar graph, 0 is no value |
//! | 4 | 6-0 | bits 6-0 of the pulse rate; 255 is no value |
//! | 5 | 6-0 | SpO₂; 127 is no value |

use super::contec::{Numbers, WEAK_BELOW};
use super::five_bytes::{Framer, Step};
use super::{Heard, Host, Pleth, Profile};
use crate::Line;
use crate::sample::{Flags, Sample, eighths_from_strength, strength_from_eighths};
use crate::simulator::{Device, HostPacket};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

pub(crate) const PROFILE: Profile = Profile {
    name: "berry",
    lines: &[Line::eight_n_one(115_200), Line::eight_o_one(19_200)],
    per_minute: 6_000,
    wave: Some(Pleth { max: 100, beat_mark: 3 }),
    has_checksum: false,
    tells: Flags { no_finger: true, searching: true, weak_signal: true, ..Flags::NONE },
    agreement: 10,
    host: || Box::new(BerryHost::default()),
    device: || Box::new(BerryDevice),
};

/// A frame, bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Frame {
    /// Signal strength, 0 to 15; more than 8 counts as 8.
    pub strength: u8,
    /// No signal.
    pub no_signal: bool,
    /// The probe is not plugged in.
    pub probe_unplugged: bool,
    /// A beat.
    pub beat: bool,
    /// The pulse wave as sent, 0 to 127.
    pub pleth: u8,
    /// The bar graph, 0 to 15.
    pub bar: u8,
    /// No finger.
    pub no_finger: bool,
    /// Searching for a pulse.
    pub searching: bool,
    /// The pulse rate as sent, 0 to 255.
    pub pulse_rate: u8,
    /// The saturation as sent, 0 to 127.
    pub spo2: u8,
}

impl Frame {
    /// The frame that five bytes hold; `None` if bit 7 is not set in the first alone.
    ///
    /// ```
    /// use oximeter::protocol::berry::Frame;
    ///
    /// let frame = Frame::from_bytes([0x80, 0x00, 0x50, 0x7F, 0x7F]).ok_or("no frame")?;
    /// assert!(frame.no_finger);
    /// assert_eq!((frame.sample().spo2, frame.sample().pulse_rate, frame.sample().pleth), (None, None, None));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 5]) -> Option<Self> {
        let [b1, b2, b3, b4, b5] = bytes;
        if b1 & 0x80 == 0 || (b2 | b3 | b4 | b5) & 0x80 != 0 {
            return None;
        }
        Some(Self {
            strength: b1 & 0x0F,
            no_signal: b1 & 0x10 != 0,
            probe_unplugged: b1 & 0x20 != 0,
            beat: b1 & 0x40 != 0,
            pleth: b2,
            bar: b3 & 0x0F,
            no_finger: b3 & 0x10 != 0,
            searching: b3 & 0x20 != 0,
            pulse_rate: (b3 & 0x40) << 1 | b4,
            spo2: b5,
        })
    }

    /// The five bytes of the frame. Bits beyond a field's width are cut off.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 5] {
        [
            0x80 | (self.beat as u8) << 6
                | (self.probe_unplugged as u8) << 5
                | (self.no_signal as u8) << 4
                | self.strength & 0x0F,
            self.pleth & 0x7F,
            (self.pulse_rate & 0x80) >> 1 | (self.searching as u8) << 5 | (self.no_finger as u8) << 4 | self.bar & 0x0F,
            self.pulse_rate & 0x7F,
            self.spo2 & 0x7F,
        ]
    }

    /// What the frame says by itself, before any agreement with its neighbours.
    #[must_use]
    pub fn sample(self) -> Sample {
        let no_finger = self.no_finger || self.probe_unplugged || self.no_signal;
        let gone = no_finger || self.searching;
        let strength = strength_from_eighths(self.strength);
        Sample {
            spo2: Some(self.spo2).filter(|spo2| !gone && (1..=100).contains(spo2)),
            pulse_rate: Some(u16::from(self.pulse_rate)).filter(|rate| !gone && (1..=254).contains(rate)),
            perfusion_index: None,
            signal_strength: Some(strength),
            pleth: Some(u16::from(self.pleth)).filter(|pleth| (1..=100).contains(pleth)),
            beat: self.beat,
            flags: Flags {
                no_finger,
                searching: self.searching,
                weak_signal: !no_finger && strength < WEAK_BELOW,
                ..Flags::default()
            },
        }
    }

    /// The frame that says `sample`: 255 and 127 for a missing number, 0 for a missing point of the wave.
    #[must_use]
    pub fn from_sample(sample: &Sample) -> Self {
        let measured = !sample.flags.no_finger;
        let pleth = sample.pleth.filter(|_| measured).map_or(0, |pleth| pleth.clamp(1, 100) as u8);
        Self {
            strength: eighths_from_strength(sample.signal_strength.unwrap_or(0)),
            no_signal: false,
            probe_unplugged: false,
            beat: sample.beat,
            pleth,
            bar: pleth >> 3,
            no_finger: sample.flags.no_finger,
            searching: sample.flags.searching,
            pulse_rate: sample.pulse_rate.map_or(0xFF, |rate| rate.min(254) as u8),
            spo2: sample.spo2.map_or(0x7F, |spo2| spo2.min(100)),
        }
    }
}

/// The bytes of the frame that says `sample`.
#[must_use]
pub fn encode(sample: &Sample) -> [u8; 5] {
    Frame::from_sample(sample).to_bytes()
}

#[derive(Debug, Default)]
struct BerryHost {
    framer: Framer,
    numbers: Numbers,
}

impl Host for BerryHost {
    fn start(&mut self, _now: Duration, _send: &mut Vec<u8>) {
        *self = Self::default();
    }

    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample> {
        match self.framer.push(byte, heard) {
            Step::Nothing => None,
            Step::Damaged => {
                self.numbers.doubt();
                None
            }
            Step::Whole(bytes) => Some(self.numbers.confirm(now, Frame::from_bytes(bytes)?.sample())),
        }
    }

    fn receive_frame(&mut self, now: Duration, bytes: &[u8], heard: &mut Heard) -> Option<(usize, Option<Sample>)> {
        let frame = Frame::from_bytes(self.framer.whole(bytes, heard)?)?;
        Some((5, Some(self.numbers.confirm(now, frame.sample()))))
    }

    fn poll(&mut self, _now: Duration, _send: &mut Vec<u8>, _heard: &mut Heard) -> Option<Sample> {
        // Its document names no byte that it would hear.
        None
    }

    fn next_wake(&self) -> Option<Duration> {
        None
    }

    fn stop(&mut self, _send: &mut Vec<u8>) {}
}

/// A BM1000: it sends, and hears nothing.
#[derive(Debug)]
struct BerryDevice;

impl Device for BerryDevice {
    fn power_on(&mut self, _now: Duration) {}

    fn receive(&mut self, _now: Duration, _byte: u8, _send: &mut Vec<u8>) -> Option<HostPacket> {
        None
    }

    fn streams(&mut self, _now: Duration) -> bool {
        true
    }

    fn frame(&mut self, _now: Duration, sample: &Sample, send: &mut Vec<u8>) {
        send.extend_from_slice(&encode(sample));
    }
}

#[cfg(test)]
mod tests;
