//! What people are told. The words of one alarm are here and nowhere else, so that station, log and tablets agree.

use crate::bound::Side;
use crate::sight::Sight;
use vitals::{Condition, Measure, SensorState};

const fn measure(condition: Condition) -> &'static str {
    match condition.measure() {
        Some(Measure::PulseRate) => "Pulse",
        _ => "SpO2",
    }
}

/// Such as `SpO2 85 < 90`. The sign is the rule: a value equal to the limit does not alarm.
pub(crate) fn crossed(condition: Condition, worst: u16, limit: u16) -> String {
    let sign = match Side::of(condition) {
        Side::Below => '<',
        Side::Above => '>',
    };
    let tier = if condition == Condition::Spo2Desat { " (desaturation)" } else { "" };
    format!("{} {worst} {sign} {limit}{tier}", measure(condition))
}

/// A physiological alarm ended because its value is back.
pub(crate) fn back(condition: Condition, was: &str) -> String {
    match condition {
        // The value may still be below the first tier's limit, so "within limits" would be untrue.
        Condition::Spo2Desat => format!("SpO2 no longer below the desaturation limit; was {was}"),
        _ => format!("{} back within limits; was {was}", measure(condition)),
    }
}

/// A physiological alarm ended because its limit was turned off.
pub(crate) fn limit_off(condition: Condition, was: &str) -> String {
    format!("{} limit turned off; was {was}", measure(condition))
}

/// A physiological alarm ended because its number is gone; `link` says why.
pub(crate) fn no_number(condition: Condition, was: &str, link: &str) -> String {
    format!("{} no longer measured: {link}; was {was}", measure(condition))
}

/// What a technical alarm of the sensor says when it starts.
pub(crate) fn technical(condition: Condition, sight: &Sight) -> &'static str {
    match condition {
        Condition::NoFinger => "Probe off: no finger",
        Condition::SensorDisconnected => "Sensor disconnected",
        Condition::WeakSignal => "Weak signal at the probe",
        Condition::LowBattery => "Sensor battery low",
        _ => match sight.sensor {
            SensorState::Opening => "No signal: the sensor's port is not open yet",
            SensorState::Searching => "No signal that can be understood from the sensor",
            SensorState::Live if sight.current && sight.spo2.is_some() => "No pulse rate from the sensor",
            SensorState::Live if sight.current && sight.pulse_rate.is_some() => "No SpO2 from the sensor",
            SensorState::Live if sight.current => "No pulse found: the sensor is searching",
            _ => "No signal from the sensor",
        },
    }
}

/// A technical alarm ended because its cause is gone.
pub(crate) const fn gone(condition: Condition) -> &'static str {
    match condition {
        Condition::NoFinger => "Probe back on the finger",
        Condition::SensorDisconnected => "Sensor connected again",
        Condition::WeakSignal => "Signal no longer weak",
        Condition::LowBattery => "Sensor battery no longer low",
        _ => "Signal back",
    }
}

/// A technical alarm ended because another one took its place.
pub(crate) fn replaced(was: &str, by: &str) -> String {
    format!("{was}; now: {by}")
}

/// An alarm ended, and what it was.
pub(crate) fn ended(why: &str, was: &str) -> String {
    format!("{why}; was {was}")
}
