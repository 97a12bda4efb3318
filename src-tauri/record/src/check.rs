//! Is the database sound, and is the audit log whole?

use crate::{Record, audit};

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What is wrong, a sentence each; empty if nothing is.
    pub faults: Vec<String>,
    /// How many lines the record holds.
    pub lines: u64,
    /// How many lines the audit log holds.
    pub audit_lines: u64,
}

impl Checked {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// The check could not be made.
#[derive(Debug, thiserror::Error)]
#[error("The record could not be checked: {0}.")]
pub struct CheckError(#[from] rusqlite::Error);

impl Record {
    /// Checks the database's pages, the order of the record's numbers, and the chain of the audit log.
    ///
    /// # Errors
    /// If the database cannot be read at all.
    pub fn check(&self) -> Result<Checked, CheckError> {
        Ok(self.with(|db| {
            let mut faults = Vec::new();
            let mut verdicts = db.prepare("PRAGMA integrity_check(20)")?;
            for verdict in verdicts.query_map([], |row| row.get::<_, String>(0))? {
                let verdict = verdict?;
                if verdict != "ok" {
                    faults.push(format!("The database file is damaged: {verdict}."));
                }
            }
            let twice: i64 = db.query_row(
                "SELECT count(*) FROM (SELECT seq FROM (SELECT seq FROM reading UNION ALL SELECT seq FROM alarm_change
                                                        UNION ALL SELECT seq FROM event) GROUP BY seq HAVING count(*) > 1)",
                [],
                |row| row.get(0),
            )?;
            if twice > 0 {
                faults.push(format!("{twice} numbers of the record were used twice."));
            }
            if let Some(id) = audit::first_break(db)? {
                faults.push(format!("The audit log was changed: line {id} does not fit the one before it."));
            }
            let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|count| count.unsigned_abs());
            Ok(Checked {
                faults,
                lines: count(
                    "SELECT (SELECT count(*) FROM reading) + (SELECT count(*) FROM alarm_change)
                            + (SELECT count(*) FROM event)",
                )?,
                audit_lines: count("SELECT count(*) FROM audit")?,
            })
        })?)
    }
}
