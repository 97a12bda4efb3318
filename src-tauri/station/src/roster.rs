//! The beds of the station and how to reach each.

use crate::bed::{Bed, BedOrder, BedSetup, Output};
use crate::clock::Clock;
use crate::hub::AlarmIds;
use crate::port::PortSpec;
use crate::simulated::Sensors;
use alarm::Rules;
use oximeter::Protocol;
use record::BedRow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use vitals::{BedId, Limits};

/// Orders that may wait for a bed.
const WAITING_ORDERS: usize = 32;

/// Everything that is needed to bring up a bed.
#[derive(Debug, Clone)]
pub(crate) struct Roster {
    pub(crate) clock: Clock,
    pub(crate) ids: AlarmIds,
    pub(crate) hub: mpsc::Sender<Output>,
    pub(crate) sensors: Sensors,
    pub(crate) rules: Rules,
    pub(crate) demo: bool,
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
    port: Option<String>,
    task: AbortHandle,
    row: BedRow,
}

impl Roster {
    pub(crate) fn new(
        clock: Clock,
        ids: AlarmIds,
        hub: mpsc::Sender<Output>,
        sensors: Sensors,
        rules: Rules,
        demo: bool,
    ) -> Self {
        Self { clock, ids, hub, sensors, rules, demo, beds: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Beds> {
        self.beds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings up a bed; `false` if one of that id lives already, or the station stops.
    pub(crate) fn bring_up(&self, row: BedRow, spec: Option<PortSpec>, saved: Option<alarm::Saved>) -> bool {
        let mut beds = self.lock();
        if beds.stopping || beds.links.contains_key(&row.id) {
            return false;
        }
        let (orders, received) = mpsc::channel(WAITING_ORDERS);
        let port = spec.as_ref().map(|spec| spec.port.clone());
        let setup =
            BedSetup { row: row.clone(), spec, rules: self.rules, saved, demo: self.demo, preset: Limits::ADULT };
        let bed = Bed::new(setup, self.clock, self.ids.clone(), self.hub.clone(), received, self.sensors.clone());
        let task = beds.tasks.spawn(bed.live());
        beds.links.insert(row.id.clone(), Link { orders, port, task, row });
        true
    }

    pub(crate) fn orders(&self, bed: &BedId) -> Option<mpsc::Sender<BedOrder>> {
        self.lock().links.get(bed).map(|link| link.orders.clone())
    }

    /// The bed is to have this row and port from now on.
    pub(crate) fn note(&self, row: &BedRow, port: Option<String>) {
        if let Some(link) = self.lock().links.get_mut(&row.id) {
            link.row = row.clone();
            link.port = port;
        }
    }

    pub(crate) fn forget(&self, bed: &BedId) {
        self.lock().links.remove(bed);
    }

    /// How many beds there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().links.len()
    }

    /// Which bed a port is named for.
    pub(crate) fn bed_of_port(&self, port: &str) -> Option<BedId> {
        self.lock().links.iter().find(|(_, link)| link.port.as_deref() == Some(port)).map(|(id, _)| id.clone())
    }

    /// The lowest whole number that names no bed yet.
    pub(crate) fn free_id(&self) -> Option<BedId> {
        let beds = self.lock();
        (1_u32..=10_000)
            .filter_map(|number| BedId::new(number.to_string()).ok())
            .find(|id| !beds.links.contains_key(id))
    }

    /// Waits until a bed's task ends; the row of the bed if it ended without being told to.
    pub(crate) async fn next_death(&self) -> (BedRow, Option<PortSpec>) {
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
                    let protocol = link.row.protocol.parse::<Protocol>().ok();
                    return (link.row, link.port.map(|port| PortSpec { port, protocol }));
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
