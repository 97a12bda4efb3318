//! The port's end: takes what goes over the line, never waits.

use oximeter::capture::{Event, Head};
use oximeter::{Line, Protocol};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// An event on its way to the file, and when it happened.
pub(crate) type Piece = (Instant, Event);

/// What is kept goes in here.
#[derive(Debug)]
pub(crate) struct Queue {
    pieces: SyncSender<Piece>,
    /// Bytes of the pieces that did not fit since the last one that did; `None` if all did.
    missed: Option<u64>,
}

impl Queue {
    pub(crate) const fn new(pieces: SyncSender<Piece>) -> Self {
        Self { pieces, missed: None }
    }

    /// `false` when nobody keeps anything any more.
    fn put(&mut self, event: Event) -> bool {
        let now = Instant::now();
        if let Some(bytes) = self.missed {
            match self.pieces.try_send((now, Event::Hole(bytes))) {
                Ok(()) => self.missed = None,
                Err(TrySendError::Disconnected(_)) => return false,
                Err(TrySendError::Full(_)) => {
                    self.missed = Some(bytes.saturating_add(size(&event)));
                    return true;
                }
            }
        }
        match self.pieces.try_send((now, event)) {
            Ok(()) => true,
            Err(TrySendError::Disconnected(_)) => false,
            Err(TrySendError::Full((_, event))) => {
                self.missed = Some(size(&event));
                true
            }
        }
    }
}

const fn size(event: &Event) -> u64 {
    match event {
        Event::Received(bytes) | Event::Sent(bytes) => bytes.len() as u64,
        _ => 0,
    }
}

#[derive(Debug, Default)]
struct State {
    known: Head,
    queue: Option<Queue>,
}

/// A tap on the line of one bed. It stays when the port changes; most of the time nothing is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tap {
    state: Arc<Mutex<State>>,
}

impl Tap {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the line now, for the head of a capture.
    pub(crate) fn known(&self) -> Head {
        self.lock().known.clone()
    }

    /// Another port: nothing is known of it.
    pub(crate) fn forget(&self) {
        self.lock().known = Head::default();
    }

    /// From here on everything is kept.
    pub(crate) fn open(&self, queue: Queue) {
        self.lock().queue = Some(queue);
    }

    /// From here on nothing is.
    pub(crate) fn close(&self) {
        self.lock().queue = None;
    }

    fn put(state: &mut State, event: impl FnOnce() -> Event) {
        if let Some(queue) = &mut state.queue
            && !queue.put(event())
        {
            state.queue = None;
        }
    }

    pub(crate) fn opened(&self, line: Line) {
        let mut state = self.lock();
        state.known.line = Some(line);
        Self::put(&mut state, || Event::Opened(line));
    }

    pub(crate) fn received(&self, bytes: &[u8]) {
        Self::put(&mut self.lock(), || Event::Received(bytes.to_vec()));
    }

    pub(crate) fn sent(&self, bytes: &[u8]) {
        Self::put(&mut self.lock(), || Event::Sent(bytes.to_vec()));
    }

    pub(crate) fn understood(&self, protocol: Protocol) {
        let mut state = self.lock();
        if state.known.protocol.replace(protocol) != Some(protocol) {
            Self::put(&mut state, || Event::Understood(protocol));
        }
    }

    pub(crate) fn model(&self, model: &str) {
        let mut state = self.lock();
        if state.known.model.as_deref() != Some(model) {
            state.known.model = Some(model.to_owned());
            Self::put(&mut state, || Event::Model(model.to_owned()));
        }
    }

    pub(crate) fn closed(&self) {
        Self::put(&mut self.lock(), || Event::Closed);
    }

    pub(crate) fn gone(&self) {
        Self::put(&mut self.lock(), || Event::Gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;

    #[test]
    fn what_does_not_fit_is_counted_and_told_where_it_is_missing() {
        let (pieces, kept) = sync_channel(2);
        let tap = Tap::default();
        tap.received(&[1]);
        tap.open(Queue::new(pieces));
        for byte in 2..=5 {
            tap.received(&[byte, byte]);
        }
        let took = [kept.recv().unwrap().1, kept.recv().unwrap().1];
        tap.sent(&[6]);
        assert_eq!(took, [Event::Received(vec![2, 2]), Event::Received(vec![3, 3])]);
        let took: Vec<Event> = kept.try_iter().map(|(_, event)| event).collect();
        assert_eq!(took, [Event::Hole(4), Event::Sent(vec![6])]);
    }

    #[test]
    fn a_keeper_that_has_gone_costs_the_port_nothing() {
        let (pieces, kept) = sync_channel(2);
        let tap = Tap::default();
        tap.open(Queue::new(pieces));
        drop(kept);
        tap.received(&[1]);
        assert!(tap.lock().queue.is_none());
        tap.received(&[2]);
    }

    #[test]
    fn what_is_known_stands_in_the_head_of_a_capture_that_begins_later() {
        let tap = Tap::default();
        tap.opened(Line::eight_n_one(115_200));
        tap.understood(Protocol::ContecV7);
        tap.model("CMS50D+");
        let known = tap.known();
        assert_eq!((known.protocol, known.line), (Some(Protocol::ContecV7), Some(Line::eight_n_one(115_200))));
        assert_eq!(known.model.as_deref(), Some("CMS50D+"));
        tap.forget();
        assert_eq!(tap.known(), Head::default());
    }
}
