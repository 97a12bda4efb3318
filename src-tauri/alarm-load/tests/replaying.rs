//! A span of the record through the engine once more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop where it fails")]

use alarm::{BedAlarms, Input, Rules};
use alarm_load::{Happening, Moment, Newest, Outcome, ReplayError, Seen, Settings, compare, replay};
use core::time::Duration;
use proptest::prelude::*;
use std::collections::BTreeMap;
use vitals::{
    AlarmChange, AlarmId, AlarmState, Condition, Limits, Now, Numbers, PulseRate, SensorState, Spo2, StationTime,
    Status, StatusSet, WallTime,
};

const BEGIN: i64 = 1_793_180_000_000;
const DELAYED: [Condition; 4] = [Condition::Spo2Low, Condition::Spo2High, Condition::PulseLow, Condition::PulseHigh];

fn at(millis: i64) -> WallTime {
    WallTime::from_millis(BEGIN + millis)
}

fn sample(spo2: Option<u8>, pulse: Option<u16>, status: StatusSet) -> Seen {
    let numbers =
        Numbers { spo2: spo2.and_then(Spo2::new), pulse_rate: pulse.and_then(PulseRate::new), ..Numbers::default() };
    Seen { numbers, status, sensor: SensorState::Live, sample: Newest::Now }
}

fn silent(sensor: SensorState) -> Seen {
    let status = match sensor {
        SensorState::Disconnected => StatusSet::EMPTY.with(Status::Disconnected),
        SensorState::Silent => StatusSet::EMPTY.with(Status::Stale),
        _ => StatusSet::EMPTY,
    };
    Seen { numbers: Numbers::default(), status, sensor, sample: Newest::AsBefore }
}

/// A reading each second, as (SpO2, for how many seconds).
fn span(values: &[(u8, usize)]) -> Vec<Moment> {
    let each = values.iter().flat_map(|(spo2, seconds)| core::iter::repeat_n(*spo2, *seconds));
    each.zip(0..)
        .map(|(spo2, second)| Moment {
            time: at(1000 * second),
            what: Happening::Seen(sample(Some(spo2), Some(72), StatusSet::EMPTY)),
        })
        .collect()
}

fn what_if(moments: &[Moment], limits: &dyn Fn(Limits) -> Limits, averaging: u64) -> Outcome {
    let averaging = Duration::from_secs(averaging);
    let settings = Settings { limits, averaging, ..Settings::in_force(Rules::default()) };
    replay(Limits::ADULT, moments.iter().copied(), &settings).unwrap()
}

#[test]
fn seconds_below_the_limit_in_force_are_counted_against_it_whatever_limit_is_asked_for() {
    let moments = span(&[(97, 60), (87, 40), (97, 60)]);
    let was = what_if(&moments, &|limits| limits, 0);
    assert_eq!((was.watched.as_secs(), was.measured.as_secs()), (159, 159), "to the last reading");
    assert_eq!((was.below.as_secs(), was.below_unalarmed.as_secs()), (40, 15));
    let lower = what_if(&moments, &|limits| Limits { spo2_low: 85, ..limits }, 0);
    assert_eq!((lower.alarms.len(), lower.below.as_secs(), lower.below_unalarmed.as_secs()), (0, 40, 40));
    let at_once = what_if(&moments, &|limits| Limits { delay_s: 0, ..limits }, 0);
    assert_eq!((at_once.count(Condition::Spo2Low), at_once.below_unalarmed.as_secs()), (1, 0));
}

#[test]
fn a_time_without_readings_is_not_time_below_the_limit() {
    let mut moments = span(&[(85, 10)]);
    moments.push(Moment { time: at(60_000), what: Happening::Seen(silent(SensorState::Silent)) });
    let was = what_if(&moments, &|limits| limits, 0);
    assert_eq!((was.below.as_secs(), was.watched.as_secs()), (9 + 3, 60), "3 s after the last one it is no number");
}

#[test]
fn an_area_spares_the_short_dip_and_the_comparison_says_when_it_was() {
    let moments = span(&[(97, 60), (89, 20), (97, 60), (80, 30), (97, 60)]);
    let was = what_if(&moments, &|limits| limits, 0);
    let would = what_if(&moments, &|limits| Limits { area_delay: Some(50), ..limits }, 0);
    let comparison = compare(&was, &would);
    let lost: Vec<_> = comparison.lost.iter().map(|alarm| (alarm.condition, alarm.since)).collect();
    assert_eq!(lost, [(Condition::Spo2Low, at(75_000))]);
    assert_eq!((comparison.won.len(), comparison.later.len()), (0, 0), "10 points below, it comes 10 s sooner");
}

#[test]
fn averaging_takes_a_short_dip_away_and_brings_a_long_one_later() {
    let moments = span(&[(97, 60), (84, 4), (97, 60), (84, 60), (97, 60)]);
    let at_once = |limits| Limits { delay_s: 0, ..limits };
    let (plain, averaged) = (what_if(&moments, &at_once, 0), what_if(&moments, &at_once, 10));
    assert_eq!((plain.count(Condition::Spo2Low), averaged.count(Condition::Spo2Low)), (2, 1));
    let comparison = compare(&plain, &averaged);
    assert_eq!((comparison.lost.len(), comparison.later.len()), (1, 1));
    assert_eq!(comparison.later[0].by, Duration::from_secs(6), "the mean of 4 s at 97 and 6 s at 84 is 89");
}

#[test]
fn alarms_for_each_day_are_counted_by_the_time_watched() {
    let mut values = Vec::new();
    for _ in 0..12 {
        values.extend([(97, 3570), (85, 30)]);
    }
    let was = what_if(&span(&values), &|limits| limits, 0);
    assert_eq!(was.count(Condition::Spo2Low), 12);
    assert!((was.per_day(Condition::Spo2Low).unwrap() - 24.0).abs() < 0.01);
    assert_eq!(what_if(&[], &|limits| limits, 0).per_day(Condition::Spo2Low), None);
}

#[test]
fn limits_that_cannot_be_set_are_refused_in_words() {
    let higher = |limits| Limits { spo2_desat: 90, ..limits };
    let settings = Settings { limits: &higher, ..Settings::in_force(Rules::default()) };
    let refused = replay(Limits::ADULT, span(&[(97, 5)]), &settings).unwrap_err();
    assert!(matches!(refused, ReplayError::Limits(_)));
    assert!(refused.to_string().contains("spo2_desat (90) must be below spo2_low (90)"), "{refused}");
}

#[test]
fn a_clock_that_was_set_back_repeats_no_time() {
    let mut moments = span(&[(85, 10)]);
    let step = |moment: &Moment, by| Moment { time: WallTime::from_millis(moment.time.as_millis() + by), ..*moment };
    let again: Vec<_> = span(&[(85, 10)]).iter().map(|moment| step(moment, 10_000 - 3_600_000)).collect();
    moments.extend(again);
    let was = what_if(&moments, &|limits| limits, 0);
    assert_eq!(was.watched.as_secs(), 18, "9 s before it and 9 s after it");
    assert_eq!(was.count(Condition::Spo2Low), 1);
}

#[test]
fn a_clock_that_was_set_in_the_middle_of_a_delay_neither_ends_nor_lengthens_it() {
    for by in [3_600_000, -3_600_000] {
        let mut moments = span(&[(97, 10), (86, 20), (97, 10)]);
        for moment in &mut moments[20..] {
            moment.time = WallTime::from_millis(moment.time.as_millis() + by);
        }
        moments.insert(20, Moment { time: at(20_000 + by), what: Happening::ClockWas(at(20_000)) });
        let was = what_if(&moments, &|limits| limits, 0);
        let alarm = was.alarms[0];
        assert_eq!((was.alarms.len(), alarm.since, alarm.until), (1, at(25_000 + by), Some(at(30_000 + by))));
        assert_eq!((was.watched.as_secs(), was.below.as_secs()), (39, 20));
    }
}

#[test]
fn after_a_kill_the_next_run_goes_on_from_what_was_written_down_last() {
    // 10 s below the limit, of which 8 s were written down, and five more after the restart.
    let mut moments = span(&[(86, 11)]);
    moments.insert(9, Moment { time: at(8000), what: Happening::Kept });
    let back = span(&[(86, 20)])
        .into_iter()
        .map(|moment| Moment { time: moment.time.plus(Duration::from_secs(60)), ..moment });
    moments.push(Moment { time: at(60_000), what: Happening::DownSince(at(10_000)) });
    moments.extend(back);
    let was = what_if(&moments, &|limits| limits, 0);
    assert_eq!(was.alarms[0].since, at(67_000));
    assert_eq!(was.watched.as_secs(), 10 + 19, "what was not written down was watched all the same");
}

#[test]
fn a_moment_that_was_told_late_counts_no_time_twice() {
    let mut moments = span(&[(97, 10), (86, 20)]);
    let plain = what_if(&moments, &|limits| limits, 0);
    // A timer's moment between two samples, and the samples after it told as of before.
    for (place, late) in [(12, 400), (14, 900)] {
        let time = WallTime::from_millis(moments[place].time.as_millis() + late);
        moments.insert(place, Moment { time, ..moments[place] });
    }
    let late = what_if(&moments, &|limits| limits, 0);
    assert_eq!((late.alarms[0].since, late.watched), (plain.alarms[0].since, plain.watched));
}

/// What may happen at a bed, and how long it lasts.
fn stories() -> impl Strategy<Value = Vec<(Happening, u64)>> {
    let limits = (80u8..93, 0u8..20, prop::option::of(10u8..60)).prop_map(|(spo2_low, delay_s, area_delay)| {
        Happening::Limits(Limits { spo2_low, spo2_desat: spo2_low - 6, delay_s, area_delay, ..Limits::ADULT })
    });
    let seen = prop_oneof![
        12 => (75u8..=99, 45u16..130).prop_map(|(spo2, pulse)| sample(Some(spo2), Some(pulse), StatusSet::EMPTY)),
        2 => Just(sample(None, None, StatusSet::EMPTY.with(Status::NoFinger))),
        2 => Just(sample(None, Some(70), StatusSet::EMPTY)),
        1 => Just(sample(Some(93), Some(70), StatusSet::EMPTY.with(Status::WeakSignal))),
        2 => prop::sample::select(vec![SensorState::Silent, SensorState::Disconnected, SensorState::Opening])
            .prop_map(silent),
    ]
    .prop_map(Happening::Seen);
    let down = Just(Happening::DownSince(WallTime::from_millis(0)));
    let one = prop_oneof![30 => seen, 1 => limits, 1 => Just(Happening::Discharged), 1 => down];
    let lasts = prop::sample::select(vec![250u64, 1000, 1000, 1000, 2500, 4000, 20_000]);
    prop::collection::vec((one, lasts), 0..60)
}

/// A bed as it lives, and the record of it.
struct Live {
    bed: BedAlarms,
    millis: i64,
    /// When this run of the station began, ms.
    begun: i64,
    ids: u64,
    sampled: Option<StationTime>,
    record: Vec<Moment>,
    told: BTreeMap<AlarmId, (Condition, WallTime, Option<WallTime>, Option<u16>)>,
}

impl Live {
    fn now(&self) -> Now {
        let run = Duration::from_millis((self.millis - self.begun).unsigned_abs());
        Now { station: StationTime::from_start(run), wall: at(self.millis) }
    }

    fn tell(&mut self, changes: Vec<AlarmChange>) {
        for change in changes {
            let ended = (change.state == AlarmState::Cleared).then_some(change.time);
            self.told.insert(change.id, (change.condition, change.since, ended, change.worst));
        }
    }

    fn live(&mut self, what: Happening) {
        let now = self.now();
        let mut ids = self.ids;
        let mut next = || {
            ids += 1;
            AlarmId(ids)
        };
        let mut record = what;
        let changes = match what {
            Happening::Seen(seen) => {
                if seen.sample == Newest::Now {
                    self.sampled = Some(now.station);
                }
                let Seen { numbers, status, sensor, .. } = seen;
                self.bed.observe(now, Input { numbers, status, sensor, last_sample: self.sampled }, &mut next)
            }
            Happening::Limits(limits) => self.bed.set_limits(now, limits, &mut next),
            Happening::Discharged => self.bed.end_all(now, "Discharged"),
            Happening::Kept | Happening::ClockWas(_) => Vec::new(),
            Happening::DownSince(_) => {
                record = Happening::DownSince(now.wall);
                let saved = self.bed.saved(now);
                self.millis += 7000;
                (self.begun, self.sampled) = (self.millis, None);
                self.bed = BedAlarms::restore(Rules::default(), self.bed.limits(), saved, self.now());
                Vec::new()
            }
        };
        self.ids = ids;
        self.tell(changes);
        self.record.push(Moment { time: at(self.millis), what: record });
    }

    fn pass(&mut self, millis: u64) {
        let end = self.now();
        let end = Now {
            station: end.station.plus(Duration::from_millis(millis)),
            wall: end.wall.plus(Duration::from_millis(millis)),
        };
        while let Some(wake) = self.bed.wake_at().filter(|wake| *wake <= end.station) {
            let mut ids = self.ids;
            let now = Now { station: wake, wall: end.wall_at(wake) };
            let changes = self.bed.tick(now, &mut || {
                ids += 1;
                AlarmId(ids)
            });
            self.ids = ids;
            self.tell(changes);
        }
        self.millis += i64::try_from(millis).unwrap();
    }
}

fn lived(story: &[(Happening, u64)]) -> Live {
    let mut live = Live {
        bed: BedAlarms::new(Rules::default(), Limits::ADULT),
        millis: 0,
        begun: 0,
        ids: 0,
        sampled: None,
        record: Vec::new(),
        told: BTreeMap::new(),
    };
    for (what, lasts) in story {
        live.live(*what);
        live.pass(*lasts);
    }
    // The record ends with a line, so that the last wait is in it too.
    live.live(Happening::Seen(sample(Some(97), Some(72), StatusSet::EMPTY)));
    live
}

/// `PROPTEST_CASES` asks for more than the everyday number.
fn cases(everyday: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { everyday };
    ProptestConfig { cases, failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(cases(400))]

    /// To a millisecond, in which the record keeps its times.
    #[test]
    fn a_replay_with_what_was_in_force_gives_the_alarms_that_there_were(story in stories()) {
        let live = lived(&story);
        let replayed = what_if(&live.record, &|limits| limits, 0);
        let was: Vec<_> = live.told.values().collect();
        prop_assert_eq!(was.len(), replayed.alarms.len());
        let millis = |time: WallTime| time.as_millis();
        for ((condition, since, until, worst), alarm) in was.into_iter().zip(&replayed.alarms) {
            prop_assert_eq!((*condition, *worst), (alarm.condition, alarm.worst));
            prop_assert!((millis(*since) - millis(alarm.since)).abs() <= 1, "{condition:?}");
            prop_assert_eq!(until.is_some(), alarm.until.is_some());
            if let (Some(until), Some(ended)) = (until, alarm.until) {
                prop_assert!((millis(*until) - millis(ended)).abs() <= 1, "{condition:?}");
            }
        }
    }

    #[test]
    fn a_longer_plain_delay_never_gives_more_alarms_nor_less_time_below_without_one(
        story in stories(),
        shorter in 0u8..30,
        by in 0u8..30,
    ) {
        let live = lived(&story);
        let with = |delay_s| what_if(&live.record, &move |limits| Limits { delay_s, area_delay: None, ..limits }, 0);
        let (one, other) = (with(shorter), with(shorter + by));
        for condition in DELAYED {
            prop_assert!(other.count(condition) <= one.count(condition), "{condition:?}");
        }
        prop_assert!(other.below_unalarmed >= one.below_unalarmed);
        prop_assert!(one.below_unalarmed <= one.below && one.below <= one.measured && one.measured <= one.watched);
        prop_assert_eq!((one.below, one.measured), (other.below, other.measured), "what was, was");
    }

    #[test]
    fn no_pass_differs_from_itself(story in stories()) {
        let live = lived(&story);
        let pass = what_if(&live.record, &|limits| limits, 0);
        let comparison = compare(&pass, &pass);
        prop_assert!(comparison.lost.is_empty() && comparison.won.is_empty() && comparison.later.is_empty());
    }
}
