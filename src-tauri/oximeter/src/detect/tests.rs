use super::*;
use crate::random::Random;
use crate::{Scenario, Simulator};

mod uart;

/// What came of a search: the protocol, the line, when, and what was sent.
struct Search {
    found: Option<(Protocol, Line)>,
    took: Duration,
    sent: Vec<Vec<u8>>,
    opened: Vec<Line>,
    words: String,
}

/// How the sensor's bytes reach the detector.
#[derive(Clone, Copy)]
enum Wire {
    /// A UART on each end; the sensor's is set up so.
    Uart(Line),
    /// The speed does not matter: a pseudo-terminal, many USB sensors.
    Any,
    Cut,
}

/// Searches for `sensor` for a minute. It was switched on `head_start` ago.
fn search(sensor: Simulator, head_start: Duration, may_send: bool, wire: Wire) -> Search {
    search_by(Detector::new(head_start, may_send), sensor, head_start, wire)
}

fn search_by(mut detector: Detector, mut sensor: Simulator, head_start: Duration, wire: Wire) -> Search {
    let mut now = head_start;
    sensor.poll(now, &mut Vec::new());
    let (mut sent, mut opened) = (Vec::new(), Vec::new());
    let mut line = Line::eight_n_one(0);
    let carry = |bytes: &[u8], line: Line, back: bool| match wire {
        Wire::Any => bytes.to_vec(),
        Wire::Cut => Vec::new(),
        Wire::Uart(spoken) if back => uart::carry(bytes, line, spoken),
        Wire::Uart(spoken) => uart::carry(bytes, spoken, line),
    };
    let found = loop {
        if now - head_start > Duration::from_secs(60) {
            break None;
        }
        match detector.poll(now) {
            Step::Open(next) => {
                line = next;
                opened.push(next);
            }
            Step::Send(bytes) => {
                sensor.receive(now, &carry(&bytes, line, true));
                sent.push(bytes);
            }
            Step::Listen { until } => {
                assert!(until > now);
                now += Duration::from_millis(10).min(until - now);
                let mut bytes = Vec::new();
                sensor.poll(now, &mut bytes);
                detector.feed(now, &carry(&bytes, line, false));
            }
            Step::Found { protocol, line } => break Some((protocol, line)),
        }
    };
    Search { found, took: now - head_start, sent, opened, words: detector.in_words() }
}

fn sensor(protocol: Protocol, scenario: Scenario) -> Simulator {
    Simulator::new(protocol, scenario, 4, Duration::ZERO)
}

/// Moments of a slow sensor's second at which its search may begin.
fn head_starts() -> impl Iterator<Item = Duration> {
    (0..8).map(|eighth| Duration::from_millis(100 + eighth * 250))
}

const SOON: Duration = Duration::from_secs(6);

#[test]
fn every_sensor_is_found_within_six_seconds_at_each_of_its_speeds() {
    for &protocol in Protocol::ALL {
        for &line in protocol.lines() {
            for head_start in head_starts() {
                let search = search(sensor(protocol, Scenario::Steady), head_start, true, Wire::Uart(line));
                assert_eq!(search.found, Some((protocol, line)), "{head_start:?}");
                assert!(search.took <= SOON, "{protocol} at {line}, {head_start:?}: {:?}", search.took);
            }
        }
    }
}

#[test]
fn a_sensor_whose_protocol_is_named_is_found_at_each_of_its_speeds_and_no_other_is() {
    for &protocol in Protocol::ALL {
        for &line in protocol.lines() {
            let head_start = Duration::from_millis(1350);
            let named = || Detector::of(protocol, head_start);
            let found = search_by(named(), sensor(protocol, Scenario::Steady), head_start, Wire::Uart(line));
            assert_eq!(found.found, Some((protocol, line)));
            let other = if protocol == Protocol::NoninDf2 { Protocol::MasimoAscii } else { Protocol::NoninDf2 };
            let search = search_by(named(), sensor(other, Scenario::Steady), head_start, Wire::Any);
            assert_eq!(search.found, None, "{protocol} in {other}");
            assert!(search.words.contains("Is this its protocol?"), "{}", search.words);
        }
    }
}

/// A pseudo-terminal and many USB sensors do not care for the speed.
#[test]
fn every_sensor_in_every_state_is_found_within_six_seconds_where_the_speed_does_not_matter() {
    for &protocol in Protocol::ALL {
        // Where every other frame is damaged, three sound ones in a row take their time to come.
        let waits_for_three = protocol.profile().agreement > 1 && protocol.samples_per_minute() <= 60;
        let bearable = |scenario: &&Scenario| !(waits_for_three && **scenario == Scenario::Garbage);
        for &scenario in Scenario::ALL.iter().filter(bearable) {
            let search = search(sensor(protocol, scenario), Duration::from_millis(300), true, Wire::Any);
            assert_eq!(search.found.map(|(found, _)| found), Some(protocol), "{protocol} {scenario}");
            assert!(search.took <= SOON, "{protocol} {scenario}: {:?}", search.took);
        }
    }
}

#[test]
fn a_sensor_that_streams_many_times_a_second_is_found_within_two_seconds_where_the_speed_does_not_matter() {
    let quick = |protocol: &&Protocol| protocol.samples_per_minute() > 600;
    for &protocol in Protocol::ALL.iter().filter(quick) {
        let search = search(sensor(protocol, Scenario::Steady), Duration::ZERO, true, Wire::Any);
        assert!(search.took < Duration::from_secs(2), "{protocol}: {:?}", search.took);
    }
}

#[test]
fn a_sensor_that_streams_many_times_a_second_is_not_spoken_to() {
    let streams = |protocol: &&Protocol| protocol.samples_per_minute() > 600 && **protocol != Protocol::ContecV7;
    for &protocol in Protocol::ALL.iter().filter(streams) {
        let search = search(sensor(protocol, Scenario::Steady), Duration::ZERO, true, Wire::Any);
        assert!(search.sent.is_empty(), "{protocol}");
    }
}

#[test]
fn nothing_is_sent_without_leave() {
    for &protocol in Protocol::ALL {
        let search = search(sensor(protocol, Scenario::Steady), Duration::ZERO, false, Wire::Any);
        let waits_to_be_asked = protocol == Protocol::ContecV7;
        assert_eq!(search.found.is_none(), waits_to_be_asked, "{protocol}");
        assert!(search.sent.is_empty());
    }
}

#[test]
fn silence_is_asked_where_there_is_a_question_and_every_speed_tried_over_and_over() {
    let search = search(sensor(Protocol::ContecV7, Scenario::Steady), Duration::ZERO, true, Wire::Cut);
    assert_eq!(search.found, None);
    let round: Vec<Line> = plan::STOPS.iter().map(|stop| stop.line).collect();
    assert_eq!(search.opened[..round.len()], round);
    assert_eq!(search.opened[round.len()..][..round.len()], round);
    assert_eq!(search.sent[0], [0x7D, 0x81, 0xA7, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    assert_eq!(search.sent[1], [0xF6; 3]);
    for remedy in ["no answer yet", "switch the sensor on", "Rad-8 menu SEr = AS1", "null modem"] {
        assert!(search.words.contains(remedy), "{}", search.words);
    }
}

#[test]
fn noise_is_never_taken_for_a_sensor() {
    for (every_ms, count) in [(50, 48), (1000, 7), (300, 12)] {
        let mut random = Random::new(9);
        let mut detector = Detector::new(Duration::ZERO, true);
        let mut now = Duration::ZERO;
        let mut due = now;
        while now < Duration::from_secs(600) {
            match detector.poll(now) {
                Step::Found { protocol, .. } => panic!("{protocol} in noise"),
                Step::Listen { .. } => {
                    now += Duration::from_millis(10);
                    if now >= due {
                        due += Duration::from_millis(every_ms);
                        let bytes: Vec<u8> = (0..count).map(|_| random.byte()).collect();
                        detector.feed(now, &bytes);
                    }
                }
                Step::Open(_) | Step::Send(_) => {}
            }
        }
        assert!(detector.in_words().contains("no known format"), "{}", detector.in_words());
    }
}

#[test]
fn nothing_is_sent_into_a_stream_that_is_not_understood() {
    let mut random = Random::new(9);
    let mut detector = Detector::new(Duration::ZERO, true);
    let mut now = Duration::ZERO;
    while now < Duration::from_secs(60) {
        match detector.poll(now) {
            Step::Send(bytes) => panic!("{bytes:?}"),
            Step::Listen { .. } => {
                now += Duration::from_millis(50);
                let bytes: Vec<u8> = (0..48).map(|_| random.byte()).collect();
                detector.feed(now, &bytes);
            }
            Step::Found { .. } | Step::Open(_) => {}
        }
    }
}

/// With the wave at 127 and most FLOATs 0, each frame's last four bytes are below 80: a frame of a Contec, to the eye.
#[test]
fn a_nonin_that_looks_like_a_contec_is_a_nonin() {
    let mut detector = Detector::new(Duration::ZERO, false);
    detector.poll(Duration::ZERO);
    detector.poll(Duration::ZERO);
    let mut stream = Vec::new();
    for frame in 0..75 {
        let sync = u8::from(frame % 25 == 0);
        stream.extend(crate::protocol::nonin_df2::frame(sync, 0x7F, 0));
    }
    detector.feed(Duration::ZERO, &stream);
    assert!(matches!(detector.poll(Duration::ZERO), Step::Found { protocol: Protocol::NoninDf2, .. }));
}
