//! Starting and stopping, each in its written order.

use crate::bed::{FirstCapture, Output};
use crate::capture::{Captures, create};
use crate::clock::{Clock, keep_watch};
use crate::discovery;
use crate::handle::{Handle, Run, Shared, new_row, spec_of, started_detail};
use crate::hub::{AlarmIds, Annunciation, Hub, HubOrder};
use crate::memory::{Recalled, ended, lost, recall};
use crate::plug::{self, Ports, Seat, Seats, Wanted};
use crate::port::PortSpec;
use crate::retention::retain;
use crate::roster::Roster;
use crate::simulated::Sensors;
use crate::ward::Ward;
use alarm::{Rules, StationAlarms};
use oximeter::Protocol;
use record::{Change, Found, Record};
use serde_json::json;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vitals::{AlarmId, BedId, Body, Event, Limits, Now, Preset, Recorded, WallTime};

/// Outputs of beds that may wait for the hub: some ms of 64 sensors at full rate.
const WAITING_OUTPUTS: usize = 1024;

/// A bed as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BedSpec {
    /// The bed.
    pub id: BedId,
    /// The port of its sensor.
    pub port: String,
    /// The protocol; `None` is found out by listening.
    pub protocol: Option<Protocol>,
}

/// A capture as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureSpec {
    /// The bed; `None` is the only one.
    pub bed: Option<BedId>,
    /// The file to be made.
    pub file: PathBuf,
}

/// How a station is to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name of the station, for people.
    pub name: String,
    /// The data folder; it is there, and its lock is held.
    pub folder: PathBuf,
    /// The version of the program.
    pub version: String,
    /// Beds and ports for this run; they go before what the record says.
    pub beds: Vec<BedSpec>,
    /// Captures that begin with the run.
    pub captures: Vec<CaptureSpec>,
    /// This many beds with simulated sensors; 0 is a real station.
    pub demo: usize,
    /// Whether to look for sensors on ports that no bed names.
    pub discover: bool,
    /// Where ports are looked for.
    pub ports: Ports,
    /// The locked rules of the site.
    pub rules: Rules,
    /// The preset of the ward while no admin has set one.
    pub preset: Preset,
    /// Days for which readings, alarms and events are kept; `None`: for ever.
    pub readings_days: Option<u32>,
    /// Days for which waves are kept; `None`: for ever.
    pub waves_days: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "Oxiward".into(),
            folder: PathBuf::new(),
            version: env!("CARGO_PKG_VERSION").into(),
            beds: Vec::new(),
            captures: Vec::new(),
            demo: 0,
            discover: false,
            ports: Ports::default(),
            rules: Rules::default(),
            preset: Preset::Adult,
            readings_days: None,
            waves_days: Some(30),
        }
    }
}

/// The station did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The record cannot be opened.
    #[error(transparent)]
    Record(#[from] record::OpenError),
    /// A capture is for a bed that there is not, or it does not say for which.
    #[error("--capture {file}: {reason}")]
    CaptureFor {
        /// The file.
        file: PathBuf,
        /// What is wrong, and what to write.
        reason: String,
    },
    /// The file of a capture cannot be made.
    #[error(
        "The capture {file} cannot be made ({reason}). Name a file that is not there yet, in a folder that may be written."
    )]
    CaptureFile {
        /// The file.
        file: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
}

/// A running station.
#[derive(Debug)]
pub struct Station {
    handle: Handle,
    hub: JoinHandle<()>,
    cancel: CancellationToken,
    helpers: Vec<JoinHandle<()>>,
}

impl Station {
    /// Starts the station's tasks on the present runtime. What beds and ports do afterwards never makes it fail.
    ///
    /// # Errors
    /// If the record cannot be opened.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let clock = Clock::start();
        let now = clock.now();
        let (record, writer, found) = Record::open(&options.folder, now.wall, &options.version)?;
        let (outputs, received_outputs) = mpsc::channel(WAITING_OUTPUTS);
        let (orders, received_orders) = mpsc::channel(64);
        let (announce, annunciation) = watch::channel(Arc::new(Annunciation::default()));
        let (trouble, troubles) = watch::channel(None);
        let passed = Arc::new(AtomicU64::new(0));
        let rules = options.rules;
        let ward = Ward::new(rules, options.preset, &record);
        let ids = AlarmIds::from(found.next_alarm);
        let sensors = Sensors::default();
        let captures = Captures::of(&options.folder);
        let demo = options.demo > 0;
        let roster = Roster::new(
            clock,
            ids.clone(),
            outputs,
            sensors.clone(),
            ward.clone(),
            demo,
            record.clone(),
            captures.clone(),
        );

        let first_lines = lines_of_start(now, &options, &found);
        let states: HashMap<&str, (WallTime, &str)> =
            found.alarm_states.iter().map(|(bed, time, state)| (bed.as_str(), (*time, state.as_str()))).collect();
        // The station's own alarms go on; what nobody confirms within seconds ends.
        let of_station = recall(now, None, states.get("").map(|(_, state)| *state));
        let alarms = StationAlarms::restore(rules, of_station.memory.unwrap_or_default());
        let of_station_kept: Vec<AlarmId> = alarms.active().into_iter().map(|alarm| alarm.id).collect();
        let hub = Hub {
            clock,
            station_name: options.name.clone(),
            next_seq: found.next_seq,
            ids,
            alarms,
            outputs: received_outputs,
            orders: received_orders,
            annunciation: announce,
            trouble,
            passed: Arc::clone(&passed),
        };
        let beds = beds_of_start(&options, &found, &sensors, ward.limits());
        let mut first_captures = captures_of_start(&options, &beds)?;
        let seats = Seats::new(options.ports.clone(), record.clone());
        let mut seated = if demo { HashMap::new() } else { seats_of_start(&seats, &options, &beds) };
        let mut start: Vec<Output> = [Some(first_lines), of_station.loss].into_iter().flatten().collect();
        let mut rows = Vec::new();
        for (row, spec, is_new) in beds {
            if is_new {
                start.push(Output {
                    bed: Some(row.id.clone()),
                    changes: vec![Change::Bed(row.clone())],
                    ..Output::default()
                });
            }
            let saved = states.get(row.id.as_str());
            let recalled = recall(now, Some(&row.id), saved.map(|(_, state)| *state));
            start.extend(recalled.loss);
            rows.push((row, spec, saved.map(|(time, _)| *time).zip(recalled.memory)));
        }
        let restored: Vec<BedId> =
            rows.iter().filter(|(_, _, saved)| saved.is_some()).map(|(row, ..)| row.id.clone()).collect();
        start.extend(ended_alarms(now, &found, &restored, &of_station_kept));
        let hub = tokio::spawn(hub.live(writer, start));
        for (row, spec, saved) in rows {
            let (seat, first_capture) = (seated.remove(&row.id), first_captures.remove(&row.id));
            roster.bring_up_capturing(row, spec, seat, saved, first_capture);
        }

        let handle = Handle {
            shared: Arc::new(Shared {
                name: options.name.clone(),
                id: found.station_id.clone(),
                epoch: found.epoch.clone(),
                version: options.version.clone(),
                demo,
                clock,
                record,
                roster: roster.clone(),
                seats,
                orders,
                annunciation,
                trouble: troubles,
                passed,
                run: Run {
                    since: now.wall,
                    down_s: found.previous.map(|previous| now.wall.since(previous.last_alive).as_secs_f64()),
                    last_alive: found.previous.map(|previous| previous.last_alive),
                    clean: found.previous.map(|previous| previous.clean),
                },
            }),
        };
        let cancel = CancellationToken::new();
        let mut helpers = vec![
            tokio::spawn(keep_watch(handle.clone(), cancel.clone())),
            tokio::spawn(revive_beds(handle.clone(), cancel.clone())),
            tokio::spawn(retain(handle.clone(), cancel.clone(), options.readings_days, options.waves_days)),
        ];
        if !demo {
            helpers.push(tokio::spawn(plug::keep(handle.clone(), cancel.clone())));
        }
        if options.discover && !demo {
            helpers.push(tokio::spawn(discovery::watch(handle.clone(), cancel.clone())));
        }
        Ok(Self { handle, hub, cancel, helpers })
    }

    /// How to reach it.
    #[must_use]
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Waits until every bed has said how it stands, so that whoever comes first finds them all; no longer than 2 s.
    pub async fn settle(&self) {
        let settled = async {
            let wanted = self.handle.shared.roster.count();
            while self.handle.follow().await.is_ok_and(|following| following.beds.len() < wanted) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(2), settled).await.is_err() {
            tracing::warn!("Some beds have not said how they stand after 2 s; the station serves without waiting on.");
        }
    }

    /// Waits until the hub ends, which it does by itself only when it has failed.
    pub async fn failed(&mut self) {
        let _ = (&mut self.hub).await;
    }

    /// Stops in this order: discovery, beds with their sensors and ports, hub, record.
    pub async fn stop(self) {
        self.cancel.cancel();
        for helper in self.helpers {
            let _ = helper.await;
        }
        self.handle.shared.roster.stop().await;
        // A hub that has died cannot finish; that was said when it died.
        let _ = self.handle.shared.orders.send(HubOrder::Finish).await;
        drop(self.handle);
        if tokio::time::timeout(Duration::from_secs(4), self.hub).await.is_err() {
            tracing::error!("The record did not close within 4 s.");
        }
    }
}

/// What is said first: that the station started, how it ended before, what became of the record.
fn lines_of_start(now: Now, options: &Options, found: &Found) -> Output {
    let event = |kind: &str, detail| Body::Event(Event { time: now.wall, kind: kind.to_owned(), by: None, detail });
    let mut lines = Vec::new();
    let down = found.previous.map(|previous| now.wall.since(previous.last_alive).as_secs_f64());
    if let Some(aside) = &found.put_aside {
        tracing::error!(aside = %aside.display(), "The record was damaged and was put aside; a new one was begun.");
        lines.push(event("record_put_aside", json!({ "file": aside.display().to_string() })));
    }
    match found.previous {
        Some(previous) if !previous.clean => {
            // The numbers that may have been given out and are not in the record.
            let skipped = json!({ "from": found.last_seq.0 + 1, "to": found.next_seq.0 - 1 });
            let detail = json!({
                "version": options.version,
                "down_s": down,
                "last_alive": previous.last_alive,
                "skipped": if found.next_seq.0 > found.last_seq.0 + 1 { skipped } else { json!(null) },
            });
            lines.push(event("restarted", detail));
        }
        previous => {
            lines.push(event("started", started_detail(&options.version, down, previous.map(|run| run.clean))));
        }
    }
    Output { lines, force: true, ..Output::default() }
}

/// Active alarms whose bed did not come back, or whose engine's memory is gone, are ended rather than left hanging.
fn ended_alarms<'a>(
    now: Now,
    found: &'a Found,
    restored: &'a [BedId],
    of_station: &'a [AlarmId],
) -> impl Iterator<Item = Output> + 'a {
    let forgotten = |line: &&Recorded| match (&line.bed, &line.body) {
        (Some(bed), _) => !restored.contains(bed),
        (None, Body::Alarm(alarm)) => !of_station.contains(&alarm.id),
        (None, _) => false,
    };
    found.active_alarms.iter().filter(forgotten).filter_map(move |line| ended(now, line))
}

type BedOfStart = (record::BedRow, Option<PortSpec>, bool);

/// Where the beds' sensors are at the start, so that each port is opened right the first time.
fn seats_of_start(seats: &Seats, options: &Options, beds: &[BedOfStart]) -> HashMap<BedId, Seat> {
    let wanted = beds.iter().filter_map(|(row, spec, _)| {
        let port = &spec.as_ref()?.port;
        let named_now = options.beds.iter().any(|bed| bed.id == row.id && bed.port == *port);
        Some(Wanted::new(row.id.clone(), port, row.bound.clone(), row.found, named_now))
    });
    seats.decide(&wanted.collect::<Vec<_>>()).unwrap_or_default().into_iter().collect()
}

fn beds_of_start(options: &Options, found: &Found, sensors: &Sensors, preset: Limits) -> Vec<BedOfStart> {
    if options.demo > 0 {
        let ports = sensors.demonstrate(options.demo);
        return ports
            .into_iter()
            .enumerate()
            .filter_map(|(index, (port, protocol))| {
                let id = BedId::new((index + 1).to_string()).ok()?;
                let known = found.beds.iter().find(|row| row.id == id).cloned();
                let is_new = known.is_none();
                let row = known.unwrap_or_else(|| new_row(id, preset));
                Some((row, Some(PortSpec { port, protocol: Some(protocol) }), is_new))
            })
            .collect();
    }
    let mut beds: Vec<_> = found.beds.iter().map(|row| (row.clone(), spec_of(row), false)).collect();
    for named in &options.beds {
        let spec = PortSpec { port: named.port.clone(), protocol: named.protocol };
        // A port that is named here for one bed is not also opened for another one that had it before.
        for (row, other, _) in &mut beds {
            if row.id != named.id && other.as_ref().is_some_and(|other| other.port == named.port) {
                tracing::warn!(bed = %row.id, port = named.port, "The port is named for another bed; this bed has none now.");
                *other = None;
            }
        }
        match beds.iter_mut().find(|(row, ..)| row.id == named.id) {
            Some((_, port, _)) => *port = Some(spec),
            None => beds.push((new_row(named.id.clone(), preset), Some(spec), true)),
        }
    }
    beds
}

/// Makes the files of the captures that the command line asks for.
fn captures_of_start(
    options: &Options,
    beds: &[(record::BedRow, Option<PortSpec>, bool)],
) -> Result<HashMap<BedId, FirstCapture>, StartError> {
    let mut first = HashMap::new();
    // Every name is looked at before the first file is made.
    let mut wanted: Vec<(BedId, &PathBuf)> = Vec::new();
    for CaptureSpec { bed, file } in &options.captures {
        let with_sensor = || beds.iter().filter(|(_, spec, _)| spec.is_some()).map(|(row, ..)| &row.id);
        let known = || with_sensor().map(BedId::as_str).collect::<Vec<_>>().join(", ");
        let wrong = |reason: String| StartError::CaptureFor { file: file.clone(), reason };
        let bed = match bed {
            Some(bed) if with_sensor().any(|other| other == bed) => bed,
            Some(bed) => {
                return Err(wrong(format!("there is no bed {bed} with a port. Beds with one: {}.", known())));
            }
            None => match with_sensor().collect::<Vec<_>>().as_slice() {
                [only] => only,
                [] => return Err(wrong("there is no bed with a port. Name one with --bed.".into())),
                _ => return Err(wrong(format!("say for which bed, as in --capture BED=FILE: {}.", known()))),
            },
        };
        if wanted.iter().any(|(other, _)| other == bed) {
            return Err(wrong(format!("the bed {bed} has a capture already; it takes one.")));
        }
        wanted.push((bed.clone(), file));
    }
    for (bed, path) in wanted {
        let file = create(path).map_err(|reason| StartError::CaptureFile { file: path.clone(), reason })?;
        first.insert(bed, FirstCapture { path: path.clone(), file });
    }
    Ok(first)
}

/// Brings a bed up again whose task failed.
async fn revive_beds(handle: Handle, cancel: CancellationToken) {
    loop {
        let (mut row, spec, seat) = tokio::select! {
            () = cancel.cancelled() => return,
            dead = handle.shared.roster.next_death() => dead,
        };
        handle.event("bed_failed", None, json!({ "bed": row.id })).await;
        // Limits, patient and alarms as they were last written.
        if let Ok(rows) = handle.record().beds()
            && let Some(kept) = rows.into_iter().find(|kept| kept.id == row.id)
        {
            row = kept;
        }
        let now = handle.clock().now();
        let (saved_at, recalled) = match handle.record().alarm_state(&row.id) {
            Ok(saved) => {
                let (at, state) = saved.unzip();
                (at, recall(now, Some(&row.id), state.as_deref()))
            }
            Err(error) => (None, Recalled { memory: None, loss: Some(lost(now, Some(&row.id), &error.to_string())) }),
        };
        if recalled.memory.is_none() {
            let forgotten = handle.record().alarms(None, Some(&row.id), usize::MAX).unwrap_or_default();
            for output in recalled.loss.into_iter().chain(forgotten.iter().filter_map(|line| ended(now, line))) {
                // A hub that has ended stops the station.
                let _ = handle.shared.roster.hub.send(output).await;
            }
        }
        handle.shared.roster.bring_up(row, spec, seat, saved_at.zip(recalled.memory));
    }
}
