//! What comes in of a bed's sensor, and what of it may be believed now.

use vitals::{Measure, Numbers, SensorState, StationTime, Status, StatusSet};

/// What the station knows of a bed's sensor from one moment on. It holds until the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// The numbers of the newest reading.
    pub numbers: Numbers,
    /// What the newest reading says beside its numbers.
    pub status: StatusSet,
    /// How the sensor stands.
    pub sensor: SensorState,
    /// When the newest sample arrived; `None` before the first since the station started.
    pub last_sample: Option<StationTime>,
}

/// What of an input holds at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) sensor: SensorState,
    /// Samples come and the newest is current, with or without numbers.
    pub(crate) current: bool,
    pub(crate) spo2: Option<u16>,
    pub(crate) pulse_rate: Option<u16>,
    pub(crate) no_finger: bool,
    pub(crate) weak_signal: bool,
    pub(crate) low_battery: bool,
}

impl Sight {
    /// `recent`: the newest sample is not older than numbers may be.
    pub(crate) fn of(input: &Input, recent: bool) -> Self {
        let has = |status| input.status.has(status);
        let sensor = match input.sensor {
            SensorState::None => SensorState::None,
            _ if has(Status::Disconnected) => SensorState::Disconnected,
            other => other,
        };
        let current = recent && sensor == SensorState::Live && !has(Status::Stale);
        let no_finger = current && has(Status::NoFinger);
        // A number beside "no finger" is the last one the device held, not a measurement.
        let measured = current && !no_finger;
        Self {
            sensor,
            current,
            spo2: input.numbers.spo2.filter(|_| measured).map(|spo2| u16::from(spo2.percent())),
            pulse_rate: input.numbers.pulse_rate.filter(|_| measured).map(|pulse| pulse.per_minute()),
            no_finger,
            // Without a finger there is no signal to be weak.
            weak_signal: measured && has(Status::WeakSignal),
            low_battery: current && has(Status::LowBattery),
        }
    }

    pub(crate) const fn value(&self, measure: Measure) -> Option<u16> {
        match measure {
            Measure::Spo2 => self.spo2,
            Measure::PulseRate => self.pulse_rate,
        }
    }

    /// Whether both numbers are there.
    pub(crate) const fn complete(&self) -> bool {
        self.spo2.is_some() && self.pulse_rate.is_some()
    }
}
