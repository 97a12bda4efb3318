//! A screen without glass.

use super::process::Process;
use std::process::Command;
use std::time::Duration;

pub struct Display {
    _server: Process,
    name: String,
}

impl Display {
    pub fn new() -> Self {
        let mut command = Command::new("Xvfb");
        // The server takes the first free number itself and says which.
        command.args(["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"]);
        let server = Process::start_of_package(&mut command, "xvfb");
        let number = server.line_within(Duration::from_secs(20));
        let number = number.unwrap_or_else(|| panic!("Xvfb does not start:\n{}", server.said()));
        Self { _server: server, name: format!(":{number}") }
    }

    /// What `DISPLAY` is to be.
    pub fn name(&self) -> &str {
        &self.name
    }
}
