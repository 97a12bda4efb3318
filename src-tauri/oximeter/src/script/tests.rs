use super::*;
use alloc::format;
use alloc::string::{String, ToString};
use proptest::prelude::*;

const S: fn(u64) -> Duration = Duration::from_secs;

fn script(text: &str) -> Script {
    text.parse().unwrap()
}

fn message(text: &str) -> String {
    text.parse::<Script>().unwrap_err().to_string()
}

#[test]
fn every_scenario_is_a_script() {
    for &scenario in Scenario::ALL {
        let read: Script = scenario.script().parse().unwrap_or_else(|error| panic!("{scenario}: {error}"));
        assert_eq!(read, Script::from(scenario));
    }
}

#[test]
fn a_script_that_says_nothing_of_something_has_a_quiet_patient() {
    let moment = script("1s battery low").at(Duration::ZERO);
    assert_eq!((moment.spo2, moment.pulse, moment.perfusion), (970, 720, 320));
    assert_eq!((moment.finger, moment.breathing, moment.motion), (Finger::On, true, false));
    assert_eq!((moment.low_battery, moment.garbage, moment.talk), (false, false, Talk::Frames));
}

#[test]
fn a_number_is_held_set_and_led_in_a_straight_line() {
    let script = script("10s spo2 90\n20s spo2 80 over 10s");
    let spo2 = [0, 9, 10, 19, 20, 25, 29, 30, 99].map(|at| script.at(S(at)).spo2);
    assert_eq!(spo2, [970, 970, 900, 900, 900, 850, 810, 800, 800]);
}

#[test]
fn a_line_that_is_cut_short_goes_on_from_where_it_was() {
    let script = script("0s pulse 60 over 100s\n50s pulse 100 over 10s\n70s pulse 72.5");
    let pulse = [0, 25, 50, 55, 60, 69, 70].map(|at| script.at(S(at)).pulse);
    assert_eq!(pulse, [720, 690, 660, 830, 1000, 1000, 725]);
}

#[test]
fn what_is_switched_holds_until_it_is_switched_again() {
    let script = script("5s finger out, motion on\n+5s searching\n+5s finger on, motion off, garbage on, wander off");
    let at = |second| script.at(S(second));
    assert_eq!(
        [4, 5, 10, 15].map(|second| at(second).finger),
        [Finger::On, Finger::Out, Finger::Searching, Finger::On]
    );
    assert_eq!([4, 5, 14, 15].map(|second| at(second).motion), [false, true, true, false]);
    assert_eq!((at(14).garbage, at(15).garbage, at(15).wanders), (false, true, false));
}

#[test]
fn silence_and_absence_last_as_long_as_they_say() {
    let script = script("1s silence 2s\n10s unplug 8s\n30s silence");
    let talk = [0, 1, 2, 3, 10, 17, 18, 31].map(|at| script.at(S(at)).talk);
    let (silent, away) = (|left| Talk::Nothing { left: Some(S(left)) }, |left| Talk::Unplugged { left: S(left) });
    let for_ever = Talk::Nothing { left: None };
    assert_eq!(talk, [Talk::Frames, silent(2), silent(1), Talk::Frames, away(8), away(1), Talk::Frames, for_ever]);
    assert!(script.unplugs());
}

#[test]
fn a_script_repeats_from_its_beginning() {
    let script = script("5s spo2 80\n# every ten seconds\n10s repeat");
    assert_eq!([4, 5, 9, 10, 15, 1_234].map(|at| script.at(S(at)).spo2), [970, 800, 800, 970, 800, 970]);
}

#[test]
fn times_are_written_as_people_write_them() {
    for (text, ms) in [("500ms", 500), ("8s", 8_000), ("1m30s", 90_000), ("2h", 7_200_000), ("1h2m3s4ms", 3_723_004)] {
        let script = script(&format!("{text} motion on"));
        assert!(
            script.at(Duration::from_millis(ms)).motion && !script.at(Duration::from_millis(ms - 1)).motion,
            "{text}"
        );
    }
}

#[test]
fn a_wrong_line_is_named_with_what_to_write() {
    for (text, part) in [
        ("", "Line 1: The script is empty."),
        ("# nothing\n\n", "Line 1: The script is empty."),
        ("0s spo2 97\n8 spo2 90", "Line 2: \"8\" is not a time. Write it as 8s,"),
        ("spo2 97", "Line 1: \"spo2\" is not a time."),
        ("99999999999999999999s motion on", "is not a time"),
        ("1001h motion on", "a thousand hours at most"),
        ("9s motion on\n8s motion off", "Line 2: This is earlier than the line above."),
        ("8s", "Line 1: Nothing happens here."),
        ("8s motion on,", "Line 1: Nothing happens here."),
        ("8s spo3 97", "\"spo3\" is not a word for what happens. Use one of: spo2, pulse,"),
        ("8s spo2 0", "\"spo2 0\" cannot be done. Write spo2 and a % from 1 to 100,"),
        ("8s spo2 100.1", "from 1 to 100"),
        ("8s spo2 97.55", "from 1 to 100"),
        ("8s spo2 97.", "from 1 to 100"),
        ("8s spo2 -1", "from 1 to 100"),
        ("8s spo2 84 over 20", "such as spo2 97 or spo2 84.5 over 20s"),
        ("8s spo2 84 over 20s now or later", "such as spo2 97"),
        ("8s pulse 17", "from 18 to 321"),
        ("8s pulse 99999999999", "from 18 to 321"),
        ("8s perfusion 0.01", "from 0.02 to 20"),
        ("8s finger off", "Write finger on or finger out."),
        ("8s searching on", "Write searching alone;"),
        ("8s motion", "Write motion on or motion off."),
        ("8s battery empty", "Write battery low or battery good."),
        ("8s silence soon", "Write silence 10s, or silence for ever."),
        ("8s unplug", "such as unplug 8s"),
        ("8s unplug 0s", "such as unplug 8s"),
        ("8s repeat\n9s motion on", "Line 2: \"repeat\" stands alone in the last line"),
        ("8s repeat, motion on", "\"repeat\" stands alone"),
        ("0s repeat", "at a time after 0s"),
    ] {
        assert!(message(text).contains(part), "{text:?}: {}", message(text));
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "([0-9a-z .,#+\n]|spo2|over|s |repeat|pulse|unplug){0,80}") {
        if let Err(error) = text.parse::<Script>() {
            prop_assert!(error.line >= 1 && error.line <= text.lines().count().max(1));
        }
    }

    #[test]
    fn a_number_stays_between_those_that_were_written(
        steps in prop::collection::vec((0..100_u64, 1..=100_i32, 0..100_u64), 1..12), at in 0..2_000_u64,
    ) {
        let text: String = steps.iter().map(|(wait, spo2, over)| format!("+{wait}s spo2 {spo2} over {over}s\n")).collect();
        let spo2 = script(&text).at(S(at)).spo2;
        let written = || steps.iter().map(|step| step.1 * 10).chain([970]);
        prop_assert!(Some(spo2) >= written().min() && Some(spo2) <= written().max());
    }
}
