use super::*;
use crate::Protocol;
use crate::protocol::tests::{decode, decode_with_counters, last_of};
use proptest::prelude::*;

/// Each line of the tables in public descriptions; the values were worked out from the layout.
#[test]
fn frames_of_the_layout_decode_to_their_values() {
    let frame = |bytes| Frame::from_bytes(bytes).unwrap();
    assert_eq!(
        frame([0x85, 0x40, 0x07, 0x48, 0x61]),
        Frame { strength: 5, pleth: 64, bar: 7, pulse_rate: 72, spo2: 97, ..Frame::default() }
    );
    assert_eq!(
        frame([0xC6, 0x5A, 0x4A, 0x16, 0x5F]),
        Frame { beat: true, strength: 6, pleth: 90, bar: 10, pulse_rate: 150, spo2: 95, ..Frame::default() }
    );
    let searching = frame([0x83, 0x20, 0x21, 0x00, 0x00]);
    assert_eq!(searching, Frame { strength: 3, pleth: 32, bar: 1, searching: true, ..Frame::default() });
    assert_eq!((searching.sample().spo2, searching.sample().pulse_rate), (None, None));
}

/// After `unittests.py` of atbrask/CMS50Dplus, which tries every value of every field both ways.
#[test]
fn every_frame_survives_decoding_and_encoding() {
    for b1 in 0x80..=0xFF {
        for b3 in 0..0x80 {
            let bytes = [b1, 0x15, b3, 0x2A, 0x55];
            assert_eq!(Frame::from_bytes(bytes).unwrap().to_bytes(), bytes);
        }
    }
    for low in 0..0x80 {
        let bytes = [0x80, low, 0, low, low];
        assert_eq!(Frame::from_bytes(bytes).unwrap().to_bytes(), bytes);
    }
}

#[test]
fn a_pulse_rate_over_127_keeps_the_bit_that_travels_elsewhere() {
    for rate in 1..=254_u16 {
        let sample = Sample { spo2: Some(97), pulse_rate: Some(rate), ..Sample::default() };
        assert_eq!(Frame::from_bytes(encode(&sample)).unwrap().sample().pulse_rate, Some(rate));
    }
}

#[test]
fn zero_and_the_marks_for_missing_are_no_numbers() {
    for (rate, spo2) in [(0, 0), (255, 127)] {
        let sample = Frame { pulse_rate: rate, spo2, strength: 5, ..Frame::default() }.sample();
        assert_eq!((sample.pulse_rate, sample.spo2), (None, None));
    }
    for spo2 in 101..=127 {
        assert_eq!(Frame { spo2, ..Frame::default() }.sample().spo2, None);
    }
}

#[test]
fn a_probe_without_a_finger_has_no_numbers_whatever_it_sends() {
    for frame in [
        Frame { no_signal: true, pulse_rate: 72, spo2: 97, ..Frame::default() },
        Frame { probe_error: true, pulse_rate: 72, spo2: 97, ..Frame::default() },
    ] {
        let sample = frame.sample();
        assert_eq!((sample.pulse_rate, sample.spo2), (None, None));
        assert!(sample.flags.no_finger && !sample.flags.weak_signal);
    }
}

#[test]
fn a_frame_that_lost_a_byte_costs_itself_alone() {
    let good = [0x85, 0x40, 0x07, 0x48, 0x61];
    for lost in 0..5 {
        let mut stream = good.repeat(4);
        stream.remove(15 + lost);
        stream.extend(good.repeat(3));
        let (samples, counters) = decode_with_counters(Protocol::Cms50, &stream);
        assert_eq!(counters.packets, 6, "byte {lost}");
        assert!(samples.iter().skip(2).all(|sample| sample.spo2 == Some(97)), "byte {lost}");
    }
}

#[test]
fn a_frame_that_is_too_long_supports_no_number() {
    // A byte doubled in the middle moves the pulse rate to where the saturation stands.
    let stream = [0x85, 0x40, 0x07, 0x48, 0x48, 0x61].repeat(50);
    let (samples, counters) = decode_with_counters(Protocol::Cms50, &stream);
    assert!(samples.iter().all(|sample| sample.spo2.is_none()));
    assert_eq!((counters.rejected, counters.skipped), (50, 50));
}

fn frames() -> impl Strategy<Value = Sample> {
    (1..=100_u8, 1..=254_u16, 0..=8_u8, 0..=127_u16, any::<bool>(), 0..4_u8).prop_map(
        |(spo2, rate, eighths, pleth, beat, state)| {
            let (no_finger, searching) = (state == 1, state == 2);
            let measured = !no_finger && !searching;
            let strength = strength_from_eighths(eighths);
            Sample {
                spo2: measured.then_some(spo2),
                pulse_rate: measured.then_some(rate),
                perfusion_index: None,
                signal_strength: Some(strength),
                pleth: Some(pleth),
                beat,
                flags: Flags {
                    no_finger,
                    searching,
                    weak_signal: !no_finger && strength < WEAK_BELOW,
                    ..Flags::default()
                },
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_encoded_is_what_is_decoded(sample in frames()) {
        prop_assert_eq!(Frame::from_bytes(encode(&sample)).unwrap().sample(), sample);
        prop_assert_eq!(last_of(decode(Protocol::Cms50, &encode(&sample).repeat(3))), Some(sample));
    }
}

#[test]
fn a_number_of_before_two_seconds_of_quiet_is_not_carried_on() {
    let frame = |spo2| encode(&Sample { spo2: Some(spo2), pulse_rate: Some(72), ..Sample::default() });
    let mut session = crate::Session::new(Protocol::Cms50, Duration::ZERO);
    let mut spo2 = Vec::new();
    for (ms, sent) in [(0, 97), (16, 97), (33, 97), (2_032, 80), (4_032, 80), (4_049, 80), (4_065, 80)] {
        session.receive(Duration::from_millis(ms), &frame(sent), &mut |sample| spo2.push(sample.spo2));
    }
    assert_eq!(spo2, [None, None, Some(97), Some(97), None, None, Some(80)]);
}

mod stored;
