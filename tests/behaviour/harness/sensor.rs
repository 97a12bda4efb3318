//! The sensor: `oxiward simulate` on a pseudo-terminal.

use super::process::{Process, within};
use super::station::oxiward;
use nix::sys::signal::Signal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub struct Sensor {
    process: Process,
    path: PathBuf,
}

impl Sensor {
    /// One that the pseudo-terminal's own name leads to.
    pub fn new(protocol: &str, scenario: &str) -> Self {
        Self::start(protocol, scenario, None)
    }

    /// One whose name stays over unplugging.
    pub fn at(link: &Path, protocol: &str, scenario: &str) -> Self {
        Self::start(protocol, scenario, Some(link))
    }

    fn start(protocol: &str, scenario: &str, link: Option<&Path>) -> Self {
        let mut command = oxiward();
        command.args(["simulate", "--log", "debug", "--protocol", protocol, "--scenario", scenario]);
        if let Some(link) = link {
            command.arg("--link").arg(link);
        }
        Self::run(&mut command)
    }

    /// One with these options of `oxiward simulate`.
    pub fn with(arguments: &[&str]) -> Self {
        Self::run(oxiward().args(["simulate", "--log", "debug"]).args(arguments))
    }

    /// The same, in this folder.
    pub fn in_folder(folder: &Path, arguments: &[String]) -> Self {
        Self::run(oxiward().current_dir(folder).args(["simulate", "--log", "debug"]).args(arguments))
    }

    fn run(command: &mut Command) -> Self {
        let process = Process::start(command);
        let path = process.line_within(Duration::from_secs(10)).expect("the path of the simulated sensor");
        Self { process, path: path.into() }
    }

    /// What it said to standard error.
    pub fn said(&self) -> String {
        self.process.said()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How often the host has asked it for live data.
    pub fn times_started(&self) -> usize {
        self.process.said().matches("asked for live data").count()
    }

    /// Pulls it out.
    pub fn unplug(mut self) {
        self.process.signal(Signal::SIGTERM);
        assert_eq!(self.process.ends_within(Duration::from_secs(5)).code(), Some(0));
    }

    /// The line stays open and nothing comes.
    pub fn freeze(&self) {
        self.process.signal(Signal::SIGSTOP);
    }

    pub fn thaw(&self) {
        self.process.signal(Signal::SIGCONT);
    }

    /// Waits until the host has asked for live data this often.
    pub fn is_started(&self, times: usize, span: Duration) {
        within(span, "the sensor is asked for live data", || (self.times_started() >= times).then_some(()));
    }
}
