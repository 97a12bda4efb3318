//! Deletes what is older than the station's settings keep, a little at a time.

use crate::open::set_meta;
use rusqlite::{Connection, OptionalExtension, params};
use vitals::WallTime;

/// Rows deleted at once: about a millisecond, so that no reading waits behind it.
const ROWS: i64 = 500;

/// What is still to be deleted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    readings_before: Option<WallTime>,
    waves_before: Option<WallTime>,
    /// The first number that stays; known once it has been looked up.
    first_kept: Option<i64>,
}

impl Plan {
    pub(crate) const fn new(readings_before: Option<WallTime>, waves_before: Option<WallTime>) -> Self {
        Self { readings_before, waves_before, first_kept: None }
    }

    /// Deletes a little; `true` while there is more. Lines go by number, oldest first, so that what is left has no
    /// hole; an active alarm's lines stay.
    pub(crate) fn step(&mut self, db: &mut Connection) -> rusqlite::Result<bool> {
        if let (Some(before), None) = (self.readings_before, self.first_kept) {
            // From the oldest up: run daily, this looks at one day.
            let first: Option<i64> = db
                .query_row(
                    "SELECT seq FROM reading WHERE time >= ?1 ORDER BY seq LIMIT 1",
                    [before.as_millis()],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(first) = first else {
                self.readings_before = None;
                return Ok(true);
            };
            set_meta(db, "first_seq", &first.to_string())?;
            self.first_kept = Some(first);
        }
        if let Some(first) = self.first_kept {
            for sql in [
                "DELETE FROM reading WHERE seq IN (SELECT seq FROM reading WHERE seq < ?1 LIMIT ?2)",
                "DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE seq < ?1 LIMIT ?2)",
                "DELETE FROM alarm_change WHERE seq IN (SELECT seq FROM alarm_change WHERE seq < ?1
                 AND id NOT IN (SELECT id FROM alarm WHERE state = 'active') LIMIT ?2)",
                // What was told last and still holds stays.
                "DELETE FROM engine_input WHERE id IN (SELECT id FROM engine_input WHERE after < ?1
                 AND id NOT IN (SELECT max(id) FROM engine_input WHERE after < ?1 GROUP BY bed, call) LIMIT ?2)",
                "DELETE FROM alarm WHERE id IN (SELECT id FROM alarm WHERE seq < ?1 AND state = 'cleared' LIMIT ?2)",
                // Ids count up, and one that is not written yet lies above all.
                "DELETE FROM receipt WHERE (alarm, client, address) IN (SELECT alarm, client, address FROM receipt
                 WHERE alarm < (SELECT min(id) FROM alarm) AND ?1 > 0 LIMIT ?2)",
            ] {
                if db.execute(sql, params![first, ROWS])? > 0 {
                    return Ok(true);
                }
            }
            (self.first_kept, self.readings_before) = (None, None);
        }
        if let Some(before) = self.waves_before {
            let sql = "DELETE FROM wave WHERE id IN (SELECT id FROM wave WHERE time < ?1 LIMIT ?2)";
            return Ok(db.execute(sql, params![before.as_millis(), ROWS])? > 0);
        }
        Ok(false)
    }
}
