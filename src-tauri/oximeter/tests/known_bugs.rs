//! Mistakes that public programs for these sensors make, each with where it was seen, and that this crate does not.
//!
//! Those of protocols that are not spoken here are left out.

#![allow(clippy::unwrap_used, clippy::panic)]

use core::time::Duration;
use oximeter::protocol::contec_v7::{Framed, Framer, Live, Packet, stored_seconds};
use oximeter::protocol::masimo_ascii::{self, Alarms};
use oximeter::protocol::nellcor_ascii::{self, Code};
use oximeter::protocol::nonin_df2::{self, FRAMES, frame, status};
use oximeter::{Detector, DeviceTime, Errand, Memory, Outcome, Protocol, Sample, Scenario, Session, Simulator, Step};

fn decode(protocol: Protocol, stream: &[u8]) -> Vec<Sample> {
    let mut session = Session::new(protocol, Duration::ZERO);
    let mut samples = Vec::new();
    session.receive(Duration::ZERO, stream, &mut |sample| samples.push(sample));
    samples
}

fn last(protocol: Protocol, stream: &[u8]) -> Sample {
    *decode(protocol, stream).last().unwrap()
}

fn packet(bytes: &[u8]) -> Packet {
    let mut framer = Framer::default();
    match bytes.iter().map(|&byte| framer.push(byte)).last() {
        Some(Framed::Whole(packet)) => packet,
        other => panic!("{other:?}"),
    }
}

/// Stored seconds as (SpO₂, pulse rate).
fn seconds(bytes: &[u8]) -> Vec<(Option<u8>, Option<u16>)> {
    let (seconds, len) = stored_seconds(&packet(bytes));
    seconds[..len].iter().map(|second| (second.spo2, second.pulse_rate)).collect()
}

/// A packet of Contec live data: SpO₂ 97, pulse 72.
const LIVE: [u8; 9] = [0x01, 0xE0, 0x85, 0xC0, 0x88, 0xC8, 0xE1, 0xFF, 0xFF];

/// Seen in albertcbraun, celiponcio, headrotor (live), tobac, MarkMLl, titinho11: a pulse of 150 shows as 22.
#[test]
fn a_contec_pulse_over_127_is_not_cut_off() {
    let v7 = [0x01, 0x88, 0x86, 0xD0, 0x89, 0x96, 0xDF, 0xC5, 0x81];
    assert_eq!(last(Protocol::ContecV7, &v7.repeat(3)).pulse_rate, Some(150));
    let cms50 = [0xC6, 0x5A, 0x4A, 0x16, 0x5F];
    assert_eq!(last(Protocol::Cms50, &cms50.repeat(3)).pulse_rate, Some(150));
}

/// Seen in headrotor (`download_data.py`): the high bit of a stored pulse counts 127.
#[test]
fn a_stored_pulse_over_127_is_right() {
    let stored = seconds(&[0x0F, 0xAA, 0xDD, 0x96, 0xDE, 0x95, 0xFF, 0xFF]);
    assert_eq!(stored, [(Some(93), Some(150)), (Some(94), Some(149)), (None, None)]);
}

/// Seen in airikka: every `0F 80` is stripped from the stream, which fails when byte 1 is another; and a pulse of 127 is
/// taken for none.
#[test]
fn a_stored_packet_is_told_by_its_type_and_a_pulse_of_127_is_one() {
    assert_eq!(seconds(&[0x0F, 0x80, 0xDE, 0xFF, 0xDE, 0xFF, 0xDE, 0xFF]), [(Some(94), Some(127)); 3]);
    // Byte 1 has the high bit of the last pulse.
    assert_eq!(seconds(&[0x0F, 0xA0, 0xDE, 0xC2, 0xDE, 0xC2, 0xDE, 0x80])[2], (Some(94), Some(128)));
}

/// Seen in timegrid: the bit is named "PI valid".
#[test]
fn a_set_bit_takes_the_perfusion_index_away() {
    let index = |perfusion_invalid| {
        let live = Live { spo2: 97, pulse_rate: 72, perfusion_index: 325, perfusion_invalid, ..Live::default() };
        live.sample().perfusion_index
    };
    assert_eq!([index(false), index(true)], [Some(325), None]);
}

/// The list of a simulated sensor's recordings, and what the host sent for it.
fn list() -> (Outcome, Vec<u8>) {
    let mut host = Session::new(Protocol::ContecV7, Duration::ZERO);
    let mut sensor = Simulator::new(Protocol::ContecV7, Scenario::Steady, 1, Duration::ZERO);
    sensor = sensor.with_memory(Memory::example());
    let (mut send, mut sent, mut begun) = (Vec::new(), Vec::new(), false);
    host.start(Duration::ZERO, &mut send);
    for now in (0..30_000).step_by(5).map(Duration::from_millis) {
        sensor.receive(now, &send);
        sent.append(&mut send);
        let mut answers = Vec::new();
        sensor.poll(now, &mut answers);
        host.receive(now, &answers, &mut |_| {});
        host.poll(now, &mut send, &mut |_| {});
        if now.as_secs() >= 3 && !begun {
            begun = true;
            sent.clear();
            host.begin(now, &Errand::Recordings).unwrap();
        }
        if let Some(outcome) = host.take_outcome() {
            return (outcome.unwrap(), sent);
        }
    }
    panic!("no list");
}

/// Seen in kaivol/pulox (`incoming_package.rs`): 20 and 26 become 6676.
#[test]
fn a_year_is_put_together_from_two_decimal_halves() {
    let (Outcome::Recordings(list), _) = list() else { panic!() };
    assert!(list[0].start.unwrap().to_string().starts_with("2026-"), "{list:?}");
}

/// Seen in kaivol/pulox (`outgoing_package.rs`): B6 is sent as A3.
#[test]
fn whether_a_recording_has_a_perfusion_index_is_asked_with_its_own_command() {
    let (_, sent) = list();
    let asked = |command: u8| sent.chunks(9).filter(|packet| packet[2] == command).count();
    assert!(asked(0xB6) >= 3, "{sent:02X?}");
    assert!(asked(0xA3) >= 1);
}

/// Seen in kaivol/pulox and bmartin427: an unknown type is an error.
#[test]
fn a_packet_of_another_type_is_skipped() {
    let others: [&[u8]; 3] = [
        &[0x13, 0x80, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0],
        &[0x02, 0x80, 0x80, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0],
        &[0x06, 0x80, 0x80, 0x87],
    ];
    let stream: Vec<u8> = others.iter().flat_map(|other| [*other, &LIVE].concat()).collect();
    let samples = decode(Protocol::ContecV7, &stream);
    assert_eq!((samples.len(), samples[2].spo2), (3, Some(97)));
}

/// Seen in celiponcio and titinho11: blocks of nine bytes are read, whatever is in them.
#[test]
fn a_lost_byte_costs_one_packet() {
    let stream = [&LIVE.repeat(5)[..], &LIVE[..4], &LIVE[5..], &LIVE.repeat(5)].concat();
    let samples = decode(Protocol::ContecV7, &stream);
    assert_eq!(samples.len(), 10);
    assert!(samples[2..].iter().all(|sample| sample.spo2 == Some(97)));
}

/// Seen in atbrask, timegrid, celiponcio, airikka, tobac, titinho11: XON/XOFF is switched on, and these bytes vanish.
/// No line here has any flow control; the bytes are data.
#[test]
fn xon_and_xoff_are_data() {
    for wave in [0x11, 0x13] {
        let sample = last(Protocol::Cms50, &[0x86, wave, 0x07, 0x48, 0x61]);
        assert_eq!(sample.pleth, Some(u16::from(wave)));
        let sample = last(Protocol::NoninDf2, &frame(0, wave, 0));
        assert_eq!(sample.pleth, Some(u16::from(wave)));
    }
}

/// Seen in MarkMLl and titinho11: without a keep-alive the stream ends after half a minute.
#[test]
fn a_stream_is_kept_alive() {
    let mut host = Session::new(Protocol::ContecV7, Duration::ZERO);
    let mut sensor = Simulator::new(Protocol::ContecV7, Scenario::Steady, 1, Duration::ZERO);
    let mut send = Vec::new();
    host.start(Duration::ZERO, &mut send);
    let mut samples = vec![0; 300];
    for now in (0..300_000).step_by(10).map(Duration::from_millis) {
        sensor.receive(now, &send);
        send.clear();
        let mut bytes = Vec::new();
        sensor.poll(now, &mut bytes);
        host.receive(now, &bytes, &mut |_| samples[now.as_secs() as usize] += 1);
        host.poll(now, &mut send, &mut |_| {});
    }
    assert!(samples[1..].iter().all(|&second| second >= 59), "{samples:?}");
}

/// Seen in timegrid: stored zeros are dropped, and all that follows moves.
#[test]
fn a_stored_second_without_a_value_stays_a_gap() {
    let stored = seconds(&[0x0F, 0x80, 0xDE, 0xC2, 0x80, 0x80, 0xDE, 0xC2]);
    assert_eq!(stored, [(Some(94), Some(66)), (None, None), (Some(94), Some(66))]);
}

/// Seen in atbrask (issue 5), InfantLab (issue 1), cardia (issue 10): 19200 8O1 and nothing else, and so "no data" from
/// a CMS50D+ with firmware 4.6.
#[test]
fn a_new_cms50d_plus_is_found_at_its_own_speed() {
    let mut sensor = Simulator::new(Protocol::ContecV7, Scenario::Steady, 1, Duration::ZERO);
    let mut detector = Detector::new(Duration::ZERO, true);
    let (mut now, mut line) = (Duration::ZERO, None);
    let found = loop {
        match detector.poll(now) {
            Step::Open(opened) => line = Some(opened),
            Step::Send(bytes) if line == Some(Protocol::ContecV7.line()) => sensor.receive(now, &bytes),
            Step::Send(_) => {}
            Step::Listen { .. } => {
                now += Duration::from_millis(10);
                assert!(now < Duration::from_secs(10));
                let mut bytes = Vec::new();
                sensor.poll(now, &mut bytes);
                if line == Some(Protocol::ContecV7.line()) {
                    detector.feed(now, &bytes);
                }
            }
            Step::Found { protocol, line } => break (protocol, line.baud),
        }
    };
    assert_eq!(found, (Protocol::ContecV7, 115_200));
}

/// Seen in cosmopusher: the zeros of a lost pulse are pushed as values.
#[test]
fn the_zeros_of_a_nellcor_are_no_values() {
    let sample = last(Protocol::NellcorAscii, b"29-Dec-17 07:20:27     0       0     ---    PS               \r\n");
    assert_eq!((sample.spo2, sample.pulse_rate), (None, None));
}

/// Seen in mdpnp (Nellcor): only the last status code is kept, and compared in a way that never holds.
#[test]
fn all_status_codes_of_a_nellcor_are_read() {
    let line: nellcor_ascii::DataLine =
        "29-Dec-17 07:19:01    79*     66      18    MO SL       AS   ".parse().unwrap();
    for code in [Code::Interference, Code::SaturationLow, Code::AlarmSilenced] {
        assert!(line.codes.has(code), "{code:?}");
    }
    assert!(line.sample().flags.artifact);
}

fn df2(packet: &nonin_df2::Packet) -> Vec<u8> {
    let floats = packet.floats().into_iter().enumerate();
    floats.flat_map(|(at, float)| frame(if at == 0 { status::SYNC } else { 0 }, 128, float)).collect()
}

/// Seen in mdpnp (`Packet.java`): eight bits a byte, so that 150 becomes 278; and in edmund-troche: other masks.
#[test]
fn a_nonin_pulse_has_seven_bits_a_byte() {
    for rate in [127, 128, 150, 255, 256, 321] {
        let packet = nonin_df2::Packet { spo2: Some(97), pulse_rate: Some(rate), ..nonin_df2::Packet::default() };
        assert_eq!(last(Protocol::NoninDf2, &df2(&packet)).pulse_rate, Some(rate));
    }
    // 511, which became 895.
    assert_eq!(nonin_df2::Packet::default().floats()[..2], [0x03, 0x7F]);
    assert_eq!(last(Protocol::NoninDf2, &df2(&nonin_df2::Packet::default())).pulse_rate, None);
}

/// Seen in mdpnp (`Packet.java`): the value for display overwrites the one for recording.
#[test]
fn a_value_for_display_never_stands_for_the_measured_one() {
    let packet = nonin_df2::Packet { spo2: Some(91), spo2_display: Some(97), ..nonin_df2::Packet::default() };
    assert_eq!(last(Protocol::NoninDf2, &df2(&packet)).spo2, Some(91));
    let held = nonin_df2::Packet { spo2_display: Some(97), ..nonin_df2::Packet::default() };
    assert_eq!(last(Protocol::NoninDf2, &df2(&held)).spo2, None);
}

/// Seen in mdpnp (`NoninPulseOx.java`): the answer is read from another byte than the fourth.
#[test]
fn the_clock_of_a_nonin_begins_with_the_fourth_byte_of_its_answer() {
    // The time of the example in Nonin's document, 31 December 2050, 14:30:15.
    let answer = [0x02, 0xF2, 0x06, 0x32, 0x0C, 0x1F, 0x0E, 0x1E, 0x0F, 0x03];
    let mut host = Session::new(Protocol::NoninDf2, Duration::ZERO);
    let mut send = Vec::new();
    host.start(Duration::ZERO, &mut send);
    host.receive(Duration::ZERO, &df2(&nonin_df2::Packet::default()), &mut |_| {});
    host.begin(Duration::ZERO, &Errand::Details).unwrap();
    for now in (0..30_000).step_by(10).map(Duration::from_millis) {
        send.clear();
        host.poll(now, &mut send, &mut |_| {});
        if send == [0x02, 0x72, 0x00, 0x03] {
            host.receive(now, &answer, &mut |_| {});
        }
        host.receive(now, &frame(0, 128, 0), &mut |_| {});
        if let Some(outcome) = host.take_outcome() {
            let Ok(Outcome::Details(details)) = outcome else { panic!("{outcome:?}") };
            assert_eq!(details.clock, DeviceTime::new(2050, 12, 31, 14, 30, 15));
            return;
        }
    }
    panic!("no answer");
}

/// Seen in agricolab: frames are split at 01, which is data as well.
#[test]
fn an_01_inside_a_frame_does_not_end_it() {
    let stream: Vec<u8> = (0..2 * FRAMES).flat_map(|at| frame(u8::from(at % FRAMES == 0), 0x01, 0x01)).collect();
    assert_eq!(decode(Protocol::NoninDf2, &stream).len(), 2 * FRAMES);
}

/// Seen in nmenon: a layout for each model, read by place.
#[test]
fn a_masimo_line_is_read_by_key() {
    let numbers = |line: &str| {
        let line: masimo_ascii::DataLine = line.parse().unwrap();
        (line.spo2, line.pulse_rate, line.perfusion_index)
    };
    let some = (Some(98), Some(123), Some(55));
    let head = "03/17/16 19:19:36 SN=----------";
    assert_eq!(numbers(&format!("{head} SPO2=098% BPM=123 PI=00.55% DESAT=-- ALARM=0000 EXC=000800")), some);
    assert_eq!(numbers(&format!("{head} BPM=123 PVI=--- SPO2=098% ALARM=000000 PI=00.55 EXC=0000800")), some);
}

/// Seen in yahnatan's README (ALARM read by the table of EXC) and in the Elixir module (its keys taken for decimal).
#[test]
fn the_alarm_word_of_a_masimo_is_hexadecimal_and_has_its_own_meanings() {
    let line = "03/17/16 19:19:36 SN=---------- SPO2=098% BPM=123 ALARM=0032 EXC=000800";
    let line: masimo_ascii::DataLine = line.parse().unwrap();
    assert_eq!(line.alarms, Alarms::SILENCED | Alarms::SOUNDING | Alarms::SPO2_LOW);
    // Bit 20 of EXC is a sensor off the patient; of ALARM it is not.
    assert_eq!((line.sample().flags, line.sample().spo2), (oximeter::Flags::default(), Some(98)));
}
