//! The screens as alarm signals: what each says it did with an alarm, which of them sound alarms, and which are missed.
//!
//! The reasons stand in `docs/design/fan-out.md`. [`watch`] decides who is missing; the rest is the way to the record
//! and to the station.

mod keeper;
mod register;
mod watch;

pub(crate) use keeper::unknown_alarm;
pub(crate) use register::{LOST, Screens};
pub(crate) use watch::PING_EVERY;
