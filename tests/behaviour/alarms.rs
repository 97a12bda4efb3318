//! Low oxygen, and everything else that is worth an alarm.

use crate::harness::{Folder, Line, SOON, Says, Sensor, within};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn oxygen_that_falls_raises_an_alarm_right_behind_its_reading() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "desaturation"));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", sensor.path(), "contec-v7").start();
    let mut socket = station.socket(&token, "");
    let reply = socket.command("1", json!({"command":"set_limits","spo2_low":96,"spo2_desat":93,"delay_s":0}));
    assert_eq!(reply["ok"], true, "{reply}");

    let (mut reading, mut low) = (Value::Null, Value::Null);
    let alarm = socket.until(Duration::from_secs(20), "an alarm", |said| {
        if said["type"] == "reading" && said["spo2"].as_i64().is_some_and(|spo2| spo2 < 96) && low.is_null() {
            low = said.clone();
        }
        if said["type"] == "reading" {
            reading = said.clone();
        }
        // A slow disk is an alarm too, of the station.
        said["type"] == "alarm" && said["bed"] == "1"
    });
    let said = alarm.message;
    assert_eq!(low, reading, "the first reading below the limit raises it, and none before: {said}");
    assert_eq!(said["seq"].as_i64(), reading["seq"].as_i64().map(|seq| seq + 1), "right behind it");
    assert_eq!((&said["condition"], &said["state"]), (&json!("spo2_low"), &json!("active")));
    assert_eq!((&said["priority"], &said["limit"], &said["bed"]), (&json!("medium"), &json!(96), &json!("1")));
    assert_eq!((&said["value"], &said["worst"]), (&reading["spo2"], &reading["spo2"]));
    assert_eq!(said["acknowledged"], Value::Null);
    assert!(said["id"].as_str().unwrap().starts_with("a-"), "{said}");
    let message = said["message"].as_str().unwrap();
    assert!(message.contains("96") && message.contains(&said["value"].to_string()), "{message}");
    let late = said["time"].as_i64().unwrap() - reading["time"].as_i64().unwrap();
    assert!((0..=50).contains(&late), "{late} ms behind the reading");

    let worse = socket.until(SOON, "the worst value grows", |said| {
        said["type"] == "alarm" && said["condition"] == "spo2_low" && said["worst"].as_i64() < alarm_worst(&reading)
    });
    assert_eq!(worse.message["id"], said["id"], "it is the same alarm");
    let desat = socket.alarm_within(SOON, "spo2_desat", "active").message;
    assert_eq!((&desat["priority"], &desat["limit"]), (&json!("high"), &json!(93)));
    assert_ne!(desat["id"], said["id"]);

    let http = station.http(&token);
    let active = http.json("/api/v1/alarms?active=true&bed=1");
    let mut conditions: Vec<&str> =
        active["alarms"].as_array().unwrap().iter().map(|alarm| alarm["condition"].as_str().unwrap()).collect();
    conditions.sort_unstable();
    assert_eq!(conditions, ["spo2_desat", "spo2_low"]);
    assert_eq!(http.bed("1")["alarms"].as_array().unwrap().len(), 2);

    socket.command("1", json!({"command":"set_limits","spo2_low":50,"spo2_desat":40}));
    let cleared = socket.alarm_within(SOON, "spo2_low", "cleared").message;
    assert_eq!((&cleared["id"], &cleared["since"]), (&said["id"], &said["since"]));
    assert_eq!(http.json("/api/v1/alarms?active=true&bed=1")["alarms"], json!([]));
    let past = http.json("/api/v1/alarms?from=-5m&bed=1");
    assert!(past["alarms"].as_array().unwrap().iter().any(|alarm| alarm["id"] == said["id"]), "{past}");
}

fn alarm_worst(reading: &Value) -> Option<i64> {
    reading["spo2"].as_i64()
}

#[test]
fn a_slow_and_a_fast_pulse_are_alarms_of_their_own() {
    let folder = Folder::new();
    let (slow, fast) = (Sensor::new("contec-v7", "brady"), Sensor::new("nonin-df2", "tachy"));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", slow.path(), "contec-v7").bed("2", fast.path(), "nonin-df2").start();
    let mut socket = station.socket(&token, "");
    for bed in ["1", "2"] {
        assert_eq!(socket.command(bed, json!({"command":"set_limits","delay_s":0}))["ok"], true);
    }
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let alarm = socket.until(Duration::from_secs(25), "both alarms", |said| {
            said["type"] == "alarm" && said["bed"].is_string() && said["state"] == "active"
        });
        let said = alarm.message;
        let known = json!([said["bed"], said["condition"]]);
        if !seen.contains(&known) {
            let (value, limit) = (said["value"].as_i64().unwrap(), said["limit"].as_i64().unwrap());
            match said["bed"].as_str() {
                Some("1") => assert!(said["condition"] == "pulse_low" && limit == 50 && value < 50, "{said}"),
                _ => assert!(said["condition"] == "pulse_high" && limit == 120 && value > 120, "{said}"),
            }
            seen.push(known);
        }
    }
}

#[test]
fn a_sensor_that_falls_silent_shows_no_number_and_raises_no_signal() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a reading of 97", |said| said["type"] == "reading" && said["spo2"] == 97);
    let silent = Instant::now();
    line.says(Says::Nothing);
    let stale = socket.until(SOON, "stale", |said| {
        said["type"] == "reading" && said["status"].as_array().is_some_and(|status| status.contains(&json!("stale")))
    });
    let after = stale.at - silent;
    assert!((1900..=3000).contains(&after.as_millis()), "{after:?}");
    assert_eq!((&stale.message["spo2"], &stale.message["pulse_rate"]), (&Value::Null, &Value::Null));
    let alarm = socket.alarm_within(SOON, "no_signal", "active");
    assert!(alarm.at - silent < 5 * SECOND, "{:?}", alarm.at - silent);
    let bed = station.http(&token).bed("1");
    assert_eq!((&bed["sensor"]["state"], &bed["reading"]["spo2"]), (&json!("silent"), &Value::Null));
    let health = station.http("").get("/healthz");
    assert_eq!(health.status, 503, "{}", health.text);
    assert!(health.json()["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{}", health.text);

    let back = Instant::now();
    line.spo2(96);
    socket.until(SECOND, "a number again", |said| said["type"] == "reading" && said["spo2"] == 96);
    let cleared = socket.alarm_within(SOON, "no_signal", "cleared");
    assert!(cleared.at - back < 5 * SECOND, "{:?}", cleared.at - back);
    within(SOON, "it is well again", || (station.http("").get("/healthz").status == 200).then_some(()));
}
