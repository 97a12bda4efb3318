//! Measures the headless station, the release binary as it is shipped: `cargo bench --no-default-features --bench
//! station`. `-- --quick` tries everything out with spans too short to publish; a part's name measures that part alone.
//!
//! It is no benchmark of functions: it starts the real program, is its sensors over pseudo-terminals and its clients
//! over sockets, and prints tables. `docs/ref/performance.md` says how and what.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench"
)]

// What a process costs is asked of /proc, and many clients wait at an epoll.
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
