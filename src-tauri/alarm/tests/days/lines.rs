//! What both tell of an alarm, to be compared.

use vitals::{Condition, Priority};

/// An alarm that started, changed or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The second in which it was told, since the day began.
    pub told: u64,
    pub condition: Condition,
    pub active: bool,
    pub priority: Priority,
    /// The second in which it started. An area is met between two seconds: the next whole one.
    pub since: u64,
    pub worst: Option<u16>,
    pub limit: Option<u16>,
    pub acknowledged: bool,
}

/// The lines of one moment, whatever their order among different conditions.
pub fn sorted(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_by_key(|line| line.condition);
    lines
}
