//! What starts, changes and ends in a second.

use super::{Alarm, Naive, VALUES, usual_priority};
use vitals::{Condition, SensorState, Status};

impl Naive {
    pub(super) fn decide(&mut self) {
        self.look();
        if self.input.is_none() {
            return;
        }
        self.forget_what_turned();
        if self.sensor() == SensorState::None {
            self.end_all();
            return;
        }
        for place in 0..VALUES.len() {
            self.decide_value(place);
        }
        self.decide_why_dark();
        self.decide_flag(Condition::WeakSignal);
        self.decide_flag(Condition::LowBattery);
    }

    fn forget_what_turned(&mut self) {
        for (place, condition) in VALUES.into_iter().enumerate() {
            match self.is_beyond(condition) {
                Some(true) => {
                    self.within[place] = 0;
                    self.worst[place] = self.worse(condition, self.worst[place]);
                }
                Some(false) => (self.beyond[place], self.worst[place]) = (0, None),
                None => {}
            }
        }
        if let (Some(below), Some(value)) = (self.is_beyond(Condition::Spo2Low), self.spo2) {
            if below && !self.below {
                self.dips.push((0, value));
            }
            if below {
                self.worst_of_area = self.worse(Condition::Spo2Low, self.worst_of_area);
                if let Some((_, worst)) = self.dips.last_mut() {
                    *worst = value.min(*worst);
                }
            }
            self.below = below;
        }
        self.forget_what_turned_of_the_sensor();
    }

    fn forget_what_turned_of_the_sensor(&mut self) {
        if self.says.is_some() {
            if !self.has(Status::NoFinger) {
                self.finger_out = 0;
            }
            let weak = self.has(Status::WeakSignal) && !self.has(Status::NoFinger);
            let battery = self.has(Status::LowBattery);
            for (flag, holds) in [(&mut self.weak, weak), (&mut self.battery, battery)] {
                if holds {
                    flag.gone = 0;
                } else {
                    flag.held = 0;
                }
            }
        }
        if !self.is_dark() {
            self.dark = 0;
        }
        if self.why_dark().is_some() {
            self.told_of_dark = true;
        } else if self.complete() {
            self.told_of_dark = false;
        }
        if self.why_dark().is_none_or(|why| self.cause_holds(why)) {
            self.cause_gone = 0;
        }
    }

    fn decide_value(&mut self, place: usize) {
        let condition = VALUES[place];
        let value = self.value(condition);
        if let Some(alarm) = self.alarms.iter().position(|alarm| alarm.condition == condition) {
            let back = self.is_beyond(condition) == Some(false)
                && (self.is_back_by_the_margin(condition) || self.within[place] >= 5);
            if self.limit(condition).is_none() || back {
                self.end(alarm);
            } else if let (Some(value), Some(worst)) = (value, self.alarms[alarm].worst) {
                let worse = match condition {
                    Condition::Spo2High | Condition::PulseHigh => value > worst,
                    _ => value < worst,
                };
                if worse {
                    self.alarms[alarm].worst = Some(value);
                    self.tell(alarm);
                }
            }
        } else if self.is_beyond(condition) == Some(true) && (self.has_waited(place) || self.fell(condition)) {
            self.start(condition, self.worst_so_far(place), self.limit(condition));
        }
    }

    fn has_waited(&self, place: usize) -> bool {
        match (VALUES[place], self.limits.area_delay) {
            (Condition::Spo2Desat, _) => true,
            (Condition::Spo2Low, Some(area)) => self.area >= u64::from(area) || self.dips.len() >= 3,
            _ => self.beyond[place] >= u64::from(self.limits.delay_s),
        }
    }

    /// The value has come down so far that nobody waits.
    fn fell(&self, condition: Condition) -> bool {
        let (Some((points, within)), Some(value)) = (self.site.rapid_fall, self.spo2) else { return false };
        let was = self.history.iter().filter(|(second, _)| second + within >= self.measured).map(|(_, was)| *was);
        condition == Condition::Spo2Low && was.max().is_some_and(|highest| highest >= value + points)
    }

    /// The worse of `worst` and the value now.
    fn worse(&self, condition: Condition, worst: Option<u16>) -> Option<u16> {
        let both = worst.into_iter().chain(self.value(condition));
        match condition {
            Condition::Spo2High | Condition::PulseHigh => both.max(),
            _ => both.min(),
        }
    }

    fn worst_so_far(&self, place: usize) -> Option<u16> {
        match (VALUES[place], self.limits.area_delay) {
            (Condition::Spo2Low, Some(area)) if self.area >= u64::from(area) => self.worst_of_area,
            (Condition::Spo2Low, Some(_)) if self.dips.len() >= 3 => {
                self.dips.iter().rev().take(3).map(|(_, worst)| *worst).min()
            }
            _ => self.worst[place],
        }
    }

    /// A number is missing that was beyond its limit when it was last seen.
    fn was_beyond_as_it_went(&self) -> bool {
        VALUES.into_iter().enumerate().any(|(place, condition)| {
            self.value(condition).is_none() && (self.beyond[place] > 0 || self.active(condition))
        })
    }

    fn reason(&self) -> Option<Condition> {
        let patience = if self.was_beyond_as_it_went() && !self.told_of_dark { 4 } else { 15 };
        let too_dark = self.is_dark() && self.dark >= patience;
        match self.sensor() {
            SensorState::None => None,
            SensorState::Disconnected => Some(Condition::SensorDisconnected),
            _ if self.has(Status::NoFinger) => (self.finger_out >= 3 || too_dark).then_some(Condition::NoFinger),
            _ => (self.silence >= 4 || too_dark).then_some(Condition::NoSignal),
        }
    }

    fn decide_why_dark(&mut self) {
        let (reason, why) = (self.reason(), self.why_dark());
        let place_of = |alarms: &[Alarm], why| alarms.iter().position(|alarm| Some(alarm.condition) == why);
        let mut to_tell = None;
        if let Some(reason) = reason.filter(|_| reason != why) {
            let replaced = place_of(&self.alarms, why).map(|place| self.end(place));
            self.alarms.push(Alarm {
                condition: reason,
                priority: usual_priority(reason),
                since: self.now,
                worst: None,
                limit: None,
                acknowledged: false,
                paused: false,
                has_a_story: false,
                unanswered: 0,
            });
            let started = self.alarms.last_mut().unwrap();
            started.unanswered = replaced.as_ref().map_or(0, |replaced| replaced.unanswered);
            if let Some(replaced) = replaced.filter(|replaced| replaced.has_a_story) {
                started.has_a_story = true;
                started.priority = started.priority.max(replaced.priority);
            }
            to_tell = Some(reason);
        } else if let Some(why) = why
            && !self.cause_holds(why)
            && (why != Condition::SensorDisconnected || self.says.is_some())
            && self.cause_gone >= 2
        {
            let place = place_of(&self.alarms, Some(why)).unwrap();
            self.end(place);
        }
        let turned = self.why_dark() != why;
        self.forget_what_turned_of_the_sensor();
        let Some(why) = self.why_dark() else { return };
        let mut ended = Vec::new();
        while let Some(place) = VALUES
            .into_iter()
            .find_map(|value| self.value(value).is_none().then(|| place_of(&self.alarms, Some(value)))?)
        {
            ended.push(self.end(place));
        }
        let place = place_of(&self.alarms, Some(why)).unwrap();
        let alarm = &mut self.alarms[place];
        alarm.has_a_story |= !ended.is_empty();
        if let Some(priority) = ended.iter().map(|ended| ended.priority).max().filter(|high| *high > alarm.priority) {
            alarm.priority = priority;
            // Who answered the lower one has not answered the higher one.
            (alarm.acknowledged, alarm.paused) = (false, false);
            to_tell = Some(why);
        }
        if !alarm.acknowledged {
            let longest = ended.iter().map(|ended| ended.unanswered).max();
            alarm.unanswered = alarm.unanswered.max(longest.unwrap_or(0));
        }
        if let Some(place) = to_tell.and_then(|told| place_of(&self.alarms, Some(told))) {
            self.tell(place);
        }
        if turned {
            if let Some(place) = place_of(&self.alarms, Some(Condition::WeakSignal)) {
                self.end(place);
            }
            let battery = place_of(&self.alarms, Some(Condition::LowBattery));
            if let Some(place) = battery.filter(|_| why == Condition::SensorDisconnected) {
                self.end(place);
            }
            (self.weak.held, self.weak.gone, self.battery.held) = (0, 0, 0);
        }
    }

    fn decide_flag(&mut self, condition: Condition) {
        if self.says.is_none() {
            return;
        }
        let (flag, after, holds) = match condition {
            Condition::WeakSignal => (self.weak, 4, self.has(Status::WeakSignal) && !self.has(Status::NoFinger)),
            _ => (self.battery, 2, self.has(Status::LowBattery)),
        };
        match self.alarms.iter().position(|alarm| alarm.condition == condition) {
            None if holds && flag.held >= after => self.start(condition, None, None),
            Some(place) if !holds && flag.gone >= 2 => {
                self.end(place);
            }
            _ => {}
        }
    }
}
