use super::*;
use crate::Protocol;
use crate::protocol::tests::decode_apart;
use proptest::prelude::*;

/// Examples worked out from the layout.
#[test]
fn groups_of_the_layout_decode_to_their_values() {
    let group = |bytes| Group::from_bytes(bytes).unwrap();
    let numbers = |rate, spo2| Group { pulse_rate: Some(rate), spo2: Some(spo2), ..Group::default() };
    assert_eq!(group([0x80, 0x48, 0x61]), numbers(72, 97));
    assert_eq!(group([0x81, 0x16, 0x5F]), numbers(150, 95));
    assert_eq!(group([0xC3, 0x7F, 0x7F]), Group { sensor_disconnected: true, ..Group::default() });
}

#[test]
fn a_probe_that_is_not_plugged_in_has_no_numbers_whatever_is_sent() {
    let samples = decode_apart(Protocol::NoninDf1, &[[0xC0, 0x48, 0x61].as_slice(); 5]);
    assert_eq!(samples.len(), 3);
    for sample in samples {
        assert_eq!((sample.spo2, sample.pulse_rate), (None, None));
        assert!(sample.flags.no_finger && !sample.flags.searching);
    }
}

#[test]
fn a_byte_put_into_a_group_shows_no_number_that_was_not_sent() {
    for (at, byte) in [(1, 0x16), (2, 0x22), (3, 0x11)] {
        let good: &[u8] = &[0x80, 0x48, 0x61];
        let mut bad = good.to_vec();
        bad.insert(at, byte);
        let samples = decode_apart(Protocol::NoninDf1, &[good, good, good, good, &bad, good, good, good]);
        assert_eq!(samples.len(), 4);
        assert!(samples.iter().all(|sample| (sample.spo2, sample.pulse_rate) == (Some(97), Some(72))), "{at}");
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_what_is_decoded(
        spo2 in prop::option::of(1..=100_u8), pulse_rate in prop::option::of(18..=321_u16), bits: u8,
    ) {
        let bit = |at: u8| bits & 1 << at != 0;
        let group = Group {
            sensor_disconnected: bit(0), out_of_track: bit(1), low_perfusion: bit(2), marginal_perfusion: bit(3),
            artifact: bit(4), pulse_rate, spo2,
        };
        prop_assert_eq!(Group::from_bytes(group.to_bytes()), Some(group));
    }
}
