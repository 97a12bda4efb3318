//! Groups of bytes once a second, told from each other by bit 7 alone: set in the first byte, clear in the others.

use crate::sample::Counters;
use core::time::Duration;

/// So long nothing follows a group that is whole; at 9600 baud the next byte of a group that is too long comes within
/// 1 ms, through a USB adapter within 16 ms.
const QUIET: Duration = Duration::from_millis(20);

/// A group comes once a second; one that comes so soon behind another is none. A pattern of three or four bits is in
/// any noise, and noise does not keep time.
const TOO_SOON: Duration = Duration::from_millis(500);

/// Groups in a row before the first is believed, and after damage: then the second is enough, for this sensor was there
/// before.
const AT_FIRST: u8 = 3;
const AGAIN: u8 = 2;

/// Finds groups of `N` bytes. One that is too short or too long is dropped; that it is not too long shows only by the
/// quiet behind it.
#[derive(Debug)]
pub(in crate::protocol) struct Groups<const N: usize> {
    bytes: [u8; N],
    len: usize,
    /// When the last byte of a group came that is long enough.
    whole: Option<Duration>,
    /// When the last byte of the last whole group came.
    before: Option<Duration>,
    /// Groups that are still to come in a row before one counts.
    wanted: u8,
}

impl<const N: usize> Default for Groups<N> {
    fn default() -> Self {
        Self { bytes: [0; N], len: 0, whole: None, before: None, wanted: AT_FIRST }
    }
}

impl<const N: usize> Groups<N> {
    /// Takes a byte. Returns the group before it, if that is whole and in step.
    pub(in crate::protocol) fn push(&mut self, now: Duration, byte: u8, counters: &mut Counters) -> Option<[u8; N]> {
        if byte & 0x80 != 0 {
            let is_quiet = self.next_wake().is_none_or(|due| now >= due);
            let before = if is_quiet { self.release(counters) } else { None };
            if self.len > 0 || self.whole.take().is_some() {
                counters.rejected += 1;
                self.doubt();
            }
            self.bytes[0] = byte;
            self.len = 1;
            return before;
        }
        if self.whole.take().is_some() {
            counters.rejected += 1;
            self.doubt();
            self.len = 0;
        } else if self.len == 0 {
            counters.skipped += 1;
            self.doubt();
        } else {
            self.bytes[self.len] = byte;
            self.len += 1;
            if self.len == N {
                self.len = 0;
                self.whole = Some(now);
            }
        }
        None
    }

    /// The group that the quiet since its last byte shows to be whole, if it is in step.
    pub(in crate::protocol) fn poll(&mut self, now: Duration, counters: &mut Counters) -> Option<[u8; N]> {
        if self.next_wake().is_some_and(|due| now >= due) { self.release(counters) } else { None }
    }

    /// Whether a whole group has come since the start.
    pub(in crate::protocol) const fn has_heard(&self) -> bool {
        self.before.is_some()
    }

    /// What the last group said cannot be: it is damaged, and so may be those beside it.
    pub(in crate::protocol) fn disbelieve(&mut self, counters: &mut Counters) {
        counters.rejected += 1;
        self.doubt();
    }

    /// Whether the last byte ended a group, and another group's first byte would be the next.
    pub(in crate::protocol) const fn is_between(&self) -> bool {
        self.len == 0
    }

    pub(in crate::protocol) fn next_wake(&self) -> Option<Duration> {
        Some(self.whole?.saturating_add(QUIET))
    }

    fn release(&mut self, counters: &mut Counters) -> Option<[u8; N]> {
        let at = self.whole.take()?;
        let before = self.before.replace(at);
        if before.is_some_and(|before| at < before.saturating_add(TOO_SOON)) {
            counters.rejected += 1;
            self.doubt();
            return None;
        }
        counters.packets += 1;
        self.wanted = self.wanted.saturating_sub(1);
        (self.wanted == 0).then_some(self.bytes)
    }

    fn doubt(&mut self) {
        self.wanted = if self.wanted == 0 { AGAIN } else { self.wanted.max(AGAIN) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    const GOOD: [u8; 3] = [0x80, 0x48, 0x61];

    /// What comes out of bytes that come a second apart group for group.
    fn groups(sent: &[&[u8]]) -> (Vec<Option<[u8; 3]>>, Counters) {
        let (mut groups, mut counters) = (Groups::default(), Counters::default());
        let mut heard = Vec::new();
        for (second, bytes) in sent.iter().enumerate() {
            let now = Duration::from_secs(second as u64);
            let mut group = None;
            for &byte in *bytes {
                group = group.or(groups.push(now, byte, &mut counters));
            }
            heard.push(group.or_else(|| groups.poll(now + QUIET, &mut counters)));
        }
        (heard, counters)
    }

    #[test]
    fn the_third_group_in_a_row_is_the_first_that_counts() {
        let (heard, counters) = groups(&[&GOOD, &GOOD, &GOOD, &GOOD]);
        assert_eq!(heard, [None, None, Some(GOOD), Some(GOOD)]);
        assert_eq!((counters.packets, counters.rejected, counters.skipped), (4, 0, 0));
    }

    #[test]
    fn a_group_that_lost_or_gained_a_byte_is_dropped_and_the_second_good_one_behind_it_counts_again() {
        for bad in [&[0x80, 0x48][..], &[0x48, 0x61], &[0x80, 0x48, 0x48, 0x61], &[0x80, 0x61]] {
            let (heard, counters) = groups(&[&GOOD, &GOOD, &GOOD, bad, &GOOD, &GOOD]);
            assert_eq!(heard[2..], [Some(GOOD), None, None, Some(GOOD)], "{bad:?}");
            assert!(counters.rejected + counters.skipped > 0, "{bad:?}");
        }
    }

    #[test]
    fn groups_that_come_all_at_once_are_not_of_such_a_sensor() {
        let (heard, counters) = groups(&[&GOOD.repeat(20), &GOOD]);
        assert_eq!(heard, [None, None]);
        assert!(counters.rejected >= 18);
    }

    #[test]
    fn a_group_counts_when_nothing_has_followed_it_for_20_ms() {
        let (mut groups, mut counters) = (Groups::<3>::default(), Counters::default());
        for second in 0..3 {
            let now = Duration::from_secs(second);
            for byte in GOOD {
                groups.push(now, byte, &mut counters);
            }
            assert_eq!(groups.next_wake(), Some(now + QUIET));
            assert_eq!(groups.poll(now + QUIET - Duration::from_millis(1), &mut counters), None);
            assert_eq!(groups.poll(now + QUIET, &mut counters), (second == 2).then_some(GOOD));
        }
    }
}
