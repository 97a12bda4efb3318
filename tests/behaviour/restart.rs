//! The station is killed and comes back: nothing that anyone was sent is lost.

use crate::harness::{Folder, Line, Next, SOON, Says, Sensor, Station, within};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

fn lines_of(record: &Value) -> BTreeMap<i64, Value> {
    record["record"].as_array().unwrap().iter().map(|line| (line["seq"].as_i64().unwrap(), line.clone())).collect()
}

#[test]
fn after_a_kill_everything_a_client_was_sent_is_in_the_record_and_no_number_comes_twice() {
    let folder = Folder::new();
    let lines: Vec<Line> = (0..4).map(|_| Line::saying(Says::Restless)).collect();
    let token = folder.token("lab", "viewer");
    let start = || {
        let beds = lines.iter().enumerate();
        beds.fold(folder.station(), |plan, (id, line)| plan.bed(&id.to_string(), line.path(), "cms50")).start()
    };
    let mut received: BTreeMap<i64, Value> = BTreeMap::new();
    let mut epochs = BTreeSet::new();
    for run in 0..3 {
        let station = start();
        let mut socket = station.socket(&token, "");
        epochs.insert(socket.next()["epoch"].as_str().unwrap().to_owned());
        let enough = received.len() + 25;
        let deadline = Instant::now() + 20 * SECOND;
        while received.len() < enough {
            assert!(Instant::now() < deadline, "run {run} says little: {} lines", received.len());
            for heard in socket.listen(Duration::from_millis(300)) {
                keep(&mut received, heard.message);
            }
        }
        // At another moment each time, and with no warning to anyone.
        for heard in socket.listen(Duration::from_millis(170 * run)) {
            keep(&mut received, heard.message);
        }
        station.process.signal(Signal::SIGKILL);
        // What was on its way at that very moment counts too.
        loop {
            match socket.next_within(SECOND) {
                Next::Said(heard) => keep(&mut received, heard.message),
                Next::Closed(_) => break,
                Next::Nothing => panic!("a killed station's connections end"),
            }
        }
    }
    assert_eq!(epochs.len(), 1, "the database keeps its name");
    let station = start();
    let record = lines_of(&station.http(&token).json("/api/v1/record?limit=10000"));
    for (seq, line) in &received {
        assert_eq!(record.get(seq), Some(line), "{seq} was sent and is not in the record as it was sent");
    }
    station.stop();
    let checked = folder.run(&["check"]);
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stderr));
}

/// Keeps a line of the record; no number may come again with something else.
fn keep(received: &mut BTreeMap<i64, Value>, message: Value) {
    if ["reading", "alarm", "event"].iter().any(|kind| message["type"] == *kind) {
        let seq = message["seq"].as_i64().unwrap();
        let before = received.insert(seq, message.clone());
        assert!(before.is_none(), "{seq} came twice: {before:?} and {message}");
    }
}

#[test]
fn an_event_says_which_numbers_may_be_missing_and_for_how_long_nobody_watched() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let mut socket = station.socket(&token, "");
    let heard = socket.listen(2 * SECOND);
    let last = heard.iter().filter_map(|heard| heard.message["seq"].as_i64()).max().unwrap();
    station.kill();
    std::thread::sleep(2 * SECOND);
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let events = station.http(&token).json("/api/v1/events?from=-1m&kind=restarted");
    let event = &events["events"][0];
    let down = event["detail"]["down_s"].as_f64().unwrap_or_else(|| panic!("{events}"));
    assert!((1.8..6.0).contains(&down), "down for {down} s");
    let first = event["seq"].as_i64().unwrap();
    assert!(first > last);
    if let Some(skipped) = event["detail"]["skipped"].as_object() {
        assert!(skipped["from"].as_i64() > Some(last) && skipped["to"].as_i64() == Some(first - 1), "{event}");
    } else {
        assert_eq!(first, last + 1, "without a span nothing was skipped: {event}");
    }
    let record = lines_of(&station.http(&token).json("/api/v1/record?limit=10000"));
    let missed: Vec<&Value> = record.range(last + 1..).map(|(_, line)| line).collect();
    assert_eq!(missed.first().map(|line| &line["seq"]), Some(&event["seq"]), "it is the first line of the new run");

    // A client that was there before the kill resumes over it.
    let epoch = station.http(&token).json("/api/v1/station")["epoch"].as_str().unwrap().to_owned();
    let mut socket = station.socket(&token, &format!("?since={epoch}:{last}"));
    assert_eq!(socket.next()["type"], "hello");
    for line in missed {
        assert_eq!(&socket.next(), line);
    }
}

#[test]
fn a_delay_an_area_and_a_pause_go_on_after_a_kill() {
    let folder = Folder::in_memory();
    let lines: Vec<Line> = (0..3).map(|_| Line::numbers(97, 72)).collect();
    let token = folder.token("anna", "nurse");
    let start = || {
        let beds = lines.iter().zip(1..);
        beds.fold(folder.station(), |plan, (line, bed)| plan.bed(&bed.to_string(), line.path(), "cms50")).start()
    };
    let station = start();
    let http = station.http(&token);
    within(SOON, "numbers at each bed", || {
        (1..=3).all(|bed| http.bed(&bed.to_string())["reading"]["spo2"] == 97).then_some(())
    });
    http.done("1", &json!({"command":"set_limits","delay_s":10}));
    // Five points below: 50 %·s are 10 s.
    http.done("2", &json!({"command":"set_limits","area_delay":50}));
    http.done("3", &json!({"command":"set_limits","delay_s":0}));
    let began = Instant::now();
    lines.iter().for_each(|line| line.spo2(85));
    let alarm = within(SOON, "the alarm without a delay", || http.bed("3")["alarms"].get(0).cloned());
    http.done("3", &json!({"command":"pause_audio","seconds":30}));
    let paused = Instant::now();
    let until = http.bed("3")["audio"]["paused_until"].clone();
    std::thread::sleep((6 * SECOND).saturating_sub(began.elapsed()));
    assert!(["1", "2"].iter().all(|bed| http.bed(bed)["alarms"] == json!([])));
    let ran = began.elapsed();
    station.kill();

    let station = start();
    let mut socket = station.socket(&token, "?views=1");
    let snapshot = socket.next_of("snapshot");
    let served = Instant::now();
    assert_eq!(snapshot["beds"][2]["alarms"][0]["id"], alarm["id"]);
    assert_eq!(snapshot["beds"][2]["audio"], json!({"paused_until":until,"by":"anna"}));
    for _ in 0..2 {
        let raised = socket.alarm_within(SOON, "spo2_low", "active");
        assert!(raised.message["bed"] == "1" || raised.message["bed"] == "2", "{}", raised.message);
        // What had run is kept to within a second, and some time goes by until the sensor speaks.
        let more = raised.at - served;
        let left = 10 * SECOND - ran;
        assert!(more + SECOND / 2 > left && more < left + 3 * SECOND, "{more:?} more, {left:?} were left");
    }
    socket.until(30 * SECOND, "the end of the pause", |said| {
        said["type"] == "bed" && said["bed"]["id"] == "3" && said["bed"]["audio"]["paused_until"].is_null()
    });
    assert!((29..=31).contains(&paused.elapsed().as_secs()), "{:?}", paused.elapsed());
}

#[test]
fn an_alarm_of_the_station_itself_keeps_its_number_and_its_acknowledgement_over_a_kill() {
    let folder = Folder::in_memory();
    let settings = folder.data().join("oxiward.toml");
    // There is no sound device: the alarm is raised at once.
    std::fs::write(&settings, "[notifications]\nenabled = false\n").unwrap();
    let token = folder.token("anna", "nurse");
    let active = |station: &Station| {
        let alarms = station.http(&token).json("/api/v1/alarms?active=true");
        let of_sound = |alarm: &&Value| alarm["condition"] == "sound_failed";
        alarms["alarms"].as_array().unwrap().iter().filter(of_sound).cloned().collect::<Vec<_>>()
    };
    let station = folder.station().start();
    let alarm = within(SOON, "the alarm", || active(&station).pop());
    let mut socket = station.socket(&token, "");
    socket.say(&json!({"type":"command","id":"mine","command":"acknowledge","alarm":alarm["id"]}));
    assert_eq!(socket.reply("mine", SECOND)["ok"], true);
    station.kill();

    let station = folder.station().start();
    let snapshot = station.socket(&token, "").next_of("snapshot");
    let kept = snapshot["station_alarms"].get(0).cloned().unwrap_or_else(|| panic!("{snapshot}"));
    assert_eq!((&kept["id"], &kept["since"]), (&alarm["id"], &alarm["since"]));
    assert_eq!(kept["acknowledged"]["by"], "anna");
    // Longer than its source has to say that it still holds.
    std::thread::sleep(12 * SECOND);
    let still = active(&station);
    assert_eq!(still.len(), 1, "{still:?}");
    assert_eq!((&still[0]["id"], &still[0]["acknowledged"]["by"]), (&alarm["id"], &json!("anna")));
    station.stop();

    // Without sound by the settings nothing of it is left.
    std::fs::write(&settings, "[sound]\nenabled = false\n[notifications]\nenabled = false\n").unwrap();
    let station = folder.station().start();
    within(SECOND, "its end", || active(&station).is_empty().then_some(()));
    let past = station.http(&token).json("/api/v1/alarms?from=-5m");
    let ended = past["alarms"].as_array().unwrap().iter().find(|past| past["id"] == alarm["id"]).cloned();
    assert_eq!(ended.unwrap()["state"], "cleared");
}

#[test]
fn a_memory_of_the_alarms_that_cannot_be_read_is_said_aloud_and_what_holds_begins_anew() {
    let (folder, line) = (Folder::new(), Line::numbers(85, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    station.http(&token).done("1", &json!({"command":"set_limits","delay_s":0}));
    let alarm = within(SOON, "the alarm", || station.http(&token).bed("1")["alarms"].get(0).cloned());
    station.kill();
    let database = rusqlite::Connection::open(folder.data().join("oxiward.db")).unwrap();
    assert_eq!(database.execute("UPDATE alarm_state SET state = '{\"instances\":' WHERE bed = '1'", []).unwrap(), 1);
    database.close().unwrap();

    let station = folder.station().bed("1", line.path(), "cms50").start();
    let http = station.http(&token);
    let events = http.json("/api/v1/events?from=-1m&kind=alarm_memory_lost");
    let detail = &events["events"][0]["detail"];
    assert_eq!(detail["bed"], "1", "{events}");
    assert!(detail["reason"].as_str().is_some_and(|reason| reason.len() > 5), "{events}");
    assert!(station.process.said().contains("delays begin anew"), "{}", station.process.said());
    let anew = within(SOON, "the alarm of what still holds", || http.bed("1")["alarms"].get(0).cloned());
    assert_ne!(anew["id"], alarm["id"]);
    let past = http.json("/api/v1/alarms?from=-1m&bed=1");
    let ended = past["alarms"].as_array().unwrap().iter().find(|past| past["id"] == alarm["id"]).cloned();
    assert_eq!(ended.unwrap()["state"], "cleared", "it is not left hanging");
}

#[test]
fn the_patient_the_limits_and_the_count_go_on_after_a_clean_stop() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let http = station.http(&token);
    http.done("1", &json!({"command":"admit","patient":{"id":"4711","name":"Erika"}}));
    http.done("1", &json!({"command":"set_limits","spo2_low":88}));
    let mut socket = station.socket(&token, "");
    let last = socket.listen(SECOND).iter().filter_map(|heard| heard.message["seq"].as_i64()).max().unwrap();
    station.process.signal(Signal::SIGTERM);
    let last = loop {
        match socket.next_within(5 * SECOND) {
            Next::Said(heard) => drop(heard),
            Next::Closed(code) => break (code, last).1,
            Next::Nothing => panic!("a station that stops closes its connections"),
        }
    };
    let mut station = station;
    assert_eq!(station.process.ends_within(5 * SECOND).code(), Some(0));

    // The bed is named no more; it is in the record with its port.
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let http = station.http(&token);
    let bed = http.bed("1");
    assert_eq!((&bed["patient"]["id"], &bed["limits"]["spo2_low"]), (&json!("4711"), &json!(88)));
    let record = lines_of(&http.json("/api/v1/record?limit=10000"));
    let numbers: Vec<i64> = record.keys().copied().collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "after a clean stop no number is skipped");
    assert!(*numbers.last().unwrap() > last);
    assert!(http.json("/api/v1/events?from=-1m&kind=restarted")["events"].as_array().unwrap().is_empty());
}

#[test]
fn it_ends_within_five_seconds_of_either_signal_whatever_is_connected() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let (folder, sensor) = (Folder::new(), Sensor::new("contec-v7", "steady"));
        let token = folder.token("lab", "viewer");
        let mut station = folder.station().bed("1", sensor.path(), "contec-v7").start();
        let mut socket = station.socket(&token, "?waves=1");
        let _deaf = station.socket(&token, "?waves=1");
        socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());
        station.process.signal(signal);
        assert_eq!(socket.ending_within(5 * SECOND), Some(1001), "the station says that it goes");
        assert_eq!(station.process.ends_within(5 * SECOND).code(), Some(0), "{signal}");
        let checked = folder.run(&["check"]);
        assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn the_database_can_be_read_and_copied_while_the_station_runs() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let station = folder.station().bed("1", line.path(), "cms50").start();
    within(SOON, "readings in the database", || {
        let count: i64 = folder
            .database()
            .query_row("SELECT count(*) FROM reading WHERE bed = '1' AND spo2 = 97", [], |row| row.get(0))
            .unwrap();
        (count >= 2).then_some(())
    });
    let copy = folder.beside("copy");
    std::fs::create_dir(&copy).unwrap();
    let file = copy.join("oxiward.db");
    let backup = folder.run(&["backup", file.to_str().unwrap()]);
    assert_eq!(backup.status.code(), Some(0), "{}", String::from_utf8_lossy(&backup.stderr));
    let count: i64 = crate::harness::database(&copy)
        .query_row("SELECT count(*) FROM reading WHERE spo2 = 97", [], |row| row.get(0))
        .unwrap();
    assert!(count >= 2);
    let again = folder.run(&["backup", file.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1), "a copy that is there is not written over");
    assert_eq!(folder.run(&["check"]).status.code(), Some(0), "while it runs too");
    drop(station);
}
