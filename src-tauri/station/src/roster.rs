//! The beds of the station and how to reach each.

use crate::bed::{Bed, BedOrder, BedSetup, FirstCapture, Output};
use crate::capture::Captures;
use crate::clock::Clock;
use crate::hub::AlarmIds;
use crate::plug::{Seat, Wanted};
use crate::port::PortSpec;
use crate::simulated::Sensors;
use crate::ward::Ward;
use record::{BedRow, Record};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use vitals::{BedId, WallTime};

/// Orders that may wait for a bed.
const WAITING_ORDERS: usize = 32;

/// Everything that is needed to bring up a bed.
#[derive(Debug, Clone)]
pub(crate) struct Roster {
    pub(crate) clock: Clock,
    pub(crate) ids: AlarmIds,
    pub(crate) hub: mpsc::Sender<Output>,
    pub(crate) sensors: Sensors,
    pub(crate) ward: Ward,
    pub(crate) demo: bool,
    pub(crate) record: Record,
    pub(crate) captures: Captures,
    beds: Arc<Mutex<Beds>>,
}

#[derive(Debug, Default)]
struct Beds {
    links: BTreeMap<BedId, Link>,
    tasks: JoinSet<()>,
    stopping: bool,
}

#[derive(Debug)]
struct Link {
    orders: mpsc::Sender<BedOrder>,
    spec: Option<PortSpec>,
    seat: Option<Seat>,
    task: AbortHandle,
    row: BedRow,
}

/// What a seat binds is the bed's from now on; the bed itself writes it down.
fn note_binding(row: &mut BedRow, seat: Option<&Seat>) {
    if let Some((bound, _)) = seat.and_then(|seat| seat.bind.as_ref()) {
        row.bound = Some(bound.clone());
    }
}

impl Roster {
    #[expect(clippy::too_many_arguments, reason = "all that a bed is brought up with, each of a type of its own")]
    pub(crate) fn new(
        clock: Clock,
        ids: AlarmIds,
        hub: mpsc::Sender<Output>,
        sensors: Sensors,
        ward: Ward,
        demo: bool,
        record: Record,
        captures: Captures,
    ) -> Self {
        Self { clock, ids, hub, sensors, ward, demo, record, captures, beds: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Beds> {
        self.beds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings up a bed; `false` if one of that id lives already, or the station stops.
    pub(crate) fn bring_up(
        &self,
        row: BedRow,
        spec: Option<PortSpec>,
        seat: Option<Seat>,
        saved: Option<(WallTime, alarm::Saved)>,
    ) -> bool {
        self.bring_up_capturing(row, spec, seat, saved, None)
    }

    /// The same, with a capture that begins before its port is opened.
    pub(crate) fn bring_up_capturing(
        &self,
        mut row: BedRow,
        spec: Option<PortSpec>,
        seat: Option<Seat>,
        saved: Option<(WallTime, alarm::Saved)>,
        first_capture: Option<FirstCapture>,
    ) -> bool {
        let mut beds = self.lock();
        if beds.stopping || beds.links.contains_key(&row.id) {
            return false;
        }
        let (orders, received) = mpsc::channel(WAITING_ORDERS);
        let setup = BedSetup {
            row: row.clone(),
            spec: spec.clone(),
            seat: seat.clone(),
            rules: self.ward.rules,
            saved,
            demo: self.demo,
            preset: self.ward.limits(),
            record: self.record.clone(),
            captures: self.captures.clone(),
            first_capture,
        };
        note_binding(&mut row, seat.as_ref());
        let bed = Bed::new(setup, self.clock, self.ids.clone(), self.hub.clone(), received, self.sensors.clone());
        let task = beds.tasks.spawn(bed.live());
        beds.links.insert(row.id.clone(), Link { orders, spec, seat, task, row });
        true
    }

    pub(crate) fn orders(&self, bed: &BedId) -> Option<mpsc::Sender<BedOrder>> {
        self.lock().links.get(bed).map(|link| link.orders.clone())
    }

    /// How to reach every bed.
    pub(crate) fn all_orders(&self) -> Vec<mpsc::Sender<BedOrder>> {
        self.lock().links.values().map(|link| link.orders.clone()).collect()
    }

    /// Tells every bed that a clock has jumped.
    pub(crate) fn wake(&self) {
        for link in self.lock().links.values() {
            // A bed with so many orders waiting looks at the time with each of them.
            let _ = link.orders.try_send(BedOrder::Wake);
        }
    }

    /// The bed is to have this row and port from now on.
    pub(crate) fn note(&self, row: &BedRow, spec: Option<PortSpec>, seat: Option<Seat>) {
        if let Some(link) = self.lock().links.get_mut(&row.id) {
            link.row = row.clone();
            note_binding(&mut link.row, seat.as_ref());
            (link.spec, link.seat) = (spec, seat);
        }
    }

    /// The bed's sensor is at `seat`: how to tell the bed, if it does not know yet.
    pub(crate) fn seat(&self, bed: &BedId, seat: &Seat) -> Option<mpsc::Sender<BedOrder>> {
        let mut beds = self.lock();
        let link = beds.links.get_mut(bed)?;
        // Decided for a port that the bed had a moment ago.
        if link.spec.as_ref().is_none_or(|spec| spec.port != seat.named) {
            return None;
        }
        let known = link.seat.as_ref().is_some_and(|before| !seat.differs(before)) && seat.bind.is_none();
        note_binding(&mut link.row, Some(seat));
        link.seat = Some(seat.clone());
        (!known).then(|| link.orders.clone())
    }

    /// What each bed wants that has a port.
    pub(crate) fn wanted(&self) -> Vec<Wanted> {
        let claims: Vec<_> = {
            let beds = self.lock();
            let with_port = |(id, link): (&BedId, &Link)| {
                let port = link.spec.as_ref()?.port.clone();
                Some((id.clone(), port, link.row.bound.clone(), link.row.found))
            };
            beds.links.iter().filter_map(with_port).collect()
        };
        // Where names lead is asked of the disk: not under the lock.
        claims.into_iter().map(|(id, port, bound, found)| Wanted::new(id, &port, bound, found, false)).collect()
    }

    /// Beds that the station made by itself and whose sensor is nowhere.
    pub(crate) fn found_and_away(&self) -> Vec<BedId> {
        let away = |link: &&Link| link.row.found && link.seat.as_ref().is_some_and(|seat| seat.path.is_err());
        self.lock().links.values().filter(away).map(|link| link.row.id.clone()).collect()
    }

    pub(crate) fn forget(&self, bed: &BedId) {
        self.lock().links.remove(bed);
    }

    /// How many beds there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().links.len()
    }

    /// Which bed has a port, under whatever name, and whether the station made that bed by itself.
    pub(crate) fn bed_of_port(&self, port: &str) -> Option<(BedId, bool)> {
        let real = |port: &str| std::path::Path::new(port).canonicalize().ok();
        let wanted = real(port);
        let seats: Vec<_> = {
            let beds = self.lock();
            let taken = |(id, link): (&BedId, &Link)| {
                let named = link.spec.as_ref()?.port.clone();
                Some((id.clone(), link.row.found, named, link.seat.as_ref().map(|seat| seat.path.clone())))
            };
            beds.links.iter().filter_map(taken).collect()
        };
        let has = |named: &str, path: Option<&Result<String, String>>| match path {
            Some(Ok(path)) => path == port || (wanted.is_some() && real(path) == wanted),
            // Its adapter is elsewhere: the name alone holds nothing.
            Some(Err(_)) => false,
            None => named == port,
        };
        seats.into_iter().find(|(_, _, named, path)| has(named, path.as_ref())).map(|(id, found, ..)| (id, found))
    }

    /// Which bed the port's adapter makes its own, and the port it has now.
    pub(crate) fn present_port(&self, bed: &BedId) -> Option<(Option<PortSpec>, Option<Seat>)> {
        self.lock().links.get(bed).map(|link| (link.spec.clone(), link.seat.clone()))
    }

    /// The lowest whole number that names no bed yet.
    pub(crate) fn free_id(&self) -> Option<BedId> {
        let beds = self.lock();
        (1_u32..=10_000)
            .filter_map(|number| BedId::new(number.to_string()).ok())
            .find(|id| !beds.links.contains_key(id))
    }

    /// Waits until a bed's task ends; the row of the bed if it ended without being told to.
    pub(crate) async fn next_death(&self) -> (BedRow, Option<PortSpec>, Option<Seat>) {
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(250)).await;
            let mut beds = self.lock();
            while let Some(ended) = beds.tasks.try_join_next() {
                let Err(error) = ended else { continue };
                if beds.stopping {
                    continue;
                }
                let dead = beds.links.iter().find(|(_, link)| link.task.id() == error.id()).map(|(id, _)| id.clone());
                if let Some(link) = dead.and_then(|id| beds.links.remove(&id)) {
                    tracing::error!(bed = %link.row.id, %error, "A bed failed unexpectedly and is brought up again.");
                    return (link.row, link.spec, link.seat);
                }
            }
        }
    }

    /// Tells every bed to stop and waits until they have.
    pub(crate) async fn stop(&self) {
        let (links, mut tasks) = {
            let mut beds = self.lock();
            beds.stopping = true;
            (core::mem::take(&mut beds.links), core::mem::take(&mut beds.tasks))
        };
        for link in links.into_values() {
            // A bed that has ended needs no order.
            let _ = link.orders.send(BedOrder::Stop).await;
        }
        let all = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(std::time::Duration::from_secs(3), all).await.is_err() {
            tracing::warn!("Not every bed stopped within 3 s; what is left is ended.");
        }
    }
}
