//! How everyone outside reaches the station.

use crate::bed::BedOrder;
use crate::capture::Captures;
use crate::clock::Clock;
use crate::command::{Answer, Command, Refusal};
use crate::hub::{Annunciation, Following, HubOrder};
use crate::plug::{Seat, Seats, Wanted};
use crate::port::PortSpec;
use crate::roster::Roster;
use oximeter::Protocol;
use record::{BedRow, Change, Record, WardPreset};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot, watch};
use vitals::{AlarmId, BedId, Condition, Epoch, Limits, Preset, SensorState, Seq, StationTime, WallTime};

/// The station has stopped, or its hub has died.
#[derive(Debug, thiserror::Error)]
#[error("The station has stopped.")]
pub struct Ended;

/// What is wrong with the station; nothing if it is well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// A sentence each.
    pub troubles: Vec<String>,
}

/// A bed as an admin wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BedChange {
    /// Its name, for people.
    pub name: Option<String>,
    /// The port of its sensor; `Some(None)` takes the sensor away.
    pub port: Option<Option<String>>,
    /// The protocol; `Some(None)` is `auto`.
    pub protocol: Option<Option<Protocol>>,
}

/// Reaches the station. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) epoch: Epoch,
    pub(crate) version: String,
    pub(crate) demo: bool,
    pub(crate) clock: Clock,
    pub(crate) record: Record,
    pub(crate) roster: Roster,
    pub(crate) seats: Seats,
    pub(crate) orders: mpsc::Sender<HubOrder>,
    pub(crate) annunciation: watch::Receiver<Arc<Annunciation>>,
    pub(crate) trouble: watch::Receiver<Option<String>>,
    pub(crate) passed: Arc<AtomicU64>,
    pub(crate) run: Run,
}

/// The present run of the station, and how long it was down before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// When it began.
    pub since: WallTime,
    /// How long the station was down before, s; `None` in its first run.
    pub down_s: Option<f64>,
    /// When the run before was last known to live.
    pub last_alive: Option<WallTime>,
    /// Whether the run before ended as it should.
    pub clean: Option<bool>,
}

impl Handle {
    /// The station's name, for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The station's own id; stays the same over its life.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// The name of the database.
    #[must_use]
    pub fn epoch(&self) -> &Epoch {
        &self.shared.epoch
    }

    /// The version of the program.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.shared.version
    }

    /// Whether the beds are simulated.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.shared.demo
    }

    /// The station's clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.shared.clock
    }

    /// How long the station has run.
    #[must_use]
    pub fn uptime(&self) -> core::time::Duration {
        self.shared.clock.station().since(StationTime::START)
    }

    /// The present run.
    #[must_use]
    pub fn run(&self) -> Run {
        self.shared.run
    }

    /// The locked rules of the site.
    #[must_use]
    pub fn rules(&self) -> alarm::Rules {
        self.shared.roster.ward.rules
    }

    /// The limits that beds begin with: set by an admin, or the starting point of the settings.
    #[must_use]
    pub fn preset(&self) -> (Limits, Option<WardPreset>, Preset) {
        let ward = &self.shared.roster.ward;
        (ward.limits(), ward.preset(), ward.starting_point())
    }

    /// Sets the ward's preset. Beds without a patient that had the old one follow.
    ///
    /// # Errors
    /// If the station has stopped.
    pub async fn set_preset(&self, limits: Limits, by: &str) -> Result<(), Refusal> {
        let ward = &self.shared.roster.ward;
        let before = ward.limits();
        let from = Preset::ALL.into_iter().find(|preset| preset.limits() == limits);
        let preset = WardPreset { limits, from, by: by.to_owned(), time: self.shared.clock.now().wall };
        let (kept, is_kept) = oneshot::channel();
        let order = HubOrder::Event {
            kind: "preset_changed".into(),
            by: Some(by.to_owned()),
            detail: json!({ "before": before, "limits": limits, "from": from }),
            changes: vec![Change::WardPreset(preset.clone())],
            kept: Some(kept),
        };
        self.shared.orders.send(order).await.map_err(|_| stopping())?;
        is_kept.await.map_err(|_| stopping())?;
        ward.set(preset);
        for orders in self.shared.roster.all_orders() {
            // A bed that has just ended needs no preset.
            let _ = orders.send(BedOrder::Preset(limits, by.to_owned())).await;
        }
        Ok(())
    }

    /// Takes back the acknowledgement of one of the station's own alarms.
    ///
    /// # Errors
    /// If the station has stopped.
    pub async fn withdraw_station(&self, alarm: AlarmId, by: &str) -> Result<mpsc::Receiver<Answer>, Refusal> {
        let (reply, answers) = mpsc::channel(2);
        let order = HubOrder::Withdraw { alarm, by: by.to_owned(), reply };
        self.shared.orders.send(order).await.map_err(|_| stopping())?;
        Ok(answers)
    }

    /// The record, for reading.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.shared.record
    }

    /// The captures that the station keeps.
    #[must_use]
    pub fn captures(&self) -> Captures {
        self.shared.roster.captures.clone()
    }

    /// Everything that is there now, and everything that comes, without a hole between.
    ///
    /// # Errors
    /// If the station has stopped.
    pub async fn follow(&self) -> Result<Following, Ended> {
        let (answer, following) = oneshot::channel();
        self.shared.orders.send(HubOrder::Follow(answer)).await.map_err(|_| Ended)?;
        following.await.map_err(|_| Ended)
    }

    /// The newest number that was passed on to followers. An answer to a command is given after its lines were.
    #[must_use]
    pub fn passed(&self) -> Seq {
        Seq(self.shared.passed.load(Ordering::Acquire))
    }

    /// What sounds and what is active, at every moment.
    #[must_use]
    pub fn annunciation(&self) -> watch::Receiver<Arc<Annunciation>> {
        self.shared.annunciation.clone()
    }

    /// Sends a command to a bed. The answers come through the receiver: one, or `Accepted` and one.
    ///
    /// # Errors
    /// If there is no such bed, or it takes no more orders.
    pub async fn command(&self, bed: &BedId, command: Command, by: &str) -> Result<mpsc::Receiver<Answer>, Refusal> {
        let (reply, answers) = mpsc::channel(2);
        let order = BedOrder::Command { command, by: by.to_owned(), reply };
        self.order(bed, order).await?;
        Ok(answers)
    }

    async fn order(&self, bed: &BedId, order: BedOrder) -> Result<(), Refusal> {
        let orders = self.shared.roster.orders(bed).ok_or_else(|| unknown_bed(bed))?;
        orders.send(order).await.map_err(|_| stopping())
    }

    /// Acknowledges the station's own alarms.
    ///
    /// # Errors
    /// If the station has stopped.
    pub async fn acknowledge_station(
        &self,
        alarm: Option<AlarmId>,
        by: &str,
    ) -> Result<mpsc::Receiver<Answer>, Refusal> {
        let (reply, answers) = mpsc::channel(2);
        let order = HubOrder::Acknowledge { alarm, by: by.to_owned(), reply };
        self.shared.orders.send(order).await.map_err(|_| stopping())?;
        Ok(answers)
    }

    /// Makes a bed, or changes one; what is left out stays. A bed that the station made for a sensor goes away when
    /// another bed is given its port; with a name it becomes a bed like any other.
    ///
    /// # Errors
    /// If the name is bad, or another bed has the port.
    pub async fn put_bed(&self, id: BedId, change: BedChange, by: &str) -> Result<(), Refusal> {
        self.change_bed(id, change, false, by).await
    }

    /// Makes a bed for a sensor that was found.
    pub(crate) async fn found_bed(&self, id: BedId, change: BedChange) -> Result<(), Refusal> {
        self.change_bed(id, change, true, "discovery").await
    }

    async fn change_bed(&self, id: BedId, change: BedChange, found: bool, by: &str) -> Result<(), Refusal> {
        let rows = self.shared.record.beds().map_err(|error| Refusal::new("record", error.to_string()))?;
        let present = rows.into_iter().find(|row| row.id == id);
        let mut row = present.clone().unwrap_or_else(|| new_row(id.clone(), self.shared.roster.ward.limits()));
        if let Some(name) = change.name {
            let name = name.trim().to_owned();
            if name.is_empty() || name.chars().count() > 40 || name.chars().any(char::is_control) {
                return Err(Refusal::new("bad_name", "A bed's name has 1 to 40 printable characters."));
            }
            row.name = name;
            row.found = found;
        }
        let (present_spec, present_seat) = self.shared.roster.present_port(&id).unwrap_or_default();
        // Naming the port it has is no change, but where the bed's adapter is nowhere what is there now is meant.
        let names_port = change.port.is_some();
        if let Some(port) = change.port {
            let port = port.filter(|port| !port.trim().is_empty());
            let has_it = |seat: &Seat| seat.path.as_ref().ok() == port.as_ref();
            if port != row.port && !present_seat.as_ref().is_some_and(has_it) {
                (row.port, row.bound) = (port, None);
            }
        }
        let names_protocol = change.protocol.is_some();
        if let Some(protocol) = change.protocol {
            row.protocol = protocol.map_or_else(|| "auto".to_owned(), |protocol| protocol.as_str().to_owned());
        }
        let away = present_seat.as_ref().is_some_and(|seat| seat.path.is_err());
        if names_port && away {
            row.bound = None;
        }
        if let Some(port) = &row.port
            && let Some((other, found)) = self.shared.roster.bed_of_port(port).filter(|(other, _)| *other != id)
        {
            if !found {
                let message = format!(
                    "The port {port} is named for bed {other:?} already; take it away there first.",
                    other = other.as_str()
                );
                return Err(Refusal::new("port_taken", message));
            }
            // The station made that bed for this very sensor, which has its bed now.
            self.remove_bed(&other, by).await?;
        }
        // A port that was named at the start stands in no row; what the change leaves out stays all the same.
        let spec = match (spec_of(&row), present_spec) {
            (None, Some(present)) if !names_port => {
                let protocol = if names_protocol { row.protocol.parse().ok() } else { present.protocol };
                Some(PortSpec { protocol, ..present })
            }
            (spec, _) => spec,
        };
        let seat = spec.as_ref().and_then(|spec| self.seat_of(&row, &spec.port));
        if let Some((bound, _)) = seat.as_ref().and_then(|seat| seat.bind.as_ref()) {
            row.bound = Some(bound.clone());
        }
        if self.shared.roster.orders(&id).is_none() {
            self.shared.roster.bring_up(row.clone(), spec.clone(), seat.clone(), None);
        }
        let (reply, answers) = mpsc::channel(2);
        let order = BedOrder::Configure {
            spec: spec.clone(),
            seat: seat.clone().map(Box::new),
            row: Box::new(row.clone()),
            by: by.to_owned(),
            reply,
        };
        self.order(&id, order).await?;
        last(answers).await?;
        self.shared.roster.note(&row, spec, seat);
        self.shared.seats.claims_changed();
        Ok(())
    }

    /// Where the sensor of a bed is that has just been given a port.
    fn seat_of(&self, row: &BedRow, port: &str) -> Option<Seat> {
        let mut wanted = self.shared.roster.wanted();
        wanted.retain(|other| other.claim.bed != row.id);
        wanted.push(Wanted::new(row.id.clone(), port, row.bound.clone(), row.found, true));
        let seats = self.shared.seats.decide(&wanted)?;
        seats.into_iter().find(|(bed, _)| *bed == row.id).map(|(_, seat)| seat)
    }

    /// Takes a bed away. Its past stays in the record.
    ///
    /// # Errors
    /// If there is no such bed.
    pub async fn remove_bed(&self, id: &BedId, by: &str) -> Result<(), Refusal> {
        let (reply, answers) = mpsc::channel(2);
        self.order(id, BedOrder::Remove { by: by.to_owned(), reply }).await?;
        last(answers).await?;
        self.shared.roster.forget(id);
        self.shared.seats.claims_changed();
        Ok(())
    }

    /// A technical condition of the station itself, such as [`Condition::SoundFailed`], begins, or ends with `None`.
    pub async fn condition(&self, condition: Condition, message: Option<String>) {
        // A stopped station has no alarms.
        let _ = self.shared.orders.send(HubOrder::Condition(condition, message)).await;
    }

    /// What a technical condition of the station is about has changed while it holds: told anew, as the same alarm.
    /// Where it is `worse` than before, an acknowledgement of before does not cover it.
    pub async fn condition_changed(&self, condition: Condition, message: String, worse: bool) {
        // A stopped station has no alarms.
        let _ = self.shared.orders.send(HubOrder::Retell(condition, message, worse)).await;
    }

    /// Hands over what is to be kept in the record beside its lines. Nobody waits for the disk.
    ///
    /// # Errors
    /// If the station has stopped: it is not kept.
    pub async fn keep(&self, changes: Vec<Change>) -> Result<(), Ended> {
        self.shared.orders.send(HubOrder::Keep(changes)).await.map_err(|_| Ended)
    }

    /// Writes an event about the station into the record; with `by` also into the audit log. Returns when it is passed
    /// on: an answer that is given then is given after its line.
    pub async fn event(&self, kind: &str, by: Option<&str>, detail: serde_json::Value) {
        let (kept, is_kept) = oneshot::channel();
        let order = HubOrder::Event {
            kind: kind.to_owned(),
            by: by.map(str::to_owned),
            detail,
            changes: Vec::new(),
            kept: Some(kept),
        };
        // A stopped station keeps no events.
        if self.shared.orders.send(order).await.is_ok() {
            let _ = is_kept.await;
        }
    }

    /// Whether sensors, record and hub work.
    pub async fn health(&self) -> Health {
        let mut troubles = Vec::new();
        troubles.extend(self.shared.trouble.borrow().clone());
        match self.follow().await {
            Err(Ended) => troubles.push(Ended.to_string()),
            Ok(following) => {
                for bed in following.beds {
                    if matches!(bed.sensor.state, SensorState::Disconnected | SensorState::Silent) {
                        let words = bed.sensor.message.clone().unwrap_or_else(|| "Its sensor does not work.".into());
                        troubles.push(format!("{}: {words}", bed.name));
                    }
                }
            }
        }
        Health { troubles }
    }
}

/// The last answer to an order.
async fn last(mut answers: mpsc::Receiver<Answer>) -> Result<serde_json::Value, Refusal> {
    let mut result = Err(stopping());
    while let Some(answer) = answers.recv().await {
        result = match answer {
            Answer::Accepted => continue,
            Answer::Done(value) => Ok(value),
            Answer::Refused(refusal) => Err(refusal),
        };
    }
    result
}

pub(crate) fn new_row(id: BedId, limits: Limits) -> BedRow {
    let name = format!("Bed {id}");
    BedRow {
        id,
        name,
        port: None,
        protocol: "auto".into(),
        limits,
        patient: None,
        history_from: None,
        found: false,
        bound: None,
    }
}

pub(crate) fn spec_of(row: &BedRow) -> Option<PortSpec> {
    row.port.clone().map(|port| PortSpec { port, protocol: row.protocol.parse().ok() })
}

fn unknown_bed(bed: &BedId) -> Refusal {
    Refusal::new("unknown_bed", format!("There is no bed {:?}.", bed.as_str()))
}

fn stopping() -> Refusal {
    Refusal::new("stopping", "The station is stopping.")
}

/// What the station tells of its start.
pub(crate) fn started_detail(version: &str, down_s: Option<f64>, clean: Option<bool>) -> serde_json::Value {
    json!({ "version": version, "down_s": down_s, "clean_stop_before": clean })
}
