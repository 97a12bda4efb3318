//! The writer: one thread, one connection, batches in the order in which they were numbered.

use crate::audit;
use crate::beds;
use crate::devices;
use crate::durability::Durability;
use crate::engine_input;
use crate::open::{Found, SEQ_BLOCK, set_meta};
use crate::presets;
use crate::receipts;
use crate::retention::Plan;
use rusqlite::{Connection, Transaction, params};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use vitals::{AlarmChange, BedId, Body, Event, Limits, Patient, Reading, Recorded, WallTime, Wave};

/// Batches that may wait for the writer. The hub hands over one at a time and waits for it 20 ms at most, so this
/// many waiting means a disk that has stood still for seconds.
const WAITING_BATCHES: usize = 1024;
/// Lines kept while the disk refuses them; past this the oldest are lost, and that is said.
const KEPT_LINES: usize = 50_000;
/// How long one row of the wave may grow.
const WAVE_ROW: Duration = Duration::from_secs(10);

/// Lines and changes that belong together: all of it is committed, or nothing.
#[derive(Debug, Default)]
pub struct Batch {
    /// When it was put together.
    pub time: Option<WallTime>,
    /// Readings, alarms and events in the order of their numbers.
    pub lines: Vec<Arc<Recorded>>,
    /// Waves.
    pub waves: Vec<(BedId, Wave)>,
    /// What else is to be kept.
    pub changes: Vec<Change>,
    /// Whether it is to be forced to the disk at once: alarms, acknowledgements, commands.
    pub force: bool,
}

/// Something kept beside the lines of the record.
#[derive(Debug, Clone)]
pub enum Change {
    /// What a bed's alarm engine must not forget, and up to when it had counted; `None` is the station itself.
    AlarmState(Option<BedId>, WallTime, String),
    /// What a bed's alarm engine was told.
    EngineInput(crate::EngineInput),
    /// A bed's limits.
    Limits(BedId, Limits),
    /// The ward's preset.
    WardPreset(crate::WardPreset),
    /// A bed, new or changed.
    Bed(crate::BedRow),
    /// A bed's name.
    Name(BedId, String),
    /// The adapter that is a bed's from now on; `None`: none is.
    Bound(BedId, Option<crate::Bound>),
    /// What a sensor told of itself, for the next time it is plugged in.
    Device(crate::Device),
    /// A bed is no more. Its past stays in the record.
    BedRemoved(BedId),
    /// A patient came into the bed.
    Admitted(BedId, Patient),
    /// The bed's patient left.
    Discharged(BedId),
    /// What became of an alarm on a screen.
    Receipt(crate::Receipt),
    /// A screen sounds alarms from now on, and is missed when it is gone.
    Armed(crate::ArmedClient),
    /// The screen of this name is not missed any more.
    Disarmed(String),
    /// A line of the audit log.
    Audit(Audit),
}

/// A line of the audit log.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The bed it is about.
    pub bed: Option<BedId>,
    /// What was done, in one snake-case word.
    pub what: String,
    /// Who did it.
    pub by: String,
    /// The particulars; no patient's name.
    pub detail: serde_json::Value,
}

/// A batch is not in the record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The disk refused it. It is kept and tried again.
    #[error("the record cannot be written: {0}")]
    Refused(String),
    /// So much waits for the disk that this batch was not taken.
    #[error("the record cannot be written: the disk has stood still, and no more can be kept in memory")]
    Overrun,
    /// The writer has ended.
    #[error("the record's writer has ended; restart the station")]
    Ended,
}

type Done = Box<dyn FnOnce(Result<(), WriteError>) + Send>;

enum Order {
    Write(Batch, Done),
    Retain { readings_before: Option<WallTime>, waves_before: Option<WallTime> },
    Close(WallTime),
}

/// The only one who writes lines of the record.
#[derive(Debug)]
pub struct Writer {
    orders: SyncSender<Order>,
    thread: JoinHandle<()>,
}

impl Writer {
    pub(crate) fn start(db: Connection, durability: Durability, found: &Found) -> Result<Self, std::io::Error> {
        let (orders, received) = sync_channel(WAITING_BATCHES);
        let desk = Desk {
            db,
            durability,
            waiting: VecDeque::new(),
            waiting_lines: 0,
            lost: 0,
            refusal: None,
            tried: Instant::now(),
            waves: HashMap::new(),
            seq_ceiling: found.next_seq.0 - 1 + SEQ_BLOCK,
            alarm_ceiling: found.next_alarm.0 - 1 + SEQ_BLOCK,
            alive: found.previous.map_or(WallTime::from_millis(0), |previous| previous.last_alive),
            retention: None,
        };
        let thread = std::thread::Builder::new().name("record".into()).spawn(move || desk.work(&received))?;
        Ok(Self { orders, thread })
    }

    /// Hands a batch over. `done` is called from the writer's thread when it is committed, or with the reason why not.
    pub fn write(&self, batch: Batch, done: impl FnOnce(Result<(), WriteError>) + Send + 'static) {
        if let Err(refused) = self.orders.try_send(Order::Write(batch, Box::new(done))) {
            let (order, why) = match refused {
                TrySendError::Full(order) => (order, WriteError::Overrun),
                TrySendError::Disconnected(order) => (order, WriteError::Ended),
            };
            if let Order::Write(_, done) = order {
                done(Err(why));
            }
        }
    }

    /// Asks for what is older than these times to be deleted, a little at a time.
    pub fn retain(&self, readings_before: Option<WallTime>, waves_before: Option<WallTime>) {
        // A full queue means that the disk has other troubles; the next day asks again.
        let _ = self.orders.try_send(Order::Retain { readings_before, waves_before });
    }

    /// Writes what waits, notes a clean end at `now`, forces all to the disk.
    pub fn close(self, now: WallTime) {
        if self.orders.send(Order::Close(now)).is_err() {
            tracing::error!("The record's writer had ended before the station; what was not written is lost.");
        }
        if self.thread.join().is_err() {
            tracing::error!("The record's writer ended by a panic.");
        }
    }
}

/// The newest row of a bed's wave, still growing.
struct OpenWave {
    row: i64,
    wave: Wave,
    dirty: bool,
}

struct Desk {
    db: Connection,
    durability: Durability,
    /// Taken and not yet committed: more than one only while the disk refuses.
    waiting: VecDeque<Batch>,
    waiting_lines: usize,
    lost: u64,
    refusal: Option<String>,
    tried: Instant,
    waves: HashMap<BedId, OpenWave>,
    seq_ceiling: u64,
    alarm_ceiling: u64,
    alive: WallTime,
    retention: Option<Plan>,
}

impl Desk {
    fn work(mut self, received: &Receiver<Order>) {
        loop {
            let pause = if self.retention.is_some() { Duration::from_millis(5) } else { Duration::from_secs(1) };
            match received.recv_timeout(pause) {
                Ok(Order::Write(batch, done)) => done(self.take(batch)),
                Ok(Order::Retain { readings_before, waves_before }) => {
                    self.retention = Some(Plan::new(readings_before, waves_before));
                }
                Ok(Order::Close(now)) => {
                    self.close(now);
                    return;
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.retry();
                    self.delete_a_little();
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let last = self.alive;
                    self.close(last);
                    return;
                }
            }
        }
    }

    fn take(&mut self, batch: Batch) -> Result<(), WriteError> {
        self.waiting_lines += batch.lines.len();
        self.waiting.push_back(batch);
        while self.waiting_lines > KEPT_LINES {
            if let Some(oldest) = self.waiting.pop_front() {
                self.waiting_lines -= oldest.lines.len();
                self.lost += oldest.lines.len() as u64;
            }
        }
        // While the disk refuses, each batch of dozens a second must not cost an attempt.
        match &self.refusal {
            Some(refusal) if self.tried.elapsed() < Duration::from_secs(1) => Err(WriteError::Refused(refusal.clone())),
            _ => self.commit(),
        }
    }

    fn delete_a_little(&mut self) {
        let Some(plan) = &mut self.retention else { return };
        match plan.step(&mut self.db) {
            Ok(true) => {}
            Ok(false) => self.retention = None,
            Err(error) => {
                tracing::error!(%error, "Old lines of the record could not be deleted; the next day tries again.");
                self.retention = None;
            }
        }
    }

    fn retry(&mut self) {
        if !self.waiting.is_empty() {
            // Whoever handed it over has been told; the next batch tells that it works again.
            let _ = self.commit();
        }
    }

    fn commit(&mut self) -> Result<(), WriteError> {
        self.tried = Instant::now();
        match self.try_commit() {
            Ok(force) => {
                if let Some(refusal) = self.refusal.take() {
                    tracing::warn!(lost = self.lost, "The record is written again; it could not be because {refusal}.");
                    self.lost = 0;
                }
                self.waiting.clear();
                self.waiting_lines = 0;
                if force {
                    self.durability.force();
                }
                match self.durability.failure() {
                    None => Ok(()),
                    Some(failure) => Err(WriteError::Refused(format!("it cannot be forced to the disk ({failure})"))),
                }
            }
            Err(error) => {
                let refusal = error.to_string();
                if self.refusal.is_none() {
                    tracing::error!("The record cannot be written: {refusal}. Lines are kept in memory meanwhile.");
                }
                self.refusal = Some(refusal.clone());
                Err(WriteError::Refused(refusal))
            }
        }
    }

    fn try_commit(&mut self) -> rusqlite::Result<bool> {
        let step = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let (mut force, mut seq_ceiling, mut alarm_ceiling, mut alive) =
            (false, self.seq_ceiling, self.alarm_ceiling, self.alive);
        let mut grown: HashMap<BedId, OpenWave> = HashMap::new();
        for batch in &self.waiting {
            force |= batch.force;
            for line in &batch.lines {
                write_line(&step, line)?;
                // Half a block ahead: every number given out lies below a ceiling committed before it.
                if line.seq.0 + SEQ_BLOCK / 2 > seq_ceiling {
                    seq_ceiling = line.seq.0 + SEQ_BLOCK;
                    set_meta(&step, "seq_ceiling", &seq_ceiling.to_string())?;
                }
                if let Body::Alarm(alarm) = &line.body
                    && alarm.id.0 + SEQ_BLOCK / 2 > alarm_ceiling
                {
                    alarm_ceiling = alarm.id.0 + SEQ_BLOCK;
                    set_meta(&step, "alarm_ceiling", &alarm_ceiling.to_string())?;
                }
            }
            let time = batch.time.unwrap_or(alive);
            for change in &batch.changes {
                write_change(&step, change, time)?;
            }
            for (bed, wave) in &batch.waves {
                grow(&step, &mut grown, &mut self.waves, bed, wave)?;
            }
            if (time.as_millis() - alive.as_millis()).abs() >= 1000 {
                alive = time;
                step.prepare_cached("UPDATE session SET last_alive = ?1 WHERE id = (SELECT max(id) FROM session)")?
                    .execute([time.as_millis()])?;
            }
        }
        for open in grown.values_mut().filter(|open| open.dirty) {
            store_wave(&step, open)?;
        }
        step.commit()?;
        self.waves.extend(grown);
        (self.seq_ceiling, self.alarm_ceiling, self.alive) = (seq_ceiling, alarm_ceiling, alive);
        Ok(force)
    }

    fn close(mut self, now: WallTime) {
        if !self.waiting.is_empty()
            && let Err(error) = self.commit()
        {
            tracing::error!(lines = self.waiting_lines, "Lines of the record are lost at the stop: {error}.");
        }
        let ended = self.db.execute(
            "UPDATE session SET ended = ?1, last_alive = ?1 WHERE id = (SELECT max(id) FROM session)",
            [now.as_millis()],
        );
        if let Err(error) = ended {
            tracing::error!(%error, "The clean end could not be noted; the next start will say so.");
        }
        self.durability.force();
        self.durability.close();
    }
}

fn write_line(db: &Transaction<'_>, line: &Recorded) -> rusqlite::Result<()> {
    let seq = i64::try_from(line.seq.0).unwrap_or(i64::MAX);
    let bed = line.bed.as_ref().map(BedId::as_str);
    match &line.body {
        Body::Reading(reading) => write_reading(db, seq, bed, reading),
        Body::Alarm(alarm) => write_alarm(db, seq, bed, alarm),
        Body::Event(event) => write_event(db, seq, bed, event),
    }
}

fn write_reading(db: &Transaction<'_>, seq: i64, bed: Option<&str>, reading: &Reading) -> rusqlite::Result<()> {
    let Reading { time, numbers, status } = reading;
    db.prepare_cached("INSERT INTO reading VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute(params![
        seq,
        time.as_millis(),
        bed,
        numbers.spo2.map(vitals::Spo2::percent),
        numbers.pulse_rate.map(vitals::PulseRate::per_minute),
        numbers.perfusion_index.map(vitals::PerfusionIndex::percent),
        numbers.signal_strength.map(vitals::SignalStrength::fraction),
        serde_json::to_string(status).unwrap_or_else(|_| "[]".into()),
    ])?;
    Ok(())
}

fn write_alarm(db: &Transaction<'_>, seq: i64, bed: Option<&str>, alarm: &AlarmChange) -> rusqlite::Result<()> {
    let state = match alarm.state {
        vitals::AlarmState::Active => "active",
        vitals::AlarmState::Cleared => "cleared",
    };
    let id = i64::try_from(alarm.id.0).unwrap_or(i64::MAX);
    db.prepare_cached("INSERT INTO alarm_change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)")?
        .execute(params![
            seq,
            alarm.time.as_millis(),
            bed,
            id,
            alarm.condition.as_str(),
            alarm.priority.as_str(),
            state,
            alarm.since.as_millis(),
            alarm.value,
            alarm.worst,
            alarm.limit,
            alarm.acknowledged.as_ref().map(|given| given.by.as_str()),
            alarm.acknowledged.as_ref().map(|given| given.time.as_millis()),
            alarm.message,
        ])?;
    db.prepare_cached(
        "INSERT INTO alarm VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, state = excluded.state",
    )?
    .execute(params![id, bed, alarm.since.as_millis(), seq, state])?;
    Ok(())
}

fn write_event(db: &Transaction<'_>, seq: i64, bed: Option<&str>, event: &Event) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        seq,
        event.time.as_millis(),
        bed,
        event.kind,
        event.by,
        event.detail.to_string(),
    ])?;
    Ok(())
}

fn write_change(db: &Transaction<'_>, change: &Change, now: WallTime) -> rusqlite::Result<()> {
    match change {
        Change::AlarmState(bed, time, state) => {
            db.prepare_cached(
                "INSERT INTO alarm_state VALUES (?1, ?2, ?3)
                 ON CONFLICT (bed) DO UPDATE SET time = excluded.time, state = excluded.state",
            )?
            .execute(params![bed.as_ref().map_or("", BedId::as_str), time.as_millis(), state])?;
            Ok(())
        }
        Change::EngineInput(input) => engine_input::put(db, input),
        Change::Limits(bed, limits) => beds::set_limits(db, bed, limits),
        Change::WardPreset(preset) => presets::put(db, preset),
        Change::Bed(row) => beds::put(db, row),
        Change::Name(bed, name) => beds::set_name(db, bed, name),
        Change::Bound(bed, bound) => devices::bind(db, bed, bound.as_ref()),
        Change::Device(device) => devices::remember(db, device),
        Change::BedRemoved(bed) => beds::remove(db, bed, now),
        Change::Admitted(bed, patient) => beds::admit(db, bed, patient, now),
        Change::Discharged(bed) => beds::discharge(db, bed, now),
        Change::Receipt(receipt) => receipts::keep(db, receipt),
        Change::Armed(client) => receipts::arm(db, client),
        Change::Disarmed(client) => receipts::disarm(db, client),
        Change::Audit(line) => audit::append(db, now, line),
    }
}

/// Adds a run of samples to the bed's open row, or begins a new row at a gap or after ten seconds.
fn grow(
    db: &Transaction<'_>,
    grown: &mut HashMap<BedId, OpenWave>,
    kept: &mut HashMap<BedId, OpenWave>,
    bed: &BedId,
    wave: &Wave,
) -> rusqlite::Result<()> {
    // Rows are changed in copies, so that a commit that fails leaves what was known before it.
    let open = match grown.get_mut(bed) {
        Some(open) => Some(open),
        None => match kept.get(bed) {
            Some(open) => {
                let copy = OpenWave { row: open.row, wave: open.wave.clone(), dirty: false };
                Some(grown.entry(bed.clone()).or_insert(copy))
            }
            None => None,
        },
    };
    if let Some(open) = open {
        let full = open.wave.samples.len() as u64 >= u64::from(open.wave.rate) * WAVE_ROW.as_secs();
        if !full && open.wave.continues_with(wave) {
            open.wave.samples.extend_from_slice(&wave.samples);
            open.dirty = true;
            return Ok(());
        }
        if open.dirty {
            store_wave(db, open)?;
        }
    }
    // The row is made at once, so that its key is known when it is written again.
    db.prepare_cached("INSERT INTO wave (bed, time, rate, width, samples) VALUES (?1, ?2, ?3, 1, x'')")?
        .execute(params![bed.as_str(), wave.time.as_millis(), wave.rate])?;
    grown.insert(bed.clone(), OpenWave { row: db.last_insert_rowid(), wave: wave.clone(), dirty: true });
    Ok(())
}

fn store_wave(db: &Transaction<'_>, open: &mut OpenWave) -> rusqlite::Result<()> {
    let narrow = open.wave.samples.iter().all(|sample| *sample <= 0xFF);
    let bytes: Vec<u8> = if narrow {
        open.wave.samples.iter().map(|sample| sample.to_le_bytes()[0]).collect()
    } else {
        open.wave.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
    };
    db.prepare_cached("UPDATE wave SET width = ?2, samples = ?3 WHERE id = ?1")?.execute(params![
        open.row,
        if narrow { 1 } else { 2 },
        bytes
    ])?;
    open.dirty = false;
    Ok(())
}
