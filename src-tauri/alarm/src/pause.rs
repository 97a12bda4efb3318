//! The pause of a bed's sound.

use core::time::Duration;
use serde::{Deserialize, Serialize};
use vitals::{AlarmId, AudioView, Now, StationTime, WallTime};

/// The shortest pause.
const SHORTEST: Duration = Duration::from_secs(30);
/// The longest pause. There is none without an end: such a one is forgotten.
const LONGEST: Duration = Duration::from_secs(120);

/// The pause was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PauseError {
    /// Too short or too long.
    #[error("The sound can be paused for 30 to 120 seconds; {} was asked for.", .0.as_secs_f64())]
    Length(Duration),
}

/// A pause that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pause {
    pub(crate) until: StationTime,
    ends: WallTime,
    by: String,
    covered: Vec<AlarmId>,
}

/// A pause as it is kept: its end in the time of day, since the station's own time starts anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SavedPause {
    ends: WallTime,
    by: String,
    covered: Vec<u64>,
}

impl Pause {
    /// A pause from `now` that covers the alarms that are active now.
    pub(crate) fn start(now: Now, length: Duration, by: &str, covered: Vec<AlarmId>) -> Result<Self, PauseError> {
        if !(SHORTEST..=LONGEST).contains(&length) {
            return Err(PauseError::Length(length));
        }
        Ok(Self { until: now.station.plus(length), ends: now.wall.plus(length), by: by.to_owned(), covered })
    }

    pub(crate) fn runs(&self, at: StationTime) -> bool {
        at < self.until
    }

    /// Keeps the end that people read in step with a clock that was moved. Less than a second is rounding and drift.
    pub(crate) fn follow(&mut self, now: Now) {
        let ends = now.wall_at(self.until);
        if ends.since(self.ends).max(self.ends.since(ends)) >= Duration::from_secs(1) {
            self.ends = ends;
        }
    }

    pub(crate) fn covers(&self, alarm: AlarmId) -> bool {
        self.covered.contains(&alarm)
    }

    /// `alarm` grew more urgent than what was paused.
    pub(crate) fn uncover(&mut self, alarm: AlarmId) {
        self.covered.retain(|covered| *covered != alarm);
    }

    pub(crate) fn view(&self) -> AudioView {
        AudioView { paused_until: Some(self.ends), by: Some(self.by.clone()) }
    }

    pub(crate) fn saved(&self) -> SavedPause {
        SavedPause { ends: self.ends, by: self.by.clone(), covered: self.covered.iter().map(|id| id.0).collect() }
    }
}

impl SavedPause {
    /// The rest of the pause; `None` if it ended while the station was down.
    pub(crate) fn restore(self, now: Now) -> Option<Pause> {
        // A clock that was set back while the station was down must not make a pause longer than one can be asked for.
        let left = self.ends.since(now.wall).min(LONGEST);
        (!left.is_zero()).then(|| Pause {
            until: now.station.plus(left),
            ends: now.wall.plus(left),
            by: self.by,
            covered: self.covered.into_iter().map(AlarmId).collect(),
        })
    }
}
