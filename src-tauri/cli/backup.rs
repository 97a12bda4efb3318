//! `oxiward backup`: a consistent copy while the station runs.

use super::Failure;
use super::options::Common;
use clap::Args;
use record::Record;
use std::path::PathBuf;

/// Copies the record.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The new file; it must not be there yet.
    file: PathBuf,
}

impl Backup {
    pub(crate) fn run(&self, common: &Common) -> Result<(), Failure> {
        Record::existing(&common.folder()?)?.backup(&self.file)?;
        eprintln!("The record was copied to {} and the copy is sound.", self.file.display());
        Ok(())
    }
}
