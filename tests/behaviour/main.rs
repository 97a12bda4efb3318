//! What the program does, seen from outside: the real binary over real pseudo-terminals, sockets and browsers.
//!
//! Nothing here knows the crates' insides; the contract is `docs/ref/`. Each test has its own data folder, sensors,
//! ports and processes, so that all can run at the same time.

#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod harness;

mod alarms;
mod command_line;
mod commands;
mod demo;
mod restart;
mod resume;
mod sensors;
mod slow_clients;
mod stream;
