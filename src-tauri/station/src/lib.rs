//! The station: owns the tasks. Ports feed beds, beds feed the hub, the hub feeds the record and its followers.
//!
//! It knows serial ports, the record and the clock; it knows no HTTP, no window, no screen. Whoever shows anything
//! holds a [`Handle`]: they [`follow`](Handle::follow) the hub, and send [`Command`]s to beds.
//!
//! ```
//! use station::{Options, Station};
//!
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # runtime.block_on(async {
//! let folder = tempfile::tempdir()?;
//! let station = Station::start(Options { folder: folder.path().to_owned(), ..Options::default() })?;
//! let following = station.handle().follow().await?;
//! assert!(following.beds.is_empty(), "a new station has no bed");
//! station.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod bed;
mod capture;
mod clock;
mod command;
mod discovery;
mod handle;
mod hub;
mod local_time;
mod look_back;
mod memory;
mod plug;
mod port;
mod retention;
mod roster;
mod simulated;
mod start;
mod ward;

pub use alarm::RapidFall;
pub use bed::Observer;
pub use capture::{Captures, Kept as KeptCapture, ShelfError};
pub use clock::{Clock, wall_now};
pub use command::{Answer, Command, Refusal, Request};
pub use discovery::probe;
pub use handle::{BedChange, Ended, Handle, Health, Run};
pub use hub::{ActiveAlarm, Annunciation, Following, Moment};
pub use local_time::{hour_and_minute, seconds_east, start_of_day};
pub use look_back::{
    LaterAlarm, ListedAlarm, LoadReport, Told, WhatIf, WhatIfError, WhatIfReport, load_report, what_if,
};
pub use plug::{Plugged, Ports, beds_at, is_oximeters, known_again};
pub use port::{OpenError as PortError, holder_of_address, holder_of_file};
#[cfg(unix)]
pub use simulated::{Played, PseudoTerminal, SimulateError, Simulated};
pub use start::{BedSpec, CaptureSpec, Options, StartError, Station};
