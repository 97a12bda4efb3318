//! Nonin ASCII (`nonin-ascii`): 8500, 2500, 8600, 9847, Avant 9600, 4000 and 4100.
//!
//! 9600 baud, 8 data bits, one stop bit or two, no parity (what the manuals call a ninth bit is always mark in real
//! time); one line a second, sent without being asked, after a heading at power-on. Described by the operator's manuals
//! of these devices.
//!
//! | device | line |
//! | --- | --- |
//! | 8500, 2500 | `SPO2=XXX HR=YYY` |
//! | 8600, 9847 | `HH:MM:SS SPO2=XXX HR=YYY` |
//! | 9847 | `*` at the end of a marked event, `B` where a breath was seen |
//! | Avant | ` F` at the end: averaged fast; `*` behind an event |
//!
//! The manuals print three places for a number and do not tell how a smaller one is written. A number of three places
//! is always read, whether it is filled with zeros or spaces. A shorter one may be a longer one that lost a digit: it
//! is read once three lines in a row had shorter ones, and until one comes that is filled up.
//!
//! The format has no flags: without a finger and without a pulse both numbers are dashes.

use super::Profile;
use super::text::TextHost;
use super::text::fields::{digits, saturation};
use crate::Line;
use crate::sample::{Flags, Sample};
use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

pub use super::text::clock::TimeOfDay;
pub use super::text::fields::Malformed;

mod device;
mod host;
#[cfg(test)]
mod tests;

pub(crate) const PROFILE: Profile = Profile {
    name: "nonin-ascii",
    lines: &[Line::eight_n_one(9600)],
    per_minute: 60,
    wave: None,
    has_checksum: false,
    tells: Flags::NONE,
    // Fifteen bytes in their places, twice.
    agreement: 2,
    host: || Box::new(TextHost::<host::NoninReader>::default()),
    device: || Box::new(device::Avant::default()),
};

/// What a data line says.
///
/// ```
/// use oximeter::protocol::nonin_ascii::DataLine;
///
/// let line: DataLine = "22:41:07 SPO2=095 HR=150*".parse()?;
/// assert_eq!((line.spo2, line.pulse_rate, line.event), (Some(95), Some(150), true));
/// # Ok::<(), oximeter::protocol::nonin_ascii::Malformed>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DataLine {
    /// The device's clock, where it sends one.
    pub time: Option<TimeOfDay>,
    /// SpO₂, %, 1 to 100.
    pub spo2: Option<u8>,
    /// Pulse rate, beats per minute, 18 to 321.
    pub pulse_rate: Option<u16>,
    /// F: averaged fast.
    pub fast: bool,
    /// `*`: somebody marked an event at the device.
    pub event: bool,
    /// B: a breath was seen.
    pub breath: bool,
    /// What the widths of the numbers tell of the device.
    pub widths: Widths,
}

/// How numbers under 100 are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Widths {
    /// The line has no number under 100.
    #[default]
    Untold,
    /// Filled to three places.
    Filled,
    /// Not filled, or a digit is lost.
    Short,
}

impl Widths {
    fn and(self, other: Self) -> Result<Self, Malformed> {
        match (self, other) {
            (widths, Self::Untold) | (Self::Untold, widths) => Ok(widths),
            (widths, same) if widths == same => Ok(widths),
            _ => Err(Malformed),
        }
    }
}

/// A number, or dashes for none.
fn number(field: &[u8]) -> Result<(Option<u16>, Widths), Malformed> {
    let (digits_of, widths) = match field {
        b"---" => return Ok((None, Widths::Untold)),
        [b'1'..=b'9', _, _] => (field, Widths::Untold),
        [b' ', b' ', ones] => (core::slice::from_ref(ones), Widths::Filled),
        [b' ', rest @ ..] if rest.len() == 2 && rest[0] != b'0' => (rest, Widths::Filled),
        [b'0', _, _] => (field, Widths::Filled),
        [b'1'..=b'9', _] | [_] => (field, Widths::Short),
        _ => return Err(Malformed),
    };
    Ok((Some(digits(digits_of)? as u16), widths))
}

/// Where the number that begins here ends: spaces that fill it, then digits or dashes.
fn end_of_number(text: &[u8]) -> usize {
    let filling = text.iter().take_while(|&&byte| byte == b' ').count();
    filling + text[filling..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count()
}

/// The line without its CR LF.
impl FromStr for DataLine {
    type Err = Malformed;

    fn from_str(line: &str) -> Result<Self, Malformed> {
        let mut rest = line.as_bytes();
        let mut time = None;
        if !rest.starts_with(b"SPO2=") {
            let (clock, behind) = rest.split_at_checked(8).ok_or(Malformed)?;
            time = Some(TimeOfDay::parse(clock)?);
            rest = behind.strip_prefix(b" ").ok_or(Malformed)?.trim_ascii_start();
        }
        let mut field = |key: &[u8]| {
            rest = rest.strip_prefix(key).ok_or(Malformed)?;
            let (field, behind) = rest.split_at(end_of_number(rest));
            rest = behind;
            number(field)
        };
        let (spo2, spo2_widths) = field(b"SPO2=")?;
        let (pulse_rate, rate_widths) = field(b" HR=")?;
        let mut line = Self {
            time,
            spo2: saturation(spo2),
            pulse_rate: pulse_rate.filter(|rate| (18..=321).contains(rate)),
            widths: spo2_widths.and(rate_widths)?,
            ..Self::default()
        };
        for byte in rest {
            let mark = match byte {
                b' ' => continue,
                b'F' => &mut line.fast,
                b'*' => &mut line.event,
                b'B' => &mut line.breath,
                _ => return Err(Malformed),
            };
            if core::mem::replace(mark, true) {
                return Err(Malformed);
            }
        }
        Ok(line)
    }
}

impl DataLine {
    /// What the line says of the patient.
    #[must_use]
    pub fn sample(&self) -> Sample {
        Sample { spo2: self.spo2, pulse_rate: self.pulse_rate, ..Sample::default() }
    }

    /// The line that says the numbers of `sample`; the format has nothing else.
    #[must_use]
    pub fn from_sample(sample: &Sample) -> Self {
        let is_small = sample.spo2.is_some_and(|spo2| spo2 < 100) || sample.pulse_rate.is_some_and(|rate| rate < 100);
        let widths = if is_small { Widths::Filled } else { Widths::Untold };
        Self { spo2: sample.spo2, pulse_rate: sample.pulse_rate, widths, ..Self::default() }
    }
}

/// The line without its CR LF. Numbers are filled with zeros to three places.
impl fmt::Display for DataLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(time) = self.time {
            write!(f, "{time} ")?;
        }
        match self.spo2 {
            Some(spo2) => write!(f, "SPO2={spo2:03}")?,
            None => f.write_str("SPO2=---")?,
        }
        match self.pulse_rate {
            Some(rate) => write!(f, " HR={rate:03}")?,
            None => f.write_str(" HR=---")?,
        }
        for (mark, set) in [(" F", self.fast), (" B", self.breath), ("*", self.event)] {
            if set {
                f.write_str(mark)?;
            }
        }
        Ok(())
    }
}
