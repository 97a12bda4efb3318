//! What staff change: beds, limits, admissions.

use crate::devices::{self, Bound};
use crate::presets;
use crate::{QueryError, Record};
use rusqlite::{Connection, OptionalExtension, Row, params};
use vitals::{BedId, Limits, Patient, WallTime};

/// A bed as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct BedRow {
    /// The bed.
    pub id: BedId,
    /// Its name, for people.
    pub name: String,
    /// The port of its sensor, as it was named; `None`: no sensor.
    pub port: Option<String>,
    /// `auto`, or the name of a protocol.
    pub protocol: String,
    /// Its limits.
    pub limits: Limits,
    /// Who lies in it.
    pub patient: Option<Patient>,
    /// When a patient last came or left; what is older belongs to somebody who has left.
    pub history_from: Option<WallTime>,
    /// The station made it by itself, and nobody has named it yet.
    pub found: bool,
    /// The adapter that is the bed's, whatever the system calls its port today.
    pub bound: Option<Bound>,
}

impl Record {
    /// All beds, in the order of their ids.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn beds(&self) -> Result<Vec<BedRow>, QueryError> {
        Ok(self.with(all)?)
    }
}

pub(crate) fn all(db: &Connection) -> rusqlite::Result<Vec<BedRow>> {
    // Limits that cannot be read fall back to it.
    let preset = presets::read(db)?.map_or(Limits::ADULT, |preset| preset.limits);
    let read = |row: &Row<'_>| -> rusqlite::Result<Option<BedRow>> {
        let limits: String = row.get(4)?;
        let Ok(id) = BedId::new(row.get::<_, String>(0)?) else { return Ok(None) };
        let patient = row
            .get::<_, Option<String>>(5)?
            .map(|id| Ok::<_, rusqlite::Error>(Patient { id, name: row.get(6)? }))
            .transpose()?;
        Ok(Some(BedRow {
            id,
            name: row.get(1)?,
            port: row.get(2)?,
            protocol: row.get(3)?,
            // Limits that no longer parse or hold fall back to the preset: alarms must never be off by accident.
            limits: serde_json::from_str::<Limits>(&limits)
                .ok()
                .and_then(|limits| limits.check().ok())
                .unwrap_or(preset),
            patient,
            history_from: row.get::<_, Option<i64>>(7)?.map(WallTime::from_millis),
            found: row.get(8)?,
            bound: devices::read_bound(row, 9)?,
        }))
    };
    let mut beds: Vec<BedRow> = db
        .prepare(
            "SELECT bed.id, name, bed.port, protocol, limits, patient_id, patient_name,
                    (SELECT max(max(admitted), max(coalesce(discharged, admitted))) FROM admission AS past
                     WHERE past.bed = bed.id),
                    found_bed.bed IS NOT NULL, bed_adapter.port, usb, serial, place
             FROM bed LEFT JOIN admission ON admission.bed = bed.id AND discharged IS NULL
                      LEFT JOIN found_bed ON found_bed.bed = bed.id
                      LEFT JOIN bed_adapter ON bed_adapter.bed = bed.id",
        )?
        .query_map([], read)?
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    beds.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(beds)
}

pub(crate) fn limits_text(limits: &Limits) -> rusqlite::Result<String> {
    serde_json::to_string(limits).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// The bed itself; its patient is kept by `admit` and `discharge`.
pub(crate) fn put(db: &Connection, row: &BedRow) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO bed VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, port = excluded.port, protocol = excluded.protocol,
                                        limits = excluded.limits",
    )?
    .execute(params![row.id.as_str(), row.name, row.port, row.protocol, limits_text(&row.limits)?])?;
    if row.found {
        db.execute("INSERT OR IGNORE INTO found_bed VALUES (?1)", [row.id.as_str()])?;
    } else {
        db.execute("DELETE FROM found_bed WHERE bed = ?1", [row.id.as_str()])?;
    }
    devices::bind(db, &row.id, row.bound.as_ref())
}

pub(crate) fn set_limits(db: &Connection, bed: &BedId, limits: &Limits) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE bed SET limits = ?2 WHERE id = ?1")?
        .execute(params![bed.as_str(), limits_text(limits)?])?;
    Ok(())
}

pub(crate) fn set_name(db: &Connection, bed: &BedId, name: &str) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE bed SET name = ?2 WHERE id = ?1")?.execute(params![bed.as_str(), name])?;
    Ok(())
}

pub(crate) fn remove(db: &Connection, bed: &BedId, now: WallTime) -> rusqlite::Result<()> {
    discharge(db, bed, now)?;
    db.execute("DELETE FROM alarm_state WHERE bed = ?1", [bed.as_str()])?;
    db.execute("DELETE FROM found_bed WHERE bed = ?1", [bed.as_str()])?;
    devices::bind(db, bed, None)?;
    db.execute("DELETE FROM bed WHERE id = ?1", [bed.as_str()])?;
    Ok(())
}

pub(crate) fn admit(db: &Connection, bed: &BedId, patient: &Patient, now: WallTime) -> rusqlite::Result<()> {
    discharge(db, bed, now)?;
    db.execute(
        "INSERT INTO admission (bed, patient_id, patient_name, admitted) VALUES (?1, ?2, ?3, ?4)",
        params![bed.as_str(), patient.id, patient.name, now.as_millis()],
    )?;
    Ok(())
}

pub(crate) fn discharge(db: &Connection, bed: &BedId, now: WallTime) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE admission SET discharged = ?2 WHERE bed = ?1 AND discharged IS NULL",
        params![bed.as_str(), now.as_millis()],
    )?;
    Ok(())
}

impl Record {
    /// What the bed's alarm engine saved last, and up to when it had counted.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn alarm_state(&self, bed: &BedId) -> Result<Option<(WallTime, String)>, QueryError> {
        Ok(self.with(|db| {
            db.query_row("SELECT time, state FROM alarm_state WHERE bed = ?1", [bed.as_str()], |row| {
                Ok((WallTime::from_millis(row.get(0)?), row.get(1)?))
            })
            .optional()
        })?)
    }
}
