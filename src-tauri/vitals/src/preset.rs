//! Starting points for a bed's limits, and how a bed differs from one.

use crate::Limits;
use serde::{Deserialize, Serialize};

/// Whom a set of limits is a starting point for. A ward decides its own; none of these fits every patient.
///
/// All are within one maker's defaults (Contec CMS8000, manual page 88; Edan M3A, page 53, has the same but 90 for the
/// newborn's SpO₂), so that they are consistent with each other. The delay is Masimo's (Rad-97) for all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// [`Limits::ADULT`].
    Adult,
    /// [`Limits::CHILD`].
    Child,
    /// [`Limits::NEONATE`].
    Neonate,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::Adult, Self::Child, Self::Neonate];

    /// The word in interfaces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adult => "adult",
            Self::Child => "child",
            Self::Neonate => "neonate",
        }
    }

    /// The preset that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == word)
    }

    /// Where its numbers come from, in words for people.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::Adult => {
                "SpO2 and pulse: Contec CMS8000, adult defaults. Desaturation: ten points below, as Philips and Masimo \
                 have it. Delay: Masimo Rad-97."
            }
            Self::Child => {
                "SpO2 and pulse: Contec CMS8000 and Edan M3A, paediatric defaults. Desaturation: ten points below, as \
                 Philips has it. Delay: Masimo Rad-97."
            }
            Self::Neonate => {
                "SpO2 and pulse: Contec CMS8000, neonatal defaults; the upper limit is for newborns who are given \
                 oxygen. Desaturation: five points below, as Philips has it. Delay: Masimo Rad-97."
            }
        }
    }

    /// Its limits.
    #[must_use]
    pub const fn limits(self) -> Limits {
        match self {
            Self::Adult => Limits::ADULT,
            Self::Child => Limits::CHILD,
            Self::Neonate => Limits::NEONATE,
        }
    }
}

impl Limits {
    /// The starting point for children: SpO₂ 90 and pulse 75 to 160 (Contec CMS8000 and Edan M3A, paediatric). A desaturation
    /// is ten points below, as for adults (Philips, and 80 by default on Mindray's TM80 for adults and children).
    pub const CHILD: Self = Self { pulse_low: 75, pulse_high: 160, ..Self::ADULT };

    /// The starting point for newborns: SpO₂ 85 to 95 and pulse 100 to 200 (Contec CMS8000, neonatal). A desaturation is
    /// five points below (Philips, neonatal).
    ///
    /// The upper limit is for those who are given oxygen, which harms a preterm child's eyes when it is too much. Who
    /// breathes air alone will be above it: turn it off there.
    pub const NEONATE: Self =
        Self { spo2_low: 85, spo2_desat: 80, spo2_high: Some(95), pulse_low: 100, pulse_high: 200, ..Self::ADULT };

    /// Which limits differ from those of `other`, in the order in which they are shown; empty if none does.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<LimitField> {
        // Taken apart by name, so that a limit that is added is not forgotten here.
        let Self { spo2_low, spo2_desat, spo2_high, pulse_low, pulse_high, delay_s, area_delay } = *other;
        [
            (LimitField::Spo2Low, self.spo2_low != spo2_low),
            (LimitField::Spo2Desat, self.spo2_desat != spo2_desat),
            (LimitField::Spo2High, self.spo2_high != spo2_high),
            (LimitField::PulseLow, self.pulse_low != pulse_low),
            (LimitField::PulseHigh, self.pulse_high != pulse_high),
            (LimitField::DelayS, self.delay_s != delay_s),
            (LimitField::AreaDelay, self.area_delay != area_delay),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }
}

/// Names one of [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are explained at vitals::Limits")]
pub enum LimitField {
    Spo2Low,
    Spo2Desat,
    Spo2High,
    PulseLow,
    PulseHigh,
    DelayS,
    AreaDelay,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_set_of_limits_that_can_be_set() {
        for preset in Preset::ALL {
            assert!(preset.limits().check().is_ok(), "{preset:?}");
            assert_eq!(Preset::parse(preset.as_str()), Some(preset));
            assert_eq!(serde_json::to_string(&preset).unwrap(), format!("\"{}\"", preset.as_str()));
        }
        assert_eq!(Preset::parse("grown-up"), None);
    }

    #[test]
    fn no_preset_lets_spo2_fall_below_what_the_standard_for_oximeters_allows_a_maker() {
        // ISO 80601-2-61: the default of the low limit is not below 85 %.
        assert!(Preset::ALL.iter().all(|preset| preset.limits().spo2_low >= 85));
    }

    #[test]
    fn a_bed_differs_from_its_preset_in_the_limits_that_were_changed() {
        assert_eq!(Limits::ADULT.differences(&Limits::ADULT), []);
        let bed = Limits { spo2_low: 88, area_delay: Some(50), ..Limits::ADULT };
        assert_eq!(bed.differences(&Limits::ADULT), [LimitField::Spo2Low, LimitField::AreaDelay]);
        let off = Limits { spo2_high: None, ..Limits::NEONATE };
        assert_eq!(off.differences(&Limits::NEONATE), [LimitField::Spo2High]);
    }

    #[test]
    fn a_limit_is_named_by_its_word_in_the_bed_object() {
        let all = Limits {
            spo2_low: 0,
            spo2_desat: 0,
            spo2_high: None,
            pulse_low: 0,
            pulse_high: 0,
            delay_s: 0,
            area_delay: Some(1),
        };
        let names = serde_json::to_value(all.differences(&Limits::NEONATE)).unwrap();
        let limits = serde_json::to_value(Limits::NEONATE).unwrap();
        let names: Vec<_> = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        assert_eq!(names, limits.as_object().unwrap().keys().cloned().collect::<Vec<_>>());
    }
}
