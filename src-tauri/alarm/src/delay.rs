//! The plain delay: how long a value has been beyond its limit.

use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Counting stops here, beyond every delay that limits can name, so that a long alarm is not a change of what is kept
/// every second.
const LONGEST: Duration = Duration::from_secs(u8::MAX as u64);

/// Counts time beyond a limit, by the station's time and not by samples.
///
/// It starts again when the value is back within the limit. Without a value it stands still: a gap neither brings the
/// alarm nearer nor wipes out what was already counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PlainDelay(Duration);

impl PlainDelay {
    /// Nothing counted.
    pub(crate) const NONE: Self = Self(Duration::ZERO);

    /// The value was beyond the limit, or not, for `span`.
    pub(crate) fn ran(&mut self, span: Duration, beyond: bool) {
        if beyond {
            self.0 = self.0.saturating_add(span).min(LONGEST);
        }
    }

    /// The value is, from now on, beyond the limit or not.
    pub(crate) fn note(&mut self, beyond: bool) {
        if !beyond {
            self.0 = Duration::ZERO;
        }
    }

    /// How long the value has been beyond the limit.
    pub(crate) const fn counted(self) -> Duration {
        self.0
    }

    /// Whether `delay` has been met; exactly the delay meets it.
    pub(crate) fn met(self, delay: Duration) -> bool {
        self.0 >= delay
    }

    /// How much of `delay` is left.
    pub(crate) fn left(self, delay: Duration) -> Duration {
        delay.saturating_sub(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_delay_is_met_on_its_exact_edge() {
        let mut delay = PlainDelay::default();
        delay.ran(15 * SECOND - Duration::from_nanos(1), true);
        assert!(!delay.met(15 * SECOND));
        delay.ran(Duration::from_nanos(1), true);
        assert!(delay.met(15 * SECOND));
    }

    #[test]
    fn the_delay_starts_again_when_the_value_is_back_within() {
        let mut delay = PlainDelay::default();
        delay.ran(14 * SECOND, true);
        delay.note(false);
        assert_eq!(delay.left(15 * SECOND), 15 * SECOND);
    }
}
