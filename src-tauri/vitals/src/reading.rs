//! The set of numbers shown for a bed.

use crate::{StatusSet, WallTime};
use serde::{Deserialize, Serialize, Serializer};

/// Oxygen saturation by pulse oximetry, whole %, 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spo2(u8);

impl Spo2 {
    /// `None` outside 1 to 100: 0 and the devices' marks for "no value" (127, 255) are not saturations.
    #[must_use]
    pub const fn new(percent: u8) -> Option<Self> {
        if percent >= 1 && percent <= 100 { Some(Self(percent)) } else { None }
    }

    /// The value in %.
    #[inline]
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }
}

/// Pulse rate in beats per minute, 1 to 321 (the widest range of a supported device, Nonin's).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PulseRate(u16);

impl PulseRate {
    /// `None` outside 1 to 321.
    #[must_use]
    pub const fn new(per_minute: u16) -> Option<Self> {
        if per_minute >= 1 && per_minute <= 321 { Some(Self(per_minute)) } else { None }
    }

    /// The value in beats per minute.
    #[inline]
    #[must_use]
    pub const fn per_minute(self) -> u16 {
        self.0
    }
}

/// Perfusion index in hundredths of a %, 0.01 to 22.00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PerfusionIndex(u16);

impl PerfusionIndex {
    /// `None` outside 1 to 2200 hundredths.
    #[must_use]
    pub const fn from_hundredths(hundredths: u16) -> Option<Self> {
        if hundredths >= 1 && hundredths <= 2200 { Some(Self(hundredths)) } else { None }
    }

    /// The value in hundredths of a %.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// The value in %.
    #[inline]
    #[must_use]
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl Serialize for PerfusionIndex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.percent())
    }
}

/// Strength of the signal as the sensor judges it, in hundredths of its full scale, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalStrength(u8);

impl SignalStrength {
    /// `None` above 100.
    #[must_use]
    pub const fn from_hundredths(hundredths: u8) -> Option<Self> {
        if hundredths <= 100 { Some(Self(hundredths)) } else { None }
    }

    /// The value in hundredths of full scale.
    #[must_use]
    pub const fn hundredths(self) -> u8 {
        self.0
    }

    /// The value as a fraction of full scale, 0 to 1.
    #[must_use]
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl Serialize for SignalStrength {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.fraction())
    }
}

/// What the sensor measured; `None` is "it gave no value".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Numbers {
    /// Oxygen saturation.
    pub spo2: Option<Spo2>,
    /// Pulse rate.
    pub pulse_rate: Option<PulseRate>,
    /// Perfusion index.
    pub perfusion_index: Option<PerfusionIndex>,
    /// Signal strength.
    pub signal_strength: Option<SignalStrength>,
}

/// The set of numbers shown for a bed from `time` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// When the newest sample behind it arrived.
    pub time: WallTime,
    /// The numbers.
    #[serde(flatten)]
    pub numbers: Numbers,
    /// What else is to be said.
    pub status: StatusSet,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_devices_marks_for_no_value_are_no_values() {
        for missing in [0, 101, 127, 255] {
            assert_eq!(Spo2::new(missing), None);
        }
        for missing in [0, 511] {
            assert_eq!(PulseRate::new(missing), None);
        }
        for missing in [0, 2201, 0xFFFF] {
            assert_eq!(PerfusionIndex::from_hundredths(missing), None);
        }
    }

    #[test]
    fn the_perfusion_index_has_two_decimals() {
        let index = PerfusionIndex::from_hundredths(321).unwrap();
        assert_eq!(serde_json::to_string(&index).unwrap(), "3.21");
    }
}
