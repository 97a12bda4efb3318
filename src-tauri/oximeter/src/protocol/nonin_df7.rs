//! Nonin serial data format 7 (`nonin-df7`): Xpod, OEM III, WristOx2 3150, Onyx II 9560.
//!
//! 9600 8N1; 75 frames of 5 bytes a second, sent without being asked; 25 frames make a packet. As data format 2, whose
//! STATUS, packet and checksum it shares, with a pulse wave of 16 bits, high byte first, in place of the fixed 01 and
//! the wave of 8 bits: `STATUS, PLETH, PLETH, FLOAT, CHK`. Described by Nonin's "Onyx II 9560 OEM Specification"
//! (6470-000-01).
//!
//! Nothing marks the beginning of a frame but bit 7 of STATUS and a checksum that one wrong place in 256 passes too.
//! Therefore the first frame is believed only when 25 sound ones lie between two marks of a packet's first frame. After
//! damage two in a row are wanted, in their places or, if bytes were lost, elsewhere.

use super::nonin_df2::device::Df2Device;
use super::nonin_df2::host::Df2Host;
use super::nonin_df2::status;
use super::{Heard, Host, Pleth, Profile};
use crate::Line;
use crate::errand::{Errand, NotPossible};
use crate::protocol::nonin::asking::Asking;
use crate::sample::{Flags, Sample};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

pub(crate) const PROFILE: Profile = Profile {
    name: "nonin-df7",
    lines: &[Line::eight_n_one(9600)],
    per_minute: 4_500,
    wave: Some(Pleth { max: u16::MAX, beat_mark: 12 }),
    has_checksum: true,
    tells: Flags {
        no_finger: true,
        searching: true,
        low_perfusion: true,
        artifact: true,
        weak_signal: true,
        low_battery: true,
    },
    // They count only once a whole packet was seen.
    agreement: 4,
    host: || Box::new(Df7Host::default()),
    device: || Box::new(Df2Device::new(0x07)),
};

/// When after the start the format is called for, if nothing of it has come.
const CALLS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(4)];

/// A frame that stops for so long is torn: the five bytes of one take 5 ms, through a USB adapter 21 ms.
const TORN: Duration = Duration::from_millis(150);

/// Frames from one mark of a packet's first frame to the next.
const PACKET: u8 = super::nonin_df2::FRAMES as u8;

/// The five bytes of a frame. `bits` are those of [`super::nonin_df2::status`].
///
/// ```
/// use oximeter::protocol::nonin_df7::frame;
///
/// assert_eq!(frame(0x01, 0x8123, 0x00), [0x81, 0x81, 0x23, 0x00, 0x25]);
/// ```
#[must_use]
pub const fn frame(bits: u8, pleth: u16, float: u8) -> [u8; 5] {
    let bits = bits | status::ALWAYS;
    let [high, low] = pleth.to_be_bytes();
    [bits, high, low, float, bits.wrapping_add(high).wrapping_add(low).wrapping_add(float)]
}

/// Whether five bytes are a frame, or look like one.
#[must_use]
pub const fn is_frame(bytes: [u8; 5]) -> bool {
    let [bits, high, low, float, sum] = bytes;
    bits & status::ALWAYS != 0 && frame(bits, u16::from_be_bytes([high, low]), float)[4] == sum
}

/// Whether ten bytes are two frames that may follow each other: a checksum alone is passed by chance too often where it
/// is tried at every byte. FLOAT has bit 7 in reserved frames only, where a real sensor may set it; then the next two do.
const fn are_neighbours(first: [u8; 5], second: [u8; 5]) -> bool {
    const LASTING: u8 = status::SENSOR_DISCONNECTED | status::OUT_OF_TRACK | status::SENSOR_ALARM;
    let [first_bits, _, _, first_float, _] = first;
    let [second_bits, _, _, second_float, _] = second;
    is_frame(first)
        && is_frame(second)
        && (first_bits ^ second_bits) & LASTING == 0
        && first_bits & second_bits & status::SYNC == 0
        && (first_float | second_float) & 0x80 == 0
}

/// How sure it is where frames begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Not at all: two sound frames in a row are wanted at the front of the window.
    Lost,
    /// Sound frames follow each other, so many since a mark; but no whole packet was ever seen.
    Counting(u8),
    /// Sure.
    In,
    /// A frame in its place was damaged. If the next two in their places are sound, nothing was lost but that frame.
    Missed,
}

#[derive(Debug)]
struct Df7Host {
    window: [u8; 15],
    len: usize,
    /// When the last byte came.
    at: Duration,
    step: Step,
    /// A whole packet was seen since the start.
    certain: bool,
    stream: Df2Host,
    asking: Asking,
}

impl Default for Df7Host {
    fn default() -> Self {
        Self {
            window: [0; 15],
            len: 0,
            at: Duration::ZERO,
            step: Step::Lost,
            certain: false,
            stream: Df2Host::default(),
            asking: Asking::new(0x07, CALLS),
        }
    }
}

impl Df7Host {
    /// The `place`th five bytes of the window.
    fn five(&self, place: usize) -> [u8; 5] {
        self.window[5 * place..].first_chunk().copied().unwrap_or_default()
    }

    /// Drops the first byte of the window, and what cannot begin a frame behind it.
    fn slide(&mut self, heard: &mut Heard) {
        let rest = &self.window[1..self.len];
        let next = rest.iter().position(|&byte| byte & status::ALWAYS != 0).map_or(self.len, |at| at + 1);
        heard.counters.skipped += next as u64;
        self.window.copy_within(next.., 0);
        self.len -= next;
    }

    /// Looks for frames anew in what is at hand.
    fn lose(&mut self, now: Duration, heard: &mut Heard) -> Option<Sample> {
        heard.counters.rejected += 1;
        self.stream.lose_step();
        self.step = Step::Lost;
        self.slide(heard);
        self.seek(now, heard)
    }

    /// Two sound frames in a row are the step again.
    fn seek(&mut self, now: Duration, heard: &mut Heard) -> Option<Sample> {
        while self.len >= 10 {
            let (first, second) = (self.five(0), self.five(1));
            if are_neighbours(first, second) {
                self.window.copy_within(10.., 0);
                self.len -= 10;
                self.step = if self.certain { Step::In } else { Step::Counting(0) };
                // The first of the two is old by a frame, and what it says of the finger the second says too.
                let _ = self.sound(now, first, heard);
                return self.sound(now, second, heard);
            }
            self.slide(heard);
        }
        None
    }

    /// Takes a sound frame in its place.
    fn sound(&mut self, now: Duration, frame: [u8; 5], heard: &mut Heard) -> Option<Sample> {
        let [bits, high, low, float, _] = frame;
        let marked = bits & status::SYNC != 0;
        self.step = match self.step {
            Step::Counting(PACKET) if marked => Step::In,
            Step::Counting(_) if marked => Step::Counting(1),
            Step::Counting(sound @ 1..PACKET) => Step::Counting(sound + 1),
            Step::Counting(_) => Step::Counting(0),
            _ => Step::In,
        };
        if self.step != Step::In {
            return None;
        }
        self.certain = true;
        self.asking.is_answered();
        heard.counters.packets += 1;
        Some(self.stream.frame(now, bits, u16::from_be_bytes([high, low]), float, heard))
    }
}

impl Host for Df7Host {
    fn start(&mut self, now: Duration, _send: &mut Vec<u8>) {
        *self = Self::default();
        self.asking.start(now);
    }

    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample> {
        if self.len == 0 && self.step == Step::In && self.asking.hear(byte, heard) {
            return None;
        }
        if self.len > 0 && now >= self.at.saturating_add(TORN) {
            heard.counters.rejected += 1;
            heard.counters.skipped += self.len as u64;
            self.len = 0;
            self.stream.lose_step();
            self.step = Step::Lost;
        }
        self.at = now;
        self.window[self.len] = byte;
        self.len += 1;
        match (self.step, self.len) {
            (Step::Lost, 1) if byte & status::ALWAYS == 0 => {
                self.slide(heard);
                None
            }
            (Step::Lost, _) => self.seek(now, heard),
            (Step::In | Step::Counting(_), 5) if is_frame(self.five(0)) => {
                self.len = 0;
                self.sound(now, self.five(0), heard)
            }
            (Step::In, 5) => {
                self.stream.lose_step();
                self.step = Step::Missed;
                None
            }
            (Step::Counting(_), 5) => self.lose(now, heard),
            (Step::Missed, 10) if !is_frame(self.five(1)) => self.lose(now, heard),
            (Step::Missed, 15) if !is_frame(self.five(2)) => self.lose(now, heard),
            (Step::Missed, 15) => {
                heard.counters.rejected += 1;
                heard.counters.skipped += 5;
                self.len = 0;
                let _ = self.sound(now, self.five(1), heard);
                self.sound(now, self.five(2), heard)
            }
            _ => None,
        }
    }

    fn receive_frame(&mut self, now: Duration, bytes: &[u8], heard: &mut Heard) -> Option<(usize, Option<Sample>)> {
        let frame = *bytes.first_chunk()?;
        if self.asking.is_busy() || self.step != Step::In || self.len > 0 || !is_frame(frame) {
            return None;
        }
        Some((5, self.sound(now, frame, heard)))
    }

    fn poll(&mut self, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) -> Option<Sample> {
        self.asking.poll(now, send, heard);
        None
    }

    fn next_wake(&self) -> Option<Duration> {
        self.asking.next_wake()
    }

    fn stop(&mut self, _send: &mut Vec<u8>) {
        self.asking.stop();
    }

    fn begin(&mut self, _now: Duration, errand: &Errand) -> Result<(), NotPossible> {
        self.asking.begin(errand)
    }

    fn abandon(&mut self, _now: Duration) {
        self.asking.abandon();
    }
}

#[cfg(test)]
mod tests;
