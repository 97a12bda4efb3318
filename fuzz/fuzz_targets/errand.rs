//! Any bytes of a sensor that was sent on an errand, at any times: a host never panics, takes no live sample out of
//! stored data, and tells within minutes what came of it.
#![no_main]

use core::time::Duration;
use libfuzzer_sys::fuzz_target;
use oximeter::errand::Slot;
use oximeter::{DeviceTime, Errand, Memory, Protocol, Scenario, Session, Simulator};

/// What the line does to a byte of the sensor.
fn damaged(bytes: Vec<u8>, damage: &mut impl Iterator<Item = (u8, u8)>) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in bytes {
        match damage.next() {
            Some((0, _)) => {}
            Some((1, noise)) => out.extend([byte, noise]),
            Some((2, noise)) => out.push(noise),
            Some((3, noise)) => out.push(byte ^ 1 << (noise % 8)),
            _ => out.push(byte),
        }
    }
    out
}

fuzz_target!(|input: (u8, u8, u8, bool, Vec<(u8, u8)>)| {
    let (protocol, which, segment, abandons, damage) = input;
    let protocol = Protocol::ALL[usize::from(protocol) % Protocol::ALL.len()];
    let Some(time) = DeviceTime::new(2026, 3, 9, 7, 5, 30) else { return };
    let errand = match which % 4 {
        0 => Errand::Details,
        1 => Errand::Recordings,
        2 => Errand::Download(Slot { user: 0, segment: [0, 1, 3, 9][usize::from(segment % 4)] }),
        _ => Errand::SetClock(time),
    };
    let mut now = Duration::ZERO;
    let mut host = Session::new(protocol, now);
    let mut sensor = Simulator::new(protocol, Scenario::Steady, 1, now).with_memory(Memory::example());
    let mut damage = damage.into_iter();
    let mut send = Vec::new();
    host.start(now, &mut send);
    let (mut begun, mut ended) = (None, false);
    while now < Duration::from_secs(200) && !ended {
        now += Duration::from_millis(20);
        sensor.receive(now, &send);
        send.clear();
        let mut bytes = Vec::new();
        sensor.poll(now, &mut bytes);
        let bytes = if begun.is_some() { damaged(bytes, &mut damage) } else { bytes };
        host.receive(now, &bytes, &mut |_| {});
        host.poll(now, &mut send, &mut |_| {});
        if now >= Duration::from_secs(1) && begun.is_none() {
            if host.begin(now, &errand).is_err() {
                return;
            }
            begun = Some(now);
        }
        if abandons && begun.is_some_and(|at| now == at + Duration::from_secs(1)) {
            host.abandon(now);
        }
        ended = begun.is_some() && host.take_outcome().is_some();
    }
    assert!(ended, "no end of {errand:?} on {protocol}");
    assert_eq!(host.progress(), None);
});
