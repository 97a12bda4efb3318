//! A client that was away: what it missed, exactly once and in order, or a gap that is said aloud.

use crate::harness::{Folder, Http, Line, SOON, Sensor, Socket, Station};
use serde_json::{Value, json};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn seq(message: &Value) -> i64 {
    message["seq"].as_i64().unwrap_or_else(|| panic!("{message}"))
}

/// The lines that a record's answer holds after a number.
fn after(http: &Http, after: i64) -> Vec<Value> {
    http.json(&format!("/api/v1/record?after={after}&limit=10000"))["record"].as_array().unwrap().clone()
}

/// Resumes; what was sent up to `resumed`, and that.
fn resumed(socket: &mut Socket) -> (Vec<Value>, Value) {
    let mut lines = Vec::new();
    assert_eq!(socket.next()["type"], "hello");
    loop {
        let said = socket.next();
        match said["type"].as_str() {
            Some("reading" | "alarm" | "event") => lines.push(said),
            Some("resumed") => return (lines, said),
            _ => panic!("between hello and resumed: {said}"),
        }
    }
}

fn place(station: &Station, token: &str) -> (String, i64) {
    let mut socket = station.socket(token, "");
    let hello = socket.next();
    (hello["epoch"].as_str().unwrap().to_owned(), seq(&hello))
}

#[test]
fn what_a_client_missed_comes_once_and_in_order_and_then_it_is_live_without_a_hole() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
    socket.command("1", json!({"command":"set_limits","delay_s":0}));
    let epoch = station.http(&token).json("/api/v1/station")["epoch"].as_str().unwrap().to_owned();
    let last = socket.listen(SECOND).iter().filter_map(|heard| heard.message["seq"].as_i64()).max().unwrap();
    drop(socket);

    line.spo2(85);
    std::thread::sleep(3 * SECOND);
    let mut again = station.socket(&token, &format!("?since={epoch}:{last}"));
    let (lines, end) = resumed(&mut again);
    assert!(lines.iter().any(|line| line["type"] == "alarm") && lines.len() >= 4, "{lines:?}");
    assert_eq!((seq(&lines[0]), &end["from"]), (last + 1, &json!(last + 1)));
    assert!(lines.windows(2).all(|pair| seq(&pair[1]) == seq(&pair[0]) + 1), "each once and in order");
    assert_eq!(end["to"], lines.last().unwrap()["seq"]);
    assert_eq!(after(&station.http(&token), last)[..lines.len()], lines, "what is sent is what is recorded");

    let mut newest = seq(lines.last().unwrap());
    for heard in again.listen(2 * SECOND) {
        if ["reading", "alarm", "event"].iter().any(|kind| heard.message["type"] == *kind) {
            assert_eq!(seq(&heard.message), newest + 1, "live without a hole and without a repeat");
            newest += 1;
        }
    }
    assert!(newest > seq(lines.last().unwrap()));
}

#[test]
fn a_client_that_missed_nothing_is_told_so() {
    let folder = Folder::new();
    let token = folder.token("lab", "viewer");
    let station = folder.station().start();
    std::thread::sleep(SECOND);
    let (epoch, newest) = place(&station, &token);
    let (lines, end) = resumed(&mut station.socket(&token, &format!("?since={epoch}:{newest}")));
    assert_eq!((lines.len(), &end["from"], &end["to"]), (0, &json!(newest + 1), &json!(newest)));
}

#[test]
fn the_whole_record_comes_from_the_disk_when_it_is_asked_for_from_the_start() {
    let folder = Folder::new();
    let sensors = [Sensor::new("contec-v7", "artifact"), Sensor::new("contec-v7", "artifact")];
    let token = folder.token("lab", "viewer");
    let plan = folder.station().bed("1", sensors[0].path(), "contec-v7").bed("2", sensors[1].path(), "contec-v7");
    let station = plan.start();
    std::thread::sleep(5 * SECOND);
    let (epoch, _) = place(&station, &token);
    let (lines, end) = resumed(&mut station.socket(&token, &format!("?since={epoch}:0")));
    let recorded = after(&station.http(&token), 0);
    assert_eq!(recorded[..lines.len()], lines);
    assert_eq!((&end["from"], &end["to"]), (&lines[0]["seq"], &lines.last().unwrap()["seq"]));
    let (some, _) = resumed(&mut station.socket(&token, &format!("?beds=2&since={epoch}:0")));
    assert!(some.iter().any(|line| line["bed"] == "2") && some.iter().all(|line| line["bed"] != "1"));
}

#[test]
fn a_span_that_is_not_to_be_had_is_a_gap_a_snapshot_and_then_live() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let (epoch, newest) = place(&station, &token);
    for since in [format!("another:{newest}"), format!("{epoch}:{}", newest + 1000)] {
        let mut socket = station.socket(&token, &format!("?since={since}"));
        assert_eq!(socket.next()["type"], "hello");
        let gap = socket.next();
        assert_eq!(gap["type"], "gap", "{since}: {gap}");
        assert!(gap["from"].is_i64() && gap["to"].is_i64() && gap["reason"].is_string(), "{gap}");
        let snapshot = socket.next();
        assert_eq!(snapshot["type"], "snapshot", "{since}: {snapshot}");
        let live = socket.until(SOON, "a line of the record", |said| said["seq"].is_i64() && said.get("bed").is_some());
        let live = live.message;
        assert_eq!(seq(&live), seq(&snapshot) + 1, "{since}");
    }
}

#[test]
fn what_is_past_its_keeping_is_a_gap_and_not_a_silent_hole() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    std::thread::sleep(2 * SECOND);
    let (epoch, _) = place(&station, &token);
    station.stop();
    // Ten days pass.
    let database = rusqlite::Connection::open(folder.data().join("oxiward.db")).unwrap();
    for table in ["reading", "event", "alarm_change"] {
        database.execute(&format!("UPDATE {table} SET time = time - 864000000"), []).unwrap();
    }
    database.close().unwrap();
    let settings = folder.data().join("oxiward.toml");
    let more = std::fs::read_to_string(&settings).unwrap() + "[retention]\nreadings_days = 1\n";
    std::fs::write(&settings, more).unwrap();

    let station = folder.station().bed("1", line.path(), "cms50").start();
    std::thread::sleep(SECOND);
    let mut socket = station.socket(&token, &format!("?since={epoch}:1"));
    assert_eq!(
        (socket.next()["type"].clone(), socket.next_of("gap")["reason"].clone()),
        (json!("hello"), json!("expired"))
    );
    assert_eq!(socket.next()["type"], "snapshot");
}

#[test]
fn a_since_that_makes_no_sense_is_refused_before_the_upgrade() {
    let folder = Folder::new();
    let token = folder.token("lab", "viewer");
    let station = folder.station().start();
    let bearer = format!("Bearer {token}");
    for junk in ["", "1", ":", "x:", "x:-1", "x:1.5", "x:99999999999999999999999", "x:y", "%00:1e3"] {
        let refusal = Socket::ask(&station.local, &format!("/ws?since={junk}"), &[("Authorization", &bearer)]);
        let (status, body) = refusal.err().unwrap_or_else(|| panic!("{junk} was taken"));
        assert_eq!(status, 400, "{junk}: {body}");
        assert!(body.contains("since"), "{junk}: {body}");
    }
}
