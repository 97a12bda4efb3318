//! The limits of a bed, and a change of them.

use core::fmt;
use serde::{Deserialize, Serialize};

/// The limits and delays of a bed. A value equal to its limit is within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Alarm when SpO₂ is below, %; 50 to 99.
    pub spo2_low: u8,
    /// Alarm at once when SpO₂ is below, %; 40 to 98, below `spo2_low`.
    pub spo2_desat: u8,
    /// Alarm when SpO₂ is above, %; above `spo2_low`, to 100; `None` is off.
    pub spo2_high: Option<u8>,
    /// Alarm when the pulse rate is below, beats per minute; 20 to 200.
    pub pulse_low: u16,
    /// Alarm when the pulse rate is above, beats per minute; above `pulse_low`, to 300.
    pub pulse_high: u16,
    /// How long a value must be beyond its limit before it alarms, s; 0 to 60.
    pub delay_s: u8,
    /// Points below `spo2_low` times seconds before it alarms, %·s; 10 to 100; `None`: `delay_s` governs.
    pub area_delay: Option<u8>,
}

impl Limits {
    /// The adult starting point (`docs/guide/alarms.md` gives the sources of each number).
    pub const ADULT: Self = Self {
        spo2_low: 90,
        spo2_desat: 80,
        spo2_high: None,
        pulse_low: 50,
        pulse_high: 120,
        delay_s: 15,
        area_delay: None,
    };

    /// # Errors
    /// If a limit is out of its range or contradicts another; the first one found, in words.
    pub fn check(self) -> Result<Self, LimitsError> {
        let within = |name: &'static str, value: u16, low: u16, high: u16, unit: &'static str| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(LimitsError(format!("{name} must be {low} to {high} {unit}; it was {value}.")))
            }
        };
        within("spo2_low", self.spo2_low.into(), 50, 99, "%")?;
        within("spo2_desat", self.spo2_desat.into(), 40, 98, "%")?;
        within("pulse_low", self.pulse_low, 20, 200, "beats per minute")?;
        within("delay_s", self.delay_s.into(), 0, 60, "s")?;
        if let Some(area) = self.area_delay {
            within("area_delay", area.into(), 10, 100, "%·s")?;
        }
        if self.spo2_desat >= self.spo2_low {
            return Err(LimitsError(format!(
                "spo2_desat ({}) must be below spo2_low ({}).",
                self.spo2_desat, self.spo2_low
            )));
        }
        if let Some(high) = self.spo2_high {
            if high <= self.spo2_low {
                return Err(LimitsError(format!("spo2_high ({high}) must be above spo2_low ({}).", self.spo2_low)));
            }
            within("spo2_high", high.into(), 51, 100, "%")?;
        }
        if self.pulse_high <= self.pulse_low {
            return Err(LimitsError(format!(
                "pulse_high ({}) must be above pulse_low ({}).",
                self.pulse_high, self.pulse_low
            )));
        }
        within("pulse_high", self.pulse_high, 21, 300, "beats per minute")?;
        Ok(self)
    }
}

/// Why limits were refused, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsError(String);

impl fmt::Display for LimitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for LimitsError {}

/// New limits; `None` leaves the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LimitsChange {
    /// See [`Limits::spo2_low`].
    pub spo2_low: Option<u8>,
    /// See [`Limits::spo2_desat`].
    pub spo2_desat: Option<u8>,
    /// See [`Limits::spo2_high`]; `Some(None)` turns it off.
    pub spo2_high: Option<Option<u8>>,
    /// See [`Limits::pulse_low`].
    pub pulse_low: Option<u16>,
    /// See [`Limits::pulse_high`].
    pub pulse_high: Option<u16>,
    /// See [`Limits::delay_s`].
    pub delay_s: Option<u8>,
    /// See [`Limits::area_delay`]; `Some(None)` turns it off.
    pub area_delay: Option<Option<u8>>,
}

impl LimitsChange {
    /// `limits` with the change made; not yet checked.
    #[must_use]
    pub fn apply(self, limits: Limits) -> Limits {
        Limits {
            spo2_low: self.spo2_low.unwrap_or(limits.spo2_low),
            spo2_desat: self.spo2_desat.unwrap_or(limits.spo2_desat),
            spo2_high: self.spo2_high.unwrap_or(limits.spo2_high),
            pulse_low: self.pulse_low.unwrap_or(limits.pulse_low),
            pulse_high: self.pulse_high.unwrap_or(limits.pulse_high),
            delay_s: self.delay_s.unwrap_or(limits.delay_s),
            area_delay: self.area_delay.unwrap_or(limits.area_delay),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictory_limits_are_refused_in_words() {
        let wrong = |change: fn(&mut Limits)| {
            let mut limits = Limits::ADULT;
            change(&mut limits);
            limits.check().unwrap_err().to_string()
        };
        assert_eq!(wrong(|limits| limits.spo2_desat = 90), "spo2_desat (90) must be below spo2_low (90).");
        assert_eq!(wrong(|limits| limits.spo2_high = Some(90)), "spo2_high (90) must be above spo2_low (90).");
        assert_eq!(wrong(|limits| limits.pulse_high = 50), "pulse_high (50) must be above pulse_low (50).");
        assert!(wrong(|limits| limits.delay_s = 61).contains("delay_s must be 0 to 60"));
        assert!(wrong(|limits| limits.area_delay = Some(9)).contains("area_delay must be 10 to 100"));
        assert!(Limits::ADULT.check().is_ok());
    }
}
