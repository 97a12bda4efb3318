//! Checks of when a value alarms: 3 the edges of limit and delay, 4 and 5 the area, 6 the second tier.

use crate::harness::{Folder, Heard, Line, SOON, Sensor, Socket, Station, within};
use serde_json::json;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// How much later than the moment it decides the station may say so, on a computer that other tests keep busy, ms.
const LATE: i64 = 400;

fn time(heard: &Heard) -> i64 {
    heard.message["time"].as_i64().unwrap()
}

#[test]
fn check_03_a_value_equal_to_its_limit_does_not_alarm_and_one_below_does_on_the_edge_of_the_delay() {
    let (folder, line) = (Folder::new(), Line::numbers(90, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a reading of 90", |said| said["type"] == "reading" && said["spo2"] == 90);
    socket.command("1", json!({"command":"set_limits","delay_s":2}));
    assert!(socket.listen(3 * SECOND).iter().all(|heard| heard.message["limit"].is_null()), "90 is within 90");

    line.spo2(89);
    let below = socket.until(SOON, "a reading of 89", |said| said["type"] == "reading" && said["spo2"] == 89);
    let alarm = socket.alarm_within(SOON, "spo2_low", "active");
    // The reading goes out in the millisecond in which the delay begins.
    let began = alarm.message["since"].as_i64().unwrap() - time(&below);
    assert!((1995..=2005).contains(&began), "it is of {began} ms after the first reading below the limit");
    let waited = time(&alarm) - time(&below);
    assert!((1995..=2000 + LATE).contains(&waited), "{waited} ms after the first reading below the limit");
    assert_eq!(alarm.message["message"], "SpO2 89 < 90", "as the screen says it");

    line.spo2(91);
    let back = socket.until(SOON, "a reading of 91", |said| said["type"] == "reading" && said["spo2"] == 91);
    let cleared = socket.alarm_within(SOON, "spo2_low", "cleared");
    assert!(cleared.at - back.at < Duration::from_millis(100));
    assert_eq!(cleared.message["worst"], 89);
}

/// A bed whose simulated sensor lives through a scenario file of numbers exactly as written.
fn scripted(script: &str, area: u32) -> (Folder, Sensor, Station, Socket) {
    let folder = Folder::new();
    let file = folder.beside("trace.scenario");
    std::fs::write(&file, format!("0s spo2 97, pulse 72, wander off\n{script}")).unwrap();
    let sensor = Sensor::with(&["--protocol", "contec-v7", "--script", file.to_str().unwrap()]);
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", sensor.path(), "contec-v7").start();
    let mut socket = station.socket(&token, "?changes=1");
    assert_eq!(socket.command("1", json!({"command":"set_limits","area_delay":area}))["ok"], true);
    socket.until(SOON, "a reading of 97", |said| said["type"] == "reading" && said["spo2"] == 97);
    (folder, sensor, station, socket)
}

/// Waits for a reading of this number; an alarm before it is wrong.
fn reading(socket: &mut Socket, spo2: u8) -> Heard {
    socket.until(2 * SOON, &format!("a reading of {spo2}"), |said| {
        assert!(said["type"] != "alarm" || said["bed"] != "1", "not yet: {said}");
        said["type"] == "reading" && said["spo2"] == spo2
    })
}

/// The trace of the Nellcor N-395's manual: 88 for 2 s, 86 for 3 s, 84 for 6 s, below a limit of 90.
#[test]
fn check_04_the_n_395_trace_alarms_in_the_11th_second_of_an_area_of_50() {
    let (_folder, _sensor, _station, mut socket) = scripted("5s spo2 88\n+2s spo2 86\n+3s spo2 84\n", 50);
    let below = reading(&mut socket, 88);
    reading(&mut socket, 86);
    let last = reading(&mut socket, 84);
    let stood = time(&last) - time(&below);
    assert!((4800..=5200).contains(&stood), "the trace came with {stood} ms of 5000");
    let alarm = socket.alarm_within(2 * SOON, "spo2_low", "active");
    let since = alarm.message["since"].as_i64().unwrap() - time(&below);
    assert!(10_000 < since && since <= 11_000, "the sum meets 50 after {since} ms");
    assert!(time(&alarm) - time(&below) <= 11_000 + LATE, "and it is told then: {:?}", alarm.message);
    assert_eq!(alarm.message["worst"], 84);
}

#[test]
fn check_05_with_an_area_of_100_the_third_dip_within_60_s_alarms_at_once() {
    let dip = "+1s spo2 95\n+2s spo2 88\n";
    let (_folder, _sensor, _station, mut socket) = scripted(&format!("5s spo2 88\n{}", dip.repeat(2)), 100);
    for _ in 0..2 {
        reading(&mut socket, 88);
        reading(&mut socket, 95);
    }
    let third = reading(&mut socket, 88);
    let alarm = socket.alarm_within(SOON, "spo2_low", "active");
    assert_eq!(alarm.message["seq"].as_i64(), third.message["seq"].as_i64().map(|seq| seq + 1), "with the reading");
    assert!((0..=50).contains(&(time(&alarm) - time(&third))), "{:?}", alarm.message);
}

#[test]
fn check_06_a_drop_below_low_minus_10_alarms_at_once_whatever_the_delay_of_the_first_tier() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let http = station.http(&token);
    within(SOON, "a reading of 97", || (http.bed("1")["reading"]["spo2"] == 97).then_some(()));
    let limits = http.bed("1")["limits"].clone();
    assert_eq!((&limits["spo2_low"], &limits["spo2_desat"], &limits["delay_s"]), (&json!(90), &json!(80), &json!(15)));
    let mut socket = station.socket(&token, "?changes=1");
    line.spo2(80);
    let mut at_its_limit = socket.listen(SECOND).into_iter();
    assert!(at_its_limit.all(|heard| heard.message["condition"] != "spo2_desat"), "80 is within 80");

    let changed = Instant::now();
    line.spo2(70);
    let alarm = socket.alarm_within(SOON, "spo2_desat", "active");
    // A format without a checksum is believed when ten frames agree: 170 ms, and not before.
    assert!(alarm.at - changed < Duration::from_millis(500), "{:?}", alarm.at - changed);
    assert_eq!((&alarm.message["priority"], &alarm.message["value"]), (&json!("high"), &json!(70)));
    let active = http.json("/api/v1/alarms?active=true&bed=1");
    assert_eq!(active["alarms"].as_array().map(Vec::len), Some(1), "the first tier still waits: {active}");
}
