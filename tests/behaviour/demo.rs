//! A demonstration: simulated sensors, marked as such, and nothing of it beside anything real.

use crate::harness::{Folder, SOON, database, within};
use serde_json::json;

#[test]
fn a_demonstration_is_marked_everywhere_and_has_a_database_of_its_own() {
    let folder = Folder::new();
    let token = folder.token("lab", "nurse");
    let station = folder.station().with(&["--demo", "3"]).start();
    let mut socket = station.socket(&token, "");
    assert_eq!(socket.next()["demo"], true);
    let snapshot = socket.next();
    let beds = snapshot["beds"].as_array().unwrap();
    assert_eq!(beds.len(), 3);
    assert!(beds.iter().all(|bed| bed["demo"] == true), "{snapshot}");
    let http = station.http(&token);
    assert_eq!(http.json("/api/v1/station")["demo"], true);
    within(SOON, "all three show numbers", || {
        let beds = http.json("/api/v1/beds");
        beds["beds"].as_array().unwrap().iter().all(|bed| bed["reading"]["pulse_rate"].is_i64()).then_some(())
    });
    let protocols: std::collections::BTreeSet<String> = http.json("/api/v1/beds")["beds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bed| bed["sensor"]["protocol"].as_str().unwrap().to_owned())
        .collect();
    assert!(protocols.len() >= 2, "it shows more than one kind of sensor: {protocols:?}");
    let refused = http.command("1", &json!({"command":"admit","patient":{"id":"4711"}}));
    assert_eq!(refused.status, 409, "no patient lies in a demonstration: {}", refused.text);
    station.stop();

    let count = |data: &std::path::Path| -> i64 {
        database(data).query_row("SELECT count(*) FROM reading", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count(&folder.data()), 0, "the real record holds nothing simulated");
    assert!(count(&folder.data().join("demo")) > 3);
}

#[test]
fn tokens_of_the_folder_open_its_demonstration_and_close_it_again() {
    let folder = Folder::new();
    let before = folder.token("before", "viewer");
    let station = folder.station().with(&["--demo", "1"]).start();
    assert_eq!(station.http(&before).get("/api/v1/beds").status, 200, "made before it started");
    let while_it_runs = folder.token("while", "nurse");
    assert_eq!(station.http(&while_it_runs).get("/api/v1/beds").status, 200, "made while it runs");
    let mut socket = station.socket(&while_it_runs, "");
    assert_eq!(folder.run(&["token", "revoke", "while"]).status.code(), Some(0));
    assert_eq!(socket.ending_within(std::time::Duration::from_secs(5)), Some(1008));
    assert_eq!(station.http(&while_it_runs).get("/api/v1/beds").status, 401);
    let link = folder.run(&["pair", "--local"]);
    assert_eq!(link.status.code(), Some(0), "{}", String::from_utf8_lossy(&link.stderr));
}

#[test]
fn a_real_station_is_not_marked() {
    let folder = Folder::new();
    let token = folder.token("lab", "viewer");
    let station = folder.station().start();
    assert_eq!(station.socket(&token, "").next()["demo"], false);
}
