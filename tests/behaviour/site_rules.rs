//! What a site decides for its alarms, and what staff may take back, seen from outside.

use crate::harness::{Folder, Line, QUIET, SOON, Socket, Station};
use serde_json::{Value, json};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// A bed at 97 with a nurse and an admin listening, at a site with these rules.
struct Ward {
    line: Line,
    nurse: Socket,
    admin: Socket,
    station: Station,
    admin_token: String,
    _folder: Folder,
}

fn ward(rules: &str) -> Ward {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    std::fs::write(folder.data().join("oxiward.toml"), format!("{QUIET}[alarms]\n{rules}")).unwrap();
    let (nurse, admin_token) = (folder.token("anna", "nurse"), folder.token("chief", "admin"));
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let mut nurse = station.socket(&nurse, "?views=1");
    nurse.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
    assert_eq!(nurse.command("1", json!({"command":"set_limits","delay_s":0}))["ok"], true);
    let admin = station.socket(&admin_token, "?views=1");
    Ward { line, nurse, admin, station, admin_token, _folder: folder }
}

impl Ward {
    /// SpO₂ falls to this; the alarm that comes of it.
    fn falls_to(&mut self, spo2: u8, condition: &str) -> Value {
        self.line.spo2(spo2);
        self.nurse.alarm_within(SOON, condition, "active").message
    }
}

/// Waits until the view of the bed is as wanted.
fn shows(socket: &mut Socket, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    socket.until(SOON, what, |said| said["type"] == "bed" && wanted(&said["bed"])).message["bed"].clone()
}

#[test]
fn an_acknowledgement_can_be_taken_back_and_the_alarm_is_unanswered_again() {
    let mut ward = ward("");
    let alarm = ward.falls_to(86, "spo2_low");
    let id = alarm["id"].clone();
    assert_eq!(ward.nurse.command("1", json!({"command":"acknowledge","alarm":id}))["ok"], true);
    // Anybody may: also who did not give it, and without saying where the alarm is.
    ward.admin.say(&json!({"type":"command","id":"w","command":"withdraw","alarm":id}));
    let reply = ward.admin.reply("w", SOON);
    assert_eq!((&reply["ok"], &reply["result"]["was"]["by"]), (&json!(true), &json!("anna")), "{reply}");
    let told = ward.nurse.until(SOON, "the alarm without an answer", |said| {
        said["type"] == "alarm" && said["id"] == id && said["acknowledged"].is_null() && said["time"] != alarm["time"]
    });
    assert_eq!(told.message["state"], "active");
    let events = ward.station.http(&ward.admin_token).json("/api/v1/events?from=-5m&kind=acknowledgement_withdrawn");
    assert_eq!((&events["events"][0]["by"], &events["events"][0]["detail"]["alarm"]), (&json!("chief"), &id));

    let again = ward.nurse.command("1", json!({"command":"withdraw","alarm":id}));
    assert_eq!(again["error"]["code"], "not_acknowledged", "{again}");
    let unknown = ward.nurse.command("1", json!({"command":"withdraw","alarm":"a-9999"}));
    assert_eq!(unknown["error"]["code"], "unknown_alarm", "{unknown}");
}

#[test]
fn where_the_site_latches_a_high_alarm_that_ended_unanswered_stays_until_somebody_has_seen_it() {
    let mut ward = ward("latch_high = true");
    assert_eq!(ward.station.socket(&ward.admin_token, "").next()["site"]["latch_high"], true);
    let id = ward.falls_to(74, "spo2_desat")["id"].clone();
    ward.line.spo2(97);
    let cleared = ward.nurse.alarm_within(SOON, "spo2_desat", "cleared").message;
    assert_eq!((&cleared["id"], &cleared["acknowledged"]), (&id, &Value::Null));
    let bed = shows(&mut ward.nurse, "it stays to be seen", |bed| bed["latched"][0]["id"] == id);
    assert_eq!((&bed["latched"][0]["worst"], &bed["announcement"]), (&json!(74), &Value::Null), "{bed}");

    assert_eq!(ward.nurse.command("1", json!({"command":"acknowledge","alarm":id}))["ok"], true);
    let seen = ward.admin.until(SOON, "it was seen", |said| {
        said["type"] == "alarm" && said["id"] == id && said["acknowledged"]["by"] == "anna"
    });
    assert_eq!(seen.message["state"], "cleared");
    let http = ward.station.http(&ward.admin_token);
    assert_eq!(http.bed("1")["latched"], json!([]));
}

#[test]
fn sound_and_alarms_are_turned_off_only_where_the_site_allows_it_by_an_admin_and_with_a_reminder() {
    let mut strict = ward("");
    let refused = strict.admin.command("1", json!({"command":"turn_off","what":"audio"}));
    assert_eq!(refused["error"]["code"], "not_allowed", "{refused}");
    drop(strict);

    let mut ward = ward("audio_off = true\nreminder_s = 10");
    let nurse = ward.nurse.command("1", json!({"command":"turn_off","what":"audio"}));
    assert_eq!(nurse["error"]["code"], "forbidden", "{nurse}");
    let alarms = ward.admin.command("1", json!({"command":"turn_off","what":"alarms"}));
    assert_eq!(alarms["error"]["code"], "not_allowed", "the site allows the sound alone: {alarms}");
    assert_eq!(ward.admin.command("1", json!({"command":"turn_off","what":"audio"}))["ok"], true);
    let bed = shows(&mut ward.nurse, "AUDIO OFF", |bed| bed["off"]["what"] == "audio");
    assert_eq!(bed["off"]["by"], "chief");
    ward.falls_to(86, "spo2_low");
    let bed = ward.station.http(&ward.admin_token).bed("1");
    assert_eq!((&bed["alarms"][0]["condition"], &bed["announcement"]), (&json!("spo2_low"), &Value::Null), "unheard");
    let reminder = ward.nurse.until(15 * SECOND, "a reminder", |said| said["kind"] == "off_reminder").message;
    assert_eq!((&reminder["bed"], &reminder["detail"]["by"]), (&json!("1"), &json!("chief")));

    assert_eq!(ward.nurse.command("1", json!({"command":"turn_on"}))["ok"], true, "a nurse may turn it on");
    let bed = shows(&mut ward.nurse, "on again", |bed| bed["off"].is_null());
    assert_eq!(bed["announcement"]["priority"], "medium", "what holds signals at once: {bed}");
}

#[test]
fn an_alarm_that_nobody_answers_is_announced_ever_more_urgently() {
    let mut ward = ward("escalation = { after_s = 10, steps = 2 }");
    let alarm = ward.falls_to(86, "spo2_low");
    let raised = ward.admin.until(15 * SECOND, "it rises", |said| said["kind"] == "escalated").message;
    assert_eq!(
        (&raised["detail"]["alarms"], &raised["detail"]["step"], &raised["detail"]["priority"]),
        (&json!([alarm["id"]]), &json!(1), &json!("high")),
    );
    let bed = shows(&mut ward.nurse, "the announcement", |bed| bed["announcement"]["step"] == 1);
    assert_eq!((&bed["announcement"]["priority"], &bed["alarms"][0]["priority"]), (&json!("high"), &json!("medium")));
    let waited = raised["time"].as_i64().unwrap() - alarm["time"].as_i64().unwrap();
    assert!((9_900..11_000).contains(&waited), "{waited} ms");
    ward.nurse.command("1", json!({"command":"acknowledge"}));
    let later = ward.admin.listen(12 * SECOND);
    assert!(later.iter().all(|heard| heard.message["kind"] != "escalated"), "an answer ends it");
}

#[test]
fn a_rapid_fall_does_not_wait_for_the_delay_where_the_site_has_it_so() {
    let mut ward = ward("rapid_fall = { points = 10, seconds = 30 }");
    assert_eq!(ward.nurse.command("1", json!({"command":"set_limits","delay_s":60}))["ok"], true);
    ward.falls_to(86, "spo2_low");
}

#[test]
fn a_delay_that_runs_is_shown_before_the_alarm() {
    let mut ward = ward("");
    ward.nurse.command("1", json!({"command":"set_limits","delay_s":20}));
    ward.line.spo2(86);
    let bed = shows(&mut ward.nurse, "a delay runs", |bed| bed["pending"] != json!([]));
    let early = &bed["pending"][0];
    assert_eq!(early["condition"], "spo2_low");
    let bed =
        shows(&mut ward.nurse, "it goes on", |bed| bed["pending"][0]["fraction"].as_f64() > early["fraction"].as_f64());
    assert!(bed["pending"][0]["fraction"].as_f64().unwrap() < 1.0);
    ward.line.spo2(97);
    shows(&mut ward.nurse, "the value turned", |bed| bed["pending"] == json!([]));
}

#[test]
fn beds_show_where_they_differ_from_the_wards_preset_and_go_back_to_it_at_discharge() {
    let mut ward = ward("preset = \"child\"");
    let http = ward.station.http(&ward.admin_token);
    let presets = http.json("/api/v1/presets");
    assert_eq!((&presets["ward"]["from"], &presets["ward"]["limits"]["pulse_low"]), (&json!("child"), &json!(75)));
    assert_eq!(presets["starting_points"].as_array().unwrap().len(), 3);
    assert_eq!(http.bed("1")["preset_differs"], json!(["delay_s"]), "the nurse changed it");

    assert_eq!(ward.nurse.command("1", json!({"command":"discharge"}))["ok"], true);
    let bed = http.bed("1");
    assert_eq!((&bed["preset_differs"], &bed["limits"]["delay_s"]), (&json!([]), &json!(15)));

    // A bed without a patient follows the ward; one with a patient keeps what was decided for the patient.
    let body = json!({"from": "adult", "spo2_low": 92});
    let answer = http.ask("PUT", "/api/v1/presets/ward", body.to_string());
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert_eq!((&answer.json()["ward"]["from"], &answer.json()["ward"]["by"]), (&Value::Null, &json!("chief")));
    let bed = shows(&mut ward.nurse, "it follows", |bed| bed["limits"]["spo2_low"] == 92);
    assert_eq!((&bed["preset_differs"], &bed["limits"]["pulse_low"]), (&json!([]), &json!(50)));
    assert_eq!(ward.nurse.command("1", json!({"command":"admit","patient":{"id":"4711"}}))["ok"], true);
    http.ask("PUT", "/api/v1/presets/ward", json!({"from": "neonate"}).to_string());
    let bed = shows(&mut ward.nurse, "it differs", |bed| bed["preset_differs"] != json!([]));
    assert_eq!(bed["limits"]["spo2_low"], 92);

    let refused = http.ask("PUT", "/api/v1/presets/ward", json!({"spo2_low": 70}).to_string());
    assert_eq!((refused.status, refused.code().as_str()), (400, "bad_limits"), "below spo2_desat");
}

#[test]
fn a_ward_preset_survives_a_restart_and_goes_before_the_settings_file() {
    let folder = Folder::new();
    let admin = folder.token("chief", "admin");
    let station = folder.station().start();
    station.http(&admin).ask("PUT", "/api/v1/presets/ward", json!({"from": "neonate"}).to_string());
    station.kill();
    std::fs::write(folder.data().join("oxiward.toml"), format!("{QUIET}[alarms]\npreset = \"child\"")).unwrap();
    let line = Line::numbers(97, 140);
    let station = folder.station().bed("new", line.path(), "cms50").start();
    let http = station.http(&admin);
    assert_eq!(http.json("/api/v1/presets")["ward"]["from"], "neonate");
    assert_eq!(http.bed("new")["limits"]["spo2_high"], 95, "a new bed begins with it");
}

#[test]
fn whoever_connects_is_told_how_long_the_station_was_down() {
    let folder = Folder::new();
    let token = folder.token("anna", "nurse");
    let first = folder.station().start();
    assert_eq!(first.socket(&token, "").next()["run"]["down_s"], Value::Null, "its first run");
    first.kill();
    std::thread::sleep(2 * SECOND);
    let hello = folder.station().start().socket(&token, "").next();
    let run = &hello["run"];
    assert_eq!(run["clean"], false);
    assert!((2.0..30.0).contains(&run["down_s"].as_f64().unwrap()), "{run}");
    assert!(run["last_alive"].as_i64() < run["since"].as_i64(), "{run}");
}
