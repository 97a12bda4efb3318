//! The alarm engine: limits, readings and time in; transitions out.
//!
//! It knows no clock, no I/O, no thread and no screen. The same calls at the same times give the same alarms, on a live
//! bed and in a replay of the record, whatever happened between the calls.
//!
//! ```
//! use alarm::{BedAlarms, Input, Rules};
//! use core::time::Duration;
//! use vitals::{AlarmId, Condition, Limits, Now, Numbers, PulseRate, SensorState, Spo2, StationTime, StatusSet, WallTime};
//!
//! let at = |seconds| Now {
//!     station: StationTime::from_start(Duration::from_secs(seconds)),
//!     wall: WallTime::from_millis(1_793_180_000_000 + 1000 * seconds as i64),
//! };
//! let reading = |now: Now, spo2| Input {
//!     numbers: Numbers { spo2: Spo2::new(spo2), pulse_rate: PulseRate::new(72), ..Numbers::default() },
//!     status: StatusSet::EMPTY,
//!     sensor: SensorState::Live,
//!     last_sample: Some(now.station),
//! };
//! let mut count = 0;
//! let mut ids = || { count += 1; AlarmId(count) };
//!
//! let mut bed = BedAlarms::new(Rules::default(), Limits { delay_s: 2, ..Limits::ADULT });
//! assert!(bed.observe(at(0), reading(at(0), 86), &mut ids).is_empty(), "the delay runs");
//! assert_eq!(bed.wake_at(), Some(at(2).station));
//! let changes = bed.tick(at(2), &mut ids);
//! assert_eq!(changes[0].condition, Condition::Spo2Low);
//! assert_eq!(changes[0].message, "SpO2 86 < 90");
//! assert_eq!(bed.sounding(at(2)), Some(vitals::Priority::Medium));
//!
//! bed.acknowledge(at(3), Some(changes[0].id), "Nurse A").expect("an active alarm");
//! assert_eq!(bed.sounding(at(3)), None, "this instance is quiet until it ends");
//! ```
//!
//! # Rules in short
//!
//! - A value equal to its limit is within it. `delay_s` counts station time beyond the limit and alarms on its edge;
//!   `spo2_desat` has no delay; `area_delay`, when set, governs `spo2_low` in place of `delay_s`.
//! - Without a number, delays and areas stand still, and a technical alarm tells of it within seconds.
//! - An acknowledgement belongs to one instance. A pause covers the alarms that were active when it began.
//! - A priority rises while an alarm is active and never falls.
//! - A rapid fall, latching, turning sound or alarms off, and escalation are [`Rules`] of a site, each off by default.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod answer;
mod area;
mod bed;
mod bound;
mod course;
mod delay;
mod escalation;
mod fall;
mod inactivation;
mod instance;
mod latch;
mod pause;
mod physiological;
mod rules;
mod sight;
mod station;
mod technical;
mod wording;

pub use answer::{AcknowledgeError, Acknowledged, WithdrawError, Withdrawn};
pub use bed::{BedAlarms, Saved};
pub use escalation::Escalation;
pub use fall::RapidFall;
pub use inactivation::{OffError, OffRules};
pub use pause::PauseError;
pub use rules::{ClearingRules, Priorities, Rules, TechnicalRules};
pub use sight::Input;
pub use station::{SavedStation, StationAlarms};
