//! What a damaged line can do to any of the text formats.

use crate::protocol::{masimo_ascii, nellcor_ascii, nonin_ascii};
use crate::{DeviceTime, Protocol, Sample, Session};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

/// The numbers of three lines that follow each other, and those of the one that is damaged in the middle: a lost digit
/// would make other numbers of it.
const NUMBERS: [(u8, u16, u16); 3] = [(97, 72, 360), (100, 150, 1234), (88, 65, 55)];

fn sample(at: usize) -> Sample {
    let (spo2, rate, index) = NUMBERS[at];
    Sample { spo2: Some(spo2), pulse_rate: Some(rate), perfusion_index: Some(index), ..Sample::default() }
}

fn line(protocol: Protocol, at: usize) -> String {
    let clock = DeviceTime::new(2017, 12, 29, 7, 18, 57);
    let sample = sample(at);
    match protocol {
        Protocol::MasimoAscii => {
            let line = masimo_ascii::DataLine::from_sample(clock, &sample);
            line.encode(masimo_ascii::KeySet::Rad8).to_string()
        }
        Protocol::NellcorAscii => nellcor_ascii::DataLine {
            clock,
            spo2: sample.spo2,
            spo2_beyond_limit: at == 1,
            pulse_rate: sample.pulse_rate,
            pulse_rate_beyond_limit: false,
            amplitude: Some(201),
            codes: [nellcor_ascii::Code::Interference, nellcor_ascii::Code::SaturationHigh].into_iter().collect(),
        }
        .to_string(),
        _ => nonin_ascii::DataLine::from_sample(&sample).to_string(),
    }
}

const TEXT: [Protocol; 3] = [Protocol::MasimoAscii, Protocol::NellcorAscii, Protocol::NoninAscii];

/// Three lines, each byte with the second in which it comes.
fn three_lines(protocol: Protocol) -> Vec<(u64, u8)> {
    let line =
        |at: usize| format!("{}\r\n", line(protocol, at)).into_bytes().into_iter().map(move |it| (at as u64, it));
    (0..3).flat_map(line).collect()
}

fn decode(protocol: Protocol, stream: &[(u64, u8)]) -> Vec<Sample> {
    let mut session = Session::new(protocol, Duration::ZERO);
    let mut samples = Vec::new();
    for &(second, byte) in stream {
        session.receive(Duration::from_secs(second), &[byte], &mut |sample| samples.push(sample));
    }
    samples
}

/// Whether `shown` are among the three lines that were sent; a perfusion index may have gone missing.
fn were_sent(shown: &[Sample]) -> bool {
    shown.iter().all(|shown| {
        NUMBERS.iter().any(|&(spo2, rate, index)| {
            (shown.spo2, shown.pulse_rate) == (Some(spo2), Some(rate))
                && shown.perfusion_index.is_none_or(|shown| shown == index)
        })
    })
}

/// Where the middle line begins and ends, with its CR LF.
fn middle(stream: &[(u64, u8)]) -> core::ops::Range<usize> {
    let begins = |second| stream.iter().position(|(at, _)| *at == second).unwrap();
    begins(1)..begins(2)
}

/// All but the middle line came through.
fn others_stand(shown: &[Sample]) -> bool {
    let stands = |at: usize, shown: Option<&Sample>| shown.map(|it| it.spo2) == Some(sample(at).spo2);
    stands(0, shown.first()) && stands(2, shown.last())
}

#[test]
fn whole_lines_show_what_they_say() {
    for protocol in TEXT {
        let shown = decode(protocol, &three_lines(protocol));
        assert_eq!(shown.len(), 3, "{protocol}");
        assert!(were_sent(&shown), "{protocol} {shown:?}");
    }
}

#[test]
fn a_lost_or_doubled_byte_costs_its_line_at_most() {
    for protocol in TEXT {
        let clean = three_lines(protocol);
        for at in middle(&clean) {
            let mut lost = clean.clone();
            lost.remove(at);
            let mut doubled = clean.clone();
            doubled.insert(at, clean[at]);
            for damaged in [lost, doubled] {
                let shown = decode(protocol, &damaged);
                assert!(were_sent(&shown) && others_stand(&shown), "{protocol} byte {at}: {shown:?}");
            }
        }
    }
}

#[test]
fn an_inserted_byte_costs_its_line_at_most() {
    for protocol in TEXT {
        let clean = three_lines(protocol);
        for at in middle(&clean) {
            for byte in 0..=255 {
                let mut damaged = clean.clone();
                damaged.insert(at, (1, byte));
                let shown = decode(protocol, &damaged);
                assert!(were_sent(&shown) && others_stand(&shown), "{protocol} {byte} at {at}: {shown:?}");
            }
        }
    }
}

#[test]
fn a_changed_bit_is_never_wrong_for_longer_than_its_line() {
    for protocol in TEXT {
        let clean = three_lines(protocol);
        for at in middle(&clean) {
            for bit in 0..8 {
                let mut damaged = clean.clone();
                damaged[at].1 ^= 1 << bit;
                let shown = decode(protocol, &damaged);
                assert!(shown.len() <= 3 && others_stand(&shown), "{protocol} bit {bit} of {at}: {shown:?}");
            }
        }
    }
}

/// Lines split, merged, and grown together from the beginning of one and the end of another.
#[test]
fn a_lost_stretch_of_any_length_shows_nothing_that_was_not_sent() {
    for protocol in TEXT {
        let clean = three_lines(protocol);
        for from in 0..middle(&clean).end {
            for to in from + 1..=clean.len() {
                let damaged = [&clean[..from], &clean[to..]].concat();
                let shown = decode(protocol, &damaged);
                assert!(were_sent(&shown), "{protocol} {from} to {to}: {shown:?}");
            }
        }
    }
}

#[test]
fn a_line_without_its_end_counts_for_nothing() {
    for protocol in TEXT {
        let line = line(protocol, 0);
        for end in ["", "\r", "\n", "\n\r", " "] {
            let mut stream: Vec<(u64, u8)> = line.bytes().chain(end.bytes()).map(|byte| (0, byte)).collect();
            assert!(decode(protocol, &stream).is_empty(), "{protocol} {end:?}");
            stream.extend(format!("{line}\r\n{line}\r\n").bytes().map(|byte| (1, byte)));
            assert!(!decode(protocol, &stream).is_empty(), "{protocol} {end:?}");
        }
    }
}

#[test]
fn the_first_line_may_lack_its_beginning_and_be_rubbish() {
    for protocol in TEXT {
        let clean = three_lines(protocol);
        for rubbish in [b"s\xC3\xB3me garb\xC3\xA4ge first\r\n".as_slice(), &[0xFF; 700], b"\n\n\r\r\0"] {
            let mut stream: Vec<(u64, u8)> = rubbish.iter().map(|&byte| (0, byte)).collect();
            stream.extend(clean.iter().map(|&(second, byte)| (second + 1, byte)));
            assert_eq!(decode(protocol, &stream).len(), 3, "{protocol}");
        }
        for cut in 0..middle(&clean).start {
            let shown = decode(protocol, &clean[cut..]);
            assert!(were_sent(&shown) && shown.len() >= 2, "{protocol} from {cut}");
        }
    }
}
