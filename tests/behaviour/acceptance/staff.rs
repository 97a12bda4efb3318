//! Checks of what staff do: 10 and 11 they acknowledge, 12 and 13 they pause the sound, 19 a patient leaves.

use crate::harness::{Folder, Line, SOON, Says, Socket, Ward, undisturbed, within};
use crate::loudspeaker::Loudspeaker;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// The station sounds and does not notify.
const SOUNDING: &str = "[notifications]\nenabled = false\n";

#[track_caller]
fn refused(reply: &Value, code: &str) {
    assert_eq!((&reply["ok"], &reply["error"]["code"]), (&json!(false), &json!(code)), "{reply}");
    assert!(reply["error"]["message"].as_str().is_some_and(|message| message.len() > 10), "{reply}");
}

fn acknowledged(said: &Value) -> bool {
    said["type"] == "alarm" && said["acknowledged"]["by"].is_string()
}

#[test]
fn check_10_an_acknowledgement_at_one_tablet_is_at_the_others_and_the_station_within_500_ms_with_name_and_time() {
    let ward = Ward::showing(85);
    let (mut anna, mut ben) = (ward.nurse("anna"), ward.nurse("ben"));
    anna.command("1", json!({"command":"set_limits","delay_s":0}));
    let alarm = anna.alarm_within(SOON, "spo2_low", "active").message;
    ben.alarm_within(SOON, "spo2_low", "active");
    let http = ward.station.http(&ward.folder.token("station", "viewer"));

    let pressed = Instant::now();
    assert_eq!(anna.command("1", json!({"command":"acknowledge","alarm":alarm["id"]}))["ok"], true);
    for socket in [&mut anna, &mut ben] {
        let heard = socket.until(SOON, "the acknowledgement", acknowledged);
        let (said, after) = (heard.message, heard.at - pressed);
        assert!(after < SECOND / 2, "{after:?}");
        assert_eq!((&said["id"], &said["state"]), (&alarm["id"], &json!("active")));
        assert_eq!(said["acknowledged"]["by"], "anna");
        assert!(said["acknowledged"]["time"].is_i64());
    }
    assert_eq!(http.bed("1")["alarms"][0]["acknowledged"]["by"], "anna", "for a screen that comes later");
}

#[test]
fn check_11_of_two_who_acknowledge_at_the_same_moment_one_is_recorded_and_both_are_told() {
    let ward = Ward::showing(85);
    let (mut anna, mut ben) = (ward.nurse("anna"), ward.nurse("ben"));
    anna.command("1", json!({"command":"set_limits","delay_s":0}));
    let alarm = anna.alarm_within(SOON, "spo2_low", "active").message;
    ben.alarm_within(SOON, "spo2_low", "active");
    for socket in [&mut anna, &mut ben] {
        socket.say(&json!({"type":"command","id":"ack","bed":"1","command":"acknowledge","alarm":alarm["id"]}));
    }
    let answer = |socket: &mut Socket| {
        let reply = socket.reply("ack", SECOND);
        let said = socket.until(SOON, "the acknowledgement", acknowledged).message;
        (reply, said["acknowledged"]["by"].as_str().unwrap().to_owned())
    };
    let (to_anna, told_anna) = answer(&mut anna);
    let (to_ben, told_ben) = answer(&mut ben);
    assert_eq!(told_anna, told_ben, "everyone is told of the same one");
    let second = if told_anna == "anna" { &to_ben } else { &to_anna };
    assert!(second.to_string().contains(&told_anna), "the second is told who was first: {second}");
    let third = ben.command("1", json!({"command":"acknowledge","alarm":alarm["id"]}));
    assert!(third.to_string().contains(&told_anna), "and so is whoever comes later: {third}");
    let record = ward.station.http(&ward.folder.token("look", "viewer")).json("/api/v1/record?limit=10000");
    let lines = record["record"].as_array().unwrap().iter().filter(|line| acknowledged(line)).count();
    assert_eq!(lines, 1, "one line of the record");

    ward.line.spo2(97);
    ben.alarm_within(SOON, "spo2_low", "cleared");
    refused(&ben.command("1", json!({"command":"acknowledge","alarm":alarm["id"]})), "unknown_alarm");
    refused(&ben.command("1", json!({"command":"acknowledge","alarm":"a-99999"})), "unknown_alarm");
    refused(&ben.command("1", json!({"command":"acknowledge"})), "unknown_alarm");
    let http = ward.station.http(&ward.folder.token("carl", "nurse"));
    let answer = http.command("1", &json!({"command":"acknowledge"}));
    assert_eq!((answer.status, answer.code().as_str()), (404, "unknown_alarm"));
}

/// Pulses of high priority alarms, which are the short ones. On a busy computer the station's own alarm about a slow disk
/// may sound between, and that is of medium priority.
fn high_pulses(loudspeaker: &Loudspeaker) -> usize {
    loudspeaker.heard().pulses().iter().filter(|pulse| pulse.length_ms() < 175.0).count()
}

/// The shortest pause, 30 s, so that the test is short; the end of a longer one is the same.
#[test]
fn check_12_the_end_of_a_pause_signals_again_at_once_without_new_data() {
    undisturbed(SOUNDING, |folder| {
        let (loudspeaker, line) = (Loudspeaker::connected(), Line::numbers(75, 72));
        let token = folder.token("anna", "nurse");
        let plan = folder.station().bed("1", line.path(), "cms50");
        let station = plan.surrounded_by("ALSA_CONFIG_PATH", loudspeaker.configuration()).start();
        let mut socket = station.socket(&token, "?changes=1");
        socket.alarm_within(SOON, "spo2_desat", "active");
        // Or the first tier would begin during the pause, as an alarm that it does not cover.
        assert_eq!(socket.command("1", json!({"command":"set_limits","delay_s":60}))["ok"], true);
        assert_eq!(socket.command("1", json!({"command":"pause_audio","seconds":30}))["ok"], true);
        let began = Instant::now();
        let heard = || high_pulses(&loudspeaker);
        // What sounds as the pause begins may sound to its end.
        std::thread::sleep(5 * SECOND);
        let before = heard();
        std::thread::sleep(Duration::from_millis(28_700).saturating_sub(began.elapsed()));
        assert_eq!(heard(), before, "it sounds in a pause");
        // From here on nothing comes that could wake the station, and not long enough to be an alarm of its own.
        line.says(Says::Nothing);
        socket.listen(Duration::ZERO);
        let again = within(SOON, "it sounds again", || (heard() > before).then(|| began.elapsed()));
        println!("heard {again:?} after a pause of 30 s began");
        let (pause, late) = (30 * SECOND, SECOND);
        assert!((pause..pause + late).contains(&again), "{again:?} after the pause began");
        let said = socket.listen(Duration::ZERO);
        let news = |said: &Value| said["bed"] == "1" && (said["type"] == "reading" || said["type"] == "alarm");
        assert!(!said.iter().any(|heard| news(&heard.message)), "no reading and no other alarm: {said:?}");
    });
}

/// Low oxygen is paused, and then it is a desaturation: how many pulses are heard of it, and the bed.
fn desaturation_in_a_pause(folder: &Folder, span: Duration) -> (usize, Value) {
    let (loudspeaker, line) = (Loudspeaker::connected(), Line::numbers(85, 72));
    let token = folder.token("anna", "nurse");
    let plan = folder.station().bed("1", line.path(), "cms50");
    let station = plan.surrounded_by("ALSA_CONFIG_PATH", loudspeaker.configuration()).start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 85);
    socket.command("1", json!({"command":"set_limits","delay_s":0}));
    socket.alarm_within(SOON, "spo2_low", "active");
    assert_eq!(socket.command("1", json!({"command":"pause_audio","seconds":60}))["ok"], true);
    // Two pulses are the rest of a burst that had begun.
    std::thread::sleep(2 * SECOND);
    let before = high_pulses(&loudspeaker);
    line.spo2(75);
    let desat = socket.alarm_within(SOON, "spo2_desat", "active");
    while desat.at.elapsed() < span && high_pulses(&loudspeaker) < before + 5 {
        std::thread::sleep(SECOND / 20);
    }
    (high_pulses(&loudspeaker) - before, station.http(&token).bed("1"))
}

#[test]
fn check_13_a_new_condition_during_a_pause_sounds_as_the_policy_says() {
    undisturbed(SOUNDING, |folder| {
        let (pulses, bed) = desaturation_in_a_pause(folder, 5 * SECOND);
        assert!(pulses >= 5, "it sounds: {pulses} pulses");
        assert_eq!(bed["announcement"]["priority"], "high", "{bed}");
        assert_eq!(bed["audio"]["by"], "anna", "and the pause goes on for the other: {bed}");
    });
    undisturbed(&format!("{SOUNDING}[alarms]\npause_covers_new = true\n"), |folder| {
        let (pulses, bed) = desaturation_in_a_pause(folder, 4 * SECOND);
        assert_eq!(pulses, 0, "the pause covers what is new too");
        assert_eq!(bed["announcement"], Value::Null, "{bed}");
        assert_eq!(bed["alarms"].as_array().map(Vec::len), Some(2), "and both are on the screens: {bed}");
    });
}

#[test]
fn check_19_a_discharge_puts_the_preset_back_and_shows_the_next_patient_nothing_of_the_last() {
    let ward = Ward::showing(97);
    let mut anna = ward.nurse("anna");
    let http = ward.station.http(&ward.folder.token("look", "viewer"));
    let preset = http.bed("1")["limits"].clone();
    let patient = json!({"id":"4711","name":"Erika Mustermann"});
    assert_eq!(anna.command("1", json!({"command":"admit","patient":patient}))["ok"], true);
    assert_eq!(http.bed("1")["patient"], patient);
    assert_eq!(anna.command("1", json!({"command":"admit","patient":{"id":"4712"}}))["ok"], false, "the bed is taken");
    assert_eq!(anna.command("1", json!({"command":"admit","patient":{"name":"Nobody"}}))["ok"], false);
    anna.command("1", json!({"command":"set_limits","spo2_low":85,"spo2_desat":82,"delay_s":0,"pulse_high":150}));
    ward.line.spo2(83);
    let alarm = anna.alarm_within(SOON, "spo2_low", "active").message;
    assert_eq!(anna.command("1", json!({"command":"pause_audio","seconds":120}))["ok"], true);

    assert_eq!(anna.command("1", json!({"command":"discharge"}))["ok"], true);
    let ended = anna.alarm_within(SOON, "spo2_low", "cleared").message;
    assert_eq!(ended["id"], alarm["id"]);
    let bed = http.bed("1");
    assert_eq!((&bed["patient"], &bed["limits"]), (&Value::Null, &preset));
    assert_eq!(bed["audio"], json!({"paused_until":null,"by":null}));
    assert_eq!(bed["alarms"], json!([]), "83 waits out the preset's delay anew");

    let admitted = Instant::now();
    assert_eq!(anna.command("1", json!({"command":"admit","patient":{"id":"4712","name":"Ida Neu"}}))["ok"], true);
    let bed = http.bed("1");
    assert!(!bed.to_string().contains("Mustermann") && !bed.to_string().contains("4711"), "{bed}");
    assert_eq!(bed["limits"], preset);
    let shown_from = bed["history_from"].as_i64().unwrap_or_else(|| panic!("{bed}"));
    assert!(shown_from > ended["time"].as_i64().unwrap() - 1, "screens show nothing from before: {bed}");
    assert!(admitted.elapsed() < SOON);
    assert!(!http.json("/api/v1/events?from=-1m").to_string().contains("Mustermann"), "names are for screens alone");
    assert!(!ward.station.process.said().contains("Mustermann"));
}
