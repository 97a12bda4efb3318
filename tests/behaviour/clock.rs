//! The clock is set, or the computer sleeps: no alarm is lost, repeated or late, and it is said.

use crate::harness::{Folder, Line, SOON, Says, ShiftedClock, Socket, Station, pleth, within};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: i64 = 3600;

struct Ward {
    clock: ShiftedClock,
    line: Line,
    token: String,
    station: Station,
    _folder: Folder,
}

impl Ward {
    fn new() -> Self {
        let (folder, line) = (Folder::in_memory(), Line::numbers(97, 72));
        let (clock, token) = (ShiftedClock::new(&folder), folder.token("anna", "nurse"));
        let station = clock.seen_by(folder.station().bed("1", line.path(), "cms50")).start();
        Self { clock, line, token, station, _folder: folder }
    }

    /// A screen that shows numbers.
    fn screen(&self, query: &str) -> Socket {
        let mut socket = self.station.socket(&self.token, query);
        socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
        socket
    }

    fn lines_after(&self, seq: i64) -> Vec<Value> {
        let record = self.station.http(&self.token).json(&format!("/api/v1/record?after={seq}&limit=10000"));
        record["record"].as_array().unwrap().clone()
    }
}

fn is_line(message: &Value) -> bool {
    ["reading", "alarm", "event"].iter().any(|kind| message["type"] == *kind)
}

fn is_jump(message: &Value) -> bool {
    message["type"] == "event" && message["kind"] == "clock_jumped"
}

#[test]
fn check_15_a_clock_set_by_an_hour_loses_doubles_and_delays_nothing_and_is_logged() {
    for by in [HOUR, -HOUR] {
        let mut ward = Ward::new();
        let mut socket = ward.screen("?waves=1&views=1");
        assert_eq!(socket.command("1", json!({"command":"set_limits","delay_s":4}))["ok"], true);
        // A delay runs and the sound is paused when the clock is set.
        ward.line.spo2(86);
        let below = socket.until(SOON, "a low number", |said| said["type"] == "reading" && said["spo2"] == 86);
        let first = below.message["seq"].as_i64().unwrap();
        let paused = Instant::now();
        assert_eq!(socket.command("1", json!({"command":"pause_audio","seconds":30}))["ok"], true);
        std::thread::sleep(SECOND);
        let set = Instant::now();
        ward.clock.set_by(by);

        let (mut heard, mut alarm, mut told, mut shown) = (vec![below], None, None, None);
        for next in socket.listen(6 * SECOND) {
            let said = &next.message;
            if said["type"] == "alarm" && said["condition"] == "spo2_low" && alarm.is_none() {
                alarm = Some(next.clone());
            }
            if is_jump(said) {
                assert!(told.replace(next.clone()).is_none(), "it is told once");
            }
            if said["type"] == "alarm" && said["condition"] == "clock_jumped" && said["state"] == "active" {
                assert!(shown.replace(next.clone()).is_none(), "it is one alarm");
            }
            heard.push(next);
        }
        let waited = alarm.expect("the delay runs on").at - heard[0].at;
        assert!((3800..=4600).contains(&waited.as_millis()), "a delay of 4 s took {waited:?}");

        let told = told.expect("the event");
        assert!(told.at - set < SECOND, "{:?}", told.at - set);
        println!("told {:?} after it was set; a delay of 4 s took {waited:?}", told.at - set);
        let detail = &told.message["detail"];
        assert_eq!(detail["kind"], "step", "{detail}");
        assert!((detail["by_s"].as_f64().unwrap() - by as f64).abs() < 0.5, "{detail}");
        let (before, after) = (detail["before"].as_i64().unwrap(), detail["after"].as_i64().unwrap());
        assert!(
            (after - before - by * 1000).abs() < 500 && (after - ward.clock.time_of_day()).abs() < 10_000,
            "{detail}"
        );
        let shown = shown.expect("the alarm").message;
        assert_eq!((&shown["priority"], &shown.get("bed")), (&json!("low"), &Some(&Value::Null)), "{shown}");
        let way = if by > 0 { "forward by 1 h" } else { "back by 1 h" };
        assert!(shown["message"].as_str().is_some_and(|words| words.contains(way)), "{shown}");

        // The record has each line once, in order, as it was sent, with the time that the clock said.
        let sent: Vec<&Value> = heard.iter().map(|next| &next.message).filter(|said| is_line(said)).collect();
        assert!(sent.windows(2).all(|pair| pair[1]["seq"].as_i64() == pair[0]["seq"].as_i64().map(|seq| seq + 1)));
        let recorded = ward.lines_after(first - 1);
        assert_eq!(recorded[..sent.len()].iter().collect::<Vec<_>>(), sent);
        let readings = |after: bool| {
            let of_bed = sent.iter().filter(|line| line["type"] == "reading");
            of_bed
                .filter(|line| {
                    (line["time"].as_i64() > Some((before + after_ms(before, by)) / 2)) == (after == (by > 0))
                })
                .count()
        };
        assert!((1..=4).contains(&readings(false)) && (4..=8).contains(&readings(true)), "one a second: {sent:?}");

        // The wave has no point less and none twice: it is what the sensor drew, from before the jump to after it.
        let drawn = heard.iter().filter(|next| next.message["type"] == "wave");
        let points: Vec<u64> = drawn
            .flat_map(|next| next.message["samples"].as_array().unwrap().iter().map(|point| point.as_u64().unwrap()))
            .collect();
        let as_drawn = |begin: u32| points.iter().zip(begin..).all(|(point, count)| *point == u64::from(pleth(count)));
        assert!(points.len() > 100 && (0..50).any(as_drawn), "{points:?}");
        let wave = socket.command("1", json!({"command":"request","what":"wave","seconds":2}))["result"].clone();
        let newest: usize =
            wave["waves"].as_array().unwrap().iter().map(|run| run["samples"].as_array().unwrap().len()).sum();
        assert!((40..=160).contains(&newest), "the newest 2 s are {newest} points");

        // A client that was there before resumes over it; ages stay small; the pause ends on its time.
        let epoch = ward.station.http(&ward.token).json("/api/v1/station")["epoch"].as_str().unwrap().to_owned();
        let mut again = ward.station.socket(&ward.token, &format!("?since={epoch}:{}", first - 1));
        assert_eq!(again.next()["type"], "hello");
        for line in &sent {
            assert_eq!(&&again.next(), line);
        }
        let bed = ward.station.http(&ward.token).bed("1");
        assert!((0.0..1.5).contains(&bed["reading"]["age_s"].as_f64().unwrap()), "{bed}");
        let until = bed["audio"]["paused_until"].as_i64().unwrap_or_else(|| panic!("the pause was cut short: {bed}"));
        let left = until - ward.clock.time_of_day();
        assert!((0..30_000).contains(&left), "the end that is shown follows the clock: {left} ms");
        let end = socket.until(30 * SECOND, "the end of the pause", |said| {
            said["type"] == "bed" && said["bed"]["audio"]["paused_until"].is_null()
        });
        let lasted = end.at - paused;
        assert!((29_500..=31_000).contains(&lasted.as_millis()), "a pause of 30 s took {lasted:?}");
    }
}

/// A moment on the other side of the jump.
fn after_ms(before: i64, by: i64) -> i64 {
    before + by * 1000
}

#[test]
fn the_alarm_of_a_jump_ends_by_itself_and_the_next_jump_is_another() {
    let mut ward = Ward::new();
    let mut socket = ward.screen("");
    ward.clock.set_by(120);
    let first = socket.alarm_within(SOON, "clock_jumped", "active").message;
    socket.say(&json!({"type":"command","id":"mine","command":"acknowledge","alarm":first["id"]}));
    assert_eq!(socket.reply("mine", SECOND)["ok"], true);
    let again = Instant::now();
    ward.clock.set_by(-120);
    assert_eq!(socket.alarm_within(SOON, "clock_jumped", "cleared").message["id"], first["id"]);
    let second = socket.alarm_within(SOON, "clock_jumped", "active").message;
    assert_ne!(second["id"], first["id"]);
    assert_eq!(second["acknowledged"], Value::Null, "{second}");
    let over = socket.alarm_within(70 * SECOND, "clock_jumped", "cleared");
    assert_eq!(over.message["id"], second["id"]);
    assert!((58..=63).contains(&(over.at - again).as_secs()), "{:?}", over.at - again);
}

#[test]
fn after_a_suspend_no_number_of_before_is_shown_and_what_was_due_comes_within_a_second() {
    let mut ward = Ward::new();
    let mut socket = ward.screen("");
    socket.command("1", json!({"command":"pause_audio","seconds":120}));
    // The sensor sleeps too: nothing newer comes.
    ward.line.says(Says::Nothing);
    let slept = Instant::now();
    ward.clock.sleep(300 * SECOND);
    let nothing = socket.until(SOON, "no number", |said| said["type"] == "reading" && said["spo2"].is_null());
    assert!(nothing.at - slept < SECOND, "{:?}", nothing.at - slept);
    let bed = ward.station.http(&ward.token).bed("1");
    assert_eq!((&bed["reading"]["spo2"], &bed["audio"]["paused_until"]), (&Value::Null, &Value::Null), "{bed}");
    let sees = |condition: &str| {
        let (token, station) = (&ward.token, &ward.station);
        within(SECOND.saturating_sub(slept.elapsed().saturating_sub(SECOND / 2)), condition, || {
            let alarms = station.http(token).json("/api/v1/alarms?active=true");
            alarms["alarms"].as_array().unwrap().iter().find(|alarm| alarm["condition"] == condition).cloned()
        })
    };
    let signal = sees("no_signal");
    let late = ward.clock.time_of_day() - signal["since"].as_i64().unwrap();
    assert!((290_000..=298_000).contains(&late), "it was due 4 s after the last sample, {late} ms ago: {signal}");
    let jumped = sees("clock_jumped");
    println!("no number after {:?}, both alarms seen after {:?}", nothing.at - slept, slept.elapsed());
    assert!(jumped["message"].as_str().is_some_and(|words| words.contains("slept for 5 min")), "{jumped}");
    let events = ward.station.http(&ward.token).json("/api/v1/events?from=-10m&kind=clock_jumped");
    let events = events["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
    let detail = &events[0]["detail"];
    assert_eq!(detail["kind"], "suspend");
    assert!((detail["slept_s"].as_f64().unwrap() - 300.0).abs() < 0.5, "{detail}");

    // The sensor is begun with anew, and is live again.
    ward.line.spo2(96);
    let back = socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 96);
    let cleared = socket.alarm_within(SOON, "no_signal", "cleared");
    assert!(cleared.at.saturating_duration_since(back.at) < 5 * SECOND);
    assert_eq!(cleared.message["id"], signal["id"]);
}

#[test]
fn a_station_that_stood_still_says_so_and_shows_nothing_of_what_waited_on_the_line_meanwhile() {
    let ward = Ward::new();
    let mut socket = ward.screen("");
    assert_eq!(socket.command("1", json!({"command":"set_limits","delay_s":0}))["ok"], true);
    ward.station.freeze();
    // The patient falls and recovers while nobody reads the line.
    ward.line.spo2(70);
    std::thread::sleep(4 * SECOND);
    ward.line.spo2(95);
    std::thread::sleep(SECOND);
    ward.station.thaw();
    let mut before = Vec::new();
    socket.until(SOON, "a number of now", |said| {
        before.push(said.clone());
        said["type"] == "reading" && said["spo2"] == 95
    });
    let old = before.iter().filter(|said| said["spo2"] == 70 || said["condition"] == "spo2_desat");
    assert_eq!(old.collect::<Vec<_>>(), Vec::<&Value>::new(), "what was measured unread is not shown as new");
    let event = within(SOON, "it is said", || {
        let events = ward.station.http(&ward.token).json("/api/v1/events?from=-5m&kind=clock_jumped");
        events["events"].as_array().unwrap().iter().find(|event| event["detail"]["kind"] == "stall").cloned()
    });
    assert!((4.5..8.0).contains(&event["detail"]["stood_s"].as_f64().unwrap()), "{event}");
}

#[test]
fn a_delay_does_not_run_while_the_computer_sleeps_and_goes_on_after() {
    let mut ward = Ward::new();
    let mut socket = ward.screen("");
    assert_eq!(socket.command("1", json!({"command":"set_limits","delay_s":6}))["ok"], true);
    ward.line.spo2(86);
    let below = socket.until(SOON, "a low number", |said| said["type"] == "reading" && said["spo2"] == 86);
    std::thread::sleep(SECOND);
    let slept = Instant::now();
    ward.clock.sleep(Duration::from_secs(3600));
    // Also where samples go on coming: what was measured before is gone first.
    let nothing = socket.until(SOON, "no number", |said| said["type"] == "reading" && said["spo2"].is_null());
    assert!(nothing.at - slept < SECOND, "{:?}", nothing.at - slept);
    // Of an hour without data 3 s at most count, for which the last number stood.
    let alarm = socket.alarm_within(SOON, "spo2_low", "active");
    let waited = alarm.at - below.at;
    assert!((2000..=9000).contains(&waited.as_millis()), "{waited:?} after the first low number");
    let others = socket.listen(3 * SECOND);
    let again = others
        .iter()
        .filter(|heard| heard.message["condition"] == "spo2_low" && heard.message["id"] != alarm.message["id"]);
    assert_eq!(again.count(), 0, "it comes once");
}
