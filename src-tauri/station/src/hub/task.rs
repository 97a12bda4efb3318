//! The task of the hub.

use super::AlarmIds;
use super::annunciation::{Annunciation, Gathered};
use super::storage::Storage;
use super::unconfirmed::Unconfirmed;
use crate::bed::{Output, Reply};
use crate::clock::Clock;
use crate::command::Answer;
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
    /// What such a condition is about has changed while it holds; whether it is worse than before.
    Retell(Condition, String, bool),
    Acknowledge {
        alarm: Option<AlarmId>,
        by: String,
        reply: mpsc::Sender<Answer>,
    },
    Withdraw {
        alarm: AlarmId,
        by: String,
        reply: mpsc::Sender<Answer>,
    },
    /// Something about the station, and what is to be kept with it.
    Event {
        kind: String,
        by: Option<String>,
        detail: serde_json::Value,
        changes: Vec<Change>,
        /// Told when it is in the record.
        kept: Option<oneshot::Sender<()>>,
    },
    /// What is to be kept in the record and nobody waits for.
    Keep(Vec<Change>),
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
            steps: self.alarms.announcements().map(|(id, told)| (id, told.step)).collect(),
            followers: Vec::new(),
            waves: Vec::new(),
            kept_waves: Vec::new(),
            waves_kept: StationTime::START,
            unconfirmed: Unconfirmed::new(&self.alarms.active()),
            hub: self,
        };
        // Alarms of the station that were restored.
        running.gathered.sounds(None, running.hub.alarms.sounding());
        running.announce();
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

pub(super) struct Running {
    pub(super) hub: Hub,
    seq: Seq,
    storage: Storage,
    beds: BTreeMap<BedId, Arc<BedView>>,
    pub(super) gathered: Gathered,
    /// How urgently each of the station's unanswered alarms has been told, so that each step is told once.
    pub(super) steps: BTreeMap<AlarmId, u8>,
    followers: Vec<mpsc::Sender<Arc<Moment>>>,
    /// Waves that wait for the next moment.
    waves: Vec<(BedId, Wave, StationTime)>,
    /// Waves that wait for the record.
    kept_waves: Vec<(BedId, Wave)>,
    waves_kept: StationTime,
    pub(super) unconfirmed: Unconfirmed,
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
            let first = self.seq;
            batch.changes.extend(output.told.drain(..).map(|told| Change::EngineInput(told.numbered(first))));
            for body in output.lines.drain(..) {
                moment.lines.push(Arc::new(Recorded { seq: self.number(), bed: output.bed.clone(), body }));
            }
            batch.changes.append(&mut output.changes);
            batch.force |= output.force;
            replies.append(&mut output.replies);
            if output.remind {
                self.gathered.remind();
                announce = true;
            }
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
                        || before.off != view.off
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

    pub(super) fn number(&mut self) -> Seq {
        let seq = self.seq;
        self.seq = seq.next();
        seq
    }

    /// Before the record and before the network: nothing of this waits.
    pub(super) fn announce(&self) {
        let annunciation = self.gathered.annunciation(&self.beds, &self.hub.alarms.active(), &self.hub.station_name);
        self.hub.annunciation.send_if_modified(|present| {
            let changed = **present != annunciation;
            if changed {
                *present = Arc::new(annunciation);
            }
            changed
        });
    }

    pub(super) async fn commit_and_send(
        &mut self,
        now: Now,
        mut moment: Moment,
        mut batch: Batch,
        replies: Vec<Reply>,
    ) {
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
        self.escalate(now).await;
        self.look_at_storage(now).await;
        while let Some(condition) = self.unconfirmed.take_due(now.station) {
            self.condition(now, condition, None).await;
        }
    }

    async fn look_at_storage(&mut self, now: Now) {
        let trouble = self.storage.trouble(now.station).map(str::to_owned);
        if *self.hub.trouble.borrow() != trouble {
            self.hub.trouble.send_replace(trouble.clone());
            Box::pin(self.condition(now, Condition::StorageFailed, trouble)).await;
        }
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
            HubOrder::Retell(condition, message, worse) => self.retell(now, condition, &message, worse).await,
            HubOrder::Keep(changes) => {
                self.storage.keep(Batch { time: Some(now.wall), changes, ..Batch::default() });
            }
            HubOrder::Acknowledge { alarm, by, reply } => self.acknowledge(now, alarm, &by, reply).await,
            HubOrder::Withdraw { alarm, by, reply } => self.withdraw(now, alarm, &by, reply).await,
            HubOrder::Event { kind, by, detail, mut changes, kept } => {
                changes.extend(by.iter().map(|by| {
                    Change::Audit(Audit { bed: None, what: kind.clone(), by: by.clone(), detail: detail.clone() })
                }));
                let body = Body::Event(Event { time: now.wall, kind, by, detail });
                let line = Arc::new(Recorded { seq: self.number(), bed: None, body });
                let moment = Moment { lines: vec![line], ..Moment::default() };
                let batch = Batch { time: Some(now.wall), changes, force: true, ..Batch::default() };
                self.commit_and_send(now, moment, batch, Vec::new()).await;
                if let Some(kept) = kept {
                    // Whoever asked may have gone.
                    let _ = kept.send(());
                }
            }
            HubOrder::Retain { readings_before, waves_before } => self.storage.retain(readings_before, waves_before),
            HubOrder::Finish => {}
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
