//! A rapid fall of SpO₂: how far the value has come down within a short time.
//!
//! Whoever falls from 97 to 86 within seconds will not wait for a delay that is there to spare the staff shallow dips.
//! Masimo ships its *Rapid Desat* at 10 points with a choice of 5 or off, measured from the low limit, which is our
//! second tier; this is the same haste measured from where the patient was.

use core::time::Duration;
use serde::{Deserialize, Serialize};

/// A fall that alarms at once.
///
/// Once the value is below `spo2_low`, the alarm does not wait for its delay or area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RapidFall {
    /// So many points of SpO₂.
    pub points: u16,
    /// Within so long, in time with a value.
    pub within: Duration,
}

impl RapidFall {
    /// A starting point for a site that wants it: 10 points, as Masimo (Rad-97, Radical-7) and Philips choose for their
    /// second tiers, within 30 s.
    ///
    /// The 30 s are a decision of this project: no maker's span was found. It is twice the delay that the preset has.
    pub const STARTING_POINT: Self = Self { points: 10, within: Duration::from_secs(30) };
}

/// The highest values of the last while.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Heights(Vec<Height>);

/// A value that none since has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Height {
    value: u16,
    /// How long ago it last stood so, in time with a value.
    age: Duration,
}

impl Heights {
    /// The value stands at `value` from now on.
    pub(crate) fn note(&mut self, value: u16, rule: Option<RapidFall>) {
        if rule.is_none() {
            return self.0.clear();
        }
        while self.0.last().is_some_and(|height| height.value <= value) {
            self.0.pop();
        }
        self.0.push(Height { value, age: Duration::ZERO });
    }

    /// The value noted last stood for `span`. Never called for a gap.
    pub(crate) fn ran(&mut self, span: Duration, rule: Option<RapidFall>) {
        let Some(rule) = rule else { return };
        if let Some((_, past)) = self.0.split_last_mut() {
            for height in past {
                height.age = height.age.saturating_add(span);
            }
            self.0.retain(|height| height.age <= rule.within);
        }
    }

    /// Whether `value` is so far down from where it was.
    pub(crate) fn fell_to(&self, value: u16, rule: Option<RapidFall>) -> bool {
        let highest = self.0.first().map_or(value, |height| height.value);
        rule.is_some_and(|rule| highest.saturating_sub(value) >= rule.points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Option<RapidFall> = Some(RapidFall { points: 10, within: Duration::from_secs(30) });
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn ten_points_within_the_time_are_a_rapid_fall_and_nine_or_later_are_none() {
        for (to, after, fell) in [(86, 30, true), (87, 30, false), (86, 31, false)] {
            let mut heights = Heights::default();
            heights.note(96, RULE);
            heights.ran(3600 * SECOND, RULE);
            heights.note(92, RULE);
            heights.ran(after * SECOND, RULE);
            heights.note(to, RULE);
            assert_eq!(heights.fell_to(to, RULE), fell, "to {to} in {after} s");
        }
    }

    #[test]
    fn what_is_kept_is_bounded_by_the_values_that_there_are() {
        let mut heights = Heights::default();
        for round in 0..1000 {
            heights.note(100 - round % 60, RULE);
        }
        assert!(heights.0.len() <= 60);
    }
}
