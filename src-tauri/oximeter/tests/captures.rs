//! Every file of device bytes among the captures decodes to what its README says.
//!
//! The captures lie beside the project and not in it; where they are not, these tests say so and prove nothing. The
//! bytes that matter stand in each protocol's own tests as well, with their sources.

#![allow(clippy::unwrap_used, clippy::panic)]

use core::time::Duration;
use oximeter::protocol::contec_v7::{Framed, Framer, Live, Packet, packet};
use oximeter::protocol::masimo_ascii::{self, Exceptions};
use oximeter::protocol::nellcor_ascii::{self, Code};
use oximeter::protocol::nonin_df2::{self, is_frame};
use oximeter::{Protocol, Sample, Session};
use std::fs;
use std::io::Write;
use std::path::Path;

/// The text of a capture; `None`, said aloud, where the captures are not.
#[expect(clippy::explicit_write, reason = "what eprintln prints, the harness keeps to itself while a test passes")]
fn capture(name: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    if !folder.is_dir() {
        writeln!(std::io::stderr(), "NOT TESTED: {name}: the folder of captures is not there.").unwrap();
        return None;
    }
    Some(fs::read_to_string(folder.join(name)).unwrap())
}

fn hex(line: &str) -> Vec<u8> {
    line.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn without_comments(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// The samples of a stream, and the session that made them. The lines of a text come one second after the other.
fn decode<'a>(protocol: Protocol, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Sample>, Session) {
    let mut session = Session::new(protocol, Duration::ZERO);
    let mut samples = Vec::new();
    for (second, piece) in (0..).zip(pieces) {
        session.receive(Duration::from_secs(second), piece, &mut |sample| samples.push(sample));
    }
    (samples, session)
}

/// The lines as the wire has them, with CR LF.
fn on_the_wire(text: &str) -> Vec<Vec<u8>> {
    text.lines().map(|line| format!("{line}\r\n").into_bytes()).collect()
}

#[test]
fn the_handshake_of_a_cms50d_plus() {
    let Some(text) = capture("contec/cms50dplus-fw4.6-handshake.txt") else { return };
    let packets = |side: char| -> Vec<Packet> {
        let mut framer = Framer::default();
        let bytes: Vec<u8> = without_comments(&text).filter_map(|line| line.strip_prefix(side)).flat_map(hex).collect();
        let framed = bytes.into_iter().map(|byte| framer.push(byte));
        framed
            .filter_map(|framed| match framed {
                Framed::Whole(packet) => Some(packet),
                _ => None,
            })
            .collect()
    };
    let commands: Vec<u8> = packets('>').iter().map(|packet| packet.payload()[0]).collect();
    assert_eq!(commands, [0xA7, 0xA2, 0xA0, 0xB0, 0xAC, 0xB3, 0xA8, 0xAA, 0xA9, 0xA1]);

    let answers = packets('<');
    let of = |kind: u8| answers.iter().filter(move |packet| packet.kind() == kind).map(|packet| packet.payload());
    assert_eq!(of(packet::FREE).count(), 2);
    assert_eq!(of(packet::VERSION).collect::<Vec<_>>(), [[0, 7]]);
    assert_eq!(&of(packet::NOTICE).next().unwrap()[..2], [1, 1]);
    assert_eq!(of(packet::PERFUSION).collect::<Vec<_>>(), [[1]]);
    assert_eq!(of(packet::MODEL).collect::<Vec<_>>(), [*b"\0      ", *b"\xFF      "]);
    assert_eq!(of(packet::DEVICE_ID).collect::<Vec<_>>(), [b"user   "]);
    assert_eq!(of(packet::VENDOR).collect::<Vec<_>>(), [b"       "]);
    assert_eq!(of(0x13).collect::<Vec<_>>(), [b"       "]);
    assert_eq!(of(0x14).collect::<Vec<_>>(), [b"     \0\0"]);

    let live: Vec<Live> = answers.iter().filter_map(Live::from_packet).collect();
    assert_eq!(live.iter().map(|live| live.pleth).collect::<Vec<_>>(), [51, 48, 46, 44, 43, 42, 42]);
    assert_eq!(live.iter().map(|live| live.bar).collect::<Vec<_>>(), [6, 6, 5, 5, 5, 5, 5]);
    for live in live {
        assert_eq!((live.strength, live.pulse_rate, live.spo2, live.perfusion_index), (5, 65, 97, 0xFFFF));
        assert!(live.perfusion_invalid && !live.beat);
        let sample = live.sample();
        assert_eq!((sample.spo2, sample.pulse_rate, sample.perfusion_index), (Some(97), Some(65), None));
        assert_eq!(sample.flags, oximeter::Flags::default());
    }
}

#[test]
fn the_packet_of_an_ipod() {
    let Some(text) = capture("nonin/ipod-df2-packet.hex") else { return };
    let frames: Vec<[u8; 5]> = without_comments(&text).map(|line| hex(line).try_into().unwrap()).collect();
    assert_eq!(frames.len(), nonin_df2::FRAMES);
    assert!(frames.iter().all(|&frame| is_frame(frame)));
    let floats: Vec<u8> = frames.iter().map(|frame| frame[3]).collect();
    let packet = nonin_df2::Packet::from_floats(&floats.try_into().unwrap());
    assert_eq!((packet.pulse_rate, packet.spo2, packet.firmware, packet.timer), (Some(61), Some(97), 41, 0));
    assert_eq!((packet.spo2_display, packet.spo2_fast, packet.spo2_beat), (Some(97), Some(97), Some(98)));
    assert_eq!((packet.pulse_rate_8, packet.spo2_8, packet.spo2_8_display), (Some(62), Some(98), Some(97)));
    assert_eq!((packet.pulse_rate_display, packet.pulse_rate_8_display), (Some(61), Some(62)));
    assert!(!packet.smart_point && !packet.low_battery);

    let (samples, session) = decode(Protocol::NoninDf2, [frames.as_flattened()]);
    let last = samples.last().unwrap();
    assert_eq!((samples.len(), last.spo2, last.pulse_rate, last.pleth), (25, Some(97), Some(61), Some(0)));
    assert_eq!(session.identity().firmware.as_deref(), Some("41"));
}

#[test]
fn the_bytes_of_an_xpod() {
    let Some(text) = capture("nonin/xpod-usb-df2-bytes.hex") else { return };
    let lines: Vec<Vec<u8>> = without_comments(&text).map(hex).collect();
    let [first, second] = lines.as_slice() else { panic!("{lines:?}") };
    let stream = [second.as_slice(), first].concat().repeat(200);
    let (samples, session) = decode(Protocol::NoninDf2, [stream.as_slice()]);
    // A frame in each ten bytes, the first at byte 9; without SYNC no packet is ever whole.
    assert_eq!((samples.len(), session.counters().packets), (199, 199));
    assert!(samples.iter().all(|sample| sample.spo2.is_none() && sample.pulse_rate.is_none()));
    assert!(samples.iter().all(|sample| sample.pleth == Some(99)));
    assert!(samples[3..].iter().all(|sample| sample.flags.no_finger && sample.flags.artifact));
}

#[test]
fn the_log_of_an_n_560() {
    let Some(text) = capture("nellcor/n560-log.txt") else { return };
    assert_eq!(text.lines().count(), 86);
    let lines: Vec<nellcor_ascii::DataLine> = text.lines().filter_map(|line| line.parse().ok()).collect();
    assert_eq!(lines.len(), 76);
    let headings: Vec<nellcor_ascii::Heading<'_>> =
        text.lines().filter_map(|line| nellcor_ascii::Heading::try_from(line).ok()).collect();
    assert_eq!(headings.len(), 3);
    for heading in headings {
        assert_eq!((heading.model, heading.version), ("N-560", "1.56.00"));
        assert_eq!((heading.spo2_limits, heading.pulse_rate_limits), ((90, 100), (60, 170)));
    }
    let clocks: Vec<String> = lines.iter().map(|line| line.clock.unwrap().to_string()).collect();
    assert_eq!((clocks[0].as_str(), clocks[75].as_str()), ("2017-12-29T07:18:43", "2017-12-29T07:21:13"));
    assert!(lines.windows(2).all(|pair| pair[0].clock.unwrap().after(2) == pair[1].clock));

    let valued: Vec<_> = lines.iter().filter(|line| line.spo2.is_some()).collect();
    assert_eq!(valued.len(), 39);
    let spo2 = || valued.iter().filter_map(|line| line.spo2);
    let rate = || valued.iter().filter_map(|line| line.pulse_rate);
    assert_eq!((spo2().min(), spo2().max(), rate().min(), rate().max()), (Some(73), Some(99), Some(63), Some(119)));
    assert_eq!(valued.iter().filter(|line| line.spo2_beyond_limit).count(), 16);
    assert_eq!(lines.iter().filter_map(|line| line.amplitude).max(), Some(201));
    let with = |code: Code| lines.iter().filter(|line| line.codes.has(code)).count();
    assert_eq!([Code::AlarmSilenced, Code::Interference, Code::SaturationLow].map(with), [29, 24, 16]);
    assert_eq!([Code::SensorOff, Code::SensorDisconnected, Code::PulseSearch].map(with), [15, 14, 9]);

    let wire = on_the_wire(&text);
    let (samples, session) = decode(Protocol::NellcorAscii, wire.iter().map(Vec::as_slice));
    assert_eq!(samples.len(), 76);
    // The last line has numbers beside a lost pulse: they are old.
    assert_eq!(samples.iter().filter(|sample| sample.spo2.is_some()).count(), 38);
    assert_eq!(samples.iter().filter(|sample| sample.flags.no_finger).count(), 29);
    assert_eq!(samples.iter().filter(|sample| sample.flags.searching).count(), 9);
    // Data and headings are good; the rubbish that the author put first costs itself.
    assert_eq!((session.counters().packets, session.counters().rejected), (76 + 9, 1));
    assert_eq!(session.identity().model.as_deref(), Some("N-560"));
    assert_eq!(session.identity().firmware.as_deref(), Some("1.56.00"));
}

#[test]
fn the_lines_of_masimos() {
    let Some(text) = capture("masimo/ascii1-lines.txt") else { return };
    let lines: Vec<masimo_ascii::DataLine> = text.lines().map(|line| line.parse().unwrap()).collect();
    let values: Vec<_> = lines
        .iter()
        .map(|line| (line.serial, line.spo2, line.pulse_rate, line.perfusion_index, line.alarms.bits()))
        .collect();
    assert_eq!(
        values,
        [
            (Some(93_112), None, None, None, 0),
            (None, Some(98), Some(123), Some(55), 0),
            (Some(70_986), None, None, None, 0)
        ]
    );
    let low_signal = Exceptions::LOW_SIGNAL_IQ | Exceptions::SET_RUNNING;
    let exceptions: Vec<Exceptions> = lines.iter().map(|line| line.exceptions).collect();
    assert_eq!(exceptions, [Exceptions::NO_SENSOR, low_signal, Exceptions::default()]);

    let wire = on_the_wire(&text);
    let (samples, session) = decode(Protocol::MasimoAscii, wire.iter().map(Vec::as_slice));
    assert_eq!(samples.iter().map(|sample| sample.spo2).collect::<Vec<_>>(), [None, Some(98), None]);
    assert_eq!((session.counters().packets, session.counters().rejected), (3, 0));
}
