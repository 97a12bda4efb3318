//! The hub: gives every line its number, hands it to the record, passes it on. Nothing goes the other way.

mod annunciation;
mod own_alarms;
mod storage;
mod task;
mod unconfirmed;

pub use annunciation::{ActiveAlarm, Annunciation};
pub use task::{Following, Moment};
pub(crate) use task::{Hub, HubOrder};

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use vitals::AlarmId;

/// Gives out the ids of alarms: one count over the station and over restarts.
#[derive(Debug, Clone)]
pub(crate) struct AlarmIds(Arc<AtomicU64>);

impl AlarmIds {
    pub(crate) fn from(first: AlarmId) -> Self {
        Self(Arc::new(AtomicU64::new(first.0)))
    }

    pub(crate) fn next(&self) -> AlarmId {
        AlarmId(self.0.fetch_add(1, Ordering::Relaxed))
    }
}
