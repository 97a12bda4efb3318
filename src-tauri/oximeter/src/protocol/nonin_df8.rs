//! Nonin serial data format 8 (`nonin-df8`): Xpod, OEM III, WristOx2 3150, Onyx II 9560.
//!
//! 9600 8N1; a group of 4 bytes once a second, sent without being asked, without a checksum; bit 7 is set in the first
//! byte alone. Described by Nonin's "Onyx II 9560 OEM Specification" (6470-000-01), one sentence of which says three
//! bytes where its table and title say four.
//!
//! | byte | bits | meaning |
//! | --- | --- | --- |
//! | 1 | 7 | 1, here and nowhere else |
//! | | 5 | out of track: sustained artifact |
//! | | 4 | low perfusion |
//! | | 3 | marginal perfusion |
//! | | 2 | artifact |
//! | | 1-0 | bits 8 and 7 of the pulse rate |
//! | 2 | 6-0 | bits 6 to 0 of the pulse rate; 511 is no value |
//! | 3 | 6-0 | SpO₂; 127 is no value |
//! | 4 | 5 | a measurement of high quality (SmartPoint) |
//! | | 3 | sensor alarm: no finger |
//! | | 0 | low battery |
//!
//! Both numbers are those of the sensor's own display: **held for 10 s after the finger left**, with the sensor alarm
//! set. A host that shows them then shows a dead number as live; here the alarm takes them away.

use super::nonin::answering::Answering;
use super::nonin::asking::Asking;
use super::nonin::display::Display;
use super::nonin::groups::Groups;
use super::nonin::{are_documented, pulse_rate, pulse_rate_bytes, spo2, spo2_byte};
use super::{Heard, Host, Profile};
use crate::Line;
use crate::errand::{Errand, NotPossible};
use crate::sample::{Flags, Sample};
use crate::simulator::{Device, HostPacket, Memory};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

pub(crate) const PROFILE: Profile = Profile {
    name: "nonin-df8",
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
        low_battery: true,
    },
    agreement: 3,
    host: || Box::new(Df8Host::default()),
    device: || Box::new(Df8Device { answering: Answering::new(0x08, &[0x08]), display: Display::default() }),
};

/// When after the start the format is called for, if nothing of it has come.
const CALLS: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(6)];

/// A group, bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Group {
    /// Sustained artifact.
    pub out_of_track: bool,
    /// Low perfusion.
    pub low_perfusion: bool,
    /// Marginal perfusion.
    pub marginal_perfusion: bool,
    /// Artifact.
    pub artifact: bool,
    /// The pulse rate for display, 18 to 321.
    pub pulse_rate: Option<u16>,
    /// The saturation for display, 1 to 100 %.
    pub spo2: Option<u8>,
    /// A measurement of high quality.
    pub smart_point: bool,
    /// No finger: the numbers are held.
    pub sensor_alarm: bool,
    /// Low battery.
    pub low_battery: bool,
}

impl Group {
    /// The group that four bytes hold; `None` if bit 7 is not set in the first alone.
    ///
    /// ```
    /// use oximeter::protocol::nonin_df8::Group;
    ///
    /// let held = Group::from_bytes([0x80, 0x48, 0x61, 0x08]).ok_or("no group")?;
    /// assert_eq!((held.spo2, held.pulse_rate), (Some(97), Some(72)));
    /// assert_eq!((held.sample().spo2, held.sample().pulse_rate), (None, None), "the finger has left");
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn from_bytes(bytes: [u8; 4]) -> Option<Self> {
        let [b1, b2, b3, b4] = bytes;
        (b1 & 0x80 != 0 && (b2 | b3 | b4) & 0x80 == 0).then(|| Self {
            out_of_track: b1 & 0x20 != 0,
            low_perfusion: b1 & 0x10 != 0,
            marginal_perfusion: b1 & 0x08 != 0,
            artifact: b1 & 0x04 != 0,
            pulse_rate: pulse_rate(b1, b2),
            spo2: spo2(b3),
            smart_point: b4 & 0x20 != 0,
            sensor_alarm: b4 & 0x08 != 0,
            low_battery: b4 & 0x01 != 0,
        })
    }

    /// The four bytes of the group.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 4] {
        let [high, low] = pulse_rate_bytes(self.pulse_rate);
        [
            0x80 | u8::from(self.out_of_track) << 5
                | u8::from(self.low_perfusion) << 4
                | u8::from(self.marginal_perfusion) << 3
                | u8::from(self.artifact) << 2
                | high,
            low,
            spo2_byte(self.spo2),
            u8::from(self.smart_point) << 5 | u8::from(self.sensor_alarm) << 3 | u8::from(self.low_battery),
        ]
    }

    /// What the group says of the finger that is there now.
    #[must_use]
    pub fn sample(self) -> Sample {
        let live = !self.sensor_alarm;
        Sample {
            spo2: self.spo2.filter(|_| live),
            pulse_rate: self.pulse_rate.filter(|_| live),
            flags: Flags {
                no_finger: self.sensor_alarm,
                searching: live && self.pulse_rate.is_none(),
                low_perfusion: live && self.low_perfusion,
                artifact: self.artifact || self.out_of_track,
                weak_signal: live && self.marginal_perfusion,
                low_battery: self.low_battery,
            },
            ..Sample::default()
        }
    }

    /// The group that says `sample`. What the format has no place for is left out.
    #[must_use]
    pub fn from_sample(sample: &Sample) -> Self {
        let flags = sample.flags;
        let sustained = flags.artifact && sample.spo2.is_none();
        Self {
            out_of_track: sustained,
            low_perfusion: flags.low_perfusion,
            marginal_perfusion: flags.weak_signal && !flags.low_perfusion,
            artifact: flags.artifact && !sustained,
            pulse_rate: sample.pulse_rate,
            spo2: sample.spo2,
            smart_point: sample.spo2.is_some() && !flags.artifact,
            sensor_alarm: flags.no_finger,
            low_battery: flags.low_battery,
        }
    }
}

#[derive(Debug)]
struct Df8Host {
    groups: Groups<4>,
    asking: Asking,
}

impl Default for Df8Host {
    fn default() -> Self {
        Self { groups: Groups::default(), asking: Asking::new(0x08, CALLS) }
    }
}

impl Df8Host {
    fn sample(&mut self, group: [u8; 4], heard: &mut Heard) -> Option<Sample> {
        let [b1, b2, b3, _] = group;
        if !are_documented(b1, b2, b3) {
            self.groups.disbelieve(&mut heard.counters);
            return None;
        }
        Some(Group::from_bytes(group)?.sample())
    }
}

impl Host for Df8Host {
    fn start(&mut self, now: Duration, _send: &mut Vec<u8>) {
        *self = Self::default();
        self.asking.start(now);
    }

    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample> {
        if self.groups.is_between() && self.asking.hear(byte, heard) {
            return None;
        }
        let group = self.groups.push(now, byte, &mut heard.counters)?;
        self.sample(group, heard)
    }

    fn poll(&mut self, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) -> Option<Sample> {
        if self.groups.has_heard() {
            // An answer to the call would stand between the groups that are to show what speaks here.
            self.asking.is_answered();
        }
        self.asking.poll(now, send, heard);
        let group = self.groups.poll(now, &mut heard.counters)?;
        self.sample(group, heard)
    }

    fn next_wake(&self) -> Option<Duration> {
        self.groups.next_wake().into_iter().chain(self.asking.next_wake()).min()
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

/// A sensor that streams this format from power-on and has no other.
#[derive(Debug)]
struct Df8Device {
    answering: Answering,
    display: Display,
}

impl Device for Df8Device {
    fn power_on(&mut self, now: Duration) {
        self.answering.power_on(now);
        self.display = Display::default();
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
        let (spo2, pulse_rate) = self.display.show(now, sample);
        send.extend_from_slice(&Group { spo2, pulse_rate, ..Group::from_sample(sample) }.to_bytes());
    }
}

#[cfg(test)]
mod tests;
