//! Stored seconds as they arrive: each at its place, or nowhere.
//!
//! A recording has no time in it but its start: the place of a value is its time. So a lost packet must leave a gap of
//! its own size, and where the size is not known the seconds that it could move are left out. No format here has a
//! checksum for stored data either. Where the sensor can, a recording is therefore fetched twice and a value counts when
//! two transfers say the same at the same place; a third is made for what the first two disagree about.

use super::{Failure, Recording, Second, Stored};
use alloc::vec;
use alloc::vec::Vec;

/// The longest recording that is believed: a week. Sensors hold 24 h; a length beyond a week is a damaged one.
pub(crate) const LONGEST: u32 = 7 * 86_400;

/// What came at each place; `None` where something was lost.
type Placed = Vec<Option<Second>>;

/// One transfer, in units: packets of as many seconds each.
#[derive(Debug)]
pub(crate) struct Transfer {
    per_unit: usize,
    /// The recording's length; `None` if the sensor's word for it was damaged.
    seconds: Option<usize>,
    /// `None`: it came, and what came cannot be.
    read: Placed,
    /// How many units stand before each place where something was lost, in order.
    breaks: Vec<usize>,
}

impl Transfer {
    pub(crate) fn new(per_unit: usize, seconds: Option<u32>) -> Self {
        Self { per_unit, seconds: seconds.map(|seconds| seconds as usize), read: Vec::new(), breaks: Vec::new() }
    }

    /// A unit that came whole.
    pub(crate) fn take(&mut self, unit: &[Second]) {
        self.read.extend(unit.iter().copied().map(Some));
    }

    /// A unit that came whole, with values that no sensor sends: it keeps its place, and what it says is lost.
    pub(crate) fn take_unread(&mut self) {
        self.read.extend(vec![None; self.per_unit]);
    }

    /// Something was lost here.
    pub(crate) fn damage(&mut self) {
        let here = self.units();
        if self.breaks.last() != Some(&here) {
            self.breaks.push(here);
        }
    }

    /// The last unit was too long, so nothing in it is certain.
    pub(crate) fn doubt_last(&mut self) {
        let before = self.units().saturating_sub(1);
        self.read.truncate(before * self.per_unit);
        self.breaks.retain(|&at| at <= before);
        self.damage();
    }

    fn units(&self) -> usize {
        self.read.len() / self.per_unit
    }

    fn units_wanted(&self) -> Option<usize> {
        Some(self.seconds?.div_ceil(self.per_unit))
    }

    /// Seconds that came.
    pub(crate) fn came(&self) -> u32 {
        self.read.len() as u32
    }

    /// Seconds that were announced.
    pub(crate) fn seconds(&self) -> Option<u32> {
        Some(self.seconds? as u32)
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.units_wanted().is_some_and(|wanted| self.units() >= wanted)
    }

    /// Every second at its place; `None` if nothing tells where some of them belong.
    pub(crate) fn place(self) -> Option<Placed> {
        let (per_unit, units) = (self.per_unit, self.units());
        // More than were announced: then it is the announcement that is damaged.
        let Some(wanted) = self.units_wanted().filter(|&wanted| units <= wanted) else {
            return self.breaks.is_empty().then_some(self.read);
        };
        let lost = wanted.saturating_sub(units);
        let mut placed: Placed = Vec::with_capacity(wanted * per_unit);
        let mut read = self.read;
        for at in &self.breaks {
            // The first unit behind damaged bytes may begin among them.
            read.iter_mut().skip(at * per_unit).take(per_unit).for_each(|second| *second = None);
        }
        let mut read = read.into_iter();
        match self.breaks.as_slice() {
            _ if lost == 0 => {}
            // Fewer came than there are, and none is damaged: whole packets are gone, and nobody saw where.
            [] => return None,
            [at] => {
                placed.extend(read.by_ref().take(at * per_unit));
                placed.extend(vec![None; lost * per_unit]);
            }
            // What stands between the first and the last place could stand elsewhere: a place may have cost any number of
            // packets, or none, where a byte too many was put between two of them.
            [first, .., last] => {
                placed.extend(read.by_ref().take(first * per_unit));
                read.by_ref().take((last - first) * per_unit).for_each(drop);
                placed.extend(vec![None; (last - first + lost) * per_unit]);
            }
        }
        placed.extend(read);
        placed.truncate(self.seconds.unwrap_or(usize::MAX));
        Some(placed)
    }
}

/// Transfers of one recording at most: two that agree, and a third for what they disagree about.
const TRANSFERS: u8 = 3;

/// What the transfers of one recording say together.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    transfers: Vec<Placed>,
    /// Transfers that brought something, placed or not.
    fruitful: u8,
    came: u32,
}

impl Tally {
    /// Takes a transfer that has ended. Returns whether it brought anything.
    pub(crate) fn add(&mut self, transfer: Option<Transfer>) -> bool {
        let Some(transfer) = transfer.filter(|transfer| transfer.came() > 0) else { return false };
        self.fruitful += 1;
        self.came += transfer.came();
        self.transfers.extend(transfer.place());
        true
    }

    /// Seconds that all transfers brought.
    pub(crate) const fn came(&self) -> u32 {
        self.came
    }

    fn count(&self) -> usize {
        self.transfers.len()
    }

    /// One transfer has come, and nothing is damaged in it.
    pub(crate) fn is_one_without_damage(&self) -> bool {
        self.fruitful == 1 && !self.has_gaps()
    }

    /// Nothing is known of any second, or of some.
    fn has_gaps(&self) -> bool {
        self.transfers.is_empty() || (0..self.len()).any(|at| self.agreed(at).is_none())
    }

    /// Another transfer could tell more, if what came once is not to be trusted.
    pub(crate) fn wants_more(&self) -> bool {
        self.fruitful < TRANSFERS && (self.count() < 2 || self.has_gaps())
    }

    /// What the transfers say. A single one stands only if the sensor gave no other: where the others were too damaged
    /// to be placed, it may be damaged itself.
    pub(crate) fn result(&self, stored: Stored) -> Result<Recording, Failure> {
        if self.fruitful == 0 {
            return Err(Failure::NoAnswer { to: "for a recording" });
        }
        if self.count() == 0 || (self.count() == 1 && self.fruitful > 1) {
            return Err(Failure::Damaged);
        }
        Ok(self.recording(stored))
    }

    /// What two transfers say of second `at`; what one says if there was no other.
    fn agreed(&self, at: usize) -> Option<Second> {
        let said = |transfer: &Placed| transfer.get(at).copied().flatten();
        match self.transfers.as_slice() {
            [only] => said(only),
            [first, others @ ..] => {
                let first = said(first);
                let others: &[Placed] = others;
                let matching = |second: Option<Second>, rest: &[Placed]| {
                    second.filter(|_| rest.iter().any(|transfer| said(transfer) == second))
                };
                matching(first, others).or_else(|| matching(said(&others[0]), &others[1..]))
            }
            [] => None,
        }
    }

    fn len(&self) -> usize {
        self.transfers.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// The recording, its length among what is `stored`.
    fn recording(&self, stored: Stored) -> Recording {
        let agreed: Placed = (0..self.len()).map(|at| self.agreed(at)).collect();
        let lost = agreed.iter().filter(|second| second.is_none()).count() as u32;
        let seconds: Vec<Second> = agreed.into_iter().map(Option::unwrap_or_default).collect();
        let stored = Stored { seconds: Some(seconds.len() as u32), ..stored };
        Recording { stored, seconds, lost, confirmed: self.count() > 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(spo2: u8) -> Second {
        Second { spo2: Some(spo2), ..Second::default() }
    }

    /// A transfer of nine seconds in units of three, of which `units` come; a break before each that is marked.
    fn transfer(units: &[(bool, u8)]) -> Option<Vec<Option<u8>>> {
        let mut transfer = Transfer::new(3, Some(9));
        for &(broken, first) in units {
            if broken {
                transfer.damage();
            }
            transfer.take(&[second(first), second(first + 1), second(first + 2)]);
        }
        let placed = transfer.place()?;
        Some(placed.into_iter().map(|second| second.and_then(|second| second.spo2)).collect())
    }

    #[test]
    fn a_lost_packet_leaves_a_gap_of_its_own_size() {
        // The packet behind the gap is left out, too.
        let placed = transfer(&[(true, 4), (false, 7)]).unwrap();
        assert_eq!(placed, [None, None, None, None, None, None, Some(7), Some(8), Some(9)]);
        let placed = transfer(&[(false, 1), (true, 7)]).unwrap();
        assert_eq!(placed, [Some(1), Some(2), Some(3), None, None, None, None, None, None]);
    }

    #[test]
    fn packets_that_vanish_without_a_trace_leave_nothing_that_can_be_placed() {
        assert_eq!(transfer(&[(false, 1), (false, 7)]), None);
    }

    #[test]
    fn what_could_stand_elsewhere_is_left_out() {
        let mut transfer = Transfer::new(1, Some(10));
        for at in 0..6 {
            if at == 2 || at == 4 {
                transfer.damage();
            }
            transfer.take(&[second(at + 1)]);
        }
        let placed: Vec<_> =
            transfer.place().unwrap().into_iter().map(|second| second.and_then(|second| second.spo2)).collect();
        let mut expected = [None; 10];
        (expected[0], expected[1], expected[9]) = (Some(1), Some(2), Some(6));
        assert_eq!(placed, expected);
    }

    #[test]
    fn a_packet_that_was_too_long_is_lost() {
        let mut transfer = Transfer::new(1, Some(4));
        transfer.take(&[second(1)]);
        transfer.take(&[second(2)]);
        transfer.doubt_last();
        transfer.take(&[second(3)]);
        transfer.take(&[second(4)]);
        assert_eq!(transfer.place().unwrap(), [Some(second(1)), None, None, Some(second(4))]);
    }

    #[test]
    fn padding_is_no_second() {
        let mut transfer = Transfer::new(3, Some(4));
        transfer.take(&[second(1), second(2), second(3)]);
        assert!(!transfer.is_whole());
        transfer.take(&[second(4), Second::default(), Second::default()]);
        assert!(transfer.is_whole());
        assert_eq!(transfer.place().unwrap().len(), 4);
    }

    #[test]
    fn a_value_counts_when_two_transfers_say_it() {
        let tally = Tally {
            transfers: [
                vec![Some(second(97)), Some(second(96)), Some(second(95)), None],
                vec![Some(second(97)), Some(second(33)), None, None],
                vec![None, Some(second(96)), Some(second(95)), Some(second(94))],
            ]
            .to_vec(),
            ..Tally::default()
        };
        let recording = tally.recording(Stored::default());
        assert_eq!(recording.seconds, [second(97), second(96), second(95), Second::default()]);
        assert_eq!((recording.lost, recording.confirmed), (1, true));
    }
}
