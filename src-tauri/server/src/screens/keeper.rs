//! The way of what screens say into the record: a queue with a bound, and one task that waits for the disk in place of
//! the connections and the alarms.

use super::register::Taken;
use crate::fanout::{Client, Fanout, Receipt, text};
use bytes::Bytes;
use record::Change;
use serde_json::{Value, json};
use station::Handle;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use vitals::{AlarmId, StationTime};

/// Orders that are carried out together.
const TOGETHER: usize = 256;
/// Receipts that one screen can make the record keep in an hour. A ward of 64 beds where every bed alarms every two
/// minutes needs 4000.
const IN_AN_HOUR: u32 = 5000;

/// What is to be kept or told.
#[derive(Debug)]
pub(super) enum Order {
    Receipt { client: Arc<Client>, receipt: Receipt, answers: mpsc::Sender<Bytes> },
    Keep(Change),
    Tell { kind: &'static str, by: Option<String>, detail: Value },
}

/// See the module.
#[derive(Debug)]
pub(super) struct Keeper {
    station: Handle,
    fanout: Fanout,
    taken: Taken,
    allowance: Allowance,
}

impl Keeper {
    pub(super) fn new(station: Handle, fanout: Fanout, taken: Taken) -> Self {
        Self { station, fanout, taken, allowance: Allowance::default() }
    }

    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>, stop: CancellationToken) {
        let mut together = Vec::with_capacity(TOGETHER);
        loop {
            tokio::select! {
                biased;
                count = orders.recv_many(&mut together, TOGETHER) => if count == 0 {
                    return;
                },
                () = stop.cancelled() => return,
            }
            let known = self.known(&together).await;
            let (mut changes, mut events) = (Vec::new(), Vec::new());
            for order in together.drain(..) {
                match order {
                    Order::Keep(change) => changes.push(change),
                    Order::Tell { kind, by, detail } => events.push((kind, by, detail)),
                    Order::Receipt { client, receipt, answers } => {
                        changes.extend(self.receipt(&client, receipt, &answers, known.as_ref()));
                    }
                }
            }
            if !changes.is_empty() && self.station.keep(changes).await.is_err() {
                tracing::warn!("What screens said as the station stopped is not kept.");
                return;
            }
            for (kind, by, detail) in events {
                self.station.event(kind, by.as_deref(), detail).await;
            }
        }
    }

    /// Which of the alarms that receipts name there are; `None` if that cannot be found out.
    async fn known(&self, orders: &[Order]) -> Option<HashSet<AlarmId>> {
        let named: HashSet<AlarmId> = orders
            .iter()
            .filter_map(|order| match order {
                Order::Receipt { receipt, .. } => Some(receipt.alarm),
                _ => None,
            })
            .collect();
        // An active alarm is shown also while a slow disk keeps it out of the record.
        let (mut known, others): (HashSet<_>, HashSet<_>) =
            named.into_iter().partition(|alarm| self.fanout.has_alarm(*alarm));
        let others: Vec<_> = others.into_iter().collect();
        if others.is_empty() {
            return Some(known);
        }
        let record = self.station.record().clone();
        match tokio::task::spawn_blocking(move || record.known_alarms(&others)).await {
            Ok(Ok(recorded)) => {
                known.extend(recorded);
                Some(known)
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "Receipts of screens are not kept: it cannot be looked up for which alarms.");
                None
            }
            Err(_) => None,
        }
    }

    fn receipt(
        &mut self,
        client: &Client,
        receipt: Receipt,
        answers: &mpsc::Sender<Bytes>,
        known: Option<&HashSet<AlarmId>>,
    ) -> Option<Change> {
        if !known?.contains(&receipt.alarm) {
            // One that does not read its answers does without.
            let _ = answers.try_send(unknown_alarm(&receipt.alarm.to_string()));
            return None;
        }
        if !self.allowance.allows(&client.name, self.station.clock().station()) {
            let message = format!("A screen may send {IN_AN_HOUR} receipts an hour; this one is not kept.");
            let _ = answers.try_send(text(&json!({ "type": "error", "code": "too_often", "message": message })));
            return None;
        }
        client.keep_receipt(receipt);
        self.taken.count(&client.name);
        let Receipt { alarm, shown, sounded, time } = receipt;
        (shown || sounded).then(|| {
            Change::Receipt(record::Receipt {
                alarm,
                client: client.name.clone(),
                address: client.place(),
                shown: shown.then_some(time),
                sounded: sounded.then_some(time),
            })
        })
    }
}

/// The answer to a receipt for an alarm that never was.
pub(crate) fn unknown_alarm(alarm: &str) -> Bytes {
    let message = format!("There is no alarm {alarm:?}, so the receipt is not kept.");
    text(&json!({ "type": "error", "code": "unknown_alarm", "message": message }))
}

/// What each screen has made the record keep in its present hour.
#[derive(Debug, Default)]
struct Allowance(HashMap<String, (StationTime, u32)>);

impl Allowance {
    fn allows(&mut self, name: &str, now: StationTime) -> bool {
        let (since, spent) = self.0.entry(name.to_owned()).or_insert((now, 0));
        if now.since(*since) >= Duration::from_secs(3600) {
            (*since, *spent) = (now, 0);
        }
        *spent += 1;
        if *spent == IN_AN_HOUR + 1 {
            tracing::warn!(
                client = name,
                "A screen sends too many receipts; those of the rest of the hour are not kept."
            );
        }
        *spent <= IN_AN_HOUR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_screen_can_make_the_record_keep_has_a_bound_that_is_no_other_screens() {
        let mut allowance = Allowance::default();
        let at = |seconds| StationTime::from_start(Duration::from_secs(seconds));
        let kept = (0..u64::from(IN_AN_HOUR) + 100).filter(|second| allowance.allows("anna", at(second / 2))).count();
        assert_eq!(kept, IN_AN_HOUR as usize);
        assert!(allowance.allows("ben", at(3000)));
        assert!(allowance.allows("anna", at(3600)), "the next hour");
    }
}
