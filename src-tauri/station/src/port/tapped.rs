//! A line with a tap on it: what goes over it is shown to whoever keeps it.

use super::transport::Transport;
use crate::capture::Tap;
use oximeter::Line;
use std::io;
use std::time::Duration;

/// See the module.
pub(super) struct Tapped {
    line: Box<dyn Transport>,
    tap: Tap,
    gone: bool,
}

impl Tapped {
    /// A line that was just opened so.
    pub(super) fn new(line: Box<dyn Transport>, settings: Line, tap: Tap) -> Self {
        tap.opened(settings);
        Self { line, tap, gone: false }
    }

    fn heard<T>(&mut self, done: io::Result<T>, tell: impl FnOnce(&Tap, &T)) -> io::Result<T> {
        match &done {
            Ok(done) => tell(&self.tap, done),
            Err(_) if self.gone => {}
            Err(_) => {
                self.gone = true;
                self.tap.gone();
            }
        }
        done
    }
}

impl Transport for Tapped {
    fn read(&mut self, into: &mut [u8], timeout: Duration) -> io::Result<Option<usize>> {
        let read = self.line.read(into, timeout);
        self.heard(read, |tap, count| {
            if let Some(bytes) = count.and_then(|count| into.get(..count)) {
                tap.received(bytes);
            }
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.line.write(bytes);
        self.heard(written, |tap, ()| tap.sent(bytes))
    }
}

impl Drop for Tapped {
    fn drop(&mut self) {
        if !self.gone {
            self.tap.closed();
        }
    }
}
