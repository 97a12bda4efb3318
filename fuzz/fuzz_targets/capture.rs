//! Any text: a capture or refused; what is read is written and read back the same, decodes, and plays to its end.
#![no_main]

use core::num::NonZeroU16;
use core::time::Duration;
use libfuzzer_sys::fuzz_target;
use oximeter::Protocol;
use oximeter::capture::{Capture, Decoder, Replay};

fuzz_target!(|input: (u8, NonZeroU16, &str)| {
    let (protocol, speed, text) = input;
    // Most of what there is to find lies behind the first line.
    let Ok(capture) = format!("oxiward-capture 1\n{text}").parse::<Capture>() else { return };
    // Blanks may be others than they were, once.
    let written = capture.to_string();
    let again: Capture = written.parse().expect("what was written is not read");
    assert_eq!((again.to_string(), again.entries.len()), (written, capture.entries.len()));

    let protocol = Protocol::ALL.get(usize::from(protocol)).copied();
    let mut decoder = Decoder::new(protocol, capture.head.protocol);
    for entry in &capture.entries {
        decoder.take(entry, &mut |at, _| assert!(at <= entry.at));
    }
    decoder.finish(&mut |_, _| {});

    let calls_at_most = 2 * capture.entries.len();
    let mut replay = Replay::new(capture, speed, Duration::ZERO);
    let mut calls = 0;
    while let Some(wake) = replay.next_wake() {
        replay.poll(wake, &mut Vec::new());
        calls += 1;
        assert!(calls <= calls_at_most, "a replay that does not move on");
    }
});
