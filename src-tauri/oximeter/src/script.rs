//! What a simulated sensor goes through, moment by moment.

use crate::Scenario;
use alloc::vec::Vec;
use core::time::Duration;

mod read;
mod track;

pub use read::{ScriptError, ScriptProblem};
use track::Track;

/// Whether there is something to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finger {
    On,
    Out,
    Searching,
}

/// What comes over the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    /// Whatever the sensor sends.
    Frames,
    /// Nothing, for the time given from now, or for ever.
    Nothing { left: Option<Duration> },
    /// The sensor is unplugged, for the time given from now.
    Unplugged { left: Duration },
}

/// What a script wants of the patient and the line at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) finger: Finger,
    /// Tenths of a %.
    pub(crate) spo2: i32,
    /// Beats in ten minutes.
    pub(crate) pulse: i32,
    /// Perfusion index, hundredths of a %.
    pub(crate) perfusion: i32,
    /// The numbers wander a little about those of the script, as a patient's do.
    pub(crate) wanders: bool,
    pub(crate) breathing: bool,
    pub(crate) motion: bool,
    pub(crate) low_battery: bool,
    pub(crate) garbage: bool,
    pub(crate) talk: Talk,
}

/// Something that holds from one moment to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Finger(Finger),
    Wanders(bool),
    Breathing(bool),
    Motion(bool),
    LowBattery(bool),
    Garbage(bool),
    /// For so long, or for ever.
    Silence(Option<Duration>),
    Unplug(Duration),
}

/// What a simulated sensor goes through: values over time, as text. A line is a time and what happens then.
///
/// ```
/// use core::time::Duration;
/// use oximeter::{Protocol, Script, Simulator};
///
/// let script: Script = "
///     0s     spo2 97, pulse 72       # lines of comment are allowed
///     10s    spo2 84 over 20s, pulse 95 over 20s
///     +30s   spo2 97 over 15s, pulse 72 over 15s
///     2m     repeat
/// ".parse()?;
/// let sensor = Simulator::new(Protocol::NoninDf2, script, 42, Duration::ZERO);
/// # let _ = sensor;
/// # Ok::<(), oximeter::ScriptError>(())
/// ```
///
/// Before its first line, and where it says nothing, a script has a quiet patient: SpO₂ 97 %, pulse 72, perfusion
/// index 3.2 %, breathing, a finger in the sensor. Times count from the sensor's first sample; they stand still while
/// it is unplugged, and until it sends again.
///
/// | what | does |
/// | --- | --- |
/// | `spo2 97.5`, `spo2 84 over 20s` | SpO₂ in %, 1 to 100; at once, or in a straight line over a time |
/// | `pulse 72`, `pulse 95 over 1m` | beats per minute, 18 to 321; how much a format can say is its own affair |
/// | `perfusion 3.2`, with `over` too | perfusion index in %, 0.02 to 20; below 0.5 perfusion is low |
/// | `finger out`, `finger on`, `searching` | no finger; a finger; a finger and no pulse found |
/// | `breathing off`, `breathing on` | its marks on the wave and the pulse; numbers do not follow by themselves |
/// | `motion on`, `motion off` | the wave jumps, the signal strength too |
/// | `battery low`, `battery good` | |
/// | `wander off`, `wander on` | numbers exactly as written; or wandering by about 1 % and 2 beats a minute |
/// | `garbage on`, `garbage off` | damages a frame every one to two seconds |
/// | `silence 10s`, `silence` | the line stays open and nothing is sent or heard; alone, for ever |
/// | `unplug 8s` | the sensor is pulled out and comes back as after power-on |
/// | `repeat` | all of it again from the beginning, for ever; stands alone, last |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    spo2: Track,
    pulse: Track,
    perfusion: Track,
    /// In order of time.
    changes: Vec<(Duration, Change)>,
    period: Option<Duration>,
}

impl Script {
    /// A quiet patient, for ever.
    pub(crate) const QUIET: Self = Self {
        spo2: Track::starting_at(970),
        pulse: Track::starting_at(720),
        perfusion: Track::starting_at(320),
        changes: Vec::new(),
        period: None,
    };

    /// Whether the sensor is unplugged at some time: it then comes back as a new one would.
    #[must_use]
    pub fn unplugs(&self) -> bool {
        self.changes.iter().any(|(_, change)| matches!(change, Change::Unplug(_)))
    }

    /// What it wants `at` after its start.
    pub(crate) fn at(&self, at: Duration) -> Moment {
        let at = match self.period {
            Some(period) => Duration::from_nanos((at.as_nanos() % period.as_nanos()) as u64),
            None => at,
        };
        let mut moment = Moment {
            finger: Finger::On,
            spo2: self.spo2.at(at),
            pulse: self.pulse.at(at),
            perfusion: self.perfusion.at(at),
            wanders: true,
            breathing: true,
            motion: false,
            low_battery: false,
            garbage: false,
            talk: Talk::Frames,
        };
        for &(from, change) in self.changes.iter().take_while(|(from, _)| *from <= at) {
            let left = |lasts: Duration| from.saturating_add(lasts).checked_sub(at).filter(|left| !left.is_zero());
            match change {
                Change::Finger(finger) => moment.finger = finger,
                Change::Wanders(on) => moment.wanders = on,
                Change::Breathing(on) => moment.breathing = on,
                Change::Motion(on) => moment.motion = on,
                Change::LowBattery(on) => moment.low_battery = on,
                Change::Garbage(on) => moment.garbage = on,
                Change::Silence(None) => moment.talk = Talk::Nothing { left: None },
                Change::Silence(Some(lasts)) => {
                    if let Some(left) = left(lasts) {
                        moment.talk = Talk::Nothing { left: Some(left) };
                    }
                }
                Change::Unplug(lasts) => {
                    if let Some(left) = left(lasts) {
                        moment.talk = Talk::Unplugged { left };
                    }
                }
            }
        }
        moment
    }
}

impl From<Scenario> for Script {
    fn from(scenario: Scenario) -> Self {
        // Each is read by a test, so that none can fail here.
        scenario.script().parse().unwrap_or(Self::QUIET)
    }
}

#[cfg(test)]
mod tests;
