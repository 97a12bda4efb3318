use super::*;
use crate::protocol::tests::{decode, decode_with_counters, stream};
use crate::{Protocol, Scenario};

/// Examples worked out from the layout.
#[test]
fn frames_of_the_layout_are_frames() {
    for (bytes, bits, pleth, float) in [
        ([0x81, 0x81, 0x23, 0x00, 0x25], 0x01, 0x8123, 0x00),
        ([0x80, 0x81, 0x40, 0x48, 0x89], 0x00, 0x8140, 0x48),
        ([0x80, 0x81, 0x60, 0x61, 0xC2], 0x00, 0x8160, 0x61),
        ([0x83, 0x90, 0x00, 0x01, 0x14], 0x03, 0x9000, 0x01),
        ([0x82, 0x90, 0x10, 0x16, 0x38], 0x02, 0x9010, 0x16),
    ] {
        assert!(is_frame(bytes));
        assert_eq!(frame(bits, pleth, float), bytes);
    }
    assert!(!is_frame([0x81, 0x81, 0x23, 0x00, 0x26]));
}

/// A packet with a pulse rate of 150 and a saturation of 95.
fn packet(wave: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    for place in 0..25 {
        let float = match place {
            0 => 0x01,
            1 => 0x16,
            2 => 0x5F,
            _ => 0,
        };
        bytes.extend(frame(u8::from(place == 0), wave, float));
    }
    bytes
}

#[test]
fn the_first_frame_that_counts_follows_a_whole_packet_and_the_numbers_the_next() {
    let samples = decode(Protocol::NoninDf7, &packet(0x9000).repeat(3));
    assert_eq!(samples.len(), 50);
    assert!(samples[..24].iter().all(|sample| sample.pulse_rate.is_none()));
    assert_eq!((samples[24].pulse_rate, samples[24].spo2), (Some(150), Some(95)));
    assert_eq!(samples[24].pleth, Some(0x9000));
}

#[test]
fn a_stream_that_looks_like_frames_one_byte_off_is_read_in_step() {
    // With the wave at 8000 and nothing else set, what begins at the wave's high byte has bit 7 and often a sum that
    // fits; only the marks tell.
    let whole = packet(0x8000);
    for cut in 0..5 {
        let stream: Vec<u8> = whole.iter().copied().cycle().skip(cut).take(125 * 6).collect();
        let samples = decode(Protocol::NoninDf7, &stream);
        let last = samples.last().unwrap();
        assert_eq!((last.pulse_rate, last.spo2, last.pleth), (Some(150), Some(95), Some(0x8000)), "cut {cut}");
    }
}

#[test]
fn after_damage_the_second_sound_frame_counts_again() {
    let clean = stream(Protocol::NoninDf7, Scenario::Steady, 3, 5);
    let (sent, _) = decode_with_counters(Protocol::NoninDf7, &clean);
    for (lost, at) in [(1, 600), (2, 703), (4, 811), (5, 990)] {
        let mut damaged = clean.clone();
        damaged.drain(at..at + lost);
        let samples = decode(Protocol::NoninDf7, &damaged);
        assert!(samples.len() + 3 >= sent.len(), "{lost} bytes lost at {at}: {} of {}", samples.len(), sent.len());
    }
}
