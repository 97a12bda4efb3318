//! Looking back: a span of the record once more through the alarm engine, and how many alarms there were.
//!
//! What was read and what the engine was told come out of the record; `alarm_load` goes through it. Everything here reads
//! and nothing writes, so it serves the command line beside a running station as well. It takes its time: not for a task
//! that others wait for.

mod course;
mod load;
mod what_if;

pub use load::{LoadReport, load_report};
pub use what_if::{LaterAlarm, ListedAlarm, Told, WhatIf, WhatIfError, WhatIfReport, what_if};
