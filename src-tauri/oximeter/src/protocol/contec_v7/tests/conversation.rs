//! The host against a recorded sensor and against sensors that misbehave.

use super::super::host::V7Host;
use super::HANDSHAKE;
use crate::protocol::contec_v7::{Framed, Framer, command, packet};
use crate::protocol::{Heard, Host};
use crate::{Protocol, Session};
use alloc::vec::Vec;
use core::time::Duration;

fn commands_in(bytes: &[u8]) -> Vec<u8> {
    let mut framer = Framer::default();
    bytes
        .iter()
        .filter_map(|&byte| match framer.push(byte) {
            Framed::Whole(packet) if packet.kind() == packet::COMMAND => Some(packet.payload()[0]),
            _ => None,
        })
        .collect()
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Runs a session against `answer` for `until` milliseconds; returns what was asked, with the time, and how many
/// samples came.
fn talk(until: u64, mut answer: impl FnMut(u64, &[u8]) -> Vec<u8>) -> (Vec<(u64, u8)>, usize, Session) {
    let mut session = Session::new(Protocol::ContecV7, Duration::ZERO);
    let (mut asked, mut samples, mut send) = (Vec::new(), 0, Vec::new());
    session.start(Duration::ZERO, &mut send);
    for now in (0..until).step_by(10) {
        session.poll(ms(now), &mut send, &mut |_| {});
        let commands = commands_in(&send);
        send.clear();
        asked.extend(commands.iter().map(|&code| (now, code)));
        session.receive(ms(now), &answer(now, &commands), &mut |_| samples += 1);
    }
    (asked, samples, session)
}

fn recorded(commands: &[u8]) -> Vec<u8> {
    let answers = |code: &u8| HANDSHAKE.iter().find(|(asked, _)| asked == code).map_or(&[][..], |(_, answers)| answers);
    commands.iter().flat_map(answers).flat_map(|bytes| bytes.iter().copied()).collect()
}

#[test]
fn the_recorded_sensor_is_live_at_once_and_tells_who_it_is() {
    let (asked, samples, session) = talk(200, |_, commands| recorded(commands));
    let codes: Vec<u8> = asked.iter().map(|&(_, code)| code).collect();
    assert_eq!(codes, [0xA7, 0xA2, 0xA0, 0xAC, 0xA8, 0xAA, 0xA9, 0xA1]);
    assert_eq!(samples, 7);
    let identity = session.identity();
    assert_eq!(identity.protocol_version, Some(7));
    assert_eq!(identity.device_id.as_deref(), Some("user"));
    // It sends blanks for these.
    assert_eq!((identity.model.as_deref(), identity.vendor.as_deref()), (None, None));
}

#[test]
fn a_question_that_is_not_answered_delays_live_data_by_a_second_at_most() {
    for silent in [0xA7, 0xA2, 0xA0, 0xAC, 0xA8, 0xAA, 0xA9] {
        let (asked, samples, _) = talk(1_200, |_, commands| {
            let heard: Vec<u8> = commands.iter().copied().filter(|&code| code != silent).collect();
            recorded(&heard)
        });
        assert!(asked.iter().any(|&(at, code)| code == command::START_LIVE && at <= 1_100), "{silent:X}: {asked:?}");
        assert_eq!(samples, 7, "{silent:X}");
        let live = asked.iter().position(|&(_, code)| code == command::START_LIVE).unwrap();
        assert!(!asked[live..].iter().any(|&(_, code)| code == command::STOP_LIVE), "{silent:X}: {asked:?}");
    }
}

#[test]
fn a_sensor_that_streams_already_and_answers_nothing_is_listened_to() {
    let live = HANDSHAKE[9].1[0];
    let (asked, samples, _) = talk(20_000, |_, _| live.to_vec());
    assert_eq!(samples, 2_000);
    assert_eq!(asked.iter().filter(|&&(_, code)| code == command::START_LIVE).count(), 1);
}

#[test]
fn the_stream_is_kept_alive_every_five_seconds() {
    let live = HANDSHAKE[9].1[0];
    let (asked, _, _) = talk(60_000, |now, commands| {
        let mut bytes = recorded(commands);
        if now % 20 == 0 {
            bytes.extend_from_slice(live);
        }
        bytes
    });
    let at: Vec<u64> = asked.iter().filter(|&&(_, code)| code == command::KEEP_ALIVE).map(|&(at, _)| at).collect();
    assert_eq!(at.len(), 11, "{at:?}");
    assert!(at.windows(2).all(|pair| pair[1] - pair[0] == 5_000), "{at:?}");
}

#[test]
fn live_data_that_stop_are_called_for_again_after_two_seconds() {
    let live = HANDSHAKE[9].1[0];
    let (asked, _, _) = talk(9_000, |now, commands| match now {
        0..3_000 => [recorded(commands), live.to_vec()].concat(),
        _ => Vec::new(),
    });
    let calls: Vec<u64> = asked.iter().filter(|&&(_, code)| code == command::START_LIVE).map(|&(at, _)| at).collect();
    assert_eq!(&calls[1..], [4_990, 6_990, 8_990]);
}

#[test]
fn a_sensor_that_stays_silent_is_asked_from_the_beginning_every_ten_seconds() {
    let (asked, _, _) = talk(60_000, |_, _| Vec::new());
    let beginnings: Vec<u64> =
        asked.iter().filter(|&&(_, code)| code == command::STOP_STORED).map(|&(at, _)| at).collect();
    assert!(beginnings.len() >= 5, "{beginnings:?}");
    assert!(beginnings.windows(2).all(|pair| pair[1] - pair[0] <= 12_000), "{beginnings:?}");
}

#[test]
fn an_answer_is_followed_up_at_once() {
    let (mut host, mut heard, mut send) = (V7Host::default(), Heard::default(), Vec::new());
    host.start(ms(100), &mut send);
    assert_eq!(host.next_wake(), Some(ms(1_100)));
    for byte in [0x0C, 0x80] {
        host.receive(ms(120), byte, &mut heard);
    }
    assert!(host.next_wake().unwrap() <= ms(120));
}

#[test]
fn stopping_ends_the_stream_and_leaves_nothing_due() {
    let mut session = Session::new(Protocol::ContecV7, Duration::ZERO);
    let mut send = Vec::new();
    session.start(Duration::ZERO, &mut send);
    send.clear();
    session.stop(&mut send);
    assert_eq!(commands_in(&send), [command::STOP_LIVE]);
    assert_eq!(session.next_wake(), None);
    send.clear();
    session.poll(ms(60_000), &mut send, &mut |_| {});
    assert!(send.is_empty());
}

#[test]
fn the_model_is_put_together_from_its_two_parts() {
    let mut session = Session::new(Protocol::ContecV7, Duration::ZERO);
    session.start(Duration::ZERO, &mut Vec::new());
    for second_index in [1, 0xFF] {
        for part in [b"\x00CMS50D".to_vec(), [&[second_index][..], b"+     "].concat()] {
            let packet = crate::protocol::contec_v7::Packet::new(packet::MODEL, &part).unwrap();
            session.receive(Duration::ZERO, packet.bytes().as_ref(), &mut |_| {});
        }
        assert_eq!(session.identity().model.as_deref(), Some("CMS50D+"));
    }
}
