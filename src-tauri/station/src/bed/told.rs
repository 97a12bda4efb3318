//! What the alarm engine of a bed is told beside its readings, for the record: with it a span can be gone through again.

use alarm::Input;
use record::{EngineCall, EngineInput};
use vitals::{BedId, Body, Limits, Now, Reading, SensorState, Seq, WallTime};

/// The two clocks are read one after the other, so a few milliseconds between them are no step.
const STEP_MS: i64 = 10;

/// A call to the engine, while the lines around it have no numbers yet.
#[derive(Debug)]
pub(crate) struct Told {
    bed: BedId,
    time: WallTime,
    /// How many lines of the output stand before it.
    after: usize,
    call: EngineCall,
    /// Which line of the output is the reading that it was shown.
    reading: Option<usize>,
}

impl Told {
    /// The call among the numbered lines, the first of which is `first`.
    pub(crate) fn numbered(self, first: Seq) -> EngineInput {
        let seq = |line: usize| Seq(first.0 + line as u64);
        let call = match self.call {
            EngineCall::Looked { sensor, last_sample, .. } => {
                EngineCall::Looked { sensor, last_sample, reading: self.reading.map(seq) }
            }
            call => call,
        };
        EngineInput { bed: self.bed, time: self.time, after: Seq(seq(self.after).0.saturating_sub(1)), call }
    }
}

/// Writes the calls down that the readings alone do not tell.
#[derive(Debug)]
pub(super) struct Telling {
    bed: BedId,
    sensor: Option<SensorState>,
    sampled: bool,
    shown: Option<Reading>,
    /// How far wall time is ahead of station time, ms.
    ahead: i64,
}

impl Telling {
    /// An engine was made, and this is the first call to it.
    pub(super) fn begin(
        bed: BedId,
        now: Now,
        limits: Limits,
        rules: &alarm::Rules,
        counted_to: Option<WallTime>,
    ) -> (Self, Told) {
        let telling = Self { bed, sensor: None, sampled: false, shown: None, ahead: ahead(now) };
        let rules = serde_json::to_string(rules).unwrap_or_default();
        let told = telling.told(now, &[], EngineCall::Began { limits, rules, counted_to });
        (telling, told)
    }

    /// The engine is shown `input`, whose reading is `newest`; `lines` are those of the step so far.
    pub(super) fn look(&mut self, now: Now, input: &Input, newest: Option<Reading>, lines: &[Body]) -> Vec<Told> {
        let mut told: Vec<Told> = self.step(now, lines).into_iter().collect();
        let is_new = newest != self.shown;
        let of_a_sample = input.last_sample == Some(now.station);
        let stands_otherwise = self.sensor != Some(input.sensor) || self.sampled && input.last_sample.is_none();
        if stands_otherwise || is_new && !of_a_sample {
            let last_sample = input.last_sample.map(|sample| now.wall_at(sample));
            let call = EngineCall::Looked { sensor: input.sensor, last_sample, reading: None };
            let line = |body: &Body| matches!(body, Body::Reading(reading) if Some(*reading) == newest);
            let reading = is_new.then(|| lines.iter().rposition(line)).flatten();
            told.push(Told { reading, ..self.told(now, lines, call) });
        }
        (self.sensor, self.sampled, self.shown) = (Some(input.sensor), input.last_sample.is_some(), newest);
        told
    }

    /// The engine is told `call`.
    pub(super) fn tell(&mut self, now: Now, call: EngineCall, lines: &[Body]) -> Vec<Told> {
        let step = self.step(now, lines);
        step.into_iter().chain([self.told(now, lines, call)]).collect()
    }

    /// Whether the computer's clock was set since the call before.
    fn step(&mut self, now: Now, lines: &[Body]) -> Option<Told> {
        let by = ahead(now) - self.ahead;
        if by.abs() < STEP_MS {
            return None;
        }
        self.ahead += by;
        let was = WallTime::from_millis(now.wall.as_millis() - by);
        Some(self.told(now, lines, EngineCall::ClockWas(was)))
    }

    fn told(&self, now: Now, lines: &[Body], call: EngineCall) -> Told {
        Told { bed: self.bed.clone(), time: now.wall, after: lines.len(), call, reading: None }
    }
}

fn ahead(now: Now) -> i64 {
    let station = i64::try_from(now.station.since_start().as_millis()).unwrap_or(i64::MAX);
    now.wall.as_millis().saturating_sub(station)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    use vitals::{Numbers, StationTime, StatusSet};

    fn at(millis: u64) -> Now {
        Now {
            station: StationTime::from_start(Duration::from_millis(millis)),
            wall: WallTime::from_millis(1_793_180_000_000 + i64::try_from(millis).unwrap()),
        }
    }

    fn begun() -> Telling {
        Telling::begin(BedId::new("1").unwrap(), at(0), Limits::ADULT, &alarm::Rules::default(), None).0
    }

    fn input(sensor: SensorState, sample: Option<u64>) -> Input {
        let last_sample = sample.map(|millis| at(millis).station);
        Input { numbers: Numbers::default(), status: StatusSet::EMPTY, sensor, last_sample }
    }

    fn reading(millis: u64) -> Option<Reading> {
        Some(Reading { time: at(millis).wall, numbers: Numbers::default(), status: StatusSet::EMPTY })
    }

    #[test]
    fn a_reading_of_a_sample_needs_no_call_of_its_own_while_the_sensor_stands_as_before() {
        let mut telling = begun();
        assert_eq!(telling.look(at(10), &input(SensorState::Live, Some(10)), reading(10), &[]).len(), 1, "live now");
        assert!(telling.look(at(900), &input(SensorState::Live, Some(900)), reading(900), &[]).is_empty());
        assert!(telling.look(at(950), &input(SensorState::Live, Some(940)), reading(900), &[]).is_empty(), "a timer");
    }

    #[test]
    fn a_reading_that_came_of_no_sample_is_told_with_the_time_of_the_newest_and_its_line() {
        let mut telling = begun();
        telling.look(at(10), &input(SensorState::Live, Some(10)), reading(10), &[]);
        let lines = [Body::Reading(reading(2010).unwrap())];
        let told = telling.look(at(2010), &input(SensorState::Live, Some(11)), reading(2010), &lines);
        let input = told.into_iter().next().unwrap().numbered(Seq(40));
        let call =
            EngineCall::Looked { sensor: SensorState::Live, last_sample: Some(at(11).wall), reading: Some(Seq(40)) };
        assert_eq!((input.after, input.call), (Seq(40), call));
    }

    #[test]
    fn a_clock_that_was_set_is_told_before_the_call_with_what_it_would_have_said() {
        let mut telling = begun();
        let later = Now { wall: at(5000).wall.plus(Duration::from_secs(3600)), ..at(5000) };
        let told = telling.tell(later, EngineCall::Ended, &[]);
        assert_eq!(told.len(), 2);
        assert_eq!(told[0].call, EngineCall::ClockWas(at(5000).wall));
        assert!(telling.tell(later, EngineCall::Ended, &[]).len() == 1, "once");
    }
}
