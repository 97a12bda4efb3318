//! Resuming: every line after a number, exactly once and in order, and then live without a hole. Or a gap, said aloud.

use super::connection::Connection;
use super::messages;
use crate::fanout::{Attached, Calls, Client, Fields, Line, Position, Start};
use crate::rest::Shared;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use vitals::{BedId, Body, Epoch, Numbers, Recorded, Seq, StatusSet};

/// Lines read from the record at a time.
const AT_A_TIME: usize = 1000;
/// A client that takes longer than this for what was read at a time is not reading.
const LONGEST: Duration = Duration::from_secs(10);

/// The newest line that a client has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Since {
    pub(crate) epoch: Epoch,
    pub(crate) seq: Seq,
}

impl Since {
    /// Reads `EPOCH:SEQ`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (epoch, seq) = text.rsplit_once(':')?;
        let good = !epoch.is_empty() && !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit());
        good.then(|| seq.parse().ok()).flatten().map(|seq| Self { epoch: Epoch(epoch.to_owned()), seq: Seq(seq) })
    }
}

/// Brings a client up to date and lets it in with the others. `false`: it has gone, or the record cannot be read.
pub(super) async fn resume(connection: &mut Connection, client: &Arc<Client>, shared: &Shared, since: &Since) -> bool {
    let now = shared.fanout.seq();
    if since.epoch != *shared.station.epoch() {
        return restart(connection, client, shared, since.seq, now, "epoch");
    }
    if since.seq > now {
        return restart(connection, client, shared, since.seq, now, "future");
    }
    let record = shared.station.record().clone();
    let first = tokio::task::spawn_blocking(move || record.first_seq()).await;
    let Ok(Ok(first)) = first else { return false };
    if since.seq.next() < first {
        return restart(connection, client, shared, since.seq, now, "expired");
    }

    let calls = shared.fanout.calls();
    let mut sent = Sent { after: since.seq, first: None, last: None, said: HashMap::new(), calls };
    loop {
        let to = match shared.fanout.attach_after(client, Position { after: sent.after }) {
            Attached::Live { missed, beds } => {
                for line in missed {
                    sent.line(connection, client, &line);
                }
                let from = sent.first.unwrap_or(sent.after.next());
                let to = sent.last.unwrap_or(Seq(from.0 - 1));
                connection.send(messages::resumed(from, to));
                let subscription = client.subscription();
                if subscription.views {
                    let now = shared.station.clock().station();
                    let beds = beds.iter().filter(|bed| subscription.wants(Some(&bed.id)));
                    connection.send_all(beds.map(|bed| messages::bed(bed, now)));
                }
                return true;
            }
            Attached::Behind { to } => to,
        };
        let (record, from) = (shared.station.record().clone(), sent.after.next());
        let read = tokio::task::spawn_blocking(move || record.lines(from, to, AT_A_TIME)).await;
        let Ok(Ok(lines)) = read else { return false };
        for recorded in &lines {
            // Within this run the count has no holes: one that is there was never written, and is not passed over.
            if recorded.seq > from.max(shared.fanout.run_began) && recorded.seq != sent.after.next() {
                return restart(connection, client, shared, sent.after, now, "not_stored");
            }
            sent.recorded(connection, client, recorded);
        }
        if lines.len() < AT_A_TIME {
            if to >= shared.fanout.run_began && sent.after < to {
                return restart(connection, client, shared, sent.after, now, "not_stored");
            }
            sent.after = to;
        }
        if !connection.drain(LONGEST).await {
            return false;
        }
    }
}

/// That span is not to be had: said so, and begun anew.
fn restart(
    connection: &mut Connection,
    client: &Arc<Client>,
    shared: &Shared,
    after: Seq,
    to: Seq,
    reason: &str,
) -> bool {
    messages::gap(connection, after.next(), to, reason);
    let start: Start = shared.fanout.attach(Arc::clone(client));
    let subscription = client.subscription();
    let now = shared.station.clock().station();
    connection.send(messages::snapshot(&start, now, |bed| subscription.wants(Some(bed))));
    true
}

struct Sent {
    after: Seq,
    first: Option<Seq>,
    last: Option<Seq>,
    /// The reading before, for those who want changes alone.
    said: HashMap<Option<BedId>, (Numbers, StatusSet)>,
    /// The alarms for which others are called now, and those for which they were on the way here.
    calls: Calls,
}

impl Sent {
    fn line(&mut self, connection: &mut Connection, client: &Client, line: &Line) {
        let seq = line.recorded.seq;
        if let Some(frame) = line.frame(&client.subscription()) {
            self.first.get_or_insert(seq);
            self.last = Some(seq);
            connection.send(frame);
        }
        self.after = seq;
    }

    fn recorded(&mut self, connection: &mut Connection, client: &Client, recorded: &Recorded) {
        let differs = match &recorded.body {
            Body::Reading(reading) => {
                let before = self.said.insert(recorded.bed.clone(), (reading.numbers, reading.status));
                Fields::differing(before, reading)
            }
            _ => Fields::ALL,
        };
        let to_all = self.calls.note(recorded, false);
        self.line(connection, client, &Line::new(Arc::new(recorded.clone()), differs, to_all));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_epoch_and_a_number_are_a_place_in_the_record() {
        let since = Since::parse("0f6c:1041").unwrap();
        assert_eq!((since.epoch.0.as_str(), since.seq), ("0f6c", Seq(1041)));
        for wrong in ["", "1041", ":1041", "0f6c:", "0f6c:-1", "0f6c:+1", "0f6c:1e3", "0f6c:99999999999999999999999"] {
            assert_eq!(Since::parse(wrong), None, "{wrong}");
        }
    }
}
