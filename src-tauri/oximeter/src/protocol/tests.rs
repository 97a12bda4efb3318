use super::*;
use crate::{Scenario, Session, Simulator};
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
    let error = "cms51".parse::<Protocol>().unwrap_err();
    assert_eq!(error.to_string(), "\"cms51\" is not a protocol. Use one of: cms50, contec-v7, nonin-df2.");
}

fn any_protocol() -> impl Strategy<Value = Protocol> {
    proptest::sample::select(Protocol::ALL)
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
        let stream = stream(protocol, scenario, seed, 5);
        let whole = decode(protocol, &stream);
        let mut session = Session::new(protocol, Duration::ZERO);
        let (mut rest, mut samples) = (stream.as_slice(), Vec::new());
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            session.receive(Duration::ZERO, piece, &mut |sample| samples.push(sample));
            rest = after;
        }
        session.receive(Duration::ZERO, rest, &mut |sample| samples.push(sample));
        prop_assert_eq!(samples, whole);
    }

    #[test]
    fn random_bytes_show_no_number(protocol in any_protocol(), noise in prop::collection::vec(any::<u8>(), 0..4000)) {
        prop_assert!(shows_nothing_new(&decode(protocol, &noise), &[]));
    }

    /// Damage of every kind that a line does: bytes lost, doubled, changed, inserted; one fault in about fifty bytes.
    #[test]
    fn a_damaged_stream_shows_no_number_that_was_not_sent(
        protocol in any_protocol(), seed: u64,
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
    fn a_burst_of_garbage_anywhere_costs_less_than_a_second(
        protocol in any_protocol(), seed: u64, at in 0..1500_usize, noise in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        let clean = stream(protocol, Scenario::Steady, seed, 10);
        let sent = decode(protocol, &clean);
        let mut damaged = clean;
        damaged.splice(at..at, noise);
        let samples = decode(protocol, &damaged);
        prop_assert!(shows_nothing_new(&samples, &sent));
        // The last half is as if nothing had happened.
        let half = sent.len() / 2;
        prop_assert_eq!(&samples[samples.len() - half..], &sent[sent.len() - half..]);
        prop_assert!(samples.len() + usize::from(protocol.sample_rate()) > sent.len());
    }
}
