//! Measures the station with its window: `cargo bench --bench window`. `-- --quick` tries it out.
//!
//! The window stands on a screen of its own (Xvfb), which is painted by software, as on a computer without a graphics
//! card.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench"
)]

// What a process costs is asked of /proc.
#[cfg(target_os = "linux")]
#[path = "run.rs"]
mod run;

#[cfg(target_os = "linux")]
fn main() {
    run::run();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("This bench looks into /proc, so it runs on Linux alone.");
    std::process::exit(1);
}
