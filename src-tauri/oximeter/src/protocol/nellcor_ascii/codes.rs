//! The status codes.

use super::Malformed;
use core::fmt::{self, Write};

/// A status code (NPB-290 operator's manual, appendix).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// AO: alarms are off.
    AlarmOff,
    /// AS: the alarm is silenced.
    AlarmSilenced,
    /// LB: low battery.
    LowBattery,
    /// LM: the pulse was lost, with interference.
    PulseLostWithInterference,
    /// LP: the pulse was lost.
    PulseLost,
    /// MO: interference, mostly motion.
    Interference,
    /// PH: the pulse rate is above its limit.
    PulseRateHigh,
    /// PL: the pulse rate is below its limit.
    PulseRateLow,
    /// PS: the device searches for a pulse.
    PulseSearch,
    /// SD: the sensor is not plugged in.
    SensorDisconnected,
    /// SH: the saturation is above its limit.
    SaturationHigh,
    /// SL: the saturation is below its limit.
    SaturationLow,
    /// SO: the sensor is off the patient.
    SensorOff,
}

/// Each with its letters and the slot in which an N-560 writes it; 2 and 3 are inferred, no log at hand shows them.
const ALL: [(Code, [u8; 2], usize); 13] = [
    (Code::SensorDisconnected, *b"SD", 0),
    (Code::SensorOff, *b"SO", 0),
    (Code::PulseSearch, *b"PS", 0),
    (Code::PulseLostWithInterference, *b"LM", 0),
    (Code::PulseLost, *b"LP", 0),
    (Code::Interference, *b"MO", 0),
    (Code::SaturationLow, *b"SL", 1),
    (Code::SaturationHigh, *b"SH", 1),
    (Code::PulseRateLow, *b"PL", 2),
    (Code::PulseRateHigh, *b"PH", 2),
    (Code::LowBattery, *b"LB", 3),
    (Code::AlarmSilenced, *b"AS", 4),
    (Code::AlarmOff, *b"AO", 5),
];

const SLOTS: usize = 6;

/// The status codes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Codes(u16);

impl Codes {
    /// Whether `code` is among them.
    #[must_use]
    pub const fn has(self, code: Code) -> bool {
        self.0 & 1 << code as u16 != 0
    }

    /// These and `code`.
    #[must_use]
    pub const fn with(self, code: Code) -> Self {
        Self(self.0 | 1 << code as u16)
    }

    /// Takes the letters of one more. Letters that mean nothing here may be a later device's and are passed over; a code
    /// that comes twice is damage.
    pub(super) fn add(&mut self, letters: [u8; 2]) -> Result<(), Malformed> {
        if !letters.iter().all(u8::is_ascii_uppercase) {
            return Err(Malformed);
        }
        let Some(&(code, ..)) = ALL.iter().find(|(_, known, _)| *known == letters) else { return Ok(()) };
        if self.has(code) {
            return Err(Malformed);
        }
        *self = self.with(code);
        Ok(())
    }
}

impl FromIterator<Code> for Codes {
    fn from_iter<I: IntoIterator<Item = Code>>(codes: I) -> Self {
        codes.into_iter().fold(Self::default(), Self::with)
    }
}

/// The slots of a padded line. A code whose slot is taken goes to the next that is free; of more than six the last are
/// left out.
impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut slots = [[b' '; 2]; SLOTS];
        for (code, letters, slot) in ALL {
            if self.has(code)
                && let Some(free) = slots[slot..].iter_mut().find(|slot| **slot == [b' '; 2])
            {
                *free = letters;
            }
        }
        for (place, [first, second]) in slots.into_iter().enumerate() {
            if place > 0 {
                f.write_char(' ')?;
            }
            f.write_char(char::from(first))?;
            f.write_char(char::from(second))?;
        }
        Ok(())
    }
}
