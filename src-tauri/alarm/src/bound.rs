//! One limit with its side: what is beyond it, what is back from it, what is worse.

use crate::ClearingRules;
use vitals::{Condition, Limits, Measure};

/// The physiological conditions, in the order of [`crate::physiological::Watches`].
pub(crate) const PHYSIOLOGICAL: [Condition; 5] =
    [Condition::Spo2Desat, Condition::Spo2Low, Condition::Spo2High, Condition::PulseLow, Condition::PulseHigh];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Below,
    Above,
}

impl Side {
    /// On which side of its limit a condition lies.
    pub(crate) const fn of(condition: Condition) -> Self {
        match condition {
            Condition::Spo2High | Condition::PulseHigh => Self::Above,
            _ => Self::Below,
        }
    }

    /// Of two values, the one further out on this side.
    pub(crate) fn worse(self, one: u16, other: u16) -> u16 {
        match self {
            Self::Below => one.min(other),
            Self::Above => one.max(other),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) limit: u16,
    pub(crate) side: Side,
    margin: u16,
}

impl Bound {
    /// The limit of `condition`; `None` if it is off or the condition has none.
    pub(crate) fn of(condition: Condition, limits: &Limits, clearing: &ClearingRules) -> Option<Self> {
        let limit = match condition {
            Condition::Spo2Desat => u16::from(limits.spo2_desat),
            Condition::Spo2Low => u16::from(limits.spo2_low),
            Condition::Spo2High => u16::from(limits.spo2_high?),
            Condition::PulseLow => limits.pulse_low,
            Condition::PulseHigh => limits.pulse_high,
            _ => return None,
        };
        let margin = match condition.measure()? {
            Measure::Spo2 => clearing.spo2_margin,
            Measure::PulseRate => clearing.pulse_margin,
        };
        Some(Self { limit, side: Side::of(condition), margin })
    }

    /// Whether `value` is beyond the limit. A value equal to its limit is within it.
    pub(crate) const fn beyond(&self, value: u16) -> bool {
        match self.side {
            Side::Below => value < self.limit,
            Side::Above => value > self.limit,
        }
    }

    /// Whether `value` is within the limit by the margin.
    pub(crate) const fn well_within(&self, value: u16) -> bool {
        match self.side {
            Side::Below => value >= self.limit.saturating_add(self.margin),
            Side::Above => value <= self.limit.saturating_sub(self.margin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(condition: Condition) -> Bound {
        let limits = Limits { spo2_high: Some(98), ..Limits::ADULT };
        Bound::of(condition, &limits, &ClearingRules::default()).unwrap()
    }

    #[test]
    fn a_value_equal_to_its_limit_is_within_it() {
        for (condition, within, beyond) in [
            (Condition::Spo2Low, 90, 89),
            (Condition::Spo2Desat, 80, 79),
            (Condition::Spo2High, 98, 99),
            (Condition::PulseLow, 50, 49),
            (Condition::PulseHigh, 120, 121),
        ] {
            assert!(!bound(condition).beyond(within), "{condition:?}");
            assert!(bound(condition).beyond(beyond), "{condition:?}");
        }
    }

    #[test]
    fn a_value_is_back_by_a_point_of_spo2_or_two_beats() {
        for (condition, not_yet, back) in [
            (Condition::Spo2Low, 90, 91),
            (Condition::Spo2High, 98, 97),
            (Condition::PulseLow, 51, 52),
            (Condition::PulseHigh, 119, 118),
        ] {
            assert!(!bound(condition).well_within(not_yet), "{condition:?}");
            assert!(bound(condition).well_within(back), "{condition:?}");
        }
    }

    #[test]
    fn an_upper_limit_that_is_off_bounds_nothing() {
        assert_eq!(Bound::of(Condition::Spo2High, &Limits::ADULT, &ClearingRules::default()), None);
    }
}
