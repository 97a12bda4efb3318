//! A consistent copy while the station runs.

use crate::Record;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::path::Path;
use std::time::Duration;

/// The copy was not made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file is there already.
    #[error("{0} is there already; choose another name, for a backup overwrites nothing.")]
    Exists(String),
    /// The database or the copy failed.
    #[error("The backup was not made: {0}.")]
    Failed(#[from] rusqlite::Error),
    /// The copy is not sound.
    #[error("The copy is not sound ({0}); it was left for you to look at. Run `oxiward check`.")]
    Unsound(String),
}

impl Record {
    /// Copies the database to `file`, a few pages at a time so that nobody waits, and checks the copy.
    ///
    /// # Errors
    /// If the file exists, cannot be written, or the copy is not sound.
    pub fn backup(&self, file: &Path) -> Result<(), BackupError> {
        if file.exists() {
            return Err(BackupError::Exists(file.display().to_string()));
        }
        let mut copy = Connection::open(file)?;
        self.with(|db| {
            let backup = Backup::new(db, &mut copy)?;
            loop {
                match backup.step(256)? {
                    StepResult::Done => return Ok(()),
                    StepResult::More => {}
                    _ => std::thread::sleep(Duration::from_millis(20)),
                }
            }
        })?;
        let verdict: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        // The copy is one file: whoever opens it needs no companion.
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        if verdict == "ok" { Ok(()) } else { Err(BackupError::Unsound(verdict)) }
    }
}
