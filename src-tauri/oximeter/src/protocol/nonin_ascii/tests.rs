use super::*;
use crate::Protocol;
use crate::protocol::tests::{decode, decode_with_counters};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use proptest::prelude::*;

fn parsed(line: &str) -> DataLine {
    line.parse().unwrap()
}

fn shown(lines: &[&str]) -> Vec<(Option<u8>, Option<u16>)> {
    let stream: Vec<u8> = lines.iter().flat_map(|line| format!("{line}\r\n").into_bytes()).collect();
    decode(Protocol::NoninAscii, &stream).into_iter().map(|sample| (sample.spo2, sample.pulse_rate)).collect()
}

#[test]
fn the_lines_of_the_manuals_decode_to_their_values() {
    // As the manual of the 4100 prints it.
    let line = parsed("SPO2=--- HR=---");
    assert_eq!((line.spo2, line.pulse_rate), (None, None));

    // Worked out from the manuals' forms.
    let line = parsed("SPO2=097 HR=072 F");
    assert_eq!((line.spo2, line.pulse_rate, line.fast), (Some(97), Some(72), true));
    let line = parsed("22:41:07 SPO2=095 HR=150*");
    assert_eq!((line.spo2, line.pulse_rate, line.event), (Some(95), Some(150), true));
    assert_eq!(line.time.map(|time| time.to_string()).as_deref(), Some("22:41:07"));
    let line = parsed("22:41:08 SPO2=--- HR=072 B");
    assert_eq!((line.spo2, line.pulse_rate, line.breath), (None, Some(72), true));
}

#[test]
fn marks_stand_in_any_order_with_and_without_spaces() {
    for marks in ["F*B", " F * B", "*BF", "B  *F ", "* F B"] {
        let line = parsed(&format!("SPO2=097 HR=072{marks}"));
        assert!(line.fast && line.event && line.breath, "{marks}");
    }
    for wrong in ["FF", " F F", "X", "f", "7", " 7", "-"] {
        assert_eq!(format!("SPO2=097 HR=072{wrong}").parse::<DataLine>(), Err(Malformed), "{wrong}");
    }
}

#[test]
fn each_number_may_be_missing_by_itself() {
    assert_eq!(shown(&["SPO2=097 HR=---", "SPO2=--- HR=072"]), [(Some(97), None), (None, Some(72))]);
}

#[test]
fn a_number_out_of_the_documented_range_is_missing() {
    let numbers = |line: &str| (parsed(line).spo2, parsed(line).pulse_rate);
    assert_eq!(numbers("SPO2=000 HR=017"), (None, None));
    assert_eq!(numbers("SPO2=001 HR=018"), (Some(1), Some(18)));
    assert_eq!(numbers("SPO2=100 HR=321"), (Some(100), Some(321)));
    assert_eq!(numbers("SPO2=101 HR=322"), (None, None));
}

#[test]
fn a_line_needs_both_numbers_once_and_in_their_form() {
    for wrong in [
        "SPO2=097",
        "HR=072",
        "HR=072 SPO2=097",
        "SPO2=097HR=072",
        "SPO2=097 SPO2=097 HR=072",
        "SPO2=097 HR=072 HR=072",
        "SPO2=097 HR=072SPO2=097 HR=072",
        "SPO2=0970 HR=072",
        "SPO2=09 HR=072",
        "SPO2=07 HR=072",
        "SPO2=-- HR=072",
        "SPO2= HR=072",
        "SPO2=9-7 HR=072",
        "SPO2=1 0 HR=072",
        "SPO2= 07 HR=072",
        "SPO2=097%HR=072",
        "xSPO2=097 HR=072",
        "2:41:07 SPO2=097 HR=072",
        "22:41:07SPO2=097 HR=072",
        "22:61:07 SPO2=097 HR=072",
        "",
    ] {
        assert_eq!(wrong.parse::<DataLine>(), Err(Malformed), "{wrong}");
    }
}

#[test]
fn a_number_may_be_filled_with_spaces() {
    assert_eq!(parsed("SPO2= 97 HR= 72 F"), parsed("SPO2=097 HR=072 F"));
    assert_eq!(parsed("SPO2=  7 HR=100").spo2, Some(7));
}

#[test]
fn a_number_that_lost_a_digit_is_not_shown() {
    let lines = ["SPO2=100 HR=150", "SPO2=10 HR=150", "SPO2=100 HR=15", "SPO2=100 HR=150", "SPO2=100 HR=50"];
    assert_eq!(shown(&lines), [(Some(100), Some(150)); 2]);
    // Nor at any time later, however often it happens.
    assert_eq!(shown(&["SPO2=10 HR=150", "SPO2=100 HR=150"].repeat(20)), [(Some(100), Some(150)); 20]);
}

#[test]
fn a_device_that_writes_short_numbers_is_read_from_its_third_line_on() {
    let lines = ["SPO2=97 HR=72", "SPO2=98 HR=72", "SPO2=99 HR=72", "SPO2=100 HR=101", "SPO2=99 HR=101"];
    assert_eq!(shown(&lines), [(Some(99), Some(72)), (Some(100), Some(101)), (Some(99), Some(101))]);
    // One that fills its numbers up never is.
    assert_eq!(shown(&["SPO2=97 HR=72", "SPO2=98 HR=72", "SPO2=099 HR=072", "SPO2=98 HR=72"]), [(Some(99), Some(72))]);
}

#[test]
fn a_heading_at_power_on_is_no_damage_and_other_text_later_is() {
    let count = |text: &str| decode_with_counters(Protocol::NoninAscii, text.as_bytes()).1;
    let counters = count("NONIN 2500 FORMAT 1\r\n01/01/00 00:00:00\r\n\r\nSPO2=097 HR=072\r\n");
    assert_eq!((counters.packets, counters.rejected, counters.skipped), (1, 0, 0));
    let counters = count("SPO2=097 HR=072\r\nSPQ2=097 HR=072\r\nSPO2=097 HR=07x\r\n");
    assert_eq!((counters.packets, counters.rejected, counters.skipped), (1, 1, 15));
}

#[test]
fn a_masimo_is_no_nonin() {
    let masimo = "02/22/16 22:47:45 SN=0000056661 SPO2=098% BPM=097 ALARM=0000 EXC=000800";
    assert_eq!(masimo.parse::<DataLine>(), Err(Malformed));
}

proptest! {
    #[test]
    fn what_is_encoded_is_what_is_decoded(
        spo2 in proptest::option::of(1..=100_u8), pulse_rate in proptest::option::of(18..=321_u16),
        timed: bool, fast: bool, event: bool, breath: bool,
    ) {
        let time = timed.then_some(TimeOfDay { hour: 22, minute: 41, second: 7 });
        let numbers = DataLine::from_sample(&Sample { spo2, pulse_rate, ..Sample::default() });
        let line = DataLine { time, fast, event, breath, ..numbers };
        prop_assert_eq!(line.to_string().parse(), Ok(line));
    }

    #[test]
    fn any_text_at_all_is_read_without_harm(text in ".{0,40}") {
        prop_assert!(text.parse::<DataLine>().is_err());
        let _ = format!("SPO2={text}").parse::<DataLine>();
        let _ = format!("SPO2=097 HR={text}").parse::<DataLine>();
    }
}
