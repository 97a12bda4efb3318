//! A screen without glass.

use super::process::Process;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

static TURN: Mutex<()> = Mutex::new(());

pub struct Display {
    _server: Process,
    name: String,
}

impl Display {
    pub fn new() -> Self {
        // One at a time: servers that look for a free number at the same moment can take the same one and wait for ever.
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut said = String::new();
        for _ in 0..3 {
            let mut command = Command::new("Xvfb");
            command.args(["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"]);
            let server = Process::start_of_package(&mut command, "xvfb");
            if let Some(number) = server.line_within(Duration::from_secs(15)) {
                return Self { _server: server, name: format!(":{number}") };
            }
            said = server.said();
        }
        panic!("Xvfb does not start:\n{said}");
    }

    /// What `DISPLAY` is to be.
    pub fn name(&self) -> &str {
        &self.name
    }
}
