//! Contec, frames of 5 bytes (`cms50`): CMS50D+ before firmware 4.6, CMS50E and CMS50F with old firmware.
//!
//! 19200 baud, 8 data bits, odd parity, 1 stop bit; 60 frames a second, sent without being asked. Some units are read
//! without parity (InfantLab/Contec-Pulse-Oximeter-in-Matlab), so both lines are named and parity errors are best
//! ignored. Described by atbrask/CMS50Dplus (`cms50dplus.py`), OSCAR (`cms50_loader.cpp`) and "BCI Protocol V1.2".
//!
//! | byte | bits | meaning |
//! | --- | --- | --- |
//! | 1 | 7 | 1, here and nowhere else |
//! | | 6 | beat, held for two frames |
//! | | 5 | SpO₂ is dropping |
//! | | 4 | no finger, or searched for too long: the sources differ; either way there is no number |
//! | | 3-0 | signal strength, 0 to 8 |
//! | 2 | 6-0 | pulse wave |
//! | 3 | 6 | bit 7 of the pulse rate |
//! | | 5 | searching for a pulse |
//! | | 4 | probe error |
//! | | 3-0 | bar graph, follows the pulse wave |
//! | 4 | 6-0 | bits 6-0 of the pulse rate; 0 and 255 are no value |
//! | 5 | 6-0 | SpO₂; 0 and 127 are no value |

use super::contec::{Numbers, WEAK_BELOW};
use super::{Heard, Host, Profile};
use crate::Line;
use crate::sample::{Flags, Sample, eighths_from_strength, strength_from_eighths};
use crate::simulator::{Device, HostPacket};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

pub(crate) const PROFILE: Profile = Profile {
    name: "cms50",
    lines: &[Line::eight_o_one(19_200), Line::eight_n_one(19_200)],
    rate: 60,
    pleth_max: 127,
    beat_mark: 2,
    has_checksum: false,
    agreement: 10,
    host: || Box::new(Cms50Host::default()),
    device: || Box::new(Cms50Device::default()),
};

/// "Back to live", from a running transfer of stored data; any byte at all switches the stream of a CMS50E on.
pub const LIVE: [u8; 3] = [0xF6; 3];

/// "Send the stored recording" (CMS50D+).
pub const STORED: [u8; 2] = [0xF5; 2];

/// Silence after which live data are asked for again.
const WATCHDOG: Duration = Duration::from_secs(2);

/// A frame, bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Frame {
    /// Signal strength, 0 to 15; more than 8 counts as 8.
    pub strength: u8,
    /// Byte 1 bit 4: no finger, or searched for too long.
    pub no_signal: bool,
    /// SpO₂ is dropping.
    pub dropping: bool,
    /// A beat.
    pub beat: bool,
    /// The pulse wave, 0 to 127.
    pub pleth: u8,
    /// The bar graph, 0 to 15.
    pub bar: u8,
    /// Probe error.
    pub probe_error: bool,
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
    /// use oximeter::protocol::cms50::Frame;
    ///
    /// let frame = Frame::from_bytes([0xC6, 0x5A, 0x4A, 0x16, 0x5F]).ok_or("no frame")?;
    /// assert_eq!((frame.pulse_rate, frame.spo2, frame.beat), (150, 95, true));
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
            dropping: b1 & 0x20 != 0,
            beat: b1 & 0x40 != 0,
            pleth: b2,
            bar: b3 & 0x0F,
            probe_error: b3 & 0x10 != 0,
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
                | (self.dropping as u8) << 5
                | (self.no_signal as u8) << 4
                | self.strength & 0x0F,
            self.pleth & 0x7F,
            (self.pulse_rate & 0x80) >> 1
                | (self.searching as u8) << 5
                | (self.probe_error as u8) << 4
                | self.bar & 0x0F,
            self.pulse_rate & 0x7F,
            self.spo2 & 0x7F,
        ]
    }

    /// What the frame says by itself, before any agreement with its neighbours.
    #[must_use]
    pub fn sample(self) -> Sample {
        let no_finger = self.no_signal || self.probe_error;
        let gone = no_finger || self.searching;
        let strength = strength_from_eighths(self.strength);
        Sample {
            spo2: Some(self.spo2).filter(|spo2| !gone && (1..=100).contains(spo2)),
            pulse_rate: Some(u16::from(self.pulse_rate)).filter(|rate| !gone && (1..=254).contains(rate)),
            perfusion_index: None,
            signal_strength: Some(strength),
            pleth: Some(u16::from(self.pleth)),
            beat: self.beat,
            flags: Flags {
                no_finger,
                searching: self.searching,
                weak_signal: !no_finger && strength < WEAK_BELOW,
                ..Flags::default()
            },
        }
    }

    /// The frame that says `sample`, as a Contec sends it: with the finger out, 0 for both numbers and the middle of
    /// the scale for the wave. What the format has no place for is left out.
    #[must_use]
    pub fn from_sample(sample: &Sample) -> Self {
        let pleth = sample.pleth.unwrap_or(64).min(127) as u8;
        Self {
            strength: eighths_from_strength(sample.signal_strength.unwrap_or(0)),
            no_signal: false,
            dropping: false,
            beat: sample.beat,
            pleth,
            bar: pleth >> 3,
            probe_error: sample.flags.no_finger,
            searching: sample.flags.searching,
            pulse_rate: sample.pulse_rate.map_or(0, |rate| rate.min(254) as u8),
            spo2: sample.spo2.unwrap_or(0).min(100),
        }
    }
}

/// The bytes of the frame that says `sample`.
#[must_use]
pub fn encode(sample: &Sample) -> [u8; 5] {
    Frame::from_sample(sample).to_bytes()
}

/// What a byte did to the framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Nothing,
    Whole(Frame),
    /// A frame ended too early, or a byte with bit 7 clear stands right behind a whole one, which was too long then.
    Damaged,
}

#[derive(Debug, Default)]
struct Framer {
    bytes: [u8; 5],
    len: usize,
    just_whole: bool,
}

impl Framer {
    fn push(&mut self, byte: u8, heard: &mut Heard) -> Step {
        let counters = &mut heard.counters;
        let just_whole = core::mem::take(&mut self.just_whole);
        if byte & 0x80 != 0 {
            let short = self.len > 0;
            self.bytes[0] = byte;
            self.len = 1;
            counters.rejected += u64::from(short);
            return if short { Step::Damaged } else { Step::Nothing };
        }
        if self.len == 0 {
            counters.skipped += 1;
            if just_whole {
                counters.rejected += 1;
                return Step::Damaged;
            }
            return Step::Nothing;
        }
        self.bytes[self.len] = byte;
        self.len += 1;
        if self.len < self.bytes.len() {
            return Step::Nothing;
        }
        self.len = 0;
        match Frame::from_bytes(self.bytes) {
            Some(frame) => {
                counters.packets += 1;
                self.just_whole = true;
                Step::Whole(frame)
            }
            None => Step::Nothing,
        }
    }
}

#[derive(Debug, Default)]
struct Cms50Host {
    framer: Framer,
    numbers: Numbers,
    /// When live data last came or were asked for; `None` before the start.
    live: Option<Duration>,
}

impl Host for Cms50Host {
    fn start(&mut self, now: Duration, send: &mut Vec<u8>) {
        *self = Self { live: Some(now), ..Self::default() };
        send.extend_from_slice(&LIVE);
    }

    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample> {
        match self.framer.push(byte, heard) {
            Step::Nothing => None,
            Step::Damaged => {
                self.numbers.doubt();
                None
            }
            Step::Whole(frame) => {
                if let Some(live) = &mut self.live {
                    *live = now;
                }
                Some(self.numbers.confirm(frame.sample()))
            }
        }
    }

    fn poll(&mut self, now: Duration, send: &mut Vec<u8>) {
        if let Some(live) = &mut self.live
            && now >= live.saturating_add(WATCHDOG)
        {
            *live = now;
            send.extend_from_slice(&LIVE);
        }
    }

    fn next_wake(&self) -> Option<Duration> {
        self.live.map(|live| live.saturating_add(WATCHDOG))
    }

    fn stop(&mut self, _send: &mut Vec<u8>) {
        // The sensor streams whether anyone listens or not; there is no command that ends it.
        self.live = None;
    }
}

/// A CMS50D+ of before firmware 4.6, with nothing stored: it streams from power-on and knows no question that live data
/// would have to wait for.
#[derive(Debug, Default)]
struct Cms50Device {
    last: [u8; 2],
}

impl Device for Cms50Device {
    fn power_on(&mut self, _now: Duration) {
        *self = Self::default();
    }

    fn receive(&mut self, _now: Duration, byte: u8, _send: &mut Vec<u8>) -> Option<HostPacket> {
        let [before, last] = self.last;
        self.last = [last, byte];
        if [before, last, byte] == LIVE {
            self.last = [0; 2];
            return Some(HostPacket { name: "live data", starts: true });
        }
        if [last, byte] == STORED {
            self.last = [0; 2];
            return Some(HostPacket { name: "stored recording", starts: false });
        }
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
