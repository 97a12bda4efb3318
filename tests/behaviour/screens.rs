//! Screens that sound alarms: what each did with an alarm is kept, and one that is gone is missed.

use crate::harness::{Folder, Http, Line, Next, SOON, Socket, Station, within};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
/// In this time the station must have noticed that an armed screen is gone (contract, section 4).
const NOTICED: Duration = Duration::from_secs(5);
/// What a loaded computer may add before it is this test's fault.
const LOADED: Duration = Duration::from_secs(2);

/// A screen that reads all the time, as a page does, and so answers pings.
struct Screen {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Socket>>,
}

impl Screen {
    fn armed(station: &Station, token: &str) -> Self {
        let mut socket = station.socket(token, "");
        socket.say(&json!({"type":"armed","sound":true}));
        Self::reading(socket)
    }

    fn reading(mut socket: Socket) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                if let Next::Closed(_) = socket.next_within(Duration::from_millis(50)) {
                    break;
                }
            }
            socket
        });
        Self { stop, thread: Some(thread) }
    }

    /// It reads no more; the connection stays.
    fn stops(mut self) -> Socket {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap()
    }

    /// Its line is cut, and it says nothing.
    fn cut(self) {
        drop(self.stops());
    }
}

/// What `/api/v1/clients` says of the screens of this name.
fn screens(http: &Http, name: &str) -> Vec<Value> {
    let clients = http.json("/api/v1/clients");
    clients["clients"].as_array().unwrap().iter().filter(|client| client["name"] == name).cloned().collect()
}

fn lost(http: &Http, name: &str) -> Option<Value> {
    screens(http, name).into_iter().find(|screen| screen["lost"] == true)
}

fn armed(http: &Http, name: &str) -> Option<Value> {
    screens(http, name).into_iter().find(|screen| screen["lost"] == false && screen["armed"] == true)
}

fn client_lost(http: &Http) -> Option<Value> {
    let active = http.json("/api/v1/alarms?active=true");
    active["alarms"].as_array().unwrap().iter().find(|alarm| alarm["condition"] == "client_lost").cloned()
}

/// Watches the station's own alarms over a connection of its own.
fn watcher(station: &Station, token: &str) -> Socket {
    let mut socket = station.socket(token, "");
    socket.next_of("snapshot");
    socket
}

/// The events of a kind once there are so many: a slow disk writes them after they were told.
fn events(http: &Http, kind: &str, count: usize) -> Vec<Value> {
    within(SOON, kind, || Some(recorded(http, kind)).filter(|events| events.len() >= count))
}

fn recorded(http: &Http, kind: &str) -> Vec<Value> {
    http.json(&format!("/api/v1/events?from=-5m&kind={kind}"))["events"].as_array().unwrap().clone()
}

#[test]
fn what_each_screen_did_with_an_alarm_is_kept_with_its_first_times_also_over_a_kill() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let (anna, ben) = (folder.token("anna", "nurse"), folder.token("ben", "viewer"));
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let (mut first, mut second) = (station.socket(&anna, ""), station.socket(&ben, ""));
    first.command("1", json!({"command":"set_limits","delay_s":0}));
    line.spo2(85);
    let alarm = first.alarm_within(SOON, "spo2_low", "active").message;
    let id = alarm["id"].as_str().unwrap().to_owned();
    first.say(&json!({"type":"receipt","alarm":id,"shown":true,"sounded":false}));
    second.say(&json!({"type":"receipt","alarm":id,"shown":true,"sounded":true}));
    let http = station.http(&ben);
    let of = |told: &Value, client: &str| {
        let receipts = told["receipts"].as_array().unwrap();
        receipts.iter().find(|receipt| receipt["client"] == client).cloned().unwrap_or_default()
    };
    let kept = within(SOON, "both receipts are kept", || {
        let told = http.json(&format!("/api/v1/alarms/{id}"));
        (told["receipts"].as_array().unwrap().len() == 2).then_some(told)
    });
    let (of_anna, of_ben) = (of(&kept, "anna"), of(&kept, "ben"));
    assert!(of_anna["shown"].is_i64() && of_anna["sounded"].is_null(), "{kept}");
    assert!(of_ben["shown"].is_i64() && of_ben["sounded"].is_i64(), "{kept}");
    assert_eq!(of_anna["address"], "127.0.0.1", "without the port, which is another one each time");

    // It says the rest, and then all of it again; the first times stay.
    first.say(&json!({"type":"receipt","alarm":id,"shown":false,"sounded":true}));
    first.say(&json!({"type":"receipt","alarm":id,"shown":true,"sounded":true}));
    let kept = within(SOON, "the sound is kept too", || {
        let told = http.json(&format!("/api/v1/alarms/{id}"));
        of(&told, "anna")["sounded"].is_i64().then_some(told)
    });
    assert_eq!(of(&kept, "anna")["shown"], of_anna["shown"]);
    first.command("1", json!({"command":"acknowledge","alarm":id}));
    let kept = within(SOON, "the answer is kept", || {
        let told = http.json(&format!("/api/v1/alarms/{id}"));
        told["alarm"]["acknowledged"].is_object().then_some(told)
    });
    assert_eq!(of(&kept, "anna")["acknowledged"], kept["alarm"]["acknowledged"]["time"], "{kept}");
    assert_eq!((&kept["alarm"]["id"], &kept["escalations"]), (&json!(id), &json!([])));
    assert!(kept["history"].as_array().unwrap().len() >= 2 && kept["history"][0]["seq"] == alarm["seq"], "{kept}");
    let counted = screens(&http, "anna").remove(0);
    assert!(counted["receipts"].as_i64() >= Some(2) && counted["last_receipt"]["alarm"] == id.as_str(), "{counted}");

    station.kill();
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let after = station.http(&ben).json(&format!("/api/v1/alarms/{id}"));
    assert_eq!(after["receipts"], kept["receipts"], "nothing of it is lost");
}

#[test]
fn a_receipt_for_an_alarm_that_never_was_is_answered_with_an_error_and_not_kept() {
    let folder = Folder::new();
    let token = folder.token("anna", "nurse");
    let station = folder.station().start();
    let mut socket = station.socket(&token, "");
    for alarm in ["a-999", "17", "a-99999999999999999999999"] {
        socket.say(&json!({"type":"receipt","alarm":alarm,"shown":true,"sounded":false}));
        let error = socket.next_of("error");
        assert_eq!(error["code"], "unknown_alarm", "{error}");
        assert!(error["message"].as_str().unwrap().contains(alarm), "{error}");
    }
    socket.say(&json!({"type":"receipt","shown":true}));
    assert_eq!(socket.next_of("error")["code"], "bad_request");
    let count: i64 = folder.database().query_row("SELECT count(*) FROM receipt", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 0);
    let http = station.http(&token);
    assert_eq!(screens(&http, "anna")[0]["receipts"], 0);
    for alarm in ["a-999", "17"] {
        let answer = http.get(&format!("/api/v1/alarms/{alarm}"));
        assert_eq!((answer.status, answer.code().as_str()), (404, "unknown_alarm"));
    }
}

#[test]
fn an_armed_screen_that_stops_or_is_cut_is_missed_within_five_seconds_and_no_other_is() {
    let folder = Folder::new();
    let names = ["frozen", "cut", "polite", "quick", "unarmed", "closed", "deaf"];
    let tokens = names.map(|name| folder.token(name, "viewer"));
    let (nurse, admin) = (folder.token("nurse", "nurse"), folder.token("chief", "admin"));
    let station = folder.station().start();
    let http = station.http(&admin);
    let mut watcher = watcher(&station, &nurse);
    let [frozen, cut, polite, quick, unarmed, closed, deaf] =
        tokens.each_ref().map(|token| Screen::armed(&station, token));
    for name in names {
        let screen = within(SOON, "it is armed, and its latency is known", || {
            armed(&http, name).filter(|screen| screen["latency_ms"].is_number())
        });
        assert!(screen["latency_ms"].as_f64().unwrap() < 2000.0 && screen["gone_since"].is_null(), "{screen}");
    }
    let metrics = http.get("/metrics").text;
    assert!(metrics.contains("oxiward_clients_armed 7\n") && metrics.contains("oxiward_clients_lost 0\n"), "{metrics}");

    // These go as they should.
    let mut polite = polite.stops();
    polite.say(&json!({"type":"goodbye"}));
    let mut unarmed = unarmed.stops();
    unarmed.say(&json!({"type":"armed","sound":false}));
    // A receipt of a burst that was heard before comes late and arms nothing.
    unarmed.say(&json!({"type":"receipt","alarm":"a-1","shown":true,"sounded":true}));
    let id = armed(&http, "closed").unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(http.ask("DELETE", &format!("/api/v1/clients/{id}"), ()).status, 200);
    closed.cut();
    assert!(folder.run(&["token", "revoke", "deaf"]).status.success());
    within(SOON, "the revoked one is closed", || screens(&http, "deaf").is_empty().then_some(()));
    deaf.cut();
    within(SOON, "four are not armed any more", || (recorded(&http, "client_disarmed").len() == 4).then_some(()));
    drop((polite, unarmed));

    // These do not.
    quick.cut();
    let _frozen = frozen.stops();
    let began = Instant::now();
    std::thread::sleep(SECOND);
    let quick = Screen::armed(&station, &tokens[3]);
    let first = watcher.alarm_within(NOTICED + LOADED, "client_lost", "active");
    eprintln!("a screen that stopped was missed after {:?}", first.at - began);
    assert!(first.at - began < NOTICED + LOADED / 2, "{:?}", first.at - began);
    let message = first.message["message"].as_str().unwrap();
    assert!(message.starts_with("The screen \"frozen\" (127.0.0.1) sounded alarms and is gone since "), "{message}");
    assert_eq!((&first.message["bed"], &first.message["acknowledged"]), (&json!(null), &json!(null)));

    // More are missing: the same alarm, and whoever answered it before has not answered that.
    watcher.say(&json!({"type":"command","id":"a","command":"acknowledge","alarm":first.message["id"]}));
    assert_eq!(watcher.reply("a", SECOND)["ok"], true);
    let began = Instant::now();
    cut.cut();
    let both = watcher.until(NOTICED + LOADED, "the cut one is named too", |said| {
        said["condition"] == "client_lost" && said["message"].as_str().unwrap().contains("\"cut\"")
    });
    eprintln!("a screen that was cut off was missed after {:?}", both.at - began);
    assert!(both.at - began < NOTICED + LOADED / 2, "{:?}", both.at - began);
    assert_eq!((&both.message["id"], &both.message["state"]), (&first.message["id"], &json!("active")));
    assert!(both.message["acknowledged"].is_null(), "{}", both.message);
    let words = both.message["message"].as_str().unwrap().to_owned();
    assert!(
        words.contains("\"frozen\"")
            && !["polite", "quick", "unarmed", "closed", "deaf"].iter().any(|name| words.contains(name)),
        "{words}"
    );
    let gone = lost(&http, "cut").unwrap();
    assert!(gone["gone_since"].is_i64() && gone["id"] == "lost-cut" && gone["role"] == "viewer", "{gone}");
    assert!(http.get("/metrics").text.contains("oxiward_clients_lost 2\n"));

    // One is back, and the other is put away: by a nurse, not by a viewer.
    let _cut = Screen::armed(&station, &tokens[1]);
    let fewer = watcher.until(SOON, "one is back", |said| {
        said["condition"] == "client_lost" && !said["message"].as_str().unwrap().contains("\"cut\"")
    });
    assert_eq!((&fewer.message["id"], &fewer.message["state"]), (&first.message["id"], &json!("active")));
    assert_eq!(station.http(&tokens[1]).ask("DELETE", "/api/v1/clients/lost-frozen", ()).status, 403);
    assert_eq!(station.http(&nurse).ask("DELETE", "/api/v1/clients/lost-frozen", ()).status, 200);
    assert_eq!(station.http(&nurse).ask("DELETE", "/api/v1/clients/lost-frozen", ()).status, 404);
    watcher.alarm_within(SOON, "client_lost", "cleared");
    let removed = events(&http, "client_removed", 1);
    assert_eq!((&removed[0]["by"], &removed[0]["detail"]["client"]), (&json!("nurse"), &json!("frozen")));
    assert_eq!(events(&http, "client_armed", names.len()).len(), names.len(), "to come back is not to be armed anew");
    drop(quick);
}

#[test]
fn after_a_restart_whoever_was_armed_and_does_not_come_back_is_missed() {
    let folder = Folder::new();
    let (anna, ben, chris) =
        (folder.token("anna", "viewer"), folder.token("ben", "viewer"), folder.token("chris", "viewer"));
    let admin = folder.token("chief", "admin");
    let station = folder.station().start();
    let http = station.http(&admin);
    let screens: Vec<Screen> = [&anna, &ben, &chris].map(|token| Screen::armed(&station, token)).into();
    let kept =
        || -> i64 { folder.database().query_row("SELECT count(*) FROM armed_client", [], |row| row.get(0)).unwrap() };
    within(SOON, "all are armed in the record", || (kept() == 3).then_some(()));
    assert!(armed(&http, "anna").is_some());
    station.kill();
    screens.into_iter().for_each(Screen::cut);

    // A token that is revoked meanwhile is not waited for.
    assert!(folder.run(&["token", "revoke", "chris"]).status.success());
    let began = Instant::now();
    let station = folder.station().start();
    let mut watcher = watcher(&station, &admin);
    let one = Screen::armed(&station, &anna);
    let said = watcher.alarm_within(20 * SECOND, "client_lost", "active");
    let waited = said.at - began;
    assert!((14 * SECOND..18 * SECOND + LOADED).contains(&waited), "{waited:?}");
    let words = said.message["message"].as_str().unwrap();
    assert!(words.starts_with("The screen \"ben\" (127.0.0.1) sounded alarms and is not back since "), "{words}");
    // Whoever answered it has answered it, over another restart too.
    watcher.say(&json!({"type":"command","id":"a","command":"acknowledge","alarm":said.message["id"]}));
    assert_eq!(watcher.reply("a", SECOND)["ok"], true);
    drop((watcher, one));
    station.kill();
    let station = folder.station().start();
    let http = station.http(&admin);
    let mut watcher = self::watcher(&station, &admin);
    let still = within(SOON, "ben is missed still", || lost(&http, "ben").and(client_lost(&http)));
    assert_eq!((&still["id"], &still["acknowledged"]["by"]), (&said.message["id"], &json!("chief")), "{still}");
    let _anna = Screen::armed(&station, &anna);
    let _ben = Screen::armed(&station, &ben);
    watcher.alarm_within(SOON, "client_lost", "cleared");
    assert!(client_lost(&http).is_none());
    // A clean stop makes nobody forget them either.
    drop(watcher);
    station.stop();
    assert_eq!(kept(), 2);
}

#[test]
fn of_two_who_acknowledge_at_the_same_moment_one_is_first_and_both_are_told() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let (anna, ben) = (folder.token("anna", "nurse"), folder.token("ben", "nurse"));
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let (mut first, mut second) = (station.socket(&anna, ""), station.socket(&ben, ""));
    first.command("1", json!({"command":"set_limits","delay_s":0}));
    line.spo2(85);
    let id = first.alarm_within(SOON, "spo2_low", "active").message["id"].clone();
    second.alarm_within(SOON, "spo2_low", "active");
    for socket in [&mut first, &mut second] {
        socket.say(&json!({"type":"command","id":"x","bed":"1","command":"acknowledge","alarm":id}));
    }
    let replies = [first.reply("x", SECOND), second.reply("x", SECOND)].map(|reply| reply["result"].clone());
    let done: Vec<&Value> = replies.iter().filter(|reply| reply["acknowledged"] == json!([id])).collect();
    let late: Vec<&Value> = replies.iter().filter(|reply| reply["acknowledged"] == json!([])).collect();
    assert_eq!((done.len(), late.len()), (1, 1), "{replies:?}");
    let acknowledged = |said: &Value| said["type"] == "alarm" && said["id"] == id && !said["acknowledged"].is_null();
    let told = [&mut first, &mut second].map(|socket| socket.until(SOON, "the answer", acknowledged).message);
    assert_eq!(told[0], told[1]);
    assert_eq!(late[0]["first"], told[0]["acknowledged"], "the second is told who was first");
    let events = events(&station.http(&anna), "acknowledged", 1);
    assert_eq!((events.len(), &events[0]["by"]), (1, &told[0]["acknowledged"]["by"]), "one record");
}

#[test]
fn what_one_screen_answers_every_other_shows_with_the_name_within_half_a_second() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let (anna, ben) = (folder.token("anna", "nurse"), folder.token("ben", "viewer"));
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let (mut nurse, mut other) = (station.socket(&anna, ""), station.socket(&ben, ""));
    nurse.command("1", json!({"command":"set_limits","delay_s":0}));
    line.spo2(85);
    let id = nurse.alarm_within(SOON, "spo2_low", "active").message["id"].clone();
    other.alarm_within(SOON, "spo2_low", "active");
    let began = Instant::now();
    nurse.say(&json!({"type":"command","id":"x","bed":"1","command":"acknowledge","alarm":id}));
    let seen = other.until(SOON, "it is acknowledged", |said| {
        said["type"] == "alarm" && said["id"] == id && said["acknowledged"]["by"] == "anna"
    });
    eprintln!("an acknowledgement was at another screen after {:?}", seen.at - began);
    assert!(seen.at - began < Duration::from_millis(500), "{:?}", seen.at - began);
    let began = Instant::now();
    nurse.say(&json!({"type":"command","id":"y","bed":"1","command":"pause_audio","seconds":30}));
    let seen = other.until(SOON, "it is paused", |said| said["kind"] == "audio_paused" && said["by"] == "anna");
    assert!(seen.at - began < Duration::from_millis(500), "{:?}", seen.at - began);
}

#[test]
fn when_nobody_answers_screens_of_other_beds_are_called_too_and_told_how_it_ends() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("anna", "nurse");
    let settings = folder.data().join("oxiward.toml");
    let more = std::fs::read_to_string(&settings).unwrap() + "[alarms]\nescalation = { after_s = 10, steps = 1 }\n";
    std::fs::write(&settings, more).unwrap();
    let quiet = Line::numbers(97, 72);
    let station = folder.station().bed("1", line.path(), "cms50").bed("2", quiet.path(), "cms50").start();
    let mut own = station.socket(&token, "?beds=1");
    let mut other = station.socket(&token, "?beds=2");
    let epoch = other.next()["epoch"].as_str().unwrap().to_owned();
    let before = other.next_of("snapshot")["seq"].clone();
    own.command("1", json!({"command":"set_limits","delay_s":0}));
    line.spo2(85);
    let id = own.alarm_within(SOON, "spo2_low", "active").message["id"].clone();
    let called = other.until(20 * SECOND, "it is called", |said| {
        assert!(said["type"] != "alarm" || said["bed"] != "1", "not before anybody is called: {said}");
        said["kind"] == "escalated"
    });
    let called = called.message;
    assert_eq!(
        (&called["bed"], &called["detail"]["alarms"], &called["detail"]["step"]),
        (&json!("1"), &json!([id]), &json!(1))
    );
    own.command("1", json!({"command":"acknowledge"}));
    let mine = |said: &Value| said["type"] == "alarm" && said["id"] == id;
    let answered = other.until(SOON, "who answered", |said| mine(said) && !said["acknowledged"].is_null());
    assert_eq!(answered.message["acknowledged"]["by"], "anna");
    line.spo2(97);
    other.until(SOON, "its end", |said| mine(said) && said["state"] == "cleared");
    // Whoever was away is told of the call too.
    drop(other);
    let mut again = station.socket(&token, &format!("?beds=2&since={epoch}:{before}"));
    again.until(SOON, "the call", |said| {
        assert!(said["type"] != "resumed", "it was passed over");
        said["kind"] == "escalated" && said["seq"] == called["seq"]
    });
    let told = station.http(&token).json(&format!("/api/v1/alarms/{}", id.as_str().unwrap()));
    assert_eq!(told["escalations"], json!([{"time":called["time"],"step":1,"priority":called["detail"]["priority"]}]));
}
