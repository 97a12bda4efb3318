use super::*;
use proptest::prelude::*;

fn at(millis: u64) -> Now {
    let span = Duration::from_millis(millis);
    Now { station: StationTime::from_start(span), wall: WallTime::from_millis(1_793_180_000_000).plus(span) }
}

fn armed(name: &str) -> ArmedClient {
    ArmedClient { client: name.into(), address: "192.0.2.7".into(), since: at(0).wall }
}

/// Anna is armed at 0 over the connection 1.
fn with_anna() -> Watch {
    let mut watch = Watch::new(at(0), Vec::new(), |_| false);
    assert_eq!(watch.arm(at(0), 1, "anna", "192.0.2.7"), Arming::New);
    watch
}

/// Looks each quarter of a second from `from` to `to`; what changed, and when.
fn looks(watch: &mut Watch, from: u64, to: u64) -> Vec<(u64, Verdict)> {
    let times = (from..=to).step_by(250);
    times.filter_map(|time| watch.look(at(time)).map(|verdict| (time, verdict))).collect()
}

fn names(verdict: &Verdict) -> Vec<&str> {
    match verdict {
        Verdict::Worse(missing) | Verdict::Better(missing) => {
            missing.iter().map(|missing| missing.name.as_str()).collect()
        }
        Verdict::AllBack => Vec::new(),
    }
}

#[test]
fn a_screen_that_answers_no_more_is_missing_before_five_seconds_are_over() {
    let mut watch = with_anna();
    for time in (0..=10_000).step_by(250) {
        watch.heard(1, at(time).station);
        assert_eq!(watch.look(at(time)), None);
    }
    let told = looks(&mut watch, 10_250, 20_000);
    let [(when, Verdict::Worse(missing))] = &told[..] else { panic!("{told:?}") };
    assert!((14_000..14_750).contains(when), "{when}");
    assert_eq!((missing[0].name.as_str(), missing[0].gone), ("anna", at(10_000).wall));
}

#[test]
fn a_screen_that_answers_each_ping_is_never_missing_and_one_that_answers_again_is_back() {
    let mut watch = with_anna();
    for time in (0..20_000).step_by(250) {
        if time % 2000 == 0 {
            watch.heard(1, at(time).station);
        }
        assert_eq!(watch.look(at(time)), None, "{time}");
    }
    let told = looks(&mut watch, 20_000, 30_000);
    assert_eq!(told.len(), 1);
    watch.heard(1, at(30_100).station);
    assert_eq!(looks(&mut watch, 30_250, 31_000), [(30_250, Verdict::AllBack)]);
}

#[test]
fn a_cut_line_raises_nothing_if_the_screen_is_back_in_time_and_else_within_five_seconds() {
    let mut watch = with_anna();
    watch.heard(1, at(1_900).station);
    watch.ended(at(2_000), 1);
    assert_eq!(looks(&mut watch, 2_000, 5_000), []);
    assert_eq!(watch.arm(at(5_100), 2, "anna", "192.0.2.7"), Arming::Known);
    assert_eq!(looks(&mut watch, 5_250, 9_000), []);
    watch.heard(2, at(9_000).station);
    watch.ended(at(9_500), 2);
    let told = looks(&mut watch, 9_250, 20_000);
    assert!(told.len() == 1 && (13_500..14_250).contains(&told[0].0), "{told:?}");
    assert_eq!(watch.arm(at(20_100), 3, "anna", "192.0.2.9"), Arming::Moved);
    assert_eq!(watch.look(at(20_250)), Some(Verdict::AllBack));
}

#[test]
fn a_line_that_ends_after_a_long_silence_gives_no_second_span_of_patience() {
    let mut watch = with_anna();
    assert_eq!(looks(&mut watch, 250, 4_000), []);
    watch.ended(at(4_100), 1);
    assert!(matches!(watch.look(at(4_250)), Some(Verdict::Worse(_))));
}

#[test]
fn a_goodbye_raises_nothing_and_only_the_last_armed_connection_of_a_screen_takes_it_off() {
    let mut watch = with_anna();
    watch.arm(at(0), 2, "anna", "192.0.2.7");
    assert_eq!(watch.disarm(1), None);
    assert_eq!(watch.armed(), 1);
    assert_eq!(watch.disarm(2).as_deref(), Some("anna"));
    watch.ended(at(500), 2);
    assert_eq!((looks(&mut watch, 0, 30_000), watch.armed()), (Vec::new(), 0));
}

#[test]
fn a_screen_with_another_armed_connection_is_not_missed() {
    let mut watch = with_anna();
    watch.arm(at(3_000), 2, "anna", "192.0.2.7");
    watch.ended(at(3_100), 1);
    for time in (3_250..20_000).step_by(250) {
        watch.heard(2, at(time).station);
        assert_eq!(watch.look(at(time)), None);
    }
}

#[test]
fn who_was_armed_before_a_restart_has_fifteen_seconds_to_come_back() {
    let mut watch = Watch::new(at(0), vec![armed("anna"), armed("ben")], |_| false);
    assert_eq!(looks(&mut watch, 250, 10_000), []);
    assert_eq!(watch.arm(at(10_000), 1, "anna", "192.0.2.7"), Arming::Known);
    for time in (10_250..14_900).step_by(250) {
        watch.heard(1, at(time).station);
        assert_eq!(watch.look(at(time)), None);
    }
    watch.heard(1, at(15_000).station);
    let Some(Verdict::Worse(missing)) = watch.look(at(15_000)) else { panic!() };
    assert_eq!((missing.len(), missing[0].name.as_str(), missing[0].before_start), (1, "ben", true));
}

#[test]
fn who_was_missing_before_a_restart_is_missing_still_and_is_no_news() {
    let mut watch = Watch::new(at(0), vec![armed("anna"), armed("ben")], |name| name == "anna");
    assert_eq!(watch.missing().len(), 1);
    assert_eq!(looks(&mut watch, 250, 14_750), []);
    watch.arm(at(14_800), 1, "ben", "192.0.2.7");
    watch.arm(at(14_800), 2, "anna", "192.0.2.7");
    assert_eq!(watch.look(at(15_000)), Some(Verdict::AllBack));
}

#[test]
fn the_verdict_follows_when_more_are_missing_and_when_some_are_back_or_removed() {
    let mut watch = Watch::new(at(0), vec![armed("anna"), armed("ben"), armed("chris")], |_| false);
    watch.arm(at(0), 1, "ben", "192.0.2.8");
    let told = looks(&mut watch, 250, 16_000);
    let told: Vec<_> = told.iter().map(|(_, verdict)| (matches!(verdict, Verdict::Worse(_)), names(verdict))).collect();
    assert_eq!(told, [(true, vec!["ben"]), (true, vec!["anna", "ben", "chris"])]);
    watch.arm(at(16_100), 2, "anna", "192.0.2.7");
    let verdict = watch.look(at(16_250)).unwrap();
    assert_eq!((matches!(verdict, Verdict::Better(_)), names(&verdict)), (true, vec!["ben", "chris"]));
    assert_eq!(watch.remove("ben").unwrap().name, "ben");
    assert_eq!(watch.remove("anna"), None, "it is not missing");
    assert_eq!(watch.forget(|_| false), ["chris"], "its token is no more");
    assert_eq!(watch.look(at(16_500)), Some(Verdict::AllBack));
}

#[test]
fn nobody_is_blamed_for_the_time_in_which_the_station_itself_stood_still() {
    let mut watch = with_anna();
    assert_eq!(looks(&mut watch, 0, 1_000), []);
    assert_eq!(watch.look(at(60_000)), None);
    // From then on its patience runs as ever.
    assert_eq!(looks(&mut watch, 60_250, 70_000).len(), 1);
}

#[test]
fn a_person_is_told_who_is_missing_since_when_and_what_to_do() {
    let missing = |name: &str, before_start| Missing {
        name: name.into(),
        address: "192.0.2.7".into(),
        armed: at(0).wall,
        gone: at(0).wall,
        before_start,
    };
    let clock = |_| "12:03".to_owned();
    assert_eq!(
        words(&[missing("anna", false)], clock),
        "The screen \"anna\" (192.0.2.7) sounded alarms and is gone since 12:03. Look after it, or remove it under \
         Screens."
    );
    let several = words(&[missing("anna", false), missing("ben", true)], clock);
    assert_eq!(
        several,
        "The screens \"anna\" (192.0.2.7, gone since 12:03), \"ben\" (192.0.2.7, not back since the station started at \
         12:03) sounded alarms and are missing. Look after them, or remove them under Screens."
    );
}

/// Something that happens to the screen `0..3` over its connection, and how long after the thing before.
#[derive(Debug, Clone, Copy)]
enum Happens {
    Arms,
    Answers,
    Ends,
    SaysGoodbye,
    Nothing,
}

fn happening() -> impl Strategy<Value = (Happens, u64, u64)> {
    let what = prop_oneof![
        2 => Just(Happens::Arms),
        4 => Just(Happens::Answers),
        1 => Just(Happens::Ends),
        1 => Just(Happens::SaysGoodbye),
        2 => Just(Happens::Nothing),
    ];
    (what, 0..3_u64, 0..8_u64)
}

proptest! {
    #[test]
    fn whoever_is_armed_and_silent_for_five_seconds_is_missing_and_nobody_else_is(
        happens in prop::collection::vec(happening(), 0..80)
    ) {
        // The naive model: for each screen, whether it is armed and when it was last heard or cut.
        let mut model: [Option<u64>; 3] = [None; 3];
        let mut connected: [bool; 3] = [false; 3];
        let mut watch = Watch::new(at(0), Vec::new(), |_| false);
        let (mut time, mut told) = (0, BTreeSet::new());
        for (what, screen, quarters) in happens {
            for _ in 0..quarters {
                time += 250;
                if let Some(verdict) = watch.look(at(time)) {
                    told = names(&verdict).into_iter().map(str::to_owned).collect();
                }
                for (index, heard) in model.iter().enumerate() {
                    let missing = told.contains(&index.to_string());
                    match heard.map(|heard| time - heard) {
                        None => prop_assert!(!missing, "{index} was not armed or took its leave"),
                        Some(silent) if silent < 4000 => prop_assert!(!missing, "{index} is here or was a moment ago"),
                        Some(silent) => prop_assert!(missing || silent < 4750 + 2500, "{index} is gone for {silent} ms"),
                    }
                }
            }
            let index = screen as usize;
            match what {
                Happens::Arms => {
                    watch.arm(at(time), screen, &screen.to_string(), "192.0.2.7");
                    (model[index], connected[index]) = (Some(time), true);
                }
                Happens::Answers if connected[index] => {
                    watch.heard(screen, at(time).station);
                    model[index] = Some(time);
                }
                Happens::Ends if connected[index] => {
                    watch.ended(at(time), screen);
                    connected[index] = false;
                }
                Happens::SaysGoodbye if connected[index] => {
                    prop_assert_eq!(watch.disarm(screen), Some(screen.to_string()));
                    (model[index], connected[index]) = (None, false);
                }
                _ => {}
            }
        }
    }
}
