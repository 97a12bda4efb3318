//! The one place where the station reads a clock.

use std::time::{Instant, SystemTime, UNIX_EPOCH};
use vitals::{Now, StationTime, WallTime};

/// The clocks of this computer, read together.
///
/// Station time comes from [`Instant`], which no step of the wall clock moves.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock whose station time starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// Both times at this moment.
    #[must_use]
    pub fn now(&self) -> Now {
        Now { station: self.station(), wall: wall_now() }
    }

    /// Station time at this moment.
    #[must_use]
    pub fn station(&self) -> StationTime {
        StationTime::from_start(self.start.elapsed())
    }

    /// The runtime's instant for a station time, to sleep until it.
    #[must_use]
    pub fn instant(&self, at: StationTime) -> tokio::time::Instant {
        tokio::time::Instant::from_std(self.start + at.since_start())
    }
}

/// The time of day of this computer.
#[must_use]
pub fn wall_now() -> WallTime {
    let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    };
    WallTime::from_millis(millis)
}
