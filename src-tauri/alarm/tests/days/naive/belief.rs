//! What of the sensor's word can be believed now, and how it stands to the limits.

use super::{Naive, is_spo2, says_why_there_is_no_number};
use vitals::{Condition, SensorState, Status};

impl Naive {
    pub(super) fn sensor(&self) -> SensorState {
        self.input.map_or(SensorState::None, |(sensor, _)| sensor)
    }

    /// A sample is believed until it is 3 s old, and a number beside "no finger" is none.
    pub(super) fn look(&mut self) {
        let live = self.input.filter(|(sensor, _)| *sensor == SensorState::Live && self.silence < 3);
        self.says = live.and_then(|(_, says)| says);
        let measured = self.says.filter(|says| !says.status.has(Status::NoFinger));
        self.spo2 = measured.and_then(|says| says.spo2).map(u16::from);
        self.pulse = measured.and_then(|says| says.pulse);
    }

    pub(super) fn has(&self, status: Status) -> bool {
        self.says.is_some_and(|says| says.status.has(status))
    }

    pub(super) fn value(&self, condition: Condition) -> Option<u16> {
        if is_spo2(condition) { self.spo2 } else { self.pulse }
    }

    pub(super) fn complete(&self) -> bool {
        self.spo2.is_some() && self.pulse.is_some()
    }

    pub(super) fn limit(&self, condition: Condition) -> Option<u16> {
        match condition {
            Condition::Spo2Desat => Some(self.limits.spo2_desat.into()),
            Condition::Spo2Low => Some(self.limits.spo2_low.into()),
            Condition::Spo2High => self.limits.spo2_high.map(u16::from),
            Condition::PulseLow => Some(self.limits.pulse_low),
            Condition::PulseHigh => Some(self.limits.pulse_high),
            _ => None,
        }
    }

    pub(super) fn is_beyond(&self, condition: Condition) -> Option<bool> {
        let (value, limit) = (self.value(condition)?, self.limit(condition)?);
        Some(match condition {
            Condition::Spo2High | Condition::PulseHigh => value > limit,
            _ => value < limit,
        })
    }

    pub(super) fn is_back_by_the_margin(&self, condition: Condition) -> bool {
        let (Some(value), Some(limit)) = (self.value(condition), self.limit(condition)) else { return false };
        let margin = if is_spo2(condition) { 1 } else { 2 };
        match condition {
            Condition::Spo2High | Condition::PulseHigh => value + margin <= limit,
            _ => value >= limit + margin,
        }
    }

    pub(super) fn active(&self, condition: Condition) -> bool {
        self.alarms.iter().any(|alarm| alarm.condition == condition)
    }

    pub(super) fn why_dark(&self) -> Option<Condition> {
        self.alarms.iter().map(|alarm| alarm.condition).find(|condition| says_why_there_is_no_number(*condition))
    }

    /// A number is missing, and no alarm says so.
    pub(super) fn is_dark(&self) -> bool {
        self.sensor() != SensorState::None && self.why_dark().is_none() && !self.complete()
    }

    pub(super) fn cause_holds(&self, why: Condition) -> bool {
        match why {
            Condition::SensorDisconnected => [SensorState::Disconnected, SensorState::Opening].contains(&self.sensor()),
            Condition::NoFinger => self.says.is_none() || self.has(Status::NoFinger),
            _ => !self.complete(),
        }
    }
}
