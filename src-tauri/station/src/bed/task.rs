//! The task of a bed: samples, orders and timers in, outputs to the hub.

use super::answers::Steps;
use super::captures::{Capturing, FirstCapture};
use super::errands::Errands;
use super::observer::Observer;
use super::output::{Output, Reply};
use super::told::Telling;
use crate::capture::Captures;
use crate::clock::Clock;
use crate::command::{Answer, Command, Refusal};
use crate::hub::AlarmIds;
use crate::plug::Seat;
use crate::port::{News, Port, PortSpec};
use crate::simulated::Sensors;
use alarm::{BedAlarms, Input, Rules};
use oximeter::Protocol;
use record::{BedRow, Change, EngineCall, Record};
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use vitals::{
    AlarmChange, BedId, BedView, Body, Event, LimitField, Limits, Now, Patient, Priority, Reading, SensorState,
    SensorView, StationTime, WallTime, Wave,
};

/// How much of the wave a bed keeps at hand for `request wave`.
pub(super) const WAVE_KEPT: Duration = Duration::from_secs(60);
/// What an alarm engine must not forget is written at most this often while nothing happens.
const STATE_EVERY: Duration = Duration::from_secs(1);

/// An order to a bed.
#[derive(Debug)]
pub(crate) enum BedOrder {
    /// A command of a person.
    Command { command: Command, by: String, reply: mpsc::Sender<Answer> },
    /// Another name, port or protocol.
    Configure {
        spec: Option<PortSpec>,
        seat: Option<Box<Seat>>,
        row: Box<BedRow>,
        by: String,
        reply: mpsc::Sender<Answer>,
    },
    /// Its sensor is somewhere else now.
    Seat(Box<Seat>),
    /// The ward has another preset.
    Preset(Limits, String),
    /// A clock has jumped: what is due is due now, whatever the timers say.
    Wake,
    /// The bed is taken away.
    Remove { by: String, reply: mpsc::Sender<Answer> },
    /// The station stops.
    Stop,
}

/// What a bed begins with.
pub(crate) struct BedSetup {
    pub(crate) row: BedRow,
    pub(crate) spec: Option<PortSpec>,
    /// Where its sensor is.
    pub(crate) seat: Option<Seat>,
    pub(crate) rules: Rules,
    /// What its alarm engine saved before the station stopped, and when.
    pub(crate) saved: Option<(WallTime, alarm::Saved)>,
    pub(crate) demo: bool,
    pub(crate) preset: Limits,
    pub(crate) record: Record,
    pub(crate) captures: Captures,
    /// What the command line asks for.
    pub(crate) first_capture: Option<FirstCapture>,
}

/// A reset that waits for its first good sample.
pub(super) struct Resetting {
    pub(super) reply: mpsc::Sender<Answer>,
    pub(super) started: StationTime,
    pub(super) first_sample: Option<Duration>,
}

/// See the module.
pub(crate) struct Bed {
    pub(super) id: BedId,
    pub(super) name: String,
    pub(super) patient: Option<Patient>,
    pub(super) history_from: Option<WallTime>,
    pub(super) preset: Limits,
    pub(super) demo: bool,
    pub(super) clock: Clock,
    pub(super) ids: AlarmIds,
    hub: mpsc::Sender<Output>,
    orders: mpsc::Receiver<BedOrder>,
    pub(super) news: Option<mpsc::Receiver<News>>,
    pub(super) port: Option<Port>,
    pub(super) spec: Option<PortSpec>,
    pub(super) seat: Option<Seat>,
    pub(super) found: bool,
    pub(super) sensors: Sensors,
    pub(super) observer: Observer,
    pub(super) alarms: BedAlarms,
    telling: Telling,
    pub(super) sensor: SensorView,
    pub(super) protocol: Option<Protocol>,
    pub(super) recent: VecDeque<Wave>,
    pub(super) resetting: Option<Resetting>,
    pub(super) errands: Errands,
    /// What is wrong with the port, in words.
    pub(super) trouble: Option<String>,
    pub(super) record: Record,
    pub(super) captures: Captures,
    pub(super) capturing: Capturing,
    pub(super) first_capture: Option<FirstCapture>,
    pub(super) out: Output,
    pub(super) steps: Steps,
    told: Option<Arc<BedView>>,
    sounding: Option<Priority>,
    saved: String,
    saved_at: StationTime,
}

impl Bed {
    pub(crate) fn new(
        setup: BedSetup,
        clock: Clock,
        ids: AlarmIds,
        hub: mpsc::Sender<Output>,
        orders: mpsc::Receiver<BedOrder>,
        sensors: Sensors,
    ) -> Self {
        let now = clock.now();
        let BedSetup { row, spec, seat, rules, saved, demo, preset, record, captures, first_capture } = setup;
        let counted_to = saved.as_ref().map(|(time, _)| *time);
        let alarms = match saved {
            Some((_, saved)) => BedAlarms::restore(rules, row.limits, saved, now),
            None => BedAlarms::new(rules, row.limits),
        };
        let (telling, begun) = Telling::begin(row.id.clone(), now, row.limits, &rules, counted_to);
        let state = if spec.is_some() { SensorState::Opening } else { SensorState::None };
        let mut bed = Self {
            id: row.id,
            name: row.name,
            patient: row.patient,
            history_from: row.history_from,
            preset,
            demo,
            clock,
            ids,
            hub,
            orders,
            news: None,
            port: None,
            sensor: sensor_view(spec.as_ref(), seat.as_ref(), state, now.wall),
            spec,
            seat,
            found: row.found,
            sensors,
            observer: Observer::new(state),
            alarms,
            telling,
            protocol: None,
            recent: VecDeque::new(),
            resetting: None,
            errands: Errands::default(),
            trouble: None,
            record,
            captures,
            capturing: Capturing::default(),
            first_capture,
            out: Output { told: vec![begun], ..Output::default() },
            steps: Steps::new(),
            told: None,
            sounding: None,
            saved: String::new(),
            saved_at: now.station,
        };
        // What was told before the restart is not told again.
        bed.steps = bed.alarms.announcements().map(|(id, told)| (id, told.step)).collect();
        bed
    }

    /// Lives until the bed is taken away or the station stops.
    pub(crate) async fn live(mut self) {
        let now = self.clock.now();
        self.take_seat(now);
        self.begin_first_capture(now);
        self.open_port(now);
        self.look(now);
        self.hand_over(now).await;
        loop {
            let wake = self.wake_at();
            let clock = self.clock;
            tokio::select! {
                biased;
                order = self.orders.recv() => {
                    let now = self.clock.now();
                    match order {
                        Some(BedOrder::Command { command, by, reply }) => self.obey(now, command, &by, reply),
                        Some(BedOrder::Configure { spec, seat, row, by, reply }) => {
                            self.configure(now, spec, seat.map(|seat| *seat), *row, &by, reply);
                        }
                        Some(BedOrder::Seat(seat)) => self.sit(now, *seat),
                        Some(BedOrder::Preset(preset, by)) => self.ward_preset(now, preset, &by),
                        Some(BedOrder::Wake) => {
                            self.pass_time(now);
                            // The end of a pause is kept by the time of day, which may be another now.
                            self.save(now);
                        }
                        Some(BedOrder::Remove { by, reply }) => {
                            self.remove(now, &by, reply);
                            self.hand_over(now).await;
                            return self.end().await;
                        }
                        Some(BedOrder::Stop) | None => {
                            self.stop(now);
                            self.hand_over(now).await;
                            return self.end().await;
                        }
                    }
                    self.hand_over(now).await;
                }
                news = next(&mut self.news) => {
                    match news {
                        Some(news) => self.hear(news),
                        None => self.port_died(),
                    }
                    let now = self.clock.now();
                    self.hand_over(now).await;
                }
                kept = self.errands.kept() => {
                    let now = self.clock.now();
                    self.recording_kept(now, kept);
                    self.hand_over(now).await;
                }
                note = self.capturing.told() => {
                    let now = self.clock.now();
                    self.hear_of_capture(now, note);
                    self.hand_over(now).await;
                }
                () = sleep_until(clock, wake) => {
                    let now = self.clock.now();
                    self.pass_time(now);
                    self.hand_over(now).await;
                }
            }
        }
    }

    fn wake_at(&self) -> Option<StationTime> {
        [self.observer.wake_at(), self.alarms.wake_at(), self.reset_ends()].into_iter().flatten().min()
    }

    /// What is due by `now` without anything having come.
    fn pass_time(&mut self, now: Now) {
        if let Some(reading) = self.observer.tick(now) {
            self.out.lines.push(Body::Reading(reading));
        }
        self.look(now);
        self.give_up_reset(now);
    }

    /// Shows the alarm engine how the bed stands.
    pub(super) fn look(&mut self, now: Now) {
        let (numbers, status) =
            self.observer.newest().map_or_else(Default::default, |Reading { numbers, status, .. }| (numbers, status));
        let input = Input { numbers, status, sensor: self.observer.sensor(), last_sample: self.observer.sampled() };
        self.out.told.extend(self.telling.look(now, &input, self.observer.newest(), &self.out.lines));
        let ids = self.ids.clone();
        let changes = self.alarms.observe(now, input, &mut || ids.next());
        self.announce(changes);
    }

    /// Writes down that the alarm engine is told `call`.
    pub(super) fn tell(&mut self, now: Now, call: EngineCall) {
        self.out.told.extend(self.telling.tell(now, call, &self.out.lines));
    }

    pub(super) fn announce(&mut self, changes: Vec<AlarmChange>) {
        self.out.force |= !changes.is_empty();
        self.out.lines.extend(changes.into_iter().map(Body::Alarm));
    }

    pub(super) fn event(&mut self, now: Now, kind: &str, by: Option<&str>, detail: serde_json::Value) {
        let event = Event { time: now.wall, kind: kind.to_owned(), by: by.map(str::to_owned), detail };
        self.out.lines.push(Body::Event(event));
        self.out.force = true;
    }

    fn configure(
        &mut self,
        now: Now,
        spec: Option<PortSpec>,
        seat: Option<Seat>,
        row: BedRow,
        by: &str,
        reply: mpsc::Sender<Answer>,
    ) {
        self.name.clone_from(&row.name);
        self.found = row.found;
        let detail = json!({ "name": row.name, "port": row.port, "protocol": row.protocol });
        self.event(now, "bed_changed", Some(by), detail.clone());
        self.audit("bed_changed", by, detail);
        self.out.changes.push(Change::Bed(row));
        let moved = seat.as_ref().map(|seat| &seat.path) != self.seat.as_ref().map(|seat| &seat.path);
        if spec != self.spec || moved {
            self.end_errands(now, "The bed was given another sensor.");
            self.close_port();
            self.capturing.tap.forget();
            (self.spec, self.seat) = (spec, seat);
            self.protocol = None;
            let state = if self.spec.is_some() { SensorState::Opening } else { SensorState::None };
            self.sensor = sensor_view(self.spec.as_ref(), self.seat.as_ref(), state, now.wall);
            self.take_seat(now);
            self.observer.forget();
            self.sensor_stands(now, state, None);
            self.open_port(now);
        }
        self.reply(reply, Answer::Done(json!({})));
    }

    fn remove(&mut self, now: Now, by: &str, reply: mpsc::Sender<Answer>) {
        self.tell(now, EngineCall::Removed);
        let ended = self.alarms.end_all(now, "The bed was taken away");
        self.announce(ended);
        self.end_errands(now, "The bed was taken away.");
        self.event(now, "bed_removed", Some(by), json!({ "name": self.name }));
        self.audit("bed_removed", by, json!({ "name": self.name }));
        self.out.changes.push(Change::BedRemoved(self.id.clone()));
        self.out.removed = true;
        self.reply(reply, Answer::Done(json!({})));
    }

    /// The station stops: what the engine must not forget is written once more.
    fn stop(&mut self, now: Now) {
        self.saved.clear();
        self.save(now);
    }

    /// Waits until the sensor has been told to stop and its port is closed.
    async fn end(&mut self) {
        drop(self.news.take());
        if let Some(thread) = self.port.take().and_then(Port::close) {
            let ended = tokio::task::spawn_blocking(move || thread.join());
            if tokio::time::timeout(Duration::from_secs(2), ended).await.is_err() {
                tracing::warn!(bed = %self.id, "The port did not close within 2 s; it is left to the system.");
            }
        }
        self.end_capture().await;
    }

    pub(super) fn reply(&mut self, to: mpsc::Sender<Answer>, answer: Answer) {
        self.out.replies.push(Reply { to, answer });
    }

    pub(super) fn refuse(&mut self, to: mpsc::Sender<Answer>, code: &'static str, message: impl Into<String>) {
        self.reply(to, Answer::Refused(Refusal::new(code, message)));
    }

    pub(super) fn view(&self, now: Now) -> BedView {
        BedView {
            id: self.id.clone(),
            name: self.name.clone(),
            patient: self.patient.clone(),
            sensor: self.sensor.clone(),
            reading: self.observer.newest(),
            sampled: self.observer.heard(),
            limits: self.alarms.limits(),
            audio: self.alarms.audio(),
            alarms: self.alarms.active(),
            latched: self.alarms.latched(),
            pending: self.alarms.pending(now),
            off: self.alarms.off().cloned(),
            announcement: self.alarms.announcement(now),
            preset_differs: self.preset_differs(),
            history_from: self.history_from,
            demo: self.demo,
            found: self.found,
        }
    }

    /// Whether what no line tells is not what was shown last.
    fn shows_something_else(&self, told: &BedView) -> bool {
        told.sensor != self.sensor || told.audio != self.alarms.audio() || told.preset_differs != self.preset_differs()
    }

    fn preset_differs(&self) -> Vec<LimitField> {
        self.alarms.limits().differences(&self.preset)
    }

    fn save(&mut self, now: Now) {
        let saved = serde_json::to_string(&self.alarms.saved(now)).unwrap_or_default();
        if saved != self.saved {
            self.out.changes.push(Change::AlarmState(Some(self.id.clone()), now.wall, saved.clone()));
            (self.saved, self.saved_at) = (saved, now.station);
        }
    }

    /// Hands what came of the step to the hub. A full hub makes the bed wait; its sensor's bytes wait in the system.
    async fn hand_over(&mut self, now: Now) {
        self.show_capture(now);
        // What came due while something else was on is decided before anything is kept or told: what is kept must not
        // count further than what was decided.
        let ids = self.ids.clone();
        let due = self.alarms.tick(now, &mut || ids.next());
        self.announce(due);
        self.remind(now);
        self.escalate(now);
        let sounding = self.alarms.sounding(now);
        if sounding != self.sounding {
            (self.sounding, self.out.sounding) = (sounding, Some(sounding));
        }
        if !self.out.lines.is_empty()
            || !self.out.replies.is_empty()
            || self.out.sounding.is_some()
            || self.told.is_none()
        {
            if self.out.force || now.station.since(self.saved_at) >= STATE_EVERY {
                self.save(now);
            }
            let view = self.view(now);
            if self.told.as_deref() != Some(&view) {
                let view = Arc::new(view);
                self.told = Some(Arc::clone(&view));
                self.out.view = Some(view);
            }
        } else if self.told.as_ref().is_some_and(|told| self.shows_something_else(told)) {
            let view = Arc::new(self.view(now));
            self.told = Some(Arc::clone(&view));
            self.out.view = Some(view);
        }
        if self.out.is_empty() {
            return;
        }
        let mut out = core::mem::take(&mut self.out);
        out.bed = Some(self.id.clone());
        if self.hub.send(out).await.is_err() {
            tracing::error!(bed = %self.id, "The hub has ended; this bed's readings reach nobody.");
        }
    }
}

fn sensor_view(spec: Option<&PortSpec>, seat: Option<&Seat>, state: SensorState, since: WallTime) -> SensorView {
    SensorView {
        state,
        port: spec.map(|spec| seat.and_then(|seat| seat.path.clone().ok()).unwrap_or_else(|| spec.port.clone())),
        adapter: seat.and_then(|seat| seat.adapter.clone()),
        protocol: spec.map(|spec| spec.protocol.map_or("auto", Protocol::as_str).to_owned()),
        model: None,
        since,
        message: None,
        download: None,
        capture: None,
        question: None,
    }
}

async fn next(news: &mut Option<mpsc::Receiver<News>>) -> Option<News> {
    match news {
        Some(news) => news.recv().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(clock: Clock, wake: Option<StationTime>) {
    match wake {
        Some(at) => tokio::time::sleep_until(clock.instant(at)).await,
        None => std::future::pending().await,
    }
}
