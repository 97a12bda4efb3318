//! A span of the record, once more through the engine.

use crate::averaging::Average;
use crate::outcome::{Active, Outcome};
use alarm::{BedAlarms, Input, Rules, Saved};
use core::time::Duration;
use vitals::{
    AlarmChange, AlarmId, Limits, LimitsError, Now, Numbers, PulseRate, Reading, SensorState, Spo2, StationTime,
    Status, StatusSet, WallTime,
};

/// A moment this much before the one that came before it is one that was told late, and no clock that was set.
const LATE: Duration = Duration::from_secs(1);

/// Something of the record that the engine of a bed was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub time: WallTime,
    /// What.
    pub what: Happening,
}

/// What the engine was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The sensor said this, or stood so.
    Seen(Seen),
    /// These limits were put in force.
    Limits(Limits),
    /// The patient left: every alarm and count ended. The limits of the preset follow as a moment of their own.
    Discharged,
    /// What was counted by now is what the next run of the station goes on with, should it not stop cleanly.
    Kept,
    /// The station runs again, after it was down since then. That time counts as no data.
    DownSince(WallTime),
    /// The computer's clock was set: a moment ago it would have said this.
    ClockWas(WallTime),
}

/// What a bed's reading said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its numbers.
    pub numbers: Numbers,
    /// Its status.
    pub status: StatusSet,
    /// How the sensor stood.
    pub sensor: SensorState,
    /// When the newest sample had come.
    pub sample: Newest,
}

/// When the newest sample had come, as the engine was told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newest {
    /// Now: the reading came of it.
    Now,
    /// Then.
    At(WallTime),
    /// No other than was told before.
    AsBefore,
    /// There is none in the present stream of the sensor.
    Missing,
}

impl Seen {
    /// A reading as it is recorded, and how the sensor stood. One that says *stale* or *disconnected* came of no sample.
    #[must_use]
    pub fn recorded(reading: &Reading, sensor: SensorState) -> Self {
        let silent = reading.status.has(Status::Stale) || reading.status.has(Status::Disconnected);
        Self {
            numbers: reading.numbers,
            status: reading.status,
            sensor,
            sample: if sensor == SensorState::Live && !silent { Newest::Now } else { Newest::AsBefore },
        }
    }
}

/// What is asked instead of what was.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// The rules of the site.
    pub rules: Rules,
    /// From the limits in force to those that are asked for.
    pub limits: &'a dyn Fn(Limits) -> Limits,
    /// SpO₂ and pulse are averaged over so long before they are judged, on top of the sensor's own averaging. Zero: not.
    pub averaging: Duration,
}

impl core::fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Settings")
            .field("rules", &self.rules)
            .field("averaging", &self.averaging)
            .finish_non_exhaustive()
    }
}

impl Settings<'_> {
    /// Nothing else than what was in force.
    #[must_use]
    pub const fn in_force(rules: Rules) -> Self {
        Self { rules, limits: &core::convert::identity, averaging: Duration::ZERO }
    }
}

/// The span was not replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// What is asked for contradicts itself or limits that were in force in the span.
    #[error(
        "The limits that were in force cannot be changed so: {0} Ask for the others too, or for a span without them."
    )]
    Limits(LimitsError),
}

/// Takes a span through the engine, begun with `limits` in force and nothing counted.
///
/// Moments come in the order of the record. Where the time of day was set back, no time passes until it is as late again
/// as it was; where it was set forward, that is a gap. A replay that begins where the bed did, or after a discharge, with
/// [`Settings::in_force`], gives the alarms that were given.
///
/// # Errors
/// If what is asked for makes limits that cannot be set.
pub fn replay(
    limits: Limits,
    moments: impl IntoIterator<Item = Moment>,
    settings: &Settings<'_>,
) -> Result<Outcome, ReplayError> {
    let mut pass = Replay::new(limits, *settings)?;
    for moment in moments {
        pass.take(moment)?;
    }
    Ok(pass.outcome)
}

/// The same as [`replay`], a moment at a time.
#[derive(Debug)]
pub struct Replay<'a> {
    settings: Settings<'a>,
    bed: BedAlarms,
    /// The limits that were really in force.
    in_force: Limits,
    now: Option<Now>,
    sensor: SensorState,
    sampled: Option<StationTime>,
    spo2: Option<u16>,
    averages: [Average; 2],
    /// What the next run goes on with, if that is not what was counted last.
    kept: Option<Saved>,
    ids: u64,
    active: Active,
    outcome: Outcome,
}

impl<'a> Replay<'a> {
    /// Begins with `limits` in force and nothing counted.
    ///
    /// # Errors
    /// If what is asked for makes limits that cannot be set.
    pub fn new(limits: Limits, settings: Settings<'a>) -> Result<Self, ReplayError> {
        let asked = (settings.limits)(limits).check().map_err(ReplayError::Limits)?;
        Ok(Self {
            settings,
            bed: BedAlarms::new(settings.rules, asked),
            in_force: limits,
            now: None,
            sensor: SensorState::None,
            sampled: None,
            spo2: None,
            averages: [Average::default(), Average::default()],
            kept: None,
            ids: 0,
            active: Active::default(),
            outcome: Outcome::default(),
        })
    }

    /// From the next [`Happening::DownSince`] on these are the rules of the site.
    pub const fn rules_of_next_run(&mut self, rules: Rules) {
        self.settings.rules = rules;
    }

    /// Lets time pass to `time`, and counts from there: the times of before are forgotten, its alarms are not.
    pub fn count_from(&mut self, time: WallTime) {
        self.run_to(time);
        self.outcome = Outcome { alarms: core::mem::take(&mut self.outcome.alarms), ..Outcome::default() };
    }

    /// Lets time pass to `time`, where the span ends. What it gave.
    #[must_use]
    pub fn end(mut self, time: WallTime) -> Outcome {
        self.run_to(time);
        self.outcome
    }

    /// The next moment of the record.
    ///
    /// # Errors
    /// If what is asked for makes limits that cannot be set.
    pub fn take(&mut self, moment: Moment) -> Result<(), ReplayError> {
        match moment.what {
            Happening::DownSince(since) => {
                self.run_to(since);
                self.restart(moment.time);
                return Ok(());
            }
            Happening::ClockWas(was) => {
                self.run_to(was);
                if let Some(now) = &mut self.now {
                    now.wall = moment.time;
                }
                return Ok(());
            }
            _ => {}
        }
        let (now, stood) = self.run_to(moment.time);
        match moment.what {
            Happening::Seen(seen) => self.see(now, stood, seen),
            Happening::Limits(limits) => {
                let asked = (self.settings.limits)(limits).check().map_err(ReplayError::Limits)?;
                self.in_force = limits;
                let ids = &mut self.ids;
                let changes = self.bed.set_limits(now, asked, &mut || next(ids));
                self.tell(now, changes);
            }
            Happening::Discharged => {
                let changes = self.bed.end_all(now, "Discharged");
                self.tell(now, changes);
                self.spo2 = None;
            }
            Happening::Kept => self.kept = Some(self.bed.saved(now)),
            Happening::DownSince(_) | Happening::ClockWas(_) => {}
        }
        Ok(())
    }

    /// What the engine told. An alarm is written down at once, with all that was counted by then.
    fn tell(&mut self, now: Now, changes: Vec<AlarmChange>) {
        if changes.is_empty() {
            return;
        }
        if self.kept.is_some() {
            self.kept = Some(self.bed.saved(now));
        }
        self.active.take(changes, &mut self.outcome.alarms);
    }

    /// Lets time pass to `time`, with everything that comes due on the way. How long that was.
    fn run_to(&mut self, time: WallTime) -> (Now, Duration) {
        let before = *self.now.get_or_insert(Now { station: StationTime::START, wall: time });
        let span = time.since(before.wall);
        // A sample may be told a moment after a timer that was later: no step of the clock, so no time is counted twice.
        let wall = if before.wall.since(time) < LATE { time.max(before.wall) } else { time };
        let now = Now { station: before.station.plus(span), wall };
        let mut at = before.station;
        while let Some(wake) = self.bed.wake_at().filter(|wake| *wake <= now.station) {
            self.account(at, wake);
            at = wake;
            let ids = &mut self.ids;
            let then = Now { station: wake, wall: now.wall_at(wake) };
            let changes = self.bed.tick(then, &mut || next(ids));
            self.tell(then, changes);
        }
        self.account(at, now.station);
        self.now = Some(now);
        (now, span)
    }

    /// What was seen held from `from` to `to`, and no alarm started or ended between.
    fn account(&mut self, from: StationTime, to: StationTime) {
        if self.sensor != SensorState::None {
            self.outcome.watched += to.since(from);
        }
        let (Some(spo2), Some(sampled)) = (self.spo2, self.sampled) else { return };
        // As long as the engine believes it.
        let believed = to.min(sampled.plus(self.settings.rules.technical.current_for)).since(from);
        self.outcome.measured += believed;
        if spo2 < u16::from(self.in_force.spo2_low) {
            self.outcome.below += believed;
            if !self.active.for_low() {
                self.outcome.below_unalarmed += believed;
            }
        }
    }

    fn see(&mut self, now: Now, stood: Duration, seen: Seen) {
        match seen.sample {
            Newest::Now => self.sampled = Some(now.station),
            Newest::At(time) => self.sampled = Some(now.station.minus(now.wall.since(time))),
            Newest::AsBefore => {}
            Newest::Missing => self.sampled = None,
        }
        let believed = seen.sensor == SensorState::Live
            && !seen.status.has(Status::NoFinger)
            && !seen.status.has(Status::Stale)
            && !seen.status.has(Status::Disconnected);
        self.sensor = seen.sensor;
        self.spo2 = seen.numbers.spo2.filter(|_| believed).map(|spo2| spo2.percent().into());
        let input = Input {
            numbers: self.averaged(seen.numbers, stood, believed),
            status: seen.status,
            sensor: seen.sensor,
            last_sample: self.sampled,
        };
        let ids = &mut self.ids;
        let changes = self.bed.observe(now, input, &mut || next(ids));
        self.tell(now, changes);
    }

    fn averaged(&mut self, numbers: Numbers, stood: Duration, believed: bool) -> Numbers {
        let window = self.settings.averaging;
        if window.is_zero() {
            return numbers;
        }
        // What is older than the engine would believe is a gap.
        let gap = stood >= self.settings.rules.technical.current_for;
        let [spo2, pulse] = &mut self.averages;
        if gap {
            (*spo2, *pulse) = (Average::default(), Average::default());
        }
        let mean = |average: &mut Average, value: Option<u16>| average.next(stood, value.filter(|_| believed), window);
        let spo2 = mean(spo2, numbers.spo2.map(|spo2| spo2.percent().into()));
        let pulse_rate = mean(pulse, numbers.pulse_rate.map(PulseRate::per_minute));
        Numbers {
            spo2: spo2.and_then(|spo2| u8::try_from(spo2).ok()).and_then(Spo2::new),
            pulse_rate: pulse_rate.and_then(PulseRate::new),
            ..numbers
        }
    }

    /// The station ended where this has come to, and began anew at `time`.
    fn restart(&mut self, time: WallTime) {
        let counted = || self.now.map(|now| self.bed.saved(now)).unwrap_or_default();
        let saved = self.kept.take().unwrap_or_else(counted);
        let now = Now { station: StationTime::START, wall: time };
        self.bed = BedAlarms::restore(self.settings.rules, self.bed.limits(), saved, now);
        (self.now, self.sampled, self.spo2) = (Some(now), None, None);
        self.averages = [Average::default(), Average::default()];
    }
}

const fn next(ids: &mut u64) -> AlarmId {
    *ids += 1;
    AlarmId(*ids)
}
