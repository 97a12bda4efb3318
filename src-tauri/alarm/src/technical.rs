//! When the conditions of the sensor start and end.
//!
//! `no_finger`, `no_signal` and `sensor_disconnected` are three answers to one question, why there is no number, so at
//! most one of them is active. Together they leave no bed without a number and without an alarm for longer than the
//! times of [`TechnicalRules`].

use crate::TechnicalRules;
use crate::sight::Sight;
use core::time::Duration;
use serde::{Deserialize, Serialize};
use vitals::{Condition, SensorState};

/// Whether `condition` is one of the three that say why there is no number.
pub(crate) const fn is_link(condition: Condition) -> bool {
    matches!(condition, Condition::NoFinger | Condition::NoSignal | Condition::SensorDisconnected)
}

/// A flag of the sensor that must hold for a while to start an alarm, and be gone for a while to end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Flag {
    set: Duration,
    gone: Duration,
}

impl Flag {
    fn ran(&mut self, span: Duration, set: bool, after: Duration, gone_for: Duration) {
        if set {
            self.set = self.set.saturating_add(span).min(after);
        } else {
            self.gone = self.gone.saturating_add(span).min(gone_for);
        }
    }

    fn note(&mut self, set: bool) {
        if set {
            self.gone = Duration::ZERO;
        } else {
            self.set = Duration::ZERO;
        }
    }

    fn due_in(self, set: bool, active: bool, after: Duration, gone_for: Duration) -> Option<Duration> {
        match (active, set) {
            (false, true) => Some(after.saturating_sub(self.set)),
            (true, false) => Some(gone_for.saturating_sub(self.gone)),
            _ => None,
        }
    }
}

/// The counts of a bed's sensor. They stop where they are met: a bed where nothing changes keeps the same state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Technical {
    /// Time since the newest sample, or since the port was there if that is later.
    ///
    /// Not kept: a station that starts anew opens the port anew, and this counts from there.
    #[serde(skip)]
    silence: Duration,
    /// How long the probe has reported no finger.
    finger_out: Duration,
    /// How long a number has been missing without an alarm that says so. It runs on when one cause takes turns with
    /// another, so that none of them can hide behind the next one's delay.
    dark: Duration,
    /// Whether a link alarm has told of the numbers that are missing since the last ones. The haste after a value
    /// beyond its limit ends with it: who then puts the probe back on gets the time that finding a pulse takes.
    told: bool,
    /// How long the cause of the active link alarm has been gone.
    link_gone: Duration,
    weak_signal: Flag,
    low_battery: Flag,
}

/// What the link alarms do at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkStep {
    /// Nothing.
    Stay,
    /// This one starts, in place of the active one if there is one.
    Start(Condition),
    /// The active one ends.
    End,
}

impl Technical {
    /// Whether the newest sample is recent enough for its numbers.
    pub(crate) fn recent(&self, rules: &TechnicalRules) -> bool {
        self.silence < rules.current_for
    }

    /// For how much longer that will be so without another one.
    pub(crate) const fn recent_for(&self, rules: &TechnicalRules) -> Duration {
        rules.current_for.saturating_sub(self.silence)
    }

    /// Counts of flags that belong to a signal that is gone.
    pub(crate) fn forget_flags(&mut self) {
        self.weak_signal = Flag::default();
        self.low_battery.set = Duration::ZERO;
    }

    /// What of it is kept over a restart.
    pub(crate) const fn kept(self) -> Self {
        Self { silence: Duration::ZERO, ..self }
    }

    /// A sample arrived this long ago.
    pub(crate) const fn sampled(&mut self, ago: Duration) {
        self.silence = ago;
    }

    /// `sight` held for `span`.
    pub(crate) fn ran(&mut self, span: Duration, sight: &Sight, link: Option<Condition>, rules: &TechnicalRules) {
        let port = port_may_speak(sight.sensor) && !still_opening(sight.sensor, link);
        self.silence = if port { self.silence.saturating_add(span) } else { Duration::ZERO };
        if sight.no_finger {
            self.finger_out = self.finger_out.saturating_add(span).min(rules.no_finger_after);
        }
        if is_dark(sight, link) {
            self.dark = self.dark.saturating_add(span);
        }
        match link {
            Some(link) if !cause_holds(link, sight) => self.link_gone = self.link_gone.saturating_add(span),
            _ => {}
        }
        if sight.current {
            self.weak_signal.ran(span, sight.weak_signal, rules.weak_signal_after, rules.gone_for);
            self.low_battery.ran(span, sight.low_battery, rules.low_battery_after, rules.gone_for);
        }
    }

    /// `sight` holds from now on.
    pub(crate) fn note(&mut self, sight: &Sight, link: Option<Condition>) {
        if sight.current && !sight.no_finger {
            self.finger_out = Duration::ZERO;
        }
        if !is_dark(sight, link) {
            self.dark = Duration::ZERO;
        }
        if link.is_some() {
            self.told = true;
        } else if sight.complete() {
            self.told = false;
        }
        match link {
            Some(link) if !cause_holds(link, sight) => {}
            _ => self.link_gone = Duration::ZERO,
        }
        if sight.current {
            self.weak_signal.note(sight.weak_signal);
            self.low_battery.note(sight.low_battery);
        }
    }

    /// What the link alarms do now. `beyond`: a value that is missing now was beyond its limit.
    pub(crate) fn link_step(
        &self,
        sight: &Sight,
        link: Option<Condition>,
        beyond: bool,
        rules: &TechnicalRules,
    ) -> LinkStep {
        let wanted = self.wanted(sight, link, beyond, rules);
        match (wanted, link) {
            (Some(wanted), link) if link != Some(wanted) => LinkStep::Start(wanted),
            (_, Some(link))
                if !cause_holds(link, sight) && may_end(link, sight) && self.link_gone >= rules.gone_for =>
            {
                LinkStep::End
            }
            _ => LinkStep::Stay,
        }
    }

    fn wanted(
        &self,
        sight: &Sight,
        link: Option<Condition>,
        beyond: bool,
        rules: &TechnicalRules,
    ) -> Option<Condition> {
        let too_dark = is_dark(sight, link) && self.dark >= self.dark_for(beyond, rules);
        match sight.sensor {
            SensorState::None => None,
            SensorState::Disconnected => Some(Condition::SensorDisconnected),
            _ if sight.no_finger => {
                (self.finger_out >= rules.no_finger_after || too_dark).then_some(Condition::NoFinger)
            }
            _ => (self.silence >= rules.no_signal_after || too_dark).then_some(Condition::NoSignal),
        }
    }

    const fn dark_for(&self, beyond: bool, rules: &TechnicalRules) -> Duration {
        if beyond && !self.told { rules.searching_when_beyond } else { rules.searching_for }
    }

    /// Whether the flag of `condition` starts its alarm, or ends it if it is `active`.
    pub(crate) fn flag_turns(&self, condition: Condition, active: bool, sight: &Sight, rules: &TechnicalRules) -> bool {
        self.flag_due_in(condition, active, sight, rules) == Some(Duration::ZERO)
    }

    fn flag_due_in(
        &self,
        condition: Condition,
        active: bool,
        sight: &Sight,
        rules: &TechnicalRules,
    ) -> Option<Duration> {
        let (flag, set, after) = match condition {
            Condition::WeakSignal => (self.weak_signal, sight.weak_signal, rules.weak_signal_after),
            Condition::LowBattery => (self.low_battery, sight.low_battery, rules.low_battery_after),
            _ => return None,
        };
        // Of a sensor that does not speak, neither is known.
        flag.due_in(set, active, after, rules.gone_for).filter(|_| sight.current)
    }

    /// The times from now at which something may start, end or stop counting if `sight` holds.
    pub(crate) fn due_in(
        &self,
        sight: &Sight,
        link: Option<Condition>,
        flags: [(Condition, bool); 2],
        beyond: bool,
        rules: &TechnicalRules,
    ) -> impl Iterator<Item = Duration> {
        let left = |whole: Duration, run: Duration, runs: bool| runs.then(|| whole.saturating_sub(run));
        let port = port_may_speak(sight.sensor) && !still_opening(sight.sensor, link);
        let link_ends = link.is_some_and(|link| !cause_holds(link, sight) && may_end(link, sight));
        [
            left(rules.current_for, self.silence, sight.current),
            left(rules.no_signal_after, self.silence, port),
            left(rules.no_finger_after, self.finger_out, sight.no_finger),
            left(self.dark_for(beyond, rules), self.dark, is_dark(sight, link)),
            left(rules.gone_for, self.link_gone, link_ends),
        ]
        .into_iter()
        .chain(flags.map(|(condition, active)| self.flag_due_in(condition, active, sight, rules)))
        .flatten()
    }
}

/// Whether a number is missing and no alarm says so.
const fn is_dark(sight: &Sight, link: Option<Condition>) -> bool {
    link.is_none() && !sight.complete() && !matches!(sight.sensor, SensorState::None)
}

/// Whether the port is there, so that its silence means something.
const fn port_may_speak(sensor: SensorState) -> bool {
    !matches!(sensor, SensorState::None | SensorState::Disconnected)
}

/// A port that was gone and is being opened again is still gone: its every failed try is no new alarm.
fn still_opening(sensor: SensorState, link: Option<Condition>) -> bool {
    sensor == SensorState::Opening && link == Some(Condition::SensorDisconnected)
}

/// Whether what `link` reports still holds.
fn cause_holds(link: Condition, sight: &Sight) -> bool {
    match link {
        Condition::SensorDisconnected => matches!(sight.sensor, SensorState::Disconnected | SensorState::Opening),
        Condition::NoFinger => !sight.current || sight.no_finger,
        _ => !sight.complete(),
    }
}

/// Whether `link` may end by itself. A port that is there again but says nothing yet is left to `no_signal`, which
/// takes over with no moment between without an alarm.
const fn may_end(link: Condition, sight: &Sight) -> bool {
    !matches!(link, Condition::SensorDisconnected) || sight.current
}
