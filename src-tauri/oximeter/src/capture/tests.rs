use super::*;
use crate::{Presence, Sample, Scenario, Session, Simulator};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use core::num::NonZeroU16;
use proptest::prelude::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn capture(text: &str) -> Capture {
    text.parse().unwrap()
}

fn message(text: &str) -> String {
    text.parse::<Capture>().unwrap_err().to_string()
}

/// A host and a simulated sensor, joined by a cable with a tap, through `ms`; what was captured, and the samples.
fn tapped(protocol: Protocol, scenario: Scenario, ms: u64) -> (Capture, Vec<(Duration, Sample)>) {
    let mut capture = Capture { head: Head { protocol: Some(protocol), ..Head::default() }, ..Capture::default() };
    let mut keep = |at, event| capture.entries.push(Entry { at, event });
    let (mut host, mut sensor) =
        (Session::new(protocol, Duration::ZERO), Simulator::new(protocol, scenario, 7, Duration::ZERO));
    let (mut to_sensor, mut to_host, mut samples) = (Vec::new(), Vec::new(), Vec::new());
    keep(Duration::ZERO, Event::Opened(protocol.line()));
    host.start(Duration::ZERO, &mut to_sensor);
    for now in (0..ms).step_by(5).map(MS) {
        host.poll(now, &mut to_sensor, &mut |sample| samples.push((now, sample)));
        if !to_sensor.is_empty() {
            keep(now, Event::Sent(to_sensor.clone()));
        }
        sensor.receive(now, &to_sensor);
        to_sensor.clear();
        sensor.poll(now, &mut to_host);
        if !to_host.is_empty() {
            keep(now, Event::Received(to_host.clone()));
        }
        host.receive(now, &to_host, &mut |sample| samples.push((now, sample)));
        to_host.clear();
    }
    (capture, samples)
}

#[test]
fn a_capture_says_line_by_line_what_happened() {
    let at = |ms, event| Entry { at: MS(ms), event };
    let capture = Capture {
        head: Head {
            began: Some("2026-11-21T10:15:00Z".to_owned()),
            port: Some("FT232R USB UART (0403:6001)".to_owned()),
            protocol: Some(Protocol::ContecV7),
            line: Some(Line::eight_n_one(115_200)),
            model: Some("CMS50D+".to_owned()),
        },
        entries: vec![
            at(0, Event::Opened(Line::eight_n_one(115_200))),
            at(1, Event::Sent(vec![0x7D, 0x81, 0xA7])),
            at(12, Event::Received(vec![0x0C, 0x80])),
            at(13, Event::Understood(Protocol::ContecV7)),
            at(14, Event::Model("CMS50D+".to_owned())),
            at(15, Event::Hole(96)),
            at(16, Event::Gone),
            at(17, Event::Closed),
            at(18, Event::End("An admin stopped it.".to_owned())),
        ],
        torn: None,
    };
    let text = "\
oxiward-capture 1
began: 2026-11-21T10:15:00Z
port: FT232R USB UART (0403:6001)
protocol: contec-v7
line: 115200 8N1
model: CMS50D+

0.000000 open 115200 8N1
0.001000 > 7d 81 a7
0.012000 < 0c 80
0.013000 protocol contec-v7
0.014000 model CMS50D+
0.015000 hole 96
0.016000 gone
0.017000 closed
0.018000 end An admin stopped it.
";
    assert_eq!(capture.to_string(), text);
    assert_eq!(text.parse(), Ok(capture));
}

#[test]
fn a_capture_is_read_as_people_and_their_mail_programs_leave_it() {
    let kept = capture("oxiward-capture 1\r\n# from ward 3\r\nmodel:  Rad-8 \r\n\r\n 7 <  0C  80 \r\n7.5 gone\r\n");
    assert_eq!(kept.head.model.as_deref(), Some("Rad-8"));
    assert_eq!(kept.entries[0], Entry { at: MS(7_000), event: Event::Received(vec![0x0C, 0x80]) });
    assert_eq!(kept.entries[1], Entry { at: MS(7_500), event: Event::Gone });
}

#[test]
fn a_last_line_that_was_cut_off_is_told_and_counts_for_nothing() {
    let kept = capture("oxiward-capture 1\n1.0 < 0c 80\n2.0 < 61 4");
    assert_eq!((kept.entries.len(), kept.torn), (1, Some(3)));
    assert!(!kept.has_end());
    // A computer that lost its power can leave zeros where the line would have been.
    assert_eq!(capture("oxiward-capture 1\n1.0 gone\n\0\0\0\0").torn, Some(3));
    assert_eq!(capture("oxiward-capture 1\n1.0 end It was stopped.\n").torn, None);
}

#[test]
fn a_wrong_line_is_named_with_what_to_write() {
    let behind = |line: &str| message(&format!("oxiward-capture 1\n1.0 gone\n{line}\n"));
    for (line, part) in [
        ("0.9 gone", "Line 3: This is earlier than the line above."),
        ("soon gone", "Line 3: \"soon\" is not a time. Write seconds since the beginning, such as 12.345678"),
        ("2.0000001 gone", "is not a time"),
        ("2. gone", "is not a time"),
        ("3600001 gone", "a thousand hours at most"),
        ("2.0", "Line 3: \"\" is nothing that happens. Write < or > and bytes,"),
        ("2.0 went", "Line 3: \"went\" is nothing that happens."),
        ("2.0 gone home", "Line 3: \"gone home\" is nothing that happens."),
        ("2.0 hole big", "Line 3: \"hole big\" is nothing that happens."),
        ("2.0 < 1", "Line 3: \"1\" is not a byte. Write two hexadecimal digits"),
        ("2.0 < +1", "is not a byte"),
        ("2.0 > 0x61", "is not a byte"),
        ("2.0 protocol cms51", "\"cms51\" is not a protocol. Use one of: cms50,"),
        ("2.0 open fast", "\"fast\" is not a setting of a line."),
        ("model: x", "Line 3: \"model:\" is not a time."),
    ] {
        assert!(behind(line).contains(part), "{line:?}: {}", behind(line));
    }
    for (text, part) in [
        ("", "Line 1: This is no raw capture: one begins with \"oxiward-capture 1\"."),
        ("\u{1}\u{80}\n", "Line 1: This is no raw capture"),
        (
            "oxiward-capture 2\n",
            "Line 1: This capture is of version \"2\" of the format; version 1 is understood here.",
        ),
        ("oxiward-capture 1\npatient: x\n", "Line 2: \"patient: x\" cannot stand in the head. Write began:,"),
        ("oxiward-capture 1\nmodel: x\nmodel: y\n", "Line 3: \"model: y\" cannot stand in the head."),
        ("oxiward-capture 1\nprotocol: cms51\n", "Line 2: \"cms51\" is not a protocol."),
    ] {
        assert!(message(text).contains(part), "{text:?}: {}", message(text));
    }
}

#[test]
fn what_a_sensor_calls_itself_stays_within_its_line() {
    let entry = Entry { at: Duration::ZERO, event: Event::Model("CMS\n9.9 < 01\u{7}".to_owned()) };
    assert_eq!(entry.to_string(), "0.000000 model CMS 9.9 < 01");
}

#[test]
fn a_capture_decodes_to_the_samples_of_its_time() {
    for &protocol in Protocol::ALL {
        let (kept, samples) = tapped(protocol, Scenario::FingerOut, 9_000);
        let mut decoder = Decoder::new(None, kept.head.protocol);
        let mut decoded = Vec::new();
        for entry in &kept.entries {
            decoder.take(entry, &mut |at, sample| decoded.push((at, sample)));
        }
        decoder.finish(&mut |at, sample| decoded.push((at, sample)));
        assert!(samples.iter().any(|(_, sample)| sample.spo2.is_some()), "{protocol}");
        // Quiet is seen when the host looks; a host that looks every 5 ms sees it up to 5 ms later.
        let values = |of: &[(Duration, Sample)]| of.iter().map(|(_, sample)| *sample).collect::<Vec<_>>();
        assert_eq!(values(&decoded)[..samples.len()], values(&samples), "{protocol}");
    }
}

#[test]
fn a_protocol_that_was_recognised_on_the_way_is_decoded_from_there() {
    let frame = "85 40 07 48 61 85 40 07 48 61 85 40 07 48 61";
    let kept = capture(&format!("oxiward-capture 1\n1 < {frame}\n2 protocol cms50\n3 < {frame}\n"));
    let decode = |given| {
        let (mut decoder, mut times) = (Decoder::new(given, kept.head.protocol), Vec::new());
        for entry in &kept.entries {
            decoder.take(entry, &mut |at, sample| times.extend(sample.spo2.map(|_| at)));
        }
        (times, decoder.unread(), decoder.counters().packets)
    };
    assert_eq!(decode(None), (vec![MS(3_000)], 15, 3));
    let (times, unread, packets) = decode(Some(Protocol::Cms50));
    assert_eq!((times[0], unread, packets), (MS(1_000), 0, 6));
}

#[test]
fn numbers_from_before_a_hole_do_not_stand_behind_it() {
    let frame = "85 40 07 48 61 ".repeat(3);
    let kept = capture(&format!(
        "oxiward-capture 1\nprotocol: cms50\n1 < {frame}\n2 hole 5\n3 < 85 40 07 48 61\n4 < 85 40 07 48 61\n"
    ));
    let (mut decoder, mut spo2) = (Decoder::new(None, kept.head.protocol), Vec::new());
    for entry in &kept.entries {
        decoder.take(entry, &mut |_, sample| spo2.push(sample.spo2));
    }
    assert_eq!(spo2, [None, None, Some(97), None, None]);
}

#[test]
fn the_protocol_of_a_capture_that_does_not_name_it_is_recognised() {
    for &protocol in Protocol::ALL {
        let (kept, _) = tapped(protocol, Scenario::Steady, 15_000);
        let mut recognition = Recognition::new();
        kept.entries.iter().for_each(|entry| recognition.take(entry));
        assert_eq!(recognition.protocol(), Some(protocol), "{protocol}");
    }
}

#[test]
fn bytes_of_no_protocol_are_taken_for_none() {
    let mut recognition = Recognition::new();
    for at in 0..4_000 {
        let noise = (0..9_u64).map(|byte| ((at * 9 + byte).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect();
        recognition.take(&Entry { at: MS(at * 10), event: Event::Received(noise) });
    }
    assert_eq!(recognition.protocol(), None);
}

#[test]
fn a_replay_says_what_came_when_it_came() {
    let kept =
        capture("oxiward-capture 1\n1 open 9600 8N1\n1.5 > 30\n2 < 01\n2 < 02\n3.25 < 03\n4 end It was stopped.\n");
    let mut replay = Replay::new(kept, NonZeroU16::MIN, MS(10_000));
    let mut bytes = Vec::new();
    replay.poll(MS(11_999), &mut bytes);
    assert_eq!((bytes.as_slice(), replay.next_wake()), ([].as_slice(), Some(MS(12_000))));
    replay.poll(MS(12_000), &mut bytes);
    assert_eq!((bytes.as_slice(), replay.is_over()), ([1, 2].as_slice(), false));
    assert_eq!(replay.poll(MS(99_000), &mut bytes), Presence::Plugged);
    assert_eq!((bytes.as_slice(), replay.is_over(), replay.next_wake()), ([1, 2, 3].as_slice(), true, None));
}

#[test]
fn a_replay_can_be_faster_than_it_was() {
    let kept = capture("oxiward-capture 1\n1 < 01\n10 < 02\n");
    let mut replay = Replay::new(kept, NonZeroU16::new(3).unwrap(), Duration::ZERO);
    let (mut bytes, mut wakes) = (Vec::new(), Vec::new());
    while let Some(wake) = replay.next_wake() {
        assert!(wakes.len() < 3, "a wake at which nothing is done: {wakes:?}");
        replay.poll(wake, &mut bytes);
        wakes.push(wake);
    }
    assert_eq!(wakes.iter().map(Duration::as_millis).collect::<Vec<_>>(), [333, 3_333]);
    assert_eq!(bytes, [1, 2]);
}

#[test]
fn a_replay_is_unplugged_where_the_sensor_was_and_back_before_it_was_heard_again() {
    let kept = capture("oxiward-capture 1\n1 < 01\n2 gone\n8 open 9600 8N1\n9 < 02\n10 gone\n");
    let mut replay = Replay::new(kept, NonZeroU16::MIN, Duration::ZERO);
    assert!(replay.is_unplugged_at_times());
    let mut bytes = Vec::new();
    let mut is_there = |ms| replay.poll(MS(ms), &mut bytes) == Presence::Plugged;
    assert_eq!([1_999, 2_000, 6_999, 7_000, 9_000].map(&mut is_there), [true, false, false, true, true]);
    assert_eq!([10_000, 99_000].map(is_there), [false, false]);
    assert_eq!(replay.next_wake(), None);
    assert_eq!(bytes, [1, 2]);
}

#[test]
fn a_replay_gives_a_host_the_samples_of_its_time() {
    for &protocol in Protocol::ALL {
        let (kept, samples) = tapped(protocol, Scenario::Desaturation, 9_000);
        let mut replay = Replay::new(kept, NonZeroU16::MIN, Duration::ZERO);
        let (mut host, mut sent, mut again) = (Session::new(protocol, Duration::ZERO), Vec::new(), Vec::new());
        host.start(Duration::ZERO, &mut sent);
        for now in (0..9_000).step_by(5).map(MS) {
            let mut bytes = Vec::new();
            host.poll(now, &mut sent, &mut |sample| again.push((now, sample)));
            replay.poll(now, &mut bytes);
            host.receive(now, &bytes, &mut |sample| again.push((now, sample)));
        }
        assert_eq!(again, samples, "{protocol}");
    }
}

fn events() -> impl Strategy<Value = Event> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    let words = "([!-~é]{1,9}( [!-~é]{1,9}){0,3})?";
    let protocol = prop::sample::select(Protocol::ALL);
    prop_oneof![
        bytes().prop_map(Event::Received),
        bytes().prop_map(Event::Sent),
        protocol.prop_map(Event::Understood),
        (1..=u32::MAX).prop_map(|baud| Event::Opened(Line::eight_o_one(baud))),
        any::<u64>().prop_map(Event::Hole),
        words.prop_map(Event::Model),
        words.prop_map(Event::End),
        Just(Event::Gone),
        Just(Event::Closed),
    ]
}

fn captures() -> impl Strategy<Value = Capture> {
    let words = || prop::option::of("[!-~é]{1,9}( [!-~é]{1,9}){0,3}");
    let protocol = prop::option::of(prop::sample::select(Protocol::ALL));
    let entries = prop::collection::vec((0..40_000_000_u64, events()), 0..20);
    (words(), words(), words(), protocol, entries).prop_map(|(began, port, model, protocol, entries)| {
        let mut at = Duration::ZERO;
        let entries = entries.into_iter().map(|(pause, event)| {
            at += Duration::from_micros(pause);
            Entry { at, event }
        });
        let line = protocol.map(Protocol::line);
        Capture { head: Head { began, port, protocol, line, model }, entries: entries.collect(), torn: None }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(kept in captures()) {
        prop_assert_eq!(kept.to_string().parse(), Ok(kept));
    }

    #[test]
    fn a_capture_that_was_cut_anywhere_is_read_up_to_its_last_whole_line(kept in captures(), cut in any::<prop::sample::Index>()) {
        let text = kept.to_string();
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let cut = ends[cut.index(ends.len())];
        if let Ok(read) = text[..cut].parse::<Capture>() {
            prop_assert_eq!(&read.entries[..], &kept.entries[..read.entries.len()]);
            prop_assert_eq!(read.torn.is_some(), !text[..cut].ends_with('\n'));
        } else {
            // Without its first line it is no capture.
            prop_assert!(!text[..cut].contains('\n'));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(oxiward-capture 1\n)?([0-9a-f .:<>#\n]|open|gone|protocol|cms50|hole|end){0,60}") {
        if let Err(error) = text.parse::<Capture>() {
            prop_assert!(error.line >= 1 && error.line <= text.lines().count().max(1));
        }
    }

    #[test]
    fn a_replay_sends_every_byte_that_came_once_and_in_order(kept in captures(), speed in 1..500_u16) {
        let came: Vec<u8> = kept.entries.iter().filter_map(|entry| match &entry.event {
            Event::Received(bytes) => Some(bytes.clone()),
            _ => None,
        }).flatten().collect();
        let calls_at_most = 2 * kept.entries.len();
        let mut replay = Replay::new(kept, NonZeroU16::new(speed).unwrap(), Duration::ZERO);
        let (mut sent, mut calls) = (Vec::new(), 0);
        while let Some(wake) = replay.next_wake() {
            replay.poll(wake, &mut sent);
            calls += 1;
            prop_assert!(calls <= calls_at_most, "it asks to be polled for nothing");
        }
        prop_assert_eq!(sent, came);
    }
}
