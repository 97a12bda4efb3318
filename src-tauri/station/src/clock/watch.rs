//! Whether the clock was set, the computer slept or the station stood still, told from what the clocks say. Pure: readings
//! in, jumps out.

use super::Readings;
use std::time::Duration;
use vitals::WallTime;

/// A wall clock that moves further than this between two looks, against station time, was set. A clock that is slewed,
/// as time services do with small errors, moves by a twelfth of the time at most: 20 ms between two looks.
const STEP: Duration = Duration::from_millis(500);
/// A shorter sleep makes no number stale and no timer late that anybody would notice.
const SLEEP: Duration = Duration::from_millis(500);

/// Looks come several times a second. Longer than this without one, awake, and the station itself stood still: stopped, or
/// on a computer that had no moment for it. As long as it takes for a reading to be stale.
const STALL: Duration = Duration::from_secs(2);

/// What happened to the clocks between two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Jump {
    /// The time of day was set: forward by so many milliseconds, or back.
    Stepped { by_ms: i64, before: WallTime, after: WallTime },
    /// The computer slept for so long.
    Slept { slept: Duration, before: WallTime, after: WallTime },
    /// The computer was awake for so long, and the station did nothing.
    Stood { stood: Duration, before: WallTime, after: WallTime },
}

/// Holds each look at the clocks against the one before.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    last: Option<Readings>,
}

impl Watch {
    /// What happened since the look before: a sleep, or a station that stood still, comes before a step that was seen
    /// together with it. The first look tells nothing.
    pub(crate) fn look(&mut self, readings: Readings) -> impl Iterator<Item = Jump> + use<> {
        let last = self.last.replace(readings).unwrap_or(readings);
        let passed = readings.now.station.since(last.now.station);
        let stood = readings.awake.saturating_sub(last.awake);
        let slept = passed.saturating_sub(stood);
        // What the wall clock would say if nobody had set it.
        let expected = last.now.wall.plus(passed);
        let by_ms = readings.now.wall.as_millis() - expected.as_millis();
        let slept = (slept >= SLEEP).then_some(Jump::Slept { slept, before: last.now.wall, after: expected });
        let stood = (stood >= STALL).then_some(Jump::Stood { stood, before: last.now.wall, after: expected });
        let stepped = (u128::from(by_ms.unsigned_abs()) >= STEP.as_millis()).then_some(Jump::Stepped {
            by_ms,
            before: expected,
            after: readings.now.wall,
        });
        [slept, stood, stepped].into_iter().flatten()
    }

    /// Whether nobody was there since the look before: the computer slept, or the station stood still.
    pub(crate) fn was_away(&mut self, readings: Readings) -> bool {
        self.look(readings).any(|jump| matches!(jump, Jump::Slept { .. } | Jump::Stood { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::{Now, StationTime};

    const START: i64 = 1_793_180_000_000;

    /// The clocks after so many ms awake, so many asleep, and a wall clock that was set by so many.
    fn clocks(awake: u64, asleep: u64, set_by: i64) -> Readings {
        let passed = awake + asleep;
        Readings {
            awake: Duration::from_millis(awake),
            now: Now {
                station: StationTime::from_start(Duration::from_millis(passed)),
                wall: WallTime::from_millis(START + i64::try_from(passed).unwrap() + set_by),
            },
        }
    }

    fn seen(looks: &[Readings]) -> Vec<Jump> {
        let mut watch = Watch::default();
        looks.iter().flat_map(|readings| watch.look(*readings).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn clocks_that_go_alike_have_not_jumped() {
        assert_eq!(seen(&[clocks(0, 0, 0), clocks(250, 0, 0), clocks(2249, 0, 0), clocks(2250, 0, 0)]), []);
    }

    #[test]
    fn a_station_that_did_nothing_for_seconds_stood_still() {
        let (before, after) = (WallTime::from_millis(START + 250), WallTime::from_millis(START + 20_250));
        let looks = [clocks(0, 0, 0), clocks(250, 0, 0), clocks(20_250, 0, 0), clocks(20_500, 0, 0)];
        assert_eq!(seen(&looks), [Jump::Stood { stood: Duration::from_secs(20), before, after }]);
        let mut watch = Watch::default();
        assert_eq!(looks.map(|readings| watch.was_away(readings)), [false, false, true, false]);
    }

    #[test]
    fn the_first_look_tells_nothing_whatever_went_before() {
        assert_eq!(seen(&[clocks(10, 3_600_000, -3_600_000)]), []);
    }

    #[test]
    fn a_clock_that_is_set_is_told_once_with_how_far_and_which_way() {
        for by_ms in [3_600_000, -3_600_000, 501, -501] {
            let before = WallTime::from_millis(START + 500);
            let after = WallTime::from_millis(START + 500 + by_ms);
            let looks = [clocks(250, 0, 0), clocks(500, 0, by_ms), clocks(750, 0, by_ms)];
            assert_eq!(seen(&looks), [Jump::Stepped { by_ms, before, after }]);
        }
    }

    #[test]
    fn a_clock_that_is_slewed_was_not_set() {
        // 100 ms a second, more than any time service does, for a minute.
        let looks: Vec<Readings> =
            (0..240).map(|look| clocks(look * 250, 0, i64::try_from(look).unwrap() * 25)).collect();
        assert_eq!(seen(&looks), []);
        assert_eq!(seen(&[clocks(0, 0, 0), clocks(250, 0, 499)]), []);
    }

    #[test]
    fn a_computer_that_slept_is_told_with_how_long_and_its_clock_was_not_set() {
        let (before, after) = (WallTime::from_millis(START + 250), WallTime::from_millis(START + 3_600_500));
        let looks = [clocks(250, 0, 0), clocks(500, 3_600_000, 0), clocks(750, 3_600_000, 0)];
        assert_eq!(seen(&looks), [Jump::Slept { slept: Duration::from_secs(3600), before, after }]);
        let mut watch = Watch::default();
        assert_eq!(looks.map(|readings| watch.was_away(readings)), [false, true, false]);
    }

    #[test]
    fn a_clock_that_was_set_while_the_computer_slept_is_two_jumps() {
        let jumps = seen(&[clocks(0, 0, 0), clocks(250, 60_000, 5000)]);
        let woke = WallTime::from_millis(START + 60_250);
        let slept = Jump::Slept { slept: Duration::from_secs(60), before: WallTime::from_millis(START), after: woke };
        let stepped = Jump::Stepped { by_ms: 5000, before: woke, after: WallTime::from_millis(START + 65_250) };
        assert_eq!(jumps, [slept, stepped]);
    }
}
