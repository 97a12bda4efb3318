//! The alarms of one bed, as the station uses them.

use crate::bound::PHYSIOLOGICAL;
use crate::inactivation::TurnedOff;
use crate::instance::{Instance, ranked};
use crate::latch::Latched;
use crate::pause::{Pause, PauseError, SavedPause};
use crate::physiological::{Bounds, Watches};
use crate::sight::{Input, Sight};
use crate::technical::{Technical, is_link};
use crate::{Rules, wording};
use core::time::Duration;
use serde::{Deserialize, Serialize};
use vitals::{
    AlarmChange, AlarmId, AudioView, Condition, Limits, Now, OffView, Pending, Priority, SensorState, StationTime,
};

/// The alarms of one bed.
///
/// Give it what the sensor says with [`observe`](Self::observe) and call [`tick`](Self::tick) at
/// [`wake_at`](Self::wake_at), asked anew after every call. More ticks change nothing. A late one decides what a punctual
/// one would have: `since` of an alarm is the moment it was due, `time` the moment it was told.
#[derive(Debug, Clone)]
pub struct BedAlarms {
    pub(crate) rules: Rules,
    pub(crate) limits: Limits,
    /// Up to when everything is counted.
    pub(crate) at: Option<StationTime>,
    /// Up to when it is counted who has not answered. Commands count this on, and nothing else.
    pub(crate) waited: Option<StationTime>,
    /// What holds from then on; `None` before the first input.
    pub(crate) input: Option<Input>,
    /// When something may happen next by the input that holds; kept, because it is asked for more often than it moves.
    pub(crate) due: Option<StationTime>,
    pub(crate) sampled: Option<StationTime>,
    pub(crate) watches: Watches,
    pub(crate) technical: Technical,
    /// The active alarms, oldest first.
    pub(crate) instances: Vec<Instance>,
    pub(crate) pause: Option<Pause>,
    pub(crate) off: Option<TurnedOff>,
    /// Ended, and still to be seen; oldest first.
    pub(crate) latched: Vec<Latched>,
}

/// What must survive a restart, as a value to be stored. Time while the station was down counts as no data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    instances: Vec<Instance>,
    watches: Watches,
    technical: Technical,
    pause: Option<SavedPause>,
    off: Option<OffView>,
    latched: Vec<Latched>,
}

impl BedAlarms {
    /// A bed without alarms.
    #[must_use]
    pub fn new(rules: Rules, limits: Limits) -> Self {
        Self {
            rules,
            limits,
            at: None,
            waited: None,
            input: None,
            due: None,
            sampled: None,
            watches: Watches::default(),
            technical: Technical::default(),
            instances: Vec::new(),
            pause: None,
            off: None,
            latched: Vec::new(),
        }
    }

    /// The bed as it was when `saved` was taken: the same alarm instances with their acknowledgements, the same counts,
    /// and what is left of the pause. Nothing runs until the first [`observe`](Self::observe).
    #[must_use]
    pub fn restore(rules: Rules, limits: Limits, mut saved: Saved, now: Now) -> Self {
        saved.watches.set(&Bounds::of(limits, &rules));
        Self {
            at: Some(now.station),
            waited: Some(now.station),
            watches: saved.watches,
            technical: saved.technical,
            instances: saved.instances,
            pause: saved.pause.and_then(|pause| pause.restore(now)),
            off: saved.off.and_then(|off| TurnedOff::restore(off, now, &rules.off)),
            latched: if rules.latch_high { saved.latched } else { Vec::new() },
            ..Self::new(rules, limits)
        }
    }

    /// What must survive a restart, counted up to `now`.
    #[must_use]
    pub fn saved(&self, now: Now) -> Saved {
        let mut here = self.clone();
        here.coast(now.station);
        Saved {
            instances: here.instances,
            watches: here.watches,
            technical: here.technical.kept(),
            pause: here.pause.filter(|pause| pause.runs(now.station)).map(|pause| pause.saved()),
            off: here.off.map(|off| off.view),
            latched: here.latched,
        }
    }

    /// Takes what holds from `now` on, and answers what changed, in the order in which it is to be told.
    ///
    /// What came due before `now` by the input before is decided first. `ids` gives a new id at each call.
    pub fn observe(&mut self, now: Now, input: Input, ids: &mut dyn FnMut() -> AlarmId) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        let newer = input.last_sample.filter(|sample| self.sampled.is_none_or(|known| *sample > known));
        if let Some(sample) = newer {
            // The sample ended the silence when it arrived and not when it was told here, which may be a tick later.
            self.advance(now, sample.min(now.station), ids, &mut changes);
            self.sampled = newer;
            self.technical.sampled(self.at.unwrap_or(now.station).since(sample));
            if self.at != Some(now.station) {
                self.due = self.next_due();
            }
        }
        self.advance(now, now.station, ids, &mut changes);
        if let Some(sample) = newer {
            // Again, for an input before this one, or none, under which no silence was counted.
            self.technical.sampled(now.station.since(sample));
        } else if input.last_sample.is_none() && input.sensor == SensorState::Live {
            self.technical.sampled(Duration::ZERO);
        }
        self.input = Some(input);
        self.settle(now, ids, &mut changes);
        changes
    }

    /// Lets time pass: to be called at [`wake_at`](Self::wake_at).
    pub fn tick(&mut self, now: Now, ids: &mut dyn FnMut() -> AlarmId) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        self.advance(now, now.station, ids, &mut changes);
        changes
    }

    /// When something may happen next if nothing else comes in; `None` if nothing will.
    #[must_use]
    pub fn wake_at(&self) -> Option<StationTime> {
        let pause = self.pause.as_ref().map(|pause| pause.until);
        let reminder = self.off.as_ref().map(|off| off.reminder);
        [self.due, pause, reminder, self.next_step()].into_iter().flatten().min()
    }

    /// Pauses the sound of the alarms that are active now, for 30 to 120 s. A pause that runs is replaced.
    ///
    /// # Errors
    /// If `length` is out of range.
    pub fn pause_audio(&mut self, now: Now, length: Duration, by: &str) -> Result<AudioView, PauseError> {
        self.wait_for_an_answer(now.station);
        let covered = self.instances.iter().map(|instance| instance.id).collect();
        let pause = Pause::start(now, length, by, covered)?;
        let view = pause.view();
        self.pause = Some(pause);
        Ok(view)
    }

    /// Ends the pause; whether there was one.
    pub fn resume_audio(&mut self, now: Now) -> bool {
        self.wait_for_an_answer(now.station);
        self.pause.take().is_some_and(|pause| pause.runs(now.station))
    }

    /// Whether the sound is paused, as of the last call that took the time.
    #[must_use]
    pub fn audio(&self) -> AudioView {
        self.pause.as_ref().map(Pause::view).unwrap_or_default()
    }

    /// Puts other limits in force. They are taken as they are: check them first ([`Limits::check`]).
    ///
    /// Counts that ran go on against the new limits. An active alarm ends, or is told again with its new limit.
    pub fn set_limits(&mut self, now: Now, limits: Limits, ids: &mut dyn FnMut() -> AlarmId) -> Vec<AlarmChange> {
        let mut changes = self.tick(now, ids);
        self.limits = limits;
        self.watches.set(&self.bounds());
        self.settle(now, ids, &mut changes);
        let (bounds, sight) = (Bounds::of(self.limits, &self.rules), self.sight());
        for instance in &mut self.instances {
            let Some(bound) = bounds.bound(instance.condition) else { continue };
            // While the worst value lies within the new limit, "86 < 85" would be told: the old one stands to the end.
            if instance.limit != Some(bound.limit) && instance.worst.is_some_and(|worst| bound.beyond(worst)) {
                instance.move_limit(now, bound.limit);
                changes.push(instance.change(value(instance, sight.as_ref())));
            }
        }
        changes
    }

    /// The limits in force.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// The active alarms: the highest priority first; of one priority the physiological before the technical; of these
    /// the oldest first.
    #[must_use]
    pub fn active(&self) -> Vec<AlarmChange> {
        let sight = self.sight();
        ranked(&self.instances).into_iter().map(|instance| instance.change(value(instance, sight.as_ref()))).collect()
    }

    /// The priority that is to be heard: of the alarms that are active, not acknowledged, not paused and not off, the
    /// highest, raised where the site escalates what nobody answers.
    #[must_use]
    pub fn sounding(&self, now: Now) -> Option<Priority> {
        self.announcement(now).map(|announcement| announcement.priority)
    }

    /// The delays that run, for a sign on the screen that an alarm is coming.
    #[must_use]
    pub fn pending(&self, now: Now) -> Vec<Pending> {
        let mut here = self.clone();
        here.coast(now.station);
        let bounds = here.bounds();
        PHYSIOLOGICAL
            .into_iter()
            .filter(|condition| !here.is_active(*condition))
            .filter_map(|condition| {
                here.watches.fraction(condition, &bounds).map(|fraction| Pending { condition, fraction })
            })
            .collect()
    }

    /// Ends every alarm, count and pause, forgets what was latched and turns on what was off: the patient is discharged
    /// or the bed removed. `why` is told in each.
    ///
    /// What the sensor says is forgotten too, so that nothing of the last patient can alarm: what still holds starts
    /// anew at the next [`observe`](Self::observe).
    pub fn end_all(&mut self, now: Now, why: &str) -> Vec<AlarmChange> {
        self.coast(now.station);
        let ended = self.end_instances(now, why);
        (self.input, self.due, self.pause, self.off) = (None, None, None, None);
        self.latched.clear();
        ended
    }

    /// Ends every alarm and count.
    pub(crate) fn end_instances(&mut self, now: Now, why: &str) -> Vec<AlarmChange> {
        let sight = self.sight();
        self.watches = Watches::default();
        self.technical = Technical::default();
        let mut ended = Vec::new();
        for instance in core::mem::take(&mut self.instances) {
            let message = wording::ended(why, &instance.message());
            let value = value(&instance, sight.as_ref());
            ended.push(self.close(now, instance, value, message));
        }
        ended
    }

    pub(crate) const fn bounds(&self) -> Bounds {
        Bounds::of(self.limits, &self.rules)
    }

    /// What of the input holds at the moment up to which everything is counted.
    pub(crate) fn sight(&self) -> Option<Sight> {
        self.input.as_ref().map(|input| Sight::of(input, self.technical.recent(&self.rules.technical)))
    }

    pub(crate) fn is_active(&self, condition: Condition) -> bool {
        self.instances.iter().any(|instance| instance.condition == condition)
    }

    /// The active alarm that says why there is no number.
    pub(crate) fn link(&self) -> Option<Condition> {
        self.instances.iter().map(|instance| instance.condition).find(|condition| is_link(*condition))
    }
}

/// The newest value that `instance` looks at.
pub(crate) fn value(instance: &Instance, sight: Option<&Sight>) -> Option<u16> {
    sight.and_then(|sight| sight.value(instance.condition.measure()?))
}
