//! Any bytes, cut anywhere: no panic, the same samples for every cut, every number within its documented range.
#![no_main]

use core::time::Duration;
use libfuzzer_sys::fuzz_target;
use oximeter::{Counters, Protocol, Sample, Session};

fn decode<'a>(protocol: Protocol, pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Sample>, Counters) {
    let mut session = Session::new(protocol, Duration::ZERO);
    let mut send = Vec::new();
    session.start(Duration::ZERO, &mut send);
    let mut samples = Vec::new();
    for piece in pieces {
        session.receive(Duration::ZERO, piece, &mut |sample| samples.push(sample));
        session.poll(Duration::ZERO, &mut send);
    }
    (samples, session.counters())
}

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (protocol, cut, bytes) = input;
    let protocol = Protocol::ALL[usize::from(protocol) % Protocol::ALL.len()];
    let (samples, counters) = decode(protocol, core::iter::once(bytes));
    assert_eq!((samples.clone(), counters), decode(protocol, bytes.chunks(usize::from(cut) + 1)));
    assert_eq!(counters.bytes, bytes.len() as u64);
    assert!(counters.packets >= samples.len() as u64);
    assert!(counters.packets + counters.skipped <= counters.bytes);
    for sample in samples {
        assert!(sample.spo2.is_none_or(|spo2| (1..=100).contains(&spo2)));
        assert!(sample.pulse_rate.is_none_or(|rate| (1..=321).contains(&rate)));
        assert!(sample.perfusion_index.is_none_or(|index| (1..=2200).contains(&index)));
        assert!(sample.signal_strength.is_none_or(|strength| strength <= 100));
        assert!(sample.pleth.is_none_or(|pleth| pleth <= protocol.pleth_max()));
    }
});
