//! The lines between the data lines.

use super::Malformed;
use crate::protocol::text::fields::digits;
use core::fmt;

/// The first line of a heading: who the device is and what its own limits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Heading<'a> {
    /// The model, such as `N-560`.
    pub model: &'a str,
    /// The firmware's version.
    pub version: &'a str,
    /// The device's own limits of SpO₂, %.
    pub spo2_limits: (u8, u8),
    /// The device's own limits of the pulse rate, beats per minute.
    pub pulse_rate_limits: (u16, u16),
}

/// A line that is no data line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Between<'a> {
    /// The first line of a heading above live data.
    Live(Heading<'a>),
    /// The first line of a heading above stored data.
    Trend,
    /// The second line: whose limits, how many SatSeconds.
    Limits,
    /// The last line; stored data have no Status.
    Columns { with_status: bool },
    /// The end of stored data.
    Complete,
}

/// `90-100`.
fn range(text: &str, unit: &str) -> Result<(u16, u16), Malformed> {
    let (low, high) = text.strip_suffix(unit).and_then(|range| range.split_once('-')).ok_or(Malformed)?;
    let number =
        |text: &str| if text.len() <= 3 { digits(text.as_bytes()).map(|it| it as u16) } else { Err(Malformed) };
    let (low, high) = (number(low)?, number(high)?);
    if low < high { Ok((low, high)) } else { Err(Malformed) }
}

/// The line without its CR LF. One or several spaces stand anywhere, also behind a colon.
impl<'a> TryFrom<&'a str> for Heading<'a> {
    type Error = Malformed;

    fn try_from(line: &'a str) -> Result<Self, Malformed> {
        let mut parts = line.split("Limit:");
        let (Some(who), Some(spo2), Some(pulse_rate), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Malformed);
        };
        let mut who = who.split_ascii_whitespace();
        let (Some(model), Some("VERSION"), Some(version), Some(sum)) = (who.next(), who.next(), who.next(), who.next())
        else {
            return Err(Malformed);
        };
        let last = match (sum, who.next(), who.next()) {
            ("CRC:", Some(_), last) => last,
            (sum, last, None) if sum.starts_with("CRC:") => last,
            _ => return Err(Malformed),
        };
        let mut spo2 = spo2.split_ascii_whitespace();
        let (Some(spo2), Some("PR"), None, Some("SpO2" | "SPO2"), None) =
            (spo2.next(), spo2.next(), spo2.next(), last, who.next())
        else {
            return Err(Malformed);
        };
        let is_model = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        let is_version = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        if !model.bytes().all(is_model) || !version.bytes().all(is_version) {
            return Err(Malformed);
        }
        let (low, high) = range(spo2, "%")?;
        if high > 100 {
            return Err(Malformed);
        }
        let pulse_rate_limits = range(pulse_rate.trim_ascii(), "BPM")?;
        Ok(Self { model, version, spo2_limits: (low as u8, high as u8), pulse_rate_limits })
    }
}

/// The line without its CR LF, as an N-560 writes it.
impl fmt::Display for Heading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, version, spo2_limits: spo2, pulse_rate_limits: pulse_rate } = self;
        write!(
            f,
            "{model:<9}VERSION {version}    CRC:XXXX  SpO2 Limit: {}-{}%    PR Limit: {}-{}BPM",
            spo2.0, spo2.1, pulse_rate.0, pulse_rate.1
        )
    }
}

/// The second line of an N-560's heading.
pub(super) const ADULT: &str = "                             ADULT            0SAT-S ";

/// The last line of an N-560's heading.
pub(super) const COLUMNS: &str = "TIME                 %SpO2   BPM     PA     Status";

impl<'a> Between<'a> {
    pub(super) fn parse(line: &'a str) -> Result<Self, Malformed> {
        if let Ok(heading) = Heading::try_from(line) {
            return Ok(Self::Live(heading));
        }
        let mut words = line.split_ascii_whitespace();
        let first = words.next().ok_or(Malformed)?;
        match first {
            "TIME" => {
                let (Some("%SpO2" | "%SPO2"), Some("BPM"), Some("PA")) = (words.next(), words.next(), words.next())
                else {
                    return Err(Malformed);
                };
                match (words.next(), words.next()) {
                    (None, _) => Ok(Self::Columns { with_status: false }),
                    (Some("Status"), None) => Ok(Self::Columns { with_status: true }),
                    _ => Err(Malformed),
                }
            }
            "ADULT" | "NEO" => Ok(Self::Limits),
            "Output" if words.clone().eq(["Complete"]) => Ok(Self::Complete),
            _ if words.next() == Some("VERSION") && words.nth(1) == Some("TREND") => Ok(Self::Trend),
            _ => Err(Malformed),
        }
    }
}
