//! Sensors that come, go, are not there, or talk nonsense.

use crate::harness::{Folder, Line, SOON, Says, Sensor, within};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

fn has(said: &Value, status: &str) -> bool {
    said["type"] == "reading" && said["status"].as_array().is_some_and(|words| words.contains(&json!(status)))
}

#[test]
fn an_unplugged_sensor_shows_no_number_and_comes_back_by_itself() {
    let folder = Folder::new();
    let link = folder.beside("ttyOximeter");
    let sensor = Sensor::at(&link, "contec-v7", "steady");
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", &link, "contec-v7").start();
    let mut socket = station.socket(&token, "");
    let hello = socket.next();
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());

    let pulled = Instant::now();
    sensor.unplug();
    let gone = socket.until(SOON, "disconnected", |said| has(said, "disconnected"));
    assert!(gone.at - pulled < 2 * SECOND, "{:?}", gone.at - pulled);
    assert_eq!((&gone.message["spo2"], &gone.message["pulse_rate"]), (&Value::Null, &Value::Null));
    let alarm = socket.alarm_within(SOON, "sensor_disconnected", "active");
    assert!(alarm.at - pulled < 2 * SECOND, "{:?}", alarm.at - pulled);
    let http = station.http(&token);
    let bed = http.bed("1");
    assert_eq!((&bed["sensor"]["state"], &bed["reading"]["spo2"]), (&json!("disconnected"), &Value::Null));
    assert_eq!(station.http("").get("/healthz").status, 503);
    let events = http.json("/api/v1/events?from=-1m&kind=sensor_disconnected");
    assert_eq!(events["events"][0]["detail"]["port"], json!(link), "{events}");

    // For a while; what it showed is not shown again.
    assert!(socket.listen(2 * SECOND).iter().all(|heard| !heard.message["spo2"].is_i64()));
    let returned = Instant::now();
    let _sensor = Sensor::at(&link, "contec-v7", "steady");
    let back = socket.until(SOON, "a number again", |said| said["type"] == "reading" && said["spo2"].is_i64());
    let cleared = socket.alarm_within(SOON, "sensor_disconnected", "cleared");
    assert!(cleared.at - returned < 5 * SECOND + SECOND, "{:?} after the return", cleared.at - returned);
    assert!(cleared.at - back.at < 5 * SECOND);
    assert_eq!(cleared.message["id"], alarm.message["id"]);
    within(SOON, "it is well again", || (station.http("").get("/healthz").status == 200).then_some(()));

    let record = http.json("/api/v1/record?limit=10000");
    assert_eq!(record["epoch"], hello["epoch"]);
    let numbers: Vec<i64> =
        record["record"].as_array().unwrap().iter().map(|line| line["seq"].as_i64().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "the count goes on: {numbers:?}");
}

#[test]
fn a_sensor_that_is_pulled_out_over_and_over_is_live_each_time_it_is_there() {
    let folder = Folder::new();
    let link = folder.beside("ttyOximeter");
    let _sensor = Sensor::at(&link, "cms50", "unplug");
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", &link, "cms50").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());
    socket.until(Duration::from_secs(10), "it is pulled out", |said| has(said, "disconnected"));
    socket.until(Duration::from_secs(14), "it is back", |said| said["type"] == "reading" && said["spo2"].is_i64());
}

#[test]
fn a_port_that_is_not_there_is_told_with_the_remedy_and_taken_when_it_comes() {
    let (folder, other) = (Folder::new(), Line::numbers(97, 72));
    let link = folder.beside("ttyLater");
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", &link, "contec-v7").bed("2", other.path(), "cms50").start();
    let http = station.http(&token);
    let sensor = within(3 * SECOND, "the bed says what is wrong", || {
        let bed = http.bed("1");
        (bed["sensor"]["state"] == "disconnected").then(|| bed["sensor"].clone())
    });
    let words = sensor["message"].as_str().unwrap_or_else(|| panic!("{sensor}"));
    assert!(words.contains(link.to_str().unwrap()) && words.contains("Plug"), "{words}");
    within(SOON, "everything else runs", || (http.bed("2")["reading"]["spo2"] == 97).then_some(()));

    let _sensor = Sensor::at(&link, "contec-v7", "steady");
    let plugged = Instant::now();
    within(SOON, "the sensor is live", || http.bed("1")["reading"]["spo2"].is_i64().then_some(()));
    assert!(plugged.elapsed() < 6 * SECOND, "{:?}", plugged.elapsed());
}

#[test]
fn a_port_that_somebody_has_is_told_with_who_has_it() {
    let (first, second, line) = (Folder::new(), Folder::new(), Line::numbers(97, 72));
    let holder = first.station().bed("1", line.path(), "cms50").start();
    let token = first.token("lab", "viewer");
    within(SOON, "the first has it", || (holder.http(&token).bed("1")["reading"]["spo2"] == 97).then_some(()));
    let token = second.token("lab", "viewer");
    let station = second.station().bed("1", line.path(), "cms50").start();
    let words = within(5 * SECOND, "the bed says what is wrong", || {
        station.http(&token).bed("1")["sensor"]["message"].as_str().map(str::to_owned)
    });
    assert!(words.contains("in use by"), "{words}");
    holder.stop();
    within(2 * SOON, "it is taken when it is free", || {
        (station.http(&token).bed("1")["reading"]["spo2"] == 97).then_some(())
    });
}

#[test]
fn garbage_on_the_line_is_counted_and_never_a_number() {
    let folder = Folder::new();
    let (dirty, noise) = (Sensor::new("contec-v7", "garbage"), Line::saying(Says::Garbage));
    let unknown = Line::saying(Says::Garbage);
    let token = folder.token("anna", "nurse");
    let plan = folder.station().bed("dirty", dirty.path(), "contec-v7").bed("noise", noise.path(), "cms50");
    let station = plan.bed("unknown", unknown.path(), "auto").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());
    for heard in socket.listen(Duration::from_secs(8)) {
        let said = heard.message;
        if said["type"] == "reading" && said["bed"] != "dirty" {
            assert_eq!((&said["spo2"], &said["pulse_rate"]), (&Value::Null, &Value::Null), "{said}");
        }
        if let (Some(spo2), Some(pulse)) = (said["spo2"].as_i64(), said["pulse_rate"].as_i64()) {
            assert!((94..=99).contains(&spo2) && (66..=78).contains(&pulse), "{said}");
        }
    }
    for bed in ["dirty", "noise"] {
        let counters = socket.command(bed, json!({"command":"request","what":"device"}))["result"]["counters"].clone();
        let refused = counters["rejected"].as_i64().unwrap() + counters["skipped"].as_i64().unwrap();
        assert!(refused > 0, "{bed}: {counters}");
    }
    let sensor = station.http(&token).bed("unknown")["sensor"].clone();
    assert!(sensor["state"] == "searching" && sensor["message"].is_string(), "nothing is taken for a sensor: {sensor}");
}

#[test]
fn a_sensor_that_searches_says_so_and_shows_no_number() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "searching"));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", sensor.path(), "contec-v7").start();
    let mut socket = station.socket(&token, "");
    within(SOON, "it is live", || (station.http(&token).bed("1")["sensor"]["state"] == "live").then_some(()));
    let reading = socket.until(SOON, "searching", |said| has(said, "searching") && said["signal_strength"].is_number());
    assert_eq!((&reading.message["spo2"], &reading.message["pulse_rate"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_weak_signal_a_low_battery_and_motion_are_told_with_the_numbers() {
    let folder = Folder::new();
    let weak = Sensor::new("contec-v7", "low-perfusion");
    let battery = Sensor::new("nonin-df2", "low-battery");
    let motion = Sensor::new("nonin-df2", "artifact");
    let token = folder.token("lab", "viewer");
    let station = folder
        .station()
        .bed("weak", weak.path(), "contec-v7")
        .bed("battery", battery.path(), "nonin-df2")
        .bed("motion", motion.path(), "nonin-df2")
        .start();
    let mut socket = station.socket(&token, "");
    let mut wanted = vec![("weak", "weak_signal"), ("battery", "low_battery"), ("motion", "artifact")];
    while !wanted.is_empty() {
        let said = socket.until(Duration::from_secs(15), &format!("{wanted:?}"), |said| {
            said["type"] == "reading" && wanted.iter().any(|(bed, status)| said["bed"] == *bed && has(said, status))
        });
        assert!(said.message["spo2"].is_i64(), "{}", said.text);
        wanted.retain(|(bed, _)| said.message["bed"] != *bed);
    }
}

#[test]
fn every_scenario_of_the_simulator_runs_in_every_protocol() {
    let scenarios = [
        "steady",
        "desaturation",
        "brady",
        "tachy",
        "finger-out",
        "searching",
        "low-perfusion",
        "artifact",
        "silence",
        "unplug",
        "garbage",
        "low-battery",
        "apnea",
    ];
    let folder = Folder::new();
    let token = folder.token("lab", "viewer");
    let mut sensors = Vec::new();
    for (number, scenario) in scenarios.iter().enumerate() {
        let protocol = ["contec-v7", "cms50", "nonin-df2"][number % 3];
        let link = folder.beside(scenario);
        sensors.push((*scenario, protocol, Sensor::at(&link, protocol, scenario), link));
    }
    let plan = sensors.iter().fold(folder.station(), |plan, (id, protocol, _, link)| plan.bed(id, link, protocol));
    let station = plan.start();
    let http = station.http(&token);
    for (scenario, ..) in &sensors {
        within(SOON, &format!("{scenario} is live"), || {
            let state = http.bed(scenario)["sensor"]["state"].clone();
            (state == "live").then_some(())
        });
    }
}
