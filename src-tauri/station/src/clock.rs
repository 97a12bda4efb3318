//! The one place where the station reads a clock.

mod jumps;
mod watch;

pub(crate) use jumps::keep_watch;
pub(crate) use watch::Watch;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use vitals::{Now, StationTime, WallTime};

/// How far apart two readings may be that count as one moment. A thread that has to wait between them reads again.
const TOGETHER: Duration = Duration::from_millis(50);

/// How far apart the two clocks may be read for one [`Now`].
const AT_ONCE: Duration = Duration::from_micros(100);
/// ns.
const MILLISECOND: i128 = 1_000_000;

/// The clocks of this computer, read together.
///
/// Station time is moved by no step of the wall clock, and on Linux it goes on while the computer sleeps
/// (`CLOCK_BOOTTIME`): what was measured before is as old after it as it is. [`Instant`], and with it every timer of the
/// runtime, stands still meanwhile and comes late.
///
/// Both times are whole milliseconds and go in step: between two steps of the wall clock they differ by the same. The
/// record keeps wall time alone, and what was decided by station time can be counted again from it.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
    /// What the computer's clock since its boot said then; `None` where there is none.
    booted: Option<Duration>,
    /// What the wall clock was past a whole millisecond then.
    phase: Duration,
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
        let mut clock = Self { booted: since_boot(), began: Instant::now(), phase: Duration::ZERO };
        let (since_start, wall) = clock.together();
        let behind = (wall - i128::try_from(since_start.as_nanos()).unwrap_or(0)).rem_euclid(MILLISECOND);
        clock.phase = Duration::from_nanos(u64::try_from(behind).unwrap_or(0));
        clock
    }

    /// Both times at this moment.
    #[must_use]
    pub fn now(&self) -> Now {
        let (since_start, wall) = self.together();
        // What lies between the two readings must not tip one of them over a whole millisecond.
        let ahead =
            (wall - i128::try_from(since_start.as_nanos()).unwrap_or(0) + MILLISECOND / 2).div_euclid(MILLISECOND);
        let station = StationTime::from_start(whole(since_start));
        let millis = i128::try_from(since_start.as_millis()).unwrap_or(0) + ahead;
        Now { station, wall: WallTime::from_millis(i64::try_from(millis).unwrap_or(i64::MAX)) }
    }

    /// Station time at this moment.
    #[must_use]
    pub fn station(&self) -> StationTime {
        StationTime::from_start(whole(self.since_start()))
    }

    fn since_start(&self) -> Duration {
        let booted = self.booted.zip(since_boot()).map(|(start, now)| now.saturating_sub(start));
        booted.unwrap_or_else(|| self.began.elapsed()) + self.phase
    }

    /// The time since the start and the wall clock's nanoseconds since 1970, read together as well as this computer
    /// allows.
    fn together(&self) -> (Duration, i128) {
        let read = || {
            let since_start = self.since_start();
            let wall = wall_nanos();
            ((since_start, wall), self.since_start().saturating_sub(since_start))
        };
        (0..3).map(|_| read()).find(|(_, apart)| *apart < AT_ONCE).map_or_else(|| read().0, |(both, _)| both)
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
            let readings = Readings { awake: self.began.elapsed(), now: self.now() };
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
    WallTime::from_millis(i64::try_from(wall_nanos().div_euclid(MILLISECOND)).unwrap_or(i64::MAX))
}

fn wall_nanos() -> i128 {
    let nanos = |span: Duration| i128::try_from(span.as_nanos()).unwrap_or(i128::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => nanos(since),
        Err(before) => -nanos(before.duration()),
    }
}

const fn whole(span: Duration) -> Duration {
    Duration::from_millis(span.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_times_are_whole_milliseconds_and_go_in_step() {
        let clock = Clock::start();
        let ahead = |now: Now| {
            assert_eq!(now.station.since_start().subsec_nanos() % 1_000_000, 0);
            now.wall.as_millis() - i64::try_from(now.station.since_start().as_millis()).unwrap()
        };
        let first = ahead(clock.now());
        for _ in 0..20_000 {
            assert_eq!(ahead(clock.now()), first);
        }
    }
}
