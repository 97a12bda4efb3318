//! Whether a stream of bytes is of one protocol.

use crate::Protocol;
use crate::protocol::{Heard, Host};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

/// Frames in a row of a sensor that streams that make it worth listening longer.
const PROMISING: u64 = 3;

/// A frame a second and fewer: each of them counts.
const SLOW: Duration = Duration::from_millis(500);

/// Frames a second between those of a Contec (60) and those of a Berry (100).
const BETWEEN_CONTEC_AND_BERRY: u128 = 80;

/// So long after the first frame its rate begins to count.
const SETTLED: Duration = Duration::from_millis(100);

/// So long a rate is measured.
const MEASURED: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Recogniser {
    protocol: Protocol,
    host: Box<dyn Host>,
    heard: Heard,
    /// Frames, and faults, when the last fault was seen.
    packets: u64,
    faults: u64,
    /// When the last frame came.
    came: Option<Duration>,
    /// When the first frame since the last fault came.
    since: Option<Duration>,
    /// When the measurement of the rate began, and how many frames there had been.
    measured: Option<(Duration, u64)>,
}

impl Recogniser {
    pub(super) fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            host: (protocol.profile().host)(),
            heard: Heard::default(),
            packets: 0,
            faults: 0,
            came: None,
            since: None,
            measured: None,
        }
    }

    pub(super) fn feed(&mut self, now: Duration, byte: u8) {
        let before = self.heard.counters.packets;
        self.host.receive(now, byte, &mut self.heard);
        self.count(now, before);
    }

    /// Lets time pass: of some formats a frame is whole only when nothing follows it.
    pub(super) fn wait(&mut self, now: Duration) {
        let before = self.heard.counters.packets;
        // What it would send is for a sensor that is known; here it is only listened to.
        self.host.poll(now, &mut Vec::new(), &mut self.heard);
        self.count(now, before);
    }

    fn count(&mut self, now: Duration, before: u64) {
        let counters = self.heard.counters;
        let mut is_fault = counters.rejected + counters.skipped != self.faults;
        if counters.packets != before {
            // A pattern of three bits is in any noise; that nothing else comes for a second is not.
            let by_pattern = self.protocol.profile().agreement > 1 && self.period() >= SLOW;
            is_fault |= by_pattern && self.came.is_some_and(|came| now < came.saturating_add(self.period() / 2));
            self.came = Some(now);
            // What waited in a buffer comes all at once and says nothing of the pace.
            if now >= self.since.get_or_insert(now).saturating_add(SETTLED) {
                self.measured.get_or_insert((now, counters.packets));
            }
        }
        if is_fault {
            (self.faults, self.packets) = (counters.rejected + counters.skipped, counters.packets);
            (self.since, self.measured) = (None, None);
        }
    }

    fn period(&self) -> Duration {
        self.protocol.sample_period()
    }

    /// Frames in a row without a fault.
    fn run(&self) -> u64 {
        self.heard.counters.packets - self.packets
    }

    pub(super) fn has_checksum(&self) -> bool {
        self.protocol.profile().has_checksum
    }

    pub(super) fn is_promising(&self) -> bool {
        self.run() >= if self.period() >= SLOW { 1 } else { PROMISING }
    }

    /// How long it may take until a promising one is certain.
    pub(super) fn patience(&self) -> Duration {
        self.period() * self.protocol.profile().agreement as u32 + Duration::from_millis(300)
    }

    pub(super) fn has_agreement(&self) -> bool {
        self.run() >= self.protocol.profile().agreement
    }

    /// The protocol that is certain by now.
    pub(super) fn certain(&self) -> Option<Protocol> {
        if !self.has_agreement() {
            return None;
        }
        if self.protocol != Protocol::Cms50 {
            return Some(self.protocol);
        }
        // A Berry frames its bytes as an old Contec does; only its pace tells it.
        let (from, packets) = self.measured?;
        let took = self.came?.saturating_sub(from);
        if took < MEASURED {
            return None;
        }
        let a_second = u128::from(self.heard.counters.packets - packets) * 1_000 / took.as_millis();
        Some(if a_second > BETWEEN_CONTEC_AND_BERRY { Protocol::Berry } else { Protocol::Cms50 })
    }
}
