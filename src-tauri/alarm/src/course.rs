//! How a bed's alarms run on in time: from one moment at which something may happen to the next.

use crate::bed::{BedAlarms, value};
use crate::bound::PHYSIOLOGICAL;
use crate::instance::{Instance, Start};
use crate::sight::Sight;
use crate::technical::{LinkStep, is_link};
use crate::wording;
use core::time::Duration;
use vitals::{AlarmChange, AlarmId, Condition, Measure, Now, Priority, SensorState, StationTime};

const FLAGS: [Condition; 2] = [Condition::WeakSignal, Condition::LowBattery];

impl BedAlarms {
    /// When something may happen next by the input that holds.
    pub(crate) fn next_due(&self) -> Option<StationTime> {
        let (at, sight) = (self.at?, self.sight()?);
        let bounds = self.bounds();
        let values = PHYSIOLOGICAL
            .into_iter()
            .filter_map(|condition| self.watches.due_in(condition, self.is_active(condition), &sight, &bounds));
        let flags = FLAGS.map(|condition| (condition, self.is_active(condition)));
        let rules = &self.rules.technical;
        self.technical
            .due_in(&sight, self.link(), flags, self.stopped_beyond(&sight), rules)
            .chain(values)
            // What is due by now was decided when it came due; a count that stays full must not stop the time.
            .filter(|left| !left.is_zero())
            .min()
            .map(|left| at.plus(left))
    }

    /// Runs on to `to`, stopping wherever something may happen, so that the outcome does not hang on how often this is
    /// called.
    pub(crate) fn advance(
        &mut self,
        now: Now,
        to: StationTime,
        ids: &mut dyn FnMut() -> AlarmId,
        changes: &mut Vec<AlarmChange>,
    ) {
        while let Some(due) = self.due.filter(|due| *due <= to) {
            self.run(due);
            self.settle(now, ids, changes);
        }
        self.run(to);
        self.pause = self.pause.take().filter(|pause| pause.runs(to));
        if let Some(pause) = &mut self.pause {
            pause.follow(now);
        }
        if let Some(off) = &mut self.off {
            off.follow(to, &self.rules.off);
        }
    }

    /// Counts on to `to` and decides nothing.
    pub(crate) fn coast(&mut self, to: StationTime) {
        if let (Some(at), Some(sight)) = (self.at, self.sight())
            && sight.current
        {
            let ends = at.plus(self.technical.recent_for(&self.rules.technical));
            self.run(ends.min(to));
        }
        self.run(to);
    }

    /// Counts on to `to`; what the sensor says must hold until then.
    fn run(&mut self, to: StationTime) {
        self.wait_for_an_answer(to);
        let Some(at) = self.at else {
            self.at = Some(to);
            return;
        };
        if let Some(sight) = self.sight() {
            let (span, bounds, link) = (to.since(at), self.bounds(), self.link());
            self.watches.ran(span, &sight, &bounds);
            self.technical.ran(span, &sight, link, &self.rules.technical);
        }
        self.at = Some(at.max(to));
    }

    /// Decides what starts, changes and ends at the moment up to which everything is counted.
    pub(crate) fn settle(&mut self, now: Now, ids: &mut dyn FnMut() -> AlarmId, changes: &mut Vec<AlarmChange>) {
        if let Some(sight) = self.sight() {
            self.settle_by(now, &sight, ids, changes);
        }
        self.due = self.next_due();
    }

    fn settle_by(&mut self, now: Now, sight: &Sight, ids: &mut dyn FnMut() -> AlarmId, changes: &mut Vec<AlarmChange>) {
        let bounds = self.bounds();
        self.watches.note(sight, &bounds);
        self.technical.note(sight, self.link());
        if sight.sensor == SensorState::None {
            changes.extend(self.end_instances(now, "No sensor is assigned to this bed"));
            return;
        }
        self.settle_values(now, sight, ids, changes);
        self.settle_link(now, sight, ids, changes);
        self.settle_flags(now, sight, ids, changes);
    }

    fn settle_values(
        &mut self,
        now: Now,
        sight: &Sight,
        ids: &mut dyn FnMut() -> AlarmId,
        changes: &mut Vec<AlarmChange>,
    ) {
        let bounds = self.bounds();
        for condition in PHYSIOLOGICAL {
            if let Some(place) = self.instances.iter().position(|instance| instance.condition == condition) {
                if self.watches.ends(condition, sight, &bounds) {
                    let instance = self.instances.remove(place);
                    let value = value(&instance, Some(sight));
                    let message = match bounds.bound(condition) {
                        Some(_) => wording::back(condition, &instance.message()),
                        None => wording::limit_off(condition, &instance.message()),
                    };
                    changes.push(self.close(now, instance, value, message));
                } else if let Some(instance) = self.instances.get_mut(place)
                    && let Some(value) = value(instance, Some(sight))
                    && instance.worsen(now, value)
                {
                    changes.push(instance.change(Some(value)));
                }
            } else if self.watches.starts(condition, sight, &bounds)
                && let Some(value) = condition.measure().and_then(|measure| sight.value(measure))
                && let Some(bound) = bounds.bound(condition)
            {
                // A delay is there to spare the staff short dips, not to hide how deep a long one was.
                let worst = self.watches.worst(condition, &bounds).unwrap_or(value);
                let instance = self.start(now, condition, Some((worst, bound.limit)), String::new(), ids);
                changes.push(instance.change(Some(value)));
                self.instances.push(instance);
            }
        }
    }

    fn settle_link(
        &mut self,
        now: Now,
        sight: &Sight,
        ids: &mut dyn FnMut() -> AlarmId,
        changes: &mut Vec<AlarmChange>,
    ) {
        let link = self.link();
        let step = self.technical.link_step(sight, link, self.stopped_beyond(sight), &self.rules.technical);
        let mut tell = false;
        match step {
            LinkStep::Stay => {}
            LinkStep::End => {
                if let Some(ended) = self.take(is_link) {
                    let message = wording::ended(wording::gone(ended.condition), &ended.message());
                    changes.push(self.close(now, ended, None, message));
                }
            }
            LinkStep::Start(condition) => {
                let said = wording::technical(condition, sight);
                let mut started = self.start(now, condition, None, said.to_owned(), ids);
                if let Some(replaced) = self.take(is_link) {
                    started.wait_as_long_as(replaced.unanswered);
                    // Why the number is gone has changed; that it went during a value alarm has not.
                    if !replaced.during.is_empty() {
                        started.rise(now, replaced.priority);
                        started.during.clone_from(&replaced.during);
                    }
                    let message = wording::replaced(&replaced.message(), said);
                    changes.push(self.close(now, replaced, None, message));
                }
                self.instances.push(started);
                tell = true;
            }
        }
        self.technical.note(sight, self.link());
        let (missing, unanswered) = self.end_unmeasured(now, sight);
        let priority = missing.iter().map(|change| change.priority).max();
        let Some(link) = self.instances.iter_mut().find(|instance| is_link(instance.condition)) else { return };
        wording::technical(link.condition, sight).clone_into(&mut link.said);
        if priority.is_some_and(|priority| link.rise(now, priority)) {
            tell = true;
            if let Some(pause) = &mut self.pause {
                pause.uncover(link.id);
            }
        }
        link.wait_as_long_as(unanswered);
        if tell {
            changes.push(link.change(None));
        }
        changes.extend(missing);
        if step == LinkStep::Stay {
            return;
        }
        let link = link.clone();
        self.end_flags_for(now, &link, changes);
    }

    /// Ends the value alarms whose number is gone, if a link alarm says so in their place. Until one does they stay:
    /// the log and the nurse must be able to follow the one into the other.
    /// With the longest time for which nobody had answered one of them.
    fn end_unmeasured(&mut self, now: Now, sight: &Sight) -> (Vec<AlarmChange>, Duration) {
        let Some(link) = self.instances.iter_mut().find(|instance| is_link(instance.condition)) else {
            return (Vec::new(), Duration::ZERO);
        };
        let said = wording::technical(link.condition, sight);
        let mut during = core::mem::take(&mut link.during);
        let mut unanswered = Duration::ZERO;
        let mut missing = Vec::new();
        for instance in core::mem::take(&mut self.instances) {
            if instance.condition.measure().is_none_or(|measure| sight.value(measure).is_some()) {
                self.instances.push(instance);
                continue;
            }
            unanswered = unanswered.max(instance.unanswered);
            let was = instance.message();
            let message = wording::no_number(instance.condition, &was, said);
            missing.push(self.close(now, instance, None, message));
            if !during.contains(&was) {
                during.push(was);
            }
        }
        if let Some(link) = self.instances.iter_mut().find(|instance| is_link(instance.condition)) {
            link.during = during;
        }
        (missing, unanswered)
    }

    /// Ends what can no longer be known of the sensor: without a signal, whether it is weak; without a sensor, how its
    /// battery is. A low battery outlasts a mere silence, which it may explain.
    fn end_flags_for(&mut self, now: Now, link: &Instance, changes: &mut Vec<AlarmChange>) {
        let unknown = |condition| match condition {
            Condition::WeakSignal => true,
            Condition::LowBattery => link.condition == Condition::SensorDisconnected,
            _ => false,
        };
        while let Some(ended) = self.take(unknown) {
            let message = wording::replaced(&ended.message(), &link.said);
            changes.push(self.close(now, ended, None, message));
        }
        self.technical.forget_flags();
    }

    fn settle_flags(
        &mut self,
        now: Now,
        sight: &Sight,
        ids: &mut dyn FnMut() -> AlarmId,
        changes: &mut Vec<AlarmChange>,
    ) {
        for condition in FLAGS {
            let active = self.is_active(condition);
            if !self.technical.flag_turns(condition, active, sight, &self.rules.technical) {
                continue;
            }
            if let Some(ended) = self.take(|of| of == condition) {
                let message = wording::ended(wording::gone(condition), &ended.message());
                changes.push(self.close(now, ended, None, message));
            } else {
                let said = wording::technical(condition, sight).to_owned();
                let instance = self.start(now, condition, None, said, ids);
                changes.push(instance.change(None));
                self.instances.push(instance);
            }
        }
    }

    fn start(
        &self,
        now: Now,
        condition: Condition,
        crossed: Option<(u16, u16)>,
        said: String,
        ids: &mut dyn FnMut() -> AlarmId,
    ) -> Instance {
        let priority: Priority = self.rules.priority(condition);
        let since = now.wall_at(self.at.unwrap_or(now.station));
        Instance::start(now, Start { id: ids(), condition, priority, since, crossed, said })
    }

    fn take(&mut self, which: impl Fn(Condition) -> bool) -> Option<Instance> {
        let place = self.instances.iter().position(|instance| which(instance.condition))?;
        Some(self.instances.remove(place))
    }

    /// Whether a number is missing that was beyond its limit when it was last seen.
    fn stopped_beyond(&self, sight: &Sight) -> bool {
        [Measure::Spo2, Measure::PulseRate].into_iter().any(|measure| {
            sight.value(measure).is_none()
                && (self.watches.beyond(measure)
                    || self.instances.iter().any(|instance| instance.condition.measure() == Some(measure)))
        })
    }
}
