//! Two passes through the same span, held against each other.

use crate::outcome::{Alarm, Outcome};
use core::time::Duration;
use vitals::{Condition, WallTime};

/// What other settings would have changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Alarms that there were, and during which there would have been none of their condition.
    pub lost: Vec<Alarm>,
    /// Alarms that there would have been, and during which there was none of their condition.
    pub won: Vec<Alarm>,
    /// Alarms that there were, and that would have come later.
    pub later: Vec<Later>,
}

/// An alarm that would have come later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later {
    /// As it was.
    pub alarm: Alarm,
    /// By so much.
    pub by: Duration,
}

/// Holds what would have been against what was. Alarms belong together if they are of one condition and neither
/// had ended before the other began; so one that became two is neither lost nor won.
#[must_use]
pub fn compare(was: &Outcome, would: &Outcome) -> Comparison {
    let mut comparison = Comparison::default();
    for condition in Condition::ALL {
        let of = |outcome: &Outcome| -> Vec<Alarm> {
            outcome.alarms.iter().filter(|alarm| alarm.condition == condition).copied().collect()
        };
        let (before, after) = (of(was), of(would));
        for (alarm, counterpart) in matched(&before, &after) {
            match counterpart.map(|counterpart| counterpart.since.since(alarm.since)) {
                None => comparison.lost.push(alarm),
                Some(by) if by.is_zero() => {}
                Some(by) => comparison.later.push(Later { alarm, by }),
            }
        }
        comparison.won.extend(matched(&after, &before).filter(|(_, none)| none.is_none()).map(|(alarm, _)| alarm));
    }
    comparison.lost.sort_by_key(|alarm| alarm.since);
    comparison.won.sort_by_key(|alarm| alarm.since);
    comparison.later.sort_by_key(|later| later.alarm.since);
    comparison
}

/// Each of `alarms` with the first of `others` that was active with it. Both are of one condition, which has one alarm
/// at a time, so both are in the order of their starts and of their ends.
fn matched<'a>(alarms: &'a [Alarm], others: &'a [Alarm]) -> impl Iterator<Item = (Alarm, Option<Alarm>)> + 'a {
    let mut others = others.iter().copied().peekable();
    alarms.iter().map(move |alarm| {
        while others.next_if(|other| ended(other) < alarm.since).is_some() {}
        (*alarm, others.peek().copied().filter(|other| other.since <= ended(alarm)))
    })
}

fn ended(alarm: &Alarm) -> WallTime {
    alarm.until.unwrap_or(WallTime::from_millis(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::Priority;

    fn outcome(spans: &[(i64, Option<i64>)]) -> Outcome {
        let alarms = spans.iter().map(|(since, until)| Alarm {
            condition: Condition::Spo2Low,
            since: WallTime::from_millis(1000 * since),
            until: until.map(|until| WallTime::from_millis(1000 * until)),
            priority: Priority::Medium,
            worst: Some(85),
            limit: Some(90),
        });
        Outcome { alarms: alarms.collect(), ..Outcome::default() }
    }

    fn starts(alarms: &[Alarm]) -> Vec<i64> {
        alarms.iter().map(|alarm| alarm.since.as_millis() / 1000).collect()
    }

    #[test]
    fn what_has_no_counterpart_is_lost_or_won_and_what_starts_after_it_did_is_later() {
        let was = outcome(&[(10, Some(20)), (100, Some(200)), (300, Some(310)), (900, None)]);
        let would = outcome(&[(50, Some(60)), (115, Some(200)), (300, Some(310)), (950, None)]);
        let comparison = compare(&was, &would);
        assert_eq!((starts(&comparison.lost), starts(&comparison.won)), (vec![10], vec![50]));
        let later: Vec<_> =
            comparison.later.iter().map(|later| (later.alarm.since.as_millis(), later.by.as_secs())).collect();
        assert_eq!(later, [(100_000, 15), (900_000, 50)]);
    }

    #[test]
    fn one_that_would_have_been_two_is_neither_lost_nor_won() {
        let comparison = compare(&outcome(&[(10, Some(100))]), &outcome(&[(10, Some(30)), (60, Some(100))]));
        assert_eq!(comparison, Comparison::default());
    }

    #[test]
    fn conditions_are_held_against_their_own_kind() {
        let was = outcome(&[(10, Some(100))]);
        let mut would = was.clone();
        would.alarms[0].condition = Condition::PulseLow;
        let comparison = compare(&was, &would);
        assert_eq!((comparison.lost.len(), comparison.won.len()), (1, 1));
    }
}
