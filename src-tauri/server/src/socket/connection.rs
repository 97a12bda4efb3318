//! One connection: reads and writes at the same time, pings, and takes its leave.

use super::inbound::{Inbound, Received};
use super::outgoing::Outgoing;
use super::pulse::Pulse;
use crate::fanout::{close, ping};
use bytes::{Buf, Bytes};
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep_until, timeout};

pub(crate) type Upgraded = TokioIo<hyper::upgrade::Upgraded>;

/// Pings go out this often; after two without an answer the connection is closed.
pub(crate) const PING_EVERY: Duration = Duration::from_secs(15);
/// How long a close may take.
const LEAVE: Duration = Duration::from_secs(2);
/// How long one that does not read is waited for, so that it learns why it was closed when it reads again. Nothing is
/// kept for it meanwhile but what was already on its way.
pub(crate) const LEAVE_UNREAD: Duration = Duration::from_secs(60);
/// Messages that a client may send in ten seconds.
const MESSAGES_IN_TEN_SECONDS: u32 = 500;

/// What happened on a connection.
#[derive(Debug)]
pub(crate) enum Happened {
    /// A text arrived.
    Text(String),
    /// What the caller waited for came.
    Woken,
    /// The caller's deadline came.
    Due,
    /// It is over: the other end has gone, or broke the protocol and was told so.
    Gone,
}

/// See the module.
pub(crate) struct Connection {
    reader: ReadHalf<Upgraded>,
    writer: WriteHalf<Upgraded>,
    inbound: Inbound,
    outgoing: Outgoing,
    last_sent: Instant,
    ping_every: Duration,
    ping_at: Instant,
    unanswered: u32,
    /// When the oldest ping went out that is not answered.
    pinged: Option<Instant>,
    pulse: Arc<Pulse>,
    counted_since: Instant,
    counted: u32,
}

impl Connection {
    pub(crate) fn new(upgraded: Upgraded, pulse: Pulse) -> Self {
        let (reader, writer) = tokio::io::split(upgraded);
        let now = Instant::now();
        Self {
            reader,
            writer,
            inbound: Inbound::new(),
            outgoing: Outgoing::default(),
            last_sent: now,
            ping_every: PING_EVERY,
            ping_at: now + PING_EVERY,
            unanswered: 0,
            pinged: None,
            pulse: Arc::new(pulse),
            counted_since: now,
            counted: 0,
        }
    }

    /// What its pings tell.
    pub(crate) fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }

    /// Pings go out each `every` from now on. None is due at once: whoever changes it often would else be asked more often
    /// than it can answer.
    pub(crate) fn ping_each(&mut self, every: Duration) {
        (self.ping_every, self.ping_at) = (every, self.ping_at.min(Instant::now() + every));
    }

    /// When something was given out last.
    pub(crate) const fn last_sent(&self) -> Instant {
        self.last_sent
    }

    /// Whether everything given out has left.
    pub(crate) fn is_idle(&self) -> bool {
        !self.outgoing.has_remaining()
    }

    pub(crate) fn send(&mut self, frame: Bytes) {
        self.outgoing.push(frame);
        self.last_sent = Instant::now();
    }

    pub(crate) fn send_all(&mut self, frames: impl IntoIterator<Item = Bytes>) {
        self.outgoing.extend(frames);
        self.last_sent = Instant::now();
    }

    /// Moves bytes in both directions until something happens that the caller must know.
    pub(crate) async fn next(&mut self, woken: impl Future<Output = ()>, due: Instant) -> Happened {
        let mut woken = std::pin::pin!(woken);
        loop {
            while let Some(received) = self.inbound.next() {
                match received {
                    Received::Text(text) if self.is_flooding() => {
                        drop(text);
                        self.leave(1008, "too many messages").await;
                        return Happened::Gone;
                    }
                    Received::Text(text) => return Happened::Text(text),
                    Received::Pong => {
                        self.unanswered = 0;
                        if let Some(pinged) = self.pinged.take() {
                            self.pulse.answered(pinged.elapsed());
                        }
                    }
                    Received::End(why) => {
                        let answers = self.inbound.take_answers();
                        self.outgoing.push(answers.into());
                        match why {
                            Some((code, reason)) => self.leave(code, reason).await,
                            None => self.flush().await,
                        }
                        return Happened::Gone;
                    }
                }
            }
            let answers = self.inbound.take_answers();
            if !answers.is_empty() {
                self.outgoing.push(answers.into());
            }
            let ping_at = self.ping_at;
            tokio::select! {
                biased;
                wrote = self.writer.write_buf(&mut self.outgoing), if self.outgoing.has_remaining() => {
                    if !matches!(wrote, Ok(1..)) {
                        return Happened::Gone;
                    }
                    // TLS keeps records back until it is flushed.
                    if !self.outgoing.has_remaining() && self.writer.flush().await.is_err() {
                        return Happened::Gone;
                    }
                }
                () = &mut woken, if !self.outgoing.has_remaining() => return Happened::Woken,
                read = self.reader.read_buf(self.inbound.buffer()) => {
                    if !matches!(read, Ok(1..)) {
                        return Happened::Gone;
                    }
                    self.pulse.beat();
                }
                () = sleep_until(due) => return Happened::Due,
                () = sleep_until(ping_at) => {
                    if self.unanswered >= 2 {
                        self.leave(1001, "two pings were not answered").await;
                        return Happened::Gone;
                    }
                    self.unanswered += 1;
                    self.ping_at = Instant::now() + self.ping_every;
                    self.pinged.get_or_insert_with(Instant::now);
                    self.outgoing.push(ping());
                }
            }
        }
    }

    /// Writes what is given out, waiting for the other end no longer than `longest`; `false` if it did not leave.
    pub(crate) async fn drain(&mut self, longest: Duration) -> bool {
        let all = async {
            while self.outgoing.has_remaining() {
                if !matches!(self.writer.write_buf(&mut self.outgoing).await, Ok(1..)) {
                    return false;
                }
            }
            self.writer.flush().await.is_ok()
        };
        timeout(longest, all).await.unwrap_or(false)
    }

    async fn flush(&mut self) {
        self.drain(LEAVE).await;
        // The other end may have gone first.
        let _ = timeout(LEAVE, self.writer.shutdown()).await;
    }

    /// Closes with a code, and waits a little for the other end to close too.
    pub(crate) async fn leave(&mut self, code: u16, reason: &str) {
        self.leave_within(LEAVE, code, reason).await;
    }

    /// The same, with another time for the other end to take what is on its way.
    pub(crate) async fn leave_within(&mut self, longest: Duration, code: u16, reason: &str) {
        self.outgoing.push(close(code, reason));
        if !self.drain(longest).await {
            return;
        }
        // Closing with unread bytes would reset the connection and could destroy the close frame on its way.
        let farewell = async {
            let mut rest = bytes::BytesMut::with_capacity(4096);
            let mut read = 0;
            while let Ok(count @ 1..) = self.reader.read_buf(&mut rest).await {
                read += count;
                let is_close = rest.first() == Some(&0x88);
                rest.clear();
                if is_close || read > (1 << 20) {
                    break;
                }
            }
        };
        let _ = timeout(Duration::from_millis(500), farewell).await;
        let _ = timeout(LEAVE, self.writer.shutdown()).await;
    }

    fn is_flooding(&mut self) -> bool {
        if self.counted_since.elapsed() > Duration::from_secs(10) {
            (self.counted_since, self.counted) = (Instant::now(), 0);
        }
        self.counted += 1;
        self.counted > MESSAGES_IN_TEN_SECONDS
    }
}
