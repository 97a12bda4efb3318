//! Sixty packets a second from each of many sensors: none of them may cost memory.

#![allow(clippy::unwrap_used)]

use core::time::Duration;
use oximeter::{Protocol, Scenario, Session, Simulator};

const START_LIVE: [u8; 9] = [0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];

/// What comes in a minute, and when.
fn minute_of(protocol: Protocol, scenario: Scenario) -> Vec<(Duration, Vec<u8>)> {
    let mut sensor = Simulator::new(protocol, scenario, 1, Duration::ZERO);
    let pieces = (0..600).map(|tenths| {
        let now = Duration::from_millis(tenths * 100);
        let mut bytes = Vec::new();
        sensor.receive(now, &START_LIVE);
        sensor.poll(now, &mut bytes);
        (now, bytes)
    });
    pieces.collect()
}

/// Hears all of it, from `start` on; returns the number of samples.
fn hear(session: &mut Session, start: Duration, pieces: &[(Duration, Vec<u8>)], send: &mut Vec<u8>) -> u32 {
    let mut samples = 0;
    for (at, bytes) in pieces {
        session.poll(start + *at, send, &mut |_| samples += 1);
        session.receive(start + *at, bytes, &mut |_| samples += 1);
    }
    samples
}

#[test]
fn receiving_samples_allocates_nothing() {
    for &protocol in Protocol::ALL {
        for scenario in [Scenario::Steady, Scenario::Garbage] {
            let minute = minute_of(protocol, scenario);
            let mut session = Session::new(protocol, Duration::ZERO);
            let mut send = Vec::with_capacity(1024);
            // A sensor may tell who it is, and that is kept as text.
            hear(&mut session, Duration::ZERO, &minute_of(protocol, Scenario::Steady), &mut send);
            let mut samples = 0;
            let allocated = allocation_counter::measure(|| {
                samples = hear(&mut session, Duration::from_secs(60), &minute, &mut send);
            });
            assert_eq!(allocated.count_total, 0, "{protocol} {scenario}");
            assert!(samples > protocol.samples_per_minute() / 3, "{protocol} {scenario}: {samples}");
        }
    }
}

#[test]
fn keeping_a_stream_alive_allocates_nothing() {
    let mut session = Session::new(Protocol::ContecV7, Duration::ZERO);
    let mut send = Vec::with_capacity(1024);
    session.start(Duration::ZERO, &mut send);
    let allocated = allocation_counter::measure(|| {
        for second in 0..600 {
            send.clear();
            session.poll(Duration::from_secs(second), &mut send, &mut |_| {});
        }
    });
    assert_eq!(allocated.count_total, 0);
}
