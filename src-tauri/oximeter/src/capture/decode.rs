//! The samples in a capture.

use super::{Entry, Event};
use crate::{Counters, Identity, Protocol, Sample, Session};
use alloc::vec::Vec;
use core::time::Duration;

/// For how long after the last byte the quiet on the line may still end a frame.
const QUIET: Duration = Duration::from_secs(10);

/// Decodes a capture as the station decoded it then: entries in, samples with their times out. Nothing is sent.
///
/// A protocol that the capture names from some time on ([`Event::Understood`]) is taken from there, unless one is
/// given that holds for all of it.
#[derive(Debug)]
pub struct Decoder {
    given: Option<Protocol>,
    session: Option<Session>,
    counters: Counters,
    now: Duration,
    heard: Duration,
    unread: u64,
    send: Vec<u8>,
}

impl Decoder {
    /// With the protocol that holds for all of it, or with none, and the one known at its beginning.
    #[must_use]
    pub fn new(given: Option<Protocol>, at_first: Option<Protocol>) -> Self {
        let mut decoder = Self {
            given,
            session: None,
            counters: Counters::default(),
            now: Duration::ZERO,
            heard: Duration::ZERO,
            unread: 0,
            send: Vec::new(),
        };
        if let Some(protocol) = given.or(at_first) {
            decoder.begin(protocol);
        }
        decoder
    }

    /// Takes the next entry, and calls `each` with every sample that it ends and when that came. Times must not go back.
    pub fn take(&mut self, entry: &Entry, each: &mut dyn FnMut(Duration, Sample)) {
        self.wait(entry.at, each);
        match &entry.event {
            Event::Received(bytes) => {
                self.heard = entry.at;
                match &mut self.session {
                    Some(session) => session.receive(entry.at, bytes, &mut |sample| each(entry.at, sample)),
                    None => self.unread += bytes.len() as u64,
                }
            }
            // What was decoded before says nothing of what comes behind it.
            Event::Opened(_) | Event::Gone | Event::Closed | Event::Hole(_) => self.begin_anew(),
            Event::Understood(protocol) => {
                if self.given.is_none() && self.protocol() != Some(*protocol) {
                    self.begin(*protocol);
                }
            }
            Event::Sent(_) | Event::Model(_) | Event::End(_) => {}
        }
    }

    /// Lets the quiet behind the last byte end what it ends.
    pub fn finish(&mut self, each: &mut dyn FnMut(Duration, Sample)) {
        self.wait(self.heard.saturating_add(QUIET), each);
    }

    /// The protocol that is spoken now.
    #[must_use]
    pub fn protocol(&self) -> Option<Protocol> {
        self.session.as_ref().map(Session::protocol)
    }

    /// What the sensor has told of itself since the protocol was known.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.session.as_ref().map(Session::identity)
    }

    /// What was counted over all of it.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let session = self.session.as_ref().map(Session::counters).unwrap_or_default();
        Counters {
            bytes: self.counters.bytes + session.bytes,
            packets: self.counters.packets + session.packets,
            rejected: self.counters.rejected + session.rejected,
            skipped: self.counters.skipped + session.skipped,
        }
    }

    /// Bytes that came before a protocol was known.
    #[must_use]
    pub const fn unread(&self) -> u64 {
        self.unread
    }

    fn begin(&mut self, protocol: Protocol) {
        self.counters = self.counters();
        self.session = Some(Session::new(protocol, self.now));
        self.begin_anew();
    }

    fn begin_anew(&mut self) {
        if let Some(session) = &mut self.session {
            session.start(self.now, &mut self.send);
            self.send.clear();
        }
    }

    /// Lets time pass up to `at`, with what falls due meanwhile.
    fn wait(&mut self, at: Duration, each: &mut dyn FnMut(Duration, Sample)) {
        let Some(session) = &mut self.session else {
            self.now = at;
            return;
        };
        let last = at.min(self.heard.saturating_add(QUIET));
        while let Some(wake) = session.next_wake().filter(|&wake| wake <= last) {
            let due = wake.max(self.now);
            session.poll(due, &mut self.send, &mut |sample| each(due, sample));
            self.now = due;
            if session.next_wake().is_some_and(|next| next <= due) {
                break;
            }
        }
        session.poll(at, &mut self.send, &mut |sample| each(at, sample));
        self.send.clear();
        self.now = at;
    }
}
