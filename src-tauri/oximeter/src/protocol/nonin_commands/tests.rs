use super::*;
use crate::Memory;
use crate::errand::tests::Pair;

fn time() -> DeviceTime {
    DeviceTime::new(2026, 3, 10, 7, 5, 30).unwrap()
}

fn nonin() -> Pair {
    let mut pair = Pair::new(Protocol::NoninDf2, Memory::with_clock(time()));
    pair.run(2);
    pair
}

#[test]
fn the_commands_have_the_bytes_of_the_document() {
    // Nonin's document has this example: 31 December 2050, 14:30:15.
    let time = DeviceTime::new(2050, 12, 31, 14, 30, 15).unwrap();
    assert_eq!(set_clock(time), [0x02, 0x72, 0x06, 0x32, 0x0C, 0x1F, 0x0E, 0x1E, 0x0F, 0x03]);
    assert_eq!(time_in([0x32, 0x0C, 0x1F, 0x0E, 0x1E, 0x0F]), Some(time));
    // Worked out from the layout; the second by mdpnp's rule for the sum.
    assert_eq!(select_format(2), [0x02, 0x70, 0x02, 0x02, 0x02, 0x03]);
    assert_eq!(select_format_of_3150(7), [0x02, 0x70, 0x04, 0x02, 0x07, 0x21, 0x9E, 0x03]);
}

#[test]
fn types_of_public_programs_have_their_names() {
    assert_eq!(model_of(&[0x18, 0x05, 0x09]), "WristOx2");
    assert_eq!([model_of(&[0x9E, 0x09]), model_of(&[0x93, 0x06])], ["Onyx", "Onyx"]);
    assert_eq!(model_of(&[0x11, 0xA0]), "11 A0");
}

#[test]
fn a_serial_number_begins_at_the_second_byte_of_its_data() {
    assert_eq!(serial_number_of(b"\x02501234567").as_deref(), Some("501234567"));
    assert_eq!(serial_number_of(b"\x02\0\0\0\0\0\0\0\0\0"), None);
    assert_eq!(serial_number_of(b"\x02501"), None);
}

#[test]
fn clock_type_and_serial_number_are_read_between_the_frames() {
    let mut pair = nonin();
    let before = pair.samples.len();
    let details = Details {
        model: Some("Onyx".into()),
        serial_number: Some("SIM000001".into()),
        clock: time().after(2),
        ..Details::default()
    };
    assert_eq!(pair.errand(&Errand::Details), Ok(Outcome::Details(details)));
    pair.run(1);
    assert!(pair.samples[before..].iter().all(|(_, sample)| sample.spo2.is_some()));
    let counters = pair.host.counters();
    assert_eq!((counters.rejected, counters.skipped), (0, 0));
}

#[test]
fn the_clock_is_set_and_asked_whether_it_took_it() {
    let mut pair = nonin();
    let new = DeviceTime::new(2026, 11, 21, 10, 0, 0).unwrap();
    assert_eq!(pair.errand(&Errand::SetClock(new)), Ok(Outcome::ClockSet));
    let Ok(Outcome::Details(details)) = pair.errand(&Errand::Details) else { panic!() };
    assert_eq!(details.clock, Some(new));
}

#[test]
fn a_format_is_asked_for_in_both_forms() {
    let mut pair = nonin();
    assert_eq!(pair.errand(&Errand::SetFormat(Protocol::NoninDf2)), Ok(Outcome::FormatSet(Protocol::NoninDf2)));
    // Past the five seconds nothing is answered any more.
    pair.run(5);
    pair.asked.clear();
    let failure = pair.errand(&Errand::SetFormat(Protocol::NoninDf2)).unwrap_err();
    assert!(matches!(failure, Failure::NoAnswer { to } if to.contains("format")), "{failure:?}");
    assert_eq!(pair.asked, [&select_format(2)[..], &select_format_of_3150(2)].concat());
    assert!(pair.live_within(1));
}

#[test]
fn a_sensor_that_answers_nothing_is_given_up_in_words_and_streams_on() {
    for errand in [Errand::Details, Errand::SetClock(time())] {
        let mut pair = nonin();
        let before = pair.samples.len();
        pair.host.begin(pair.now, &errand).unwrap();
        let begun = pair.now;
        // No frame begins with 02.
        let failure = pair.outcome(&mut |bytes| if bytes.first() == Some(&0x02) { Vec::new() } else { bytes });
        assert!(matches!(failure, Err(Failure::NoAnswer { .. })), "{failure:?}");
        assert!(pair.now - begun <= Duration::from_millis(3_100));
        assert!(pair.samples.len() - before >= 70);
    }
}

#[test]
fn recordings_are_refused_by_name_with_the_reason() {
    let mut pair = nonin();
    let refused = pair.host.begin(pair.now, &Errand::Recordings);
    assert!(matches!(refused, Err(NotPossible::Unsupported(why)) if why.contains("stores no recordings")));
    let refused = pair.host.begin(pair.now, &Errand::SetFormat(Protocol::Cms50));
    assert!(matches!(refused, Err(NotPossible::Unsupported(why)) if why.contains("nonin-df2")));
    assert_eq!(pair.host.progress(), None);
}

#[test]
fn an_errand_can_be_abandoned() {
    let mut pair = nonin();
    pair.host.begin(pair.now, &Errand::Details).unwrap();
    pair.host.abandon(pair.now);
    assert_eq!(pair.outcome(&mut |bytes| bytes), Err(Failure::Abandoned));
}
