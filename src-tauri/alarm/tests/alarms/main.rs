//! What the alarm engine promises, told through its public interface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop where it fails")]

mod acceptance;
mod bench;
mod commands;
mod opinion;
mod properties;
mod restart;
mod sensor;
mod station;
mod steps;
mod values;
