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
                let down_since = self.alive_before(input.time).max(self.last);
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
