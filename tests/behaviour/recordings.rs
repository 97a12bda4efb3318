//! Recordings in the memory of a sensor: listed, fetched, stopped, and gone on with after an unplug.

use crate::harness::{Folder, SOON, Sensor, Socket, Station, within};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Eight hours are fetched in less than this, on a loaded machine too.
const LONG: Duration = Duration::from_secs(60);

fn live(folder: &Folder, port: &Path, protocol: &str, role: &str) -> (Station, Socket) {
    let token = folder.token("anna", role);
    let station = folder.station().bed("1", port, protocol).start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());
    (station, socket)
}

/// Orders something that takes a while: it is accepted first. The id of the reply that will follow.
#[track_caller]
fn accepted(socket: &mut Socket, command: Value) -> Value {
    let reply = socket.command("1", command);
    assert_eq!((&reply["ok"], &reply["accepted"]), (&json!(true), &json!(true)), "{reply}");
    reply["id"].clone()
}

#[track_caller]
fn end_of(socket: &mut Socket, id: &Value) -> Value {
    socket.until(LONG, "the end of it", |said| said["type"] == "reply" && said["id"] == *id).message
}

#[track_caller]
fn done(socket: &mut Socket, command: Value) -> Value {
    let id = accepted(socket, command);
    let reply = end_of(socket, &id);
    assert_eq!(reply["ok"], true, "{reply}");
    reply["result"].clone()
}

#[test]
fn a_nurse_sees_what_a_sensor_holds_while_its_live_values_go_on() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let (station, mut socket) = live(&folder, sensor.path(), "contec-v7", "nurse");
    let list = done(&mut socket, json!({"command":"request","what":"recordings"}));
    let list = list["recordings"].as_array().unwrap().clone();
    let seconds: Vec<_> = list.iter().map(|recording| recording["seconds"].as_i64().unwrap()).collect();
    assert_eq!(seconds, [617, 28_800, 45], "{list:?}");
    assert_eq!(
        list[2],
        json!({"recording":"0/3","user":0,"segment":3,"seconds":45,"start":"2026-03-10T06:58:12","perfusion_index":true})
    );
    assert_eq!(station.http(&folder.token("look", "viewer")).bed("1")["sensor"]["state"], "live");
}

#[test]
fn recordings_are_fetched_with_their_gaps_and_stand_apart_from_the_beds_readings() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let (station, mut socket) = live(&folder, sensor.path(), "contec-v7", "nurse");
    let result = done(&mut socket, json!({"command":"download","recordings":["0/1","0/3"]}));
    let fetched = result["recordings"].as_array().unwrap().clone();
    // Ten minutes with the finger out for seven seconds twice; 45 s with a perfusion index.
    assert_eq!((&fetched[0]["seconds"], &fetched[0]["missing_s"]), (&json!(617), &json!(14)), "{result}");
    assert_eq!((&fetched[1]["seconds"], &fetched[1]["missing_s"]), (&json!(45), &json!(0)), "{result}");
    assert!(fetched.iter().all(|recording| recording["already"] == false), "{result}");

    let http = station.http(&folder.token("look", "viewer"));
    let list = http.json("/api/v1/beds/1/recordings")["recordings"].as_array().unwrap().clone();
    let row = list.iter().find(|row| row["id"] == fetched[0]["id"]).unwrap();
    assert_eq!((&row["sensor"], &row["by"], &row["seconds"]), (&json!("CMS50I"), &json!("anna"), &json!(617)), "{row}");
    assert_eq!((&row["lost_s"], &row["confirmed"]), (&json!(0), &json!(true)), "{row}");
    assert!(row["start"].is_i64() && row["fetched"].is_i64(), "{row}");

    let path = format!("/api/v1/beds/1/recordings/{}", fetched[0]["id"]);
    let samples = http.json(&path)["samples"].as_array().unwrap().clone();
    assert_eq!(samples.len(), 617);
    assert_eq!(samples[0], json!({"offset_s":0,"spo2":97,"pulse_rate":58,"perfusion_index":null}));
    for (gap, sample) in samples.iter().enumerate().take(297).skip(290) {
        assert_eq!(sample, &json!({"offset_s":gap,"spo2":null,"pulse_rate":null,"perfusion_index":null}));
    }
    assert!(samples[297]["spo2"].is_i64(), "{}", samples[297]);
    let csv = http.get(&format!("{path}?format=csv"));
    assert_eq!(csv.text.lines().nth(291), Some("290,,,"));
    assert_eq!(csv.text.lines().count(), 618);
    assert_eq!(http.get("/api/v1/beds/1/recordings/99").status, 404);
    assert_eq!(http.get(&format!("{path}?format=xls")).status, 400);

    // What was recorded before today stands nowhere among the bed's own readings.
    let readings = http.json("/api/v1/beds/1/readings?from=2026-03-01T00:00:00Z&to=2026-03-11T00:00:00Z");
    assert_eq!(readings["readings"], json!([]));
    let events = http.json("/api/v1/events?from=-5m&kind=recording_fetched");
    assert_eq!(
        (events["events"].as_array().unwrap().len(), &events["events"][0]["by"]),
        (2, &json!("anna")),
        "{events}"
    );
    let audited: i64 = folder
        .database()
        .query_row("SELECT count(*) FROM audit WHERE what IN ('download_started', 'recording_fetched')", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(audited, 3);
}

#[test]
fn the_same_recording_is_not_stored_twice_and_live_values_come_again_after_each_download() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let (station, mut socket) = live(&folder, sensor.path(), "contec-v7", "nurse");
    let first = done(&mut socket, json!({"command":"download","recordings":["0/3"]}));
    let again = done(&mut socket, json!({"command":"download","recordings":["0/3"]}));
    assert_eq!(again["recordings"][0]["already"], true, "{again}");
    assert_eq!(again["recordings"][0]["id"], first["recordings"][0]["id"]);
    let http = station.http(&folder.token("look", "viewer"));
    assert_eq!(http.json("/api/v1/beds/1/recordings")["recordings"].as_array().unwrap().len(), 1);
    within(SOON, "live values", || http.bed("1")["reading"]["spo2"].is_i64().then_some(()));
}

#[test]
fn while_a_sensor_sends_what_it_has_stored_its_live_values_are_gone_and_it_says_why() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let (station, mut socket) = live(&folder, sensor.path(), "contec-v7", "nurse");
    let id = accepted(&mut socket, json!({"command":"download","recordings":["0/2"]}));
    let http = station.http(&folder.token("look", "viewer"));
    let bed = within(SOON, "progress, and no number", || {
        let bed = http.bed("1");
        let download = &bed["sensor"]["download"];
        (download["seconds"].as_i64() > Some(1_000) && bed["reading"]["spo2"].is_null()).then_some(bed)
    });
    let sensor = &bed["sensor"];
    assert!(sensor["message"].as_str().is_some_and(|words| words.contains("sending its recordings")), "{sensor}");
    let download = &sensor["download"];
    assert_eq!((&download["recording"], &download["of"]), (&json!(1), &json!(1)), "{sensor}");
    assert_eq!((&download["of_seconds"], &download["waiting"]), (&json!(28_800), &json!(false)), "{sensor}");
    assert_eq!(download["by"], "anna");
    let busy = socket.command("1", json!({"command":"download"}));
    assert_eq!(busy["error"]["code"], "busy", "{busy}");

    let reply = end_of(&mut socket, &id);
    assert_eq!(reply["result"]["recordings"][0]["seconds"], 28_800, "{reply}");
    within(SOON, "live values", || {
        let bed = http.bed("1");
        (bed["reading"]["spo2"].is_i64() && bed["sensor"]["download"].is_null() && bed["sensor"]["message"].is_null())
            .then_some(())
    });
}

#[test]
fn a_download_that_is_stopped_keeps_what_had_come_whole() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let (station, mut socket) = live(&folder, sensor.path(), "contec-v7", "nurse");
    let none = socket.command("1", json!({"command":"stop_download"}));
    assert_eq!(none["error"]["code"], "no_download", "{none}");
    let id = accepted(&mut socket, json!({"command":"download"}));
    let http = station.http(&folder.token("look", "viewer"));
    within(SOON, "the second is on its way", || {
        let download = http.bed("1")["sensor"]["download"].clone();
        (download["recording"] == 2 && download["seconds"].as_i64() > Some(0)).then_some(())
    });
    let stopped = socket.command("1", json!({"command":"stop_download"}));
    assert_eq!((&stopped["ok"], &stopped["result"]["fetched"]), (&json!(true), &json!(1)), "{stopped}");
    let reply = end_of(&mut socket, &id);
    assert_eq!((&reply["ok"], &reply["error"]["code"]), (&json!(false), &json!("stopped")), "{reply}");
    assert!(reply["error"]["message"].as_str().is_some_and(|words| words.contains("1 recording")), "{reply}");
    assert_eq!(http.json("/api/v1/beds/1/recordings")["recordings"].as_array().unwrap().len(), 1);
    within(SOON, "live values", || http.bed("1")["reading"]["spo2"].is_i64().then_some(()));
}

#[test]
fn an_unplug_in_the_middle_costs_the_recording_on_its_way_and_it_is_fetched_when_the_sensor_is_back() {
    let folder = Folder::new();
    let link = folder.beside("ttyOximeter");
    let sensor = Sensor::at(&link, "contec-v7", "steady");
    let (station, mut socket) = live(&folder, &link, "contec-v7", "nurse");
    let id = accepted(&mut socket, json!({"command":"download"}));
    let http = station.http(&folder.token("look", "viewer"));
    within(SOON, "the second is on its way", || {
        let download = http.bed("1")["sensor"]["download"].clone();
        (download["recording"] == 2 && download["seconds"].as_i64() > Some(1_000)).then_some(())
    });
    sensor.unplug();
    within(SOON, "it waits", || (http.bed("1")["sensor"]["download"]["waiting"] == true).then_some(()));
    assert_eq!(http.json("/api/v1/beds/1/recordings")["recordings"].as_array().unwrap().len(), 1);

    let _sensor = Sensor::at(&link, "contec-v7", "steady");
    let reply = end_of(&mut socket, &id);
    let seconds: Vec<_> = reply["result"]["recordings"]
        .as_array()
        .unwrap_or_else(|| panic!("{reply}"))
        .iter()
        .map(|recording| recording["seconds"].as_i64().unwrap())
        .collect();
    assert_eq!(seconds, [617, 28_800, 45], "{reply}");
    assert_eq!(http.json("/api/v1/beds/1/recordings")["recordings"].as_array().unwrap().len(), 3);
}

#[test]
fn a_reset_in_the_middle_is_like_an_unplug() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let (station, mut socket) = live(&folder, sensor.path(), "contec-v7", "nurse");
    let id = accepted(&mut socket, json!({"command":"download","recordings":["0/2"]}));
    let http = station.http(&folder.token("look", "viewer"));
    within(SOON, "it is on its way", || {
        (http.bed("1")["sensor"]["download"]["seconds"].as_i64() > Some(1_000)).then_some(())
    });
    accepted(&mut socket, json!({"command":"reset"}));
    let reply = end_of(&mut socket, &id);
    assert_eq!(reply["result"]["recordings"][0]["seconds"], 28_800, "{reply}");
}

#[test]
fn an_older_contec_gives_its_only_recording() {
    let (folder, sensor) = (Folder::new(), Sensor::new("cms50", "steady"));
    let (station, mut socket) = live(&folder, sensor.path(), "cms50", "nurse");
    let list = done(&mut socket, json!({"command":"request","what":"recordings"}));
    assert_eq!(
        list["recordings"],
        json!([{"recording":"0/0","user":0,"segment":0,"seconds":null,"start":null,"perfusion_index":false}])
    );
    let result = done(&mut socket, json!({"command":"download"}));
    assert_eq!((&result["recordings"][0]["seconds"], &result["recordings"][0]["missing_s"]), (&json!(617), &json!(14)));
    let http = station.http(&folder.token("look", "viewer"));
    let row = http.json("/api/v1/beds/1/recordings")["recordings"][0].clone();
    // It has no clock, and sends its recording once.
    assert_eq!((&row["start"], &row["sensor_start"], &row["confirmed"]), (&json!(null), &json!(null), &json!(false)));
    within(SOON, "live values", || http.bed("1")["reading"]["spo2"].is_i64().then_some(()));
}

#[test]
fn what_a_sensor_cannot_is_refused_with_the_reason() {
    let (folder, sensor) = (Folder::new(), Sensor::new("nonin-df2", "steady"));
    let (_station, mut socket) = live(&folder, sensor.path(), "nonin-df2", "admin");
    for command in [json!({"command":"request","what":"recordings"}), json!({"command":"download"})] {
        let reply = socket.command("1", command);
        assert_eq!(reply["error"]["code"], "unsupported", "{reply}");
        assert!(reply["error"]["message"].as_str().is_some_and(|words| words.contains("Nonin")), "{reply}");
    }
    let device = within(SOON, "the sensor told its serial number", || {
        let device = socket.command("1", json!({"command":"request","what":"device"}))["result"].clone();
        device["serial_number"].is_string().then_some(device)
    });
    assert!(device["clock"].as_str().is_some_and(|clock| clock.starts_with("2026-03-10T07:05")), "{device}");
    let wrong = socket.command("1", json!({"command":"set_format","format":"cms50"}));
    assert_eq!(wrong["ok"], false, "{wrong}");
}

#[test]
fn an_admin_sets_the_clock_and_a_nurse_may_not() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let (station, mut socket) = live(&folder, sensor.path(), "contec-v7", "admin");
    let nurse = station.http(&folder.token("ben", "nurse")).command("1", &json!({"command":"set_clock"}));
    assert_eq!((nurse.status, nurse.code().as_str()), (403, "forbidden"));
    let result = done(&mut socket, json!({"command":"set_clock"}));
    assert!(result["clock"].as_str().is_some_and(|clock| clock.len() == 19), "{result}");
    let http = station.http(&folder.token("look", "viewer"));
    let events = http.json("/api/v1/events?from=-1m&kind=clock_set");
    assert_eq!(events["events"][0]["by"], "anna", "{events}");
}
