//! What can happen to a bed, in any order.

use crate::bench::{Bench, FINE, NO_FINGER, SEARCHING, Says, pulse, spo2, with};
use alarm::{Escalation, OffRules, Rules};
use core::time::Duration;
use proptest::prelude::*;
use vitals::{AlarmId, Limits, Off, SensorState, Status, StatusSet};

#[derive(Debug, Clone)]
pub enum Step {
    Sample(Says),
    /// A reading without a newer sample, as the station gives it when the sensor is silent.
    Stale,
    Sensor(SensorState),
    Pass(u64),
    AcknowledgeAll,
    AcknowledgeOne,
    Pause(u64),
    Resume,
    Limits(Limits),
    Discharge,
    WithdrawOne,
    TurnOff(Off),
    TurnOn,
    /// The time of day is set by so many seconds.
    Clock(i64),
    /// Another process, after so many seconds in which there was none.
    Restart(u64),
}

/// Both numbers are there.
pub fn numbers() -> impl Strategy<Value = Says> {
    prop_oneof![
        4 => (70u8..=100).prop_map(spo2),
        3 => prop::sample::select(vec![79, 80, 81, 88, 89, 90, 91, 92, 98, 99]).prop_map(spo2),
        3 => prop::sample::select(vec![38, 49, 50, 51, 52, 118, 119, 120, 121, 150]).prop_map(pulse),
        2 => Just(FINE),
        1 => Just(with(FINE, Status::WeakSignal)),
        1 => Just(with(spo2(85), Status::LowBattery)),
    ]
}

pub fn says() -> impl Strategy<Value = Says> {
    prop_oneof![
        14 => numbers(),
        2 => Just(NO_FINGER),
        2 => Just(SEARCHING),
        1 => Just(Says { pulse: None, ..spo2(85) }),
        1 => Just(Says { spo2: None, ..pulse(45) }),
        1 => Just(with(spo2(60), Status::NoFinger)),
    ]
}

pub fn limits() -> impl Strategy<Value = Limits> {
    (
        prop::sample::select(vec![85, 90, 92]),
        prop::sample::select(vec![None, Some(98)]),
        prop::sample::select(vec![0, 1, 5, 15]),
        prop::sample::select(vec![None, None, Some(10), Some(50)]),
        prop::sample::select(vec![40, 50]),
    )
        .prop_map(|(spo2_low, spo2_high, delay_s, area_delay, pulse_low)| Limits {
            spo2_low,
            spo2_high,
            delay_s,
            area_delay,
            pulse_low,
            ..Limits::ADULT
        })
}

pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => says().prop_map(Step::Sample),
        12 => prop::sample::select(vec![1, 250, 500, 1000, 1000, 1000, 2000, 2999, 3000, 3001, 4000, 5000, 15_000])
            .prop_map(Step::Pass),
        2 => Just(Step::Stale),
        2 => prop::sample::select(vec![
            SensorState::None,
            SensorState::Opening,
            SensorState::Searching,
            SensorState::Silent,
            SensorState::Disconnected,
            SensorState::Disconnected,
        ])
        .prop_map(Step::Sensor),
        1 => Just(Step::AcknowledgeAll),
        1 => Just(Step::AcknowledgeOne),
        1 => prop::sample::select(vec![30, 60, 120]).prop_map(Step::Pause),
        1 => Just(Step::Resume),
        1 => limits().prop_map(Step::Limits),
        1 => Just(Step::Discharge),
    ]
}

/// Mostly a sample each second, as a live sensor gives them, with anything between.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    stories(step())
}

/// The same with a clock that is set and a station that is killed between.
pub fn rough_steps() -> impl Strategy<Value = Vec<Step>> {
    stories(prop_oneof![
        10 => step(),
        1 => prop::sample::select(vec![-3600, -60, -1, 1, 60, 3600]).prop_map(Step::Clock),
        2 => prop::sample::select(vec![0, 1, 10, 100]).prop_map(Step::Restart),
    ])
}

/// The same where the site lets its staff do whatever it can.
pub fn steps_of_a_site() -> impl Strategy<Value = Vec<Step>> {
    stories(prop_oneof![
        10 => step(),
        1 => prop::sample::select(vec![-3600, -60, -1, 1, 60, 3600]).prop_map(Step::Clock),
        2 => prop::sample::select(vec![0, 1, 10, 100]).prop_map(Step::Restart),
        1 => Just(Step::WithdrawOne),
        1 => prop::sample::select(vec![Off::Audio, Off::Alarms]).prop_map(Step::TurnOff),
        2 => Just(Step::TurnOn),
    ])
}

/// What a site may have decided, but for rapid falls, which the days of the naive model have.
pub fn sites() -> impl Strategy<Value = Rules> {
    let escalation = prop::sample::select(vec![None, Some((10, 3)), Some((60, 2))]);
    (any::<bool>(), any::<bool>(), escalation).prop_map(|(latch_high, pause_covers_new, escalation)| Rules {
        latch_high,
        pause_covers_new,
        escalation: escalation.map(|(after, steps)| Escalation { after: Duration::from_secs(after), steps }),
        off: OffRules { audio: true, alarms: true, reminder_every: Duration::from_secs(60) },
        ..Rules::default()
    })
}

fn stories(step: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    let run = (says(), 1usize..20).prop_map(|(says, seconds)| {
        (0..seconds).flat_map(|_| [Step::Sample(says), Step::Pass(1000)]).collect::<Vec<_>>()
    });
    let one = step.prop_map(|step| vec![step]);
    prop::collection::vec(prop_oneof![run, one], 0..30).prop_map(|parts| parts.into_iter().flatten().collect())
}

pub fn take(bench: &mut Bench, step: &Step) {
    match step {
        Step::Sample(says) => bench.sample(*says),
        Step::Stale => {
            let says = Says { spo2: None, pulse: None, status: StatusSet::EMPTY.with(Status::Stale) };
            bench.observe(bench.input(says, SensorState::Silent));
        }
        Step::Sensor(sensor) => bench.sensor(*sensor),
        Step::Pass(millis) => bench.pass(Duration::from_millis(*millis)),
        Step::AcknowledgeAll => acknowledge(bench, None),
        Step::AcknowledgeOne => {
            if let Some(alarm) = bench.bed.active().last() {
                acknowledge(bench, Some(alarm.id));
            }
        }
        Step::Pause(seconds) => {
            bench.bed.pause_audio(bench.now(), Duration::from_secs(*seconds), "Nurse A").unwrap();
        }
        Step::Resume => {
            bench.bed.resume_audio(bench.now());
        }
        Step::Limits(limits) => bench.set_limits(*limits),
        Step::Discharge => {
            let ended = bench.bed.end_all(bench.now(), "Discharged");
            bench.told.extend(ended);
        }
        Step::WithdrawOne => {
            if let Some(alarm) = bench.bed.active().last()
                && let Ok(withdrawn) = bench.bed.withdraw(bench.now(), alarm.id)
            {
                bench.told.push(withdrawn.change);
            }
        }
        Step::TurnOff(what) => {
            bench.bed.turn_off(bench.now(), *what, "Admin").unwrap();
        }
        Step::TurnOn => {
            bench.bed.turn_on(bench.now());
        }
        Step::Clock(seconds) => {
            bench.wall += 1000 * seconds;
            bench.tick();
        }
        Step::Restart(down) => {
            bench.restart(Duration::from_secs(*down));
            bench.sensor(SensorState::Opening);
        }
    }
}

pub fn acknowledge(bench: &mut Bench, alarm: Option<AlarmId>) {
    if let Ok(done) = bench.bed.acknowledge(bench.now(), alarm, "Nurse A") {
        bench.told.extend(done.changes);
    }
}
