//! The one place where the station reads a clock.

mod jumps;
mod watch;

pub(crate) use jumps::keep_watch;
pub(crate) use watch::Watch;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use vitals::{Now, StationTime, WallTime};

/// How far apart two readings may be that count as one moment. A thread that has to wait between them reads again.
const TOGETHER: Duration = Duration::from_millis(50);

/// The clocks of this computer, read together.
///
/// Station time is moved by no step of the wall clock, and on Linux it goes on while the computer sleeps
/// (`CLOCK_BOOTTIME`): what was measured before is as old after it as it is. [`Instant`], and with it every timer of the
/// runtime, stands still meanwhile and comes late.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
    /// What the computer's clock since its boot said then; `None` where there is none.
    booted: Option<Duration>,
}

/// What the clocks say at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Readings {
    /// For how long the computer has been awake since the start of the station.
    pub(crate) awake: Duration,
    pub(crate) now: Now,
}

impl Clock {
    /// A clock whose station time starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { booted: since_boot(), began: Instant::now() }
    }

    /// Both times at this moment.
    #[must_use]
    pub fn now(&self) -> Now {
        Now { station: self.station(), wall: wall_now() }
    }

    /// Station time at this moment.
    #[must_use]
    pub fn station(&self) -> StationTime {
        let booted = self.booted.zip(since_boot()).map(|(start, now)| now.saturating_sub(start));
        StationTime::from_start(booted.unwrap_or_else(|| self.began.elapsed()))
    }

    /// The runtime's instant for a station time, to sleep until it. It comes late if the computer sleeps meanwhile;
    /// whoever waits is woken by an order then.
    #[must_use]
    pub fn instant(&self, at: StationTime) -> tokio::time::Instant {
        tokio::time::Instant::now() + at.since(self.station())
    }

    /// All clocks at one moment, for [`Watch`]; `None` if the computer is too busy to read them together.
    pub(crate) fn readings(&self) -> Option<Readings> {
        (0..4).find_map(|_| {
            let station = self.station();
            let readings = Readings { awake: self.began.elapsed(), now: Now { station, wall: wall_now() } };
            (self.station().since(station) < TOGETHER).then_some(readings)
        })
    }
}

/// The time since the computer was booted, with the time that it slept.
#[cfg(target_os = "linux")]
fn since_boot() -> Option<Duration> {
    use nix::time::{ClockId, clock_gettime};
    // It fails only where the kernel knows no such clock.
    clock_gettime(ClockId::CLOCK_BOOTTIME).ok().map(Duration::from)
}

#[cfg(not(target_os = "linux"))]
const fn since_boot() -> Option<Duration> {
    None
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
