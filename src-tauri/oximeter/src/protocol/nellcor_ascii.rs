//! Nellcor text output (`nellcor-ascii`): N-560, N-595, NPB-290, NPB-295, PM100N, PM1000N.
//!
//! 8N1 at the speed set in the device's menu, 9600, 19200 or 115200 as it is usually found. A line each 2 s; a heading
//! of two or three lines at the start, before every 23rd line and when a limit was changed. Described by the NPB-290 and
//! NPB-295 operator's manuals, and from their devices by konz/cosmopusher (N-560), mdpnp/mdpnp (N-595) and
//! Smart-Home-Health/shh-reader (PM100N).
//!
//! ```text
//! N-560    VERSION 1.56.00    CRC:XXXX  SpO2 Limit: 90-100%    PR Limit: 60-170BPM
//!                              ADULT            0SAT-S
//! TIME                 %SpO2   BPM     PA     Status
//! 29-Dec-17 07:18:57    89*     66     201    MO SL
//! ```
//!
//! | columns, from 1 | content |
//! | --- | --- |
//! | 1-18 | date and time |
//! | 22-24 | SpO₂; `*` in 25: outside the device's limits |
//! | 30-32 | pulse rate; `*` in 33 |
//! | 38-40 | pulse amplitude, 0 to 254, without unit |
//! | 45, 48, 51, 54, 57, 60 | status codes of two letters |
//!
//! A lost or inserted byte shifts what follows out of its column, so a padded line is read by its columns to the letter.
//! The NPB-290's manual prints its lines with single spaces; these are read too, but a digit lost from one cannot be
//! found.
//!
//! `---` is no value, and 0 is none either: it stands beside PS while the pulse is lost.

use super::Profile;
use super::text::TextHost;
use super::text::clock::{device_time, two};
use super::text::fields::{plain, saturation};
use crate::sample::{Flags, Sample};
use crate::{DeviceTime, Line};
use alloc::boxed::Box;
use core::fmt::{self, Write};
use core::str::FromStr;

pub use super::text::fields::Malformed;
pub use codes::{Code, Codes};
pub use heading::Heading;

mod codes;
mod device;
mod heading;
mod host;
#[cfg(test)]
mod tests;

pub(crate) const PROFILE: Profile = Profile {
    name: "nellcor-ascii",
    lines: &[
        Line::eight_n_one(9600),
        Line::eight_n_one(19_200),
        Line::eight_n_one(115_200),
        Line::eight_n_one(57_600),
        Line::eight_n_one(38_400),
    ],
    per_minute: 30,
    wave: None,
    has_checksum: false,
    tells: Flags { no_finger: true, searching: true, artifact: true, low_battery: true, ..Flags::NONE },
    // 60 bytes in their columns.
    agreement: 1,
    host: || Box::new(TextHost::<host::NellcorReader>::default()),
    device: || Box::new(device::N560::default()),
};

/// "Go on sending", to a device that a stray byte told to stop (XON).
pub const GO_ON: u8 = 0x11;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// No manual at hand names the range; beyond this is no heart's rate.
const FASTEST: u16 = 300;

/// Behind the pulse amplitude.
const AMPLITUDE_ENDS: usize = 40;

/// The columns of a padded line, from 0; spaces follow behind the last.
const PADDED: usize = 61;
/// The status codes begin here and stand three columns apart.
const SLOTS: usize = 44;

/// What a data line says.
///
/// ```
/// use oximeter::protocol::nellcor_ascii::{Code, DataLine};
///
/// let line: DataLine = "29-Dec-17 07:18:57    89*     66     201    MO SL            ".parse()?;
/// assert_eq!((line.spo2, line.pulse_rate, line.amplitude), (Some(89), Some(66), Some(201)));
/// assert!(line.spo2_beyond_limit && line.codes.has(Code::Interference));
/// # Ok::<(), oximeter::protocol::nellcor_ascii::Malformed>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DataLine {
    /// The device's clock, if what it shows is a date.
    pub clock: Option<DeviceTime>,
    /// SpO₂, %, 1 to 100.
    pub spo2: Option<u8>,
    /// The device judges its SpO₂ outside its limits.
    pub spo2_beyond_limit: bool,
    /// Pulse rate, beats per minute, 1 to 300.
    pub pulse_rate: Option<u16>,
    /// The device judges its pulse rate outside its limits.
    pub pulse_rate_beyond_limit: bool,
    /// Pulse amplitude, 0 to 254. No percentage, and so no perfusion index; what amplitude is a good one is not told,
    /// and so no signal strength.
    pub amplitude: Option<u8>,
    /// The status.
    pub codes: Codes,
}

/// The three numbers and the codes of a line, still as text: numbers without their padding.
struct Fields<'a> {
    spo2: &'a [u8],
    spo2_beyond_limit: bool,
    pulse_rate: &'a [u8],
    pulse_rate_beyond_limit: bool,
    amplitude: &'a [u8],
    codes: Codes,
}

fn trim_start(field: &[u8]) -> &[u8] {
    let digits = field.iter().position(|&byte| byte != b' ').unwrap_or(field.len());
    &field[digits..]
}

fn star(byte: u8) -> Result<bool, Malformed> {
    match byte {
        b'*' => Ok(true),
        b' ' => Ok(false),
        _ => Err(Malformed),
    }
}

impl<'a> Fields<'a> {
    /// By columns.
    fn padded(line: &'a [u8]) -> Result<Self, Malformed> {
        // A device may leave the padding out. A line that lost its end ends with what stood before, mostly with a space.
        let is_trimmed = line.len() >= AMPLITUDE_ENDS && line.last().is_some_and(|&byte| byte != b' ');
        if line.len() < PADDED && !is_trimmed {
            return Err(Malformed);
        }
        let blank =
            |from: usize, to: usize| line[from.min(line.len())..to.min(line.len())].iter().all(|&byte| byte == b' ');
        if !(blank(18, 21) && blank(25, 29) && blank(33, 37) && blank(40, SLOTS)) {
            return Err(Malformed);
        }
        let mut codes = Codes::default();
        // The last slot ends with the padding; a device may pad further.
        for slot in line[SLOTS.min(line.len())..PADDED.min(line.len())].chunks(3) {
            match *slot {
                [b' ', b' '] | [b' ', b' ', b' '] => {}
                [first, second] | [first, second, b' '] => codes.add([first, second])?,
                _ => return Err(Malformed),
            }
        }
        if !blank(PADDED, line.len()) {
            return Err(Malformed);
        }
        Ok(Self {
            spo2: trim_start(&line[21..24]),
            spo2_beyond_limit: star(line[24])?,
            pulse_rate: trim_start(&line[29..32]),
            pulse_rate_beyond_limit: star(line[32])?,
            amplitude: trim_start(&line[37..40]),
            codes,
        })
    }

    /// One space between one field and the next.
    fn single_spaced(line: &'a [u8]) -> Result<Self, Malformed> {
        let rest = line.get(18..).and_then(|rest| rest.strip_prefix(b" ")).ok_or(Malformed)?;
        let mut fields = rest.split(|&byte| byte == b' ');
        let mut next = || {
            let field = fields.next().ok_or(Malformed)?;
            Ok(field.strip_suffix(b"*").map_or((field, false), |number| (number, true)))
        };
        let ((spo2, spo2_beyond_limit), (pulse_rate, pulse_rate_beyond_limit)) = (next()?, next()?);
        let amplitude = fields.next().ok_or(Malformed)?;
        let mut codes = Codes::default();
        for code in fields {
            codes.add(code.try_into().map_err(|_| Malformed)?)?;
        }
        Ok(Self { spo2, spo2_beyond_limit, pulse_rate, pulse_rate_beyond_limit, amplitude, codes })
    }
}

/// `29-Dec-17 07:18:57`; the month may stand in capitals.
fn clock(field: &[u8]) -> Result<Option<DeviceTime>, Malformed> {
    let &[d1, d2, b'-', ref month @ .., b'-', y1, y2, b' ', _, _, _, _, _, _, _, _] = field else {
        return Err(Malformed);
    };
    let in_capitals = month.iter().all(u8::is_ascii_uppercase);
    let is_named = |name: &str| month == name.as_bytes() || in_capitals && month.eq_ignore_ascii_case(name.as_bytes());
    let month = MONTHS.iter().position(|name| is_named(name)).ok_or(Malformed)? as u8 + 1;
    device_time(two([y1, y2])?, month, two([d1, d2])?, &field[10..])
}

/// The line without its CR LF.
impl FromStr for DataLine {
    type Err = Malformed;

    fn from_str(line: &str) -> Result<Self, Malformed> {
        let line = line.as_bytes();
        let clock = clock(line.get(..18).ok_or(Malformed)?)?;
        let fields = Fields::padded(line).or_else(|Malformed| Fields::single_spaced(line))?;
        let (spo2, pulse_rate, amplitude) = (plain(fields.spo2)?, plain(fields.pulse_rate)?, plain(fields.amplitude)?);
        Ok(Self {
            clock,
            spo2: saturation(spo2),
            spo2_beyond_limit: fields.spo2_beyond_limit,
            pulse_rate: pulse_rate.filter(|rate| (1..=FASTEST).contains(rate)),
            pulse_rate_beyond_limit: fields.pulse_rate_beyond_limit,
            amplitude: amplitude.filter(|&amplitude| amplitude <= 254).map(|amplitude| amplitude as u8),
            codes: fields.codes,
        })
    }
}

impl DataLine {
    /// What the line says of the patient.
    ///
    /// Numbers beside a lost pulse are those of before: an N-560 that begins its search still sends the last ones, then
    /// zeros.
    #[must_use]
    pub fn sample(&self) -> Sample {
        let has = |code| self.codes.has(code);
        let no_finger = has(Code::SensorDisconnected) || has(Code::SensorOff);
        let pulse_lost = has(Code::PulseSearch) || has(Code::PulseLost) || has(Code::PulseLostWithInterference);
        let gone = no_finger || pulse_lost;
        Sample {
            spo2: self.spo2.filter(|_| !gone),
            pulse_rate: self.pulse_rate.filter(|_| !gone),
            flags: Flags {
                no_finger,
                searching: pulse_lost,
                artifact: has(Code::Interference) || has(Code::PulseLostWithInterference),
                low_battery: has(Code::LowBattery),
                ..Flags::default()
            },
            ..Sample::default()
        }
    }
}

fn right_aligned(f: &mut fmt::Formatter<'_>, number: Option<u16>, none: &str, width: usize) -> fmt::Result {
    match number {
        Some(number) => write!(f, "{number:>width$}"),
        None => write!(f, "{none:>width$}"),
    }
}

/// The padded line without its CR LF. Without a pulse a missing number is written 0, else `---`, as an N-560 does.
impl fmt::Display for DataLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.clock {
            Some(clock) => {
                let month = MONTHS.get(usize::from(clock.month()) - 1).copied().unwrap_or_default();
                write!(f, "{:02}-{month}-{:02}", clock.day(), clock.year_of_century())?;
                write!(f, " {:02}:{:02}:{:02}", clock.hour(), clock.minute(), clock.second())?;
            }
            None => f.write_str("00-Jan-00 00:00:00")?,
        }
        let none = if self.codes.has(Code::PulseSearch) { "0" } else { "---" };
        let star = |beyond| if beyond { '*' } else { ' ' };
        right_aligned(f, self.spo2.map(u16::from), none, 6)?;
        f.write_char(star(self.spo2_beyond_limit))?;
        right_aligned(f, self.pulse_rate, none, 7)?;
        f.write_char(star(self.pulse_rate_beyond_limit))?;
        right_aligned(f, self.amplitude.map(u16::from), "---", 7)?;
        write!(f, "    {}", self.codes)
    }
}
