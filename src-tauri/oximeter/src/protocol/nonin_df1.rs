//! Nonin serial data format 1 (`nonin-df1`): WristOx, Xpod; old.
//!
//! 9600 8N1; a group of 3 bytes once a second, sent without being asked, without a checksum; bit 7 is set in the first
//! byte alone. Described by public code for the WristOx; no sensor can be told to use it.
//!
//! | byte | bits | meaning |
//! | --- | --- | --- |
//! | 1 | 7 | 1, here and nowhere else |
//! | | 6 | sensor disconnected |
//! | | 5 | out of track: sustained artifact |
//! | | 4 | low perfusion |
//! | | 3 | marginal perfusion |
//! | | 2 | bad pulse: artifact |
//! | | 1-0 | bits 8 and 7 of the pulse rate |
//! | 2 | 6-0 | bits 6 to 0 of the pulse rate; 511 is no value |
//! | 3 | 6-0 | SpO₂; 127 is no value |

use super::nonin::groups::Groups;
use super::nonin::{are_documented, pulse_rate, pulse_rate_bytes, spo2, spo2_byte};
use super::{Heard, Host, Profile};
use crate::Line;
use crate::sample::{Flags, Sample};
use crate::simulator::{Device, HostPacket};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

pub(crate) const PROFILE: Profile = Profile {
    name: "nonin-df1",
    lines: &[Line::eight_n_one(9600)],
    per_minute: 60,
    wave: None,
    has_checksum: false,
    tells: Flags {
        no_finger: true,
        searching: true,
        low_perfusion: true,
        artifact: true,
        weak_signal: true,
        low_battery: false,
    },
    agreement: 3,
    host: || Box::new(Df1Host::default()),
    device: || Box::new(Df1Device),
};

/// A group, bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Group {
    /// The probe is not plugged in.
    pub sensor_disconnected: bool,
    /// Sustained artifact.
    pub out_of_track: bool,
    /// Low perfusion.
    pub low_perfusion: bool,
    /// Marginal perfusion.
    pub marginal_perfusion: bool,
    /// A bad pulse.
    pub artifact: bool,
    /// The pulse rate, 18 to 321.
    pub pulse_rate: Option<u16>,
    /// The saturation, 1 to 100 %.
    pub spo2: Option<u8>,
}

impl Group {
    /// The group that three bytes hold; `None` if bit 7 is not set in the first alone.
    ///
    /// ```
    /// use oximeter::protocol::nonin_df1::Group;
    ///
    /// let group = Group::from_bytes([0x81, 0x16, 0x5F]).ok_or("no group")?;
    /// assert_eq!((group.pulse_rate, group.spo2), (Some(150), Some(95)));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn from_bytes(bytes: [u8; 3]) -> Option<Self> {
        let [b1, b2, b3] = bytes;
        (b1 & 0x80 != 0 && (b2 | b3) & 0x80 == 0).then(|| Self {
            sensor_disconnected: b1 & 0x40 != 0,
            out_of_track: b1 & 0x20 != 0,
            low_perfusion: b1 & 0x10 != 0,
            marginal_perfusion: b1 & 0x08 != 0,
            artifact: b1 & 0x04 != 0,
            pulse_rate: pulse_rate(b1, b2),
            spo2: spo2(b3),
        })
    }

    /// The three bytes of the group.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 3] {
        let [high, low] = pulse_rate_bytes(self.pulse_rate);
        [
            0x80 | u8::from(self.sensor_disconnected) << 6
                | u8::from(self.out_of_track) << 5
                | u8::from(self.low_perfusion) << 4
                | u8::from(self.marginal_perfusion) << 3
                | u8::from(self.artifact) << 2
                | high,
            low,
            spo2_byte(self.spo2),
        ]
    }

    /// What the group says.
    #[must_use]
    pub fn sample(self) -> Sample {
        let live = !self.sensor_disconnected;
        Sample {
            spo2: self.spo2.filter(|_| live),
            pulse_rate: self.pulse_rate.filter(|_| live),
            flags: Flags {
                no_finger: self.sensor_disconnected,
                searching: live && self.pulse_rate.is_none(),
                low_perfusion: live && self.low_perfusion,
                artifact: self.artifact || self.out_of_track,
                weak_signal: live && self.marginal_perfusion,
                low_battery: false,
            },
            ..Sample::default()
        }
    }

    /// The group that says `sample`. What the format has no place for is left out; it has none for a finger that is out
    /// beside that of a probe that is not plugged in.
    #[must_use]
    pub fn from_sample(sample: &Sample) -> Self {
        let flags = sample.flags;
        let sustained = flags.artifact && sample.spo2.is_none();
        Self {
            sensor_disconnected: flags.no_finger,
            out_of_track: sustained,
            low_perfusion: flags.low_perfusion,
            marginal_perfusion: flags.weak_signal && !flags.low_perfusion,
            artifact: flags.artifact && !sustained,
            pulse_rate: sample.pulse_rate,
            spo2: sample.spo2,
        }
    }
}

#[derive(Debug, Default)]
struct Df1Host {
    groups: Groups<3>,
}

impl Df1Host {
    fn sample(&mut self, group: [u8; 3], heard: &mut Heard) -> Option<Sample> {
        let [b1, b2, b3] = group;
        if !are_documented(b1, b2, b3) {
            self.groups.disbelieve(&mut heard.counters);
            return None;
        }
        Some(Group::from_bytes(group)?.sample())
    }
}

impl Host for Df1Host {
    fn start(&mut self, _now: Duration, _send: &mut Vec<u8>) {
        *self = Self::default();
    }

    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample> {
        let group = self.groups.push(now, byte, &mut heard.counters)?;
        self.sample(group, heard)
    }

    fn poll(&mut self, now: Duration, _send: &mut Vec<u8>, heard: &mut Heard) -> Option<Sample> {
        let group = self.groups.poll(now, &mut heard.counters)?;
        self.sample(group, heard)
    }

    fn next_wake(&self) -> Option<Duration> {
        self.groups.next_wake()
    }

    fn stop(&mut self, _send: &mut Vec<u8>) {
        // The sensor streams whether anyone listens or not.
    }
}

/// A WristOx: it sends, and hears nothing.
#[derive(Debug)]
struct Df1Device;

impl Device for Df1Device {
    fn power_on(&mut self, _now: Duration) {}

    fn receive(&mut self, _now: Duration, _byte: u8, _send: &mut Vec<u8>) -> Option<HostPacket> {
        None
    }

    fn streams(&mut self, _now: Duration) -> bool {
        true
    }

    fn frame(&mut self, _now: Duration, sample: &Sample, send: &mut Vec<u8>) {
        send.extend_from_slice(&Group::from_sample(sample).to_bytes());
    }
}

#[cfg(test)]
mod tests;
