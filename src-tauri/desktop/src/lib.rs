//! What a station does on its own computer: it sounds alarms, shows notifications, keeps the computer awake and, with
//! the feature `window`, has a window and a tray icon.
//!
//! Nothing here decides anything. Each part takes what it should show or sound from a watch channel, reports in words
//! whether it can, and never makes the sender wait. It may not know beds, ports, the record or the server; it knows
//! the words of `vitals`.
//!
//! Without the feature `window` no GUI library is linked: a headless edge station with a speaker sounds all the same.
//!
//! ```
//! use desktop::sound;
//! use std::time::Duration;
//! use vitals::Priority;
//!
//! // A HIGH alarm is a burst of ten pulses in 3.4 s, every 10 s.
//! assert_eq!(sound::length(Priority::High), Duration::from_millis(3400));
//! assert_eq!(sound::repeat(Priority::High), Duration::from_secs(10));
//! let samples = sound::burst(Priority::High, 48_000, 0.8);
//! assert_eq!(samples.len(), 48_000 * 34 / 10);
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod awake;
mod bus;
pub mod instance;
pub mod notifications;
pub mod sound;
#[cfg(feature = "window")]
pub mod window;

pub use bus::Bus;
