//! Anything else worth a line in the log.

use crate::WallTime;
use serde::Serialize;
use serde_json::Value;

/// A line of the log that is neither a reading nor an alarm. The kinds are listed in `docs/ref/events.md`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// When it happened.
    pub time: WallTime,
    /// What happened, in one snake-case word.
    pub kind: String,
    /// Who did it: the name of their token; `None` when nobody did.
    pub by: Option<String>,
    /// The particulars.
    pub detail: Value,
}
