//! A run of the plethysmogram.

use crate::WallTime;
use serde::Serialize;

/// A run of plethysmogram samples without a gap.
///
/// The samples are the device's own counts (0 to 127, or to 65535): without a unit, and drawn auto-scaled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wave {
    /// When the first sample was taken, by the station's clock.
    pub time: WallTime,
    /// Samples per second.
    pub rate: u16,
    /// The samples, oldest first.
    pub samples: Vec<u16>,
}

impl Wave {
    /// Whether `next` goes on where this run ends, give or take half a sample.
    #[must_use]
    pub fn continues_with(&self, next: &Self) -> bool {
        let rate = i64::from(self.rate.max(1));
        let end = self.time.as_millis() + i64::try_from(self.samples.len()).unwrap_or(i64::MAX) * 1000 / rate;
        self.rate == next.rate && (next.time.as_millis() - end).abs() * 2 <= 1000 / rate + 2
    }
}
