//! What pings tell of a connection, for whoever watches it from outside.

use station::Clock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use vitals::StationTime;

/// No answer yet.
const UNKNOWN: u64 = u64::MAX;

/// See the module.
#[derive(Debug)]
pub(crate) struct Pulse {
    clock: Clock,
    /// Milliseconds of station time.
    heard: AtomicU64,
    /// Microseconds.
    latency: AtomicU64,
}

impl Pulse {
    pub(crate) fn new(clock: Clock) -> Self {
        let pulse = Self { clock, heard: AtomicU64::new(0), latency: AtomicU64::new(UNKNOWN) };
        pulse.beat();
        pulse
    }

    /// Something came.
    pub(super) fn beat(&self) {
        let now = self.clock.station().since_start().as_millis();
        self.heard.store(u64::try_from(now).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// A ping was answered after `span`.
    pub(super) fn answered(&self, span: Duration) {
        self.latency.store(u64::try_from(span.as_micros()).unwrap_or(UNKNOWN), Ordering::Relaxed);
    }

    /// When something came last.
    pub(crate) fn heard(&self) -> StationTime {
        StationTime::from_start(Duration::from_millis(self.heard.load(Ordering::Relaxed)))
    }

    /// How long the newest ping took there and back; `None` before the first answer.
    pub(crate) fn latency(&self) -> Option<Duration> {
        let micros = self.latency.load(Ordering::Relaxed);
        (micros != UNKNOWN).then(|| Duration::from_micros(micros))
    }
}
