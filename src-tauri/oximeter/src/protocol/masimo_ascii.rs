//! Masimo ASCII 1 (`masimo-ascii`): Rad-8, Rad-87, Radical-7.
//!
//! 9600 8N1; one line a second, sent without being asked; nothing is sent to the device. A Rad-8 speaks ASCII 2 until
//! its `SEr` is set to `AS1`; some units need a null modem. Described by the Rad-8 operator's manual, pages 4-20, 4-24,
//! 7-3 and 7-4, and by nmenon/masimo-datacapture, remkolems/masimo-datacapture and yahnatan/pulseox from their devices.
//!
//! A line is `MM/DD/YY HH:MM:SS` and KEY=VALUE tokens. Which keys there are depends on the device, so a line is read by
//! key and never by place. SN, SPO2, BPM, ALARM and EXC stand in every line, and so a line without one of them is a
//! damaged one. A value that is missing is dashes.
//!
//! What the numbers are: averages over 2 to 16 s, 8 s unless it is set otherwise.

use super::Profile;
use super::text::TextHost;
use crate::sample::{Flags, Sample};
use crate::{DeviceTime, Line};
use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

pub use super::text::fields::Malformed;
pub use bits::{Alarms, Exceptions};

use super::text::clock::{device_time, two};
use super::text::fields::{digits, hexadecimal, saturation, three};

mod bits;
mod device;
mod host;
#[cfg(test)]
mod tests;

pub(crate) const PROFILE: Profile = Profile {
    name: "masimo-ascii",
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
        ..Flags::NONE
    },
    // 110 bytes and more in their places.
    agreement: 1,
    host: || Box::new(TextHost::<host::MasimoReader>::default()),
    device: || Box::new(device::Rad8::default()),
};

/// More keys than any device sends.
const KEYS: usize = 32;

/// What a data line says.
///
/// ```
/// use oximeter::protocol::masimo_ascii::{DataLine, Exceptions};
///
/// let line: DataLine = "02/22/16 22:47:45 SN=0000056661 SPO2=098% BPM=097 PI=03.60% SPCO=--.-% SPMET=--.-% \
///     DESAT=-- PIDELTA=+-- ALARM=0000 EXC=000800".parse()?;
/// assert_eq!((line.spo2, line.pulse_rate, line.perfusion_index), (Some(98), Some(97), Some(360)));
/// assert_eq!(line.exceptions, Exceptions::SET_RUNNING);
/// # Ok::<(), oximeter::protocol::masimo_ascii::Malformed>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DataLine {
    /// The device's clock, if what it shows is a date.
    pub clock: Option<DeviceTime>,
    /// The serial number, ten digits.
    pub serial: Option<u64>,
    /// SpO₂, %, 1 to 100.
    pub spo2: Option<u8>,
    /// Pulse rate, beats per minute, 25 to 240.
    pub pulse_rate: Option<u16>,
    /// Perfusion index, hundredths of a %, 2 to 2000. May be missing while SpO₂ is not.
    pub perfusion_index: Option<u16>,
    /// The device's own alarms.
    pub alarms: Alarms,
    /// What is out of the ordinary.
    pub exceptions: Exceptions,
}

/// The keys of a line and how their values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeySet {
    /// Rad-8.
    Rad8,
    /// Radical-7 with a blue screen: PVI beside those of a Rad-8.
    Radical7Blue,
    /// Radical-7 with a colour screen: hemoglobin too, EXC1, and the perfusion index without its % sign.
    Radical7Colour,
}

const IN_KEY: u8 = 1;
const IN_VALUE: u8 = 2;

/// What each byte may stand in. A table, because a line is mostly this.
const KIND: [u8; 256] = {
    let (mut kinds, mut byte) = ([0; 256], 0);
    while byte < 256 {
        let in_key = matches!(byte as u8, b'A'..=b'Z' | b'0'..=b'9');
        let in_value = matches!(byte as u8, b'0'..=b'9' | b'A'..=b'F' | b'.' | b'+' | b'-' | b'%');
        kinds[byte] = if in_key { IN_KEY } else { 0 } | if in_value { IN_VALUE } else { 0 };
        byte += 1;
    }
    kinds
};

/// The keys of a line. The first two tokens are the clock's.
struct Keys<'a> {
    known: [(&'a [u8], &'a [u8]); KEYS],
    len: usize,
}

impl<'a> Keys<'a> {
    /// A key that comes twice is two lines grown together.
    fn collect(tokens: impl Iterator<Item = &'a [u8]>) -> Result<Self, Malformed> {
        let mut keys = Self { known: [(&[], &[]); KEYS], len: 0 };
        for token in tokens {
            let at = token.iter().position(|&byte| byte == b'=').ok_or(Malformed)?;
            let (key, value) = (&token[..at], &token[at + 1..]);
            let is_key = !key.is_empty() && key.iter().all(|&byte| KIND[usize::from(byte)] & IN_KEY != 0);
            let is_value = !value.is_empty() && value.iter().all(|&byte| KIND[usize::from(byte)] & IN_VALUE != 0);
            if !is_key || !is_value || keys.get(key).is_some() || keys.len == KEYS {
                return Err(Malformed);
            }
            keys.known[keys.len] = (key, value);
            keys.len += 1;
        }
        Ok(keys)
    }

    fn get(&self, key: &[u8]) -> Option<&'a [u8]> {
        self.known[..self.len].iter().find(|(known, _)| *known == key).map(|&(_, value)| value)
    }

    fn needed(&self, key: &[u8]) -> Result<&'a [u8], Malformed> {
        self.get(key).ok_or(Malformed)
    }
}

/// `03.60%`, or without the sign; dashes for no value.
fn perfusion_index(value: &[u8]) -> Result<Option<u16>, Malformed> {
    match value.strip_suffix(b"%").unwrap_or(value) {
        b"--.--" => Ok(None),
        [tens, ones, b'.', tenths, hundredths] => {
            let index = digits(&[*tens, *ones, *tenths, *hundredths])? as u16;
            Ok(Some(index).filter(|index| (2..=2000).contains(index)))
        }
        _ => Err(Malformed),
    }
}

/// The line without its CR LF.
impl FromStr for DataLine {
    type Err = Malformed;

    fn from_str(line: &str) -> Result<Self, Malformed> {
        let mut tokens = line.as_bytes().split(|&byte| byte == b' ').filter(|token| !token.is_empty());
        let &[m1, m2, b'/', d1, d2, b'/', y1, y2] = tokens.next().ok_or(Malformed)? else { return Err(Malformed) };
        let time = tokens.next().ok_or(Malformed)?;
        let clock = device_time(two([y1, y2])?, two([m1, m2])?, two([d1, d2])?, time)?;

        let keys = Keys::collect(tokens)?;
        let serial = match keys.needed(b"SN")? {
            b"----------" => None,
            &[ref high @ .., n1, n2, n3, n4, n5] if high.len() == 5 => {
                Some(u64::from(digits(high)?) * 100_000 + u64::from(digits(&[n1, n2, n3, n4, n5])?))
            }
            _ => return Err(Malformed),
        };
        let spo2 = three(keys.needed(b"SPO2")?.strip_suffix(b"%").ok_or(Malformed)?)?;
        let pulse_rate = match keys.needed(b"BPM")? {
            // Seen once, in a line typed by hand.
            b"---%" => None,
            value => three(value)?,
        };
        let perfusion_index = keys.get(b"PI").map_or(Ok(None), perfusion_index)?;
        // The wide words come together, so that a digit lost from one does not pass for the narrow one.
        let (alarms, exceptions) = match (keys.needed(b"ALARM")?, keys.needed(b"EXC")?) {
            (alarms, exceptions) if matches!((alarms.len(), exceptions.len()), (4, 6) | (6, 7)) => {
                (Alarms::from_bits(hexadecimal(alarms)?), Exceptions::from_bits(hexadecimal(exceptions)?))
            }
            _ => return Err(Malformed),
        };
        Ok(Self {
            clock,
            serial,
            spo2: saturation(spo2),
            pulse_rate: pulse_rate.filter(|rate| (25..=240).contains(rate)),
            perfusion_index,
            alarms,
            exceptions,
        })
    }
}

impl DataLine {
    /// What the line says of the patient.
    ///
    /// A sensor that is not there, not on the patient, defective or unknown to the device measures nothing, whatever
    /// numbers stand beside it. A device that searches for a pulse sends dashes; numbers beside the search are its own.
    #[must_use]
    pub fn sample(&self) -> Sample {
        let has = |exceptions| self.exceptions.intersects(exceptions);
        let no_finger = has(Exceptions::NO_SENSOR
            | Exceptions::SENSOR_OFF
            | Exceptions::DEFECTIVE_SENSOR
            | Exceptions::UNRECOGNISED_SENSOR);
        Sample {
            spo2: self.spo2.filter(|_| !no_finger),
            pulse_rate: self.pulse_rate.filter(|_| !no_finger),
            perfusion_index: self.perfusion_index.filter(|_| !no_finger),
            flags: Flags {
                no_finger,
                searching: has(Exceptions::PULSE_SEARCH),
                low_perfusion: has(Exceptions::LOW_PERFUSION),
                artifact: has(Exceptions::INTERFERENCE),
                weak_signal: has(Exceptions::LOW_SIGNAL_IQ),
                low_battery: false,
            },
            ..Sample::default()
        }
    }

    /// The line that says `sample`, a pulse rate beyond the device's range as the end of it, of a device without a serial number that sounds no alarm. What the format has no
    /// place for is left out.
    #[must_use]
    pub fn from_sample(clock: Option<DeviceTime>, sample: &Sample) -> Self {
        let flags = sample.flags;
        let exceptions = [
            (Exceptions::SENSOR_OFF, flags.no_finger),
            (Exceptions::PULSE_SEARCH, flags.searching),
            (Exceptions::LOW_PERFUSION, flags.low_perfusion),
            (Exceptions::INTERFERENCE, flags.artifact),
            (Exceptions::LOW_SIGNAL_IQ, flags.weak_signal),
        ];
        Self {
            clock,
            serial: None,
            spo2: sample.spo2,
            pulse_rate: sample.pulse_rate.map(|rate| rate.clamp(25, 240)),
            perfusion_index: sample.perfusion_index.map(|index| index.clamp(2, 2000)),
            alarms: Alarms::default(),
            exceptions: exceptions
                .into_iter()
                .filter(|(_, set)| *set)
                .fold(Exceptions::SET_RUNNING, |all, (bit, _)| all | bit),
        }
    }

    /// The line without its CR LF, as a device with these keys writes it. Parameters beyond pulse oximetry are dashes.
    pub fn encode(&self, keys: KeySet) -> impl fmt::Display + use<> {
        Encoded { line: *self, keys }
    }
}

struct Encoded {
    line: DataLine,
    keys: KeySet,
}

impl fmt::Display for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, keys } = self;
        match line.clock {
            Some(clock) => {
                write!(f, "{:02}/{:02}/{:02}", clock.month(), clock.day(), clock.year_of_century())?;
                write!(f, " {:02}:{:02}:{:02}", clock.hour(), clock.minute(), clock.second())?;
            }
            None => f.write_str("00/00/00 00:00:00")?,
        }
        match line.serial {
            Some(serial) => write!(f, " SN={serial:010}")?,
            None => f.write_str(" SN=----------")?,
        }
        match line.spo2 {
            Some(spo2) => write!(f, " SPO2={spo2:03}%")?,
            None => f.write_str(" SPO2=---%")?,
        }
        match line.pulse_rate {
            Some(rate) => write!(f, " BPM={rate:03}")?,
            None => f.write_str(" BPM=---")?,
        }
        match line.perfusion_index {
            Some(index) => write!(f, " PI={:02}.{:02}", index / 100, index % 100)?,
            None => f.write_str(" PI=--.--")?,
        }
        let (alarms, exceptions) = (line.alarms.bits(), line.exceptions.bits());
        match keys {
            KeySet::Rad8 => {
                write!(f, "% SPCO=--.-% SPMET=--.-% DESAT=-- PIDELTA=+-- ALARM={alarms:04X} EXC={exceptions:06X}")
            }
            KeySet::Radical7Blue => write!(
                f,
                "% SPCO=--.-% SPMET=--.-% DESAT=-- PIDELTA=+-- PVI=--- ALARM={alarms:04X} EXC={exceptions:06X}"
            ),
            KeySet::Radical7Colour => write!(
                f,
                " SPCO=--% SPMET=--.-% SPHB=--.- SPOC=-- RESVD=--- DESAT=-- PIDELTA=+-- PVI=--- ALARM={alarms:06X} \
                 EXC={exceptions:07X} EXC1=00000000"
            ),
        }
    }
}
