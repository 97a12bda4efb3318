//! Tests that count every sound and every notification, on a computer that other tests keep busy.

use super::station::Folder;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Runs `attempt` on a folder with these settings, and once more if it failed while the station told of a slow disk: a
/// station that gets no moment to write in raises that alarm, which sounds and notifies as well as the one looked for.
pub fn undisturbed(settings: &str, attempt: impl Fn(&Folder)) {
    let mut attempts = 0;
    loop {
        let folder = Folder::in_memory();
        std::fs::write(folder.data().join("oxiward.toml"), settings).unwrap();
        let Err(failure) = catch_unwind(AssertUnwindSafe(|| attempt(&folder))) else { return };
        attempts += 1;
        if attempts == 4 || !was_slow(&folder) {
            resume_unwind(failure);
        }
        eprintln!("The disk was slow; once more.");
    }
}

fn was_slow(folder: &Folder) -> bool {
    let told = folder.database().query_row(
        "SELECT count(*) FROM alarm_change WHERE condition = 'storage_failed'",
        [],
        |row| row.get::<_, i64>(0),
    );
    told.unwrap() > 0
}
