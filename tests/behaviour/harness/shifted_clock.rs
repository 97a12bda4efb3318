//! Clocks of a program under test that the test moves: what it would see if somebody set the time of day, or if the
//! computer slept. The stand-in is a few lines of C, compiled here.

use super::station::{Folder, Plan};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/behaviour/harness/shifted_clock.c");

pub struct ShiftedClock {
    library: PathBuf,
    path: PathBuf,
    shift: File,
    set_ms: i64,
    slept_ms: i64,
}

impl ShiftedClock {
    /// Clocks that are right so far.
    pub fn new(folder: &Folder) -> Self {
        let library = folder.beside("shifted_clock.so");
        let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O2", "-o"]).arg(&library).arg(SOURCE).output();
        let compiled = compiled.expect("a C compiler: install the Debian package gcc, or run `make test`");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        let path = folder.beside("clock_shift");
        std::fs::write(&path, [0; 16]).unwrap();
        let shift = File::options().write(true).open(&path).unwrap();
        Self { library, path, shift, set_ms: 0, slept_ms: 0 }
    }

    /// A station that reads these clocks.
    pub fn seen_by<'a>(&self, plan: Plan<'a>) -> Plan<'a> {
        plan.surrounded_by("LD_PRELOAD", &self.library).surrounded_by("CLOCK_SHIFT", &self.path)
    }

    /// Sets the time of day: forward, or back.
    pub fn set_by(&mut self, seconds: i64) {
        self.set_ms += seconds * 1000;
        self.shift.write_all_at(&(self.set_ms * 1_000_000).to_ne_bytes(), 0).unwrap();
    }

    /// The computer slept for so long, and wakes now.
    pub fn sleep(&mut self, span: Duration) {
        self.slept_ms += i64::try_from(span.as_millis()).unwrap();
        self.shift.write_all_at(&(self.slept_ms * 1_000_000).to_ne_bytes(), 8).unwrap();
    }

    /// The time of day as the station sees it, ms.
    pub fn time_of_day(&self) -> i64 {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        i64::try_from(real.as_millis()).unwrap() + self.set_ms + self.slept_ms
    }
}
