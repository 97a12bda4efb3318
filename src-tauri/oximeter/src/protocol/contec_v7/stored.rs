//! Stored seconds: how packets carry them, and the transfers of one recording.
//!
//! | type | payload |
//! | --- | --- |
//! | 09 | one second: SpO₂, pulse rate, perfusion index in hundredths, low byte first |
//! | 0F | three seconds: SpO₂, pulse rate, three times; the last packet of a recording is filled up, usually with 0 |
//!
//! A second without a value is 127 and 255 (and 65535) by the document, and 0 and 0 on a CMS50D+ (headrotor).

use super::{Framed, Packet, packet};
use crate::errand::transfer::{LONGEST, Tally, Transfer};
use crate::errand::{Failure, Progress, Recording, Second, Stored};
use core::time::Duration;

/// Silence that ends a transfer.
const SILENCE: Duration = Duration::from_secs(2);

/// A longer one is a damaged answer.
pub(super) const MOST_BYTES: u32 = LONGEST * 4;

/// The seconds that so many bytes are.
pub(super) const fn seconds(bytes: u32, perfusion_index: bool) -> u32 {
    bytes / if perfusion_index { 4 } else { 2 }
}

/// Seconds in a packet of this type; `None` if it holds none.
const fn seconds_in(kind: u8) -> Option<usize> {
    match kind {
        packet::STORED_WITH_PERFUSION => Some(1),
        packet::STORED => Some(3),
        _ => None,
    }
}

fn second(spo2: u8, pulse_rate: u8, perfusion_index: Option<u16>) -> Second {
    Second {
        spo2: Some(spo2).filter(|spo2| (1..=100).contains(spo2)),
        pulse_rate: Some(u16::from(pulse_rate)).filter(|rate| (1..=254).contains(rate)),
        perfusion_index: perfusion_index.filter(|index| (1..=2200).contains(index)),
    }
}

/// The seconds in a packet, in order; none if it is of another type. What fills up the last packet is among them: only
/// the recording's length tells it from a second without a value.
///
/// ```
/// use oximeter::protocol::contec_v7::{Packet, stored_seconds};
///
/// let packet = Packet::new(0x0F, &[93, 150, 94, 149, 0x7F, 0xFF]).ok_or("no type")?;
/// let (seconds, len) = stored_seconds(&packet);
/// let spo2: Vec<_> = seconds[..len].iter().map(|second| second.spo2).collect();
/// assert_eq!(spo2, [Some(93), Some(94), None]);
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn stored_seconds(packet: &Packet) -> ([Second; 3], usize) {
    match (packet.kind(), packet.seven()) {
        (packet::STORED_WITH_PERFUSION, [spo2, rate, low, high, ..]) => {
            let only = second(spo2, rate, Some(u16::from_le_bytes([low, high])));
            ([only, Second::default(), Second::default()], 1)
        }
        (packet::STORED, [spo2_1, rate_1, spo2_2, rate_2, spo2_3, rate_3, _]) => {
            ([second(spo2_1, rate_1, None), second(spo2_2, rate_2, None), second(spo2_3, rate_3, None)], 3)
        }
        _ => ([Second::default(); 3], 0),
    }
}

/// Whether every value in a packet of stored seconds is one of the document's: of its range, or a mark for none.
fn is_documented(packet: &Packet) -> bool {
    let spo2 = |value| matches!(value, 0..=100 | 0x7F);
    match (packet.kind(), packet.seven()) {
        (packet::STORED_WITH_PERFUSION, [value, _, low, high, ..]) => {
            spo2(value) && matches!(u16::from_le_bytes([low, high]), 0..=2200 | 0xFFFF)
        }
        (packet::STORED, [first, _, second, _, third, ..]) => spo2(first) && spo2(second) && spo2(third),
        _ => true,
    }
}

/// The transfers of one recording.
#[derive(Debug)]
pub(super) struct Download {
    bytes: u32,
    /// The type of its packets, from the sensor's answer or from the first that comes.
    kind: Option<u8>,
    transfer: Option<Transfer>,
    tally: Tally,
    /// When the last stored packet came, or was asked for.
    heard: Duration,
}

impl Download {
    pub(super) fn new(bytes: u32, perfusion_index: Option<bool>) -> Self {
        let kind = perfusion_index.map(|has| if has { packet::STORED_WITH_PERFUSION } else { packet::STORED });
        Self { bytes, kind, transfer: None, tally: Tally::default(), heard: Duration::ZERO }
    }

    pub(super) fn begin_transfer(&mut self, now: Duration) {
        self.transfer = None;
        self.heard = now;
    }

    fn of_seconds(&self) -> Option<u32> {
        Some(seconds(self.bytes, self.kind? == packet::STORED_WITH_PERFUSION))
    }

    pub(super) fn progress(&self) -> Progress {
        let came = self.tally.came() + self.transfer.as_ref().map_or(0, Transfer::came);
        let of_seconds = self.of_seconds();
        Progress { seconds: (came / 2).min(of_seconds.unwrap_or(u32::MAX)), of_seconds }
    }

    /// Whether the transfer under way has brought something.
    pub(super) fn has_come(&self) -> bool {
        self.transfer.as_ref().is_some_and(|transfer| transfer.came() > 0)
    }

    /// Whatever else comes: a stream of live data that does not stop must not keep a transfer open.
    pub(super) fn given_up_at(&self) -> Duration {
        self.heard.saturating_add(SILENCE)
    }

    /// Takes what the framing made of a byte. Returns whether the transfer is whole.
    pub(super) fn hear(&mut self, now: Duration, framed: &Framed) -> bool {
        match framed {
            Framed::Pending => {}
            Framed::Short | Framed::Stray => self.damage(),
            Framed::TooLong => {
                if let Some(transfer) = &mut self.transfer {
                    transfer.doubt_last();
                }
            }
            Framed::Whole(packet) => {
                let kind = packet.kind();
                let Some(per_unit) = seconds_in(kind).filter(|_| self.kind.is_none_or(|known| known == kind)) else {
                    self.damage();
                    return false;
                };
                self.kind = Some(kind);
                self.heard = now;
                let of_seconds = self.of_seconds();
                let transfer = self.transfer.get_or_insert_with(|| Transfer::new(per_unit, of_seconds));
                if is_documented(packet) {
                    let (seconds, len) = stored_seconds(packet);
                    transfer.take(&seconds[..len]);
                } else {
                    transfer.take_unread();
                }
                return transfer.is_whole();
            }
        }
        false
    }

    /// Before the first stored packet there is nothing whose place could be in doubt, but when the first itself is
    /// damaged: then the type has to be known to say how much is lost.
    fn damage(&mut self) {
        if self.transfer.is_none()
            && let Some(per_unit) = self.kind.and_then(seconds_in)
        {
            self.transfer = Some(Transfer::new(per_unit, self.of_seconds()));
        }
        if let Some(transfer) = &mut self.transfer {
            transfer.damage();
        }
    }

    /// Ends a transfer. Returns whether another should follow.
    pub(super) fn end_transfer(&mut self) -> bool {
        self.tally.add(self.transfer.take()) && self.tally.wants_more()
    }

    pub(super) fn result(&self, stored: Stored) -> Result<Recording, Failure> {
        let perfusion_index = self.kind.map(|kind| kind == packet::STORED_WITH_PERFUSION);
        self.tally.result(Stored { perfusion_index, ..stored })
    }
}
