//! What would have alarmed with other limits: a span of the record, twice through the engine.

use super::course::{Course, Start, Step};
use alarm::{RapidFall, Rules};
use alarm_load::{Alarm, Comparison, Happening, Later, Outcome, Replay, ReplayError, Settings, compare};
use record::{EngineCall, QueryError, Record, Stretch};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::time::Duration;
use vitals::{BedId, Body, Condition, Limits, LimitsChange, Priority, Seq, WallTime};

/// How long before its span a look back begins at most, so that what was counted then has run its course.
const WARM_UP: Duration = Duration::from_secs(3600);
/// Readings that are in memory at once.
const PORTION: usize = 8192;

/// Conditions that no bed has.
const OF_STATION: [Condition; 4] =
    [Condition::StorageFailed, Condition::SoundFailed, Condition::ClientLost, Condition::ClockJumped];

/// What is to be tried on a span of a bed's past.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    /// The bed.
    pub bed: BedId,
    /// The beginning of the span.
    pub from: WallTime,
    /// Its end; later than the record goes is as far as it goes.
    pub to: WallTime,
    /// The limits and delays; what is left out stays as it was.
    pub limits: LimitsChange,
    /// The mean over so long is judged, on top of the sensor's own averaging. Zero: not.
    pub averaging: Duration,
    /// A rapid fall; `Some(None)`: none. `None`: as the site has it.
    pub rapid_fall: Option<Option<RapidFall>>,
    /// Whether every alarm is listed, and not only those that differ.
    pub list: bool,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhatIfReport {
    /// The bed.
    pub bed: BedId,
    /// The beginning of the span.
    pub from: WallTime,
    /// Its end, or that of the record.
    pub to: WallTime,
    /// How long the station ran with a sensor at the bed.
    #[serde(serialize_with = "seconds")]
    pub watched_s: Duration,
    /// How long there was an SpO₂.
    #[serde(serialize_with = "seconds")]
    pub measured_s: Duration,
    /// With what was in force.
    pub was: Told,
    /// With what is asked for.
    pub would: Told,
    /// Alarms that there were and would not have been.
    pub lost: Vec<ListedAlarm>,
    /// Alarms that there would have been and were not.
    pub won: Vec<ListedAlarm>,
    /// Alarms that would have come later.
    pub later: Vec<LaterAlarm>,
    /// Where counting began: at a moment when nothing was counted, or some time before the span.
    pub counted_from: WallTime,
    /// Whether `was` is what there was, exactly.
    pub exact: bool,
    /// Why not, and what else is to be known; a sentence each.
    pub notes: Vec<String>,
}

/// How one pass did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// How many alarms began in the span, by condition.
    pub alarms: BTreeMap<Condition, usize>,
    /// The same for each day watched; `None` if nothing was.
    pub per_day: BTreeMap<Condition, Option<f64>>,
    /// How long SpO₂ was below the limit that was in force.
    #[serde(serialize_with = "seconds")]
    pub below_s: Duration,
    /// How much of that passed without an alarm for it.
    #[serde(serialize_with = "seconds")]
    pub below_unalarmed_s: Duration,
    /// Every alarm, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<Vec<ListedAlarm>>,
}

/// An alarm of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of alarm_load::Alarm")]
pub struct ListedAlarm {
    pub condition: Condition,
    pub since: WallTime,
    pub until: Option<WallTime>,
    pub priority: Priority,
    pub worst: Option<u16>,
    pub limit: Option<u16>,
}

/// An alarm that would have come later.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LaterAlarm {
    /// As it was.
    #[serde(flatten)]
    pub alarm: ListedAlarm,
    /// By so much.
    #[serde(serialize_with = "seconds")]
    pub by_s: Duration,
}

/// The question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum WhatIfError {
    /// Limits that contradict each other, or a value out of range.
    #[error("{0}")]
    BadLimits(String),
    /// Nothing is known of such a bed.
    #[error("There is no bed {0:?} in the record.")]
    UnknownBed(String),
    /// The record cannot be read.
    #[error(transparent)]
    Record(#[from] QueryError),
}

impl From<ReplayError> for WhatIfError {
    fn from(error: ReplayError) -> Self {
        Self::BadLimits(error.to_string())
    }
}

impl WhatIf {
    fn check(&self) -> Result<(), WhatIfError> {
        let seconds = self.averaging.as_secs();
        if seconds > 60 {
            return Err(WhatIfError::BadLimits(format!("averaging_s must be 0 to 60 s; it was {seconds}.")));
        }
        let Some(Some(RapidFall { points, within })) = self.rapid_fall else { return Ok(()) };
        if !(3..=30).contains(&points) || !(5..=120).contains(&within.as_secs()) {
            return Err(WhatIfError::BadLimits(format!(
                "A rapid fall is 3 to 30 points within 5 to 120 s; it was {points} within {} s.",
                within.as_secs()
            )));
        }
        Ok(())
    }
}

/// Goes through the span twice, with what was in force and with what is asked for. Takes some seconds for a month.
///
/// # Errors
/// If what is asked for contradicts itself or limits that were in force, no such bed was ever there, or the record
/// cannot be read.
pub fn what_if(record: &Record, asked: &WhatIf) -> Result<WhatIfReport, WhatIfError> {
    asked.check()?;
    let present = record.beds()?.into_iter().find(|row| row.id == asked.bed).map(|row| row.limits);
    let runs = record.runs()?;
    // Where the station was down, or as long as the record goes.
    let run = runs.iter().rev().find(|(started, _)| *started <= asked.to);
    let to = run.map_or(asked.to, |(_, alive)| asked.to.min(*alive)).max(asked.from);
    let fresh = record.fresh_start(&asked.bed, asked.from.minus(WARM_UP), asked.from)?;
    let millisecond = Duration::from_millis(1);
    let begin = fresh.map_or_else(|| asked.from.minus(WARM_UP), |fresh| fresh.minus(millisecond));
    let (held, told) = record.engine_inputs(&asked.bed, begin, to)?;
    let newest = record.reading_at(&asked.bed, begin)?;
    if present.is_none() && held.is_empty() && told.is_empty() && newest.is_none() {
        return Err(WhatIfError::UnknownBed(asked.bed.as_str().to_owned()));
    }
    let start = Start::of(&held, &told, present.unwrap_or(Limits::ADULT));
    let nothing_before = held.is_empty() && newest.is_none();
    let stretches = stretches(begin, to, &told);
    let mut course = Course::new(begin, &held, told, runs, newest);
    let change = |limits| asked.limits.apply(limits);
    let mut passes = Passes::new(asked, start, &change)?;
    if fresh.is_none()
        && let Some(first) = course.first(begin)
    {
        passes.take(vec![Step::Moment(first)])?;
    }
    let mut steps = Vec::new();
    for stretch in stretches {
        let mut behind = None;
        loop {
            let mut rows = record.stretch(&asked.bed, stretch, behind, PORTION)?;
            let Some((seq, reading)) = rows.last() else { break };
            behind = Some((reading.time, *seq));
            let is_last = rows.len() < PORTION;
            // Two tasks of the station may have looked at the clock in another order than they told.
            rows.sort_by_key(|(seq, _)| *seq);
            for (seq, reading) in rows {
                course.reading(seq, reading, &mut steps);
            }
            passes.take(core::mem::take(&mut steps))?;
            if is_last {
                break;
            }
        }
    }
    course.rest(&mut steps);
    passes.take(steps)?;
    let guessed = course.guessed;
    let (was, would) = passes.end(to);
    let mut notes = Vec::new();
    if guessed {
        notes.push(
            "Part of this span is of an older version of the program, which did not record how the sensor stood: \
             alarms of the sensor may differ there from those that were given."
                .to_owned(),
        );
    }
    if fresh.is_none() && !nothing_before {
        notes.push(
            "The span begins while the bed was being watched; counting began an hour before it. An alarm that was \
             active when the span began is not counted."
                .to_owned(),
        );
    }
    if !start.known && !nothing_before {
        notes.push("The limits at the beginning of the span are not in the record; later ones were taken.".to_owned());
    }
    if stood_still(record, begin, to)? {
        notes.push(
            "The station stood still for a while in this span. Samples that it had heard just before were not recorded: \
             an alarm of that moment may have begun up to a second later than here."
                .to_owned(),
        );
    }
    let exact = notes.is_empty();
    Ok(report(asked, to, &was, &would, begin.max(asked.from.minus(WARM_UP)), exact, notes))
}

/// Whether the station stood still in the span, as the watch over the clocks told.
fn stood_still(record: &Record, from: WallTime, to: WallTime) -> Result<bool, QueryError> {
    let jumps = record.events(from, to, None, Some("clock_jumped"), 1000)?;
    Ok(jumps.iter().any(|line| matches!(&line.body, Body::Event(event) if event.detail["kind"] == "stall")))
}

fn report(
    asked: &WhatIf,
    to: WallTime,
    was: &Outcome,
    would: &Outcome,
    counted_from: WallTime,
    exact: bool,
    notes: Vec<String>,
) -> WhatIfReport {
    let in_span = |alarm: &Alarm| (asked.from..=to).contains(&alarm.since);
    let listed = |alarms: &[Alarm]| alarms.iter().filter(|alarm| in_span(alarm)).map(ListedAlarm::from).collect();
    let Comparison { lost, won, later } = compare(was, would);
    let told = |outcome: &Outcome| {
        let began: Vec<Condition> =
            outcome.alarms.iter().filter(|alarm| in_span(alarm)).map(|alarm| alarm.condition).collect();
        let count = |condition| began.iter().filter(|began| **began == condition).count();
        let of_beds = Condition::ALL.into_iter().filter(|condition| !OF_STATION.contains(condition));
        let alarms: BTreeMap<Condition, usize> = of_beds.map(|condition| (condition, count(condition))).collect();
        let days = outcome.watched.as_secs_f64() / 86_400.0;
        #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 alarms")]
        let rate = |count: usize| (days > 0.0).then(|| (count as f64 / days * 1000.0).round() / 1000.0);
        Told {
            per_day: alarms.iter().map(|(condition, count)| (*condition, rate(*count))).collect(),
            alarms,
            below_s: outcome.below,
            below_unalarmed_s: outcome.below_unalarmed,
            list: asked.list.then(|| listed(&outcome.alarms)),
        }
    };
    WhatIfReport {
        bed: asked.bed.clone(),
        from: asked.from,
        to,
        watched_s: was.watched,
        measured_s: was.measured,
        was: told(was),
        would: told(would),
        lost: listed(&lost),
        won: listed(&won),
        later: later
            .iter()
            .filter(|later| in_span(&later.alarm))
            .map(|Later { alarm, by }| LaterAlarm { alarm: alarm.into(), by_s: *by })
            .collect(),
        counted_from,
        exact,
        notes,
    }
}

/// The two passes, side by side.
struct Passes<'a> {
    was: Replay<'a>,
    would: Replay<'a>,
    asked: &'a WhatIf,
    /// Whether the span has begun, so that its times are counted.
    begun: bool,
}

impl<'a> Passes<'a> {
    fn new(asked: &'a WhatIf, start: Start, change: &'a dyn Fn(Limits) -> Limits) -> Result<Self, WhatIfError> {
        let in_force = Settings::in_force(start.rules);
        let wanted =
            Settings { rules: with_fall(start.rules, asked.rapid_fall), limits: change, averaging: asked.averaging };
        Ok(Self {
            was: Replay::new(start.limits, in_force)?,
            would: Replay::new(start.limits, wanted)?,
            asked,
            begun: false,
        })
    }

    fn take(&mut self, steps: Vec<Step>) -> Result<(), WhatIfError> {
        for step in steps {
            match step {
                Step::Rules(rules) => {
                    self.was.rules_of_next_run(rules);
                    self.would.rules_of_next_run(with_fall(rules, self.asked.rapid_fall));
                }
                Step::Moment(moment) => {
                    // A station that was down when the span began had counted no further than to its end.
                    let since = match moment.what {
                        Happening::DownSince(time) | Happening::ClockWas(time) => time.min(moment.time),
                        _ => moment.time,
                    };
                    if !self.begun && since >= self.asked.from {
                        self.begin();
                    }
                    self.was.take(moment)?;
                    self.would.take(moment)?;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self) {
        self.begun = true;
        self.was.count_from(self.asked.from);
        self.would.count_from(self.asked.from);
    }

    fn end(mut self, to: WallTime) -> (Outcome, Outcome) {
        if !self.begun {
            self.begin();
        }
        (self.was.end(to), self.would.end(to))
    }
}

/// The stretches of a span between which the clock was set or the station was down, by what was told.
fn stretches(begin: WallTime, to: WallTime, told: &[record::EngineInput]) -> Vec<Stretch> {
    // A reading may carry a time a little before that of the call that follows it.
    let slack = Duration::from_secs(1);
    let mut stretches = vec![Stretch { from: begin, to, after: Seq(0), last: Seq(i64::MAX.unsigned_abs()) }];
    for input in told {
        if !matches!(input.call, EngineCall::Began { .. } | EngineCall::ClockWas(_)) {
            continue;
        }
        if let Some(before) = stretches.last_mut() {
            before.last = input.after;
        }
        let last = Seq(i64::MAX.unsigned_abs());
        stretches.push(Stretch { from: input.time.minus(slack), to, after: input.after, last });
    }
    stretches
}

const fn with_fall(rules: Rules, rapid_fall: Option<Option<RapidFall>>) -> Rules {
    match rapid_fall {
        Some(rapid_fall) => Rules { rapid_fall, ..rules },
        None => rules,
    }
}

impl From<&Alarm> for ListedAlarm {
    fn from(alarm: &Alarm) -> Self {
        let Alarm { condition, since, until, priority, worst, limit } = *alarm;
        Self { condition, since, until, priority, worst, limit }
    }
}

/// Seconds with three places behind the point.
pub(super) fn seconds<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((span.as_secs_f64() * 1000.0).round() / 1000.0)
}
