//! What the alarm engine promises, told through its public interface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop where it fails")]

mod acceptance;
mod bench;
mod commands;
mod escalation;
mod latching;
mod opinion;
mod properties;
mod rapid_fall;
mod restart;
mod sensor;
mod station;
mod steps;
mod turned_off;
mod values;
