//! A client and its bounded queue. Nobody waits for a client.

use super::Subscription;
use crate::socket::Pulse;
use bytes::Bytes;
use record::Role;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::Notify;
use vitals::{AlarmId, Seq, WallTime};

/// Wave messages that may wait; past it waves are dropped and counted. About two seconds of one bed.
const WAITING_WAVES: usize = 50;
/// Lines of the record that may wait; past it the client is closed with 1013 and may resume.
const WAITING_LINES: usize = 1024;
/// Bytes of lines that may wait.
const WAITING_BYTES: usize = 256 << 10;
/// Alarms of which it is remembered what this connection said: what it says again is not written again.
const REMEMBERED: usize = 1024;

/// Why a connection is ended by the station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It fell behind.
    Behind,
    /// Its token was revoked.
    Revoked,
    /// An admin closed it.
    Closed,
    /// The station stops.
    Stopping,
}

impl Ending {
    /// The close code and its reason.
    pub(crate) const fn code(self) -> (u16, &'static str) {
        match self {
            Self::Behind => (1013, "fell behind; resume with since"),
            Self::Revoked => (1008, "the token was revoked"),
            Self::Closed => (1008, "closed by an admin"),
            Self::Stopping => (1001, "the station stops"),
        }
    }
}

/// What a client says it did with an alarm.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub(crate) struct Receipt {
    pub(crate) alarm: AlarmId,
    pub(crate) shown: bool,
    pub(crate) sounded: bool,
    pub(crate) time: WallTime,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The hash of the token it came in with.
    pub(crate) token: [u8; 32],
    pub(crate) address: SocketAddr,
    pub(crate) since: WallTime,
    /// It says that it sounds alarms.
    armed: AtomicBool,
    /// Its connection, once it is open.
    pulse: OnceLock<Arc<Pulse>>,
    queue: Mutex<Queue>,
    woken: Notify,
    ended_again: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    subscription: Subscription,
    frames: VecDeque<Frame>,
    lines: usize,
    line_bytes: usize,
    waves: usize,
    dropped_waves: u64,
    dropped_untold: u64,
    ending: Option<Ending>,
    sent: Seq,
    receipt: Option<Receipt>,
    /// What it said of each alarm: shown, sounded.
    said: HashMap<AlarmId, (bool, bool)>,
}

#[derive(Debug)]
struct Frame {
    bytes: Bytes,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Line,
    Waves,
    Other,
}

/// What the connection takes from its queue in one go.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) frames: VecDeque<Bytes>,
    /// Waves that were dropped since the last time it was told.
    pub(crate) dropped: u64,
    pub(crate) ending: Option<Ending>,
}

impl Client {
    pub(crate) fn new(
        id: u64,
        name: String,
        role: Role,
        token: [u8; 32],
        address: SocketAddr,
        since: WallTime,
        subscription: Subscription,
    ) -> Self {
        let queue = Mutex::new(Queue { subscription, ..Queue::default() });
        let (armed, pulse) = (AtomicBool::new(false), OnceLock::new());
        let (woken, ended_again) = (Notify::new(), Notify::new());
        Self { id, name, role, token, address, since, armed, pulse, queue, woken, ended_again }
    }

    /// Its connection is open; what can be told of it is told by `pulse`.
    pub(crate) fn connected(&self, pulse: Arc<Pulse>) {
        // It has one connection, ever.
        let _ = self.pulse.set(pulse);
    }

    pub(crate) fn pulse(&self) -> Option<&Pulse> {
        self.pulse.get().map(AsRef::as_ref)
    }

    /// Where it is, without a port: that is another one each time.
    pub(crate) fn place(&self) -> String {
        self.address.ip().to_canonical().to_string()
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.armed.load(Ordering::Relaxed)
    }

    /// Notes whether it sounds alarms; what it was before.
    pub(crate) fn set_armed(&self, armed: bool) -> bool {
        self.armed.swap(armed, Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn subscription(&self) -> Subscription {
        self.lock().subscription.clone()
    }

    pub(crate) fn subscribe(&self, subscription: Subscription) {
        self.lock().subscription = subscription;
    }

    /// Notes what it said of an alarm that there is.
    pub(crate) fn keep_receipt(&self, receipt: Receipt) {
        let mut queue = self.lock();
        if queue.said.len() >= REMEMBERED {
            queue.said.clear();
        }
        let said = queue.said.entry(receipt.alarm).or_default();
        *said = (said.0 || receipt.shown, said.1 || receipt.sounded);
        queue.receipt = Some(receipt);
    }

    /// Whether it has said the same before.
    pub(crate) fn has_said(&self, receipt: &Receipt) -> bool {
        let queue = self.lock();
        let said = queue.said.get(&receipt.alarm);
        said.is_some_and(|(shown, sounded)| (*shown || !receipt.shown) && (*sounded || !receipt.sounded))
    }

    /// Ends the connection. What waits is not sent any more.
    pub(crate) fn end(&self, ending: Ending) {
        let mut queue = self.lock();
        if queue.ending.is_none() {
            let (sent, subscription) = (queue.sent, queue.subscription.clone());
            let (dropped_waves, receipt) = (queue.dropped_waves, queue.receipt.take());
            *queue = Queue { ending: Some(ending), sent, subscription, dropped_waves, receipt, ..Queue::default() };
        } else {
            self.ended_again.notify_one();
        }
        drop(queue);
        self.woken.notify_one();
    }

    /// The last words of the station go out before the end.
    pub(crate) fn end_after_queue(&self, ending: Ending) {
        let mut queue = self.lock();
        if queue.ending.is_some() {
            self.ended_again.notify_one();
        } else {
            queue.ending = Some(ending);
        }
        drop(queue);
        self.woken.notify_one();
    }

    /// Waits until it is ended a second time, which is for another reason than the first.
    pub(crate) async fn ended_again(&self) {
        self.ended_again.notified().await;
    }

    /// Waits until there is something to take.
    pub(crate) async fn woken(&self) {
        self.woken.notified().await;
    }

    /// Takes everything that is due: it leaves in one write.
    pub(crate) fn take(&self) -> Taken {
        let mut queue = self.lock();
        let frames: VecDeque<Bytes> = queue.frames.drain(..).map(|frame| frame.bytes).collect();
        (queue.lines, queue.line_bytes, queue.waves) = (0, 0, 0);
        Taken { frames, dropped: core::mem::take(&mut queue.dropped_untold), ending: queue.ending }
    }

    /// Whether the connection is to end, without taking anything.
    pub(crate) fn take_ending(&self) -> Taken {
        Taken { ending: self.lock().ending, ..Taken::default() }
    }

    /// Puts one moment into the queue: `each` decides by the subscription what of it.
    pub(crate) fn put(&self, each: impl FnOnce(&Subscription, &mut Put<'_>)) {
        let mut queue = self.lock();
        if queue.ending.is_some() {
            return;
        }
        let subscription = core::mem::take(&mut queue.subscription);
        let before = queue.frames.len();
        each(&subscription, &mut Put { queue: &mut queue });
        queue.subscription = subscription;
        let behind = queue.lines > WAITING_LINES || queue.line_bytes > WAITING_BYTES;
        let wake = queue.frames.len() > before;
        drop(queue);
        if behind {
            self.end(Ending::Behind);
        } else if wake {
            self.woken.notify_one();
        }
    }

    pub(crate) fn describe(&self) -> serde_json::Value {
        let queue = self.lock();
        serde_json::json!({
            "id": self.id.to_string(),
            "name": self.name,
            "role": self.role,
            "address": self.address,
            "since": self.since,
            "behind": { "lines": queue.lines, "waves": queue.waves, "bytes": queue.line_bytes },
            "sent": queue.sent,
            "dropped_waves": queue.dropped_waves,
            "armed": self.is_armed(),
            "latency_ms": self.pulse().and_then(Pulse::latency).map(milliseconds),
            "last_receipt": queue.receipt,
            "lost": false,
            "gone_since": null,
        })
    }
}

/// In steps of a tenth.
fn milliseconds(span: std::time::Duration) -> f64 {
    (span.as_secs_f64() * 10_000.0).round() / 10.0
}

/// The open queue of a client, for one moment.
pub(crate) struct Put<'a> {
    queue: &'a mut Queue,
}

impl Put<'_> {
    pub(crate) fn line(&mut self, seq: Seq, bytes: Bytes) {
        self.queue.lines += 1;
        self.queue.line_bytes += bytes.len();
        self.queue.sent = seq;
        self.queue.frames.push_back(Frame { bytes, kind: Kind::Line });
    }

    /// `count` wave messages in one run of bytes.
    pub(crate) fn waves(&mut self, count: usize, bytes: Bytes) {
        if self.queue.waves + count > WAITING_WAVES.max(count) {
            // What waits is the oldest of it: gone too, so that what is drawn next is new.
            self.queue.frames.retain(|frame| !matches!(frame.kind, Kind::Waves));
            let dropped = (self.queue.waves + count) as u64;
            self.queue.waves = 0;
            self.queue.dropped_waves += dropped;
            self.queue.dropped_untold += dropped;
            return;
        }
        self.queue.waves += count;
        self.queue.frames.push_back(Frame { bytes, kind: Kind::Waves });
    }

    pub(crate) fn other(&mut self, bytes: Bytes) {
        self.queue.line_bytes += bytes.len();
        self.queue.frames.push_back(Frame { bytes, kind: Kind::Other });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        let token = [0; 32];
        Client::new(
            1,
            "T".into(),
            Role::Viewer,
            token,
            SocketAddr::from(([192, 0, 2, 7], 4711)),
            WallTime::from_millis(0),
            Subscription::default(),
        )
    }

    #[test]
    fn a_client_that_does_not_read_loses_waves_first_and_is_told_how_many() {
        let client = client();
        for count in 0..60_u64 {
            client.put(|_, put| {
                put.line(Seq(count + 1), Bytes::from_static(b"line"));
                put.waves(1, Bytes::from_static(b"wave"));
            });
        }
        let taken = client.take();
        assert_eq!(taken.frames.iter().filter(|frame| frame.as_ref() == b"line").count(), 60);
        let waves = taken.frames.iter().filter(|frame| frame.as_ref() == b"wave").count() as u64;
        assert_eq!(waves + taken.dropped, 60);
        assert_eq!(taken.ending, None);
        assert_eq!(client.take().dropped, 0, "it is told once");
    }

    #[test]
    fn a_client_whose_backlog_of_the_record_passes_its_bound_is_closed_with_1013() {
        let client = client();
        for count in 0..=WAITING_LINES as u64 {
            client.put(|_, put| put.line(Seq(count + 1), Bytes::from_static(b"line")));
        }
        let taken = client.take();
        assert!(taken.frames.is_empty(), "nothing old is sent after the end");
        assert_eq!(taken.ending.map(|ending| ending.code().0), Some(1013));
    }

    #[test]
    fn what_a_client_says_again_of_an_alarm_is_known_and_its_memory_of_it_is_bounded() {
        let client = client();
        let receipt =
            |alarm, shown, sounded| Receipt { alarm: AlarmId(alarm), shown, sounded, time: WallTime::from_millis(0) };
        client.keep_receipt(receipt(17, true, false));
        assert!(client.has_said(&receipt(17, true, false)) && !client.has_said(&receipt(17, true, true)));
        client.keep_receipt(receipt(17, false, true));
        assert!(client.has_said(&receipt(17, true, true)) && !client.has_said(&receipt(18, true, false)));
        for alarm in 0..10_000 {
            client.keep_receipt(receipt(alarm, true, true));
        }
        assert!(client.lock().said.len() <= REMEMBERED);
    }

    #[test]
    fn the_memory_of_a_client_that_never_reads_is_bounded() {
        let client = client();
        let line = Bytes::from(vec![0; 10_000]);
        for count in 0..100 {
            client.put(|_, put| put.line(Seq(count), line.clone()));
        }
        assert_eq!(client.take().ending, Some(Ending::Behind));
    }
}
