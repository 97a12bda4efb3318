//! How an alarm is signalled: as what it is announced, what is turned off, and what is coming.

use crate::{Condition, Priority, WallTime};
use serde::{Deserialize, Serialize};

/// What is to be announced: how it sounds, and how many times it has been raised because nobody answered.
///
/// Ordered by what is to be heard first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Announcement {
    /// As what it is announced; never below the alarm's own priority.
    pub priority: Priority,
    /// 0 until it has been unanswered for the first time that the site has set. Each step is a reason to call somebody
    /// else, also where the priority can rise no further.
    pub step: u8,
}

/// What a bed's alarms lose while they are turned off. The words are those of IEC 60601-1-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// AUDIO OFF: nothing sounds; everything is shown.
    Audio,
    /// ALARM OFF: nothing sounds and nothing is signalled on the screens. Alarms are decided and recorded all the same.
    Alarms,
}

/// What is off, to be shown for as long as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffView {
    /// What is off.
    pub what: Off,
    /// Who turned it off.
    pub by: String,
    /// Since when.
    pub since: WallTime,
}

/// A delay that runs: an alarm that is coming unless the value turns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pending {
    /// The alarm that would start.
    pub condition: Condition,
    /// How far its delay or area has run, above 0 to 1.
    pub fraction: f64,
}
