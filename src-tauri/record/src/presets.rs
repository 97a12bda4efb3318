//! The ward's preset: the limits that beds begin with, and go back to at discharge.

use crate::{QueryError, Record};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use vitals::{Limits, Preset, WallTime};

/// The preset that an admin set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WardPreset {
    /// The limits.
    pub limits: Limits,
    /// The starting point, if they are one unchanged.
    pub from: Option<Preset>,
    /// Who set them.
    pub by: String,
    /// When.
    pub time: WallTime,
}

impl Record {
    /// The ward's preset; `None` if nobody has set one, or what is stored can no longer be set.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn ward_preset(&self) -> Result<Option<WardPreset>, QueryError> {
        Ok(self.with(read)?)
    }
}

pub(crate) fn read(db: &Connection) -> rusqlite::Result<Option<WardPreset>> {
    let row = db
        .query_row("SELECT limits, start_from, by, time FROM ward_preset", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get(2)?, row.get::<_, i64>(3)?))
        })
        .optional()?;
    Ok(row.and_then(|(limits, from, by, time)| {
        let limits = serde_json::from_str::<Limits>(&limits).ok()?.check().ok()?;
        let from = from.as_deref().and_then(Preset::parse);
        Some(WardPreset { limits, from, by, time: WallTime::from_millis(time) })
    }))
}

pub(crate) fn put(db: &Connection, preset: &WardPreset) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO ward_preset VALUES (1, ?1, ?2, ?3, ?4)
         ON CONFLICT (only_row) DO UPDATE SET limits = excluded.limits, start_from = excluded.start_from,
                                              by = excluded.by, time = excluded.time",
        params![
            serde_json::to_string(&preset.limits).unwrap_or_default(),
            preset.from.map(Preset::as_str),
            preset.by,
            preset.time.as_millis(),
        ],
    )?;
    Ok(())
}
