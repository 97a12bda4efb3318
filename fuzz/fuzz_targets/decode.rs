//! Any bytes at any pace, cut anywhere: no panic, the same samples for every cut, every number within its documented
//! range. `OXIMETER_PROTOCOL` names the one decoder to fuzz; without it the input chooses.
#![no_main]

use core::time::Duration;
use libfuzzer_sys::fuzz_target;
use oximeter::{Counters, Protocol, Sample, Session};
use std::sync::LazyLock;

static NAMED: LazyLock<Option<Protocol>> =
    LazyLock::new(|| std::env::var("OXIMETER_PROTOCOL").ok().map(|name| name.parse().expect("a protocol")));

/// Groups of bytes that come `gap` apart, each in pieces of `cut` bytes.
fn decode(protocol: Protocol, groups: &[&[u8]], gap: Duration, cut: usize) -> (Vec<Sample>, Counters) {
    let mut session = Session::new(protocol, Duration::ZERO);
    let mut send = Vec::new();
    session.start(Duration::ZERO, &mut send);
    let mut samples = Vec::new();
    let mut each = |sample| samples.push(sample);
    for (index, group) in groups.iter().enumerate() {
        let now = gap * index as u32;
        if let Some(due) = session.next_wake().filter(|&due| due < now) {
            session.poll(due, &mut send, &mut each);
        }
        for piece in group.chunks(cut) {
            session.receive(now, piece, &mut each);
        }
        session.poll(now, &mut send, &mut each);
    }
    (samples, session.counters())
}

fuzz_target!(|input: (u8, u8, u8, u8, &[u8])| {
    let (protocol, group, gap, cut, bytes) = input;
    let protocol = NAMED.unwrap_or(Protocol::ALL[usize::from(protocol) % Protocol::ALL.len()]);
    let groups: Vec<&[u8]> = bytes.chunks(usize::from(group) + 1).collect();
    let gap = Duration::from_millis(u64::from(gap) * 10);
    let (samples, counters) = decode(protocol, &groups, gap, usize::MAX);
    assert_eq!((samples.clone(), counters), decode(protocol, &groups, gap, usize::from(cut) + 1));
    assert_eq!(counters.bytes, bytes.len() as u64);
    assert!(counters.packets >= samples.len() as u64);
    assert!(counters.packets + counters.skipped <= counters.bytes);
    for sample in samples {
        assert!(sample.spo2.is_none_or(|spo2| (1..=100).contains(&spo2)));
        assert!(sample.pulse_rate.is_none_or(|rate| (1..=321).contains(&rate)));
        assert!(sample.perfusion_index.is_none_or(|index| (1..=2200).contains(&index)));
        assert!(sample.signal_strength.is_none_or(|strength| strength <= 100));
        assert!(sample.pleth.is_none_or(|pleth| Some(pleth) <= protocol.pleth_max()));
    }
});
