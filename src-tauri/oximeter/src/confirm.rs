//! The rule that stands in for a checksum.

/// Packets in a row that must agree before a change stands.
///
/// The Contec formats carry no checksum, so a flipped bit or a byte lost and another gained is a well-formed packet
/// with a wrong number. Such damage does not repeat itself: with a bit error in one packet of a hundred, two packets in
/// a row show the same wrong number about once a day and three about once in ten years. At 60 packets a second the
/// third packet comes 33 ms after the first. Rejected: holding each packet until the next one begins (finds only wrong
/// lengths), and refusing large steps (a finger that is put back is one).
pub(crate) const AGREEMENT: u8 = 3;

/// The same behind damage, until something is agreed upon again. A line that is read at a wrong speed for a moment makes
/// of packets that are alike misread packets that are alike: three of those in a row came about once in ten thousand
/// such moments, six not in millions of packets.
const AGREEMENT_IN_DOUBT: u8 = 6;

/// Packets for which a standing value may go unseen. A value that no packet carries any more, while no other settles,
/// is old and must not be shown as new. One second at 60 packets a second.
const PATIENCE: u8 = 60;

/// A value that changes only when [`AGREEMENT`] packets in a row carry the same new one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Confirmed<T> {
    standing: T,
    candidate: T,
    agreed: u8,
    unseen: u8,
    in_doubt: bool,
}

impl<T: Copy + PartialEq + Default> Confirmed<T> {
    /// Takes in what a packet carries; returns what stands.
    pub(crate) fn see(&mut self, value: T) -> T {
        if value == self.candidate {
            self.agreed = self.agreed.saturating_add(1);
        } else {
            self.candidate = value;
            self.agreed = 1;
        }
        let enough = if self.in_doubt { AGREEMENT_IN_DOUBT } else { AGREEMENT };
        if self.agreed >= enough {
            self.in_doubt = false;
            self.standing = value;
        }
        if value == self.standing {
            self.unseen = 0;
        } else {
            self.unseen = self.unseen.saturating_add(1);
            if self.unseen >= PATIENCE {
                self.standing = T::default();
            }
        }
        self.standing
    }

    /// Whether what the last packet carried stands: to see it once more changes nothing.
    pub(crate) const fn stands(&self) -> bool {
        self.agreed >= AGREEMENT && !self.in_doubt
    }

    /// The stream is damaged here: what the packets before carried supports nothing that is to come.
    pub(crate) fn doubt(&mut self) {
        self.agreed = 0;
        self.in_doubt = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_with_the_third_packet_that_carries_it() {
        let mut value = Confirmed::<Option<u8>>::default();
        assert_eq!([97, 97, 97].map(|spo2| value.see(Some(spo2))), [None, None, Some(97)]);
    }

    #[test]
    fn damage_in_one_or_two_packets_changes_nothing() {
        let mut value = Confirmed::default();
        for spo2 in [97, 97, 97] {
            value.see(Some(spo2));
        }
        for spo2 in [33, 97, 33, 33, 97, 65, 33, 65] {
            assert_eq!(value.see(Some(spo2)), Some(97));
        }
    }

    #[test]
    fn a_value_that_is_missing_is_confirmed_like_any_other() {
        let mut value = Confirmed::default();
        for spo2 in [97, 97, 97] {
            value.see(Some(spo2));
        }
        assert_eq!([None, None, None].map(|missing| value.see(missing)), [Some(97), Some(97), None]);
    }

    #[test]
    fn a_value_that_no_packet_carries_any_more_is_gone_within_a_second() {
        let mut value = Confirmed::default();
        for spo2 in [97, 97, 97] {
            value.see(Some(spo2));
        }
        let shown = (0..PATIENCE).map(|n| value.see(Some(n % 2))).last();
        assert_eq!(shown, Some(None));
    }

    #[test]
    fn a_packet_that_is_doubted_supports_nothing_and_behind_it_six_must_agree() {
        let mut value = Confirmed::<Option<u8>>::default();
        value.see(Some(97));
        value.see(Some(97));
        value.doubt();
        let shown = [97; 6].map(|spo2| value.see(Some(spo2)));
        assert_eq!(shown, [None, None, None, None, None, Some(97)]);
        // Agreed upon: three are enough again.
        assert_eq!([96; 3].map(|spo2| value.see(Some(spo2))), [Some(97), Some(97), Some(96)]);
    }
}
