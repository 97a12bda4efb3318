//! When the conditions of the two numbers start and end.

use crate::area::AreaDelay;
use crate::bound::{Bound, PHYSIOLOGICAL};
use crate::delay::PlainDelay;
use crate::fall::Heights;
use crate::sight::Sight;
use crate::{ClearingRules, RapidFall, Rules};
use core::time::Duration;
use serde::{Deserialize, Serialize};
use vitals::{Condition, Limits, Measure};

/// The area counts on at this cap while `area_delay` is off, so that a nurse who turns it on in the middle of a dip
/// does not start the count from nothing.
const LARGEST_AREA: u8 = 100;

fn area_cap(limits: &Limits) -> u8 {
    limits.area_delay.unwrap_or(LARGEST_AREA)
}

/// The counts of one condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Watch {
    beyond: PlainDelay,
    /// How long the value has been within its limit.
    within: Duration,
    /// The worst value since it went beyond; `None` within.
    worst: Option<u16>,
}

impl Watch {
    const NONE: Self = Self { beyond: PlainDelay::NONE, within: Duration::ZERO, worst: None };
}

/// The counts of all physiological conditions at a bed, in the order of [`PHYSIOLOGICAL`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Watches {
    each: [Watch; 5],
    area: AreaDelay,
    heights: Heights,
}

/// What the counts are held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) limits: Limits,
    pub(crate) clearing: ClearingRules,
    pub(crate) rapid_fall: Option<RapidFall>,
}

impl Bounds {
    pub(crate) const fn of(limits: Limits, rules: &Rules) -> Self {
        Self { limits, clearing: rules.clearing, rapid_fall: rules.rapid_fall }
    }

    pub(crate) fn bound(&self, condition: Condition) -> Option<Bound> {
        Bound::of(condition, &self.limits, &self.clearing)
    }

    /// The value that `condition` looks at, and its bound; `None` without a value or with the limit off.
    fn held(&self, condition: Condition, sight: &Sight) -> Option<(u16, Bound)> {
        Some((sight.value(condition.measure()?)?, self.bound(condition)?))
    }

    /// The area setting that governs `condition`.
    fn area(&self, condition: Condition) -> Option<u8> {
        self.limits.area_delay.filter(|_| condition == Condition::Spo2Low)
    }

    /// The plain delay of `condition`. The second tier has none: it is there to get past the delay of the first.
    const fn delay(&self, condition: Condition) -> Duration {
        match condition {
            Condition::Spo2Desat => Duration::ZERO,
            _ => Duration::from_secs(self.limits.delay_s as u64),
        }
    }
}

impl Watches {
    const fn of(&self, condition: Condition) -> Watch {
        let [desat, low, high, pulse_low, pulse_high] = &self.each;
        match condition {
            Condition::Spo2Desat => *desat,
            Condition::Spo2Low => *low,
            Condition::Spo2High => *high,
            Condition::PulseLow => *pulse_low,
            Condition::PulseHigh => *pulse_high,
            _ => Watch::NONE,
        }
    }

    /// The limits are these from now on.
    pub(crate) fn set(&mut self, bounds: &Bounds) {
        self.area.hold_to(area_cap(&bounds.limits));
        for (condition, watch) in PHYSIOLOGICAL.into_iter().zip(&mut self.each) {
            // What was counted against a limit that is off says nothing when it is turned on again, perhaps hours later.
            if bounds.bound(condition).is_none() {
                *watch = Watch::default();
            }
        }
    }

    /// `sight` held for `span`. A measure without a value stands still.
    pub(crate) fn ran(&mut self, span: Duration, sight: &Sight, bounds: &Bounds) {
        for (condition, watch) in PHYSIOLOGICAL.into_iter().zip(&mut self.each) {
            if let Some((value, bound)) = bounds.held(condition, sight) {
                watch.beyond.ran(span, bound.beyond(value));
                if !bound.beyond(value) {
                    watch.within = watch.within.saturating_add(span).min(bounds.clearing.within_for);
                }
            }
        }
        if let Some(value) = sight.spo2 {
            self.area.ran(span, value, bounds.limits.spo2_low.into(), area_cap(&bounds.limits));
            self.heights.ran(span, bounds.rapid_fall);
        }
    }

    /// `sight` holds from now on.
    pub(crate) fn note(&mut self, sight: &Sight, bounds: &Bounds) {
        for (condition, watch) in PHYSIOLOGICAL.into_iter().zip(&mut self.each) {
            if let Some((value, bound)) = bounds.held(condition, sight) {
                watch.beyond.note(bound.beyond(value));
                if bound.beyond(value) {
                    watch.within = Duration::ZERO;
                    watch.worst = Some(watch.worst.map_or(value, |worst| bound.side.worse(worst, value)));
                } else {
                    watch.worst = None;
                }
            }
        }
        if let Some(value) = sight.spo2 {
            self.area.note(value, bounds.limits.spo2_low.into());
            self.heights.note(value, bounds.rapid_fall);
        }
    }

    /// Whether `condition` starts if it is not active.
    pub(crate) fn starts(&self, condition: Condition, sight: &Sight, bounds: &Bounds) -> bool {
        let Some((value, bound)) = bounds.held(condition, sight) else { return false };
        let waited = match bounds.area(condition) {
            Some(setting) => self.area.met(setting),
            None => self.of(condition).beyond.met(bounds.delay(condition)),
        };
        let fell = condition == Condition::Spo2Low && self.heights.fell_to(value, bounds.rapid_fall);
        bound.beyond(value) && (waited || fell)
    }

    /// The worst value of `condition` since its delay, or what governs it instead, began to run.
    pub(crate) fn worst(&self, condition: Condition, bounds: &Bounds) -> Option<u16> {
        let of_area = bounds.area(condition).and_then(|setting| self.area.worst(setting));
        of_area.or(self.of(condition).worst)
    }

    /// Whether `condition` ends if it is active: its limit is off, or its value is back.
    pub(crate) fn ends(&self, condition: Condition, sight: &Sight, bounds: &Bounds) -> bool {
        if bounds.bound(condition).is_none() {
            return true;
        }
        let Some((value, bound)) = bounds.held(condition, sight) else { return false };
        !bound.beyond(value) && (bound.well_within(value) || self.of(condition).within >= bounds.clearing.within_for)
    }

    /// How long until `condition` starts, or ends if it is `active`, if `sight` holds.
    pub(crate) fn due_in(
        &self,
        condition: Condition,
        active: bool,
        sight: &Sight,
        bounds: &Bounds,
    ) -> Option<Duration> {
        let (value, bound) = bounds.held(condition, sight)?;
        let watch = self.of(condition);
        match (active, bound.beyond(value)) {
            (false, true) => Some(match bounds.area(condition) {
                Some(setting) => self.area.left(setting, bound.limit.saturating_sub(value)),
                None => watch.beyond.left(bounds.delay(condition)),
            }),
            (true, false) => Some(bounds.clearing.within_for.saturating_sub(watch.within)),
            _ => None,
        }
    }

    /// How far the delay that governs `condition` has run, 0 to 1; `None` if it does not run.
    pub(crate) fn fraction(&self, condition: Condition, bounds: &Bounds) -> Option<f64> {
        let fraction = if let Some(setting) = bounds.area(condition) {
            self.area.fraction(setting)
        } else {
            let delay = bounds.delay(condition);
            if delay.is_zero() {
                return None;
            }
            (self.of(condition).beyond.counted().as_secs_f64() / delay.as_secs_f64()).min(1.0)
        };
        (fraction > 0.0 && bounds.bound(condition).is_some()).then_some(fraction)
    }

    /// Whether a value of `measure` was beyond a limit when it was last seen.
    pub(crate) fn beyond(&self, measure: Measure) -> bool {
        PHYSIOLOGICAL
            .into_iter()
            .zip(self.each)
            .any(|(condition, watch)| condition.measure() == Some(measure) && !watch.beyond.counted().is_zero())
    }
}
