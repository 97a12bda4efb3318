//! The task of the hub.

use super::AlarmIds;
use super::annunciation::{Annunciation, Gathered};
use super::storage::Storage;
use crate::bed::{Output, Reply};
use crate::clock::Clock;
use crate::command::{Answer, Refusal};
use alarm::StationAlarms;
use record::{Audit, Batch, Change, Writer};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use vitals::{
    AlarmChange, AlarmId, BedId, BedView, Body, Condition, Event, Now, Recorded, Seq, StationTime, WallTime, Wave,
};

/// Waves leave 25 times a second.
const WAVES_EVERY: Duration = Duration::from_millis(40);
/// Waves go into the record once a second.
const WAVES_KEPT_EVERY: Duration = Duration::from_secs(1);
/// Moments that may wait for a follower. A follower only sorts them into its clients' queues, so this many waiting
/// means that it has died.
const WAITING_MOMENTS: usize = 512;

/// Everything that leaves the hub at one moment, in order.
#[derive(Debug, Default)]
pub struct Moment {
    /// Lines of the record, committed before.
    pub lines: Vec<Arc<Recorded>>,
    /// Waves, and when the newest sample of each came.
    pub waves: Vec<(BedId, Wave, StationTime)>,
    /// Beds that stand differently, as they stand after the lines.
    pub beds: Vec<Arc<BedView>>,
    /// Beds that are no more.
    pub removed: Vec<BedId>,
    /// The station's own alarms, if they changed.
    pub station_alarms: Option<Vec<AlarmChange>>,
}

/// What a follower begins with; the moments of the receiver go on from there without a hole.
#[derive(Debug)]
pub struct Following {
    /// The newest number.
    pub seq: Seq,
    /// The beds.
    pub beds: Vec<Arc<BedView>>,
    /// The station's own alarms.
    pub station_alarms: Vec<AlarmChange>,
    /// What comes.
    pub moments: mpsc::Receiver<Arc<Moment>>,
}

/// An order to the hub.
#[derive(Debug)]
pub(crate) enum HubOrder {
    Follow(oneshot::Sender<Following>),
    /// A technical condition of the station itself begins or ends (`None`).
    Condition(Condition, Option<String>),
    Acknowledge {
        alarm: Option<AlarmId>,
        by: String,
        reply: mpsc::Sender<Answer>,
    },
    Event {
        kind: String,
        by: Option<String>,
        detail: serde_json::Value,
    },
    Retain {
        readings_before: Option<WallTime>,
        waves_before: Option<WallTime>,
    },
    /// The beds have stopped: pass on what is left, close the record.
    Finish,
}

/// See the module.
pub(crate) struct Hub {
    pub(crate) clock: Clock,
    pub(crate) station_name: String,
    pub(crate) next_seq: Seq,
    pub(crate) ids: AlarmIds,
    pub(crate) alarms: StationAlarms,
    pub(crate) outputs: mpsc::Receiver<Output>,
    pub(crate) orders: mpsc::Receiver<HubOrder>,
    pub(crate) annunciation: watch::Sender<Arc<Annunciation>>,
    pub(crate) trouble: watch::Sender<Option<String>>,
    /// The newest number that was passed on.
    pub(crate) passed: Arc<AtomicU64>,
}

impl Hub {
    /// Lives until told to finish. Lines of the start go first.
    pub(crate) async fn live(self, writer: Writer, start: Vec<Output>) {
        let mut running = Running {
            seq: self.next_seq,
            storage: Storage::new(writer),
            beds: BTreeMap::new(),
            gathered: Gathered::default(),
            followers: Vec::new(),
            waves: Vec::new(),
            kept_waves: Vec::new(),
            waves_kept: StationTime::START,
            hub: self,
        };
        running.pass(start).await;
        let mut outputs = Vec::with_capacity(64);
        let mut tick = tokio::time::interval(WAVES_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                order = running.hub.orders.recv() => match order {
                    Some(HubOrder::Finish) | None => break,
                    Some(order) => running.obey(order).await,
                },
                count = running.hub.outputs.recv_many(&mut outputs, 64) => {
                    if count == 0 {
                        break;
                    }
                    running.pass(core::mem::take(&mut outputs)).await;
                }
                _ = tick.tick() => running.tick().await,
            }
        }
        running.finish().await;
    }
}

struct Running {
    hub: Hub,
    seq: Seq,
    storage: Storage,
    beds: BTreeMap<BedId, Arc<BedView>>,
    gathered: Gathered,
    followers: Vec<mpsc::Sender<Arc<Moment>>>,
    /// Waves that wait for the next moment.
    waves: Vec<(BedId, Wave, StationTime)>,
    /// Waves that wait for the record.
    kept_waves: Vec<(BedId, Wave)>,
    waves_kept: StationTime,
}

impl Running {
    /// Announces, numbers, commits and passes on what beds did, in this order.
    async fn pass(&mut self, outputs: Vec<Output>) {
        let now = self.hub.clock.now();
        let mut moment = Moment::default();
        let mut batch = Batch { time: Some(now.wall), ..Batch::default() };
        let mut replies = Vec::new();
        let mut announce = false;
        for mut output in outputs {
            for body in output.lines.drain(..) {
                moment.lines.push(Arc::new(Recorded { seq: self.number(), bed: output.bed.clone(), body }));
            }
            batch.changes.append(&mut output.changes);
            batch.force |= output.force;
            replies.append(&mut output.replies);
            if let Some(sounding) = output.sounding {
                self.gathered.sounds(output.bed.clone(), sounding);
                announce = true;
            }
            if let (Some((wave, sampled)), Some(bed)) = (output.wave, &output.bed) {
                self.waves.push((bed.clone(), wave, sampled));
            }
            if let Some(view) = output.view {
                let before = self.beds.insert(view.id.clone(), Arc::clone(&view));
                announce |= before.is_none_or(|before| {
                    before.alarms != view.alarms
                        || before.audio != view.audio
                        || before.sensor.state != view.sensor.state
                        || before.name != view.name
                });
                moment.beds.push(view);
            }
            if let (true, Some(bed)) = (output.removed, output.bed) {
                self.beds.remove(&bed);
                moment.beds.retain(|view| view.id != bed);
                self.gathered.sounds(Some(bed.clone()), None);
                moment.removed.push(bed);
                announce = true;
            }
        }
        if announce {
            self.announce();
        }
        self.commit_and_send(now, moment, batch, replies).await;
        self.look_at_storage(now).await;
    }

    fn number(&mut self) -> Seq {
        let seq = self.seq;
        self.seq = seq.next();
        seq
    }

    /// Before the record and before the network: nothing of this waits.
    fn announce(&self) {
        let annunciation = self.gathered.annunciation(&self.beds, &self.hub.alarms.active(), &self.hub.station_name);
        self.hub.annunciation.send_if_modified(|present| {
            let changed = **present != annunciation;
            if changed {
                *present = Arc::new(annunciation);
            }
            changed
        });
    }

    async fn commit_and_send(&mut self, now: Now, mut moment: Moment, mut batch: Batch, replies: Vec<Reply>) {
        let commits = !moment.lines.is_empty() || !batch.changes.is_empty();
        if commits {
            batch.lines.clone_from(&moment.lines);
            batch.waves = core::mem::take(&mut self.kept_waves);
            self.storage.commit(now.station, batch).await;
        }
        if commits || !moment.beds.is_empty() || !moment.removed.is_empty() || moment.station_alarms.is_some() {
            // Whatever waits for the next tick leaves in the same write.
            self.take_waves(&mut moment);
            self.send(moment);
        }
        for reply in replies {
            reply.give();
        }
    }

    fn take_waves(&mut self, moment: &mut Moment) {
        moment.waves = core::mem::take(&mut self.waves);
        for (bed, wave, _) in &moment.waves {
            match self.kept_waves.iter_mut().rev().find(|(kept, _)| kept == bed) {
                Some((_, kept)) if kept.continues_with(wave) => kept.samples.extend_from_slice(&wave.samples),
                _ => self.kept_waves.push((bed.clone(), wave.clone())),
            }
        }
    }

    fn send(&mut self, moment: Moment) {
        if let Some(last) = moment.lines.last() {
            self.hub.passed.store(last.seq.0, Ordering::Release);
        }
        let moment = Arc::new(moment);
        self.followers.retain(|follower| match follower.try_send(Arc::clone(&moment)) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Closed(_)) => false,
            Err(mpsc::error::TrySendError::Full(_)) => {
                tracing::error!("A follower of the record has stood still and is cut off.");
                false
            }
        });
    }

    async fn tick(&mut self) {
        let now = self.hub.clock.now();
        if !self.waves.is_empty() {
            let mut moment = Moment::default();
            self.take_waves(&mut moment);
            self.send(moment);
        }
        if !self.kept_waves.is_empty() && now.station.since(self.waves_kept) >= WAVES_KEPT_EVERY {
            self.waves_kept = now.station;
            let waves = core::mem::take(&mut self.kept_waves);
            self.storage.keep(Batch { time: Some(now.wall), waves, ..Batch::default() });
        }
        self.look_at_storage(now).await;
    }

    async fn look_at_storage(&mut self, now: Now) {
        let trouble = self.storage.trouble(now.station).map(str::to_owned);
        if *self.hub.trouble.borrow() != trouble {
            self.hub.trouble.send_replace(trouble.clone());
            Box::pin(self.condition(now, Condition::StorageFailed, trouble)).await;
        }
    }

    /// A technical condition of the station begins, goes on or ends.
    async fn condition(&mut self, now: Now, condition: Condition, message: Option<String>) {
        let ids = self.hub.ids.clone();
        let changes = match message {
            Some(message) => self.hub.alarms.raise(now, condition, &message, &mut || ids.next()),
            None => self.hub.alarms.clear(now, condition),
        };
        self.station_alarms(now, changes, Vec::new(), Vec::new()).await;
    }

    async fn station_alarms(&mut self, now: Now, changes: Vec<AlarmChange>, more: Vec<Body>, replies: Vec<Reply>) {
        let mut moment = Moment { station_alarms: Some(self.hub.alarms.active()), ..Moment::default() };
        for body in more.into_iter().chain(changes.into_iter().map(Body::Alarm)) {
            moment.lines.push(Arc::new(Recorded { seq: self.number(), bed: None, body }));
        }
        self.gathered.sounds(None, self.hub.alarms.sounding());
        self.announce();
        let saved = serde_json::to_string(&self.hub.alarms.saved()).unwrap_or_default();
        let batch = Batch {
            time: Some(now.wall),
            changes: vec![Change::AlarmState(None, saved)],
            force: true,
            ..Batch::default()
        };
        self.commit_and_send(now, moment, batch, replies).await;
    }

    async fn obey(&mut self, order: HubOrder) {
        let now = self.hub.clock.now();
        match order {
            HubOrder::Follow(answer) => {
                let (follower, moments) = mpsc::channel(WAITING_MOMENTS);
                let following = Following {
                    seq: Seq(self.seq.0 - 1),
                    beds: self.beds.values().cloned().collect(),
                    station_alarms: self.hub.alarms.active(),
                    moments,
                };
                if answer.send(following).is_ok() {
                    self.followers.push(follower);
                }
            }
            HubOrder::Condition(condition, message) => self.condition(now, condition, message).await,
            HubOrder::Acknowledge { alarm, by, reply } => self.acknowledge(now, alarm, &by, reply).await,
            HubOrder::Event { kind, by, detail } => {
                let changes = by.iter().map(|by| {
                    Change::Audit(Audit { bed: None, what: kind.clone(), by: by.clone(), detail: detail.clone() })
                });
                let changes = changes.collect();
                let body = Body::Event(Event { time: now.wall, kind, by, detail });
                let line = Arc::new(Recorded { seq: self.number(), bed: None, body });
                let moment = Moment { lines: vec![line], ..Moment::default() };
                let batch = Batch { time: Some(now.wall), changes, force: true, ..Batch::default() };
                self.commit_and_send(now, moment, batch, Vec::new()).await;
            }
            HubOrder::Retain { readings_before, waves_before } => self.storage.retain(readings_before, waves_before),
            HubOrder::Finish => {}
        }
    }

    async fn acknowledge(&mut self, now: Now, alarm: Option<AlarmId>, by: &str, reply: mpsc::Sender<Answer>) {
        match self.hub.alarms.acknowledge(now, alarm, by) {
            Ok(done) => {
                let ids: Vec<String> = done.changes.iter().map(|change| change.id.to_string()).collect();
                let answer = Answer::Done(json!({ "acknowledged": ids, "first": done.first }));
                let reply = Reply { to: reply, answer };
                let event = (!ids.is_empty()).then(|| {
                    let detail = json!({ "alarms": ids });
                    Body::Event(Event { time: now.wall, kind: "acknowledged".into(), by: Some(by.to_owned()), detail })
                });
                self.station_alarms(now, done.changes, event.into_iter().collect(), vec![reply]).await;
            }
            Err(error) => {
                Reply { to: reply, answer: Answer::Refused(Refusal::new("unknown_alarm", error.to_string())) }.give();
            }
        }
    }

    /// What the beds still said goes through as always; then the clean end is noted.
    async fn finish(mut self) {
        self.hub.outputs.close();
        let mut rest = Vec::new();
        while let Some(output) = self.hub.outputs.recv().await {
            rest.push(output);
        }
        self.pass(rest).await;
        let now = self.hub.clock.now();
        let body = Body::Event(Event { time: now.wall, kind: "stopped".into(), by: None, detail: json!({}) });
        let line = Arc::new(Recorded { seq: self.number(), bed: None, body });
        let moment = Moment { lines: vec![line], ..Moment::default() };
        let batch = Batch { time: Some(now.wall), force: true, ..Batch::default() };
        self.commit_and_send(now, moment, batch, Vec::new()).await;
        let storage = self.storage;
        if tokio::task::spawn_blocking(move || storage.close(now.wall)).await.is_err() {
            tracing::error!("The record was not closed cleanly.");
        }
    }
}
