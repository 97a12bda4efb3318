//! What a host says to a Nonin beside listening: a call for the format where nothing of it comes, and errands.

use crate::errand::{Errand, NotPossible};
use crate::protocol::Heard;
use crate::protocol::nonin_commands::{Running, select_format};
use alloc::vec::Vec;
use core::time::Duration;

/// Calls for a format twice while nothing of it comes, and runs errands.
#[derive(Debug)]
pub(in crate::protocol) struct Asking {
    format: u8,
    /// When after the start the format is called for.
    calls: [Duration; 2],
    started: Option<Duration>,
    called: usize,
    errand: Option<Running>,
}

impl Asking {
    pub(in crate::protocol) const fn new(format: u8, calls: [Duration; 2]) -> Self {
        Self { format, calls, started: None, called: 0, errand: None }
    }

    pub(in crate::protocol) fn start(&mut self, now: Duration) {
        *self = Self { started: Some(now), ..Self::new(self.format, self.calls) };
    }

    /// The format comes: it need not be called for.
    pub(in crate::protocol) const fn is_answered(&mut self) {
        self.called = self.calls.len();
    }

    /// Whether an errand is under way.
    pub(in crate::protocol) const fn is_busy(&self) -> bool {
        self.errand.is_some()
    }

    /// Takes a byte that stands between frames. Returns whether it belongs to the answer of an errand.
    pub(in crate::protocol) fn hear(&mut self, byte: u8, heard: &mut Heard) -> bool {
        self.errand.as_mut().is_some_and(|running| running.hear(byte, heard))
    }

    pub(in crate::protocol) fn poll(&mut self, now: Duration, send: &mut Vec<u8>, heard: &mut Heard) {
        if self.errand.as_mut().is_some_and(|running| running.poll(now, send, heard)) {
            self.errand = None;
        }
        if self.call_due().is_some_and(|due| now >= due) {
            self.called += 1;
            send.extend_from_slice(&select_format(self.format));
        }
    }

    pub(in crate::protocol) fn next_wake(&self) -> Option<Duration> {
        let errand = self.errand.as_ref().map(Running::next_wake);
        self.call_due().into_iter().chain(errand).min()
    }

    fn call_due(&self) -> Option<Duration> {
        Some(self.started?.saturating_add(*self.calls.get(self.called)?))
    }

    /// The sensor streams whether anyone listens or not; there is nothing to send.
    pub(in crate::protocol) fn stop(&mut self) {
        (self.started, self.errand) = (None, None);
    }

    pub(in crate::protocol) fn begin(&mut self, errand: &Errand) -> Result<(), NotPossible> {
        self.errand = Some(Running::new(errand)?);
        Ok(())
    }

    pub(in crate::protocol) fn abandon(&mut self) {
        if let Some(running) = &mut self.errand {
            running.abandon();
        }
    }
}
