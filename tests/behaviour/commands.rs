//! What staff can ask and order, over the WebSocket and over REST.

use crate::harness::{Folder, Next, SOON, Sensor, Ward, within};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

#[track_caller]
fn refused(reply: &Value, code: &str) {
    assert_eq!((&reply["ok"], &reply["error"]["code"]), (&json!(false), &json!(code)), "{reply}");
    assert!(reply["error"]["message"].as_str().is_some_and(|message| message.len() > 10), "{reply}");
}

#[test]
fn a_request_answers_with_the_newest_reading_the_device_and_the_wave() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", sensor.path(), "contec-v7").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());
    let reply = socket.command("1", json!({"command":"request","what":"reading"}));
    let reading = &reply["result"]["reading"];
    assert_eq!(reply["ok"], true, "{reply}");
    assert!((94..=99).contains(&reading["spo2"].as_i64().unwrap()) && reading["pulse_rate"].is_i64(), "{reply}");
    assert!((0.0..1.0).contains(&reading["age_s"].as_f64().unwrap()), "{reply}");

    let device = socket.command("1", json!({"command":"request","what":"device"}))["result"].clone();
    assert_eq!((&device["protocol"], &device["port"]), (&json!("contec-v7"), &json!(sensor.path())));
    assert!(device["model"].as_str().is_some_and(|model| !model.is_empty()), "{device}");
    assert!(device.get("firmware").is_some(), "{device}");
    assert!(device["counters"]["packets"].as_i64() > Some(10), "{device}");

    std::thread::sleep(2 * SECOND);
    let wave = socket.command("1", json!({"command":"request","what":"wave","seconds":1}))["result"].clone();
    let samples: usize =
        wave["waves"].as_array().unwrap().iter().map(|wave| wave["samples"].as_array().unwrap().len()).sum();
    assert!((40..=80).contains(&samples), "{samples} samples in a second: {wave}");
}

#[test]
fn a_reset_makes_the_sensor_see_its_start_again_and_shows_nothing_of_before() {
    let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", sensor.path(), "contec-v7").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());
    let before = sensor.times_started();
    assert!(before >= 1);
    sensor.freeze();
    let accepted = socket.command("1", json!({"command":"reset"}));
    assert_eq!((&accepted["ok"], &accepted["accepted"]), (&json!(true), &json!(true)), "{accepted}");
    let shown = socket.command("1", json!({"command":"request","what":"reading"}));
    assert_eq!(shown["result"]["reading"]["spo2"], Value::Null, "nothing of before the reset: {shown}");
    assert_eq!(station.http(&token).bed("1")["reading"]["spo2"], Value::Null);

    sensor.thaw();
    let done = socket.until(SOON, "the end of the reset", |said| said["type"] == "reply" && said["id"] == "c1").message;
    assert_eq!(done["ok"], true, "{done}");
    let seconds = done["result"]["first_good_sample_s"].as_f64().unwrap_or_else(|| panic!("{done}"));
    assert!((0.0..10.0).contains(&seconds), "{done}");
    sensor.is_started(before + 1, 2 * SECOND);
    socket.until(SOON, "numbers again", |said| said["type"] == "reading" && said["spo2"].is_i64());
    let events = station.http(&token).json("/api/v1/events?from=-1m&kind=sensor_reset");
    assert_eq!(events["events"][0]["by"], "anna", "{events}");
}

#[test]
fn without_a_name_all_active_alarms_of_the_bed_are_acknowledged() {
    let ward = Ward::showing(75);
    let mut anna = ward.nurse("anna");
    anna.command("1", json!({"command":"set_limits","delay_s":0}));
    let http = ward.station.http(&ward.folder.token("look", "viewer"));
    let both = || http.bed("1")["alarms"].clone();
    anna.alarm_within(SOON, "spo2_low", "active");
    within(SOON, "both alarms", || (both().as_array().unwrap().len() == 2).then_some(()));
    assert_eq!(anna.command("1", json!({"command":"acknowledge"}))["ok"], true);
    let alarms = both();
    assert_eq!(alarms.as_array().unwrap().len(), 2, "{alarms}");
    assert!(alarms.as_array().unwrap().iter().all(|alarm| alarm["acknowledged"]["by"] == "anna"), "{alarms}");
}

#[test]
fn audio_is_paused_for_a_while_and_everyone_sees_by_whom() {
    let ward = Ward::showing(97);
    let (mut anna, mut ben) = (ward.nurse("anna"), ward.nurse("ben"));
    for seconds in [json!(29), json!(121), json!(0), json!("60"), json!(60.5), Value::Null] {
        refused(&anna.command("1", json!({"command":"pause_audio","seconds":seconds})), "out_of_range");
    }
    let reply = anna.command("1", json!({"command":"pause_audio","seconds":60}));
    assert_eq!(reply["ok"], true, "{reply}");
    assert_eq!(ben.event("audio_paused")["by"], "anna");
    let http = ward.station.http(&ward.folder.token("look", "viewer"));
    let audio = http.bed("1")["audio"].clone();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let left = audio["paused_until"].as_i64().unwrap() - now;
    assert!((55_000..=60_000).contains(&left) && audio["by"] == "anna", "{audio}");

    assert_eq!(ben.command("1", json!({"command":"resume_audio"}))["ok"], true);
    assert_eq!(anna.event("audio_resumed")["by"], "ben");
    assert_eq!(http.bed("1")["audio"], json!({"paused_until":null,"by":null}));
}

#[test]
fn limits_are_taken_as_a_whole_or_not_at_all() {
    let ward = Ward::showing(97);
    let mut anna = ward.nurse("anna");
    let http = ward.station.http(&ward.folder.token("look", "viewer"));
    let before = http.bed("1")["limits"].clone();
    let ward_preset = json!({"spo2_low":90,"spo2_desat":80,"spo2_high":null,"pulse_low":50,"pulse_high":120,"delay_s":15,
        "area_delay":null});
    assert_eq!(before, ward_preset);
    for wrong in [
        json!({"spo2_low":49}),
        json!({"spo2_low":100}),
        json!({"spo2_low":85,"spo2_desat":85}),
        json!({"spo2_desat":39}),
        json!({"spo2_low":92,"spo2_high":92}),
        json!({"spo2_high":101}),
        json!({"pulse_low":19}),
        json!({"pulse_low":120}),
        json!({"pulse_high":301}),
        json!({"delay_s":61}),
        json!({"delay_s":-1}),
        json!({"area_delay":9}),
        json!({"spo2_low":88,"pulse_high":5}),
        json!({"spo2_low":"90"}),
        json!({"spo2_low":null}),
        json!({"spo2_lower":90}),
        json!({}),
    ] {
        let mut command = wrong.clone();
        command["command"] = "set_limits".into();
        let reply = anna.command("1", command);
        assert_eq!(reply["ok"], false, "{wrong}: {reply}");
        assert!(reply["error"]["message"].as_str().is_some_and(|message| message.len() > 10), "{wrong}: {reply}");
        assert_eq!(http.bed("1")["limits"], before, "{wrong} left something behind");
    }
    let good = json!({"command":"set_limits","spo2_low":88,"spo2_high":98,"delay_s":5,"area_delay":40});
    assert_eq!(anna.command("1", good)["ok"], true);
    let after = json!({"spo2_low":88,"spo2_desat":80,"spo2_high":98,"pulse_low":50,"pulse_high":120,"delay_s":5,
        "area_delay":40});
    assert_eq!(http.bed("1")["limits"], after);
    assert_eq!(anna.command("1", json!({"command":"set_limits","spo2_high":null,"area_delay":null}))["ok"], true);
    assert_eq!(http.bed("1")["limits"]["spo2_high"], Value::Null);
}

#[test]
fn what_a_sensor_cannot_do_is_said_in_words() {
    let ward = Ward::showing(97);
    let admin = ward.station.http(&ward.folder.token("otto", "admin"));
    for command in [json!({"command":"set_clock"}), json!({"command":"set_format","format":"cms50"})] {
        let answer = admin.command("1", &command);
        assert_eq!((answer.status, answer.code().as_str()), (409, "unsupported"), "{command}: {}", answer.text);
        assert!(answer.text.contains("Contec"), "{command}: {}", answer.text);
    }
}

#[test]
fn every_command_gets_one_reply_with_its_id_whatever_is_wrong_with_it() {
    let ward = Ward::showing(97);
    let mut anna = ward.nurse("anna");
    refused(&anna.command("9", json!({"command":"reset"})), "unknown_bed");
    refused(&anna.command("1", json!({"command":"dance"})), "unknown_command");
    for wrong in [
        json!({"command":"request"}),
        json!({"command":"request","what":"everything"}),
        json!({}),
        json!({"command":7}),
    ] {
        assert_eq!(anna.command("1", wrong.clone())["ok"], false, "{wrong}");
    }
    anna.say(&json!({"type":"command","id":"no-bed","command":"reset"}));
    assert_eq!(anna.reply("no-bed", SECOND)["ok"], false);
    for id in 0..20 {
        anna.say(&json!({"type":"command","id":format!("many-{id}"),"bed":"1","command":"request","what":"reading"}));
    }
    let mut replies: Vec<String> = Vec::new();
    let deadline = Instant::now() + 2 * SECOND;
    while let Next::Said(heard) = anna.next_within(deadline.saturating_duration_since(Instant::now())) {
        if heard.message["type"] == "reply" {
            replies.push(heard.message["id"].as_str().unwrap().to_owned());
        }
    }
    let mut wanted: Vec<String> = (0..20).map(|id| format!("many-{id}")).collect();
    replies.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(replies, wanted, "each its own, and each once");
}

#[test]
fn rest_answers_a_command_with_the_same_reply() {
    let ward = Ward::showing(97);
    ward.nurse("anna");
    let http = ward.station.http(&ward.folder.token("carl", "nurse"));
    let reply = http.done("1", &json!({"command":"request","what":"reading"}));
    assert_eq!(reply["ok"], true, "{reply}");
    assert_eq!(reply["result"]["reading"]["spo2"], 97);
    assert!(reply.get("type").is_none() && reply.get("id").is_none(), "{reply}");
    let answer = http.command("1", &json!({"command":"set_limits","spo2_low":20}));
    assert_eq!(answer.status, 400, "{}", answer.text);
    answer.code();
    let answer = http.command("9", &json!({"command":"reset"}));
    assert_eq!((answer.status, answer.code().as_str()), (404, "unknown_bed"));
    let answer = http.ask("POST", "/api/v1/beds/1/commands", "{not json");
    assert_eq!(answer.status, 400);
    answer.code();
    let long = json!({"command":"admit","patient":{"id":"x".repeat(70_000)}});
    assert_eq!(http.command("1", &long).status, 413);
    let reset = http.done("1", &json!({"command":"reset"}));
    assert!(reset["result"]["first_good_sample_s"].as_f64().is_some(), "{reset}");
}

#[test]
fn what_is_not_understood_is_answered_and_what_is_not_allowed_closes() {
    let ward = Ward::showing(97);
    let token = ward.folder.token("lab", "viewer");
    let mut socket = ward.station.socket(&token, "");
    socket.next_of("snapshot");
    for wrong in ["this is no JSON", "[1,2]", "{\"type\":\"dance\"}", "{}", "\"subscribe\"", "{\"type\":\"command\""] {
        socket.say_text(wrong);
        let error = socket.next_of("error");
        assert!(error["code"].is_string() && error["message"].is_string(), "{wrong}: {error}");
    }
    socket.say_text("{\"type\":\"dance\"}");
    assert_eq!(socket.next_of("error")["code"], "unknown_type");
    let empty = json!({"type":"dance","x":""}).to_string();
    let longest = json!({"type":"dance","x":"x".repeat((16 << 10) - empty.len())}).to_string();
    socket.say_text(&longest);
    assert_eq!(socket.next_of("error")["code"], "unknown_type", "16 KiB are allowed");
    socket.say_text(&format!("{longest} "));
    assert_eq!(socket.ending_within(5 * SECOND), Some(1009));

    let mut socket = ward.station.socket(&token, "");
    socket.say_bytes(vec![1, 2, 3]);
    assert_eq!(socket.ending_within(5 * SECOND), Some(1003));
}

#[test]
fn a_viewer_may_read_and_not_command() {
    let ward = Ward::showing(97);
    let token = ward.folder.token("lab", "viewer");
    let mut socket = ward.station.socket(&token, "");
    refused(&socket.command("1", json!({"command":"reset"})), "forbidden");
    refused(&socket.command("1", json!({"command":"acknowledge"})), "forbidden");
    let http = ward.station.http(&token);
    let answer = http.command("1", &json!({"command":"set_limits","spo2_low":88}));
    assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"));
    assert_eq!(http.get("/api/v1/beds").status, 200);
}
