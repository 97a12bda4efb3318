//! Whole days of a bed, simulated from a seed: the engine held against a second, naive model of its rules.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop where it fails")]

mod agreement;
mod day;
mod lines;
mod naive;
mod random;
mod watched;
