//! How many alarms there really were, of which bed, and what became of them: for a quality meeting.

use crate::outcome::per_day;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use vitals::{AlarmChange, AlarmId, BedId, Condition};

/// The alarms of a ward in a span, gathered from their lines in the record.
#[derive(Debug, Clone, Default)]
pub struct Load {
    beds: BTreeMap<BedId, BedLoad>,
    seen: BTreeSet<AlarmId>,
}

/// The alarms of one bed, or of several together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BedLoad {
    /// How many alarms there were of each condition.
    pub alarms: BTreeMap<Condition, usize>,
    /// For how long the bed was watched.
    pub watched: Duration,
    /// How long each alarm that was acknowledged had waited for it. An acknowledgement that was taken back, or that fell
    /// because the alarm grew more urgent, answered nothing in the end: the one that stands counts.
    to_acknowledge: BTreeMap<AlarmId, Duration>,
}

/// How a set of times spreads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Half of them are no longer.
    pub median: Duration,
    /// Nine in ten are no longer.
    pub nine_in_ten: Duration,
    /// The longest.
    pub longest: Duration,
}

impl Load {
    /// A line of the record about an alarm of `bed`, in the order of the record. An alarm that began before the span is
    /// counted with its first line in it. Whether it was counted by this line.
    pub fn take(&mut self, bed: &BedId, line: &AlarmChange) -> bool {
        let load = match self.beds.get_mut(bed) {
            Some(load) => load,
            None => self.beds.entry(bed.clone()).or_default(),
        };
        let counts = self.seen.insert(line.id);
        if counts {
            *load.alarms.entry(line.condition).or_default() += 1;
        }
        match &line.acknowledged {
            Some(acknowledged) => {
                let waited = acknowledged.time.since(line.since);
                load.to_acknowledge.entry(line.id).or_insert(waited);
            }
            None => drop(load.to_acknowledge.remove(&line.id)),
        }
        counts
    }

    /// `bed` was watched for so much longer, with or without an alarm.
    pub fn watched(&mut self, bed: &BedId, span: Duration) {
        self.beds.entry(bed.clone()).or_default().watched += span;
    }

    /// Each bed, in the order in which people count them.
    #[must_use]
    pub const fn beds(&self) -> &BTreeMap<BedId, BedLoad> {
        &self.beds
    }

    /// The beds with the most alarms first. Load is a matter of few patients: published, a tenth of them gave half of
    /// all alarms and more.
    #[must_use]
    pub fn most_first(&self) -> Vec<(&BedId, &BedLoad)> {
        let mut beds: Vec<_> = self.beds.iter().collect();
        beds.sort_by_key(|(_, load)| core::cmp::Reverse(load.count()));
        beds
    }

    /// All beds together.
    #[must_use]
    pub fn ward(&self) -> BedLoad {
        let mut ward = BedLoad::default();
        for load in self.beds.values() {
            for (condition, count) in &load.alarms {
                *ward.alarms.entry(*condition).or_default() += count;
            }
            ward.watched += load.watched;
            ward.to_acknowledge.extend(load.to_acknowledge.iter().map(|(id, waited)| (*id, *waited)));
        }
        ward
    }
}

impl BedLoad {
    /// How many alarms there were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.alarms.values().sum()
    }

    /// How many were about the patient's numbers. The others were about the sensor.
    #[must_use]
    pub fn physiological(&self) -> usize {
        self.alarms.iter().filter(|(condition, _)| condition.measure().is_some()).map(|(_, count)| count).sum()
    }

    /// Alarms for each day watched; `None` if nothing was.
    #[must_use]
    pub fn per_day(&self) -> Option<f64> {
        per_day(self.count(), self.watched)
    }

    /// The share that somebody acknowledged, 0 to 1; `None` without an alarm.
    #[must_use]
    pub fn acknowledged(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 alarms")]
        (self.count() > 0).then(|| self.to_acknowledge.len() as f64 / self.count() as f64)
    }

    /// How long those that were acknowledged had waited for it; `None` if none was.
    #[must_use]
    pub fn to_acknowledge(&self) -> Option<Spread> {
        let mut times: Vec<Duration> = self.to_acknowledge.values().copied().collect();
        times.sort_unstable();
        // The nearest rank: a time that there was, and none between two.
        let rank = |tenths: usize| times.get((times.len() * tenths).div_ceil(10).saturating_sub(1)).copied();
        Some(Spread { median: rank(5)?, nine_in_ten: rank(9)?, longest: rank(10)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::{Acknowledgement, AlarmState, Priority, WallTime};

    const DAY: Duration = Duration::from_secs(86_400);

    fn line(id: u64, condition: Condition, answered_after: Option<i64>) -> AlarmChange {
        let since = WallTime::from_millis(1_793_180_000_000);
        AlarmChange {
            time: since,
            id: AlarmId(id),
            condition,
            priority: Priority::Medium,
            state: AlarmState::Active,
            since,
            value: None,
            worst: None,
            limit: None,
            acknowledged: answered_after.map(|seconds| Acknowledgement {
                by: "Nurse A".into(),
                time: since.plus(Duration::from_secs(seconds.unsigned_abs())),
            }),
            message: String::new(),
        }
    }

    fn bed(id: &str) -> BedId {
        BedId::new(id).unwrap()
    }

    #[test]
    fn an_alarm_counts_once_however_many_lines_it_has_and_the_acknowledgement_that_stands_counts() {
        let mut load = Load::default();
        let one = bed("1");
        load.watched(&one, DAY / 2);
        for answered in [None, Some(5), None, Some(20), Some(20)] {
            load.take(&one, &line(1, Condition::Spo2Low, answered));
        }
        load.take(&one, &line(2, Condition::NoFinger, None));
        let load = &load.beds()[&one];
        assert_eq!((load.count(), load.physiological(), load.per_day()), (2, 1, Some(4.0)));
        assert_eq!(load.acknowledged(), Some(0.5));
        assert_eq!(load.to_acknowledge().unwrap().longest, Duration::from_secs(20));
    }

    #[test]
    fn the_times_to_an_acknowledgement_are_times_that_there_were() {
        let mut load = Load::default();
        for (id, seconds) in [50, 10, 20, 40, 30, 100, 60, 80, 70, 90].into_iter().enumerate() {
            load.take(&bed("1"), &line(id as u64, Condition::Spo2Low, Some(seconds)));
        }
        let spread = load.ward().to_acknowledge().unwrap();
        let seconds = [spread.median, spread.nine_in_ten, spread.longest].map(|time| time.as_secs());
        assert_eq!(seconds, [50, 90, 100]);
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        let mut load = Load::default();
        load.watched(&bed("1"), DAY);
        let quiet = &load.beds()[&bed("1")];
        assert_eq!((quiet.per_day(), quiet.acknowledged(), quiet.to_acknowledge()), (Some(0.0), None, None));
        assert_eq!(Load::default().ward().per_day(), None);
    }

    #[test]
    fn the_beds_with_the_most_alarms_come_first_and_the_ward_is_all_of_them() {
        let mut load = Load::default();
        for (id, name) in ["1", "10", "2", "10", "10", "2"].into_iter().enumerate() {
            load.take(&bed(name), &line(id as u64, Condition::Spo2Low, None));
        }
        ["1", "2", "10"].iter().for_each(|name| load.watched(&bed(name), DAY));
        let order: Vec<_> = load.most_first().into_iter().map(|(bed, load)| (bed.as_str(), load.count())).collect();
        assert_eq!(order, [("10", 3), ("2", 2), ("1", 1)]);
        assert_eq!((load.ward().count(), load.ward().per_day()), (6, Some(2.0)));
    }
}
