//! A longer averaging of the numbers than the sensor's own, for what-if.

use core::time::Duration;
use std::collections::VecDeque;

/// The mean of a value over the last while, by the time for which it stood.
///
/// It comes on top of whatever the sensor averaged, which cannot be undone. A gap is never bridged: what was before it
/// is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Average {
    /// The values and for how long each stood, oldest first; the newest is not among them.
    held: VecDeque<(u16, Duration)>,
    newest: Option<u16>,
    /// Sum of value times nanoseconds, and of nanoseconds, over `held`.
    area: u128,
    span: Duration,
}

impl Average {
    /// The newest value stood for `stood`, and is now `value`. The mean over `window`, rounded to a whole number.
    pub(crate) fn next(&mut self, stood: Duration, value: Option<u16>, window: Duration) -> Option<u16> {
        let Some(value) = value else {
            *self = Self::default();
            return None;
        };
        if let Some(newest) = self.newest.replace(value).filter(|_| !stood.is_zero()) {
            self.held.push_back((newest, stood));
            self.area += u128::from(newest) * stood.as_nanos();
            self.span += stood;
        }
        while let Some((oldest, stood)) = self.held.front_mut() {
            let excess = self.span.saturating_sub(window).min(*stood);
            if excess.is_zero() {
                break;
            }
            self.area -= u128::from(*oldest) * excess.as_nanos();
            self.span -= excess;
            *stood -= excess;
            if stood.is_zero() {
                self.held.pop_front();
            }
        }
        let nanos = self.span.as_nanos();
        if nanos == 0 {
            return Some(value);
        }
        u16::try_from((self.area + nanos / 2) / nanos).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn each_second(values: &[Option<u16>], window: u32) -> Vec<Option<u16>> {
        let mut average = Average::default();
        values.iter().map(|value| average.next(SECOND, *value, window * SECOND)).collect()
    }

    #[test]
    fn a_value_that_stands_is_its_own_mean() {
        assert_eq!(each_second(&[Some(97); 5], 10), [Some(97); 5]);
    }

    #[test]
    fn a_dip_of_2_s_in_10_s_is_seen_as_a_fifth_of_its_depth() {
        let mut values = [Some(97); 12];
        (values[10], values[11]) = (Some(87), Some(87));
        let mut longer = values.to_vec();
        longer.push(Some(97));
        assert_eq!(each_second(&longer, 10).last(), Some(&Some(95)));
    }

    #[test]
    fn a_gap_is_not_bridged() {
        assert_eq!(each_second(&[Some(97), Some(97), None, Some(85)], 10), [Some(97), Some(97), None, Some(85)]);
    }
}
