//! The stored recording, from its bytes to its seconds.

use super::*;
use crate::errand::tests::{Pair, recording, slot};
use crate::errand::{DeviceTime, Errand, Failure, NotPossible, Outcome, Recording, Second, Slot, Start, Stored};
use crate::{Memory, Protocol, Session};
use core::time::Duration;

fn cms50(memory: Memory) -> Pair {
    let mut pair = Pair::new(Protocol::Cms50, memory);
    pair.run(1);
    pair
}

fn second(spo2: u8, rate: u16) -> Second {
    Second { spo2: Some(spo2), pulse_rate: Some(rate), perfusion_index: None }
}

/// Seconds of which no two neighbours are alike, some of them missing: one that moves is seen.
fn seconds(count: usize) -> Vec<Second> {
    let of = |at: usize| match at % 11 {
        7 => Second::default(),
        _ => second((60 + at * 7 % 41) as u8, (40 + at * 3 % 200) as u16),
    };
    (0..count).map(of).collect()
}

const ONLY: Slot = Slot { user: 0, segment: 0 };

fn holding(seconds: &[Second]) -> Memory {
    Memory::without_clock().keep(ONLY, None, false, seconds.to_vec())
}

/// What comes of these bytes after the call for the recording; another call is not answered.
fn fetch(bytes: &[u8]) -> Result<Outcome, Failure> {
    let mut session = Session::new(Protocol::Cms50, Duration::ZERO);
    let mut send = Vec::new();
    session.start(Duration::ZERO, &mut send);
    session.begin(Duration::ZERO, &Errand::Download(ONLY)).unwrap();
    session.poll(Duration::ZERO, &mut send, &mut |_| {});
    let mut samples = 0;
    session.receive(Duration::from_millis(10), bytes, &mut |_| samples += 1);
    session.poll(Duration::from_secs(10), &mut send, &mut |_| {});
    session.poll(Duration::from_secs(20), &mut send, &mut |_| {});
    assert!(send.starts_with(&[0xF6, 0xF6, 0xF6, 0xF5, 0xF5]) && send.ends_with(&[0xF6, 0xF6, 0xF6]));
    assert_eq!(samples, 0);
    session.take_outcome().unwrap()
}

fn bytes_of(start: [u8; 2], seconds: &[Second]) -> Vec<u8> {
    let mut bytes = [0xF2, start[0], start[1]].repeat(3);
    bytes.extend(announce(seconds.len() as u32));
    bytes.extend(seconds.iter().flat_map(encode_second));
    bytes
}

#[test]
fn stored_bytes_of_the_layout_have_their_values() {
    // Worked out from the layout (atbrask/CMS50Dplus).
    assert_eq!(stored_second([0xF0, 0xC8, 0x61]), Some(second(97, 72)));
    assert_eq!(stored_second([0xF1, 0x96, 0x5D]), Some(second(93, 150)));
    assert_eq!(stored_second([0xF0, 0x80, 0x00]), Some(Second::default()));
    assert_eq!(stored_second([0xF0, 0xFF, 0x7F]), Some(second(0, 127)).map(|second| Second { spo2: None, ..second }));
    assert_eq!(seconds_announced([0x80, 0x80, 0x08]), Some(3));
    assert_eq!(seconds_announced([0x85, 0xA2, 0x7F]), Some(28_800));
    // Not of whole seconds.
    assert_eq!(seconds_announced([0x80, 0x80, 0x07]), None);
}

#[test]
fn a_recording_that_began_at_22_41_says_so() {
    let fetched = recording(fetch(&bytes_of([0x96, 0x29], &seconds(3))));
    let start = Some(Start::TimeOfDay { hour: 22, minute: 41 });
    let stored = Stored { slot: ONLY, seconds: Some(3), start, perfusion_index: Some(false) };
    assert_eq!(fetched, Recording { stored, seconds: seconds(3), lost: 0, confirmed: false });
    // Whether the minute carries bit 7 is not sure.
    assert_eq!(recording(fetch(&bytes_of([0x96, 0xA9], &seconds(3)))).stored.start, start);
}

#[test]
fn a_sensor_without_a_clock_has_no_start() {
    assert_eq!(recording(fetch(&bytes_of([0x80, 0x00], &seconds(3)))).stored.start, None);
}

#[test]
fn left_over_live_bytes_before_and_within_the_start_are_looked_through() {
    let whole = bytes_of([0x96, 0x29], &seconds(20));
    let start = Some(Start::TimeOfDay { hour: 22, minute: 41 });
    let before = [&[0x40, 0x07, 0x48, 0x61, 0x85, 0x40][..], &whole].concat();
    assert_eq!(recording(fetch(&before)).seconds, seconds(20));
    for at in [0, 3, 6] {
        let mut damaged = whole.clone();
        damaged[at] = 0x40;
        let fetched = fetch(&damaged);
        if at == 3 {
            // Two that stand next to each other are needed.
            assert!(matches!(fetched, Err(Failure::NoAnswer { .. })), "{fetched:?}");
        } else {
            let fetched = recording(fetched);
            assert_eq!((fetched.seconds, fetched.stored.start), (seconds(20), start), "{at}");
        }
    }
}

#[test]
fn a_damaged_length_is_counted_and_a_wrong_one_is_no_recording() {
    let whole = bytes_of([0x96, 0x29], &seconds(20));
    let mut damaged = whole.clone();
    damaged[11] |= 0x80;
    assert_eq!(recording(fetch(&damaged)).seconds, seconds(20));
    // Announced: 24 seconds. Whether it stopped half way or the number is wrong nobody knows.
    let mut longer = whole;
    longer[9..12].copy_from_slice(&announce(24));
    assert_eq!(fetch(&longer), Err(Failure::Damaged));
}

#[test]
fn a_lost_byte_costs_its_second_and_its_neighbours_and_moves_none() {
    let values = seconds(40);
    let whole = bytes_of([0x96, 0x29], &values);
    for lost in 12..whole.len() {
        let mut damaged = whole.clone();
        damaged.remove(lost);
        let fetched = recording(fetch(&damaged));
        let hit = (lost - 12) / 3;
        assert!((1..=3).contains(&fetched.lost), "{lost}: {}", fetched.lost);
        for (at, (fetched, stored)) in fetched.seconds.iter().zip(&values).enumerate() {
            assert!(fetched == stored || (at.abs_diff(hit) <= 1 && *fetched == Second::default()), "{lost} {at}");
        }
    }
}

#[test]
fn what_is_stored_is_what_is_fetched() {
    let mut pair = cms50(holding(&seconds(900)));
    let before = pair.samples.len();
    let begun = pair.now;
    let fetched = recording(pair.errand(&Errand::Download(ONLY)));
    assert_eq!((fetched.seconds, fetched.lost), (seconds(900), 0));
    let stray = pair.samples[before..].iter().filter(|(at, _)| *at > begun + Duration::from_millis(50)).count();
    assert_eq!(stray, 0);
    assert!(pair.live_within(1));
}

#[test]
fn what_was_lost_is_asked_for_again() {
    let values = seconds(100);
    let mut pair = cms50(holding(&values));
    pair.host.begin(pair.now, &Errand::Download(ONLY)).unwrap();
    let mut passed = 0;
    let outcome = pair.outcome(&mut |bytes| {
        passed += bytes.len();
        if (150..=153).contains(&passed) { Vec::new() } else { bytes }
    });
    let fetched = recording(outcome);
    assert_eq!((fetched.seconds, fetched.lost, fetched.confirmed), (values, 0, true));
    assert!(pair.live_within(1));
}

#[test]
fn what_it_holds_is_unknown_until_it_is_fetched_and_asking_disturbs_nothing() {
    let mut pair = cms50(holding(&seconds(5)));
    pair.asked.clear();
    let stored = Stored { perfusion_index: Some(false), ..Stored::default() };
    assert_eq!(pair.errand(&Errand::Recordings), Ok(Outcome::Recordings([stored].to_vec())));
    assert!(pair.asked.is_empty());
}

#[test]
fn a_sensor_with_nothing_stored_goes_on_with_live_data_while_upload_may_still_be_chosen() {
    let mut pair = cms50(Memory::without_clock());
    let (before, begun) = (pair.samples.len(), pair.now);
    assert!(matches!(pair.errand(&Errand::Download(ONLY)), Err(Failure::NoAnswer { .. })));
    assert!((29..=31).contains(&(pair.now - begun).as_secs()));
    assert!(pair.samples.len() - before > 29 * 60);
    assert!(pair.live_within(1));
}

#[test]
fn a_transfer_that_is_abandoned_gives_way_to_live_data() {
    let mut pair = cms50(holding(&seconds(9_000)));
    pair.host.begin(pair.now, &Errand::Download(ONLY)).unwrap();
    pair.run(2);
    assert!(pair.host.progress().is_some_and(|progress| progress.seconds > 500 && progress.of_seconds == Some(9_000)));
    pair.host.abandon(pair.now);
    assert_eq!(pair.outcome(&mut |bytes| bytes), Err(Failure::Abandoned));
    assert!(pair.live_within(1));
}

#[test]
fn what_it_cannot_is_refused_with_the_reason() {
    let mut pair = cms50(holding(&seconds(5)));
    let time = DeviceTime::new(2026, 3, 9, 7, 5, 30).unwrap();
    for errand in [Errand::SetClock(time), Errand::SetFormat(Protocol::Cms50), Errand::Details] {
        assert!(matches!(pair.host.begin(pair.now, &errand), Err(NotPossible::Unsupported(_))), "{errand:?}");
    }
    assert_eq!(pair.errand(&Errand::Download(slot(0, 1))), Err(Failure::NoSuchRecording(slot(0, 1))));
}

proptest! {
    /// Bytes lost, doubled and inserted, none beside another: a byte lost where one was inserted is a number changed in
    /// its place, and like a bit that flips inside one it cannot be found, for nothing asks twice.
    #[test]
    fn a_damaged_transfer_moves_no_second(
        faults in prop::collection::vec((12..600_usize, 0..3_u8, any::<u8>()), 1..5),
    ) {
        let values = seconds(200);
        let mut bytes = bytes_of([0x96, 0x29], &values);
        let mut faults = faults;
        faults.sort_unstable();
        faults.dedup_by(|next, one| next.0 < one.0 + 9);
        for (at, kind, noise) in faults.into_iter().rev() {
            let at = at.min(bytes.len() - 1);
            match kind {
                0 => { bytes.remove(at); }
                1 => bytes.insert(at, bytes[at]),
                _ => bytes.insert(at, noise),
            }
        }
        if let Ok(Outcome::Recording(fetched)) = fetch(&bytes) {
            prop_assert_eq!(fetched.seconds.len(), values.len());
            let changed = fetched.seconds.iter().zip(&values).filter(|(fetched, stored)| fetched != stored);
            prop_assert!(changed.clone().all(|(fetched, _)| *fetched == Second::default()), "{:?}", fetched);
            prop_assert!(changed.count() <= fetched.lost as usize);
        }
    }

    #[test]
    fn a_transfer_cut_anywhere_is_no_whole_recording_and_gives_way_to_live_data(cut in 0..612_usize) {
        let values = seconds(200);
        let mut passed = 0;
        let mut pair = cms50(holding(&values));
        pair.host.begin(pair.now, &Errand::Download(ONLY)).unwrap();
        let outcome = pair.outcome(&mut |bytes| {
            let from = passed;
            passed += bytes.len();
            bytes.into_iter().enumerate().filter(|(at, _)| from + at < cut).map(|(_, byte)| byte).collect()
        });
        match outcome {
            Ok(Outcome::Recording(fetched)) => {
                let came = fetched.seconds.len() - fetched.lost as usize;
                prop_assert!(fetched.lost > 0 && fetched.seconds[..came] == values[..came]);
            }
            outcome => prop_assert!(outcome.is_err()),
        }
        prop_assert!(pair.live_within(5));
    }
}
