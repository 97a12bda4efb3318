//! The numbers for display: changed every 1.5 s, held for 10 s after the finger left.

use crate::sample::Sample;
use core::time::Duration;

const EVERY: Duration = Duration::from_millis(1500);
const HELD: Duration = Duration::from_secs(10);

/// What a sensor's own display shows. A host must not take it for live: it goes on without a finger.
#[derive(Debug, Default)]
pub(in crate::protocol) struct Display {
    shown: (Option<u8>, Option<u16>),
    shown_at: Option<Duration>,
    measured_at: Duration,
}

impl Display {
    /// The saturation and the pulse rate that are shown when `sample` is what is measured.
    pub(in crate::protocol) fn show(&mut self, now: Duration, sample: &Sample) -> (Option<u8>, Option<u16>) {
        if sample.spo2.is_some() {
            self.measured_at = now;
        } else if now < self.measured_at.saturating_add(HELD) {
            return self.shown;
        }
        if self.shown_at.is_none_or(|at| now >= at.saturating_add(EVERY)) {
            self.shown = (sample.spo2, sample.pulse_rate);
            self.shown_at = Some(now);
        }
        self.shown
    }
}
