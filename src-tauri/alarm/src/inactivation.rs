//! Sound or alarms turned off without an end: only where the site's locked settings allow it, and never in silence.
//!
//! A pause has an end and needs no such care. "Until re-enabled" was forgotten wherever it was built without a reminder.

use crate::BedAlarms;
use core::time::Duration;
use serde::{Deserialize, Serialize};
use vitals::{Now, Off, OffView, StationTime};

/// The longest time between two reminders. Masimo's Root reminds every 3 min of a sound that is off for good.
const LONGEST_REMINDER: Duration = Duration::from_secs(180);
/// The shortest: a reminder more often than this is a second alarm.
const SHORTEST_REMINDER: Duration = Duration::from_secs(10);

/// Whether a bed's alarms may be turned off at all. A locked setting of the site, and then for admins alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OffRules {
    /// Whether the sound may be turned off. Not by default: a pause ends by itself.
    pub audio: bool,
    /// Whether alarms may be turned off. Not by default.
    pub alarms: bool,
    /// How often the staff are reminded. Taken as 10 s to 3 min whatever is set.
    pub reminder_every: Duration,
}

impl Default for OffRules {
    fn default() -> Self {
        Self { audio: false, alarms: false, reminder_every: LONGEST_REMINDER }
    }
}

impl OffRules {
    const fn allows(&self, what: Off) -> bool {
        match what {
            Off::Audio => self.audio,
            Off::Alarms => self.alarms,
        }
    }

    fn every(&self) -> Duration {
        self.reminder_every.clamp(SHORTEST_REMINDER, LONGEST_REMINDER)
    }
}

/// Turning off was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OffError {
    /// The site's settings do not allow it.
    #[error("This site does not allow that to be turned off: pause the sound instead, for up to 120 seconds.")]
    NotAllowed(Off),
}

/// Something is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TurnedOff {
    pub(crate) view: OffView,
    /// When the staff are reminded next.
    pub(crate) reminder: StationTime,
    /// A reminder has come due that nobody has taken.
    due: bool,
}

impl TurnedOff {
    /// As it was kept, if the site still allows it. The first reminder comes at once: who turned it off may have gone
    /// home while the station was down.
    pub(crate) fn restore(view: OffView, now: Now, rules: &OffRules) -> Option<Self> {
        rules.allows(view.what).then(|| Self { view, reminder: now.station.plus(rules.every()), due: true })
    }

    /// Time has come to `to`.
    pub(crate) fn follow(&mut self, to: StationTime, rules: &OffRules) {
        while self.reminder <= to {
            self.reminder = self.reminder.plus(rules.every());
            self.due = true;
        }
    }
}

impl BedAlarms {
    /// Turns the bed's sound, or its alarms, off until somebody turns them on again, the patient is discharged, or the
    /// site no longer allows it. What was off before is replaced.
    ///
    /// # Errors
    /// If the site does not allow it.
    pub fn turn_off(&mut self, now: Now, what: Off, by: &str) -> Result<OffView, OffError> {
        let rules = self.rules.off;
        if !rules.allows(what) {
            return Err(OffError::NotAllowed(what));
        }
        let view = OffView { what, by: by.to_owned(), since: now.wall };
        self.wait_for_an_answer(now.station);
        self.off = Some(TurnedOff { view: view.clone(), reminder: now.station.plus(rules.every()), due: false });
        Ok(view)
    }

    /// Turns on again what was off, and answers what that was. What still holds signals at once.
    pub fn turn_on(&mut self, now: Now) -> Option<OffView> {
        self.wait_for_an_answer(now.station);
        self.off.take().map(|off| off.view)
    }

    /// What is off, to be shown on every screen.
    #[must_use]
    pub fn off(&self) -> Option<&OffView> {
        self.off.as_ref().map(|off| &off.view)
    }

    /// Whether the staff are to be reminded now that something is off; true once for each reminder. To be asked after
    /// every [`tick`](Self::tick) and after a restart.
    pub fn take_reminder(&mut self) -> bool {
        self.off.as_mut().is_some_and(|off| core::mem::take(&mut off.due))
    }
}
