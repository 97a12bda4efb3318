//! The life of a sensor's port, as values: what happened and when in, the next state and what to do out.
//!
//! ```text
//!            begin              a protocol is known              a sample
//!  closed ──────────▶ opening ─────────────────────▶ starting ──────────────▶ live ◀──┐
//!    ▲                 │  ▲ │                          │  ▲                    │      │ a sample
//!    │ close           │  │ │ none is known            │  │ found              │ none for 2 s
//!    │                 │  │ ▼                          │  │ (opened anew)      ▼      │
//!  (every state)       │  │ listening ─────────────────┼──┘                  silent ───┘
//!                      │  │     ▲                      │                       │
//!                      │  │     │ what was remembered  │                       │ nothing for 15 s,
//!                      │  │     │ does not answer: 3 s │ nothing for 15 s      │ or for 60 s nothing
//!                      │  │     └──────────────────────┤                       │ that is understood
//!                      │  └────────────────────────────┴───────────────────────┘
//!              refused │             ▲
//!                      ▼             │ a pause that grows from 0.25 s to 10 s, or the port appeared
//!                     gone ──────────┘
//!                      ▲
//!                      └──── the line ended: listening, starting, live, silent
//! ```
//!
//! A reset goes from every state but `closed` to `opening`.
//!
//! Nothing here can make a core spin. Zero bytes and a broken pipe, which come at once and for ever after an unplug,
//! are [`Event::Ended`], and what follows is a pause. What skips the pause (a reset, a port that appears) may do so
//! [`FREE`] times in [`FREE_WINDOW`]; after that it waits like everything else, so that a plug with a loose contact
//! or a finger on a button costs no more than a port that is refused.
//!
//! A hang is told from a finger that is out by what comes: a sensor without a finger goes on sending samples, and is
//! live. One that sends nothing is silent, and its port is opened anew from time to time, because an adapter that
//! hangs is cured by that and a sensor that is switched off is not harmed. Screens keep showing `silent` meanwhile.

use super::open::OpenError;
use super::trouble::Trouble;
use oximeter::{Line, Protocol};
use std::time::Duration;
use vitals::{SensorState, StationTime};

/// The first pause before a port is tried again; it doubles up to [`LAST_PAUSE`].
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause between two tries.
pub(super) const LAST_PAUSE: Duration = Duration::from_secs(10);
/// How often a port is opened without a pause within [`FREE_WINDOW`].
pub(super) const FREE: usize = 4;
/// See [`FREE`].
pub(super) const FREE_WINDOW: Duration = Duration::from_secs(10);
/// A sensor that was live and sends no sample for this long is silent; one that sends less than one a second, for two
/// of its periods.
const SILENT_AFTER: Duration = Duration::from_secs(2);
/// A port on which nothing was understood for this long is told in words.
const TOLD_AFTER: Duration = Duration::from_secs(4);
/// For how long a sensor is waited for in the protocol that is remembered, before one listens for others.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// For how long one listens for others before the remembered protocol is tried again.
const LISTEN_FOR: Duration = Duration::from_secs(12);
/// A line on which nothing at all came for this long is opened anew.
const HUNG_AFTER: Duration = Duration::from_secs(15);
/// A line on which something came, but nothing that is understood, is opened anew after this long.
const GIBBERISH_AFTER: Duration = Duration::from_secs(60);

fn has_several_speeds(protocol: Protocol) -> bool {
    protocol.lines().iter().any(|line| line.baud != protocol.line().baud)
}

/// What a port is opened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// To find out who speaks, or, if the protocol is named, at which speed.
    Detect,
    /// To talk to a sensor in this protocol, on this line.
    Speak(Protocol, Line),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// The port is wanted.
    Begin,
    /// [`Action::Open`] was done.
    Opened,
    /// [`Action::Open`] failed.
    Refused(OpenError),
    /// The detector knows who speaks, and on which line.
    Found(Protocol, Line),
    /// Something came, understood or not.
    Bytes,
    /// Something came that ended in samples.
    Samples,
    /// The sensor is on an errand, such as a download, during which it sends no samples; or it is back from it.
    Errand(bool),
    /// The line is gone: zero bytes, a broken pipe, a write that failed.
    Ended(String),
    /// The port was not there, and is now.
    Appeared,
    /// The sensor is at another port now.
    Moved,
    /// A person wants the port closed and opened anew.
    Reset,
    /// The port is not wanted any more.
    Close,
    /// Time passed.
    Tick,
}

/// What to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// Open the port, then say [`Event::Opened`] or [`Event::Refused`].
    Open(Task),
    /// Close the port; with `stop` tell the sensor to stop sending first.
    Close { stop: bool },
    /// Tell the bed how the sensor stands and what is wrong.
    Tell(SensorState, Option<Trouble>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Closed,
    Opening(Task),
    Listening { since: StationTime },
    Starting { since: StationTime, told: bool, remembered: bool },
    Live { sampled: StationTime },
    Silent { since: StationTime },
    Gone { until: StationTime },
}

/// See the module.
#[derive(Debug)]
pub(super) struct Life {
    state: State,
    /// Named by a person: nothing else is tried.
    named: Option<Protocol>,
    /// What spoke here last, as far as is known.
    known: Option<(Protocol, Line)>,
    pause: Duration,
    /// When the port was last opened without a pause, the oldest first.
    free: Vec<StationTime>,
    /// When something last came.
    heard: StationTime,
    errand: bool,
    /// What screens were told last.
    standing: SensorState,
    /// What [`Event::Opened`] begins is a try of what is remembered.
    trying: bool,
}

impl Life {
    /// A port that is closed. `named` is the protocol that a person chose, `remembered` what the sensor spoke before.
    pub(super) const fn new(named: Option<Protocol>, remembered: Option<(Protocol, Line)>) -> Self {
        Self {
            state: State::Closed,
            named,
            known: remembered,
            pause: FIRST_PAUSE,
            free: Vec::new(),
            heard: StationTime::START,
            errand: false,
            standing: SensorState::None,
            trying: false,
        }
    }

    /// The protocol that a person chose.
    pub(super) const fn named(&self) -> Option<Protocol> {
        self.named
    }

    /// How the sensor stands, as it was told last.
    pub(super) const fn standing(&self) -> SensorState {
        self.standing
    }

    /// Nobody wants the port.
    pub(super) const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// The port is closed and waited for.
    pub(super) const fn is_gone(&self) -> bool {
        matches!(self.state, State::Gone { .. })
    }

    /// Another sensor may be there: what is remembered of it takes the place of what was known.
    pub(super) const fn expect(&mut self, remembered: Option<(Protocol, Line)>) {
        self.known = remembered;
    }

    /// When [`Event::Tick`] is due if nothing else happens. `None` in `closed`, in `opening` (whose answer comes at
    /// once), and in `listening` where nothing is remembered (the detector opens line after line by itself).
    pub(super) fn wake_at(&self) -> Option<StationTime> {
        match self.state {
            State::Closed | State::Opening(_) => None,
            State::Listening { since } => self.known.map(|_| since.plus(LISTEN_FOR)),
            State::Starting { since, told, remembered } => {
                let tell = (!told).then(|| since.plus(TOLD_AFTER));
                let doubt = remembered.then(|| since.plus(self.answer_within()));
                [tell, doubt, self.reopen_at(since)].into_iter().flatten().min()
            }
            State::Live { sampled } => Some(sampled.plus(self.silent_after())),
            State::Silent { since } => self.reopen_at(since),
            State::Gone { until } => Some(until),
        }
    }

    /// When a line without a sample since `since` is opened anew; not while the sensor is on an errand, which has
    /// time-outs of its own.
    fn reopen_at(&self, since: StationTime) -> Option<StationTime> {
        let hung = self.heard.max(since).plus(HUNG_AFTER.max(self.period() * 10));
        let gibberish = since.plus(GIBBERISH_AFTER);
        (!self.errand).then(|| hung.min(gibberish))
    }

    fn period(&self) -> Duration {
        self.speaks().map_or(Duration::ZERO, Protocol::sample_period)
    }

    fn answer_within(&self) -> Duration {
        ANSWER_WITHIN.max(self.period() * 2)
    }

    fn silent_after(&self) -> Duration {
        SILENT_AFTER.max(self.period() * 2)
    }

    fn speaks(&self) -> Option<Protocol> {
        self.named.or(self.known.map(|(protocol, _)| protocol))
    }

    /// What the port is opened for next.
    fn next_task(&self) -> Task {
        match (self.named, self.known) {
            (Some(named), Some((known, line))) if named == known => Task::Speak(known, line),
            // Set to one of several speeds at the sensor: which, has to be found out.
            (Some(named), _) if has_several_speeds(named) => Task::Detect,
            (Some(named), _) => Task::Speak(named, named.line()),
            (None, Some((known, line))) => Task::Speak(known, line),
            (None, None) => Task::Detect,
        }
    }

    /// Takes what happened at `now`; what is to be done. Never more than four things.
    pub(super) fn on(&mut self, now: StationTime, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Begin if self.is_closed() => {
                self.tell(SensorState::Opening, None, &mut actions);
                self.open(self.next_task(), &mut actions);
            }
            // Nobody wants the port: what the thread was still doing does not matter.
            _ if self.is_closed() => {}
            Event::Close => {
                self.close(true, &mut actions);
                self.state = State::Closed;
            }
            Event::Reset | Event::Moved if !self.is_gone() || event == Event::Reset => {
                self.close(true, &mut actions);
                self.tell(SensorState::Opening, None, &mut actions);
                self.open_soon(now, &mut actions);
            }
            Event::Appeared | Event::Moved if self.is_gone() => self.open_soon(now, &mut actions),
            Event::Opened => self.opened(now, &mut actions),
            Event::Refused(why) => {
                if matches!(self.state, State::Opening(_)) || self.is_open() {
                    self.wait(now, Trouble::Refused(why), &mut actions);
                }
            }
            Event::Found(protocol, line) => {
                if matches!(self.state, State::Listening { .. }) {
                    self.known = Some((protocol, line));
                    self.close(false, &mut actions);
                    // Opened anew, so that the conversation sees the line from its start.
                    self.open(Task::Speak(protocol, line), &mut actions);
                    self.trying = false;
                }
            }
            Event::Bytes => {
                if self.is_open() {
                    self.heard = now;
                }
            }
            Event::Samples => self.sampled(now, &mut actions),
            Event::Errand(runs) => {
                if !runs {
                    // The time away does not count as silence of the line.
                    self.heard = now;
                    if let State::Silent { since } = &mut self.state {
                        *since = now;
                    }
                }
                self.errand = runs && self.is_open();
            }
            Event::Ended(reason) => {
                if self.is_open() {
                    self.wait(now, Trouble::Ended(reason), &mut actions);
                }
            }
            Event::Tick => self.passed(now, &mut actions),
            Event::Begin | Event::Appeared | Event::Moved | Event::Reset => {}
        }
        actions
    }

    const fn is_open(&self) -> bool {
        matches!(
            self.state,
            State::Listening { .. } | State::Starting { .. } | State::Live { .. } | State::Silent { .. }
        )
    }

    fn opened(&mut self, now: StationTime, actions: &mut Vec<Action>) {
        let State::Opening(task) = &self.state else { return };
        self.heard = now;
        self.state = match task {
            Task::Detect => State::Listening { since: now },
            Task::Speak(..) => State::Starting { since: now, told: false, remembered: self.trying },
        };
        // A sensor that fell silent stays so for the screens until it sends again.
        if matches!(self.standing, SensorState::Opening | SensorState::Disconnected) {
            self.tell(SensorState::Searching, None, actions);
        }
    }

    fn sampled(&mut self, now: StationTime, actions: &mut Vec<Action>) {
        match &mut self.state {
            State::Live { sampled } => *sampled = now,
            State::Starting { .. } | State::Silent { .. } => {
                self.state = State::Live { sampled: now };
                self.pause = FIRST_PAUSE;
                self.tell(SensorState::Live, None, actions);
            }
            _ => return,
        }
        self.heard = now;
    }

    fn passed(&mut self, now: StationTime, actions: &mut Vec<Action>) {
        if self.wake_at().is_none_or(|at| now < at) {
            return;
        }
        match self.state {
            State::Closed | State::Opening(_) => {}
            State::Gone { .. } => self.open(self.next_task(), actions),
            State::Listening { .. } => {
                self.close(false, actions);
                self.open(self.next_task(), actions);
            }
            State::Live { sampled } => {
                let talks = self.heard.since(sampled) >= SILENT_AFTER / 2;
                self.state = State::Silent { since: now };
                let trouble = Trouble::silent(self.silent_after(), self.speaks(), talks);
                self.tell(SensorState::Silent, Some(trouble), actions);
            }
            State::Starting { since, remembered: true, .. } if now.since(since) >= self.answer_within() => {
                self.close(false, actions);
                self.open(Task::Detect, actions);
            }
            State::Starting { since, told, .. } if self.reopen_at(since).is_none_or(|at| now < at) => {
                if !told {
                    self.tell_of_start(since, actions);
                }
            }
            State::Starting { .. } | State::Silent { .. } => {
                self.close(true, actions);
                self.open(self.next_task(), actions);
            }
        }
    }

    /// Nothing was understood since the port was opened.
    fn tell_of_start(&mut self, opened: StationTime, actions: &mut Vec<Action>) {
        if let State::Starting { told, .. } = &mut self.state {
            *told = true;
        }
        // Of a sensor that fell silent that is known already.
        if self.standing == SensorState::Searching
            && let Some(protocol) = self.speaks()
        {
            let trouble =
                if self.heard > opened { Trouble::NotUnderstood(protocol) } else { Trouble::NothingComes(protocol) };
            self.tell(SensorState::Searching, Some(trouble), actions);
        }
    }

    fn tell(&mut self, state: SensorState, trouble: Option<Trouble>, actions: &mut Vec<Action>) {
        self.standing = state;
        actions.push(Action::Tell(state, trouble));
    }

    fn open(&mut self, task: Task, actions: &mut Vec<Action>) {
        self.trying = self.named.is_none_or(has_several_speeds) && matches!(task, Task::Speak(..));
        self.state = State::Opening(task.clone());
        actions.push(Action::Open(task));
    }

    /// Opens the port without a pause, or with one where that was done too often of late.
    fn open_soon(&mut self, now: StationTime, actions: &mut Vec<Action>) {
        self.free.retain(|at| now.since(*at) < FREE_WINDOW);
        if self.free.len() < FREE {
            self.free.push(now);
            self.pause = FIRST_PAUSE;
            self.open(self.next_task(), actions);
        } else if !self.is_gone() {
            self.pause_now(now);
        }
    }

    fn pause_now(&mut self, now: StationTime) {
        self.state = State::Gone { until: now.plus(self.pause) };
        self.pause = (self.pause * 2).min(LAST_PAUSE);
    }

    /// Closes the port if it is open.
    fn close(&mut self, stop: bool, actions: &mut Vec<Action>) {
        if self.is_open() {
            actions.push(Action::Close { stop });
        }
        self.errand = false;
    }

    /// The port is gone: a pause, longer than the one before.
    fn wait(&mut self, now: StationTime, trouble: Trouble, actions: &mut Vec<Action>) {
        self.close(false, actions);
        self.pause_now(now);
        self.tell(SensorState::Disconnected, Some(trouble), actions);
    }
}

#[cfg(test)]
mod tests;
