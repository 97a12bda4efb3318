//! What holds for every sequence of readings, silences, commands and ticks.

use crate::bench::Bench;
use crate::opinion::{LINKS, Opinion, VALUES, hold_against};
use crate::steps::{Step, limits, numbers, rough_steps, sites, steps, steps_of_a_site, take};
use alarm::{BedAlarms, Rules};
use core::time::Duration;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use vitals::{AlarmChange, AlarmId, AlarmState, Priority, SensorState};

/// The alarms that are active by what was told, as a client keeps them.
fn told_active(told: &[AlarmChange]) -> BTreeMap<AlarmId, AlarmChange> {
    let mut active = BTreeMap::new();
    for change in told {
        match change.state {
            AlarmState::Active => active.insert(change.id, change.clone()),
            AlarmState::Cleared => active.remove(&change.id),
        };
    }
    active
}

/// `PROPTEST_CASES` asks for more than the everyday number.
fn cases(everyday: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { everyday };
    ProptestConfig { cases, failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(cases(96))]

    /// Held against the second opinion every 50 ms.
    #[test]
    fn no_value_stays_beyond_its_limit_for_its_delay_without_an_alarm_and_none_alarms_without(
        start in limits(),
        site in sites(),
        steps in steps_of_a_site(),
    ) {
        let mut bench = Bench::with_rules(site, start);
        let mut opinion = Opinion::default();
        for step in &steps {
            let before = bench.told.len();
            let passes = match step {
                Step::Pass(millis) => *millis,
                _ => 0,
            };
            if passes == 0 {
                take(&mut bench, step);
                opinion.note(step, &bench.bed.limits());
                hold_against(&bench, &opinion, before)?;
            }
            let mut left = passes;
            while left > 0 {
                let span = opinion.longest().min(left);
                left -= span;
                let active = bench.active().into_iter().collect();
                let before = bench.told.len();
                opinion.pass(span, &bench.bed.limits(), &active);
                bench.pass(Duration::from_millis(span));
                hold_against(&bench, &opinion, before)?;
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_was_told_is_what_is_active_and_every_instance_starts_once_and_clears_once(
        start in limits(),
        steps in rough_steps(),
    ) {
        let mut bench = Bench::new(start);
        for step in &steps {
            take(&mut bench, step);
            let told = told_active(&bench.told);
            let active: BTreeMap<_, _> = bench.bed.active().into_iter().map(|alarm| (alarm.id, alarm)).collect();
            prop_assert_eq!(told.keys().collect::<Vec<_>>(), active.keys().collect::<Vec<_>>());
            for (id, alarm) in &active {
                let told = &told[id];
                prop_assert_eq!(
                    (told.condition, told.priority, told.since, told.worst, told.limit, &told.acknowledged),
                    (alarm.condition, alarm.priority, alarm.since, alarm.worst, alarm.limit, &alarm.acknowledged)
                );
            }
            // A wake-up that is already past would keep the station spinning.
            prop_assert!(bench.bed.wake_at().is_none_or(|wake| wake > bench.now), "after {step:?}");
            let conditions: BTreeSet<_> = active.values().map(|alarm| alarm.condition).collect();
            prop_assert_eq!(conditions.len(), active.len(), "one instance of each condition");
            prop_assert!(LINKS.iter().filter(|link| conditions.contains(link)).count() <= 1);
        }
        let mut ended = BTreeSet::new();
        let mut first: BTreeMap<AlarmId, AlarmChange> = BTreeMap::new();
        for change in &bench.told {
            prop_assert!(!ended.contains(&change.id), "told after its end: {change:?}");
            if let Some(first) = first.get(&change.id) {
                prop_assert_eq!((first.condition, first.since), (change.condition, change.since));
            } else {
                prop_assert_eq!(change.state, AlarmState::Active, "it starts before it ends");
                first.insert(change.id, change.clone());
            }
            if change.state == AlarmState::Cleared {
                ended.insert(change.id);
            }
        }
    }

    #[test]
    fn a_priority_never_falls_while_active_and_nothing_acknowledged_or_paused_sounds(
        start in limits(),
        steps in rough_steps(),
    ) {
        let mut bench = Bench::new(start);
        let mut highest: BTreeMap<AlarmId, Priority> = BTreeMap::new();
        for step in &steps {
            take(&mut bench, step);
            let active = bench.bed.active();
            for alarm in &active {
                let before = highest.insert(alarm.id, alarm.priority);
                prop_assert!(before.is_none_or(|before| before <= alarm.priority));
            }
            let ranked = active
                .is_sorted_by_key(|alarm| (core::cmp::Reverse(alarm.priority), alarm.condition.measure().is_none()));
            prop_assert!(ranked);
            let unacknowledged =
                active.iter().filter(|alarm| alarm.acknowledged.is_none()).map(|alarm| alarm.priority).max();
            let sounding = bench.bed.sounding(bench.now());
            match bench.bed.audio().paused_until {
                None => prop_assert_eq!(sounding, unacknowledged),
                Some(_) => prop_assert!(sounding <= unacknowledged),
            }
        }
    }

    /// By the station's time while it runs and by the time of day while it does not, whatever the clock is set to.
    #[test]
    fn a_pause_lasts_as_long_as_was_asked_for_and_no_longer(
        start in limits(),
        site in sites(),
        steps in steps_of_a_site(),
    ) {
        let mut bench = Bench::with_rules(site, start);
        let mut left = 0_u64;
        for step in &steps {
            match step {
                Step::Pause(seconds) => left = 1000 * seconds,
                Step::Resume | Step::Discharge => left = 0,
                Step::Pass(millis) => left = left.saturating_sub(*millis),
                Step::Restart(down) => left = left.saturating_sub(1000 * down),
                _ => {}
            }
            take(&mut bench, step);
            let shown = bench.bed.audio().paused_until;
            let should = (left > 0).then(|| bench.now().wall.plus(Duration::from_millis(left)));
            prop_assert_eq!(shown, should, "after {:?}", step);
        }
    }

    #[test]
    fn what_is_announced_is_the_most_urgent_unanswered_alarm_and_nothing_acknowledged_paused_or_off_sounds(
        start in limits(),
        site in sites(),
        steps in steps_of_a_site(),
    ) {
        let mut bench = Bench::with_rules(site, start);
        let mut unreminded = 0;
        // What a pause that still runs was given for: none of it may sound, unless it has grown more urgent.
        let mut paused: BTreeMap<AlarmId, Priority> = BTreeMap::new();
        for step in &steps {
            take(&mut bench, step);
            prop_assert!(bench.bed.wake_at().is_none_or(|wake| wake > bench.now), "after {step:?}");
            let unanswered: Vec<_> =
                bench.bed.active().into_iter().filter(|alarm| alarm.acknowledged.is_none()).collect();
            match (step, bench.bed.audio().paused_until) {
                (_, None) => paused.clear(),
                (Step::Pause(_), _) => {
                    paused = unanswered.iter().map(|alarm| (alarm.id, alarm.priority)).collect();
                }
                _ => {}
            }
            let covered = |alarm: &AlarmChange| {
                let new = site.pause_covers_new && bench.bed.audio().paused_until.is_some();
                new || paused.get(&alarm.id).is_some_and(|then| alarm.priority <= *then)
            };
            let own = |alarm: &AlarmChange| bench.bed.announcement_of(alarm.id).unwrap();
            let loudest = unanswered.iter().filter(|alarm| !covered(alarm)).map(own).max();
            let should = if bench.bed.off().is_some() { None } else { loudest };
            prop_assert_eq!(bench.bed.announcement(bench.now()), should, "after {:?}", step);
            for alarm in &unanswered {
                prop_assert!(own(alarm).priority >= alarm.priority, "never as less than it is");
            }
            for latched in bench.bed.latched() {
                prop_assert_eq!((latched.priority, latched.state), (Priority::High, AlarmState::Cleared));
                prop_assert!(latched.acknowledged.is_none());
            }
            // Nothing stays off for longer than the time between two reminders without one.
            unreminded = match step {
                Step::Pass(millis) if bench.bed.off().is_some() => unreminded + millis,
                Step::TurnOff(_) => 0,
                _ => unreminded,
            };
            if bench.bed.take_reminder() || bench.bed.off().is_none() {
                unreminded = 0;
            }
            prop_assert!(unreminded < 60_000, "after {step:?}");
        }
    }

    #[test]
    fn more_ticks_change_nothing(start in limits(), steps in steps(), every in 1u64..700) {
        let (mut asked, mut eager) = (Bench::new(start), Bench::new(start));
        for step in &steps {
            take(&mut asked, step);
            if let Step::Pass(millis) = step {
                let mut left = *millis;
                while left > 0 {
                    let span = left.min(every);
                    eager.pass(Duration::from_millis(span));
                    eager.tick();
                    left -= span;
                }
            } else {
                take(&mut eager, step);
            }
        }
        prop_assert_eq!(asked.told, eager.told);
    }

    /// All but the moment at which it was told: a station that is late is late, and does not decide otherwise.
    #[test]
    fn a_late_tick_decides_what_a_punctual_one_would_have(start in limits(), steps in steps()) {
        let (mut punctual, mut late) = (Bench::new(start), Bench::new(start));
        for step in &steps {
            // A command answers to what was already told, and so to whether the tick came.
            if matches!(step, Step::AcknowledgeAll | Step::AcknowledgeOne | Step::Pause(_) | Step::Discharge) {
                continue;
            }
            take(&mut punctual, step);
            if let Step::Pass(millis) = step {
                late.now = late.now.plus(Duration::from_millis(*millis));
            } else {
                take(&mut late, step);
            }
        }
        late.tick();
        let plain = |told: &[AlarmChange]| -> Vec<_> {
            told.iter().map(|change| (change.id, change.state, change.worst, change.message.clone())).collect()
        };
        prop_assert_eq!(plain(&punctual.told), plain(&late.told));
        for (punctual, late) in punctual.told.iter().zip(&late.told) {
            // A wall time is in whole milliseconds, and may be rounded down once or twice.
            prop_assert!((punctual.since.as_millis() - late.since.as_millis()).abs() <= 1);
        }
    }

    /// Saved and restored through JSON before every sample that `at` picks, in a process whose station time starts anew.
    #[test]
    fn a_restart_between_two_samples_changes_nothing(start in limits(), steps in steps(), at in any::<u64>()) {
        let (mut whole, mut broken) = (Bench::new(start), Bench::new(start));
        for (number, step) in steps.iter().enumerate() {
            // What the sensor says is not kept: whoever restarts hears it anew. So it breaks where that is so.
            if matches!(step, Step::Sample(_)) && at >> (number % 64) & 1 == 1 {
                let saved = serde_json::to_string(&broken.bed.saved(broken.now())).unwrap();
                let limits = broken.bed.limits();
                broken.wall = broken.now().wall.as_millis();
                broken.now = vitals::StationTime::START;
                broken.last_sample = None;
                let saved = serde_json::from_str(&saved).unwrap();
                broken.bed = BedAlarms::restore(Rules::default(), limits, saved, broken.now());
            }
            take(&mut whole, step);
            take(&mut broken, step);
        }
        for (one, other) in whole.told.iter().zip(&broken.told) {
            prop_assert_eq!(one, other);
        }
        prop_assert_eq!(whole.told.len(), broken.told.len());
        prop_assert_eq!(whole.bed.active(), broken.bed.active());
    }

    /// A restart is the same as a gap in the data that is too short for a technical alarm.
    #[test]
    fn time_down_counts_as_a_gap(
        start in limits(),
        before in numbers(),
        seconds in 1u64..20,
        after in numbers(),
    ) {
        let (mut gap, mut down) = (Bench::new(start), Bench::new(start));
        for bench in [&mut gap, &mut down] {
            bench.hold(seconds, before);
        }
        let pass = Duration::from_millis(900);
        gap.sensor(SensorState::Opening);
        gap.now = gap.now.plus(pass);
        gap.tick();
        let saved = down.bed.saved(down.now());
        let limits = down.bed.limits();
        down.now = down.now.plus(pass);
        down.bed = BedAlarms::restore(Rules::default(), limits, saved, down.now());
        for bench in [&mut gap, &mut down] {
            bench.hold(3, after);
        }
        let values = |told: &[AlarmChange]| -> Vec<_> {
            told.iter()
                .filter(|change| VALUES.contains(&change.condition))
                .map(|change| (change.condition, change.state, change.since, change.worst))
                .collect()
        };
        prop_assert_eq!(values(&gap.told), values(&down.told));
    }
}
