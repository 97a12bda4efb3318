//! The rules once more, from `docs/guide/alarms.md` and `docs/design/alarms.md`, second by second and in the plainest
//! way. It shares no code with the engine and is never told when to look: it looks each second.

mod belief;
mod decision;
mod signals;

use crate::day::{Happening, Says, Site};
use crate::lines::Line;
use std::collections::VecDeque;
use vitals::{Condition, Limits, Measure, Priority, SensorState, Status};

const VALUES: [Condition; 5] =
    [Condition::Spo2Desat, Condition::Spo2Low, Condition::Spo2High, Condition::PulseLow, Condition::PulseHigh];

fn is_spo2(condition: Condition) -> bool {
    condition.measure() == Some(Measure::Spo2)
}

fn says_why_there_is_no_number(condition: Condition) -> bool {
    [Condition::NoFinger, Condition::NoSignal, Condition::SensorDisconnected].contains(&condition)
}

fn usual_priority(condition: Condition) -> Priority {
    match condition {
        Condition::Spo2Desat => Priority::High,
        Condition::WeakSignal | Condition::LowBattery => Priority::Low,
        _ => Priority::Medium,
    }
}

#[derive(Debug, Clone)]
struct Alarm {
    condition: Condition,
    priority: Priority,
    since: u64,
    worst: Option<u16>,
    limit: Option<u16>,
    acknowledged: bool,
    paused: bool,
    /// A value alarm ended in this one.
    has_a_story: bool,
    /// Seconds without an answer.
    unanswered: u64,
}

/// Seconds of something that holds, and seconds since it does not.
#[derive(Debug, Clone, Copy, Default)]
struct Flag {
    held: u64,
    gone: u64,
}

#[derive(Debug)]
pub struct Naive {
    site: Site,
    limits: Limits,
    now: u64,
    /// What the sensor said last; `None` when nothing was heard since the station began or the patient left.
    input: Option<(SensorState, Option<Says>)>,
    /// What of it can be believed: see [`look`](Self::look).
    says: Option<Says>,
    spo2: Option<u16>,
    pulse: Option<u16>,
    /// Seconds since the newest sample, or since the port could speak.
    silence: u64,
    /// Seconds beyond and within, for each of [`VALUES`].
    beyond: [u64; 5],
    within: [u64; 5],
    area: u64,
    below: bool,
    /// Seconds with a value since each entry below the low limit, and the worst value of that dip.
    dips: Vec<(u64, u16)>,
    /// The worst value since the delay of each of [`VALUES`], or the area, began to run.
    worst: [Option<u16>; 5],
    worst_of_area: Option<u16>,
    finger_out: u64,
    dark: u64,
    told_of_dark: bool,
    cause_gone: u64,
    weak: Flag,
    battery: Flag,
    alarms: Vec<Alarm>,
    pause_left: u64,
    /// Seconds with a value, and what the value was in each of the last.
    measured: u64,
    history: VecDeque<(u64, u16)>,
    latched: Vec<Alarm>,
    /// Seconds until the staff are reminded that something is off.
    off: Option<u64>,
    reminded: bool,
    lines: Vec<Line>,
}

impl Naive {
    pub const fn new(site: Site, limits: Limits) -> Self {
        Self {
            site,
            limits,
            now: 0,
            input: None,
            says: None,
            spo2: None,
            pulse: None,
            silence: 0,
            beyond: [0; 5],
            within: [0; 5],
            area: 0,
            below: false,
            dips: Vec::new(),
            worst: [None; 5],
            worst_of_area: None,
            finger_out: 0,
            dark: 0,
            told_of_dark: false,
            cause_gone: 0,
            weak: Flag { held: 0, gone: 0 },
            battery: Flag { held: 0, gone: 0 },
            alarms: Vec::new(),
            pause_left: 0,
            measured: 0,
            history: VecDeque::new(),
            latched: Vec::new(),
            off: None,
            reminded: false,
            lines: Vec::new(),
        }
    }

    pub fn take_lines(&mut self) -> Vec<Line> {
        core::mem::take(&mut self.lines)
    }

    pub fn any_active(&self) -> bool {
        !self.alarms.is_empty()
    }

    pub fn site(&self) -> Site {
        self.site
    }

    pub fn take_reminder(&mut self) -> bool {
        core::mem::take(&mut self.reminded)
    }

    pub fn pause_left(&self) -> u64 {
        self.pause_left
    }

    /// A second passes.
    pub fn second(&mut self) {
        for place in 0..self.alarms.len() {
            self.alarms[place].unanswered += u64::from(self.is_heard(&self.alarms[place]));
        }
        if self.input.is_some() {
            self.count();
        }
        self.now += 1;
        self.off = self.off.map(|left| left - 1);
        if self.off == Some(0) {
            (self.off, self.reminded) = (self.site.off, true);
        }
        self.pause_left = self.pause_left.saturating_sub(1);
        self.decide();
    }

    fn count(&mut self) {
        for (place, condition) in VALUES.into_iter().enumerate() {
            match self.is_beyond(condition) {
                Some(true) => self.beyond[place] += 1,
                Some(false) => self.within[place] += 1,
                None => {}
            }
        }
        if let Some(value) = self.value(Condition::Spo2Low).map(u64::from) {
            let low = u64::from(self.limits.spo2_low);
            let full = u64::from(self.limits.area_delay.unwrap_or(100));
            self.area = if value < low {
                (self.area + low - value).min(full)
            } else {
                self.area.saturating_sub((value - low).max(1))
            };
            self.measured += 1;
            if let Some((_, within)) = self.site.rapid_fall {
                self.history.push_back((self.measured, u16::try_from(value).unwrap()));
                while self.history.front().is_some_and(|(second, _)| second + within < self.measured) {
                    self.history.pop_front();
                }
            }
            if self.area == 0 && value >= low {
                self.worst_of_area = None;
            }
            self.dips.iter_mut().for_each(|(age, _)| *age += 1);
            self.dips.retain(|(age, _)| *age <= 60);
        }
        if self.has(Status::NoFinger) {
            self.finger_out += 1;
        }
        if self.is_dark() {
            self.dark += 1;
        }
        if self.why_dark().is_some_and(|why| !self.cause_holds(why)) {
            self.cause_gone += 1;
        }
        if self.says.is_some() {
            let weak = self.has(Status::WeakSignal) && !self.has(Status::NoFinger);
            let battery = self.has(Status::LowBattery);
            for (flag, holds) in [(&mut self.weak, weak), (&mut self.battery, battery)] {
                if holds {
                    flag.held += 1;
                } else {
                    flag.gone += 1;
                }
            }
        }
        let opening_again = self.sensor() == SensorState::Opening && self.active(Condition::SensorDisconnected);
        let may_speak = ![SensorState::None, SensorState::Disconnected].contains(&self.sensor()) && !opening_again;
        self.silence = if may_speak { self.silence + 1 } else { 0 };
    }

    pub fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Sample(says) => {
                self.silence = 0;
                self.input = Some((SensorState::Live, Some(says)));
                self.decide();
            }
            Happening::Stale => {
                self.input = Some((SensorState::Silent, None));
                self.decide();
            }
            Happening::Sensor(sensor) => {
                self.input = Some((sensor, None));
                self.decide();
            }
            Happening::AcknowledgeAll => {
                for place in 0..self.alarms.len() {
                    self.acknowledge(place);
                }
                while !self.latched.is_empty() {
                    self.see(0);
                }
            }
            Happening::AcknowledgeNewest => {
                if let Some(newest) = self.alarms.len().checked_sub(1) {
                    self.acknowledge(newest);
                }
            }
            Happening::AcknowledgeLatched => {
                if let Some(newest) = self.latched.len().checked_sub(1) {
                    self.see(newest);
                }
            }
            Happening::WithdrawNewest => {
                if let Some(newest) = self.alarms.len().checked_sub(1)
                    && self.alarms[newest].acknowledged
                {
                    self.alarms[newest].acknowledged = false;
                    self.tell(newest);
                }
            }
            Happening::TurnOff(_) => self.off = self.site.off,
            Happening::TurnOn => self.off = None,
            Happening::Pause(seconds) => {
                self.pause_left = seconds;
                self.alarms.iter_mut().for_each(|alarm| alarm.paused = true);
            }
            Happening::Resume => self.pause_left = 0,
            Happening::Limits(limits) => self.set_limits(limits),
            Happening::Discharge => {
                self.end_all();
                (self.input, self.pause_left, self.off) = (None, 0, None);
                self.latched.clear();
                self.look();
            }
            Happening::Clock(_) => {}
            Happening::Restart { down, stepped } => {
                (self.input, self.silence) = (None, 0);
                self.look();
                if self.off.is_some() {
                    (self.off, self.reminded) = (self.site.off, true);
                }
                // The end of a pause is kept by the time of day, and 120 s of it are believed at most.
                let left = i64::try_from(self.pause_left).unwrap() - i64::try_from(down).unwrap() - stepped;
                let kept = self.pause_left > 0 && left > 0;
                self.pause_left = if kept { u64::try_from(left).unwrap().min(120) } else { 0 };
            }
        }
        if self.pause_left == 0 {
            self.alarms.iter_mut().for_each(|alarm| alarm.paused = false);
        }
    }

    fn acknowledge(&mut self, place: usize) {
        if !self.alarms[place].acknowledged {
            (self.alarms[place].acknowledged, self.alarms[place].unanswered) = (true, 0);
            self.tell(place);
        }
    }

    /// Somebody has seen a latched alarm.
    fn see(&mut self, place: usize) {
        let alarm = Alarm { acknowledged: true, ..self.latched.remove(place) };
        self.lines.push(self.line(&alarm, false));
    }

    fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.area = self.area.min(u64::from(limits.area_delay.unwrap_or(100)));
        for (place, condition) in VALUES.into_iter().enumerate() {
            if self.limit(condition).is_none() {
                (self.beyond[place], self.within[place], self.worst[place]) = (0, 0, None);
            }
        }
        self.decide();
        for place in 0..self.alarms.len() {
            let alarm = self.alarms[place].clone();
            let Some(limit) = self.limit(alarm.condition) else { continue };
            let worst_is_beyond = alarm.worst.is_some_and(|worst| match alarm.condition {
                Condition::Spo2High | Condition::PulseHigh => worst > limit,
                _ => worst < limit,
            });
            if alarm.limit != Some(limit) && worst_is_beyond {
                self.alarms[place].limit = Some(limit);
                self.tell(place);
            }
        }
    }

    fn end_all(&mut self) {
        while !self.alarms.is_empty() {
            self.end(0);
        }
        let fresh = Self::new(self.site, self.limits);
        *self = Self {
            now: self.now,
            input: self.input,
            pause_left: self.pause_left,
            latched: core::mem::take(&mut self.latched),
            off: self.off,
            reminded: self.reminded,
            lines: core::mem::take(&mut self.lines),
            ..fresh
        };
    }

    fn start(&mut self, condition: Condition, worst: Option<u16>, limit: Option<u16>) {
        let (priority, since) = (usual_priority(condition), self.now);
        let alarm = Alarm {
            condition,
            priority,
            since,
            worst,
            limit,
            acknowledged: false,
            paused: false,
            has_a_story: false,
            unanswered: 0,
        };
        self.alarms.push(alarm);
        self.tell(self.alarms.len() - 1);
    }

    fn end(&mut self, place: usize) -> Alarm {
        let alarm = self.alarms.remove(place);
        self.lines.push(self.line(&alarm, false));
        if self.site.latch_high && alarm.priority == Priority::High && !alarm.acknowledged {
            self.latched.push(alarm.clone());
            if self.latched.len() > 32 {
                self.latched.remove(0);
            }
        }
        alarm
    }

    fn tell(&mut self, place: usize) {
        let line = self.line(&self.alarms[place], true);
        self.lines.push(line);
    }

    fn line(&self, alarm: &Alarm, active: bool) -> Line {
        Line {
            told: self.now,
            condition: alarm.condition,
            active,
            priority: alarm.priority,
            since: alarm.since,
            worst: alarm.worst,
            limit: alarm.limit,
            acknowledged: alarm.acknowledged,
        }
    }
}
