//! Nonin serial data format 2 (`nonin-df2`): Xpod, iPod, OEM III, WristOx2 3150, Onyx II 9560.
//!
//! 9600 8N1; 75 frames of 5 bytes a second, sent without being asked; 25 frames make a packet. Described by Nonin's
//! "Onyx II 9560 OEM Specification" (6470-000-01) and the Pufferfish driver for the OEM III
//! (pez-globo/pufferfish-software).
//!
//! A frame is `01, STATUS, PLETH, FLOAT, CHK`, the last being the sum of the others. As 01 occurs in the data as well,
//! only the checksum tells where a frame is. What FLOAT means depends on the place of its frame in the packet: see
//! [`Packet`].
//!
//! The pulse wave, the beat and the alarms of the probe come with each frame, so a removed finger shows within 40 ms;
//! the numbers come with each whole packet, three times a second.

use super::nonin::{pulse_rate, pulse_rate_bytes, spo2, spo2_byte};
use super::{Pleth, Profile};
use crate::Line;
use crate::sample::{Flags, Sample};
use alloc::boxed::Box;

pub(super) mod device;
pub(super) mod host;
#[cfg(test)]
mod tests;

pub(crate) const PROFILE: Profile = Profile {
    name: "nonin-df2",
    lines: &[Line::eight_n_one(9600)],
    per_minute: 4_500,
    wave: Some(Pleth { max: 255, beat_mark: 12 }),
    has_checksum: true,
    tells: Flags {
        no_finger: true,
        searching: true,
        low_perfusion: true,
        artifact: true,
        weak_signal: true,
        low_battery: true,
    },
    agreement: 25,
    host: || Box::new(host::Df2Host::default()),
    device: || Box::new(device::Df2Device::new(0x02)),
};

/// Frames in a packet.
pub const FRAMES: usize = 25;

/// The bits of STATUS.
pub mod status {
    /// Always set.
    pub const ALWAYS: u8 = 0x80;
    /// The probe is not plugged in (SNSD).
    pub const SENSOR_DISCONNECTED: u8 = 0x40;
    /// Artifact; only during a pulse (ARTF).
    pub const ARTIFACT: u8 = 0x20;
    /// Sustained artifact (OOT, out of track).
    pub const OUT_OF_TRACK: u8 = 0x10;
    /// No finger (SNSA, sensor alarm).
    pub const SENSOR_ALARM: u8 = 0x08;
    /// Red perfusion alone: poor. With green: yellow, marginal. Only during a pulse.
    pub const RED: u8 = 0x04;
    /// Green perfusion alone: good. Only during a pulse.
    pub const GREEN: u8 = 0x02;
    /// The first frame of a packet.
    pub const SYNC: u8 = 0x01;
}

/// The five bytes of a frame.
///
/// ```
/// use oximeter::protocol::nonin_df2::frame;
///
/// assert_eq!(frame(0x80, 0x00, 0x61), [0x01, 0x80, 0x00, 0x61, 0xE2]);
/// ```
#[must_use]
pub const fn frame(status: u8, pleth: u8, float: u8) -> [u8; 5] {
    let status = status | status::ALWAYS;
    let sum = 0x01_u8.wrapping_add(status).wrapping_add(pleth).wrapping_add(float);
    [0x01, status, pleth, float, sum]
}

/// Whether five bytes are a frame.
#[must_use]
pub const fn is_frame(bytes: [u8; 5]) -> bool {
    let [_, status, pleth, float, sum] = bytes;
    status & status::ALWAYS != 0 && matches!(bytes[0], 0x01) && frame(status, pleth, float)[4] == sum
}

/// What the 25 FLOATs of a packet hold.
///
/// Every number exists in several averages: over 4 beats, over 8 (`8`), over 4 with a fast response, and of one beat.
/// The plain ones are for recording: they go missing at once when the finger is removed. The display ones are held for
/// 10 s after that and must not be shown as live; samples never carry them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Packet {
    /// Frames 1 and 2: pulse rate.
    pub pulse_rate: Option<u16>,
    /// Frame 3: SpO₂.
    pub spo2: Option<u8>,
    /// Frame 4: revision of the firmware.
    pub firmware: u8,
    /// Frames 6 and 7: counts thirds of a second, 14 bits.
    pub timer: u16,
    /// Frame 8 bit 5: a measurement of high quality (SmartPoint).
    pub smart_point: bool,
    /// Frame 8 bit 0: low battery.
    pub low_battery: bool,
    /// Frame 9: SpO₂ for display.
    pub spo2_display: Option<u8>,
    /// Frame 10: SpO₂, fast response.
    pub spo2_fast: Option<u8>,
    /// Frame 11: SpO₂ of the last beat.
    pub spo2_beat: Option<u8>,
    /// Frames 14 and 15: pulse rate over 8 beats.
    pub pulse_rate_8: Option<u16>,
    /// Frame 16: SpO₂ over 8 beats.
    pub spo2_8: Option<u8>,
    /// Frame 17: SpO₂ over 8 beats, for display.
    pub spo2_8_display: Option<u8>,
    /// Frames 20 and 21: pulse rate for display.
    pub pulse_rate_display: Option<u16>,
    /// Frames 22 and 23: pulse rate over 8 beats, for display.
    pub pulse_rate_8_display: Option<u16>,
}

impl Packet {
    /// The packet that 25 FLOATs hold, in order.
    #[must_use]
    pub fn from_floats(floats: &[u8; FRAMES]) -> Self {
        // The frames are numbered from 1 in the document.
        let float = |frame: usize| floats[frame - 1];
        Self {
            pulse_rate: pulse_rate(float(1), float(2)),
            spo2: spo2(float(3)),
            firmware: float(4),
            timer: u16::from(float(6) & 0x7F) << 7 | u16::from(float(7) & 0x7F),
            smart_point: float(8) & 0x20 != 0,
            low_battery: float(8) & 0x01 != 0,
            spo2_display: spo2(float(9)),
            spo2_fast: spo2(float(10)),
            spo2_beat: spo2(float(11)),
            pulse_rate_8: pulse_rate(float(14), float(15)),
            spo2_8: spo2(float(16)),
            spo2_8_display: spo2(float(17)),
            pulse_rate_display: pulse_rate(float(20), float(21)),
            pulse_rate_8_display: pulse_rate(float(22), float(23)),
        }
    }

    /// The 25 FLOATs, in order; 0 in the reserved frames.
    #[must_use]
    pub fn floats(&self) -> [u8; FRAMES] {
        let [rate_high, rate_low] = pulse_rate_bytes(self.pulse_rate);
        let [rate_8_high, rate_8_low] = pulse_rate_bytes(self.pulse_rate_8);
        let [display_high, display_low] = pulse_rate_bytes(self.pulse_rate_display);
        let [display_8_high, display_8_low] = pulse_rate_bytes(self.pulse_rate_8_display);
        [
            rate_high,
            rate_low,
            spo2_byte(self.spo2),
            self.firmware & 0x7F,
            0,
            (self.timer >> 7 & 0x7F) as u8,
            (self.timer & 0x7F) as u8,
            u8::from(self.smart_point) << 5 | u8::from(self.low_battery),
            spo2_byte(self.spo2_display),
            spo2_byte(self.spo2_fast),
            spo2_byte(self.spo2_beat),
            0,
            0,
            rate_8_high,
            rate_8_low,
            spo2_byte(self.spo2_8),
            spo2_byte(self.spo2_8_display),
            0,
            0,
            display_high,
            display_low,
            display_8_high,
            display_8_low,
            0,
            0,
        ]
    }

    /// The packet that says the numbers of `sample`, the same in every average.
    #[must_use]
    pub fn from_sample(sample: &Sample) -> Self {
        let (rate, spo2) = (sample.pulse_rate, sample.spo2);
        Self {
            pulse_rate: rate,
            spo2,
            low_battery: sample.flags.low_battery,
            spo2_display: spo2,
            spo2_fast: spo2,
            spo2_beat: spo2,
            pulse_rate_8: rate,
            spo2_8: spo2,
            spo2_8_display: spo2,
            pulse_rate_display: rate,
            pulse_rate_8_display: rate,
            ..Self::default()
        }
    }
}

/// The STATUS that says the flags of `sample`, without SYNC. Perfusion and a passing artifact can be said only during a
/// beat; an artifact that takes the numbers away is a sustained one.
#[must_use]
pub fn status_of(sample: &Sample) -> u8 {
    let flags = sample.flags;
    let sustained = flags.artifact && sample.spo2.is_none();
    let mut bits = status::ALWAYS;
    for (bit, set) in [
        (status::SENSOR_ALARM, flags.no_finger),
        (status::OUT_OF_TRACK, sustained),
        (status::ARTIFACT, flags.artifact && !sustained && sample.beat),
        (status::RED, sample.beat && (flags.low_perfusion || flags.weak_signal)),
        (status::GREEN, sample.beat && !flags.low_perfusion),
    ] {
        if set {
            bits |= bit;
        }
    }
    bits
}

/// Turns a run of samples into frames: each packet carries the numbers of the sample at its first frame.
///
/// ```
/// use oximeter::Sample;
/// use oximeter::protocol::nonin_df2::Encoder;
///
/// let sample = Sample { spo2: Some(95), pulse_rate: Some(150), pleth: Some(128), beat: true, ..Sample::default() };
/// let mut encoder = Encoder::default();
/// assert_eq!(encoder.encode(&sample), [0x01, 0x83, 0x80, 0x01, 0x05]);
/// assert_eq!(encoder.encode(&sample)[3], 0x16);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Encoder {
    floats: [u8; FRAMES],
    index: usize,
    timer: u16,
}

impl Encoder {
    /// The frame for the next sample.
    #[must_use]
    pub fn encode(&mut self, sample: &Sample) -> [u8; 5] {
        let (bits, float) = self.encode_with(sample, |_| {});
        frame(bits, sample.pleth.unwrap_or(128).min(255) as u8, float)
    }

    /// STATUS and FLOAT of the next frame; `change` is called on each new packet before it is sent.
    pub(super) fn encode_with(&mut self, sample: &Sample, change: impl FnOnce(&mut Packet)) -> (u8, u8) {
        let mut bits = status_of(sample);
        if self.index == 0 {
            let mut packet = Packet { timer: self.timer, ..Packet::from_sample(sample) };
            change(&mut packet);
            self.floats = packet.floats();
            self.timer = self.timer.wrapping_add(1) & 0x3FFF;
            bits |= status::SYNC;
        }
        let float = self.floats[self.index];
        self.index = (self.index + 1) % FRAMES;
        (bits, float)
    }
}
