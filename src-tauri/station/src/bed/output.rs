//! What a bed hands to the hub after each step.

use super::told::Told;
use crate::command::Answer;
use record::Change;
use std::sync::Arc;
use tokio::sync::mpsc;
use vitals::{BedId, BedView, Body, Priority, StationTime, Wave};

/// Everything that came of one step, in order.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// The bed; `None` is the station itself.
    pub(crate) bed: Option<BedId>,
    /// Lines for the record: an alarm's reading before the alarm.
    pub(crate) lines: Vec<Body>,
    /// A run of the wave, and when its newest sample came.
    pub(crate) wave: Option<(Wave, StationTime)>,
    /// The bed as it stands now, if it changed.
    pub(crate) view: Option<Arc<BedView>>,
    /// What of the bed sounds, if that changed.
    pub(crate) sounding: Option<Option<Priority>>,
    /// The staff are to be reminded that something is off.
    pub(crate) remind: bool,
    /// What else is kept.
    pub(crate) changes: Vec<Change>,
    /// What the alarm engine was told beside the readings.
    pub(crate) told: Vec<Told>,
    /// Whether it is forced to the disk at once.
    pub(crate) force: bool,
    /// Answers, given when all of the above is in the record.
    pub(crate) replies: Vec<Reply>,
    /// The bed is no more.
    pub(crate) removed: bool,
}

impl Output {
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
            && self.wave.is_none()
            && self.view.is_none()
            && self.sounding.is_none()
            && self.changes.is_empty()
            && self.told.is_empty()
            && self.replies.is_empty()
            && !self.removed
    }
}

/// An answer on its way.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) to: mpsc::Sender<Answer>,
    pub(crate) answer: Answer,
}

impl Reply {
    /// Gives the answer. Whoever asked may have gone; then nobody misses it.
    pub(crate) fn give(self) {
        let _ = self.to.try_send(self.answer);
    }
}
