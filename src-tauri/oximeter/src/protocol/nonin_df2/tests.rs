use super::*;
use crate::protocol::tests::{decode, decode_with_counters, last_of};
use crate::{Flags, Protocol, Session};
use alloc::vec::Vec;
use core::time::Duration;
use proptest::prelude::*;

/// One packet of an iPod, real bytes; the FLOATs and checksums of its frames, whose STATUS is 81 once and then 80, and
/// whose pulse wave is 0 throughout. edmund-troche/spo2.nonin, `frame.txt`, commit
/// f510eed021d254d9f100e9d48daf6463b5114126, Apache-2.0.
const IPOD: [[u8; 5]; FRAMES] = [
    [0x01, 0x81, 0x00, 0x00, 0x82],
    [0x01, 0x80, 0x00, 0x3D, 0xBE],
    [0x01, 0x80, 0x00, 0x61, 0xE2],
    [0x01, 0x80, 0x00, 0x29, 0xAA],
    [0x01, 0x80, 0x00, 0x61, 0xE2],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x61, 0xE2],
    [0x01, 0x80, 0x00, 0x61, 0xE2],
    [0x01, 0x80, 0x00, 0x62, 0xE3],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x3E, 0xBF],
    [0x01, 0x80, 0x00, 0x62, 0xE3],
    [0x01, 0x80, 0x00, 0x61, 0xE2],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x3D, 0xBE],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x3E, 0xBF],
    [0x01, 0x80, 0x00, 0x00, 0x81],
    [0x01, 0x80, 0x00, 0x00, 0x81],
];

/// What a test double of an Xpod 3012LP returns in turn, real bytes. agricolab/app-nonin, `tests/conftest.py`, commit
/// 81e2c576839b0d78e7b7cb149d38e467d92fcf41, MIT.
const XPOD: [[u8; 5]; 2] = [[0x98, 0x63, 0x00, 0xFC, 0x01], [0x01, 0x98, 0x63, 0x7F, 0x01]];

fn floats_of(frames: &[[u8; 5]; FRAMES]) -> [u8; FRAMES] {
    frames.map(|frame| frame[3])
}

#[test]
fn a_real_packet_decodes_to_its_values() {
    assert!(IPOD.iter().all(|&frame| is_frame(frame)));
    let packet = Packet::from_floats(&floats_of(&IPOD));
    let values = Packet {
        pulse_rate: Some(61),
        spo2: Some(97),
        firmware: 41,
        timer: 0,
        smart_point: false,
        low_battery: false,
        spo2_display: Some(97),
        spo2_fast: Some(97),
        spo2_beat: Some(98),
        pulse_rate_8: Some(62),
        spo2_8: Some(98),
        spo2_8_display: Some(97),
        pulse_rate_display: Some(61),
        pulse_rate_8_display: Some(62),
    };
    assert_eq!(packet, values);
    // Frame 5 is reserved; this iPod has its SpO2 slew there.
    let mut floats = floats_of(&IPOD);
    floats[4] = 0;
    assert_eq!(packet.floats(), floats);
}

#[test]
fn the_numbers_of_a_real_packet_stand_with_its_last_frame() {
    let mut session = Session::new(Protocol::NoninDf2, Duration::ZERO);
    let mut samples = Vec::new();
    session.receive(Duration::ZERO, IPOD.as_flattened(), &mut |sample| samples.push(sample));
    assert_eq!(samples.len(), FRAMES);
    assert!(samples[..24].iter().all(|sample| sample.spo2.is_none() && sample.pulse_rate.is_none()));
    assert_eq!(samples[24], Sample { spo2: Some(97), pulse_rate: Some(61), pleth: Some(0), ..Sample::default() });
    assert_eq!(session.identity().firmware.as_deref(), Some("41"));
}

#[test]
fn a_stream_without_the_start_of_a_packet_shows_no_number() {
    let (samples, counters) = decode_with_counters(Protocol::NoninDf2, &XPOD.as_flattened().repeat(200));
    // One frame in ten bytes, the first at byte 9 of the endless stream.
    assert_eq!(samples.len(), 199);
    assert_eq!(counters.packets, 199);
    assert!(samples.iter().all(|sample| sample.spo2.is_none() && sample.pulse_rate.is_none()));
    assert!(samples.iter().all(|sample| sample.pleth == Some(99)));
    assert!(samples[3].flags.no_finger && samples[3].flags.artifact);
}

#[test]
fn frames_are_found_by_their_checksum_and_not_by_the_first_byte() {
    assert!(is_frame([0x01, 0x98, 0x63, 0x00, 0xFC]));
    // Cut out by a reader that splits at 01.
    assert!(!is_frame([0x01, 0x98, 0x63, 0x7F, 0x01]));
}

#[test]
fn frames_of_the_layout_have_their_bytes() {
    // Worked out from the document's layout.
    assert_eq!(frame(0x83, 0x80, 0x01), [0x01, 0x83, 0x80, 0x01, 0x05]);
    assert_eq!(frame(0x82, 0x82, 0x16), [0x01, 0x82, 0x82, 0x16, 0x1B]);
    assert_eq!(frame(0x89, 0x7F, 0x03), [0x01, 0x89, 0x7F, 0x03, 0x0C]);
    assert_eq!(frame(0x88, 0x7F, 0x7F), [0x01, 0x88, 0x7F, 0x7F, 0x87]);
}

#[test]
fn the_pulse_rate_is_put_together_from_seven_bits_a_byte() {
    for rate in 18..=321_u16 {
        let packet = Packet { pulse_rate: Some(rate), ..Packet::default() };
        let floats = packet.floats();
        assert_eq!(u16::from(floats[0]) * 128 + u16::from(floats[1]), rate);
        assert_eq!(Packet::from_floats(&floats).pulse_rate, Some(rate));
    }
}

#[test]
fn numbers_out_of_the_documented_range_are_missing() {
    assert_eq!(pulse_rate(3, 0x7F), None);
    assert_eq!([pulse_rate(0, 17), pulse_rate(0, 18)], [None, Some(18)]);
    assert_eq!([pulse_rate(2, 65), pulse_rate(2, 66)], [Some(321), None]);
    assert_eq!([spo2(0), spo2(1), spo2(100), spo2(101), spo2(127)], [None, Some(1), Some(100), None, None]);
}

fn packets_of(sample: &Sample, packets: usize) -> Vec<u8> {
    let mut encoder = Encoder::default();
    (0..packets * FRAMES).flat_map(|_| encoder.encode(sample)).collect()
}

const STEADY: Sample = Sample {
    spo2: Some(97),
    pulse_rate: Some(150),
    perfusion_index: None,
    signal_strength: None,
    pleth: Some(128),
    beat: true,
    flags: Flags {
        no_finger: false,
        searching: false,
        low_perfusion: false,
        artifact: false,
        weak_signal: false,
        low_battery: false,
    },
};

#[test]
fn a_removed_finger_takes_the_numbers_away_within_three_frames() {
    let mut stream = packets_of(&STEADY, 2);
    // The packet that is under way, its numbers sent already; then the display values would be held for 10 s.
    let out = status::SENSOR_ALARM;
    stream.extend([frame(status::SYNC, 128, 1), frame(0, 128, 22), frame(0, 128, 97)].as_flattened());
    for _ in 0..22 {
        stream.extend(frame(out, 128, 97));
    }
    let held = Packet { spo2_display: Some(97), pulse_rate_display: Some(150), ..Packet::default() };
    for (place, float) in held.floats().into_iter().enumerate() {
        stream.extend(frame(out | u8::from(place == 0), 128, float));
    }
    let samples = decode(Protocol::NoninDf2, &stream);
    assert_eq!(samples[52].spo2, Some(97));
    for sample in &samples[55..] {
        assert_eq!((sample.spo2, sample.pulse_rate), (None, None));
        assert!(sample.flags.no_finger);
    }
}

#[test]
fn values_for_display_never_stand_for_those_for_recording() {
    let packet = Packet { spo2: None, pulse_rate: None, ..Packet::from_sample(&STEADY) };
    let mut stream = Vec::new();
    for (place, float) in packet.floats().into_iter().enumerate() {
        stream.extend(frame(u8::from(place == 0), 128, float));
    }
    let sample = last_of(decode(Protocol::NoninDf2, &stream)).unwrap();
    assert_eq!((sample.spo2, sample.pulse_rate), (None, None));
}

#[test]
fn a_packet_in_which_the_finger_was_out_shows_no_number_afterwards() {
    let mut stream = packets_of(&STEADY, 1);
    let floats = Packet::from_sample(&STEADY).floats();
    for (place, float) in floats.into_iter().enumerate() {
        let bits = u8::from(place == 0) | if (5..15).contains(&place) { status::SENSOR_ALARM } else { 0 };
        stream.extend(frame(bits, 128, float));
    }
    assert_eq!(last_of(decode(Protocol::NoninDf2, &stream)).unwrap().spo2, None);
}

#[test]
fn a_pulse_that_is_not_found_with_a_finger_in_place_is_searched_for() {
    let sample = last_of(decode(Protocol::NoninDf2, &packets_of(&Sample { beat: false, ..Sample::default() }, 1)));
    assert!(sample.unwrap().flags.searching);
    let out = Sample { flags: Flags { no_finger: true, ..Flags::default() }, ..Sample::default() };
    assert!(!last_of(decode(Protocol::NoninDf2, &packets_of(&out, 1))).unwrap().flags.searching);
}

#[test]
fn perfusion_and_artifact_hold_from_one_pulse_to_the_next() {
    let mut encoder = Encoder::default();
    let mut stream = Vec::new();
    // 30 beats a minute: a pulse of 12 frames in each 150.
    let flags = Flags { low_perfusion: true, artifact: true, ..Flags::default() };
    for place in 0..450 {
        stream.extend(encoder.encode(&Sample { beat: place % 150 < 12, flags, ..STEADY }));
    }
    let samples = decode(Protocol::NoninDf2, &stream);
    assert!(samples[30..].iter().all(|sample| sample.flags.low_perfusion && sample.flags.artifact));
    assert_eq!(samples.iter().filter(|sample| sample.beat).count(), 36);
}

#[test]
fn good_perfusion_takes_poor_perfusion_back_within_three_frames() {
    let poor = Sample { flags: Flags { low_perfusion: true, ..Flags::default() }, ..STEADY };
    let stream = [packets_of(&poor, 1), packets_of(&STEADY, 1)].concat();
    let samples = decode(Protocol::NoninDf2, &stream);
    assert!(samples[24].flags.low_perfusion);
    assert!(!samples[27].flags.low_perfusion);
}

#[test]
fn a_low_battery_is_told() {
    let low = Sample { flags: Flags { low_battery: true, ..Flags::default() }, ..STEADY };
    assert!(last_of(decode(Protocol::NoninDf2, &packets_of(&low, 1))).unwrap().flags.low_battery);
}

#[test]
fn any_changed_bit_costs_its_packet_its_numbers_and_no_more() {
    let other = Sample { spo2: Some(80), pulse_rate: Some(60), ..STEADY };
    let stream = [packets_of(&STEADY, 2), packets_of(&other, 1), packets_of(&STEADY, 1)].concat();
    for bit in 0..FRAMES * 5 * 8 {
        let mut damaged = stream.clone();
        damaged[2 * FRAMES * 5 + bit / 8] ^= 1 << (bit % 8);
        let samples = decode(Protocol::NoninDf2, &damaged);
        assert!(samples.iter().all(|sample| sample.spo2 != Some(80)), "bit {bit}");
        assert_eq!(samples.last().unwrap().spo2, Some(97), "bit {bit}");
        assert!(samples.len() >= 4 * FRAMES - 2, "bit {bit}");
    }
}

#[test]
fn numbers_are_gone_a_second_after_the_last_whole_packet() {
    let mut stream = packets_of(&STEADY, 1);
    for _ in 0..75 {
        stream.extend(frame(0, 128, 0));
    }
    let samples = decode(Protocol::NoninDf2, &stream);
    assert_eq!(samples[98].spo2, Some(97));
    assert_eq!(samples[99].spo2, None);
}

#[test]
fn the_format_is_asked_for_only_where_it_does_not_come_by_itself() {
    let seconds = Duration::from_secs;
    let mut session = Session::new(Protocol::NoninDf2, seconds(10));
    let mut send = Vec::new();
    session.start(seconds(10), &mut send);
    assert!(send.is_empty());
    assert_eq!(session.next_wake(), Some(seconds(12)));
    session.poll(seconds(12), &mut send, &mut |_| {});
    assert_eq!(send, [0x02, 0x70, 0x02, 0x02, 0x02, 0x03]);
    session.receive(seconds(13), IPOD.as_flattened(), &mut |_| {});
    assert_eq!(session.next_wake(), None);
}

#[test]
fn an_answer_to_a_command_between_frames_is_no_frame() {
    let mut stream = packets_of(&STEADY, 1);
    stream.push(0x06);
    stream.extend(packets_of(&STEADY, 1));
    let (samples, counters) = decode_with_counters(Protocol::NoninDf2, &stream);
    assert_eq!((samples.len(), counters.rejected, counters.skipped), (50, 0, 1));
}

proptest! {
    #[test]
    fn what_is_encoded_is_what_is_decoded(
        spo2 in proptest::option::of(1..=100_u8), rate in 18..=321_u16, pleth in 0..=255_u16,
        low_battery: bool, perfusion in 0..3_u8,
    ) {
        let flags = Flags {
            low_perfusion: perfusion == 1,
            weak_signal: perfusion == 2,
            low_battery,
            ..Flags::default()
        };
        let sample = Sample { spo2, pulse_rate: Some(rate), pleth: Some(pleth), flags, ..STEADY };
        prop_assert_eq!(last_of(decode(Protocol::NoninDf2, &packets_of(&sample, 1))), Some(sample));
    }

    #[test]
    fn every_packet_survives_its_floats(
        rates in proptest::array::uniform4(proptest::option::of(18..=321_u16)),
        spo2s in proptest::array::uniform6(proptest::option::of(1..=100_u8)),
        firmware in 0..0x80_u8, timer in 0..0x4000_u16, smart_point: bool, low_battery: bool,
    ) {
        let packet = Packet {
            pulse_rate: rates[0], pulse_rate_8: rates[1], pulse_rate_display: rates[2], pulse_rate_8_display: rates[3],
            spo2: spo2s[0], spo2_display: spo2s[1], spo2_fast: spo2s[2], spo2_beat: spo2s[3], spo2_8: spo2s[4],
            spo2_8_display: spo2s[5], firmware, timer, smart_point, low_battery,
        };
        prop_assert_eq!(Packet::from_floats(&packet.floats()), packet);
    }
}

/// The frames of two packets, one for each pulse rate.
fn packets(rates: [u16; 2]) -> Vec<[u8; 5]> {
    let mut encoder = Encoder::default();
    let sample = |rate| Sample { spo2: Some(97), pulse_rate: Some(rate), pleth: Some(100), ..Sample::default() };
    rates.into_iter().flat_map(|rate| [rate; FRAMES]).map(|rate| encoder.encode(&sample(rate))).collect()
}

#[test]
fn halves_of_two_packets_that_a_hanging_line_left_make_no_number() {
    let frames = packets([72, 150]);
    let mut session = Session::new(Protocol::NoninDf2, Duration::ZERO);
    let mut rates = Vec::new();
    let mut each = |sample: Sample| rates.push(sample.pulse_rate);
    // The first frame of one packet, then, a third of a second later, what follows the first of the next.
    session.receive(Duration::from_millis(10), &frames[0], &mut each);
    session.receive(Duration::from_millis(343), &frames[FRAMES + 1..].concat(), &mut each);
    assert!(rates.iter().all(Option::is_none), "{rates:?}");
}

#[test]
fn numbers_do_not_outlive_two_seconds_of_a_line_that_lets_little_through() {
    let frames = packets([72, 150]);
    let mut session = Session::new(Protocol::NoninDf2, Duration::ZERO);
    let mut rates = Vec::new();
    session.receive(Duration::ZERO, &frames[..FRAMES].concat(), &mut |_| {});
    for ms in [500, 1_000, 1_900, 2_000, 2_600] {
        session.receive(Duration::from_millis(ms), &frames[FRAMES + 3], &mut |sample| rates.push(sample.pulse_rate));
    }
    assert_eq!(rates, [Some(72), Some(72), Some(72), None, None]);
}
