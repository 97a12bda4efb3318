//! The command line (`docs/ref/command-line.md`): one file per subcommand.

mod backup;
mod check;
mod decode;
mod folder;
mod options;
mod pair;
mod ports;
mod running;
mod serve;
mod settings;
mod simulate;
mod sound;
mod token;
mod what_if;
#[cfg(feature = "desktop")]
mod window;

use clap::{Parser, Subcommand};
use options::{Common, StationOptions};
use std::process::ExitCode;

/// A nurse-station pulse-oximetry station.
///
/// Without a command: the station with its window. NOT A MEDICAL DEVICE: not for diagnosis or treatment, and not as the
/// sole or primary alarm. The oximeter's own alarms must stay on.
#[derive(Debug, Parser)]
#[command(name = "oxiward", version, args_conflicts_with_subcommands = false, subcommand_negates_reqs = true)]
struct Line {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    station: StationOptions,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The same station without a window.
    Serve(StationOptions),
    /// Emulates a sensor on a new pseudo-terminal, and prints the path to open.
    Simulate(simulate::Simulate),
    /// Decodes a raw capture of a sensor's line to a table.
    Decode(decode::Decode),
    /// Lists the serial ports of this computer.
    Ports(ports::Ports),
    /// Makes, lists and revokes tokens; works while the station runs.
    #[command(subcommand)]
    Token(token::Token),
    /// Prints a link and a QR code that pair a tablet.
    Pair(pair::Pair),
    /// Makes a consistent copy of the record while the station runs.
    Backup(backup::Backup),
    /// What would have alarmed with other limits, from the record; works while the station runs.
    WhatIf(what_if::WhatIfLine),
    /// Checks the record and the audit log: 0 means sound, 1 says what is wrong.
    Check,
}

/// What went wrong, in a sentence that says what to do, and with which status the program ends.
#[derive(Debug)]
pub(crate) struct Failure {
    status: u8,
    message: String,
}

impl Failure {
    /// It did not work: status 1.
    pub(crate) fn failed(message: impl ToString) -> Self {
        Self { status: 1, message: message.to_string() }
    }

    /// It was asked for wrongly: status 2.
    pub(crate) fn usage(message: impl ToString) -> Self {
        Self { status: 2, message: message.to_string() }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::failed(error)
    }
}

/// Reads the command line, does what it says, and tells how it went.
pub(crate) fn run() -> ExitCode {
    let line = match Line::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // Help and version are no errors and go to standard output; the rest ends with 2.
            let status = u8::try_from(error.exit_code()).unwrap_or(2);
            if error.print().is_err() {
                return ExitCode::from(2);
            }
            return ExitCode::from(status);
        }
    };
    match dispatch(line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.message);
            ExitCode::from(failure.status)
        }
    }
}

fn dispatch(line: Line) -> Result<(), Failure> {
    let Line { common, station, command } = line;
    common.start_log();
    if command.is_some() && station != StationOptions::default() {
        return Err(Failure::usage("Options of the station belong behind the command: `oxiward serve --bed …`."));
    }
    match command {
        None => open_window(&common, station),
        Some(Command::Serve(station)) => serve::serve(&common, station),
        Some(Command::Simulate(simulate)) => simulate.run(),
        Some(Command::Decode(decode)) => decode.run(),
        Some(Command::Ports(ports)) => ports.run(&common),
        Some(Command::Token(token)) => token.run(&common),
        Some(Command::Pair(pair)) => pair.run(&common),
        Some(Command::Backup(backup)) => backup.run(&common),
        Some(Command::WhatIf(line)) => line.run(&common),
        Some(Command::Check) => check::run(&common),
    }
}

#[cfg(feature = "desktop")]
fn open_window(common: &Common, station: StationOptions) -> Result<(), Failure> {
    window::open(common, station)
}

#[cfg(not(feature = "desktop"))]
fn open_window(_: &Common, _: StationOptions) -> Result<(), Failure> {
    Err(Failure::usage("This build has no window. Run `oxiward serve`, and open the link that it prints."))
}

/// Prints a line that programs read.
pub(crate) fn say(line: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    // A reader that has gone, as behind `| head`, wants no more lines; that is no failure.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_without_contradictions() {
        Line::command().debug_assert();
    }
}
