//! What alarm engines were told beside the readings, written down so that a span can be gone through again exactly.

use crate::{QueryError, Record};
use rusqlite::{Connection, OptionalExtension, Row, params};
use vitals::{BedId, Limits, SensorState, Seq, WallTime};

/// One call to a bed's alarm engine.
#[derive(Debug, Clone, PartialEq)]
pub struct EngineInput {
    /// The bed.
    pub bed: BedId,
    /// When.
    pub time: WallTime,
    /// The newest line of the record before it.
    pub after: Seq,
    /// What it was told.
    pub call: EngineCall,
}

/// What an alarm engine was told.
#[derive(Debug, Clone, PartialEq)]
pub enum EngineCall {
    /// It was made.
    Began {
        /// With these limits in force.
        limits: Limits,
        /// Under these rules of the site, JSON.
        rules: String,
        /// From what another one had counted up to then; `None`: with nothing counted.
        counted_to: Option<WallTime>,
    },
    /// It was shown how the sensor stands. A reading that came of a sample, while the sensor stands as before, has no
    /// call of its own.
    Looked {
        /// How the sensor stands.
        sensor: SensorState,
        /// When the newest sample had come; `None`: none in the present stream.
        last_sample: Option<WallTime>,
        /// The reading that it was shown, if that is another than before.
        reading: Option<Seq>,
    },
    /// These limits are in force.
    Limits(Limits),
    /// The patient left: every alarm and count ended.
    Ended,
    /// The bed was taken away: the same, and nothing follows.
    Removed,
    /// The computer's clock was set; it would have said this.
    ClockWas(WallTime),
}

impl EngineCall {
    const fn word(&self) -> &'static str {
        match self {
            Self::Began { .. } => "began",
            Self::Looked { .. } => "looked",
            Self::Limits(_) => "limits",
            Self::Ended => "ended",
            Self::Removed => "removed",
            Self::ClockWas(_) => "clock",
        }
    }
}

pub(crate) fn put(db: &Connection, input: &EngineInput) -> rusqlite::Result<()> {
    let number = |seq: Seq| i64::try_from(seq.0).unwrap_or(i64::MAX);
    let (mut sensor, mut last_sample, mut shown, mut in_force, mut site, mut until) =
        (None, None, None, None, None, None);
    match &input.call {
        EngineCall::Began { limits, rules, counted_to } => {
            (in_force, site, until) = (Some(limits), Some(rules), *counted_to);
        }
        EngineCall::Looked { sensor: state, last_sample: sample, reading } => {
            (sensor, last_sample, shown) = (Some(state.as_str()), *sample, *reading);
        }
        EngineCall::Limits(limits) => in_force = Some(limits),
        EngineCall::ClockWas(was) => until = Some(*was),
        EngineCall::Ended | EngineCall::Removed => {}
    }
    db.prepare_cached(
        "INSERT INTO engine_input (bed, time, after, call, sensor, last_sample, reading, limits, rules, until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        input.bed.as_str(),
        input.time.as_millis(),
        number(input.after),
        input.call.word(),
        sensor,
        last_sample.map(WallTime::as_millis),
        shown.map(number),
        in_force.map(crate::beds::limits_text).transpose()?,
        site,
        until.map(WallTime::as_millis),
    ])?;
    Ok(())
}

const COLUMNS: &str = "id, bed, time, after, call, sensor, last_sample, reading, limits, rules, until";

impl Record {
    /// What the bed's engine was told from the newest call at or before `from` on, and up to `to`, in order. What was
    /// told before `from` and still held then stands first: the newest `began`, `limits` and `looked`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn engine_inputs(
        &self,
        bed: &BedId,
        from: WallTime,
        to: WallTime,
    ) -> Result<(Vec<EngineInput>, Vec<EngineInput>), QueryError> {
        Ok(self.with(|db| {
            let span = params![bed.as_str(), from.as_millis(), to.as_millis()];
            // By number, because the time may have been set back between.
            let (first, last): (Option<i64>, Option<i64>) = db.query_row(
                "SELECT min(id), max(id) FROM engine_input WHERE bed = ?1 AND time > ?2 AND time <= ?3",
                span,
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let before = db
                .query_row(
                    "SELECT max(id) FROM engine_input WHERE bed = ?1 AND time <= ?2",
                    params![bed.as_str(), from.as_millis()],
                    |row| row.get::<_, Option<i64>>(0),
                )?
                .map_or(first, |before| Some(first.map_or(before + 1, |first| first.min(before + 1))));
            let mut held = Vec::new();
            // Nothing was told up to `to`: what came later did not hold then.
            let start = before.unwrap_or(0);
            for of in ["'began'", "'began', 'limits'", "'looked', 'removed'"] {
                let sql = format!(
                    "SELECT {COLUMNS} FROM engine_input WHERE bed = ?1 AND id < ?2 AND call IN ({of})
                     ORDER BY id DESC LIMIT 1"
                );
                held.extend(db.prepare_cached(&sql)?.query_row(params![bed.as_str(), start], read).optional()?);
            }
            held.sort_by_key(|(id, _)| *id);
            held.dedup_by_key(|(id, _)| *id);
            let told = db
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM engine_input WHERE bed = ?1 AND id BETWEEN ?2 AND ?3 ORDER BY id"
                ))?
                .query_map(params![bed.as_str(), start, last.unwrap_or(0)], read)?
                .map(|row| row.map(|(_, input)| input))
                .collect::<Result<_, _>>()?;
            Ok((held.into_iter().map(|(_, input)| input).collect(), told))
        })?)
    }

    /// The newest moment from `since` to `until` at which nothing was counted for the bed: its engine was made anew, or its
    /// patient had left.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn fresh_start(&self, bed: &BedId, since: WallTime, until: WallTime) -> Result<Option<WallTime>, QueryError> {
        Ok(self.with(|db| {
            db.query_row(
                "SELECT max(time) FROM engine_input WHERE bed = ?1 AND time BETWEEN ?2 AND ?3
                 AND (call = 'ended' OR call = 'began' AND until IS NULL)",
                params![bed.as_str(), since.as_millis(), until.as_millis()],
                |row| row.get::<_, Option<i64>>(0),
            )
            .map(|time| time.map(WallTime::from_millis))
        })?)
    }

    /// The runs of the station, oldest first: when each began, and when it ended or was last known to run.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn runs(&self) -> Result<Vec<(WallTime, WallTime)>, QueryError> {
        Ok(self.with(|db| {
            db.prepare_cached("SELECT started, coalesce(ended, last_alive) FROM session ORDER BY id")?
                .query_map([], |row| Ok((WallTime::from_millis(row.get(0)?), WallTime::from_millis(row.get(1)?))))?
                .collect()
        })?)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, EngineInput)> {
    let wrong = |column: usize, what: &str| {
        let text = format!("{what:?} is not a word of this program");
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, text.into())
    };
    let time = |column| row.get::<_, Option<i64>>(column).map(|time| time.map(WallTime::from_millis));
    let limits = || {
        let text: String = row.get(8)?;
        serde_json::from_str(&text).map_err(|_| wrong(8, &text))
    };
    let (bed, call): (String, String) = (row.get(1)?, row.get(4)?);
    let call = match call.as_str() {
        "began" => EngineCall::Began { limits: limits()?, rules: row.get(9)?, counted_to: time(10)? },
        "looked" => {
            let sensor: String = row.get(5)?;
            EngineCall::Looked {
                sensor: SensorState::parse(&sensor).ok_or_else(|| wrong(5, &sensor))?,
                last_sample: time(6)?,
                reading: row.get::<_, Option<i64>>(7)?.map(|seq| Seq(seq.unsigned_abs())),
            }
        }
        "limits" => EngineCall::Limits(limits()?),
        "ended" => EngineCall::Ended,
        "removed" => EngineCall::Removed,
        "clock" => EngineCall::ClockWas(WallTime::from_millis(row.get(10)?)),
        other => return Err(wrong(4, other)),
    };
    let input = EngineInput {
        bed: BedId::new(bed.as_str()).map_err(|_| wrong(1, &bed))?,
        time: WallTime::from_millis(row.get(2)?),
        after: Seq(row.get::<_, i64>(3)?.unsigned_abs()),
        call,
    };
    Ok((row.get(0)?, input))
}
