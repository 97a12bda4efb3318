//! The engine and the naive model, through the same days.

use crate::day::{Day, Happening};
use crate::lines::{Line, sorted};
use crate::naive::Naive;
use crate::watched::Watched;
use std::collections::BTreeMap;
use vitals::{Condition, Priority};

const DAY: u64 = 86_400;

/// How often each condition started.
type Starts = BTreeMap<Condition, u64>;

/// What one of the two says of a second.
#[derive(Debug, PartialEq)]
struct Told {
    announced: Option<(Priority, u8)>,
    pause_left: u64,
    reminded: bool,
    lines: Vec<Line>,
    /// What is latched, where something was told.
    latched: Vec<(Condition, Option<u16>)>,
}

/// A day of one bed, with the engine and the model at it.
struct Both {
    day: Day,
    happens: Vec<Happening>,
    engine: Watched,
    naive: Naive,
}

impl Both {
    fn new(seed: u64) -> Self {
        let mut day = Day::new(seed);
        let (limits, site) = (day.limits(), day.site());
        Self { day, happens: Vec::new(), engine: Watched::new(site, limits), naive: Naive::new(site, limits) }
    }

    fn second(&mut self) -> (Told, Told) {
        self.day.hears(self.naive.any_active());
        self.day.next(&mut self.happens);
        for happening in &self.happens {
            self.engine.happens(*happening);
            self.naive.happens(*happening);
        }
        let (engine, naive) = (&mut self.engine, &mut self.naive);
        let (announced, should) = (engine.announced(), naive.announced());
        let (pause_left, left) = (engine.pause_left(), naive.pause_left());
        engine.second();
        naive.second();
        let (said, says) = (sorted(engine.take_lines()), sorted(naive.take_lines()));
        let quiet = said.is_empty();
        let engine = Told {
            announced,
            pause_left,
            reminded: engine.take_reminder(),
            lines: said,
            latched: if quiet { Vec::new() } else { engine.latched() },
        };
        let naive = Told {
            announced: should,
            pause_left: left,
            reminded: naive.take_reminder(),
            lines: says,
            latched: if quiet { Vec::new() } else { naive.latched() },
        };
        (engine, naive)
    }
}

/// The day of `seed`, with a count of what started.
fn live_through(seed: u64, starts: &mut Starts) {
    let mut both = Both::new(seed);
    for second in 0..DAY {
        let (engine, naive) = both.second();
        if engine != naive {
            panic!("seed {seed}, second {second}: the engine {engine:?}, the model {naive:?}{}", story(seed, second));
        }
        for line in engine.lines.iter().filter(|line| line.active && line.since == line.told) {
            *starts.entry(line.condition).or_default() += 1;
        }
    }
}

/// What led to `end`, from the same seed.
fn story(seed: u64, end: u64) -> String {
    let mut both = Both::new(seed);
    let begun = (both.day.limits_in_force(), both.naive.site());
    let told = (0..=end).map(|second| {
        let (_, naive) = both.second();
        let line = format!("\n{second}: {:?} -> {:?}", both.happens, naive.lines);
        if second + 90 > end { line } else { String::new() }
    });
    format!(", begun with {begun:?}{}", told.collect::<String>())
}

/// `DAYS` asks for another number of days, `SEED` for another first one.
fn asked(name: &str, everyday: u64) -> u64 {
    std::env::var(name).ok().map_or(everyday, |asked| asked.parse().unwrap())
}

#[test]
fn a_thousand_days_with_faults_give_the_alarms_that_a_naive_model_gives() {
    let (first, days) = (asked("SEED", 1), asked("DAYS", 1000));
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let starts = std::thread::scope(|scope| {
        let work = |thread| {
            scope.spawn(move || {
                let mut starts = Starts::new();
                (first..first + days)
                    .skip(thread)
                    .step_by(threads as usize)
                    .for_each(|seed| live_through(seed, &mut starts));
                starts
            })
        };
        let running: Vec<_> = (0..threads as usize).map(work).collect();
        let mut all = Starts::new();
        for starts in running.into_iter().map(|thread| thread.join().unwrap()) {
            starts.into_iter().for_each(|(condition, count)| *all.entry(condition).or_default() += count);
        }
        all
    });
    // A simulation in which nothing happens agrees with anything.
    for condition in [
        Condition::Spo2Desat,
        Condition::Spo2Low,
        Condition::Spo2High,
        Condition::PulseLow,
        Condition::PulseHigh,
        Condition::NoFinger,
        Condition::NoSignal,
        Condition::WeakSignal,
        Condition::SensorDisconnected,
        Condition::LowBattery,
    ] {
        assert!(starts.get(&condition).is_some_and(|starts| *starts >= days), "{condition:?}: {starts:?}");
    }
}
