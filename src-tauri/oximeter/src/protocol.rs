//! The wire protocols, one module each, both directions.
//!
//! Each has the same parts: the fields of a frame and their encoding, the framing that finds frames in a stream of
//! bytes, the host that asks and listens ([`crate::Session`] runs it), and the sensor that answers
//! ([`crate::Simulator`] runs it).
//!
//! # What a damaged stream can and cannot do
//!
//! Every decoder works byte by byte: any cut of the stream gives the same samples, and a damaged frame costs that
//! frame.
//!
//! - **With a checksum** (Nonin DF2): a frame with a wrong sum is dropped, and numbers come only from a packet whose 25
//!   frames followed each other without a stray byte. Flags change when three frames in a row agree.
//! - **Without a checksum** (the two Contec formats): a wrong length and a wrong bit 7 are found and dropped; a flipped
//!   bit in the middle of a packet cannot be. Therefore a number or a flag changes only when **three packets in a
//!   row**, without a damaged one between them, agree, which takes 33 ms at 60 packets a second. A value that no packet
//!   has carried for 60 packets while no other settled becomes missing. The pulse wave and the beat mark are not held
//!   back: there is nothing to agree on in a curve, and a wrong point of it decides nothing.

use crate::sample::{Counters, Identity, Sample};
use crate::simulator::Device;
use crate::{Line, UnknownName};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

pub mod cms50;
mod contec;
pub mod contec_v7;
pub mod nonin_df2;

/// A wire protocol.
///
/// ```
/// use oximeter::{Line, Protocol};
///
/// let protocol: Protocol = "cms50".parse()?;
/// assert_eq!(protocol.line(), Line::eight_o_one(19_200));
/// assert!("cms51".parse::<Protocol>().is_err());
/// # Ok::<(), oximeter::UnknownName>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// Contec, frames of 5 bytes: CMS50D+ before firmware 4.6, CMS50E and CMS50F with old firmware.
    Cms50,
    /// Contec V7, packets of up to 9 bytes: CMS50D+ from firmware 4.6 on, CMS50E/EW/F from 3.7 on, CMS50I, CMS60C.
    ContecV7,
    /// Nonin serial data format 2: Xpod, iPod, OEM III, WristOx2 3150, 9560.
    NoninDf2,
}

/// What is fixed for a protocol. One constant in each protocol's file.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    /// The lines on which it is spoken, the usual one first.
    pub(crate) lines: &'static [Line],
    /// Samples of the pulse wave a second.
    pub(crate) rate: u16,
    /// The highest count of the pulse wave.
    pub(crate) pleth_max: u16,
    /// Samples for which the sensor marks a beat.
    pub(crate) beat_mark: u32,
    pub(crate) has_checksum: bool,
    /// Frames in a row without a stray byte between them that make it certain that this protocol is spoken.
    pub(crate) agreement: u64,
    pub(crate) host: fn() -> Box<dyn Host>,
    pub(crate) device: fn() -> Box<dyn Device>,
}

impl Protocol {
    /// Every protocol, in the order of the variants.
    pub const ALL: &'static [Self] = &[Self::Cms50, Self::ContecV7, Self::NoninDf2];

    pub(crate) const fn profile(self) -> &'static Profile {
        match self {
            Self::Cms50 => &cms50::PROFILE,
            Self::ContecV7 => &contec_v7::PROFILE,
            Self::NoninDf2 => &nonin_df2::PROFILE,
        }
    }

    /// The name on the command line and in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.profile().name
    }

    /// The lines on which the protocol is spoken, the usual one first; never empty.
    #[must_use]
    pub const fn lines(self) -> &'static [Line] {
        self.profile().lines
    }

    /// The line on which the protocol is usually spoken.
    #[must_use]
    pub const fn line(self) -> Line {
        self.profile().lines[0]
    }

    /// Samples of the pulse wave a second, while the sensor streams.
    #[must_use]
    pub const fn sample_rate(self) -> u16 {
        self.profile().rate
    }

    /// The time from one sample to the next, while the sensor streams.
    #[must_use]
    pub const fn sample_period(self) -> Duration {
        Duration::from_nanos(1_000_000_000 / self.profile().rate as u64)
    }

    /// The highest count of the pulse wave; the lowest is 0.
    #[must_use]
    pub const fn pleth_max(self) -> u16 {
        self.profile().pleth_max
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Protocol {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|protocol| protocol.as_str() == name)
            .ok_or_else(|| UnknownName::new("protocol", name, Self::ALL.iter().map(|protocol| protocol.as_str())))
    }
}

/// What a host has learnt beside samples.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) identity: Identity,
    pub(crate) counters: Counters,
}

/// The host's side of a protocol. `now` never goes back.
pub(crate) trait Host: fmt::Debug + Send {
    /// Begins anew: what is sent makes the sensor stream.
    fn start(&mut self, now: Duration, send: &mut Vec<u8>);
    /// Takes one byte; it ends at most one sample. Allocates for nothing but a change of the identity.
    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample>;
    /// Does what is due.
    fn poll(&mut self, now: Duration, send: &mut Vec<u8>);
    /// When something will be due; a time that has passed means at once.
    fn next_wake(&self) -> Option<Duration>;
    /// Ends the stream.
    fn stop(&mut self, send: &mut Vec<u8>);
}

#[cfg(test)]
pub(crate) mod tests;
