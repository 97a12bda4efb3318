//! The three kinds of time, each a type of its own (`docs/design/time.md`).

use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Time of day as people and the record write it: milliseconds since the Unix epoch, UTC.
///
/// It may step (NTP, a person at the settings), so nothing is decided by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime(i64);

impl WallTime {
    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This time moved on by `by`; saturates at the ends of the calendar.
    #[inline]
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This time moved back by `by`; saturates at the ends of the calendar.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[inline]
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Monotonic time of the station, counted from its start. Alarms, delays and ages use this and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct StationTime(Duration);

impl StationTime {
    /// The start of the station.
    pub const START: Self = Self(Duration::ZERO);

    /// `since_start` after the start of the station.
    #[must_use]
    pub const fn from_start(since_start: Duration) -> Self {
        Self(since_start)
    }

    /// How long after the start of the station.
    #[inline]
    #[must_use]
    pub const fn since_start(self) -> Duration {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[inline]
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// This time moved on by `by`.
    #[inline]
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by))
    }

    /// This time moved back by `by`, no further than the start.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(by))
    }
}

/// A sensor's own count of its samples since its stream began. It drifts against both other times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SensorTime(pub u64);

/// One instant as the station sees it: the time that decides and the time that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// What delays and ages are counted in.
    pub station: StationTime,
    /// What is written down.
    pub wall: WallTime,
}

impl Now {
    /// The wall time of another station time, by this pair's offset between the two.
    #[must_use]
    pub fn wall_at(&self, station: StationTime) -> WallTime {
        if station >= self.station {
            self.wall.plus(station.since(self.station))
        } else {
            self.wall.minus(self.station.since(station))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_time_of_an_earlier_sample_is_earlier_by_the_same_span() {
        let now =
            Now { station: StationTime::from_start(Duration::from_secs(10)), wall: WallTime::from_millis(1_000_000) };
        let sample = StationTime::from_start(Duration::from_secs(8));
        assert_eq!(now.wall_at(sample), WallTime::from_millis(998_000));
    }

    #[test]
    fn a_clock_that_stepped_back_gives_no_negative_span() {
        assert_eq!(WallTime::from_millis(5).since(WallTime::from_millis(9)), Duration::ZERO);
    }
}
