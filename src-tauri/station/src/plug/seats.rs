//! Keeps each bed at its port: looks what is plugged in, decides, and tells the beds for which something changed.

use super::adapters::{Plugged, Ports, is_oximeters};
use super::binding::{Claim, Decision, Place, decide, known_again, mark};
use super::watch::Watch;
use crate::handle::Handle;
use oximeter::{Line, Protocol};
use record::{BedRow, Bound, Device, Mark, Record};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use vitals::{Adapter, BedId, WallTime};

/// A bed that the station made by itself goes away when its sensor has not been heard for this long and nobody named
/// it: what it measured stays in the record, and a sensor that comes back is found again.
const FOUND_KEPT: Duration = Duration::from_secs(3600);

/// Where a bed's sensor is, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seat {
    /// The port as it was named.
    pub(crate) named: String,
    /// What is opened; or why nothing is, in words.
    pub(crate) path: Result<String, String>,
    pub(crate) adapter: Option<Adapter>,
    /// Under what the sensor is remembered.
    pub(crate) key: Option<String>,
    /// What it was when it was last heard.
    pub(crate) known: Option<Device>,
    /// Whether bytes may be sent to find out who speaks.
    pub(crate) may_ask: bool,
    /// The adapter that is to be noted as the bed's, and whether it is new to it.
    pub(crate) bind: Option<(Bound, New)>,
    /// What is to be confirmed by staff.
    pub(crate) question: Option<String>,
}

/// Whether an adapter is new to its bed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum New {
    /// It is the same, in another socket.
    No,
    /// It is; with how it is known again, in words.
    Yes(String),
}

impl Seat {
    /// A port that is believed by its name, of which nothing is known.
    pub(crate) fn plain(named: &str) -> Self {
        let path = Ok(named.to_owned());
        Self {
            named: named.to_owned(),
            path,
            adapter: None,
            key: None,
            known: None,
            may_ask: true,
            bind: None,
            question: None,
        }
    }

    /// The protocol and line that are remembered.
    pub(crate) fn remembered(&self) -> Option<(Protocol, Line)> {
        let known = self.known.as_ref()?;
        let protocol: Protocol = known.protocol.parse().ok()?;
        let line = protocol.lines().iter().find(|line| line.baud == known.baud).copied();
        Some((protocol, line.unwrap_or_else(|| protocol.line())))
    }

    /// The bed has to be told: it is somewhere else, or bound to another adapter.
    pub(crate) fn differs(&self, before: &Self) -> bool {
        self.path != before.path || self.adapter != before.adapter || self.key != before.key
    }
}

/// What is plugged in, for discovery.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Plugs {
    pub(crate) present: Vec<Plugged>,
    /// USB ports that are no bed's.
    pub(crate) unknown: Vec<Plugged>,
}

/// Decides who sits where.
#[derive(Debug, Clone)]
pub(crate) struct Seats {
    ports: Ports,
    record: Record,
    changed: Arc<Notify>,
    /// What discovery understood, until it is remembered.
    heard: Arc<Mutex<HashMap<String, Device>>>,
    plugs: Arc<watch::Sender<Plugs>>,
}

impl Seats {
    pub(crate) fn new(ports: Ports, record: Record) -> Self {
        let plugs = Arc::new(watch::channel(Plugs::default()).0);
        Self { ports, record, changed: Arc::default(), heard: Arc::default(), plugs }
    }

    /// What speaks on a port for which a bed is about to be made.
    pub(crate) fn heard(&self, port: &Plugged, protocol: Protocol, line: Line, now: WallTime) {
        let present = self.plugs.borrow().present.clone();
        let Some((adapter, mark)) = port.adapter.as_ref().and_then(|one| Some((one, mark(one, &present)?))) else {
            return;
        };
        let device = Device {
            key: key(&adapter.usb, &mark),
            protocol: protocol.as_str().to_owned(),
            baud: line.baud,
            model: None,
            device_id: None,
            firmware: None,
            last_seen: now,
        };
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).insert(device.key.clone(), device);
    }

    /// What beds want has changed: it is decided anew soon.
    pub(crate) fn claims_changed(&self) {
        self.changed.notify_one();
    }

    /// What is plugged in, as it was last looked at.
    pub(crate) fn follow(&self) -> watch::Receiver<Plugs> {
        self.plugs.subscribe()
    }

    /// Looks and decides; `None` if the system does not tell, and all stays as it is.
    pub(crate) fn decide(&self, claims: &[Wanted]) -> Option<Vec<(BedId, Seat)>> {
        let present = self.ports.look()?;
        let devices = self.record.devices().unwrap_or_else(|error| {
            tracing::warn!(%error, "What sensors were is not to be read; they are found out anew.");
            Vec::new()
        });
        let devices: HashMap<&str, &Device> = devices.iter().map(|device| (device.key.as_str(), device)).collect();
        let claims_alone: Vec<Claim> = claims.iter().map(|wanted| wanted.claim.clone()).collect();
        let Decision { places, unknown } = decide(&present, &claims_alone);
        let seats = places.into_iter().zip(claims).map(|((bed, place), wanted)| {
            let mut seat = seat(place, wanted, &present);
            let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            let known =
                |key: &str| heard.get(key).filter(|_| wanted.found).or_else(|| devices.get(key).copied()).cloned();
            seat.known = seat.key.as_deref().and_then(known);
            (bed, seat)
        });
        let seats = seats.collect();
        self.plugs.send_if_modified(|before| {
            let now = Plugs { present, unknown };
            let changed = *before != now;
            *before = now;
            changed
        });
        Some(seats)
    }
}

/// A bed that wants a port, and whether a person named it for this bed.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) claim: Claim,
    pub(crate) found: bool,
}

impl Wanted {
    /// `named_now`: see [`Claim::named_now`].
    pub(crate) fn new(bed: BedId, port: &str, bound: Option<Bound>, found: bool, named_now: bool) -> Self {
        Self { claim: Claim::new(bed, port, bound, named_now), found }
    }
}

fn seat(place: Place, wanted: &Wanted, present: &[Plugged]) -> Seat {
    let Wanted { claim, found } = wanted;
    match place {
        Place::Away(why) => Seat {
            named: claim.port.clone(),
            path: Err(why.to_string()),
            adapter: None,
            key: None,
            known: None,
            may_ask: false,
            bind: None,
            question: None,
        },
        Place::At { path, adapter, bind, replaces } => {
            let question = replaces.then(|| {
                let name = adapter.as_ref().map_or("An adapter", |adapter| adapter.name.as_str());
                format!(
                    "{name} is at {path}, where another adapter was before. Is this the sensor of this bed? Confirm it, \
                     or plug the right one in."
                )
            });
            let known_again = adapter.as_ref().map(|adapter| known_again(adapter, present));
            let same_adapter = |bound: &Bound| {
                claim.bound.as_ref().is_some_and(|before| match (&before.mark, &bound.mark) {
                    (Mark::Serial { serial: one, .. }, Mark::Serial { serial: other, .. }) => one == other,
                    (one, other) => one == other,
                })
            };
            let bind = bind.map(|bound| {
                let new =
                    if same_adapter(&bound) { New::No } else { New::Yes(known_again.clone().unwrap_or_default()) };
                (bound, new)
            });
            let marked = adapter.as_ref().and_then(|adapter| Some((adapter, mark(adapter, present)?)));
            let key = match marked {
                Some((adapter, mark)) => key(&adapter.usb, &mark),
                None => format!("port {}", claim.port),
            };
            let may_ask = !found || adapter.as_ref().is_some_and(is_oximeters);
            let named = claim.port.clone();
            Seat { named, path: Ok(path), adapter, key: Some(key), known: None, may_ask, bind, question }
        }
    }
}

/// Under what the sensor behind an adapter is remembered.
fn key(usb: &str, mark: &Mark) -> String {
    match mark {
        Mark::Serial { serial, .. } => format!("usb {usb} serial {serial}"),
        Mark::Place(place) => format!("usb {usb} at {place}"),
    }
}

/// Keeps the beds at their ports until cancelled.
pub(crate) async fn keep(handle: Handle, cancel: CancellationToken) {
    let seats = handle.shared.seats.clone();
    let watch = Watch::new(seats.ports.folder());
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = watch.changed() => {}
            () = seats.changed.notified() => {}
        }
        let (roster, looking) = (handle.shared.roster.clone(), seats.clone());
        let decided = tokio::task::spawn_blocking(move || looking.decide(&roster.wanted())).await;
        let Ok(Some(decided)) = decided else { continue };
        for (bed, seat) in decided {
            if let Some(orders) = handle.shared.roster.seat(&bed, &seat) {
                tracing::debug!(%bed, path = ?seat.path, "The bed's sensor is somewhere else now.");
                // A bed that has ended needs no port.
                let _ = orders.send(crate::bed::BedOrder::Seat(Box::new(seat))).await;
            }
        }
        clear_away(&handle).await;
    }
}

/// Takes beds away that nobody ever named and whose sensor has gone for long.
async fn clear_away(handle: &Handle) {
    let away = handle.shared.roster.found_and_away();
    if away.is_empty() {
        return;
    }
    let (Ok(rows), Ok(devices)) = (handle.record().beds(), handle.record().devices()) else { return };
    for bed in gone_for_long(handle.clock().now().wall, &away, &rows, &devices) {
        tracing::info!(%bed, "Nobody named this bed, and its sensor has gone; it is taken away.");
        // Somebody may just have taken it away.
        let _ = handle.remove_bed(&bed, "discovery").await;
    }
}

/// Those of the beds `away` that nobody named, in which nobody lies, and whose sensor was last heard long ago.
fn gone_for_long(now: WallTime, away: &[BedId], rows: &[BedRow], devices: &[Device]) -> Vec<BedId> {
    let last_heard = |row: &BedRow| {
        let bound = row.bound.as_ref()?;
        let key = key(&bound.usb, &bound.mark);
        devices.iter().find(|device| device.key == key).map(|device| device.last_seen)
    };
    let nobodys = rows.iter().filter(|row| row.found && row.patient.is_none() && away.contains(&row.id));
    let gone = nobodys.filter(|row| last_heard(row).is_some_and(|heard| now.since(heard) >= FOUND_KEPT));
    gone.map(|row| row.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::new_row;

    #[test]
    fn a_found_bed_that_nobody_named_goes_an_hour_after_its_sensor_and_no_other_does() {
        let bed = |id: &str| BedId::new(id).unwrap();
        let at = |minutes: i64| WallTime::from_millis(minutes * 60_000);
        let mark = Mark::Place("usb 1-1".into());
        let device = Device {
            key: key("10c4:ea60", &mark),
            protocol: "cms50".into(),
            baud: 19_200,
            model: None,
            device_id: None,
            firmware: None,
            last_seen: at(0),
        };
        let bound = Some(Bound { port: "/dev/ttyUSB0".into(), usb: "10c4:ea60".into(), mark });
        let found = BedRow { found: true, bound, ..new_row(bed("1"), vitals::Limits::ADULT) };
        let clears = |row: &BedRow, minutes: i64, away: &[BedId]| {
            !gone_for_long(at(minutes), away, core::slice::from_ref(row), core::slice::from_ref(&device)).is_empty()
        };
        assert!(!clears(&found, 59, &[bed("1")]));
        assert!(clears(&found, 60, &[bed("1")]));
        assert!(!clears(&found, 600, &[]), "its sensor is there");
        assert!(!clears(&BedRow { found: false, ..found.clone() }, 600, &[bed("1")]), "it has a name");
        let patient = Some(vitals::Patient { id: "4711".into(), name: None });
        assert!(!clears(&BedRow { patient, ..found }, 600, &[bed("1")]), "somebody lies in it");
    }
}
