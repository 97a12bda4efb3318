//! Rows for looking back, a portion at a time: a span of months is never in memory as a whole.

use super::lines::{ALARM, alarm, numbers};
use crate::{QueryError, Record};
use rusqlite::params;
use vitals::{BedId, Body, Reading, Recorded, Seq, WallTime};

/// A part of a bed's readings: those of one stretch in which the clock was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// From this time on.
    pub from: WallTime,
    /// Up to and with this time.
    pub to: WallTime,
    /// After this line of the record.
    pub after: Seq,
    /// Up to and with this line.
    pub last: Seq,
}

impl Record {
    /// Up to `limit` readings of a stretch that come behind `behind`, in the order of their times.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn stretch(
        &self,
        bed: &BedId,
        stretch: Stretch,
        behind: Option<(WallTime, Seq)>,
        limit: usize,
    ) -> Result<Vec<(Seq, Reading)>, QueryError> {
        let number = |seq: Seq| i64::try_from(seq.0).unwrap_or(i64::MAX);
        let (time, seq) = behind.unwrap_or((stretch.from, Seq(0)));
        Ok(self.with(|db| {
            db.prepare_cached(
                "SELECT seq, time, spo2, pulse_rate, perfusion_index, signal_strength, status FROM reading
                 WHERE bed = ?1 AND time >= ?2 AND time <= ?3 AND seq > ?4 AND seq <= ?5 AND (time > ?2 OR seq > ?6)
                 ORDER BY time, seq LIMIT ?7",
            )?
            .query_map(
                params![
                    bed.as_str(),
                    time.as_millis(),
                    stretch.to.as_millis(),
                    number(stretch.after),
                    number(stretch.last),
                    number(seq),
                    i64::try_from(limit).unwrap_or(i64::MAX)
                ],
                |row| {
                    let (numbers, status) = numbers(row, 2)?;
                    let time = WallTime::from_millis(row.get(1)?);
                    Ok((Seq(row.get::<_, i64>(0)?.unsigned_abs()), Reading { time, numbers, status }))
                },
            )?
            .collect()
        })?)
    }

    /// The bed's newest reading at or before `time`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn reading_at(&self, bed: &BedId, time: WallTime) -> Result<Option<Reading>, QueryError> {
        Ok(self.with(|db| {
            let mut rows = db.prepare_cached(
                "SELECT time, spo2, pulse_rate, perfusion_index, signal_strength, status FROM reading
                 WHERE bed = ?1 AND time <= ?2 ORDER BY time DESC, seq DESC LIMIT 1",
            )?;
            let mut rows = rows.query(params![bed.as_str(), time.as_millis()])?;
            rows.next()?
                .map(|row| {
                    let (numbers, status) = numbers(row, 1)?;
                    Ok(Reading { time: WallTime::from_millis(row.get(0)?), numbers, status })
                })
                .transpose()
        })?)
    }

    /// Each line about an alarm of a bed from `from` to `to`, in order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn each_alarm_line(
        &self,
        from: WallTime,
        to: WallTime,
        mut each: impl FnMut(&BedId, &vitals::AlarmChange),
    ) -> Result<(), QueryError> {
        self.with(|db| {
            let sql = format!(
                "SELECT {ALARM} FROM alarm_change WHERE time BETWEEN ?1 AND ?2 AND bed IS NOT NULL ORDER BY time, seq"
            );
            let mut rows = db.prepare_cached(&sql)?;
            let mut rows = rows.query(params![from.as_millis(), to.as_millis()])?;
            while let Some(row) = rows.next()? {
                if let Recorded { bed: Some(bed), body: Body::Alarm(line), .. } = alarm(row)? {
                    each(&bed, &line);
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// When the bed's first and last reading was from `from` to `to`, for a record that does not tell how the sensors
    /// stood.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn first_and_last_reading(
        &self,
        bed: &BedId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Option<(WallTime, WallTime)>, QueryError> {
        Ok(self.with(|db| {
            db.query_row(
                "SELECT (SELECT time FROM reading WHERE bed = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time LIMIT 1),
                        (SELECT time FROM reading WHERE bed = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time DESC LIMIT 1)",
                params![bed.as_str(), from.as_millis(), to.as_millis()],
                |row| {
                    let times: (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
                    Ok(times.0.zip(times.1))
                },
            )
            .map(|times| times.map(|(first, last)| (WallTime::from_millis(first), WallTime::from_millis(last))))
        })?)
    }

    /// Beds of which an alarm engine was told anything, also those that are no more.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn watched_beds(&self) -> Result<Vec<BedId>, QueryError> {
        Ok(self.with(|db| {
            db.prepare_cached("SELECT DISTINCT bed FROM engine_input")?
                .query_map([], |row| row.get::<_, String>(0))?
                .filter_map(|bed| bed.map(|bed| BedId::new(bed).ok()).transpose())
                .collect()
        })?)
    }
}
