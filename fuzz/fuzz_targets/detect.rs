//! Any bytes at any pace: the detector never panics, and always says what to do next.
#![no_main]

use core::time::Duration;
use libfuzzer_sys::fuzz_target;
use oximeter::{Detector, Step};

fuzz_target!(|input: (bool, Vec<(u16, Vec<u8>)>)| {
    let (may_send, pieces) = input;
    let mut now = Duration::ZERO;
    let mut detector = Detector::new(now, may_send);
    for (wait, bytes) in pieces {
        for calls in 0.. {
            assert!(calls < 10, "a detector that never listens");
            match detector.poll(now) {
                Step::Open(_) => {}
                Step::Send(_) => assert!(may_send),
                Step::Listen { until } => {
                    assert!(until > now);
                    break;
                }
                Step::Found { .. } => return,
            }
        }
        assert!(!detector.in_words().is_empty());
        now += Duration::from_millis(wait.into());
        detector.feed(now, &bytes);
    }
});
