//! Errands of the host against the simulated sensor, over good lines and bad ones.

use super::*;
use crate::Memory;
use crate::errand::tests::{Pair, recording, slot};
use crate::errand::{Details, DeviceTime, Errand, Failure, NotPossible, Outcome, Reason, Second, Start, Stored};
use crate::protocol::contec_v7::stored_seconds;

fn v7(memory: Memory) -> Pair {
    let mut pair = Pair::new(Protocol::ContecV7, memory);
    pair.run(1);
    pair
}

fn at(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> DeviceTime {
    DeviceTime::new(year, month, day, hour, minute, second).unwrap()
}

fn second(spo2: u8, rate: u16, index: Option<u16>) -> Second {
    Second { spo2: Some(spo2), pulse_rate: Some(rate), perfusion_index: index }
}

/// Seconds of which no two neighbours are alike, some of them missing: one that moves is seen.
fn seconds(count: usize) -> Vec<Second> {
    let of = |at: usize| match at % 11 {
        7 => Second::default(),
        _ => second((60 + at * 7 % 41) as u8, (40 + at * 3 % 200) as u16, None),
    };
    (0..count).map(of).collect()
}

fn commands(pair: &Pair) -> Vec<Vec<u8>> {
    let mut framer = Framer::default();
    let whole = |&byte: &u8| match framer.push(byte) {
        Framed::Whole(packet) => Some(packet.payload().to_vec()),
        _ => None,
    };
    pair.asked.iter().filter_map(whole).collect()
}

#[test]
fn stored_packets_of_public_descriptions_decode_to_their_seconds() {
    let seconds = |bytes: &[u8]| {
        let (seconds, len) = stored_seconds(&packet_of(bytes));
        seconds[..len].to_vec()
    };
    // Bytes in comments of OSCAR.
    assert_eq!(seconds(&[0x0F, 0x80, 0xDE, 0xC2, 0xDE, 0xC2, 0xDE, 0xC2]), [second(94, 66, None); 3]);
    assert_eq!(seconds(&[0x09, 0x80, 0xE1, 0xC4, 0xCE, 0x82]), [second(97, 68, Some(590))]);
    // Worked out from the layout.
    assert_eq!(
        seconds(&[0x0F, 0xAA, 0xDD, 0x96, 0xDE, 0x95, 0xFF, 0xFF]),
        [second(93, 150, None), second(94, 149, None), Second::default()]
    );
    assert_eq!(seconds(&[0x0F, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]), [Second::default(); 3]);
    assert_eq!(seconds(&[0x09, 0xBE, 0xFF, 0xFF, 0xFF, 0xFF]), [Second::default()]);
}

#[test]
fn the_length_of_a_real_recording_gives_its_packets() {
    // Bytes and packets of thirteen recordings of a CMS50F 3.7, from comments of OSCAR.
    for (bytes, packets) in [
        (36, 6),
        (82, 14),
        (72, 12),
        (202, 34),
        (34, 6),
        (292, 49),
        (152, 26),
        (194, 33),
        (1234, 206),
        (426, 71),
        (16, 3),
        (132, 22),
        (5056, 843),
    ] {
        assert_eq!(stored::seconds(bytes, false).div_ceil(3), packets, "{bytes}");
    }
    assert_eq!(stored::seconds(1234, false), 617);
}

#[test]
fn recordings_are_listed_while_live_data_run() {
    let mut pair = v7(Memory::example());
    let before = pair.samples.len();
    let begun = pair.now;
    let stored = |segment, seconds, perfusion, start| Stored {
        slot: slot(0, segment),
        seconds: Some(seconds),
        start: Some(Start::At(start)),
        perfusion_index: Some(perfusion),
    };
    let list = [
        stored(1, 617, false, at(2026, 3, 8, 22, 41, 0)),
        stored(2, 28_800, false, at(2026, 3, 9, 22, 5, 30)),
        stored(3, 45, true, at(2026, 3, 10, 6, 58, 12)),
    ];
    assert_eq!(pair.errand(&Errand::Recordings), Ok(Outcome::Recordings(list.to_vec())));
    assert!(pair.now - begun < Duration::from_secs(1));
    assert!(pair.samples[before..].iter().all(|(_, sample)| sample.spo2.is_some()));
    assert!(!commands(&pair).contains(&Packet::command(command::SEND_STORED, &[]).payload().to_vec()));
}

#[test]
fn an_empty_memory_is_an_empty_list() {
    for memory in [Memory::without_clock(), Memory::with_clock(at(2026, 3, 9, 7, 5, 30))] {
        assert_eq!(v7(memory).errand(&Errand::Recordings), Ok(Outcome::Recordings(Vec::new())));
    }
}

#[test]
fn the_only_recording_of_a_sensor_without_a_clock_is_at_0_0_and_has_no_start() {
    let memory = Memory::without_clock().keep(slot(0, 0), None, false, seconds(10));
    let stored = Stored { slot: slot(0, 0), seconds: Some(10), start: None, perfusion_index: None };
    let mut pair = v7(memory);
    assert_eq!(pair.errand(&Errand::Recordings), Ok(Outcome::Recordings([stored].to_vec())));
    let fetched = recording(pair.errand(&Errand::Download(slot(0, 0))));
    assert_eq!(fetched.seconds, seconds(10));
    assert_eq!((fetched.stored.start, fetched.stored.perfusion_index), (None, Some(false)));
}

#[test]
fn a_sensor_that_counts_from_one_is_asked_at_one() {
    let memory = Memory::without_clock().keep(slot(0, 1), None, false, seconds(4));
    let Ok(Outcome::Recordings(list)) = v7(memory).errand(&Errand::Recordings) else { panic!() };
    assert_eq!(list.iter().map(|stored| stored.slot).collect::<Vec<_>>(), [slot(0, 1)]);
}

#[test]
fn what_is_stored_is_what_is_fetched_with_its_gaps_in_their_places() {
    let with_perfusion: Vec<Second> = (0..45).map(|at| second(90 + at as u8 % 7, 60, Some(300 + at))).collect();
    let start = Start::At(at(2014, 8, 18, 2, 38, 18));
    let memory = Memory::with_clock(at(2026, 3, 9, 7, 5, 30)).keep(slot(0, 1), Some(start), false, seconds(617)).keep(
        slot(0, 2),
        None,
        true,
        with_perfusion.clone(),
    );
    let mut pair = v7(memory);
    for (which, values, start, perfusion) in
        [(slot(0, 1), seconds(617), Some(start), false), (slot(0, 2), with_perfusion, None, true)]
    {
        let fetched = recording(pair.errand(&Errand::Download(which)));
        let length = Some(values.len() as u32);
        assert_eq!(fetched.stored, Stored { slot: which, seconds: length, start, perfusion_index: Some(perfusion) });
        assert_eq!(fetched.seconds, values);
        assert_eq!((fetched.lost, fetched.confirmed), (0, true));
        assert!(pair.live_within(1));
    }
}

#[test]
fn eight_hours_take_less_than_fifteen_seconds_and_no_live_sample_comes_of_them() {
    let mut pair = v7(Memory::example());
    let before = pair.samples.len();
    let begun = pair.now;
    let fetched = recording(pair.errand(&Errand::Download(slot(0, 2))));
    assert_eq!(fetched.seconds.len(), 28_800);
    assert_eq!(fetched.seconds.iter().filter(|second| **second == Second::default()).count(), 96 * 7);
    assert!(pair.now - begun < Duration::from_secs(15), "{:?}", pair.now - begun);
    let meanwhile = &pair.samples[before..];
    assert!(meanwhile.iter().all(|(at, _)| *at < begun + Duration::from_millis(200)), "{}", meanwhile.len());
    assert!(pair.live_within(1));
}

#[test]
fn a_download_asks_in_the_order_of_the_document() {
    let mut pair = v7(Memory::example());
    pair.asked.clear();
    recording(pair.errand(&Errand::Download(slot(0, 3))));
    let mut codes: Vec<u8> = commands(&pair).iter().map(|payload| payload[0]).collect();
    codes.dedup();
    assert_eq!(
        codes,
        [0xA7, 0xA2, 0xAD, 0xA3, 0xB6, 0xA4, 0xA5, 0xA6, 0xA7, 0xA6, 0xA7, 0xA1],
        "a question asked twice stands once"
    );
}

#[test]
fn progress_tells_how_many_seconds_have_come_of_how_many() {
    let mut pair = v7(Memory::example());
    pair.host.begin(pair.now, &Errand::Download(slot(0, 2))).unwrap();
    let mut told = Vec::new();
    while pair.host.take_outcome().is_none() {
        pair.step(&mut |bytes| bytes);
        told.extend(pair.host.progress());
    }
    assert!(told.windows(2).all(|pair| pair[0].seconds <= pair[1].seconds));
    assert_eq!(told.last().map(|progress| progress.of_seconds), Some(Some(28_800)));
    assert!(told.last().is_some_and(|progress| progress.seconds == 28_800));
    assert!(told.iter().any(|progress| (10_000..20_000).contains(&progress.seconds)));
}

#[test]
fn a_download_that_is_abandoned_gives_way_to_live_data() {
    let mut pair = v7(Memory::example());
    pair.host.begin(pair.now, &Errand::Download(slot(0, 2))).unwrap();
    for _ in 0..600 {
        pair.step(&mut |bytes| bytes);
    }
    assert!(pair.host.progress().is_some_and(|progress| progress.seconds > 0));
    pair.host.abandon(pair.now);
    let begun = pair.now;
    assert_eq!(pair.outcome(&mut |bytes| bytes), Err(Failure::Abandoned));
    assert!(pair.now - begun < Duration::from_millis(100));
    assert!(pair.live_within(1));
}

#[test]
fn a_sensor_that_falls_silent_in_the_middle_is_given_up_and_live_data_called_for() {
    let mut pair = v7(Memory::example());
    pair.host.begin(pair.now, &Errand::Download(slot(0, 2))).unwrap();
    let begun = pair.now;
    let mut left = 9_000_usize;
    let outcome = pair.outcome(&mut |bytes| {
        left = left.saturating_sub(bytes.len());
        if left == 0 { Vec::new() } else { bytes }
    });
    assert_eq!(outcome, Err(Failure::Damaged));
    assert!(pair.now - begun < Duration::from_secs(20), "{:?}", pair.now - begun);
    assert_eq!(commands(&pair).last().map(|payload| payload[0]), Some(command::START_LIVE));
}

#[test]
fn a_sensor_that_answers_nothing_is_given_up_in_words() {
    for errand in
        [Errand::Recordings, Errand::Details, Errand::Download(slot(0, 1)), Errand::SetClock(at(2026, 3, 9, 7, 5, 30))]
    {
        let mut pair = v7(Memory::example());
        pair.host.begin(pair.now, &errand).unwrap();
        let begun = pair.now;
        // Live data come, answers do not.
        let failure = pair.outcome(&mut |bytes| if bytes.starts_with(&[0x01]) { bytes } else { Vec::new() });
        assert!(matches!(failure, Err(Failure::NoAnswer { .. })), "{errand:?} {failure:?}");
        assert!(pair.now - begun < Duration::from_secs(5), "{errand:?}");
        assert!(pair.live_within(4), "{errand:?}");
    }
}

#[test]
fn a_recording_that_is_not_there_is_said_to_be_so() {
    let mut pair = v7(Memory::example());
    assert_eq!(pair.errand(&Errand::Download(slot(0, 9))), Err(Failure::NoSuchRecording(slot(0, 9))));
    assert!(pair.live_within(1));
}

#[test]
fn the_clock_is_set_date_first() {
    let mut pair = v7(Memory::example());
    pair.asked.clear();
    assert_eq!(pair.errand(&Errand::SetClock(at(2026, 3, 9, 7, 5, 30))), Ok(Outcome::ClockSet));
    // Worked out from the layout: Monday, 9 March 2026.
    let expected = [
        [0x7D, 0x81, 0xB2, 0x94, 0x9A, 0x83, 0x89, 0x81, 0x80],
        [0x7D, 0x81, 0xB1, 0x87, 0x85, 0x9E, 0x80, 0x80, 0x80],
    ];
    assert_eq!(pair.asked, expected.as_flattened());
}

#[test]
fn a_sensor_without_a_clock_refuses_to_have_it_set() {
    let mut pair = v7(Memory::without_clock());
    let refused = Failure::Refused { what: "to set its clock", reason: Reason::NotSupported };
    assert_eq!(pair.errand(&Errand::SetClock(at(2026, 3, 9, 7, 5, 30))), Err(refused));
}

#[test]
fn details_are_users_and_whether_anything_is_stored() {
    let details = Details { users: ["user".into()].to_vec(), holds_recordings: Some(true), ..Details::default() };
    assert_eq!(v7(Memory::example()).errand(&Errand::Details), Ok(Outcome::Details(details)));
}

#[test]
fn there_is_no_format_to_choose() {
    let mut pair = v7(Memory::example());
    let refused = pair.host.begin(pair.now, &Errand::SetFormat(Protocol::ContecV7));
    assert!(matches!(refused, Err(NotPossible::Unsupported(why)) if why.contains("one format")));
}

#[test]
fn the_face_without_a_clock_sends_packets_as_a_real_d_plus() {
    let pair = v7(Memory::without_clock());
    assert!(pair.samples.iter().all(|(_, sample)| sample.perfusion_index.is_none()));
    assert_eq!(pair.host.identity().device_id.as_deref(), Some("user"));
    assert_eq!(pair.host.identity().model, None);
}

/// A line that damages the bytes of the sensor from the `from`th on, one fault each `every` bytes.
fn bad_line(from: usize, faults: Vec<(usize, u8, u8)>) -> impl FnMut(Vec<u8>) -> Vec<u8> {
    let (mut at, mut faults) = (0, faults.into_iter().peekable());
    let mut next = from;
    move |bytes| {
        let mut damaged = Vec::new();
        for byte in bytes {
            at += 1;
            match faults.peek().copied() {
                Some((distance, kind, noise)) if at >= next => {
                    faults.next();
                    next = at + 1 + distance;
                    match kind {
                        0 => {}
                        1 => damaged.extend([byte, byte]),
                        2 => damaged.push(noise),
                        3 => damaged.extend([noise, byte]),
                        _ => damaged.push(byte ^ 1 << (noise % 8)),
                    }
                }
                _ => damaged.push(byte),
            }
        }
        damaged
    }
}

fn fetch_over(
    values: &[Second],
    perfusion: bool,
    line: &mut dyn FnMut(Vec<u8>) -> Vec<u8>,
) -> (Pair, Result<Outcome, Failure>) {
    let clock = at(2026, 3, 9, 7, 5, 30);
    let mut pair = v7(Memory::with_clock(clock).keep(slot(0, 0), None, perfusion, values.to_vec()));
    pair.host.begin(pair.now, &Errand::Download(slot(0, 0))).unwrap();
    let outcome = pair.outcome(line);
    (pair, outcome)
}

fn nothing_moved(fetched: &[Second], stored: &[Second]) -> bool {
    fetched.iter().zip(stored).all(|(fetched, stored)| fetched == stored || *fetched == Second::default())
}

#[test]
fn a_changed_bit_in_one_transfer_is_found_by_the_others() {
    let values = seconds(30);
    for at in 0..120 {
        // The sensor's answers come first; the data begin about 70 bytes later.
        let (_, outcome) = fetch_over(&values, false, &mut bad_line(60 + at, [(0, 4, at as u8)].to_vec()));
        let fetched = recording(outcome);
        assert_eq!(fetched.seconds, values, "byte {at}");
        assert_eq!(fetched.lost, 0, "byte {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_recording_is_fetched_as_it_is_stored(
        raw in prop::collection::vec((0..=127_u8, 0..=255_u8, 0..=2300_u16), 1..200), perfusion: bool,
    ) {
        let values: Vec<Second> = raw.into_iter().map(|(spo2, rate, index)| Second {
            spo2: Some(spo2).filter(|spo2| (1..=100).contains(spo2)),
            pulse_rate: Some(rate.into()).filter(|rate| (1..=254).contains(rate)),
            perfusion_index: Some(index).filter(|index| perfusion && (1..=2200).contains(index)),
        }).collect();
        let fetched = recording(fetch_over(&values, perfusion, &mut |bytes| bytes).1);
        prop_assert_eq!(fetched.seconds, values);
        prop_assert_eq!(fetched.lost, 0);
    }

    /// Bytes lost, doubled, changed, inserted and flipped, in every transfer and in the answers before it.
    #[test]
    fn a_damaged_transfer_moves_no_second_and_invents_none(
        from in 0..400_usize, perfusion: bool,
        faults in prop::collection::vec((20..400_usize, 0..5_u8, any::<u8>()), 1..12),
    ) {
        let mut values = seconds(150);
        if perfusion {
            for (at, value) in values.iter_mut().enumerate() {
                value.perfusion_index = value.spo2.map(|_| 100 + at as u16);
            }
        }
        let (mut pair, outcome) = fetch_over(&values, perfusion, &mut bad_line(from, faults));
        if let Ok(Outcome::Recording(fetched)) = outcome {
            prop_assert!(nothing_moved(&fetched.seconds, &values), "{:?}", fetched);
            prop_assert!(fetched.seconds.len() <= values.len());
            // A value that is not there is either missing in the sensor or counted as lost.
            let gone = fetched.seconds.iter().zip(&values).filter(|(fetched, stored)| fetched != stored).count();
            prop_assert!(gone <= fetched.lost as usize);
        }
        prop_assert!(pair.live_within(15));
    }

    #[test]
    fn a_transfer_cut_anywhere_ends_and_gives_way_to_live_data(cut in 0..2_500_usize, for_good: bool) {
        let values = seconds(300);
        let mut passed = 0;
        let (mut pair, outcome) = fetch_over(&values, false, &mut |bytes| {
            passed += bytes.len();
            let lost = passed > cut && (for_good || passed < cut + 300);
            if lost { Vec::new() } else { bytes }
        });
        if let Ok(Outcome::Recording(fetched)) = outcome {
            prop_assert!(nothing_moved(&fetched.seconds, &values));
        }
        prop_assert!(pair.live_within(15));
    }
}
