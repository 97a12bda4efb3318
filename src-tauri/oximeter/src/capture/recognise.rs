//! Which protocol a capture is of.

use super::{Entry, Event};
use crate::{Detector, Protocol, Step};
use core::time::Duration;

/// Steps of the detector at one time, at most; it takes two or three.
const STEPS: usize = 16;

/// Finds the protocol of a capture that does not name it, as [`Detector`] does on a live line, but that it only
/// listens, and that every line setting is the right one: the bytes are here already.
#[derive(Debug)]
pub struct Recognition {
    detector: Detector,
    found: Option<Protocol>,
}

impl Default for Recognition {
    fn default() -> Self {
        Self { detector: Detector::new(Duration::ZERO, false), found: None }
    }
}

impl Recognition {
    /// Before the first entry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next entry. Times must not go back.
    pub fn take(&mut self, entry: &Entry) {
        self.look(entry.at);
        if let Event::Received(bytes) = &entry.event {
            self.detector.feed(entry.at, bytes);
            self.look(entry.at);
        }
    }

    /// The protocol, as soon as it is certain.
    #[must_use]
    pub const fn protocol(&self) -> Option<Protocol> {
        self.found
    }

    fn look(&mut self, at: Duration) {
        for _ in 0..STEPS {
            match self.detector.poll(at) {
                Step::Found { protocol, .. } => {
                    self.found.get_or_insert(protocol);
                    return;
                }
                Step::Listen { .. } => return,
                Step::Open(_) | Step::Send(_) => {}
            }
        }
    }
}
