//! Wire protocols of pulse oximeters, both directions.
//!
//! Bytes of a serial line become [`Sample`]s, samples become bytes; a [`Detector`] finds out which protocol speaks; an
//! [`Errand`] fetches what a sensor has stored or sets its clock; a [`Simulator`] is a sensor that answers as the real
//! one does. For programs that watch, record or teach with real oximeters, and for tests of such programs without any.
//!
//! This crate knows no I/O, no clock, no beds and no alarms: time comes in as a [`core::time::Duration`] since any
//! fixed start, bytes come in, bytes to send go out. So the same code runs on a serial port, on a microcontroller, and
//! through a simulated night in a second. It needs `alloc`, nothing else, and allocates nothing per packet.
//!
//! ```
//! use core::time::Duration;
//! use oximeter::{Protocol, Scenario, Session, Simulator};
//!
//! // A host and a sensor, joined by two buffers in place of a cable, through ten seconds.
//! let mut host = Session::new(Protocol::ContecV7, Duration::ZERO);
//! let mut sensor = Simulator::new(Protocol::ContecV7, Scenario::Steady, 42, Duration::ZERO);
//! let (mut to_sensor, mut to_host, mut last) = (Vec::new(), Vec::new(), None);
//! host.start(Duration::ZERO, &mut to_sensor);
//! for now in (0..10_000).step_by(10).map(Duration::from_millis) {
//!     host.poll(now, &mut to_sensor, &mut |sample| last = Some(sample));
//!     sensor.receive(now, &to_sensor);
//!     to_sensor.clear();
//!     sensor.poll(now, &mut to_host);
//!     host.receive(now, &to_host, &mut |sample| last = Some(sample));
//!     to_host.clear();
//! }
//! let sample = last.ok_or("nothing came")?;
//! assert!((96..=98).contains(&sample.spo2.ok_or("no saturation")?));
//! assert_eq!(host.identity().model.as_deref(), Some("CMS50I"));
//! # Ok::<(), &str>(())
//! ```
//!
//! A missing value is `None`, never 0, 127 or 255; see [`Sample`] for what takes a number away and [`protocol`] for
//! what a damaged stream can and cannot do.

#![no_std]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

extern crate alloc;

pub mod capture;
mod confirm;
mod detect;
pub mod errand;
mod faults;
mod line;
mod names;
mod patient;
pub mod protocol;
mod random;
mod sample;
mod scenario;
mod script;
mod session;
mod simulator;

pub use detect::{Detector, Step};
pub use errand::{DeviceTime, Errand, Failure, NotPossible, Outcome, Progress};
pub use faults::{Arrival, Fault, FaultRates, Faults, WrongRates};
pub use line::{Line, NotALine, Parity};
pub use names::UnknownName;
pub use protocol::Protocol;
pub use sample::{Counters, Flags, Identity, Sample};
pub use scenario::Scenario;
pub use script::{Script, ScriptError, ScriptProblem};
pub use session::Session;
pub use simulator::{HostPacket, Memory, Presence, Simulator};
