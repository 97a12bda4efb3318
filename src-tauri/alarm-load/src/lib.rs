//! Looking back at alarms: how many there were, and how many there would have been.
//!
//! [`replay`] takes a span of the record through the same engine that watched over it live, with the limits that were in
//! force or with others, and [`compare`] holds two such passes against each other: what the change would have spared, and
//! its price. [`Load`] counts the alarms that there really were, from their lines in the record.
//!
//! It knows no clock, no I/O and not where the lines come from.
//!
//! ```
//! use alarm::Rules;
//! use alarm_load::{Happening, Moment, Seen, Settings, compare, replay};
//! use vitals::{Condition, Limits, Numbers, PulseRate, Reading, SensorState, Spo2, StatusSet, WallTime};
//!
//! // A minute at 97, twenty seconds at 88, a minute at 97; a reading each second.
//! let values = [97; 60].into_iter().chain([88; 20]).chain([97; 60]);
//! let span: Vec<Moment> = values.enumerate().map(|(second, spo2)| {
//!     let numbers = Numbers { spo2: Spo2::new(spo2), pulse_rate: PulseRate::new(72), ..Numbers::default() };
//!     let time = WallTime::from_millis(1_793_180_000_000 + 1000 * second as i64);
//!     let reading = Reading { time, numbers, status: StatusSet::EMPTY };
//!     Moment { time, what: Happening::Seen(Seen::recorded(&reading, SensorState::Live)) }
//! }).collect();
//!
//! let was = replay(Limits::ADULT, span.iter().copied(), &Settings::in_force(Rules::default()))?;
//! let longer = |limits| Limits { delay_s: 30, ..limits };
//! let would = replay(Limits::ADULT, span, &Settings { limits: &longer, ..Settings::in_force(Rules::default()) })?;
//!
//! assert_eq!((was.count(Condition::Spo2Low), would.count(Condition::Spo2Low)), (1, 0));
//! assert_eq!(compare(&was, &would).lost.len(), 1);
//! assert_eq!((was.below_unalarmed.as_secs(), would.below_unalarmed.as_secs()), (15, 20), "the price");
//! # Ok::<(), alarm_load::ReplayError>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod averaging;
mod comparison;
mod load;
mod outcome;
mod replay;

pub use comparison::{Comparison, Later, compare};
pub use load::{BedLoad, Load, Spread};
pub use outcome::{Alarm, Outcome};
pub use replay::{Happening, Moment, Newest, Replay, ReplayError, Seen, Settings, replay};
