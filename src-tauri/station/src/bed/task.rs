//! The task of a bed: samples, orders and timers in, outputs to the hub.

use super::observer::Observer;
use super::output::{Output, Reply};
use crate::clock::Clock;
use crate::command::{Answer, Command, Refusal};
use crate::hub::AlarmIds;
use crate::port::{News, NewsKind, Port, PortSpec};
use crate::simulated::Sensors;
use alarm::{BedAlarms, Input, Rules};
use oximeter::Protocol;
use record::{BedRow, Change};
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use vitals::{
    AlarmChange, BedId, BedView, Body, Event, Limits, Now, Patient, Priority, Reading, SensorState, SensorView,
    StationTime, WallTime, Wave,
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
    Configure { name: String, spec: Option<PortSpec>, row: BedRow, by: String, reply: mpsc::Sender<Answer> },
    /// The bed is taken away.
    Remove { by: String, reply: mpsc::Sender<Answer> },
    /// The station stops.
    Stop,
}

/// What a bed begins with.
pub(crate) struct BedSetup {
    pub(crate) row: BedRow,
    pub(crate) spec: Option<PortSpec>,
    pub(crate) rules: Rules,
    /// What its alarm engine saved before the station stopped.
    pub(crate) saved: Option<alarm::Saved>,
    pub(crate) demo: bool,
    pub(crate) preset: Limits,
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
    demo: bool,
    pub(super) clock: Clock,
    ids: AlarmIds,
    hub: mpsc::Sender<Output>,
    orders: mpsc::Receiver<BedOrder>,
    news: Option<mpsc::Receiver<News>>,
    pub(super) port: Option<Port>,
    spec: Option<PortSpec>,
    sensors: Sensors,
    pub(super) observer: Observer,
    pub(super) alarms: BedAlarms,
    pub(super) sensor: SensorView,
    pub(super) protocol: Option<Protocol>,
    pub(super) recent: VecDeque<Wave>,
    pub(super) resetting: Option<Resetting>,
    pub(super) out: Output,
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
        let BedSetup { row, spec, rules, saved, demo, preset } = setup;
        let alarms = match saved {
            Some(saved) => BedAlarms::restore(rules, row.limits, saved, now),
            None => BedAlarms::new(rules, row.limits),
        };
        let state = if spec.is_some() { SensorState::Opening } else { SensorState::None };
        Self {
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
            sensor: sensor_view(spec.as_ref(), state, now.wall),
            spec,
            sensors,
            observer: Observer::new(state),
            alarms,
            protocol: None,
            recent: VecDeque::new(),
            resetting: None,
            out: Output::default(),
            told: None,
            sounding: None,
            saved: String::new(),
            saved_at: now.station,
        }
    }

    /// Lives until the bed is taken away or the station stops.
    pub(crate) async fn live(mut self) {
        let now = self.clock.now();
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
                        Some(BedOrder::Configure { name, spec, row, by, reply }) => {
                            self.configure(now, name, spec, row, &by, reply);
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
                () = sleep_until(clock, wake) => {
                    let now = self.clock.now();
                    if let Some(reading) = self.observer.tick(now) {
                        self.out.lines.push(Body::Reading(reading));
                    }
                    self.look(now);
                    self.give_up_reset(now);
                    self.hand_over(now).await;
                }
            }
        }
    }

    fn wake_at(&self) -> Option<StationTime> {
        [self.observer.wake_at(), self.alarms.wake_at(), self.reset_ends()].into_iter().flatten().min()
    }

    pub(super) fn open_port(&mut self, now: Now) {
        let Some(spec) = self.spec.clone() else { return };
        let (tell, news) = mpsc::channel(64);
        let connect = self.sensors.connect(&spec.port);
        match Port::start(spec, self.clock, tell, connect) {
            Ok(port) => (self.port, self.news) = (Some(port), Some(news)),
            Err(error) => {
                let words = format!("This computer starts no more threads ({error}). Restart the station.");
                self.sensor_stands(now, SensorState::Disconnected, Some(words));
            }
        }
    }

    /// What the port's thread says.
    fn hear(&mut self, news: News) {
        if self.port.as_ref().is_none_or(|port| news.generation != port.generation()) {
            return;
        }
        match news.kind {
            NewsKind::State(state, message) => self.sensor_stands(news.at, state, message),
            NewsKind::Understood { protocol, sample_rate, period } => {
                self.protocol = Some(protocol);
                self.sensor.protocol = Some(protocol.as_str().to_owned());
                self.observer.set_pace(sample_rate, period);
            }
            NewsKind::Identity => self.identify(),
            NewsKind::Samples(samples) => {
                for sample in &samples {
                    if let Some(reading) = self.observer.sample(news.at, sample) {
                        self.out.lines.push(Body::Reading(reading));
                        self.look(news.at);
                    }
                    self.reset_sees(news.at, sample);
                }
                self.identify();
            }
        }
        if let Some(wave) = self.observer.take_wave(!self.out.lines.is_empty()) {
            self.keep_wave(&wave);
            let sampled = self.observer.heard().unwrap_or(news.at.station);
            self.out.wave = Some((wave, sampled));
        }
    }

    fn identify(&mut self) {
        let model = self.port.as_ref().and_then(|port| port.facts().identity.model);
        if model.is_some() {
            self.sensor.model = model;
        }
    }

    pub(super) fn sensor_stands(&mut self, now: Now, state: SensorState, message: Option<String>) {
        let was = self.sensor.state;
        if was != state {
            self.sensor.since = now.wall;
            let kind = match (was, state) {
                (_, SensorState::Disconnected) => Some("sensor_disconnected"),
                (_, SensorState::Silent) => Some("sensor_silent"),
                (_, SensorState::Live) => Some("sensor_live"),
                _ => None,
            };
            if let Some(kind) = kind {
                let detail = json!({
                    "port": self.sensor.port,
                    "protocol": self.sensor.protocol,
                    "message": message,
                });
                self.event(now, kind, None, detail);
            }
        }
        self.sensor.state = state;
        self.sensor.message = message;
        if let Some(reading) = self.observer.sensor_is(now, state) {
            self.out.lines.push(Body::Reading(reading));
        }
        self.look(now);
    }

    /// Shows the alarm engine how the bed stands.
    pub(super) fn look(&mut self, now: Now) {
        let (numbers, status) =
            self.observer.newest().map_or_else(Default::default, |Reading { numbers, status, .. }| (numbers, status));
        let input = Input { numbers, status, sensor: self.observer.sensor(), last_sample: self.observer.sampled() };
        let ids = self.ids.clone();
        let changes = self.alarms.observe(now, input, &mut || ids.next());
        self.announce(changes);
    }

    pub(super) fn announce(&mut self, changes: Vec<AlarmChange>) {
        self.out.force |= !changes.is_empty();
        self.out.lines.extend(changes.into_iter().map(Body::Alarm));
    }

    pub(super) fn set_limits(&mut self, now: Now, limits: Limits) {
        let ids = self.ids.clone();
        let changes = self.alarms.set_limits(now, limits, &mut || ids.next());
        self.announce(changes);
        self.out.changes.push(Change::Limits(self.id.clone(), limits));
    }

    pub(super) fn event(&mut self, now: Now, kind: &str, by: Option<&str>, detail: serde_json::Value) {
        let event = Event { time: now.wall, kind: kind.to_owned(), by: by.map(str::to_owned), detail };
        self.out.lines.push(Body::Event(event));
        self.out.force = true;
    }

    fn configure(
        &mut self,
        now: Now,
        name: String,
        spec: Option<PortSpec>,
        row: BedRow,
        by: &str,
        reply: mpsc::Sender<Answer>,
    ) {
        self.name = name;
        let detail = json!({ "name": row.name, "port": row.port, "protocol": row.protocol });
        self.event(now, "bed_changed", Some(by), detail.clone());
        self.audit("bed_changed", by, detail);
        self.out.changes.push(Change::Bed(row));
        if spec != self.spec {
            self.close_port();
            self.spec = spec;
            self.protocol = None;
            let state = if self.spec.is_some() { SensorState::Opening } else { SensorState::None };
            self.sensor = sensor_view(self.spec.as_ref(), state, now.wall);
            self.observer.forget();
            self.sensor_stands(now, state, None);
            self.open_port(now);
        }
        self.reply(reply, Answer::Done(json!({})));
    }

    fn remove(&mut self, now: Now, by: &str, reply: mpsc::Sender<Answer>) {
        let ended = self.alarms.end_all(now, "The bed was taken away");
        self.announce(ended);
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
    }

    fn close_port(&mut self) {
        self.news = None;
        // The thread ends by itself; nothing it still says is heard.
        drop(self.port.take().and_then(Port::close));
    }

    /// The port's thread ended without being told to: said aloud, and begun anew.
    fn port_died(&mut self) {
        let now = self.clock.now();
        self.news = None;
        self.port = None;
        tracing::error!(bed = %self.id, "The thread of a port ended unexpectedly; a new one is started.");
        self.event(now, "port_failed", None, json!({ "port": self.sensor.port }));
        self.observer.forget();
        self.sensor_stands(now, SensorState::Disconnected, Some("The port's reader failed and is restarted.".into()));
        self.open_port(now);
    }

    pub(super) fn reply(&mut self, to: mpsc::Sender<Answer>, answer: Answer) {
        self.out.replies.push(Reply { to, answer });
    }

    pub(super) fn refuse(&mut self, to: mpsc::Sender<Answer>, code: &'static str, message: impl Into<String>) {
        self.reply(to, Answer::Refused(Refusal::new(code, message)));
    }

    fn keep_wave(&mut self, wave: &Wave) {
        match self.recent.back_mut() {
            Some(last) if last.continues_with(wave) && last.samples.len() < usize::from(wave.rate) => {
                last.samples.extend_from_slice(&wave.samples);
            }
            _ => self.recent.push_back(wave.clone()),
        }
        let oldest = wave.time.minus(WAVE_KEPT + Duration::from_secs(1));
        while self.recent.front().is_some_and(|wave| wave.time < oldest) {
            self.recent.pop_front();
        }
    }

    pub(super) fn view(&self) -> BedView {
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
            history_from: self.history_from,
            demo: self.demo,
        }
    }

    fn save(&mut self, now: Now) {
        let saved = serde_json::to_string(&self.alarms.saved(now)).unwrap_or_default();
        if saved != self.saved {
            self.out.changes.push(Change::AlarmState(Some(self.id.clone()), saved.clone()));
            (self.saved, self.saved_at) = (saved, now.station);
        }
    }

    /// Hands what came of the step to the hub. A full hub makes the bed wait; its sensor's bytes wait in the system.
    async fn hand_over(&mut self, now: Now) {
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
            let view = self.view();
            if self.told.as_deref() != Some(&view) {
                let view = Arc::new(view);
                self.told = Some(Arc::clone(&view));
                self.out.view = Some(view);
            }
        } else if self.told.as_ref().is_some_and(|told| told.sensor != self.sensor || told.audio != self.alarms.audio())
        {
            let view = Arc::new(self.view());
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

fn sensor_view(spec: Option<&PortSpec>, state: SensorState, since: WallTime) -> SensorView {
    SensorView {
        state,
        port: spec.map(|spec| spec.port.clone()),
        protocol: spec.map(|spec| spec.protocol.map_or("auto", Protocol::as_str).to_owned()),
        model: None,
        since,
        message: None,
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
