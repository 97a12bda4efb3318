//! Contec V7, packets of up to 9 bytes (`contec-v7`): CMS50D+ from firmware 4.6 on, CMS50E/EW/F from 3.7 on, CMS50I,
//! CMS50H, CMS60C and their Pulox twins.
//!
//! 115200 8N1; silent until asked, then 60 live packets a second; no checksum. Described by the vendor's "Communication
//! protocol of pulse oximeter V7.0" (2010-07-08), OSCAR (`cms50f37_loader.cpp`), timegrid/CMS50Dplus7 and a recorded
//! handshake (headrotor/contec_data).
//!
//! Byte 0 is the type, bit 7 clear; every other byte has bit 7 set. Byte 1 is `1hhhhhhh`: its bit i is bit 7 of payload
//! byte i. The type gives the length.
//!
//! | payload of type 01 | bits | meaning |
//! | --- | --- | --- |
//! | 0 | 3-0 | signal strength, 0 to 8 |
//! | | 4 | searched for too long |
//! | | 5 | low SpO₂ |
//! | | 6 | beat, held for two packets |
//! | | 7 | probe error: no finger; the wave is then 64 |
//! | 1 | 6-0 | pulse wave |
//! | | 7 | searching for a pulse |
//! | 2 | 3-0 | bar graph |
//! | | 4 | perfusion index is **not** valid |
//! | 3 | 7-0 | pulse rate, 1 to 254; 255 is no value |
//! | 4 | 7-0 | SpO₂, 1 to 100; 127 is no value |
//! | 5, 6 | | perfusion index in hundredths, low byte first, to 2200; 65535 is no value |
//!
//! The numbers are taken away by the flags: the document promises 255 and 127 while the finger is out or the pulse is
//! searched for, but the packets that are reported of a CMS50D+ then have a pulse rate that is not 255.

use super::contec::WEAK_BELOW;
use super::{Pleth, Profile};
use crate::Line;
use crate::sample::{Flags, Sample, eighths_from_strength, strength_from_eighths};
use alloc::boxed::Box;

pub use framing::{Framed, Framer, Packet, PacketBytes, length};
pub use stored::stored_seconds;

mod device;
mod errand;
mod framing;
mod host;
mod stored;
#[cfg(test)]
mod tests;

pub(crate) const PROFILE: Profile = Profile {
    name: "contec-v7",
    lines: &[Line::eight_n_one(115_200)],
    per_minute: 3_600,
    wave: Some(Pleth { max: 127, beat_mark: 2 }),
    has_checksum: false,
    tells: Flags { no_finger: true, searching: true, weak_signal: true, ..Flags::NONE },
    agreement: 10,
    host: || Box::new(host::V7Host::default()),
    device: || Box::new(device::V7Device::default()),
};

/// The type byte of a packet from the sensor.
pub mod packet {
    /// Live data.
    pub const LIVE: u8 = 0x01;
    /// Model, one of two parts: index, six characters.
    pub const MODEL: u8 = 0x02;
    /// Vendor, seven characters.
    pub const VENDOR: u8 = 0x03;
    /// Device id, seven characters. From the host: set it.
    pub const DEVICE_ID: u8 = 0x04;
    /// User index, name of six characters.
    pub const USER: u8 = 0x05;
    /// Protocol version, high byte first.
    pub const VERSION: u8 = 0x06;
    /// Date on which a recording starts.
    pub const START_DATE: u8 = 0x07;
    /// Length of a recording.
    pub const LENGTH: u8 = 0x08;
    /// A stored second with a perfusion index.
    pub const STORED_WITH_PERFUSION: u8 = 0x09;
    /// Number of recordings of a user.
    pub const SEGMENTS: u8 = 0x0A;
    /// Outcome of a command: the command, then a reason.
    pub const OUTCOME: u8 = 0x0B;
    /// Free: the answer to the commands that stop something.
    pub const FREE: u8 = 0x0C;
    /// The sensor ends the conversation.
    pub const DISCONNECT: u8 = 0x0D;
    /// Whether live data carry a perfusion index: 0 they do, 1 they do not.
    pub const PERFUSION: u8 = 0x0E;
    /// Three stored seconds.
    pub const STORED: u8 = 0x0F;
    /// Number of users.
    pub const USERS: u8 = 0x10;
    /// Notice; kind 1 tells whether recordings are stored.
    pub const NOTICE: u8 = 0x11;
    /// Time at which a recording starts.
    pub const START_TIME: u8 = 0x12;
    /// Whether a recording carries a perfusion index.
    pub const SEGMENT_PERFUSION: u8 = 0x15;
    /// A command of the host.
    pub const COMMAND: u8 = 0x7D;
}

/// What the host may ask; the third byte of a packet of type 7D, before packing.
pub mod command {
    /// Protocol version.
    pub const VERSION: u8 = 0xA0;
    /// Start live data.
    pub const START_LIVE: u8 = 0xA1;
    /// Stop live data.
    pub const STOP_LIVE: u8 = 0xA2;
    /// Number of recordings.
    pub const SEGMENTS: u8 = 0xA3;
    /// Length of a recording.
    pub const LENGTH: u8 = 0xA4;
    /// Start of a recording.
    pub const START_TIME: u8 = 0xA5;
    /// Send a recording.
    pub const SEND_STORED: u8 = 0xA6;
    /// Stop sending a recording.
    pub const STOP_STORED: u8 = 0xA7;
    /// Model.
    pub const MODEL: u8 = 0xA8;
    /// Vendor.
    pub const VENDOR: u8 = 0xA9;
    /// Device id.
    pub const DEVICE_ID: u8 = 0xAA;
    /// User.
    pub const USER: u8 = 0xAB;
    /// Do live data carry a perfusion index?
    pub const PERFUSION: u8 = 0xAC;
    /// Number of users.
    pub const USERS: u8 = 0xAD;
    /// Delete recordings.
    pub const DELETE: u8 = 0xAE;
    /// Keep-alive; not answered.
    pub const KEEP_ALIVE: u8 = 0xAF;
    /// Are recordings stored?
    pub const STORED: u8 = 0xB0;
    /// Set the time.
    pub const SET_TIME: u8 = 0xB1;
    /// Set the date.
    pub const SET_DATE: u8 = 0xB2;
    /// Undocumented; answered with types 13 and 14.
    pub const UNKNOWN_B3: u8 = 0xB3;
    /// Does this recording carry a perfusion index?
    pub const SEGMENT_PERFUSION: u8 = 0xB6;
}

/// A packet of live data, field for field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Live {
    /// Signal strength, 0 to 15; more than 8 counts as 8.
    pub strength: u8,
    /// Searched for a pulse for too long.
    pub searched_too_long: bool,
    /// Low SpO₂, as the sensor judges it.
    pub low_spo2: bool,
    /// A beat.
    pub beat: bool,
    /// No finger.
    pub probe_error: bool,
    /// The pulse wave, 0 to 127.
    pub pleth: u8,
    /// Searching for a pulse.
    pub searching: bool,
    /// The bar graph, 0 to 15.
    pub bar: u8,
    /// The perfusion index is not valid.
    pub perfusion_invalid: bool,
    /// The pulse rate as sent, 0 to 255.
    pub pulse_rate: u8,
    /// The saturation as sent, 0 to 255.
    pub spo2: u8,
    /// The perfusion index as sent, 0 to 65535.
    pub perfusion_index: u16,
}

impl Live {
    /// The live data in a packet; `None` if it is of another type.
    #[must_use]
    pub fn from_packet(packet: &Packet) -> Option<Self> {
        let [p0, p1, p2, p3, p4, p5, p6] = packet.seven();
        (packet.kind() == packet::LIVE).then_some(Self {
            strength: p0 & 0x0F,
            searched_too_long: p0 & 0x10 != 0,
            low_spo2: p0 & 0x20 != 0,
            beat: p0 & 0x40 != 0,
            probe_error: p0 & 0x80 != 0,
            pleth: p1 & 0x7F,
            searching: p1 & 0x80 != 0,
            bar: p2 & 0x0F,
            perfusion_invalid: p2 & 0x10 != 0,
            pulse_rate: p3,
            spo2: p4,
            perfusion_index: u16::from_le_bytes([p5, p6]),
        })
    }

    /// The packet. Bits beyond a field's width are cut off.
    #[must_use]
    pub fn packet(&self) -> Packet {
        let [low, high] = self.perfusion_index.to_le_bytes();
        let payload = [
            u8::from(self.probe_error) << 7
                | u8::from(self.beat) << 6
                | u8::from(self.low_spo2) << 5
                | u8::from(self.searched_too_long) << 4
                | self.strength & 0x0F,
            u8::from(self.searching) << 7 | self.pleth & 0x7F,
            u8::from(self.perfusion_invalid) << 4 | self.bar & 0x0F,
            self.pulse_rate,
            self.spo2,
            low,
            high,
        ];
        Packet::of_seven(packet::LIVE, payload)
    }

    /// What the packet says by itself, before any agreement with its neighbours.
    #[must_use]
    pub fn sample(&self) -> Sample {
        let no_finger = self.probe_error;
        let searching = self.searching || self.searched_too_long;
        let gone = no_finger || searching;
        let strength = strength_from_eighths(self.strength);
        Sample {
            spo2: Some(self.spo2).filter(|spo2| !gone && (1..=100).contains(spo2)),
            pulse_rate: Some(u16::from(self.pulse_rate)).filter(|rate| !gone && (1..=254).contains(rate)),
            perfusion_index: Some(self.perfusion_index)
                .filter(|index| !gone && !self.perfusion_invalid && (1..=2200).contains(index)),
            signal_strength: Some(strength),
            pleth: Some(u16::from(self.pleth)),
            beat: self.beat,
            flags: Flags { no_finger, searching, weak_signal: !no_finger && strength < WEAK_BELOW, ..Flags::default() },
        }
    }

    /// The live data that say `sample`, as a CMS50I sends them: 255, 127 and 65535 for a missing number. What the
    /// format has no place for is left out.
    #[must_use]
    pub fn from_sample(sample: &Sample) -> Self {
        let pleth = sample.pleth.unwrap_or(64).min(127) as u8;
        Self {
            strength: eighths_from_strength(sample.signal_strength.unwrap_or(0)),
            searched_too_long: false,
            low_spo2: false,
            beat: sample.beat,
            probe_error: sample.flags.no_finger,
            pleth,
            searching: sample.flags.searching,
            bar: pleth >> 3,
            perfusion_invalid: sample.perfusion_index.is_none(),
            pulse_rate: sample.pulse_rate.map_or(0xFF, |rate| rate.min(254) as u8),
            spo2: sample.spo2.map_or(0x7F, |spo2| spo2.min(100)),
            perfusion_index: sample.perfusion_index.map_or(0xFFFF, |index| index.min(2200)),
        }
    }
}

/// The bytes of the live packet that says `sample`.
#[must_use]
pub fn encode(sample: &Sample) -> PacketBytes {
    Live::from_sample(sample).packet().bytes()
}
