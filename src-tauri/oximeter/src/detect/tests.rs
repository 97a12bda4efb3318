use super::*;
use crate::{Scenario, Simulator};

/// What came of a search: the protocol, the line, when, and what was sent.
struct Search {
    found: Option<(Protocol, Line)>,
    took: Duration,
    sent: Vec<Vec<u8>>,
    opened: Vec<Line>,
    words: String,
}

/// Searches for `sensor` for a minute; the bytes of `heard_at` reach the detector only on such a line.
fn search(mut sensor: Simulator, may_send: bool, heard_at: impl Fn(Line) -> bool) -> Search {
    let mut detector = Detector::new(Duration::ZERO, may_send);
    let mut now = Duration::ZERO;
    let (mut sent, mut opened) = (Vec::new(), Vec::new());
    let mut line = Line::eight_n_one(0);
    let found = loop {
        if now > Duration::from_secs(60) {
            break None;
        }
        match detector.poll(now) {
            Step::Open(next) => {
                line = next;
                opened.push(next);
            }
            Step::Send(bytes) => {
                if heard_at(line) {
                    sensor.receive(now, &bytes);
                }
                sent.push(bytes);
            }
            Step::Listen { until } => {
                assert!(until > now);
                now += Duration::from_millis(10).min(until - now);
                let mut bytes = Vec::new();
                sensor.poll(now, &mut bytes);
                if heard_at(line) {
                    detector.feed(now, &bytes);
                }
            }
            Step::Found { protocol, line } => break Some((protocol, line)),
        }
    };
    Search { found, took: now, sent, opened, words: detector.in_words() }
}

fn sensor(protocol: Protocol, scenario: Scenario) -> Simulator {
    Simulator::new(protocol, scenario, 4, Duration::ZERO)
}

#[test]
fn every_sensor_is_found_on_its_own_line() {
    for &protocol in Protocol::ALL {
        let line = protocol.line();
        let search = search(sensor(protocol, Scenario::Steady), true, |at| at == line);
        assert_eq!(search.found, Some((protocol, line)));
        assert!(search.took < Duration::from_secs(8), "{protocol}: {:?}", search.took);
    }
}

/// A pseudo-terminal and many USB sensors do not care for the speed.
#[test]
fn every_sensor_is_found_at_once_where_the_speed_does_not_matter() {
    for &protocol in Protocol::ALL {
        for &scenario in Scenario::ALL {
            let search = search(sensor(protocol, scenario), true, |_| true);
            assert_eq!(search.found.map(|(found, _)| found), Some(protocol), "{scenario}");
            assert!(search.took < Duration::from_secs(2), "{protocol} {scenario}: {:?}", search.took);
        }
    }
}

#[test]
fn an_old_contec_without_parity_is_found_there() {
    let line = Line::eight_n_one(19_200);
    let search = search(sensor(Protocol::Cms50, Scenario::Steady), true, |at| at == line);
    assert_eq!(search.found, Some((Protocol::Cms50, line)));
}

#[test]
fn a_sensor_that_streams_is_not_spoken_to() {
    for &protocol in Protocol::ALL.iter().filter(|&&protocol| protocol != Protocol::ContecV7) {
        assert!(search(sensor(protocol, Scenario::Steady), true, |_| true).sent.is_empty(), "{protocol}");
    }
}

#[test]
fn nothing_is_sent_without_leave() {
    let search = search(sensor(Protocol::ContecV7, Scenario::Steady), false, |_| true);
    assert_eq!(search.found, None);
    assert!(search.sent.is_empty());
}

#[test]
fn silence_is_asked_at_every_stage_that_has_a_question_and_then_all_over() {
    let search = search(sensor(Protocol::ContecV7, Scenario::Steady), true, |_| false);
    assert_eq!(search.found, None);
    assert_eq!(
        search.opened[..4],
        [115_200, 9_600, 19_200, 19_200]
            .map(|baud| { if baud == 19_200 { Line::eight_o_one(baud) } else { Line::eight_n_one(baud) } })[..3]
            .iter()
            .copied()
            .chain([Line::eight_n_one(19_200)])
            .collect::<Vec<_>>()[..]
    );
    assert_eq!(search.sent[0], [0x7D, 0x81, 0xA7, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    assert_eq!(search.sent[1], [0xF6; 3]);
    assert!(search.opened.len() > 8);
    assert!(search.words.contains("switch the sensor on"), "{}", search.words);
}

#[test]
fn noise_is_never_taken_for_a_sensor() {
    let mut random = crate::random::Random::new(9);
    let mut detector = Detector::new(Duration::ZERO, true);
    let mut now = Duration::ZERO;
    while now < Duration::from_secs(600) {
        match detector.poll(now) {
            Step::Found { protocol, .. } => panic!("{protocol} in noise"),
            Step::Listen { .. } => {
                now += Duration::from_millis(50);
                let bytes: Vec<u8> = (0..48).map(|_| random.byte()).collect();
                detector.feed(now, &bytes);
            }
            Step::Open(_) => {}
            Step::Send(bytes) => panic!("{bytes:?} was sent into a stream that is not understood"),
        }
    }
    assert!(detector.in_words().contains("no known format"), "{}", detector.in_words());
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
