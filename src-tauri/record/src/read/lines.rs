//! Lines of the record in the order of their numbers; alarms; events.

use crate::{QueryError, Record};
use rusqlite::{Connection, Row, params, params_from_iter, types::Value};
use vitals::{
    Acknowledgement, AlarmChange, AlarmId, AlarmState, BedId, Body, Condition, Event, Numbers, PerfusionIndex,
    Priority, PulseRate, Reading, Recorded, Seq, SignalStrength, Spo2, StatusSet, WallTime,
};

const READING: &str = "seq, bed, time, spo2, pulse_rate, perfusion_index, signal_strength, status";
pub(super) const ALARM: &str = "seq, bed, time, id, condition, priority, state, since, value, worst, limit_value, \
                     acknowledged_by, acknowledged_at, message";
const EVENT: &str = "seq, bed, time, kind, by, detail";

impl Record {
    /// Up to `limit` lines with numbers from `from` to `to`, in order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn lines(&self, from: Seq, to: Seq, limit: usize) -> Result<Vec<Recorded>, QueryError> {
        Ok(self.with(|db| {
            let span =
                [from.0, to.0, limit as u64].map(|number| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)));
            let mut lines = Vec::new();
            for (columns, table, read) in [
                (READING, "reading", reading as fn(&Row<'_>) -> rusqlite::Result<Recorded>),
                (ALARM, "alarm_change", alarm),
                (EVENT, "event", event),
            ] {
                let sql = format!("SELECT {columns} FROM {table} WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq LIMIT ?3");
                let mut rows = db.prepare_cached(&sql)?;
                for line in rows.query_map(params_from_iter(span.clone()), read)? {
                    lines.push(line?);
                }
            }
            lines.sort_by_key(|line| line.seq);
            lines.truncate(limit);
            Ok(lines)
        })?)
    }

    /// The number of the oldest line that is still kept in full; 1 unless old lines were deleted.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn first_seq(&self) -> Result<Seq, QueryError> {
        Ok(self
            .with(|db| Ok(Seq(crate::open::meta(db, "first_seq")?.and_then(|text| text.parse().ok()).unwrap_or(1))))?)
    }

    /// Alarms as they stand now: those that were active at some time from `from` to `to`, or with `None` those that
    /// are active; oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn alarms(
        &self,
        span: Option<(WallTime, WallTime)>,
        bed: Option<&BedId>,
        limit: usize,
    ) -> Result<Vec<Recorded>, QueryError> {
        Ok(self.with(|db| {
            let mut sql = format!(
                "SELECT {} FROM alarm JOIN alarm_change USING (seq) WHERE ",
                ALARM
                    .split(", ")
                    .map(|column| format!("alarm_change.{}", column.trim()))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            let mut values = Vec::new();
            match span {
                None => sql.push_str("alarm.state = 'active'"),
                Some((from, to)) => {
                    // Of an alarm during which the clock was set back, the end comes before the start.
                    sql.push_str(
                        "min(alarm.since, alarm_change.time) <= ?
                         AND (alarm.state = 'active' OR max(alarm.since, alarm_change.time) >= ?)",
                    );
                    values.extend([to, from].map(|time| Value::Integer(time.as_millis())));
                }
            }
            if let Some(bed) = bed {
                sql.push_str(" AND alarm.bed = ?");
                values.push(Value::Text(bed.as_str().to_owned()));
            }
            sql.push_str(" ORDER BY alarm.id LIMIT ?");
            values.push(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
            db.prepare(&sql)?.query_map(params_from_iter(values), alarm)?.collect()
        })?)
    }

    /// Every line of one alarm, oldest first, up to `limit`; none if there never was one, or it is kept no more.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn alarm_lines(&self, id: AlarmId, limit: usize) -> Result<Vec<Recorded>, QueryError> {
        Ok(self.with(|db| {
            let values = [id.0, limit as u64].map(|number| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)));
            db.prepare_cached(&format!("SELECT {ALARM} FROM alarm_change WHERE id = ? ORDER BY seq LIMIT ?"))?
                .query_map(params_from_iter(values), alarm)?
                .collect()
        })?)
    }

    /// Events from `from` to `to`, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn events(
        &self,
        from: WallTime,
        to: WallTime,
        bed: Option<&BedId>,
        kind: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Recorded>, QueryError> {
        Ok(self.with(|db| {
            let mut sql = format!("SELECT {EVENT} FROM event WHERE time BETWEEN ? AND ?");
            let mut values: Vec<Value> = [from, to].map(|time| Value::Integer(time.as_millis())).into();
            for (column, value) in [("bed", bed.map(BedId::as_str)), ("kind", kind)] {
                if let Some(value) = value {
                    sql.push_str(&format!(" AND {column} = ?"));
                    values.push(Value::Text(value.to_owned()));
                }
            }
            sql.push_str(" ORDER BY seq LIMIT ?");
            values.push(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
            db.prepare(&sql)?.query_map(params_from_iter(values), event)?.collect()
        })?)
    }

    /// The newest events of one kind, newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn newest_events(&self, kind: &str, limit: usize) -> Result<Vec<Recorded>, QueryError> {
        Ok(self.with(|db| {
            db.prepare_cached(&format!("SELECT {EVENT} FROM event WHERE kind = ?1 ORDER BY seq DESC LIMIT ?2"))?
                .query_map(params![kind, i64::try_from(limit).unwrap_or(i64::MAX)], event)?
                .collect()
        })?)
    }
}

pub(crate) fn active_alarms(db: &Connection) -> rusqlite::Result<Vec<Recorded>> {
    let columns =
        ALARM.split(", ").map(|column| format!("alarm_change.{}", column.trim())).collect::<Vec<_>>().join(", ");
    db.prepare(&format!(
        "SELECT {columns} FROM alarm JOIN alarm_change USING (seq) WHERE alarm.state = 'active' ORDER BY alarm.id"
    ))?
    .query_map([], alarm)?
    .collect()
}

fn head(row: &Row<'_>) -> rusqlite::Result<(Seq, Option<BedId>, WallTime)> {
    let seq: i64 = row.get(0)?;
    let bed: Option<String> = row.get(1)?;
    Ok((Seq(seq.unsigned_abs()), bed.and_then(|bed| BedId::new(bed).ok()), WallTime::from_millis(row.get(2)?)))
}

pub(super) fn numbers(row: &Row<'_>, first: usize) -> rusqlite::Result<(Numbers, StatusSet)> {
    let hundredths = |value: Option<f64>| value.map(|value| (value * 100.0).round());
    let perfusion: Option<f64> = hundredths(row.get(first + 2)?);
    let strength: Option<f64> = hundredths(row.get(first + 3)?);
    let status: String = row.get(first + 4)?;
    // A float of a CHECKed column fits: the casts saturate and `None` covers what a foreign hand wrote.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating, then range-checked")]
    let numbers = Numbers {
        spo2: row.get::<_, Option<u8>>(first)?.and_then(Spo2::new),
        pulse_rate: row.get::<_, Option<u16>>(first + 1)?.and_then(PulseRate::new),
        perfusion_index: perfusion.and_then(|value| PerfusionIndex::from_hundredths(value as u16)),
        signal_strength: strength.and_then(|value| SignalStrength::from_hundredths(value as u8)),
    };
    Ok((numbers, serde_json::from_str(&status).unwrap_or_default()))
}

fn reading(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    let (seq, bed, time) = head(row)?;
    let (numbers, status) = numbers(row, 3)?;
    Ok(Recorded { seq, bed, body: Body::Reading(Reading { time, numbers, status }) })
}

/// A word of the database that this program does not know.
fn unknown(column: usize, word: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(
        column,
        rusqlite::types::Type::Text,
        format!("{word:?} is not a word of this program").into(),
    )
}

pub(super) fn alarm(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    let (seq, bed, time) = head(row)?;
    let (condition, priority, state): (String, String, String) = (row.get(4)?, row.get(5)?, row.get(6)?);
    let acknowledged = row.get::<_, Option<String>>(11)?.zip(row.get::<_, Option<i64>>(12)?);
    let body = Body::Alarm(AlarmChange {
        time,
        id: AlarmId(row.get::<_, i64>(3)?.unsigned_abs()),
        condition: Condition::parse(&condition).ok_or_else(|| unknown(4, &condition))?,
        priority: Priority::parse(&priority).ok_or_else(|| unknown(5, &priority))?,
        state: if state == "active" { AlarmState::Active } else { AlarmState::Cleared },
        since: WallTime::from_millis(row.get(7)?),
        value: row.get(8)?,
        worst: row.get(9)?,
        limit: row.get(10)?,
        acknowledged: acknowledged.map(|(by, time)| Acknowledgement { by, time: WallTime::from_millis(time) }),
        message: row.get(13)?,
    });
    Ok(Recorded { seq, bed, body })
}

fn event(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    let (seq, bed, time) = head(row)?;
    let detail: String = row.get(5)?;
    let body = Body::Event(Event {
        time,
        kind: row.get(3)?,
        by: row.get(4)?,
        detail: serde_json::from_str(&detail).unwrap_or(serde_json::Value::Null),
    });
    Ok(Recorded { seq, bed, body })
}
