//! Checks of what a sensor does: 1 it is unplugged, 2 the finger is out, 18 two change places.

use crate::harness::{Folder, Line, SOON, Says, Sensor, hook, tablet, within};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

fn has(said: &Value, status: &str) -> bool {
    said["type"] == "reading" && said["status"].as_array().is_some_and(|words| words.contains(&json!(status)))
}

/// Bed 1 is pulled out of its socket, which the system tells. Bed 2 is pulled out at its other end: nothing is told, and
/// nothing comes.
#[test]
fn check_01_unplugging_the_usb_shows_the_age_from_1500_ms_no_number_after_3_s_and_a_technical_alarm_within_5_s() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let link = folder.beside("ttyOximeter");
    let sensor = Sensor::at(&link, "contec-v7", "steady");
    let token = folder.token("lab", "viewer");
    let plan = folder.station().bed("1", &link, "contec-v7").bed("2", line.path(), "cms50");
    let station = plan.on_the_lan().start();
    let http = station.http(&token);
    let tablet = tablet(&folder, "Tablet 1", "viewer");
    let second = |part: &str| format!("[data-testid=tile-2] {}", hook(part));
    tablet.sees(&second("spo2"), "oxygen", |text| text == "97");
    let mut socket = station.socket(&token, "?beds=1");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());

    let pulled = Instant::now();
    sensor.unplug();
    let gone = socket.until(SOON, "disconnected", |said| has(said, "disconnected"));
    assert!(gone.at - pulled < 2 * SECOND, "{:?}", gone.at - pulled);
    assert_eq!((&gone.message["spo2"], &gone.message["pulse_rate"]), (&Value::Null, &Value::Null));
    let alarm = socket.alarm_within(SOON, "sensor_disconnected", "active");
    assert!(alarm.at - pulled < 2 * SECOND, "{:?}", alarm.at - pulled);

    let mut socket = station.socket(&token, "?beds=2");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
    let silent = Instant::now();
    line.says(Says::Nothing);
    let age = within(SOON, "an age from 1.5 s", || {
        let reading = http.bed("2")["reading"].clone();
        reading["age_s"].as_f64().filter(|age| *age >= 1.5)
    });
    assert!(age < 2.5 && silent.elapsed() < 3 * SECOND, "{age} s at {:?}", silent.elapsed());
    let shown = tablet.sees(&second("age"), "the age beside the number", |text| !text.is_empty());
    let seconds: f64 =
        shown.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{shown}"));
    assert!(seconds >= 1.5, "{shown}");
    let stale = socket.until(SOON, "stale", |said| has(said, "stale"));
    let after = stale.at - silent;
    assert!((1900..=3000).contains(&after.as_millis()), "{after:?}");
    assert_eq!((&stale.message["spo2"], &stale.message["pulse_rate"]), (&Value::Null, &Value::Null));
    let alarm = socket.alarm_within(SOON, "no_signal", "active");
    assert!(alarm.at - silent < 5 * SECOND, "{:?}", alarm.at - silent);
    let bed = http.bed("2");
    assert_eq!((&bed["sensor"]["state"], &bed["reading"]["spo2"]), (&json!("silent"), &Value::Null));
    for bed in ["1", "2"] {
        let spo2 = format!("[data-testid=tile-{bed}] {}", hook("spo2"));
        tablet.sees(&spo2, "no number", |text| text == "---");
    }
}

#[test]
fn check_02_a_finger_out_is_probe_off_not_0_percent_and_not_low_spo2() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a reading of 97", |said| said["type"] == "reading" && said["spo2"] == 97);
    assert_eq!(socket.command("1", json!({"command":"set_limits","delay_s":0}))["ok"], true);
    let out = Instant::now();
    line.says(Says::NoFinger);
    let reading = socket.until(SECOND, "no finger", |said| has(said, "no_finger"));
    assert_eq!((&reading.message["spo2"], &reading.message["pulse_rate"]), (&Value::Null, &Value::Null));
    let alarm = socket.until(SOON, "the alarm", |said| {
        assert!(said["type"] != "reading" || said["spo2"].is_null(), "no number without a finger: {said}");
        said["type"] == "alarm" && said["bed"] == "1"
    });
    assert!(alarm.at - out < 5 * SECOND, "{:?}", alarm.at - out);
    assert_eq!((&alarm.message["condition"], &alarm.message["state"]), (&json!("no_finger"), &json!("active")));
    assert_eq!((&alarm.message["value"], &alarm.message["limit"]), (&Value::Null, &Value::Null));
    assert!(alarm.message["message"].as_str().is_some_and(|text| text.starts_with("Probe off")), "{:?}", alarm.message);
    let on = Instant::now();
    line.spo2(97);
    let cleared = socket.alarm_within(SOON, "no_finger", "cleared");
    assert!(cleared.at - on < 5 * SECOND, "{:?}", cleared.at - on);
    assert_eq!(cleared.message["id"], alarm.message["id"]);
    let past = station.http(&token).json("/api/v1/alarms?from=-1m&bed=1");
    assert_eq!(past["alarms"].as_array().map(Vec::len), Some(1), "and there was no other: {past}");
}

/// Bed 1 has a Nonin, bed 2 a Contec, each at a socket of its own, and neither cable tells a serial number. What is
/// done where it does is in the station's `tests/plugs.rs`: there the bed follows its adapter, and nothing is asked.
#[test]
fn check_18_two_sensors_that_change_places_are_asked_about_at_both_beds_until_somebody_says_who_is_who() {
    let folder = Folder::new();
    let links = [folder.beside("ttyOximeterA"), folder.beside("ttyOximeterB")];
    let nurse = folder.token("anna", "nurse");
    let sensors = [Sensor::at(&links[0], "nonin-df2", "steady"), Sensor::at(&links[1], "contec-v7", "steady")];
    let station = folder.station().bed("1", &links[0], "auto").bed("2", &links[1], "auto").start();
    let http = station.http(&nurse);
    let protocol = |bed: &str| http.bed(bed)["sensor"]["protocol"].clone();
    for (bed, its) in [("1", "nonin-df2"), ("2", "contec-v7")] {
        within(4 * SOON, "it is found by listening", || http.bed(bed)["reading"]["spo2"].is_i64().then_some(()));
        assert_eq!((protocol(bed), &http.bed(bed)["sensor"]["question"]), (json!(its), &Value::Null));
    }
    for sensor in sensors {
        sensor.unplug();
    }
    for bed in ["1", "2"] {
        within(SOON, "it is gone", || (http.bed(bed)["sensor"]["state"] == "disconnected").then_some(()));
    }
    let _swapped = [Sensor::at(&links[1], "nonin-df2", "steady"), Sensor::at(&links[0], "contec-v7", "steady")];
    for (bed, before) in [("1", "where a nonin-df2 sensor was before"), ("2", "where CMS50I (SIM0001) was before")] {
        let question =
            within(4 * SOON, "it is asked about", || http.bed(bed)["sensor"]["question"].as_str().map(str::to_owned));
        assert!(question.contains(before), "{question}");
        within(2 * SOON, "the numbers stay in sight", || http.bed(bed)["reading"]["spo2"].is_i64().then_some(()));
    }
    let confirmed = http.done("1", &json!({"command":"confirm_sensor"}));
    assert_eq!(confirmed["result"]["confirmed"], true, "{confirmed}");
    let question = |bed: &str| http.bed(bed)["sensor"]["question"].is_null();
    assert!(question("1") && !question("2"), "each bed is asked about by itself");
}
