//! `oxiward check`: is the record sound, and the audit log whole?

use super::options::Common;
use super::{Failure, say};
use record::Record;

pub(crate) fn run(common: &Common) -> Result<(), Failure> {
    let checked = Record::existing(&common.folder()?)?.check()?;
    if checked.is_sound() {
        let lines = checked.lines;
        say(&format!("Sound: {lines} lines of the record, {} of the audit log.", checked.audit_lines));
        return Ok(());
    }
    Err(Failure::failed(checked.faults.join("\n")))
}
