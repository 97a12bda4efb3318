//! A client that does not read keeps nobody waiting.

use crate::harness::{Folder, Next, SOON, Socket, within};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
/// How long the rest of what was on its way may take to a client that reads again. While it does not read, the sender's
/// system asks it ever more seldom whether it has room (RFC 9293, 3.8.6.1), and a client that empties a small buffer
/// in one go need not say so by itself: seen here, 13 s after 15 s of stalling.
const READING_AGAIN: Duration = Duration::from_secs(45);

/// What `/api/v1/clients` says of the client with this name.
fn behind(http: &crate::harness::Http, name: &str) -> Option<Value> {
    let clients = http.json("/api/v1/clients");
    clients["clients"].as_array().unwrap().iter().find(|client| client["name"] == name).cloned()
}

#[test]
fn a_client_that_stalls_loses_waves_first_is_closed_with_1013_and_resumes_without_a_hole() {
    let folder = Folder::new();
    let (lazy, quick, admin) =
        (folder.token("lazy", "viewer"), folder.token("quick", "viewer"), folder.token("chief", "admin"));
    // Many beds, so that the bound is passed within seconds.
    let station = folder.station().with(&["--demo", "64"]).start();
    let http = station.http(&admin);
    within(2 * SOON, "the beds are live", || {
        let beds = http.json("/api/v1/beds");
        beds["beds"].as_array().unwrap().iter().all(|bed| bed["reading"]["spo2"].is_i64()).then_some(())
    });
    let mut stalled = station.socket(&lazy, "?waves=1");
    let epoch = stalled.next()["epoch"].as_str().unwrap().to_owned();
    let mut reader = station.socket(&quick, "?beds=1&waves=1");
    reader.next_of("snapshot");

    // It does not read. The other hears all the while, with its readings and waves in time.
    let (mut worst, mut before) = (Duration::ZERO, Instant::now());
    let (mut waves_dropped, mut lines_behind) = (0, 0);
    let deadline = Instant::now() + 60 * SECOND;
    loop {
        for heard in reader.listen(SECOND / 2) {
            assert_ne!(heard.message["type"], "dropped", "the reader loses nothing");
            worst = worst.max(heard.at - before);
            before = heard.at;
        }
        let Some(client) = behind(&http, "lazy") else { break };
        waves_dropped = client["dropped_waves"].as_i64().unwrap().max(waves_dropped);
        let lines = client["behind"]["lines"].as_i64().unwrap();
        if lines < lines_behind / 2 {
            break;
        }
        lines_behind = lines.max(lines_behind);
        assert!(Instant::now() < deadline, "a client that never reads is closed: {client}");
    }
    assert!(waves_dropped > 0, "waves go first");
    assert!(lines_behind > 300, "a while is waited for it: {lines_behind} lines");
    // Generous: on a loaded machine everything waits. Whoever waited for the stalled client would wait far longer.
    assert!(worst < 5 * SECOND, "the one that reads waited {worst:?}");

    // It stays away for a while longer; what it then reads ends with the reason.
    std::thread::sleep(4 * SECOND);
    let mut last = 0;
    let code = loop {
        match stalled.next_within(READING_AGAIN) {
            Next::Said(heard) => {
                if ["reading", "alarm", "event"].iter().any(|kind| heard.message["type"] == *kind) {
                    last = heard.message["seq"].as_i64().unwrap();
                }
            }
            Next::Closed(code) => break code,
            Next::Nothing => panic!("it is still open"),
        }
    };
    assert_eq!(code, Some(1013));

    let mut again = station.socket(&lazy, &format!("?since={epoch}:{last}"));
    let mut missed = 0;
    loop {
        let said = again.next();
        match said["type"].as_str() {
            Some("reading" | "alarm" | "event") => {
                assert_eq!(said["seq"].as_i64(), Some(last + 1), "no hole");
                last += 1;
                missed += 1;
            }
            Some("resumed") => break,
            other => assert_eq!(other, Some("hello")),
        }
    }
    assert!(missed > 300, "{missed} lines were missed");
}

#[test]
fn a_client_that_stalls_for_a_moment_is_told_how_many_waves_it_lost_and_no_reading() {
    let folder = Folder::new();
    let (lazy, admin) = (folder.token("lazy", "viewer"), folder.token("chief", "admin"));
    let station = folder.station().with(&["--demo", "32"]).start();
    let http = station.http(&admin);
    let mut socket = station.socket(&lazy, "?waves=1");
    let mut last = socket.next()["seq"].as_i64().unwrap();
    within(3 * SOON, "waves are dropped", || (behind(&http, "lazy")?["dropped_waves"].as_i64()? > 0).then_some(()));
    let told = loop {
        let said = socket.next();
        if said["type"] == "dropped" {
            break said["waves"].as_i64().unwrap();
        }
        if ["reading", "alarm", "event"].iter().any(|kind| said["type"] == *kind) {
            assert_eq!(said["seq"].as_i64(), Some(last + 1), "no reading is lost");
            last += 1;
        }
    };
    assert!(told > 0);
    socket.until(SOON, "waves again", |said| said["type"] == "wave");
    let counted = behind(&http, "lazy").unwrap()["dropped_waves"].as_i64().unwrap();
    assert!(counted >= told, "{counted} counted, {told} told");
}

#[test]
fn an_admin_sees_who_is_connected_and_can_close_a_connection() {
    let folder = Folder::new();
    let (anna, admin) = (folder.token("anna", "nurse"), folder.token("chief", "admin"));
    let station = folder.station().start();
    let mut socket = station.socket(&anna, "");
    socket.next_of("snapshot");
    socket.say(&json!({"type":"receipt","alarm":"a-1","shown":true,"sounded":true}));
    let http = station.http(&admin);
    let client = within(SOON, "the receipt is seen", || behind(&http, "anna").filter(|client| client["armed"] == true));
    assert!(client["since"].is_i64() && client["behind"]["lines"].is_i64(), "{client}");
    assert_eq!(station.http(&anna).ask("DELETE", "/api/v1/clients/1", ()).status, 403);
    let id = client["id"].as_str().unwrap();
    assert_eq!(http.ask("DELETE", &format!("/api/v1/clients/{id}"), ()).status, 200);
    assert!(socket.ending_within(5 * SECOND).is_some());
    assert_eq!(http.ask("DELETE", "/api/v1/clients/999", ()).status, 404);
}

#[test]
fn two_clients_are_told_the_same() {
    let folder = Folder::new();
    let token = folder.token("lab", "viewer");
    let station = folder.station().with(&["--demo", "2"]).start();
    let mut sockets: Vec<Socket> = (0..2).map(|_| station.socket(&token, "")).collect();
    let lines: Vec<Vec<String>> = sockets
        .iter_mut()
        .map(|socket| {
            let heard = socket.listen(2 * SECOND);
            heard.into_iter().filter(|heard| heard.message["type"] == "reading").map(|heard| heard.text).collect()
        })
        .collect();
    let common = lines[0].iter().filter(|line| lines[1].contains(line)).count();
    assert!(common >= 3 && common + 2 >= lines[0].len().min(lines[1].len()), "{lines:?}");
}
