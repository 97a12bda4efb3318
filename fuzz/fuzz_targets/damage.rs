//! One damage anywhere in the stream of a simulated sensor: no number that was not sent, and a second later the stream
//! is as if nothing had happened.
#![no_main]

use core::time::Duration;
use libfuzzer_sys::fuzz_target;
use oximeter::{Protocol, Sample, Scenario, Session, Simulator};

const START_LIVE: [u8; 9] = [0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];

fn decode(protocol: Protocol, stream: &[u8]) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut session = Session::new(protocol, Duration::ZERO);
    session.receive(Duration::ZERO, stream, &mut |sample| samples.push(sample));
    samples
}

fuzz_target!(|input: (u8, u64, u16, u8, &[u8])| {
    let (protocol, seed, at, lost, noise) = input;
    // A format whose frames come once a second counts each at once, and noise may write one; what damage can do to those
    // is tried byte by byte in their own tests.
    let proven: Vec<Protocol> = Protocol::ALL.iter().copied().filter(|one| one.samples_per_minute() > 60).collect();
    let protocol = proven[usize::from(protocol) % proven.len()];
    let mut sensor = Simulator::new(protocol, Scenario::Steady, seed, Duration::ZERO);
    sensor.receive(Duration::ZERO, &START_LIVE);
    let mut stream = Vec::new();
    for second in 0..=5 {
        sensor.poll(Duration::from_secs(second), &mut stream);
    }
    let sent = decode(protocol, &stream);
    let at = usize::from(at) % (stream.len() / 2);
    // Three well-formed packets that agree are data, whoever wrote them: noise has room for two.
    let room = if protocol == Protocol::Cms50 { 2 * 5 } else { 2 * 9 };
    let noise = &noise[..noise.len().min(room)];
    stream.splice(at..at + usize::from(lost), noise.iter().copied());

    let samples = decode(protocol, &stream);
    for sample in &samples {
        assert!(sample.spo2.is_none() || sent.iter().any(|sent| sent.spo2 == sample.spo2));
        assert!(sample.pulse_rate.is_none() || sent.iter().any(|sent| sent.pulse_rate == sample.pulse_rate));
    }
    let last = (protocol.samples_per_minute() / 60) as usize;
    let numbers = |samples: &[Sample]| -> Vec<_> {
        let last = samples[samples.len() - last..].iter();
        last.map(|sample| (sample.spo2, sample.pulse_rate, sample.perfusion_index, sample.pleth)).collect()
    };
    assert_eq!(numbers(&samples), numbers(&sent));
});
