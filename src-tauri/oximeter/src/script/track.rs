//! A number over time: held, set, or led in a straight line.

use alloc::vec::Vec;
use core::time::Duration;

/// A number over time, in whole steps of its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Track {
    /// Before the first point.
    start: i32,
    /// Joined by straight lines, in order of time; two at one time are a jump.
    points: Vec<(Duration, i32)>,
}

impl Track {
    pub(super) const fn starting_at(start: i32) -> Self {
        Self { start, points: Vec::new() }
    }

    /// From `at` on it goes to `value`, in a straight line that takes `over`. What was under way ends there. `at` is no
    /// earlier than in the calls before.
    pub(super) fn lead(&mut self, at: Duration, value: i32, over: Duration) {
        let reached = self.at(at);
        self.points.retain(|&(point, _)| point <= at);
        self.points.extend([(at, reached), (at.saturating_add(over), value)]);
    }

    pub(super) fn at(&self, at: Duration) -> i32 {
        let after = self.points.partition_point(|&(point, _)| point <= at);
        let before = after.checked_sub(1).and_then(|before| self.points.get(before));
        match (before, self.points.get(after)) {
            (Some(&(from, low)), Some(&(to, high))) => {
                let part = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
                let way = i64::from(high) - i64::from(low);
                low + (way * part(at - from) / part(to - from)) as i32
            }
            (Some(&(_, value)), None) => value,
            (None, _) => self.start,
        }
    }
}
