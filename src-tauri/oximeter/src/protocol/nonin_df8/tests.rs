use super::*;
use crate::protocol::tests::decode_apart;
use crate::{Protocol, Session};
use proptest::prelude::*;

/// Examples worked out from the layout.
#[test]
fn groups_of_the_layout_decode_to_their_values() {
    let group = |bytes| Group::from_bytes(bytes).unwrap();
    let numbers = |rate, spo2| Group { pulse_rate: Some(rate), spo2: Some(spo2), ..Group::default() };
    assert_eq!(group([0x80, 0x48, 0x61, 0x00]), numbers(72, 97));
    assert_eq!(group([0x81, 0x16, 0x5F, 0x21]), Group { smart_point: true, low_battery: true, ..numbers(150, 95) });
    assert_eq!(group([0x80, 0x48, 0x61, 0x08]), Group { sensor_alarm: true, ..numbers(72, 97) });
    assert_eq!(group([0xA3, 0x7F, 0x7F, 0x08]), Group { out_of_track: true, sensor_alarm: true, ..Group::default() });
}

#[test]
fn held_numbers_are_not_shown_while_the_finger_is_away() {
    let samples = decode_apart(Protocol::NoninDf8, &[[0x80, 0x48, 0x61, 0x08].as_slice(); 5]);
    assert_eq!(samples.len(), 3);
    for sample in samples {
        assert_eq!((sample.spo2, sample.pulse_rate), (None, None));
        assert!(sample.flags.no_finger && !sample.flags.searching);
    }
}

#[test]
fn every_pulse_rate_from_18_to_321_is_read_and_none_beyond() {
    for rate in 1..511 {
        let bytes = Group { pulse_rate: Some(rate), spo2: Some(97), ..Group::default() }.to_bytes();
        let read = Group::from_bytes(bytes).unwrap().pulse_rate;
        assert_eq!(read, Some(rate).filter(|rate| (18..=321).contains(rate)));
    }
}

#[test]
fn the_format_is_called_for_where_nothing_of_it_comes_and_never_again_once_it_does() {
    let mut session = Session::new(Protocol::NoninDf8, Duration::ZERO);
    let mut send = Vec::new();
    session.start(Duration::ZERO, &mut send);
    session.poll(Duration::from_secs(2), &mut send, &mut |_| {});
    assert!(send.is_empty());
    session.poll(Duration::from_secs(3), &mut send, &mut |_| {});
    assert_eq!(send, [0x02, 0x70, 0x02, 0x02, 0x08, 0x03]);
    send.clear();
    let mut samples = 0;
    for second in 3..10 {
        let now = Duration::from_secs(second);
        session.receive(now, &[0x80, 0x48, 0x61, 0x00], &mut |_| samples += 1);
        session.poll(now + Duration::from_millis(20), &mut send, &mut |_| samples += 1);
        if samples > 0 {
            send.clear();
        }
    }
    assert_eq!(samples, 5);
    assert!(send.is_empty());
}

proptest! {
    #[test]
    fn what_is_encoded_is_what_is_decoded(
        spo2 in prop::option::of(1..=100_u8), pulse_rate in prop::option::of(18..=321_u16), bits: u8,
    ) {
        let bit = |at: u8| bits & 1 << at != 0;
        let group = Group {
            out_of_track: bit(0), low_perfusion: bit(1), marginal_perfusion: bit(2), artifact: bit(3), pulse_rate, spo2,
            smart_point: bit(4), sensor_alarm: bit(5), low_battery: bit(6),
        };
        prop_assert_eq!(Group::from_bytes(group.to_bytes()), Some(group));
    }
}
