//! A capture as a sensor.

use super::{Capture, Entry, Event};
use crate::Presence;
use alloc::vec::Vec;
use core::num::NonZeroU16;
use core::time::Duration;

/// How long before the host of the capture opened its port again the sensor is plugged in again, at most.
const BACK_BEFORE: Duration = Duration::from_secs(1);

/// Plays a capture as a sensor: what came then comes again, at the same distances. Without I/O and without a clock.
///
/// It says what the sensor said, whatever the host says this time: a host that asks other questions, or at other
/// times, is not answered. Where the sensor was unplugged it is unplugged again, and comes back shortly before it came
/// back then. After the last entry it stays, and is silent.
///
/// ```
/// use core::num::NonZeroU16;
/// use core::time::Duration;
/// use oximeter::capture::{Capture, Replay};
///
/// let capture: Capture = "oxiward-capture 1\n3.000 < 85 40\n4.000 < 07 48 61\n".parse()?;
/// let mut replay = Replay::new(capture, NonZeroU16::MIN, Duration::ZERO);
/// let mut bytes = Vec::new();
/// replay.poll(Duration::from_secs(3), &mut bytes);
/// assert_eq!(bytes, [0x85, 0x40]);
/// assert_eq!(replay.next_wake(), Some(Duration::from_secs(4)));
/// # Ok::<(), oximeter::capture::CaptureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Replay {
    entries: Vec<Entry>,
    next: usize,
    speed: NonZeroU16,
    began: Duration,
    /// Until when, in the capture's time, the sensor is away; `None` while it is plugged in.
    away_until: Option<Duration>,
}

impl Replay {
    /// Begins at `now`, and plays `speed` times as fast as it was.
    #[must_use]
    pub fn new(capture: Capture, speed: NonZeroU16, now: Duration) -> Self {
        Self { entries: capture.entries, next: 0, speed, began: now, away_until: None }
    }

    /// Appends to `send` what has come by `now`. A sensor that was just unplugged may have sent something before.
    pub fn poll(&mut self, now: Duration, send: &mut Vec<u8>) -> Presence {
        let at = now.saturating_sub(self.began).saturating_mul(self.speed.get().into());
        self.away_until = self.away_until.filter(|&until| at < until);
        while self.away_until.is_none()
            && let Some(entry) = self.entries.get(self.next)
            && entry.at <= at
        {
            self.next += 1;
            match &entry.event {
                Event::Received(bytes) => send.extend_from_slice(bytes),
                Event::Gone => {
                    let gone = entry.at;
                    self.away_until = Some(self.comes_back(gone)).filter(|&until| at < until);
                    return Presence::Unplugged;
                }
                _ => {}
            }
        }
        if self.away_until.is_some() { Presence::Unplugged } else { Presence::Plugged }
    }

    /// When [`poll`](Self::poll) will have something to do; a time that has passed means at once. `None` after the end.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        let at = self.away_until.or_else(|| self.entries.get(self.next).map(|entry| entry.at))?;
        (at < Duration::MAX).then(|| {
            // Rounded up: a time too early by a part of a nanosecond would be asked for over and over.
            let nanos = at.as_nanos().div_ceil(self.speed.get().into());
            self.began.saturating_add(Duration::from_nanos(nanos as u64))
        })
    }

    /// Everything was played.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.next >= self.entries.len()
    }

    /// Whether the sensor is unplugged at some time that is still to come.
    #[must_use]
    pub fn is_unplugged_at_times(&self) -> bool {
        self.entries[self.next..].iter().any(|entry| entry.event == Event::Gone)
    }

    /// When a sensor that went at `gone` is there again; never if nothing more came of it.
    fn comes_back(&self, gone: Duration) -> Duration {
        let heard_again = |entry: &&Entry| matches!(entry.event, Event::Opened(_) | Event::Received(_));
        let Some(again) = self.entries[self.next..].iter().find(heard_again) else { return Duration::MAX };
        let away = again.at - gone;
        again.at - BACK_BEFORE.min(away / 2)
    }
}
