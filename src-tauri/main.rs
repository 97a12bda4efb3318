//! `oxiward`: the station with its window, the same station without one, and the tools around it.
//!
//! Each subcommand is a file in `cli/`; the rooms do the work (`docs/design/house.md`).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
