//! The area delay: points below the limit times seconds, in %·s.
//!
//! A long shallow dip and a short deep one are weighed alike, so that the many short dips that need nobody stay quiet.
//! Covidien calls its own form of this SatSeconds; theirs and General Electric's manuals are the sources here.

use core::time::Duration;
use serde::{Deserialize, Serialize};

/// How far back entries below the limit count.
const WINDOW: Duration = Duration::from_secs(60);
/// So many entries within the window alarm whatever the area (GE Carescape, Mindray and Comen: "three or more
/// violations within 60 s").
const ENTRIES: usize = 3;

/// Adds up the area below a limit.
///
/// The sum is kept as a span of time: one second of it is one %·s. Spans are whole nanoseconds and points are whole, so
/// no rounding depends on how often the sum was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AreaDelay {
    sum: Duration,
    below: bool,
    /// The worst value since the sum began to count; `None` while it is empty.
    worst: Option<u16>,
    /// The last dips below the limit, oldest first.
    dips: Vec<Dip>,
}

/// A time below the limit, from its entry on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Dip {
    /// How long ago the entry was, in time with a value.
    age: Duration,
    /// The worst value in it.
    worst: u16,
}

/// A setting in %·s as the span that the sum is compared with.
const fn target(setting: u8) -> Duration {
    Duration::from_secs(setting as u64)
}

impl AreaDelay {
    /// The value stood at `value` for `span`. Never called for a gap: across a gap nothing is known.
    pub(crate) fn ran(&mut self, span: Duration, value: u16, limit: u16, setting: u8) {
        if value < limit {
            // Held at the setting: past it the alarm sounds anyway, and a sum that grew on through a long alarm would
            // take as long to count down and alarm at each short dip until then.
            self.sum = self.sum.saturating_add(span.saturating_mul(u32::from(limit - value))).min(target(setting));
        } else {
            // The sources say that the sum counts down as it counted up, and are silent on a value that equals the
            // limit, where there is nothing to subtract. One point a second, so that such a value clears it too.
            let points = u32::from(value - limit).max(1);
            self.sum = self.sum.saturating_sub(span.saturating_mul(points));
            self.worst = self.worst.filter(|_| !self.sum.is_zero());
        }
        for dip in &mut self.dips {
            dip.age = dip.age.saturating_add(span);
        }
        self.dips.retain(|dip| dip.age <= WINDOW);
    }

    /// The setting is `setting` from now on: a sum above it is held at it, as it would have been from the beginning.
    pub(crate) fn hold_to(&mut self, setting: u8) {
        self.sum = self.sum.min(target(setting));
    }

    /// The value stands at `value` from now on.
    pub(crate) fn note(&mut self, value: u16, limit: u16) {
        let below = value < limit;
        if below && !self.below {
            if self.dips.len() == ENTRIES {
                self.dips.remove(0);
            }
            self.dips.push(Dip { age: Duration::ZERO, worst: value });
        }
        if below {
            self.worst = Some(self.worst.map_or(value, |worst| worst.min(value)));
            // The newest dip is this one, unless it has lasted so long that none is kept.
            if let Some(dip) = self.dips.last_mut() {
                dip.worst = dip.worst.min(value);
            }
        }
        self.below = below;
    }

    /// The worst value of what [`met`](Self::met) the setting: of the sum, or of the dips that were too many. `None` if
    /// nothing has.
    pub(crate) fn worst(&self, setting: u8) -> Option<u16> {
        if self.sum >= target(setting) {
            return self.worst;
        }
        self.dips.iter().map(|dip| dip.worst).min().filter(|_| self.dips.len() >= ENTRIES)
    }

    /// Whether a value below the limit alarms now.
    pub(crate) fn met(&self, setting: u8) -> bool {
        self.sum >= target(setting) || self.dips.len() >= ENTRIES
    }

    /// How long until the sum meets `setting` if the value stays `points` below the limit.
    pub(crate) fn left(&self, setting: u8, points: u16) -> Duration {
        let missing = target(setting).saturating_sub(self.sum);
        let points = u32::from(points.max(1));
        // Rounded up: a nanosecond early, the sum would not be met yet.
        let whole = missing / points;
        if whole * points == missing { whole } else { whole.saturating_add(Duration::from_nanos(1)) }
    }

    /// How full the sum is, 0 to 1.
    pub(crate) fn fraction(&self, setting: u8) -> f64 {
        (self.sum.as_secs_f64() / f64::from(setting.max(1))).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn percent_seconds(area: &AreaDelay) -> u64 {
        assert_eq!(area.sum.subsec_nanos(), 0);
        area.sum.as_secs()
    }

    #[test]
    fn the_worked_example_of_the_nellcor_n_395_stands_at_46_after_second_10_and_is_met_in_the_11th() {
        let mut area = AreaDelay::default();
        let mut sums = Vec::new();
        for value in [88, 88, 86, 86, 86, 84, 84, 84, 84, 84, 84] {
            area.note(value, 90);
            assert!(!area.met(50));
            area.ran(SECOND, value, 90, 100);
            sums.push(percent_seconds(&area));
        }
        assert_eq!(sums, [2, 4, 8, 12, 16, 22, 28, 34, 40, 46, 52]);
        assert!(area.met(50));
    }

    #[test]
    fn the_sum_counts_down_as_it_counted_up_and_clears_46_left_at_92_after_23_s() {
        let mut area = AreaDelay { sum: 46 * SECOND, ..AreaDelay::default() };
        area.ran(SECOND, 92, 90, 50);
        assert_eq!(percent_seconds(&area), 44);
        area.ran(21 * SECOND, 92, 90, 50);
        assert_eq!(percent_seconds(&area), 2);
        area.ran(SECOND, 92, 90, 50);
        assert_eq!(percent_seconds(&area), 0);
    }

    #[test]
    fn a_value_equal_to_the_limit_is_no_violation_and_counts_down_by_one_a_second() {
        let mut area = AreaDelay { sum: 10 * SECOND, ..AreaDelay::default() };
        area.note(90, 90);
        area.ran(4 * SECOND, 90, 90, 50);
        assert_eq!(percent_seconds(&area), 6);
        assert!(area.dips.is_empty());
    }

    #[test]
    fn the_third_entry_within_60_s_of_data_is_met_and_one_that_is_older_does_not_count() {
        let dip = |area: &mut AreaDelay, apart: u32| {
            area.note(89, 90);
            let met = area.met(100);
            area.ran(SECOND, 89, 90, 100);
            area.note(95, 90);
            area.ran((apart - 1) * SECOND, 95, 90, 100);
            met
        };
        let mut close = AreaDelay::default();
        assert_eq!([dip(&mut close, 30), dip(&mut close, 30), dip(&mut close, 30)], [false, false, true]);
        let mut apart = AreaDelay::default();
        assert_eq!([dip(&mut apart, 31), dip(&mut apart, 31), dip(&mut apart, 31)], [false, false, false]);
    }

    #[test]
    fn the_time_left_is_never_a_nanosecond_short() {
        for points in 1..=40 {
            let mut area = AreaDelay::default();
            let left = area.left(100, points);
            area.ran(left - Duration::from_nanos(1), 90 - points, 90, 100);
            assert!(!area.met(100), "{points}");
            area.ran(Duration::from_nanos(1), 90 - points, 90, 100);
            assert!(area.met(100), "{points}");
        }
    }
}
