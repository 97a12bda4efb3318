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
//! - **With a checksum** (Nonin DF2 and DF7): a frame with a wrong sum is dropped, and numbers come only from a packet whose 25
//!   frames followed each other without a stray byte. Flags change when three frames in a row agree.
//! - **Without a checksum** (the two Contec formats, Berry): a wrong length and a wrong bit 7 are found and dropped; a flipped
//!   bit in the middle of a packet cannot be. Therefore a number or a flag changes only when **three packets in a
//!   row**, without a damaged one between them, agree, which takes 33 ms at 60 packets a second; behind a damaged one
//!   **six** must agree, 100 ms. A value that no packet has carried for 60 packets while no other settled becomes
//!   missing. The pulse wave and the beat mark are not held back: there is nothing to agree on in a curve, and a wrong
//!   point of it decides nothing.
//! - **Groups of a second** (Nonin DF1 and DF8) have no checksum either. Each counts by itself once the quiet behind it
//!   shows that it is not too long, the third in a row at first and the second after damage. **A changed bit that leaves
//!   documented values cannot be found: that one group is wrong**, and nothing after it. So may one be in thousands that
//!   were read at a wrong speed.
//! - **Lines of text** (Masimo, Nellcor, Nonin ASCII) come once in one or two seconds and have no checksum. To wait for
//!   a second one that agrees would make a fall known seconds late, so each good line counts at once, and the grammar
//!   is as narrow as the devices' own: fixed widths or columns, every key once, CR LF at the end, all of it within half
//!   a second. A byte lost, doubled or inserted and a line split or merged cost that line. **A bit that makes one digit
//!   of another cannot be found: that one line is wrong**, and nothing after it. A device that does not fill its
//!   numbers up to a fixed width (an NPB-290 as its manual prints it, some Nonin) can lose a digit in the same way.
//!
//! What stands does not outlive a line that hangs: after two seconds without a frame, or with too few to make a packet,
//! the numbers are missing until new ones are whole or agreed upon.

use crate::errand::{Errand, NotPossible, Standing};
use crate::sample::{Counters, Flags, Identity, Sample};
use crate::simulator::Device;
use crate::{Line, UnknownName};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

pub mod berry;
pub mod cms50;
mod contec;
pub mod contec_v7;
mod five_bytes;
pub mod masimo_ascii;
pub mod nellcor_ascii;
mod nonin;
pub mod nonin_ascii;
pub mod nonin_commands;
pub mod nonin_df1;
pub mod nonin_df2;
pub mod nonin_df7;
pub mod nonin_df8;
mod text;

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
    /// BerryMed, the same frames of 5 bytes with other meanings: BM1000 and many OEM boards.
    Berry,
    /// Masimo ASCII 1: Rad-8, Rad-87, Radical-7.
    MasimoAscii,
    /// Nellcor text output: N-560, N-595, NPB-290, NPB-295, PM100N, PM1000N.
    NellcorAscii,
    /// Nonin ASCII: 8500, 2500, 8600, 9847, Avant 9600, 4000, 4100.
    NoninAscii,
    /// Nonin serial data format 1: WristOx, Xpod; old.
    NoninDf1,
    /// Nonin serial data format 2: Xpod, iPod, OEM III, WristOx2 3150, 9560.
    NoninDf2,
    /// Nonin serial data format 7, with a pulse wave of 16 bits: the same sensors.
    NoninDf7,
    /// Nonin serial data format 8, a group a second: the same sensors.
    NoninDf8,
}

/// What is fixed for a protocol. One constant in each protocol's file.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    /// The lines on which it is spoken, the usual one first.
    pub(crate) lines: &'static [Line],
    /// Samples a minute, while the sensor streams; above 0.
    pub(crate) per_minute: u32,
    /// The pulse wave, if the format carries one: one point in each sample.
    pub(crate) wave: Option<Pleth>,
    pub(crate) has_checksum: bool,
    /// The flags that the format has a place for.
    pub(crate) tells: Flags,
    /// Frames in a row without a stray byte between them that make it certain that this protocol is spoken.
    pub(crate) agreement: u64,
    pub(crate) host: fn() -> Box<dyn Host>,
    pub(crate) device: fn() -> Box<dyn Device>,
}

/// How a format carries the pulse wave.
#[derive(Debug)]
pub(crate) struct Pleth {
    /// The highest count; the lowest is 0.
    pub(crate) max: u16,
    /// Samples for which the sensor marks a beat.
    pub(crate) beat_mark: u32,
}

impl Protocol {
    /// Every protocol, in the order of the variants.
    pub const ALL: &'static [Self] = &[
        Self::Cms50,
        Self::ContecV7,
        Self::Berry,
        Self::MasimoAscii,
        Self::NellcorAscii,
        Self::NoninAscii,
        Self::NoninDf1,
        Self::NoninDf2,
        Self::NoninDf7,
        Self::NoninDf8,
    ];

    pub(crate) const fn profile(self) -> &'static Profile {
        match self {
            Self::Cms50 => &cms50::PROFILE,
            Self::ContecV7 => &contec_v7::PROFILE,
            Self::Berry => &berry::PROFILE,
            Self::MasimoAscii => &masimo_ascii::PROFILE,
            Self::NellcorAscii => &nellcor_ascii::PROFILE,
            Self::NoninAscii => &nonin_ascii::PROFILE,
            Self::NoninDf1 => &nonin_df1::PROFILE,
            Self::NoninDf2 => &nonin_df2::PROFILE,
            Self::NoninDf7 => &nonin_df7::PROFILE,
            Self::NoninDf8 => &nonin_df8::PROFILE,
        }
    }

    /// The name on the command line and in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.profile().name
    }

    /// Whether its frames carry a checksum: where they do not, a flipped bit may pass for data (see
    /// [the module](crate::protocol)).
    #[must_use]
    pub const fn has_checksum(self) -> bool {
        self.profile().has_checksum
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

    /// Samples a minute, while the sensor streams.
    #[must_use]
    pub const fn samples_per_minute(self) -> u32 {
        self.profile().per_minute
    }

    /// The time from one sample to the next, while the sensor streams.
    #[must_use]
    pub const fn sample_period(self) -> Duration {
        Duration::from_nanos(60_000_000_000 / self.profile().per_minute as u64)
    }

    /// The flags that the format has a place for; of the others nothing is ever heard.
    #[must_use]
    pub const fn tells(self) -> Flags {
        self.profile().tells
    }

    /// Points of the pulse wave a second, while the sensor streams; `None` if the format carries no wave.
    #[must_use]
    pub const fn wave_rate(self) -> Option<u16> {
        match self.profile().wave {
            Some(_) => Some((self.profile().per_minute / 60) as u16),
            None => None,
        }
    }

    /// The highest count of the pulse wave; the lowest is 0. `None` if the format carries no wave.
    #[must_use]
    pub const fn pleth_max(self) -> Option<u16> {
        match &self.profile().wave {
            Some(wave) => Some(wave.max),
            None => None,
        }
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
    /// How the errand stands that the host was sent on.
    pub(crate) errand: Standing,
}

/// The host's side of a protocol. `now` never goes back.
pub(crate) trait Host: fmt::Debug + Send {
    /// Begins anew: what is sent makes the sensor stream.
    fn start(&mut self, now: Duration, send: &mut Vec<u8>);
    /// Takes one byte; it ends at most one sample. Allocates for nothing but a change of the identity.
    fn receive(&mut self, now: Duration, byte: u8, heard: &mut Heard) -> Option<Sample>;
    /// The short way for a frame that lies whole at the beginning of `bytes`, where one may begin and nothing but live
    /// data is under way: what [`receive`](Self::receive) does with each of its bytes, and how many those are. `None`
    /// wherever anything is out of the ordinary.
    fn receive_frame(&mut self, _now: Duration, _bytes: &[u8], _heard: &mut Heard) -> Option<(usize, Option<Sample>)> {
        None
    }
    /// Takes bytes. A call for many, so that a host is looked up once for a piece and not for each byte.
    fn receive_all(&mut self, now: Duration, bytes: &[u8], heard: &mut Heard, each: &mut dyn FnMut(Sample)) {
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            let sample = if let Some((taken, sample)) = self.receive_frame(now, rest, heard) {
                heard.counters.bytes += taken as u64;
                rest = &rest[taken..];
                sample
            } else {
                heard.counters.bytes += 1;
                rest = after;
                self.receive(now, byte, heard)
            };
            if let Some(sample) = sample {
                each(sample);
            }
        }
    }
    /// Does what is due. Ends at most one sample: of a frame that only the quiet behind it shows to be whole.
    fn poll(&mut self, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) -> Option<Sample>;
    /// When something will be due; a time that has passed means at once.
    fn next_wake(&self) -> Option<Duration>;
    /// Ends the stream.
    fn stop(&mut self, send: &mut Vec<u8>);
    /// Takes an errand on, or says why not. Only called while none is under way. What it brings, and its end, are told
    /// in `heard` from then on.
    fn begin(&mut self, _now: Duration, _errand: &Errand) -> Result<(), NotPossible> {
        Err(NotPossible::Unsupported("This sensor only sends; its format has no way to ask it anything."))
    }
    /// Gives up the errand under way, as soon as the sensor may be told so.
    fn abandon(&mut self, _now: Duration) {}
}

#[cfg(test)]
pub(crate) mod tests;
