//! Any bytes of a host at any time, in any scenario: a simulated sensor never panics, never sends more than its line
//! can carry, and wakes when it said.
#![no_main]

use core::time::Duration;
use libfuzzer_sys::fuzz_target;
use oximeter::{Presence, Protocol, Scenario, Simulator};

fuzz_target!(|input: (u8, u8, u64, Vec<(u16, Vec<u8>)>)| {
    let (protocol, scenario, seed, pieces) = input;
    let protocol = Protocol::ALL[usize::from(protocol) % Protocol::ALL.len()];
    let scenario = Scenario::ALL[usize::from(scenario) % Scenario::ALL.len()];
    let mut now = Duration::ZERO;
    let mut sensor = Simulator::new(protocol, scenario, seed, now);
    for (wait, bytes) in pieces {
        now += Duration::from_millis(wait.into());
        sensor.receive(now, &bytes);
        let mut send = Vec::new();
        let presence = sensor.poll(now, &mut send);
        // Frames for two seconds at most, an answer of at most two packets to each byte asked, and half a second of
        // stored data at 115200 8N1.
        assert!(send.len() <= 2 * 75 * 60 + 18 * bytes.len() + 5_800);
        if let Some(wake) = sensor.next_wake() {
            // A plug that was pulled and put back while nobody looked is told once, late.
            assert!(wake > now || presence == Presence::Unplugged, "{wake:?} was due at {now:?}");
        }
    }
});
