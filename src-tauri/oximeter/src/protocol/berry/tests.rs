use super::*;
use crate::Protocol;
use crate::protocol::tests::{decode, last_of};
use proptest::prelude::*;

/// An example worked out from the layout.
#[test]
fn a_frame_without_a_finger_has_neither_numbers_nor_a_wave() {
    let frame = Frame::from_bytes([0x80, 0x00, 0x50, 0x7F, 0x7F]).unwrap();
    assert_eq!(frame, Frame { no_finger: true, pulse_rate: 255, spo2: 127, ..Frame::default() });
    let sample = frame.sample();
    assert_eq!((sample.spo2, sample.pulse_rate, sample.pleth), (None, None, None));
    assert!(sample.flags.no_finger && !sample.flags.weak_signal);
}

#[test]
fn a_probe_that_is_unplugged_or_gives_no_signal_has_no_numbers_whatever_it_sends() {
    for frame in [
        Frame { probe_unplugged: true, pulse_rate: 72, spo2: 97, ..Frame::default() },
        Frame { no_signal: true, pulse_rate: 72, spo2: 97, ..Frame::default() },
        Frame { no_finger: true, pulse_rate: 72, spo2: 97, ..Frame::default() },
    ] {
        let sample = frame.sample();
        assert_eq!((sample.spo2, sample.pulse_rate), (None, None));
        assert!(sample.flags.no_finger);
    }
}

#[test]
fn every_frame_survives_decoding_and_encoding() {
    for b1 in 0x80..=0xFF {
        for b3 in 0..0x80 {
            let bytes = [b1, 0x15, b3, 0x2A, 0x55];
            assert_eq!(Frame::from_bytes(bytes).unwrap().to_bytes(), bytes);
        }
    }
}

#[test]
fn a_pulse_rate_over_127_keeps_the_bit_that_travels_elsewhere() {
    for rate in 1..=254_u16 {
        let sample = Sample { spo2: Some(97), pulse_rate: Some(rate), ..Sample::default() };
        assert_eq!(Frame::from_bytes(encode(&sample)).unwrap().sample().pulse_rate, Some(rate));
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_what_is_decoded(
        spo2 in 1..=100_u8, rate in 1..=254_u16, eighths in 0..=8_u8, pleth in 1..=100_u16, beat: bool,
    ) {
        let strength = strength_from_eighths(eighths);
        let sample = Sample {
            spo2: Some(spo2),
            pulse_rate: Some(rate),
            perfusion_index: None,
            signal_strength: Some(strength),
            pleth: Some(pleth),
            beat,
            flags: Flags { weak_signal: strength < WEAK_BELOW, ..Flags::default() },
        };
        prop_assert_eq!(last_of(decode(Protocol::Berry, &encode(&sample).repeat(3))), Some(sample));
    }
}
