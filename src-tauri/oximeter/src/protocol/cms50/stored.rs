//! The stored recording: how its bytes are laid out, and how it is fetched.
//!
//! After [`super::STORED`], or when "upload" is chosen in the menu of a CMS50E or CMS50F, the sensor sends, in this order
//! (atbrask/CMS50Dplus, OSCAR `cms50_loader.cpp`):
//!
//! | bytes | meaning |
//! | --- | --- |
//! | `F2 hh mm`, three times | when it began, bit 7 of the hour set, that of the minute perhaps; `F2 80 00` without a clock |
//! | `1xxxxxxx 1xxxxxxx 0xxxxxxx` | number of bytes that follow, less one |
//! | `1111000p 1ppppppp 0sssssss` | one second: pulse rate, SpO₂; 0 and 0 without a value |
//!
//! The start can be damaged by left-over live bytes, so two `F2` that stand three bytes apart are enough. No live frame
//! can be made of these bytes: it has four bytes in a row with bit 7 clear, and here there is never more than one.

use crate::errand::transfer::{LONGEST, Tally, Transfer};
use crate::errand::{Failure, Progress, Recording, Second, Slot, Start, Stored};
use core::time::Duration;

/// Silence that ends a transfer: a CMS50D+ simply stops.
const SILENCE: Duration = Duration::from_secs(2);

/// Silence that is enough behind the last second that was announced.
const QUIET: Duration = Duration::from_millis(300);

/// Time for a person to choose "upload" on a sensor that goes on with live data.
const UPLOAD: Duration = Duration::from_secs(30);

const HEAD: u8 = 0xF2;

/// One second.
///
/// ```
/// use oximeter::protocol::cms50::stored_second;
///
/// let second = stored_second([0xF1, 0x96, 0x5D]).ok_or("no second")?;
/// assert_eq!((second.pulse_rate, second.spo2), (Some(150), Some(93)));
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn stored_second(bytes: [u8; 3]) -> Option<Second> {
    let [first, rate, spo2] = bytes;
    if first & 0xFE != 0xF0 || rate & 0x80 == 0 || spo2 & 0x80 != 0 {
        return None;
    }
    let rate = u16::from(first & 0x01) << 7 | u16::from(rate & 0x7F);
    Some(Second {
        spo2: Some(spo2).filter(|spo2| (1..=100).contains(spo2)),
        pulse_rate: Some(rate).filter(|rate| (1..=254).contains(rate)),
        perfusion_index: None,
    })
}

/// The bytes of one second.
#[must_use]
pub fn encode_second(second: &Second) -> [u8; 3] {
    let rate = second.pulse_rate.unwrap_or(0).min(254) as u8;
    [0xF0 | rate >> 7, 0x80 | rate & 0x7F, second.spo2.unwrap_or(0).min(100)]
}

/// The number of seconds that three bytes of length announce; `None` if they are none, or not of whole seconds.
#[must_use]
pub fn seconds_announced(bytes: [u8; 3]) -> Option<u32> {
    let [first, second, third] = bytes;
    // The highest that a day needs is 8F; a second of the recording begins with F0 or F1.
    if first & 0xF0 != 0x80 || second & 0x80 == 0 || third & 0x80 != 0 {
        return None;
    }
    let [first, second, third] = [first & 0x7F, second & 0x7F, third].map(u32::from);
    let bytes = (first << 14 | second << 7 | third) + 1;
    bytes.is_multiple_of(3).then_some(bytes / 3)
}

/// The three bytes that announce so many seconds, at least one.
#[must_use]
pub const fn announce(seconds: u32) -> [u8; 3] {
    let less_one = seconds * 3 - 1;
    [0x80 | (less_one >> 14 & 0x7F) as u8, 0x80 | (less_one >> 7 & 0x7F) as u8, (less_one & 0x7F) as u8]
}

/// The recording as it comes.
#[derive(Debug)]
pub(super) struct Download {
    asked: Duration,
    /// When the last byte that belongs to the recording came.
    heard: Option<Duration>,
    /// When the last live frame came.
    live: Option<Duration>,
    recent: [u8; 6],
    /// Bytes in `recent` that no second was made of, at its end.
    pending: usize,
    /// They are the rest of a damaged one.
    sliding: bool,
    /// Hour and minute behind each `F2`.
    starts: [Option<(u8, u8)>; 3],
    began: bool,
    /// Live data have stopped for it, now or before.
    held: bool,
    /// Bytes since the last of them was whole.
    since_head: u8,
    transfer: Option<Transfer>,
    tally: Tally,
    start: Option<Start>,
}

impl Download {
    pub(super) fn new(now: Duration) -> Self {
        Self {
            asked: now,
            heard: None,
            live: None,
            recent: [0; 6],
            pending: 0,
            sliding: false,
            starts: [None; 3],
            began: false,
            held: false,
            since_head: 0,
            transfer: None,
            tally: Tally::default(),
            start: None,
        }
    }

    /// Ends the transfer. Returns whether another should follow, for which it is ready then: one without damage is
    /// believed, for eight hours take almost a minute, in which there are no live data.
    pub(super) fn end_transfer(&mut self, now: Duration) -> bool {
        let mut transfer = self.transfer.take();
        if self.pending > 0
            && let Some(transfer) = &mut transfer
        {
            // It ended inside a second.
            transfer.damage();
        }
        let start = self.start.or(self.starts_agreed());
        let brought = self.tally.add(transfer);
        let again = brought && self.tally.wants_more() && !self.tally.is_one_without_damage();
        let tally = core::mem::take(&mut self.tally);
        *self = Self { tally, start, held: true, ..Self::new(now) };
        again
    }

    /// Whether the recording has begun to come: what arrives is none of live data's.
    pub(super) const fn has_begun(&self) -> bool {
        self.held
    }

    pub(super) fn live_came(&mut self, now: Duration) {
        self.live = Some(now);
    }

    pub(super) fn progress(&self) -> Progress {
        let of_seconds = self.transfer.as_ref().and_then(Transfer::seconds);
        Progress { seconds: self.transfer.as_ref().map_or(0, Transfer::came), of_seconds }
    }

    pub(super) fn hear(&mut self, now: Duration, byte: u8) {
        self.recent.rotate_left(1);
        self.recent[5] = byte;
        self.pending = (self.pending + 1).min(3);
        let [first, second, third, last @ ..] = self.recent;
        if self.transfer.is_none() {
            self.head(now, [first, second, third], last);
            return;
        }
        if self.pending < 3 {
            return;
        }
        let Some(transfer) = &mut self.transfer else { return };
        let Some(second) = stored_second(last) else {
            if self.sliding || last[0] & 0xFE == 0xF0 {
                transfer.damage();
            } else {
                // A byte that begins nothing stands right behind the last second, which was too long then.
                transfer.doubt_last();
            }
            // Slide by a byte: the next second may begin with the one behind.
            self.sliding = true;
            self.pending = 2;
            return;
        };
        self.pending = 0;
        self.sliding = false;
        if transfer.came() < LONGEST {
            self.heard = Some(now);
            transfer.take(&[second]);
        }
    }

    /// Looks for the start of the recording in the last six bytes.
    fn head(&mut self, now: Duration, before: [u8; 3], last: [u8; 3]) {
        let start = |trio: [u8; 3]| (trio[0] == HEAD).then_some((trio[1] & 0x7F, trio[2] & 0x7F));
        self.since_head = self.since_head.saturating_add(1);
        if let (Some(one), Some(other)) = (start(before), start(last))
            && !self.began
        {
            (self.began, self.held) = (true, true);
            self.heard = Some(now);
            self.starts = [Some(one), Some(other), None];
            self.since_head = 0;
            return;
        }
        if !self.began {
            return;
        }
        if let Some(third) = start(last) {
            self.starts[2] = Some(third);
            self.since_head = 0;
            return;
        }
        if let Some(seconds) = seconds_announced(last) {
            self.transfer = Some(Transfer::new(1, Some(seconds)));
            self.pending = 0;
        } else if let Some(second) = stored_second(last) {
            // The length is damaged, and what comes is counted, if this is the first second: three bytes of length lie
            // between it and the last trio.
            let first_after = if self.starts[2].is_some() { 6 } else { 9 };
            let mut transfer = Transfer::new(1, None);
            if self.since_head != first_after {
                transfer.damage();
            }
            transfer.take(&[second]);
            self.transfer = Some(transfer);
            self.pending = 0;
        }
    }

    /// When the recording is over, or the wait for it.
    pub(super) fn over_at(&self) -> Duration {
        match (self.heard, &self.transfer) {
            (Some(heard), Some(transfer)) if transfer.is_whole() => heard.saturating_add(QUIET),
            (Some(heard), _) => heard.saturating_add(SILENCE),
            (None, _) => {
                let live = self.live.unwrap_or(self.asked).max(self.asked);
                live.saturating_add(SILENCE).min(self.asked.saturating_add(UPLOAD))
            }
        }
    }

    /// Two of the three that are alike. Midnight on the minute is what a sensor without a clock says.
    fn starts_agreed(&self) -> Option<Start> {
        let [first, second, third] = self.starts;
        let (hour, minute) =
            if first == second || first == third { first? } else { second.filter(|_| second == third)? };
        let known = hour < 24 && minute < 60 && (hour, minute) != (0, 0);
        known.then_some(Start::TimeOfDay { hour, minute })
    }

    /// What came.
    pub(super) fn result(&self) -> Result<Recording, Failure> {
        let stored = Stored { slot: Slot::default(), seconds: None, start: self.start, perfusion_index: Some(false) };
        self.tally.result(stored).map_err(|failure| match failure {
            Failure::NoAnswer { .. } => {
                Failure::NoAnswer { to: "for its recording (on a CMS50E or CMS50F choose \"upload\" in its menu)" }
            }
            other => other,
        })
    }
}
