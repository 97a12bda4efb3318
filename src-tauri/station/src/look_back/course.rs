//! From the lines of the record and what the engine was told to the course of a span. Pure: rows in, moments out.

use alarm::Rules;
use alarm_load::{Happening, Moment, Newest, Seen};
use record::{EngineCall, EngineInput};
use std::collections::{HashSet, VecDeque};
use vitals::{Limits, Reading, SensorState, Seq, WallTime};

/// Something that happened in a span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// For the engine.
    Moment(Moment),
    /// The rules of the site from the next run on.
    Rules(Rules),
}

/// Merges readings with what the engine was told, both in the order of the record.
#[derive(Debug)]
pub(super) struct Course {
    told: VecDeque<EngineInput>,
    /// Readings that are shown by a call of their own and not where their line stands.
    shown_by_call: HashSet<Seq>,
    /// Runs of the station: when each began, and when it was last known to run.
    runs: Vec<(WallTime, WallTime)>,
    sensor: Option<SensorState>,
    newest: Option<Reading>,
    /// Up to when the next engine had been saved, until that has been said.
    kept: Option<WallTime>,
    last: WallTime,
    /// Whether a reading was met of which it is not known how the sensor stood.
    pub(super) guessed: bool,
}

/// What held when a span began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Start {
    pub(super) limits: Limits,
    pub(super) rules: Rules,
    /// Whether the record knows them.
    pub(super) known: bool,
}

impl Start {
    /// From what was told before the span and in it. Limits that nobody told are `present`, those of today.
    pub(super) fn of(held: &[EngineInput], told: &[EngineInput], present: Limits) -> Self {
        let limits = |input: &EngineInput| match &input.call {
            EngineCall::Began { limits, .. } | EngineCall::Limits(limits) => Some(*limits),
            _ => None,
        };
        let rules = |input: &EngineInput| match &input.call {
            EngineCall::Began { rules, .. } => serde_json::from_str(rules).ok(),
            _ => None,
        };
        let before = held.iter().rev().find_map(limits);
        let later = || told.iter().find_map(limits).unwrap_or(present);
        let site = held.iter().rev().find_map(rules).or_else(|| told.iter().find_map(rules));
        Self { limits: before.unwrap_or_else(later), rules: site.unwrap_or_default(), known: before.is_some() }
    }
}

impl Course {
    /// A span that begins with what `held` then and goes on with what was `told`.
    pub(super) fn new(
        begin: WallTime,
        held: &[EngineInput],
        told: Vec<EngineInput>,
        runs: Vec<(WallTime, WallTime)>,
        newest: Option<Reading>,
    ) -> Self {
        let shown = |input: &EngineInput| match input.call {
            EngineCall::Looked { reading, .. } => reading,
            _ => None,
        };
        let sensor = held.iter().rev().find_map(|input| match input.call {
            EngineCall::Looked { sensor, .. } => Some(sensor),
            EngineCall::Removed => Some(SensorState::None),
            _ => None,
        });
        let mut course = Self {
            shown_by_call: told.iter().filter_map(shown).collect(),
            told: told.into(),
            runs,
            sensor,
            newest,
            kept: None,
            last: begin,
            guessed: false,
        };
        course.look_ahead();
        course
    }

    /// How the sensor stood, and what was shown of it, when the span began.
    pub(super) fn first(&self, begin: WallTime) -> Option<Moment> {
        let sensor = self.sensor?;
        // Without a reading within the time for which one is believed there is no number, only how the sensor stands.
        let reading = self.newest.filter(|reading| begin.since(reading.time).as_secs() < 3);
        let seen = reading.map_or_else(
            || Seen { sample: Newest::Missing, ..seen(None, sensor) },
            |reading| Seen::recorded(&reading, sensor),
        );
        Some(Moment { time: begin, what: Happening::Seen(seen) })
    }

    /// The next reading of the record, and with it all that was told before.
    pub(super) fn reading(&mut self, seq: Seq, reading: Reading, out: &mut Vec<Step>) {
        while self.told.front().is_some_and(|input| input.after < seq) {
            self.next_call(out);
        }
        self.newest = Some(reading);
        if self.shown_by_call.contains(&seq) {
            return;
        }
        let seen = match self.sensor {
            Some(sensor) => Seen { sample: Newest::Now, ..seen(Some(reading), sensor) },
            None => {
                self.guessed = true;
                guess(&reading)
            }
        };
        self.push(reading.time, Happening::Seen(seen), out);
    }

    /// The readings are at an end: what was told after them.
    pub(super) fn rest(&mut self, out: &mut Vec<Step>) {
        while !self.told.is_empty() {
            self.next_call(out);
        }
    }

    fn next_call(&mut self, out: &mut Vec<Step>) {
        let Some(input) = self.told.pop_front() else { return };
        match input.call {
            EngineCall::Looked { sensor, last_sample, .. } => {
                self.sensor = Some(sensor);
                let sample = match last_sample {
                    None => Newest::Missing,
                    Some(time) if time == input.time => Newest::Now,
                    Some(time) => Newest::At(time),
                };
                let seen = Seen { sample, ..seen(self.newest, sensor) };
                self.push(input.time, Happening::Seen(seen), out);
            }
            EngineCall::Limits(limits) => self.push(input.time, Happening::Limits(limits), out),
            EngineCall::Ended => self.push(input.time, Happening::Discharged, out),
            EngineCall::Removed => {
                self.sensor = Some(SensorState::None);
                self.push(input.time, Happening::Discharged, out);
                let gone = Seen { sample: Newest::Missing, ..seen(None, SensorState::None) };
                self.push(input.time, Happening::Seen(gone), out);
            }
            EngineCall::ClockWas(was) => self.push(input.time, Happening::ClockWas(was), out),
            EngineCall::Began { limits, rules, counted_to } => {
                // Whatever an engine decides is kept with it at once, so after what was kept it decided nothing more,
                // though the station went on closing ports and its record for a while.
                let down_since = counted_to.unwrap_or_else(|| self.alive_before(input.time)).max(self.last);
                out.extend(serde_json::from_str(&rules).ok().map(Step::Rules));
                self.push(input.time, Happening::DownSince(down_since), out);
                if counted_to.is_none() {
                    self.push(input.time, Happening::Discharged, out);
                }
                self.push(input.time, Happening::Limits(limits), out);
                (self.newest, self.sensor) = (None, None);
                self.look_ahead();
            }
        }
    }

    /// Up to when the next engine had been saved: said when the course comes there.
    fn look_ahead(&mut self) {
        let next = self.told.iter().find_map(|input| match input.call {
            EngineCall::Began { counted_to, .. } => Some(counted_to),
            _ => None,
        });
        self.kept = next.flatten();
    }

    /// When the engine before the one of `begun` was last known to run.
    fn alive_before(&self, begun: WallTime) -> WallTime {
        let run = self.runs.iter().rposition(|(started, _)| *started <= begun);
        match run.and_then(|run| Some((self.runs.get(run)?.0, self.runs.get(run.checked_sub(1)?)?.1))) {
            // The bed itself failed and was brought up again within the run.
            Some((started, _)) if self.last >= started => self.last,
            Some((_, alive)) => alive,
            None => self.last,
        }
    }

    fn push(&mut self, time: WallTime, what: Happening, out: &mut Vec<Step>) {
        if let Some(kept) = self.kept.filter(|kept| *kept < time) {
            self.kept = None;
            out.push(Step::Moment(Moment { time: kept, what: Happening::Kept }));
        }
        self.last = time;
        out.push(Step::Moment(Moment { time, what }));
    }
}

/// What a reading says of a sensor that stands so.
fn seen(reading: Option<Reading>, sensor: SensorState) -> Seen {
    let (numbers, status) = reading.map_or_else(Default::default, |reading| (reading.numbers, reading.status));
    Seen { numbers, status, sensor, sample: Newest::AsBefore }
}

/// A reading of a record that does not tell how the sensor stood.
fn guess(reading: &Reading) -> Seen {
    let has = |status| reading.status.has(status);
    let sensor = if has(vitals::Status::Disconnected) { SensorState::Disconnected } else { SensorState::Live };
    Seen::recorded(reading, sensor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::{BedId, Numbers, Spo2, Status, StatusSet};

    fn at(millis: i64) -> WallTime {
        WallTime::from_millis(1_793_180_000_000 + millis)
    }

    fn told(millis: i64, after: u64, call: EngineCall) -> EngineInput {
        EngineInput { bed: BedId::new("1").unwrap(), time: at(millis), after: Seq(after), call }
    }

    fn looked(sensor: SensorState, last_sample: Option<i64>, reading: Option<u64>) -> EngineCall {
        EngineCall::Looked { sensor, last_sample: last_sample.map(at), reading: reading.map(Seq) }
    }

    fn began(counted_to: Option<i64>) -> EngineCall {
        let rules = serde_json::to_string(&Rules::default()).unwrap();
        EngineCall::Began { limits: Limits::ADULT, rules, counted_to: counted_to.map(at) }
    }

    fn reading(millis: i64, spo2: u8) -> Reading {
        let numbers = Numbers { spo2: Spo2::new(spo2), ..Numbers::default() };
        Reading { time: at(millis), numbers, status: StatusSet::EMPTY }
    }

    /// The moments of a course, with times counted from its beginning.
    fn moments(
        told: Vec<EngineInput>,
        runs: &[(i64, i64)],
        readings: &[(u64, Reading)],
    ) -> (Vec<(i64, Happening)>, bool) {
        let runs = runs.iter().map(|(started, alive)| (at(*started), at(*alive))).collect();
        let mut course = Course::new(at(0), &[], told, runs, None);
        let mut steps = Vec::new();
        for (seq, reading) in readings {
            course.reading(Seq(*seq), *reading, &mut steps);
        }
        course.rest(&mut steps);
        let of = |step| match step {
            Step::Moment(Moment { time, what }) => Some((time.as_millis() - at(0).as_millis(), what)),
            Step::Rules(_) => None,
        };
        (steps.into_iter().filter_map(of).collect(), course.guessed)
    }

    fn samples(moments: &[(i64, Happening)]) -> Vec<(i64, Newest)> {
        let seen = |(time, what): &(i64, Happening)| match what {
            Happening::Seen(seen) => Some((*time, seen.sample)),
            _ => None,
        };
        moments.iter().filter_map(seen).collect()
    }

    #[test]
    fn a_reading_that_was_shown_by_a_call_of_its_own_is_seen_there_and_once() {
        let calls = vec![
            told(10, 0, looked(SensorState::Live, Some(10), Some(1))),
            told(3400, 3, looked(SensorState::Live, Some(1400), Some(3))),
        ];
        let stale = Reading { status: StatusSet::EMPTY.with(Status::Stale), ..reading(3400, 97) };
        // The line of the first reading stands before the call, with nothing that says so but its number.
        let calls = calls.into_iter().map(|input| EngineInput { after: Seq(input.after.0.max(1)), ..input }).collect();
        let (moments, guessed) = moments(calls, &[], &[(1, reading(10, 97)), (2, reading(1010, 97)), (3, stale)]);
        assert_eq!(samples(&moments), [(10, Newest::Now), (1010, Newest::Now), (3400, Newest::At(at(1400)))]);
        assert!(!guessed);
    }

    #[test]
    fn a_run_that_was_killed_is_gone_on_with_from_what_was_written_down_last() {
        let calls = vec![told(10, 0, looked(SensorState::Live, Some(10), None)), told(9000, 4, began(Some(1500)))];
        let readings = [(2, reading(1010, 97)), (3, reading(2010, 88)), (4, reading(2700, 87))];
        let (moments, _) = moments(calls, &[(0, 3400), (8990, 20_000)], &readings);
        let kinds: Vec<_> = moments.iter().map(|(time, what)| (*time, core::mem::discriminant(what))).collect();
        let kind = core::mem::discriminant(&Happening::Kept);
        let kept = kinds.iter().position(|(_, of)| *of == kind).unwrap();
        assert_eq!((moments[kept].0, moments[kept + 1].0), (1500, 2010), "before what came after it");
        let down = moments.iter().find(|(_, what)| matches!(what, Happening::DownSince(_))).unwrap();
        assert_eq!(*down, (9000, Happening::DownSince(at(2700))), "since the bed was last heard of");
    }

    #[test]
    fn nothing_is_decided_between_the_stop_of_a_bed_and_the_end_of_its_run() {
        let calls = vec![told(10, 0, looked(SensorState::Live, Some(10), None)), told(9000, 2, began(Some(1500)))];
        let (moments, _) = moments(calls, &[(0, 2100), (8990, 20_000)], &[(2, reading(1010, 97))]);
        assert!(moments.contains(&(9000, Happening::DownSince(at(1500)))), "{moments:?}");
    }

    #[test]
    fn a_bed_that_failed_within_a_run_was_down_since_it_was_last_heard_of() {
        let calls = vec![told(10, 0, looked(SensorState::Live, Some(10), None)), told(9000, 2, began(Some(1010)))];
        let (moments, _) = moments(calls, &[(-9000, 60_000)], &[(2, reading(1010, 97))]);
        assert!(moments.contains(&(9000, Happening::DownSince(at(1010)))), "{moments:?}");
    }

    #[test]
    fn an_engine_that_began_with_nothing_counted_has_no_alarm_of_the_one_before() {
        let calls = vec![told(9000, 2, began(None))];
        let (moments, _) = moments(calls, &[], &[(2, reading(1010, 97))]);
        let after: Vec<_> = moments.iter().filter(|(time, _)| *time == 9000).map(|(_, what)| *what).collect();
        let wanted = [Happening::DownSince(at(1010)), Happening::Discharged, Happening::Limits(Limits::ADULT)];
        assert_eq!(after, wanted);
    }

    #[test]
    fn a_record_that_does_not_tell_how_the_sensor_stood_is_guessed_from_its_readings() {
        let gone = Reading {
            status: StatusSet::EMPTY.with(Status::Disconnected),
            numbers: Numbers::default(),
            ..reading(2000, 97)
        };
        let (moments, guessed) = moments(Vec::new(), &[], &[(1, reading(1000, 97)), (2, gone)]);
        assert_eq!(samples(&moments), [(1000, Newest::Now), (2000, Newest::AsBefore)]);
        assert!(guessed);
    }
}
