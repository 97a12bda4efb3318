//! Readings of one bed over a span, each as it was or gathered into spans of equal length.

use super::lines::numbers;
use crate::{QueryError, Record};
use rusqlite::params;
use vitals::{BedId, Reading, StatusSet, WallTime};

/// A reading as it is stored.
pub type StoredReading = Reading;

/// What of a bed's past is wanted.
#[derive(Debug, Clone)]
pub struct ReadingsQuery {
    /// The bed.
    pub bed: BedId,
    /// From this time on.
    pub from: WallTime,
    /// Up to and with this time.
    pub to: WallTime,
    /// At most this many rows.
    pub limit: usize,
}

/// One number over a span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// The mean of the values.
    pub mean: f64,
    /// How many values there were.
    pub count: u64,
}

/// One span of a bed's past. A span without any reading is absent, never bridged.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Its start.
    pub time: WallTime,
    /// SpO₂, %.
    pub spo2: Option<Summary>,
    /// Pulse rate, beats per minute.
    pub pulse_rate: Option<Summary>,
    /// Perfusion index, %.
    pub perfusion_index: Option<Summary>,
    /// Signal strength, fraction of full scale.
    pub signal_strength: Option<Summary>,
    /// Every status that stood at some time in the span.
    pub status: StatusSet,
}

#[derive(Default)]
struct Gathering {
    min: f64,
    max: f64,
    sum: f64,
    count: u64,
}

impl Gathering {
    fn add(&mut self, value: Option<f64>) {
        let Some(value) = value else { return };
        (self.min, self.max) =
            if self.count == 0 { (value, value) } else { (self.min.min(value), self.max.max(value)) };
        self.sum += value;
        self.count += 1;
    }

    fn summary(&self) -> Option<Summary> {
        #[expect(clippy::cast_precision_loss, reason = "no span holds 2^52 readings")]
        let mean = self.sum / self.count as f64;
        (self.count > 0).then(|| Summary {
            min: self.min,
            max: self.max,
            mean: (mean * 1000.0).round() / 1000.0,
            count: self.count,
        })
    }
}

impl Record {
    /// The readings, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn readings(&self, query: &ReadingsQuery) -> Result<Vec<StoredReading>, QueryError> {
        let mut readings = Vec::new();
        self.each_reading(query, |reading| readings.push(reading))?;
        Ok(readings)
    }

    /// The readings gathered into spans of `resolution_s` seconds, which begin at whole multiples of it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn readings_gathered(&self, query: &ReadingsQuery, resolution_s: u32) -> Result<Vec<Bucket>, QueryError> {
        let length = i64::from(resolution_s.max(1)) * 1000;
        let mut buckets = Vec::new();
        let mut start = None;
        let mut gathered: [Gathering; 4] = Default::default();
        let mut status = StatusSet::EMPTY;
        let mut close = |start: Option<i64>, gathered: &[Gathering; 4], status: StatusSet| {
            let Some(start) = start else { return };
            buckets.push(Bucket {
                time: WallTime::from_millis(start),
                spo2: gathered[0].summary(),
                pulse_rate: gathered[1].summary(),
                perfusion_index: gathered[2].summary(),
                signal_strength: gathered[3].summary(),
                status,
            });
        };
        self.each_reading(query, |reading| {
            let begins = reading.time.as_millis().div_euclid(length) * length;
            if start != Some(begins) {
                close(start, &gathered, status);
                (start, gathered, status) = (Some(begins), Default::default(), StatusSet::EMPTY);
            }
            let numbers = reading.numbers;
            gathered[0].add(numbers.spo2.map(|value| value.percent().into()));
            gathered[1].add(numbers.pulse_rate.map(|value| value.per_minute().into()));
            gathered[2].add(numbers.perfusion_index.map(vitals::PerfusionIndex::percent));
            gathered[3].add(numbers.signal_strength.map(vitals::SignalStrength::fraction));
            status = status.iter().chain(reading.status.iter()).collect();
        })?;
        close(start, &gathered, status);
        Ok(buckets)
    }

    fn each_reading(&self, query: &ReadingsQuery, mut each: impl FnMut(Reading)) -> Result<(), QueryError> {
        self.with(|db| {
            let mut rows = db.prepare_cached(
                "SELECT time, spo2, pulse_rate, perfusion_index, signal_strength, status FROM reading
                 WHERE bed = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time, seq LIMIT ?4",
            )?;
            let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
            let mut rows =
                rows.query(params![query.bed.as_str(), query.from.as_millis(), query.to.as_millis(), limit])?;
            while let Some(row) = rows.next()? {
                let (numbers, status) = numbers(row, 1)?;
                each(Reading { time: WallTime::from_millis(row.get(0)?), numbers, status });
            }
            Ok(())
        })?;
        Ok(())
    }
}
