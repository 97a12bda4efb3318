//! Recordings that were fetched from the memory of a sensor.

use crate::{QueryError, Record};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use sha2::{Digest, Sha256};
use vitals::{BedId, PerfusionIndex, PulseRate, Spo2, WallTime};

/// The values of one second; `None` where the sensor had none, or none came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordedSecond {
    /// Oxygen saturation.
    pub spo2: Option<Spo2>,
    /// Pulse rate.
    pub pulse_rate: Option<PulseRate>,
    /// Perfusion index.
    pub perfusion_index: Option<PerfusionIndex>,
}

/// A recording as it comes from a sensor.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRecording {
    /// Where the sensor is.
    pub bed: BedId,
    /// The sensor's model, where it tells.
    pub model: Option<String>,
    /// Its id, where it tells.
    pub device_id: Option<String>,
    /// The protocol that it speaks.
    pub protocol: String,
    /// Which of its users.
    pub user: u8,
    /// Which of the user's recordings.
    pub segment: u8,
    /// When it began, as the sensor's clock has it.
    pub sensor_start: Option<String>,
    /// The same in the station's time zone; `None` without a date.
    pub start: Option<WallTime>,
    /// When it was fetched.
    pub fetched: WallTime,
    /// Who fetched it.
    pub by: String,
    /// The value of each second, from the start on.
    pub seconds: Vec<RecordedSecond>,
    /// How many of them were lost on the way.
    pub lost: u32,
    /// Every value came the same in two transfers.
    pub confirmed: bool,
}

/// What became of a recording that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptRecording {
    /// Its id in the record.
    pub id: i64,
    /// How many of its seconds are without SpO₂ or without pulse rate.
    pub missing: u32,
    /// The record had it before.
    pub already: bool,
}

/// A recording as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingRow {
    /// Its id.
    pub id: i64,
    /// The bed at which it was fetched.
    pub bed: String,
    /// The sensor's model.
    pub model: Option<String>,
    /// The sensor's id.
    pub device_id: Option<String>,
    /// The protocol that the sensor spoke.
    pub protocol: String,
    /// Which of the sensor's users.
    pub user: u8,
    /// Which of the user's recordings.
    pub segment: u8,
    /// When it began, as the sensor's clock had it.
    pub sensor_start: Option<String>,
    /// The same in the station's time zone.
    pub start: Option<WallTime>,
    /// When it was fetched.
    pub fetched: WallTime,
    /// Who fetched it.
    pub by: String,
    /// Its length.
    pub seconds: u32,
    /// Seconds without SpO₂ or without pulse rate.
    pub missing: u32,
    /// Seconds lost on the way.
    pub lost: u32,
    /// Every value came the same in two transfers.
    pub confirmed: bool,
}

const ROW: &str = "id, bed, model, device_id, protocol, user, segment, sensor_start, start, fetched, by, seconds, \
                   missing, lost, confirmed";

/// Bytes of a second.
const WIDTH: usize = 5;

fn pack(seconds: &[RecordedSecond]) -> Vec<u8> {
    let bytes = |second: &RecordedSecond| {
        let rate = second.pulse_rate.map_or(0, PulseRate::per_minute).to_le_bytes();
        let index = second.perfusion_index.map_or(0, PerfusionIndex::hundredths).to_le_bytes();
        [second.spo2.map_or(0, Spo2::percent), rate[0], rate[1], index[0], index[1]]
    };
    seconds.iter().flat_map(bytes).collect()
}

fn unpack(samples: &[u8]) -> Vec<RecordedSecond> {
    let (seconds, _) = samples.as_chunks::<WIDTH>();
    let second = |&[spo2, low, high, index_low, index_high]: &[u8; WIDTH]| RecordedSecond {
        spo2: Spo2::new(spo2),
        pulse_rate: PulseRate::new(u16::from_le_bytes([low, high])),
        perfusion_index: PerfusionIndex::from_hundredths(u16::from_le_bytes([index_low, index_high])),
    };
    seconds.iter().map(second).collect()
}

fn row(row: &Row<'_>) -> rusqlite::Result<RecordingRow> {
    Ok(RecordingRow {
        id: row.get(0)?,
        bed: row.get(1)?,
        model: row.get(2)?,
        device_id: row.get(3)?,
        protocol: row.get(4)?,
        user: row.get(5)?,
        segment: row.get(6)?,
        sensor_start: row.get(7)?,
        start: row.get::<_, Option<i64>>(8)?.map(WallTime::from_millis),
        fetched: WallTime::from_millis(row.get(9)?),
        by: row.get(10)?,
        seconds: row.get(11)?,
        missing: row.get(12)?,
        lost: row.get(13)?,
        confirmed: row.get(14)?,
    })
}

/// The same recording, if it is there: fetched at the same bed from the same sensor, begun at the same moment and as
/// long; where the sensor has no clock, the same values. At another bed it is another one: what was fetched there is not
/// seen here.
fn same(db: &Connection, new: &NewRecording, hash: &[u8]) -> rusqlite::Result<Option<(i64, u32)>> {
    db.prepare_cached(
        "SELECT id, lost FROM recording
         WHERE protocol = ?1 AND model IS ?2 AND device_id IS ?3 AND user = ?4 AND seconds = ?5
               AND (hash = ?6 OR (start IS NOT NULL AND sensor_start = ?7)) AND bed = ?8
         ORDER BY id DESC LIMIT 1",
    )?
    .query_row(
        params![
            new.protocol,
            new.model,
            new.device_id,
            new.user,
            new.seconds.len() as i64,
            hash,
            new.start.and(new.sensor_start.as_deref()),
            new.bed.as_str(),
        ],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .optional()
}

fn keep(db: &Transaction<'_>, new: &NewRecording) -> rusqlite::Result<KeptRecording> {
    let samples = pack(&new.seconds);
    let hash: [u8; 32] = Sha256::digest(&samples).into();
    let is_missing = |second: &&RecordedSecond| second.spo2.is_none() || second.pulse_rate.is_none();
    let missing = new.seconds.iter().filter(is_missing).count() as u32;
    if let Some((id, lost)) = same(db, new, &hash)? {
        if new.lost < lost {
            // The same one, and more of it: what was lost last time is there now.
            db.execute(
                "UPDATE recording SET missing = ?2, lost = ?3, confirmed = ?4, hash = ?5, samples = ?6, fetched = ?7,
                                      by = ?8 WHERE id = ?1",
                params![id, missing, new.lost, new.confirmed, hash, samples, new.fetched.as_millis(), new.by],
            )?;
            return Ok(KeptRecording { id, missing, already: false });
        }
        let missing = db.query_row("SELECT missing FROM recording WHERE id = ?1", [id], |row| row.get(0))?;
        return Ok(KeptRecording { id, missing, already: true });
    }
    db.execute(
        "INSERT INTO recording (bed, model, device_id, protocol, user, segment, sensor_start, start, fetched, by,
                                seconds, missing, lost, confirmed, hash, samples)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        params![
            new.bed.as_str(),
            new.model,
            new.device_id,
            new.protocol,
            new.user,
            new.segment,
            new.sensor_start,
            new.start.map(WallTime::as_millis),
            new.fetched.as_millis(),
            new.by,
            new.seconds.len() as i64,
            missing,
            new.lost,
            new.confirmed,
            hash,
            samples,
        ],
    )?;
    Ok(KeptRecording { id: db.last_insert_rowid(), missing, already: false })
}

impl Record {
    /// Keeps a recording, once: one that is there already stays as it is, unless more of it came this time.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn keep_recording(&self, new: &NewRecording) -> Result<KeptRecording, QueryError> {
        self.change(|db| keep(db, new).map_err(QueryError::from))
    }

    /// The recordings that were fetched at a bed, the newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn recordings(&self, bed: &BedId) -> Result<Vec<RecordingRow>, QueryError> {
        Ok(self.with(|db| {
            db.prepare_cached(&format!("SELECT {ROW} FROM recording WHERE bed = ?1 ORDER BY fetched DESC, id DESC"))?
                .query_map([bed.as_str()], row)?
                .collect()
        })?)
    }

    /// One recording of a bed with its values; `None` if there is none of that id.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn recording(&self, bed: &BedId, id: i64) -> Result<Option<(RecordingRow, Vec<RecordedSecond>)>, QueryError> {
        Ok(self.with(|db| {
            db.prepare_cached(&format!("SELECT {ROW}, samples FROM recording WHERE bed = ?1 AND id = ?2"))?
                .query_row(params![bed.as_str(), id], |found| Ok((row(found)?, unpack(found.get_ref(15)?.as_blob()?))))
                .optional()
        })?)
    }
}
