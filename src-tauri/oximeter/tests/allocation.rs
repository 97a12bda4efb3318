//! Sixty packets a second from each of many sensors: none of them may cost memory.

#![allow(clippy::unwrap_used)]

use core::time::Duration;
use oximeter::{Protocol, Scenario, Session, Simulator};

const START_LIVE: [u8; 9] = [0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];

fn minute_of(protocol: Protocol, scenario: Scenario) -> Vec<u8> {
    let mut sensor = Simulator::new(protocol, scenario, 1, Duration::ZERO);
    let mut bytes = Vec::new();
    for second in 0..=60 {
        let now = Duration::from_secs(second);
        sensor.receive(now, &START_LIVE);
        sensor.poll(now, &mut bytes);
    }
    bytes
}

#[test]
fn receiving_samples_allocates_nothing() {
    for &protocol in Protocol::ALL {
        for scenario in [Scenario::Steady, Scenario::Garbage] {
            let bytes = minute_of(protocol, scenario);
            let mut session = Session::new(protocol, Duration::ZERO);
            // The first packets may tell who the sensor is, and that is kept as text.
            let (first, rest) = bytes.split_at(bytes.len() / 10);
            session.receive(Duration::ZERO, first, &mut |_| {});
            let mut samples = 0;
            let allocated = allocation_counter::measure(|| {
                session.receive(Duration::ZERO, rest, &mut |_| samples += 1);
            });
            assert_eq!(allocated.count_total, 0, "{protocol} {scenario}");
            assert!(samples > 50 * usize::from(protocol.sample_rate()), "{protocol} {scenario}: {samples}");
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
            session.poll(Duration::from_secs(second), &mut send);
        }
    });
    assert_eq!(allocated.count_total, 0);
}
