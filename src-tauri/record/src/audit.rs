//! The audit log: each line carries the hash of the line before it.

use crate::write::Audit;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use vitals::{BedId, WallTime};

/// Hashes the fields with their lengths, so that no text can be moved from one field to the next unseen.
fn link(previous: &[u8], time: i64, bed: Option<&str>, what: &str, by: &str, detail: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(time.to_be_bytes());
    for field in [bed.unwrap_or_default(), what, by, detail] {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().into()
}

pub(crate) fn append(db: &Connection, time: WallTime, line: &Audit) -> rusqlite::Result<()> {
    let previous: Vec<u8> = db
        .prepare_cached("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?
        .unwrap_or_default();
    let bed = line.bed.as_ref().map(BedId::as_str);
    let detail = line.detail.to_string();
    let hash = link(&previous, time.as_millis(), bed, &line.what, &line.by, &detail);
    db.prepare_cached(
        "INSERT INTO audit (time, bed, what, by, detail, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![time.as_millis(), bed, line.what, line.by, detail, previous, hash])?;
    Ok(())
}

/// The id of the first line that does not fit the one before it; `None` if all fit.
pub(crate) fn first_break(db: &Connection) -> rusqlite::Result<Option<i64>> {
    let mut lines = db.prepare("SELECT id, time, bed, what, by, detail, previous, hash FROM audit ORDER BY id")?;
    let mut lines = lines.query([])?;
    let mut expected: Vec<u8> = Vec::new();
    while let Some(row) = lines.next()? {
        let (previous, hash): (Vec<u8>, Vec<u8>) = (row.get(6)?, row.get(7)?);
        let (bed, what): (Option<String>, String) = (row.get(2)?, row.get(3)?);
        let (by, detail): (String, String) = (row.get(4)?, row.get(5)?);
        if previous != expected || hash != link(&previous, row.get(1)?, bed.as_deref(), &what, &by, &detail) {
            return Ok(Some(row.get(0)?));
        }
        expected = hash;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn log() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        crate::migrate::migrate(&mut db).unwrap();
        for count in 0..3 {
            let line = Audit {
                bed: BedId::new("1").ok(),
                what: "limits_changed".into(),
                by: "Agnes".into(),
                detail: json!({ "spo2_low": 88 + count }),
            };
            append(&db, WallTime::from_millis(count), &line).unwrap();
        }
        db
    }

    #[test]
    fn an_untouched_log_has_no_break() {
        assert_eq!(first_break(&log()).unwrap(), None);
    }

    #[test]
    fn a_line_cannot_be_changed_or_deleted_through_sql() {
        let db = log();
        assert!(db.execute("UPDATE audit SET by = 'Berta' WHERE id = 2", []).is_err());
        assert!(db.execute("DELETE FROM audit WHERE id = 2", []).is_err());
    }

    #[test]
    fn a_line_changed_behind_the_triggers_is_found() {
        for tampering in [
            "UPDATE audit SET by = 'Berta' WHERE id = 2",
            "DELETE FROM audit WHERE id = 2",
            "UPDATE audit SET bed = NULL WHERE id = 2",
        ] {
            let db = log();
            db.execute_batch("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_cut;").unwrap();
            db.execute(tampering, []).unwrap();
            assert!(first_break(&db).unwrap().is_some(), "{tampering}");
        }
    }
}
