//! What a simulated sensor goes through.

use crate::UnknownName;
use core::fmt;
use core::str::FromStr;

/// What a simulated sensor goes through. Times count from its first sample: from power-on, or, for a sensor that waits
/// to be asked, from the first call for live data. The numbers wander as a patient's do; the same seed gives the same
/// bytes.
///
/// Where a format has no place for something, the scenario shows in what it has: no Contec live format carries a
/// battery flag, so `low-battery` looks like `steady` there; `low-perfusion` shows as a perfusion index of 0.20 to 0.30
/// % in `contec-v7`, as red perfusion in `nonin-df2`, and as a weak signal with a flat wave in both Contec formats.
/// [`crate::Protocol::tells`] has the flags of each format.
///
/// ```
/// use oximeter::Scenario;
///
/// assert_eq!("finger-out".parse(), Ok(Scenario::FingerOut));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Scenario {
    /// SpO₂ 96 to 98, pulse around 72.
    Steady,
    /// 8 s at 97, then 1 % a second down to 78, 30 s there, back within 40 s; every 150 s.
    Desaturation,
    /// The pulse falls from 72 to 38 between the 6th and the 14th second, and stays.
    Brady,
    /// The pulse rises from 72 to about 152 between the 6th and the 14th second, and stays.
    Tachy,
    /// 6 s with a finger, 20 s without, 2 s of search, 10 s with; every 38 s.
    FingerOut,
    /// A finger, and no pulse to be found, for ever.
    Searching,
    /// Little blood flow: a flat wave, a weak signal; the numbers are steady.
    LowPerfusion,
    /// 4 s of rest, 8 s of motion, over and over: the wave jumps, the signal strength too.
    Artifact,
    /// 6 s of data. Then the line stays open and nothing comes any more, whatever is sent: no question is answered and
    /// no call for live data heard. Only a new simulator speaks again.
    Silence,
    /// 6 s of data, then the sensor is unplugged for 8 s and comes back as after power-on; over and over. A sensor that
    /// waits to be asked is unplugged 6 s after each time it was.
    Unplug,
    /// Bursts of random bytes before the first frame and every one to two seconds: between frames, inside them and in
    /// their place; also bytes lost and bits flipped. The numbers are steady.
    Garbage,
    /// The battery runs low; everything else is steady.
    LowBattery,
    /// Breathing stops for 20 s of every minute, the first time after 6 s: SpO₂ dips from 97 to 86 with a slower pulse,
    /// then comes back with a faster one.
    Apnea,
}

impl Scenario {
    /// Every scenario, in the order of the variants.
    pub const ALL: &'static [Self] = &[
        Self::Steady,
        Self::Desaturation,
        Self::Brady,
        Self::Tachy,
        Self::FingerOut,
        Self::Searching,
        Self::LowPerfusion,
        Self::Artifact,
        Self::Silence,
        Self::Unplug,
        Self::Garbage,
        Self::LowBattery,
        Self::Apnea,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Desaturation => "desaturation",
            Self::Brady => "brady",
            Self::Tachy => "tachy",
            Self::FingerOut => "finger-out",
            Self::Searching => "searching",
            Self::LowPerfusion => "low-perfusion",
            Self::Artifact => "artifact",
            Self::Silence => "silence",
            Self::Unplug => "unplug",
            Self::Garbage => "garbage",
            Self::LowBattery => "low-battery",
            Self::Apnea => "apnea",
        }
    }
}

impl Scenario {
    /// The scenario as a [`crate::Script`] in text: a beginning for one of one's own.
    #[must_use]
    pub const fn script(self) -> &'static str {
        match self {
            Self::Steady => "0s spo2 97, pulse 72",
            Self::Desaturation => {
                "\
8s    spo2 78 over 19s, pulse 86 over 19s
27s   pulse 88 over 30s
57s   spo2 97 over 40s, pulse 72 over 40s
150s  repeat"
            }
            Self::Brady => "6s pulse 38 over 8s",
            Self::Tachy => "6s pulse 152 over 8s",
            Self::FingerOut => {
                "\
6s   finger out
26s  searching
28s  finger on
38s  repeat"
            }
            Self::Searching => "0s searching",
            Self::LowPerfusion => "0s perfusion 0.25",
            Self::Artifact => {
                "\
4s   motion on
12s  repeat"
            }
            Self::Silence => "6s silence",
            Self::Unplug => {
                "\
6s   unplug 8s
14s  repeat"
            }
            Self::Garbage => "0s garbage on",
            Self::LowBattery => "0s battery low",
            // Blood takes some seconds from the lung to the finger.
            Self::Apnea => {
                "\
6s   breathing off, pulse 62 over 18s
8s   spo2 86 over 16s
24s  pulse 90 over 6s
26s  breathing on
30s  spo2 97 over 12s, pulse 72 over 15s
60s  repeat"
            }
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scenario {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|scenario| scenario.as_str() == name)
            .ok_or_else(|| UnknownName::new("scenario", name, Self::ALL.iter().map(|scenario| scenario.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn every_scenario_is_read_back_from_its_name() {
        for &scenario in Scenario::ALL {
            assert_eq!(scenario.as_str().parse(), Ok(scenario));
        }
    }

    #[test]
    fn a_wrong_name_is_refused_with_the_names_that_exist() {
        let message = "stead".parse::<Scenario>().unwrap_err().to_string();
        assert!(message.starts_with("\"stead\" is not a scenario. Use one of: steady, desaturation,"), "{message}");
    }
}
