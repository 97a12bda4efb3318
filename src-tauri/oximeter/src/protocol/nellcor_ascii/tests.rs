use super::*;
use crate::protocol::tests::{decode, decode_with_counters};
use crate::{Protocol, Session};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;
use proptest::prelude::*;

/// Lines of an N-560, real: konz/cosmopusher, `src/main/python/cosmopusher/demo_stream.py`, commit
/// 7701b3ecd5d2e7fa90e34e75cb53a0dd12c6124c, Apache-2.0.
const MOTION: &str = "29-Dec-17 07:18:57    89*     66     201    MO SL            ";
const STILL: &str = "29-Dec-17 07:20:43    94     119       5                     ";
const SILENCED: &str = "29-Dec-17 07:19:01    79*     66      18    MO SL       AS   ";
const LOW_AND_SILENCED: &str = "29-Dec-17 07:19:07    77*     70       8       SL       AS   ";
const DISCONNECTED: &str = "29-Dec-17 07:19:29   ---     ---     ---    SD          AS   ";
const OFF: &str = "29-Dec-17 07:19:59   ---     ---     ---    SO               ";
const PULSE_LOST: &str = "29-Dec-17 07:20:27     0       0     ---    PS               ";
/// The last line of that log, padded further than the others; the numbers are those of before the loss.
const LEFT_OVER: &str = "29-Dec-17 07:21:13    96      63     ---    PS                  ";
const HEADING: [&str; 3] = [
    "N-560    VERSION 1.56.00    CRC:XXXX  SpO2 Limit: 90-100%    PR Limit: 60-170BPM",
    "                             ADULT            0SAT-S ",
    "TIME                 %SpO2   BPM     PA     Status",
];

/// From the NPB-290's operator's manual, which prints single spaces.
const NPB_290_HEADING: &str = "NPB-290 VERSION 1.0.0.1 CRC: XXXX SpO2 Limit: 30-100% PR Limit: 100-180BPM";
const NPB_290: &str = "12-NOV-97 14:00:05 100 120 50";

fn parsed(line: &str) -> DataLine {
    line.parse().unwrap()
}

fn numbers(line: &str) -> (Option<u8>, Option<u16>, Option<u8>) {
    let line = parsed(line);
    (line.spo2, line.pulse_rate, line.amplitude)
}

fn codes<const N: usize>(codes: [Code; N]) -> Codes {
    codes.into_iter().collect()
}

/// The lines, each with its CR LF.
fn stream(lines: &[&str]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\r\n").into_bytes()).collect()
}

fn shown(lines: &[&str]) -> Vec<Option<u8>> {
    decode(Protocol::NellcorAscii, &stream(lines)).into_iter().map(|sample| sample.spo2).collect()
}

#[test]
fn real_lines_decode_to_their_values() {
    let line = parsed(MOTION);
    assert_eq!(numbers(MOTION), (Some(89), Some(66), Some(201)));
    assert!(line.spo2_beyond_limit && !line.pulse_rate_beyond_limit);
    assert_eq!(line.codes, codes([Code::Interference, Code::SaturationLow]));
    assert_eq!(line.clock, DeviceTime::new(2017, 12, 29, 7, 18, 57));

    assert_eq!(numbers(STILL), (Some(94), Some(119), Some(5)));
    assert_eq!(parsed(STILL).codes, Codes::default());
    let three = codes([Code::Interference, Code::SaturationLow, Code::AlarmSilenced]);
    assert_eq!(parsed(SILENCED).codes, three);
    assert_eq!(parsed(LOW_AND_SILENCED).codes, codes([Code::SaturationLow, Code::AlarmSilenced]));
    assert_eq!(numbers(DISCONNECTED), (None, None, None));
    assert_eq!(parsed(DISCONNECTED).codes, codes([Code::SensorDisconnected, Code::AlarmSilenced]));
    assert_eq!(parsed(OFF).codes, codes([Code::SensorOff]));
}

#[test]
fn real_lines_are_written_as_they_were_read() {
    for line in [MOTION, STILL, SILENCED, LOW_AND_SILENCED, DISCONNECTED, OFF, PULSE_LOST] {
        assert_eq!(parsed(line).to_string(), line);
    }
}

#[test]
fn zero_beside_a_lost_pulse_is_no_value() {
    assert_eq!(numbers(PULSE_LOST), (None, None, None));
    let sample = parsed(PULSE_LOST).sample();
    assert!(sample.flags.searching && sample.spo2.is_none() && sample.pulse_rate.is_none());
    assert_eq!(numbers(&STILL.replace("94     119", " 0       0")), (None, None, Some(5)));
}

#[test]
fn numbers_beside_a_lost_pulse_are_old_and_are_not_shown() {
    assert_eq!(numbers(LEFT_OVER), (Some(96), Some(63), None));
    for code in ["PS", "LP", "LM"] {
        let sample = parsed(&LEFT_OVER.replace("PS", code)).sample();
        assert_eq!((sample.spo2, sample.pulse_rate, sample.flags.searching), (None, None, true), "{code}");
    }
}

#[test]
fn a_sensor_that_is_off_takes_left_over_numbers_away() {
    for code in ["SD", "SO"] {
        let sample = parsed(&MOTION.replace("MO", code)).sample();
        assert_eq!((sample.spo2, sample.pulse_rate), (None, None), "{code}");
        assert!(sample.flags.no_finger, "{code}");
    }
}

#[test]
fn every_status_code_is_read_in_any_number_and_slot() {
    let all = ["AO", "AS", "LB", "LM", "LP", "MO", "PH", "PL", "PS", "SH", "SL", "SD", "SO"];
    let flags = |code: &str| parsed(&format!("{NPB_290} {code}")).sample().flags;
    for code in all {
        let expected = Flags {
            no_finger: matches!(code, "SD" | "SO"),
            searching: matches!(code, "PS" | "LP" | "LM"),
            artifact: matches!(code, "MO" | "LM"),
            low_battery: code == "LB",
            ..Flags::default()
        };
        assert_eq!(flags(code), expected, "{code}");
        for slot in (44..60).step_by(3) {
            let mut line = STILL.to_string();
            line.replace_range(slot..slot + 2, code);
            assert_eq!(parsed(&line).sample().flags, expected, "{code} at {slot}");
        }
    }
    assert_eq!(flags("MO SL LB AS AO"), Flags { artifact: true, low_battery: true, ..Flags::default() });
    // All of them at once.
    assert!(flags(&all.join(" ")).no_finger);
}

#[test]
fn an_unknown_code_is_passed_over_and_what_is_none_is_damage() {
    assert_eq!(parsed(&format!("{NPB_290} XY MO")).codes, codes([Code::Interference]));
    for wrong in ["mO", "M", "MOS", "M*", "MO MO", "50"] {
        assert_eq!(format!("{NPB_290} {wrong}").parse::<DataLine>(), Err(Malformed), "{wrong}");
    }
}

#[test]
fn an_npb_290_is_read_too() {
    assert_eq!(numbers(NPB_290), (Some(100), Some(120), Some(50)));
    assert_eq!(parsed(NPB_290).clock.map(DeviceTime::month), Some(11));
    let line = parsed("12-NOV-97 14:00:05 89* 66 50 MO SL");
    assert!(line.spo2_beyond_limit && line.codes.has(Code::SaturationLow));
    assert_eq!(shown(&[NPB_290_HEADING, "TIME %SPO2 BPM PA Status", NPB_290]), [Some(100)]);
}

#[test]
fn a_number_out_of_its_column_is_damage() {
    for (from, to) in [
        // A byte lost before the number, one gained behind it, and the reverse.
        ("    89*     66", "   89*      66"),
        ("    89*     66", "    89 *    66"),
        ("    89*     66", "    89*    66 "),
        ("    89*     66", "    8 *     66"),
        ("    89*     66", "   089*     66"),
        ("     201", "     2 1"),
        ("    MO SL", "    MOSL "),
        ("    MO SL", "     MO SL"),
        ("29-Dec-17", "9-Dec-17"),
        ("29-Dec-17", "29-Dez-17"),
        ("            ", "           "),
    ] {
        let damaged = MOTION.replacen(from, to, 1);
        assert_ne!(damaged, MOTION);
        assert_eq!(damaged.parse::<DataLine>(), Err(Malformed), "{damaged:?}");
    }
}

#[test]
fn what_is_above_a_hundred_percent_or_no_rate_of_a_heart_is_no_value() {
    let line = parsed("12-NOV-97 14:00:05 101 301 255");
    assert_eq!((line.spo2, line.pulse_rate, line.amplitude), (None, None, None));
    assert_eq!(numbers("12-NOV-97 14:00:05 100 300 254"), (Some(100), Some(300), Some(254)));
}

#[test]
fn the_pulse_amplitude_is_no_perfusion_index_and_no_strength() {
    let sample = parsed(MOTION).sample();
    assert_eq!((sample.perfusion_index, sample.signal_strength, sample.pleth), (None, None, None));
}

#[test]
fn a_heading_tells_who_the_device_is_and_its_own_limits() {
    let heading = Heading::try_from(HEADING[0]).unwrap();
    assert_eq!((heading.model, heading.version), ("N-560", "1.56.00"));
    assert_eq!((heading.spo2_limits, heading.pulse_rate_limits), ((90, 100), (60, 170)));
    assert_eq!(heading.to_string(), HEADING[0]);
    let heading = Heading::try_from(NPB_290_HEADING).unwrap();
    assert_eq!((heading.model, heading.version), ("NPB-290", "1.0.0.1"));
    assert_eq!((heading.spo2_limits, heading.pulse_rate_limits), ((30, 100), (100, 180)));
}

#[test]
fn a_heading_shows_nothing_and_is_no_damage() {
    let n_595 = ["     NEO       25SAT-S    SPO2 RESP MODE: FAST", "     ADULT      0SAT-S    SPO2 RESP MODE: NORMAL"];
    let lines = [&HEADING[..], &n_595, &["TIME %SPO2 BPM PA Status", STILL]].concat();
    let (samples, counters) = decode_with_counters(Protocol::NellcorAscii, &stream(&lines));
    assert_eq!((samples.len(), counters.packets), (1, 7));
    assert_eq!((counters.rejected, counters.skipped), (0, 0));
}

#[test]
fn stored_lines_are_never_shown_as_live_ones() {
    let trend = "N-560    VERSION 1.56.00    TREND  SpO2 Limit: 90-100%    PR Limit: 60-170BPM";
    let columns = "TIME                 %SpO2   BPM     PA";
    // By the first line of its heading, or by the last where the first is damaged.
    for heading in [[trend, HEADING[1], columns], ["N-560 VERS", HEADING[1], columns]] {
        let lines = [&heading[..], &[MOTION, NPB_290, "Output Complete", STILL]].concat();
        assert_eq!(shown(&lines), [Some(94)], "{heading:?}");
        let live_again = [&heading[..], &[MOTION], &HEADING, &[STILL]].concat();
        assert_eq!(shown(&live_again), [Some(94)], "{heading:?}");
    }
    // Live lines whose heading lost a word on the way stay live.
    assert_eq!(shown(&[HEADING[0], HEADING[1], columns, STILL]), [Some(94)]);
    // A heading of live data that lost its last line takes nothing from the trend behind it.
    assert_eq!(shown(&[HEADING[0], STILL, trend, HEADING[1], columns, MOTION]), [Some(94)]);
}

#[test]
fn another_model_is_believed_when_two_headings_agree() {
    let mut session = Session::new(Protocol::NellcorAscii, Duration::ZERO);
    let mut told = |line: &str| {
        session.receive(Duration::ZERO, &stream(&[line]), &mut |_| {});
        let identity = session.identity();
        (identity.model.clone().unwrap(), identity.firmware.clone().unwrap())
    };
    let who = |model: &str, version: &str| (String::from(model), String::from(version));
    let damaged = HEADING[0].replace("N-560", "N-561");
    assert_eq!(told(HEADING[0]), who("N-560", "1.56.00"));
    assert_eq!(told(&damaged), who("N-560", "1.56.00"));
    assert_eq!(told(&HEADING[0].replace("1.56", "1.57")), who("N-560", "1.56.00"));
    assert_eq!(told(HEADING[0]), who("N-560", "1.56.00"));
    assert_eq!([told(NPB_290_HEADING), told(NPB_290_HEADING)][1], who("NPB-290", "1.0.0.1"));
}

#[test]
fn a_device_that_fell_silent_is_told_to_go_on() {
    let seconds = Duration::from_secs;
    let mut session = Session::new(Protocol::NellcorAscii, Duration::ZERO);
    let mut send = Vec::new();
    session.start(seconds(10), &mut send);
    session.receive(seconds(11), &stream(&[STILL]), &mut |_| {});
    session.poll(seconds(16), &mut send, &mut |_| {});
    assert!(send.is_empty());
    assert_eq!(session.next_wake(), Some(seconds(17)));
    session.poll(seconds(17), &mut send, &mut |_| {});
    assert_eq!(send, [GO_ON]);
    assert_eq!(session.next_wake(), Some(seconds(23)));
}

fn any_codes() -> impl Strategy<Value = Codes> {
    // As many as a padded line has slots for, whatever they are.
    let all = [
        Code::SensorOff,
        Code::PulseSearch,
        Code::Interference,
        Code::SaturationHigh,
        Code::PulseRateLow,
        Code::LowBattery,
        Code::AlarmOff,
    ];
    proptest::sample::subsequence(all.to_vec(), 0..=3).prop_map(|codes| codes.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_encoded_is_what_is_decoded(
        spo2 in proptest::option::of((1..=100_u8, any::<bool>())),
        rate in proptest::option::of((1..=300_u16, any::<bool>())),
        amplitude in proptest::option::of(0..=254_u8), codes in any_codes(),
    ) {
        let line = DataLine {
            clock: parsed(MOTION).clock,
            spo2: spo2.map(|it| it.0), spo2_beyond_limit: spo2.is_some_and(|it| it.1),
            pulse_rate: rate.map(|it| it.0), pulse_rate_beyond_limit: rate.is_some_and(|it| it.1),
            amplitude, codes,
        };
        let text = line.to_string();
        prop_assert_eq!(text.len(), PADDED);
        prop_assert_eq!(text.parse(), Ok(line));
    }

    #[test]
    fn any_text_at_all_is_read_without_harm(text in ".{0,300}") {
        prop_assert!(text.parse::<DataLine>().is_err());
        prop_assert!(Heading::try_from(text.as_str()).is_err());
    }

    #[test]
    fn whatever_stands_behind_the_time_is_read_without_harm(rest in "[ -~]{0,60}") {
        let _ = format!("29-Dec-17 07:18:57{rest}").parse::<DataLine>();
        let _ = heading::Between::parse(&format!("TIME{rest}"));
        let _ = heading::Between::parse(&format!("N-560 VERSION {rest}"));
    }
}

#[test]
fn a_line_without_its_padding_is_read_and_one_that_lost_its_end_is_not() {
    let padded = "29-Dec-17 07:18:57    89*     66     201    MO SL            ";
    let whole: DataLine = padded.parse().unwrap();
    assert_eq!(padded.trim_end().parse(), Ok(whole));
    let without_codes: DataLine = "29-Dec-17 07:20:43    94     119       5".parse().unwrap();
    assert_eq!((without_codes.spo2, without_codes.pulse_rate), (Some(94), Some(119)));
    for end in 1..padded.trim_end().len() {
        let cut = &padded[..end];
        if let Ok(line) = cut.parse::<DataLine>() {
            // Only where a code or the amplitude ends is what is left a line.
            assert!(matches!(end, 40 | 46), "{cut:?}");
            assert_eq!((line.spo2, line.pulse_rate), (whole.spo2, whole.pulse_rate));
        }
    }
}
