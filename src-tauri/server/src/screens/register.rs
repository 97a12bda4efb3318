//! Who is armed and who is missing, as the connections, the record and the station are told.

use super::keeper::{Keeper, Order};
use super::watch::{Arming, Missing, Verdict, Watch, named, words};
use crate::access::Access;
use crate::fanout::{Client, Fanout, Receipt};
use bytes::Bytes;
use record::{ArmedClient, Change, QueryError};
use serde_json::{Value, json};
use station::{Handle, hour_and_minute};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vitals::Condition;

/// It is looked this often who is there.
const LOOK: Duration = Duration::from_millis(250);
/// What may wait for the record.
const WAITING: usize = 1024;

/// See the module. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Screens {
    watch: Arc<Mutex<Watch>>,
    station: Handle,
    access: Access,
    orders: mpsc::Sender<Order>,
    taken: Taken,
}

/// Receipts of this run by the name of the screen's token.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken(Arc<Mutex<HashMap<String, u64>>>);

impl Taken {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self, name: &str) {
        *self.lock().entry(name.to_owned()).or_default() += 1;
    }

    fn of(&self, name: &str) -> u64 {
        self.lock().get(name).copied().unwrap_or_default()
    }
}

impl Screens {
    /// Expects those back that were armed when the station ended, and begins to look.
    pub(crate) fn start(
        station: Handle,
        fanout: Fanout,
        access: Access,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Self, QueryError> {
        let own = fanout.look().station_alarms;
        let was = own.into_iter().find(|alarm| alarm.condition == Condition::ClientLost).map(|alarm| alarm.message);
        let was_missing = |name: &str| was.as_ref().is_some_and(|words| words.contains(&named(name)));
        let watch = Watch::new(station.clock().now(), station.record().armed_clients()?, was_missing);
        let (orders, received) = mpsc::channel(WAITING);
        let taken = Taken::default();
        let screens =
            Self { watch: Arc::new(Mutex::new(watch)), station: station.clone(), access, orders, taken: taken.clone() };
        let keeper = Keeper::new(station, fanout.clone(), taken);
        let end = stop.clone();
        tasks.spawn(async move { keeper.run(received, end).await });
        tasks.spawn(screens.clone().look(fanout, stop.clone()));
        Ok(screens)
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look(self, fanout: Fanout, stop: CancellationToken) {
        // Who was missing when the station ended is missing still. It is the same alarm, and whoever answered it has.
        let missing = self.lock().missing();
        if !missing.is_empty() {
            let message = words(&missing, hour_and_minute);
            self.station.condition(Condition::ClientLost, Some(message)).await;
        }
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = looks.tick() => {}
            }
            let clients = fanout.clients();
            let verdict = {
                let mut watch = self.lock();
                for client in clients.iter().filter(|client| client.is_armed()) {
                    if let Some(pulse) = client.pulse() {
                        watch.heard(client.id, pulse.heard());
                    }
                }
                watch.look(self.station.clock().now())
            };
            let station = &self.station;
            match verdict {
                None => {}
                Some(Verdict::AllBack) => station.condition(Condition::ClientLost, None).await,
                Some(Verdict::Better(missing)) => {
                    let message = words(&missing, hour_and_minute);
                    station.condition_changed(Condition::ClientLost, message, false).await;
                }
                Some(Verdict::Worse(missing)) => {
                    let message = words(&missing, hour_and_minute);
                    tracing::warn!("{message}");
                    station.condition_changed(Condition::ClientLost, message, true).await;
                }
            }
        }
    }

    /// Nobody waits for the record.
    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
            tracing::error!("Something that a screen said is not kept: too much waits for the record.");
        }
    }

    fn tell(&self, kind: &'static str, by: Option<&str>, detail: Value) {
        self.order(Order::Tell { kind, by: by.map(str::to_owned), detail });
    }

    /// This connection's screen sounds alarms from now on.
    pub(crate) fn arm(&self, client: &Client) {
        client.set_armed(true);
        // Beside the station's own window the program itself sounds, with the window closed too.
        if self.access.is_session(&client.token) {
            return;
        }
        let (name, address) = (&client.name, client.place());
        let now = self.station.clock().now();
        let (arming, since) = {
            let mut watch = self.lock();
            (watch.arm(now, client.id, name, &address), watch.armed_since(name).unwrap_or(now.wall))
        };
        if arming != Arming::Known {
            let armed = ArmedClient { client: name.clone(), address: address.clone(), since };
            self.order(Order::Keep(Change::Armed(armed)));
        }
        if arming == Arming::New {
            self.tell("client_armed", Some(name), json!({ "client": name, "address": address }));
        }
    }

    /// It says that it will not sound any more.
    pub(crate) fn disarm(&self, client: &Client) {
        self.let_go(client, Some(&client.name));
    }

    /// The station closes the connection: it is not missed for that.
    pub(crate) fn dismiss(&self, client: &Client) {
        self.let_go(client, None);
    }

    fn let_go(&self, client: &Client, by: Option<&str>) {
        client.set_armed(false);
        let disarmed = self.lock().disarm(client.id);
        if let Some(name) = disarmed {
            self.tell("client_disarmed", by, json!({ "client": name, "address": client.place() }));
            self.order(Order::Keep(Change::Disarmed(name)));
        }
    }

    /// The connection has ended.
    pub(crate) fn ended(&self, connection: u64) {
        self.lock().ended(self.station.clock().now(), connection);
    }

    /// Nobody waits for screens whose token is no more.
    pub(crate) fn forget_revoked(&self) {
        let forgotten = self.lock().forget(|name| self.access.knows(name));
        for name in forgotten {
            self.tell("client_disarmed", None, json!({ "client": name, "address": null }));
            self.order(Order::Keep(Change::Disarmed(name)));
        }
    }

    /// A person says that a missing screen is not to be missed any more; `false` if it is not missing.
    pub(crate) fn remove(&self, name: &str, by: &str) -> bool {
        let Some(missing) = self.lock().remove(name) else { return false };
        let detail = json!({ "client": missing.name, "address": missing.address, "gone_since": missing.gone });
        self.tell("client_removed", Some(by), detail);
        self.order(Order::Keep(Change::Disarmed(missing.name)));
        true
    }

    /// What a screen says it did with an alarm. An alarm that never was is answered through `answers`.
    pub(crate) fn receipt(&self, client: &Arc<Client>, receipt: Receipt, answers: &mpsc::Sender<Bytes>) {
        self.order(Order::Receipt { client: Arc::clone(client), receipt, answers: answers.clone() });
    }

    /// How many screens are armed, here or missing; and how many are missing.
    pub(crate) fn count(&self) -> (usize, usize) {
        let watch = self.lock();
        (watch.armed(), watch.missing().len())
    }

    /// Receipts since the start.
    pub(crate) fn receipts(&self) -> u64 {
        self.taken.lock().values().sum()
    }

    /// Every connection and every missing screen, as `GET /api/v1/clients` shows them.
    pub(crate) fn list(&self, clients: &[Arc<Client>]) -> Vec<Value> {
        let here = clients.iter().map(|client| {
            let mut shown = client.describe();
            shown["receipts"] = self.taken.of(&client.name).into();
            shown
        });
        let missing = self.lock().missing();
        here.chain(missing.iter().map(|missing| self.describe(missing))).collect()
    }

    fn describe(&self, missing: &Missing) -> Value {
        json!({
            "id": format!("{LOST}{}", missing.name),
            "name": missing.name,
            "role": self.access.role_of(&missing.name),
            "address": missing.address,
            "since": missing.armed,
            "behind": { "lines": 0, "waves": 0, "bytes": 0 },
            "sent": null,
            "dropped_waves": 0,
            "armed": true,
            "latency_ms": null,
            "last_receipt": null,
            "lost": true,
            "gone_since": missing.gone,
            "receipts": self.taken.of(&missing.name),
        })
    }
}

/// What the ids of missing screens begin with; those of connections are numbers.
pub(crate) const LOST: &str = "lost-";
