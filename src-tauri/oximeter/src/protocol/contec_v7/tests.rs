use super::*;
use crate::protocol::tests::{decode, decode_with_counters, last_of};
use crate::{Protocol, Session};
use alloc::vec::Vec;
use core::time::Duration;
use proptest::prelude::*;

/// What a CMS50D+ with firmware 4.6 answered, in order; real bytes, with the commands before them:
/// headrotor/contec_data, `stream_data.py` (docstring), commit bd08a71236ce5ee84a8ec7d494643383a8f04540, MIT,
/// (c) 2019 J Foote.
const HANDSHAKE: [(u8, &[&[u8]]); 10] = [
    (0xA7, &[&[0x0C, 0x80]]),
    (0xA2, &[&[0x0C, 0x80]]),
    (0xA0, &[&[0x06, 0x80, 0x80, 0x87]]),
    (0xB0, &[&[0x11, 0x80, 0x81, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80]]),
    (0xAC, &[&[0x0E, 0x80, 0x81]]),
    (
        0xB3,
        &[
            &[0x13, 0x80, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0],
            &[0x14, 0x80, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0x80, 0x80],
        ],
    ),
    (
        0xA8,
        &[
            &[0x02, 0x80, 0x80, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0],
            &[0x02, 0x81, 0xFF, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0],
        ],
    ),
    (0xAA, &[&[0x04, 0x80, 0xF5, 0xF3, 0xE5, 0xF2, 0xA0, 0xA0, 0xA0]]),
    (0xA9, &[&[0x03, 0x80, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0]]),
    (
        0xA1,
        &[
            &[0x01, 0xE0, 0x85, 0xB3, 0x96, 0xC1, 0xE1, 0xFF, 0xFF],
            &[0x01, 0xE0, 0x85, 0xB0, 0x96, 0xC1, 0xE1, 0xFF, 0xFF],
            &[0x01, 0xE0, 0x85, 0xAE, 0x95, 0xC1, 0xE1, 0xFF, 0xFF],
            &[0x01, 0xE0, 0x85, 0xAC, 0x95, 0xC1, 0xE1, 0xFF, 0xFF],
            &[0x01, 0xE0, 0x85, 0xAB, 0x95, 0xC1, 0xE1, 0xFF, 0xFF],
            &[0x01, 0xE0, 0x85, 0xAA, 0x95, 0xC1, 0xE1, 0xFF, 0xFF],
            &[0x01, 0xE0, 0x85, 0xAA, 0x95, 0xC1, 0xE1, 0xFF, 0xFF],
        ],
    ),
];

fn packet_of(bytes: &[u8]) -> Packet {
    let mut framer = Framer::default();
    let framed: Vec<Framed> = bytes.iter().map(|&byte| framer.push(byte)).collect();
    match framed.as_slice() {
        [before @ .., Framed::Whole(packet)] if before.iter().all(|step| *step == Framed::Pending) => *packet,
        other => panic!("{other:?}"),
    }
}

fn live_of(bytes: [u8; 9]) -> Live {
    Live::from_packet(&packet_of(&bytes)).unwrap()
}

#[test]
fn the_live_packets_of_a_real_cms50d_plus_decode_to_their_values() {
    let live: Vec<Live> = HANDSHAKE[9].1.iter().map(|bytes| Live::from_packet(&packet_of(bytes)).unwrap()).collect();
    let pleth: Vec<u8> = live.iter().map(|live| live.pleth).collect();
    let bar: Vec<u8> = live.iter().map(|live| live.bar).collect();
    assert_eq!(pleth, [51, 48, 46, 44, 43, 42, 42]);
    assert_eq!(bar, [6, 6, 5, 5, 5, 5, 5]);
    for (pleth, live) in pleth.iter().zip(&live) {
        let sample = Sample {
            spo2: Some(97),
            pulse_rate: Some(65),
            signal_strength: Some(63),
            pleth: Some((*pleth).into()),
            ..Sample::default()
        };
        assert_eq!(live.sample(), sample);
    }
}

#[test]
fn every_packet_of_a_real_handshake_survives_decoding_and_encoding() {
    for bytes in HANDSHAKE.iter().flat_map(|(_, answers)| answers.iter()) {
        assert_eq!(packet_of(bytes).bytes().as_ref(), *bytes);
    }
}

#[test]
fn live_packets_of_public_descriptions_decode_to_their_values() {
    // Real bytes of a CMS50E.
    let live = live_of([0x01, 0xE0, 0x84, 0x93, 0x92, 0xBC, 0xE3, 0xFF, 0xFF]);
    assert_eq!((live.strength, live.pleth, live.bar, live.pulse_rate, live.spo2), (4, 19, 2, 60, 99));
    assert_eq!(live.sample().perfusion_index, None);
    // Worked out from the layout.
    for (bytes, rate, index) in [
        ([0x01, 0x88, 0x86, 0xD0, 0x89, 0x96, 0xDF, 0xC5, 0x81], 150, 325),
        ([0x01, 0xA8, 0x86, 0xD0, 0x89, 0xFE, 0xDF, 0x98, 0x88], 254, 2200),
    ] {
        let live = live_of(bytes);
        assert_eq!((live.strength, live.pleth, live.bar, live.perfusion_invalid), (6, 80, 9, false));
        let sample = live.sample();
        assert_eq!((sample.spo2, sample.pulse_rate, sample.perfusion_index), (Some(95), Some(rate), Some(index)));
    }
    let out = live_of([0x01, 0xE9, 0x80, 0xC0, 0x90, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!((out.probe_error, out.pleth), (true, 64));
    let sample = out.sample();
    assert_eq!((sample.spo2, sample.pulse_rate, sample.perfusion_index), (None, None, None));
}

#[test]
fn packets_of_stored_recordings_decode_to_their_values() {
    let payload = |bytes: &[u8]| packet_of(bytes).payload().to_vec();
    // Real bytes of a CMS50F: 1234 bytes are stored.
    assert_eq!(payload(&[0x08, 0x84, 0x80, 0x80, 0xD2, 0x84, 0x80, 0x80]), [0, 0, 0xD2, 0x04, 0, 0]);
    assert_eq!(payload(&[0x08, 0x80, 0x80, 0x80, 0x8F, 0xD0, 0x81, 0x80]), [0, 0, 0x0F, 0x50, 0x01, 0]);
    assert_eq!(payload(&[0x0F, 0x80, 0xDE, 0xC2, 0xDE, 0xC2, 0xDE, 0xC2]), [94, 66, 94, 66, 94, 66]);
    assert_eq!(payload(&[0x0F, 0xAA, 0xDD, 0x96, 0xDE, 0x95, 0xFF, 0xFF]), [93, 150, 94, 149, 0x7F, 0xFF]);
    assert_eq!(payload(&[0x09, 0x80, 0xE1, 0xC4, 0xCE, 0x82]), [97, 68, 0x4E, 0x02]);
    assert_eq!(payload(&[0x07, 0x80, 0x80, 0x80, 0x94, 0x8E, 0x88, 0x92]), [0, 0, 20, 14, 8, 18]);
    assert_eq!(payload(&[0x12, 0x80, 0x80, 0x80, 0x82, 0xA6, 0x92, 0x80]), [0, 0, 2, 38, 18, 0]);
    assert_eq!(payload(&[0x0B, 0x81, 0xB2, 0x80]), [0xB2, 0]);
    assert_eq!(payload(&[0x0B, 0x81, 0xB6, 0x85]), [0xB6, 5]);
}

#[test]
fn commands_carry_the_high_bits_of_their_arguments() {
    let bytes = |code, arguments: &[u8]| Packet::command(code, arguments).bytes().as_ref().to_vec();
    assert_eq!(bytes(command::SET_DATE, &[20, 26, 3, 9, 1]), [0x7D, 0x81, 0xB2, 0x94, 0x9A, 0x83, 0x89, 0x81, 0x80]);
    assert_eq!(bytes(command::SET_TIME, &[7, 5, 30]), [0x7D, 0x81, 0xB1, 0x87, 0x85, 0x9E, 0x80, 0x80, 0x80]);
    assert_eq!(bytes(command::DELETE, &[0, 0xFF]), [0x7D, 0x85, 0xAE, 0x80, 0xFF, 0x80, 0x80, 0x80, 0x80]);
}

#[test]
fn a_pulse_rate_over_127_keeps_its_high_bit() {
    for rate in 1..=254_u16 {
        let sample = Sample { spo2: Some(97), pulse_rate: Some(rate), ..Sample::default() };
        let shown = last_of(decode(Protocol::ContecV7, &encode(&sample).as_ref().repeat(3))).unwrap();
        assert_eq!(shown.pulse_rate, Some(rate));
    }
}

#[test]
fn the_flags_take_left_over_numbers_away() {
    // With the second byte that is reported of a CMS50D+: bit 3 is clear, so the rate cannot be the 255 of the
    // document.
    for (bytes, no_finger) in [
        ([0x01, 0xE1, 0x80, 0xC0, 0x90, 0xC1, 0xE1, 0xFF, 0xFF], true),
        ([0x01, 0xE2, 0x83, 0xC0, 0x90, 0xC1, 0xE1, 0xFF, 0xFF], false),
    ] {
        let sample = live_of(bytes).sample();
        assert_eq!((sample.spo2, sample.pulse_rate), (None, None));
        assert_eq!((sample.flags.no_finger, sample.flags.searching), (no_finger, !no_finger));
    }
}

#[test]
fn a_perfusion_index_marked_as_invalid_is_none() {
    let valid = Live { spo2: 97, pulse_rate: 72, perfusion_index: 325, ..Live::default() };
    assert_eq!(valid.sample().perfusion_index, Some(325));
    assert_eq!(Live { perfusion_invalid: true, ..valid }.sample().perfusion_index, None);
    for out_of_range in [0, 2201, 0xFFFF] {
        assert_eq!(Live { perfusion_index: out_of_range, ..valid }.sample().perfusion_index, None);
    }
}

#[test]
fn a_sensor_that_says_it_has_no_perfusion_index_is_believed_if_it_was_asked() {
    let claims = Live { spo2: 97, pulse_rate: 72, perfusion_index: 325, ..Live::default() };
    let mut stream = [0x0E, 0x80, 0x81].to_vec();
    for _ in 0..3 {
        stream.extend_from_slice(claims.packet().bytes().as_ref());
    }
    for (asked, index) in [(true, None), (false, Some(325))] {
        let mut session = Session::new(Protocol::ContecV7, Duration::ZERO);
        if asked {
            session.start(Duration::ZERO, &mut Vec::new());
        }
        let mut shown = Vec::new();
        session.receive(Duration::ZERO, &stream, &mut |sample| shown.push((sample.spo2, sample.perfusion_index)));
        assert_eq!(shown.last(), Some(&(Some(97), index)));
    }
}

#[test]
fn packets_of_unknown_types_are_skipped_and_cost_nothing() {
    let live = [0x01, 0xE0, 0x85, 0xB3, 0x96, 0xC1, 0xE1, 0xFF, 0xFF];
    let mut stream = Vec::new();
    for _ in 0..5 {
        stream.extend_from_slice(&live);
        stream.extend_from_slice(&[0x55, 0x80, 0xA0, 0xA0, 0xFF]);
    }
    let (samples, counters) = decode_with_counters(Protocol::ContecV7, &stream);
    assert_eq!(samples.last().unwrap().spo2, Some(97));
    assert_eq!((counters.packets, counters.rejected, counters.skipped), (5, 0, 25));
}

#[test]
fn xon_and_xoff_are_packet_types_like_any_other() {
    let mut stream = Vec::new();
    for _ in 0..3 {
        stream.extend_from_slice(&[0x13, 0x80, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0]);
        stream.extend_from_slice(&[0x11, 0x80, 0x81, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80]);
        stream.extend_from_slice(&[0x01, 0xE0, 0x85, 0xB3, 0x96, 0xC1, 0xE1, 0xFF, 0xFF]);
    }
    let (samples, counters) = decode_with_counters(Protocol::ContecV7, &stream);
    assert_eq!(samples.last().unwrap().spo2, Some(97));
    assert_eq!((counters.packets, counters.rejected, counters.skipped), (9, 0, 0));
}

#[test]
fn a_packet_that_lost_a_byte_costs_itself_alone() {
    let live = [0x01, 0xE0, 0x85, 0xB3, 0x96, 0xC1, 0xE1, 0xFF, 0xFF];
    for lost in 0..9 {
        let mut stream = live.repeat(4);
        stream.remove(27 + lost);
        stream.extend(live.repeat(3));
        let (samples, counters) = decode_with_counters(Protocol::ContecV7, &stream);
        assert_eq!(counters.packets, 6, "byte {lost}");
        assert!(samples.iter().skip(2).all(|sample| sample.spo2 == Some(97)), "byte {lost}");
    }
}

#[test]
fn a_packet_that_is_too_long_supports_no_number() {
    // A byte doubled in the middle moves the pulse rate to where the saturation stands: 65 for 97.
    let stream = [0x01, 0xE0, 0x85, 0xB3, 0x96, 0xC1, 0xC1, 0xE1, 0xFF, 0xFF].repeat(50);
    let (samples, counters) = decode_with_counters(Protocol::ContecV7, &stream);
    assert!(samples.iter().all(|sample| sample.spo2.is_none() && sample.pulse_rate.is_none()));
    assert_eq!((counters.rejected, counters.skipped), (50, 50));
}

fn samples() -> impl Strategy<Value = Sample> {
    let numbers =
        (proptest::option::of(1..=100_u8), proptest::option::of(1..=254_u16), proptest::option::of(1..=2200_u16));
    (numbers, 0..=8_u8, 0..=127_u16, any::<bool>(), 0..4_u8).prop_map(|(numbers, eighths, pleth, beat, state)| {
        let (no_finger, searching) = (state == 1, state == 2);
        let measured = !no_finger && !searching;
        let strength = strength_from_eighths(eighths);
        Sample {
            spo2: numbers.0.filter(|_| measured),
            pulse_rate: numbers.1.filter(|_| measured),
            perfusion_index: numbers.2.filter(|_| measured),
            signal_strength: Some(strength),
            pleth: Some(pleth),
            beat,
            flags: Flags { no_finger, searching, weak_signal: !no_finger && strength < WEAK_BELOW, ..Flags::default() },
        }
    })
}

proptest! {
    #[test]
    fn what_is_encoded_is_what_is_decoded(sample in samples()) {
        prop_assert_eq!(last_of(decode(Protocol::ContecV7, &encode(&sample).as_ref().repeat(3))), Some(sample));
    }

    #[test]
    fn every_packet_survives_packing_and_unpacking(kind in 0_u8..0x80, payload: [u8; 7]) {
        if let Some(packet) = Packet::new(kind, &payload) {
            prop_assert_eq!(packet_of(packet.bytes().as_ref()), packet);
            prop_assert_eq!(packet.bytes().as_ref().len(), length(kind).unwrap());
        }
    }
}

mod conversation;
mod errands;
