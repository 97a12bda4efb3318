//! Which faults a line has, and how often.

use crate::UnknownName;
use crate::random::Random;
use core::fmt;
use core::num::ParseIntError;
use core::str::FromStr;

/// One way in which a line damages what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A byte is lost.
    Drop,
    /// One bit of a byte is changed.
    Flip,
    /// A byte comes that nobody sent.
    Insert,
    /// A byte comes twice.
    Duplicate,
    /// What was sent at once comes in two pieces, 2 to 50 ms apart.
    Split,
    /// What was sent is kept back until more is sent, 3 s at most, and comes with that in one piece.
    Merge,
    /// The line hangs for 0.2 to 3 s: what is sent meanwhile is lost.
    Stall,
    /// Up to 100 bytes are read at another speed than they are sent.
    WrongBaud,
    /// Nothing comes for 0.2 to 3 s; then everything comes at once.
    Burst,
    /// The sensor is pulled out between one byte and the next, and plugged in again after 2 to 8 s.
    Unplug,
}

impl Fault {
    /// Every fault, in the order of the variants.
    pub const ALL: &'static [Self] = &[
        Self::Drop,
        Self::Flip,
        Self::Insert,
        Self::Duplicate,
        Self::Split,
        Self::Merge,
        Self::Stall,
        Self::WrongBaud,
        Self::Burst,
        Self::Unplug,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Flip => "flip",
            Self::Insert => "insert",
            Self::Duplicate => "duplicate",
            Self::Split => "split",
            Self::Merge => "merge",
            Self::Stall => "stall",
            Self::WrongBaud => "wrong-baud",
            Self::Burst => "burst",
            Self::Unplug => "unplug",
        }
    }

    /// Whether it takes seconds of the stream, or many frames of it, where the others take a byte.
    const fn is_long(self) -> bool {
        matches!(self, Self::Stall | Self::WrongBaud | Self::Burst | Self::Unplug)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Fault {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|fault| fault.as_str() == name)
            .ok_or_else(|| UnknownName::new("fault", name, Self::ALL.iter().map(|fault| fault.as_str())))
    }
}

/// How often each fault begins, in beginnings per million bytes.
///
/// As text, for a command line: names with or without a number, separated by commas; `all` stands for the mix of all.
/// Without a number, 1000: one fault in a thousand bytes.
///
/// ```
/// use oximeter::{Fault, FaultRates};
///
/// let rates: FaultRates = "flip=200,stall=5".parse()?;
/// assert_eq!(rates, FaultRates::NONE.with(Fault::Flip, 200).with(Fault::Stall, 5));
/// assert_eq!("all".parse(), Ok(FaultRates::mix(1000)));
/// # Ok::<(), oximeter::WrongRates>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FaultRates([u32; Fault::ALL.len()]);

const MILLION: u32 = 1_000_000;

/// Of a fault that is named without a number.
const USUAL: u32 = 1_000;

impl FaultRates {
    /// A good line.
    pub const NONE: Self = Self([0; Fault::ALL.len()]);

    /// These rates, with that of `fault` set to `per_million` bytes; a million is at every byte. Of rates that sum up
    /// to more than a million, the faults that stand first in [`Fault::ALL`] are the more frequent.
    #[must_use]
    pub const fn with(mut self, fault: Fault, per_million: u32) -> Self {
        self.0[fault as usize] = if per_million < MILLION { per_million } else { MILLION };
        self
    }

    /// Every fault: those that damage a byte or a piece `per_million` each, those that take seconds or many frames a
    /// twentieth of that, so that frames are left between them.
    #[must_use]
    pub fn mix(per_million: u32) -> Self {
        Fault::ALL.iter().fold(Self::NONE, |rates, &fault| {
            let rate = if fault.is_long() { per_million.div_ceil(20) } else { per_million };
            rates.with(fault, rate)
        })
    }

    /// How often `fault` begins, per million bytes.
    #[must_use]
    pub const fn rate(&self, fault: Fault) -> u32 {
        self.0[fault as usize]
    }

    /// The fault that begins at the next byte, if one does.
    pub(super) fn draw(&self, random: &mut Random) -> Option<Fault> {
        let mut chance = (((random.next() >> 32) * u64::from(MILLION)) >> 32) as u32;
        for (&fault, &rate) in Fault::ALL.iter().zip(&self.0) {
            if chance < rate {
                return Some(fault);
            }
            chance -= rate;
        }
        None
    }
}

/// The text says no rates of faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrongRates {
    /// It names a fault that does not exist.
    Name(UnknownName),
    /// A rate is no whole number.
    Rate(Fault, ParseIntError),
    /// The rate of `all` is no whole number.
    RateOfAll(ParseIntError),
}

impl fmt::Display for WrongRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => write!(f, "{error} Or `all`."),
            Self::Rate(fault, error) => {
                write!(f, "The rate of {fault} is wrong ({error}): write times per million bytes, as in {fault}=1000.")
            }
            Self::RateOfAll(error) => {
                write!(f, "The rate of all is wrong ({error}): write times per million bytes, as in all=1000.")
            }
        }
    }
}

impl core::error::Error for WrongRates {}

impl FromStr for FaultRates {
    type Err = WrongRates;

    fn from_str(text: &str) -> Result<Self, WrongRates> {
        let mut rates = Self::NONE;
        for part in text.split(',').map(str::trim) {
            let (name, rate) = part.split_once('=').map_or((part, Ok(USUAL)), |(name, rate)| (name, rate.parse()));
            if name == "all" {
                rates = Self::mix(rate.map_err(WrongRates::RateOfAll)?);
            } else {
                let fault = name.parse().map_err(WrongRates::Name)?;
                rates = rates.with(fault, rate.map_err(|error| WrongRates::Rate(fault, error))?);
            }
        }
        Ok(rates)
    }
}
