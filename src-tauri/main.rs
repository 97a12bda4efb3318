//! `oxiward`: the station with its window, the same station without one, and the tools around it.
//!
//! Each subcommand is a file in `cli/`; the rooms do the work (`docs/design/house.md`).

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
