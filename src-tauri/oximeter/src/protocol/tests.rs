use super::*;
use crate::{Scenario, Session, Simulator};
use alloc::format;
use alloc::string::ToString;
use proptest::prelude::*;

/// What a listener that sends nothing makes of a stream.
pub(crate) fn decode(protocol: Protocol, stream: &[u8]) -> Vec<Sample> {
    decode_with_counters(protocol, stream).0
}

pub(crate) fn decode_with_counters(protocol: Protocol, stream: &[u8]) -> (Vec<Sample>, Counters) {
    let mut session = Session::new(protocol, Duration::ZERO);
    let mut samples = Vec::new();
    session.receive(Duration::ZERO, stream, &mut |sample| samples.push(sample));
    (samples, session.counters())
}

/// What a listener makes of groups of bytes that come a second apart.
pub(crate) fn decode_apart(protocol: Protocol, groups: &[&[u8]]) -> Vec<Sample> {
    let seconds = (0..).map(Duration::from_secs);
    let stream = groups.iter().zip(seconds).flat_map(|(group, now)| group.iter().map(move |&byte| (now, byte)));
    decode_whole(protocol, &stream.collect::<Vec<_>>())
}

/// A byte and when it came.
type Timed = (Duration, u8);

/// What a simulated sensor sends in `seconds`, each frame when it is due.
fn timed_stream(protocol: Protocol, scenario: Scenario, seed: u64, seconds: u64) -> Vec<Timed> {
    let mut sensor = Simulator::new(protocol, scenario, seed, Duration::ZERO);
    let call = contec_v7::Packet::command(contec_v7::command::START_LIVE, &[]);
    sensor.receive(Duration::ZERO, call.bytes().as_ref());
    let (mut stream, mut bytes) = (Vec::new(), Vec::new());
    while let Some(now) = sensor.next_wake().filter(|&now| now <= Duration::from_secs(seconds)) {
        sensor.poll(now, &mut bytes);
        stream.extend(bytes.drain(..).map(|byte| (now, byte)));
    }
    stream
}

/// What a listener makes of a stream that comes in its time, each of its pieces cut into those of `cut` bytes.
fn decode_in_time(protocol: Protocol, stream: &[Timed], mut cut: impl FnMut() -> usize) -> (Vec<Sample>, Counters) {
    let mut session = Session::new(protocol, Duration::ZERO);
    let mut samples = Vec::new();
    let mut each = |sample| samples.push(sample);
    for piece in stream.chunk_by(|one, next| one.0 == next.0) {
        let now = piece[0].0;
        if let Some(due) = session.next_wake().filter(|&due| due < now) {
            session.poll(due, &mut Vec::new(), &mut each);
        }
        let mut rest: Vec<u8> = piece.iter().map(|&(_, byte)| byte).collect();
        while !rest.is_empty() {
            let part: Vec<u8> = rest.drain(..cut().clamp(1, rest.len())).collect();
            session.receive(now, &part, &mut each);
            session.poll(now, &mut Vec::new(), &mut each);
        }
    }
    // Whoever is waiting for quiet has it now.
    session.poll(Duration::from_secs(3_600), &mut Vec::new(), &mut each);
    (samples, session.counters())
}

fn decode_whole(protocol: Protocol, stream: &[Timed]) -> Vec<Sample> {
    decode_in_time(protocol, stream, || usize::MAX).0
}

pub(crate) fn last_of(samples: Vec<Sample>) -> Option<Sample> {
    samples.last().copied()
}

/// What a simulated sensor sends in `seconds`.
pub(crate) fn stream(protocol: Protocol, scenario: Scenario, seed: u64, seconds: u64) -> Vec<u8> {
    let mut sensor = Simulator::new(protocol, scenario, seed, Duration::ZERO);
    let mut bytes = Vec::new();
    if protocol == Protocol::ContecV7 {
        let call = contec_v7::Packet::command(contec_v7::command::START_LIVE, &[]);
        sensor.receive(Duration::ZERO, call.bytes().as_ref());
    }
    for second in 0..=seconds {
        sensor.poll(Duration::from_secs(second), &mut bytes);
    }
    bytes
}

#[test]
fn every_protocol_is_read_back_from_its_name() {
    for &protocol in Protocol::ALL {
        assert_eq!(protocol.as_str().parse(), Ok(protocol));
    }
}

#[test]
fn a_wrong_name_is_refused_with_the_names_that_exist() {
    let message = "cms51".parse::<Protocol>().unwrap_err().to_string();
    let names: Vec<&str> = Protocol::ALL.iter().map(|protocol| protocol.as_str()).collect();
    assert_eq!(message, format!("\"cms51\" is not a protocol. Use one of: {}.", names.join(", ")));
}

fn any_protocol() -> impl Strategy<Value = Protocol> {
    proptest::sample::select(Protocol::ALL)
}

/// Whether each frame is shown at once, though nothing proves it. There a changed digit shows, for that frame; what
/// else damage can do to one has its tests beside the format.
pub(crate) fn takes_frames_at_their_word(protocol: Protocol) -> bool {
    !protocol.profile().has_checksum && protocol.samples_per_minute() <= 60
}

fn any_protocol_that_proves_its_frames() -> impl Strategy<Value = Protocol> {
    let proven = Protocol::ALL.iter().copied().filter(|&protocol| !takes_frames_at_their_word(protocol));
    proptest::sample::select(proven.collect::<Vec<_>>())
}

fn any_scenario() -> impl Strategy<Value = Scenario> {
    proptest::sample::select(Scenario::ALL)
}

/// The numbers that a listener was shown.
fn shown(samples: &[Sample]) -> impl Iterator<Item = (Option<u8>, Option<u16>, Option<u16>)> + '_ {
    samples.iter().map(|sample| (sample.spo2, sample.pulse_rate, sample.perfusion_index))
}

/// Whether `samples` show no number that `sent` did not.
fn shows_nothing_new(samples: &[Sample], sent: &[Sample]) -> bool {
    shown(samples).all(|(spo2, rate, index)| {
        (spo2.is_none() || shown(sent).any(|sent| sent.0 == spo2))
            && (rate.is_none() || shown(sent).any(|sent| sent.1 == rate))
            && (index.is_none() || shown(sent).any(|sent| sent.2 == index))
    })
}

proptest! {
    #[test]
    fn any_cut_of_the_stream_gives_the_same_samples(
        protocol in any_protocol(), scenario in any_scenario(), seed: u64,
        cuts in prop::collection::vec(1..60_usize, 0..200),
    ) {
        let stream = timed_stream(protocol, scenario, seed, 8);
        let (whole, counters) = decode_in_time(protocol, &stream, || usize::MAX);
        prop_assert!(!whole.is_empty());
        let mut cuts = cuts.into_iter();
        let (samples, counted) = decode_in_time(protocol, &stream, || cuts.next().unwrap_or(usize::MAX));
        prop_assert_eq!(samples, whole);
        prop_assert_eq!(counted, counters);
    }

    #[test]
    fn random_bytes_show_no_number(protocol in any_protocol(), noise in prop::collection::vec(any::<u8>(), 0..4000)) {
        prop_assert!(shows_nothing_new(&decode(protocol, &noise), &[]));
    }

    /// Damage of every kind that a line does: bytes lost, doubled, changed, inserted; one fault in about fifty bytes.
    #[test]
    fn a_damaged_stream_shows_no_number_that_was_not_sent(
        protocol in any_protocol_that_proves_its_frames(), seed: u64,
        faults in prop::collection::vec((0..100_usize, 0..4_u8, any::<u8>()), 1..120),
    ) {
        let clean = stream(protocol, Scenario::Steady, seed, 10);
        let sent = decode(protocol, &clean);
        let mut damaged = Vec::new();
        let mut rest = clean.as_slice();
        for (distance, kind, byte) in faults {
            let (good, after) = rest.split_at(distance.min(rest.len()));
            damaged.extend_from_slice(good);
            let Some((&first, others)) = after.split_first() else { break };
            rest = others;
            match kind {
                0 => {}
                1 => damaged.extend([first, first]),
                2 => damaged.push(byte),
                _ => damaged.extend([byte, first]),
            }
        }
        damaged.extend_from_slice(rest);
        prop_assert!(shows_nothing_new(&decode(protocol, &damaged), &sent));
    }

    #[test]
    fn a_burst_of_garbage_anywhere_costs_a_second_at_most(
        protocol in any_protocol(), seed: u64, at in 0..1500_usize, noise in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        let clean = timed_stream(protocol, Scenario::Steady, seed, 20);
        let sent = decode_whole(protocol, &clean);
        prop_assert!(sent.len() > 5);
        let mut damaged = clean;
        let at = at % (damaged.len() / 3);
        let when = damaged[at].0;
        damaged.splice(at..at, noise.into_iter().map(|byte| (when, byte)));
        let samples = decode_whole(protocol, &damaged);
        prop_assert!(shows_nothing_new(&samples, &sent));
        // The last half is as if nothing had happened; behind damage a change takes 100 ms.
        let half = sent.len() / 2 - (protocol.samples_per_minute() / 600) as usize;
        prop_assert_eq!(&samples[samples.len() - half..], &sent[sent.len() - half..]);
        // A second, or the one sample of a format that is slower.
        let second = (protocol.samples_per_minute() / 60).max(1) as usize;
        // And the first of the two that a format by pattern wants to see before it goes on.
        prop_assert!(samples.len() + second + usize::from(takes_frames_at_their_word(protocol)) >= sent.len());
    }
}
