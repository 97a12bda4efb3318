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
    for heard in socket.listen(Duration::from_secs(5)) {
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

#[test]
fn a_sensor_that_hangs_is_silent_its_port_is_opened_anew_and_it_is_live_when_it_sends_again() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", sensor.path(), "contec-v7").start();
    let http = station.http(&token);
    let opened = || {
        let mut socket = station.socket(&token, "?beds=1");
        let reply = socket.command("1", json!({"command":"request","what":"device"}));
        reply["result"]["counters"]["opened"].as_i64().unwrap_or_else(|| panic!("{reply}"))
    };
    within(SOON, "it is live", || (http.bed("1")["sensor"]["state"] == "live").then_some(()));
    assert_eq!(opened(), 1);
    sensor.freeze();
    within(SOON, "it is silent", || (http.bed("1")["sensor"]["state"] == "silent").then_some(()));
    within(3 * SOON, "its port is opened anew", || (opened() > 1).then_some(()));
    let bed = http.bed("1");
    assert_eq!((&bed["sensor"]["state"], &bed["reading"]["spo2"]), (&json!("silent"), &Value::Null), "{bed}");
    sensor.thaw();
    within(SOON, "it is live again", || http.bed("1")["reading"]["spo2"].is_i64().then_some(()));
}

#[test]
fn a_port_with_two_names_is_opened_for_one_bed_and_the_other_says_which() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let link = folder.beside("by-id");
    std::os::unix::fs::symlink(line.path(), &link).unwrap();
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", &link, "cms50").bed("2", line.path(), "cms50").start();
    let http = station.http(&token);
    within(SOON, "the first has it", || (http.bed("1")["reading"]["spo2"] == 97).then_some(()));
    let sensor = http.bed("2")["sensor"].clone();
    assert_eq!(sensor["state"], "disconnected");
    assert!(sensor["message"].as_str().unwrap().contains("open for bed \"1\" already"), "{sensor}");
    assert_eq!((&sensor["adapter"], &sensor["question"]), (&Value::Null, &Value::Null));
}

#[test]
fn what_a_sensor_was_is_remembered_and_another_one_in_its_place_is_asked_about_until_a_nurse_confirms_it() {
    let folder = Folder::new();
    let link = folder.beside("ttyOximeter");
    let (viewer, nurse) = (folder.token("lab", "viewer"), folder.token("anna", "nurse"));
    let first = Sensor::at(&link, "nonin-df2", "steady");
    let station = folder.station().bed("1", &link, "auto").start();
    let http = station.http(&viewer);
    within(2 * SOON, "it is found by listening", || http.bed("1")["reading"]["spo2"].is_i64().then_some(()));
    assert_eq!(http.bed("1")["sensor"]["question"], Value::Null);
    station.stop();
    first.unplug();

    let second = Sensor::at(&link, "contec-v7", "steady");
    let station = folder.station().bed("1", &link, "auto").start();
    let http = station.http(&viewer);
    let question =
        within(3 * SOON, "it is asked about", || http.bed("1")["sensor"]["question"].as_str().map(str::to_owned));
    assert!(question.contains("where a nonin-df2 sensor was before"), "{question}");
    let confirm = json!({"command":"confirm_sensor"});
    assert_eq!(station.socket(&viewer, "").command("1", confirm.clone())["error"]["code"], "forbidden");
    let mut socket = station.socket(&nurse, "");
    assert_eq!(socket.command("1", confirm)["result"]["confirmed"], true);
    assert_eq!(http.bed("1")["sensor"]["question"], Value::Null);
    let events = http.json("/api/v1/events?from=-1m&kind=sensor_confirmed");
    assert_eq!(events["events"][0]["by"], "anna", "{events}");
    station.stop();

    let station = folder.station().bed("1", &link, "auto").start();
    let started = Instant::now();
    let http = station.http(&viewer);
    within(SOON, "it is live in its own protocol", || http.bed("1")["reading"]["spo2"].is_i64().then_some(()));
    assert!(started.elapsed() < 5 * SECOND, "nothing has to be found out: {:?}", started.elapsed());
    assert_eq!(http.bed("1")["sensor"]["question"], Value::Null);
    drop(second);
}

#[test]
fn a_bed_that_is_renamed_keeps_the_port_that_it_was_given_at_the_start() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let admin = folder.token("ada", "admin");
    let station = folder.station().bed("2", line.path(), "cms50").start();
    let http = station.http(&admin);
    within(SOON, "a number", || (http.bed("2")["reading"]["spo2"] == 97).then_some(()));
    let answer = http.ask("PUT", "/api/v1/beds/2", json!({ "name": "By the window" }).to_string().as_str());
    assert_eq!(answer.status, 200, "{}", answer.text);
    line.spo2(95);
    within(SOON, "the next number", || (http.bed("2")["reading"]["spo2"] == 95).then_some(()));
    let bed = http.bed("2");
    assert_eq!((&bed["name"], &bed["sensor"]["state"]), (&json!("By the window"), &json!("live")));
    assert_eq!(bed["sensor"]["protocol"], "cms50");
}

#[test]
fn a_text_sensor_whose_speed_is_set_in_its_menu_is_read_when_its_protocol_is_named() {
    let (folder, sensor) = (Folder::new(), Sensor::new("nellcor-ascii", "steady"));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", sensor.path(), "nellcor-ascii").start();
    let http = station.http(&token);
    let reading = within(Duration::from_secs(15), "a number", || {
        let bed = http.bed("1");
        bed["reading"]["spo2"].is_number().then_some(bed)
    });
    assert_eq!(reading["sensor"]["protocol"], "nellcor-ascii");
}

#[test]
fn a_sensor_of_every_protocol_is_recognised_by_its_bytes_and_read() {
    const PROTOCOLS: [&str; 10] = [
        "cms50",
        "contec-v7",
        "berry",
        "nonin-df1",
        "nonin-df2",
        "nonin-df7",
        "nonin-df8",
        "nonin-ascii",
        "masimo-ascii",
        "nellcor-ascii",
    ];
    let folder = Folder::new();
    let sensors: Vec<Sensor> = PROTOCOLS.iter().map(|protocol| Sensor::new(protocol, "steady")).collect();
    let token = folder.token("lab", "viewer");
    let beds = PROTOCOLS.iter().zip(&sensors);
    let station = beds.fold(folder.station(), |plan, (name, sensor)| plan.bed(name, sensor.path(), "auto")).start();
    let http = station.http(&token);
    for protocol in PROTOCOLS {
        // Six seconds until it is recognised, on a computer that does nothing else; then the first number.
        let bed = within(Duration::from_secs(20), protocol, || {
            let bed = http.bed(protocol);
            bed["reading"]["pulse_rate"].is_number().then_some(bed)
        });
        assert_eq!(bed["sensor"]["protocol"], protocol);
        assert!((94..=99).contains(&bed["reading"]["spo2"].as_i64().unwrap()), "{bed}");
        assert!((66..=78).contains(&bed["reading"]["pulse_rate"].as_i64().unwrap()), "{bed}");
        assert_eq!(bed["reading"]["status"], json!([]), "{protocol}");
    }
}

#[test]
fn a_sensor_that_sends_once_a_second_gives_a_reading_each_second() {
    let (folder, sensor) = (Folder::new(), Sensor::new("masimo-ascii", "steady"));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", sensor.path(), "masimo-ascii").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());
    let heard = socket.listen(Duration::from_secs(8));
    let readings = heard.iter().filter(|heard| heard.message["type"] == "reading").count();
    assert!((7..=9).contains(&readings), "{readings} in 8 s");
}
