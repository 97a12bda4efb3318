//! What the program does, seen from outside: the real binary over real pseudo-terminals, sockets and browsers.
//!
//! Nothing here knows the crates' insides; the contract is `docs/ref/`. Each test has its own data folder, sensors,
//! ports and processes, so that all can run at the same time.

#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod harness;
// The bus and the loudspeaker that the desktop's own tests use.
#[path = "../../src-tauri/desktop/tests/listening/mod.rs"]
#[allow(dead_code, reason = "this ear measures more than is asked here")]
mod listening;
#[path = "../../src-tauri/desktop/tests/loudspeaker/mod.rs"]
#[allow(dead_code, reason = "this loudspeaker can do more than is asked here")]
mod loudspeaker;
#[path = "../../src-tauri/desktop/tests/private_bus/mod.rs"]
mod private_bus;

mod acceptance;
mod access;
mod alarms;
mod captures;
mod clock;
mod command_line;
mod commands;
mod demo;
mod lookback;
mod notifications;
mod recordings;
mod restart;
mod resume;
mod screens;
mod sensors;
mod site_rules;
mod slow_clients;
mod sound;
mod stream;
mod tablet;
mod tls;
#[cfg(feature = "desktop")]
mod window;
