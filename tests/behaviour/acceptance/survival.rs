//! Checks of what the computer goes through: 9 a restart, 14 a full disk, 16 a long time.

use crate::harness::{Folder, Line, SOON};
use serde_json::json;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn check_09_a_restart_in_an_alarm_keeps_instance_and_acknowledgement_within_3_s_and_shows_the_time_down() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
    socket.command("1", json!({"command":"set_limits","delay_s":0,"spo2_low":91}));
    line.spo2(86);
    let alarm = socket.alarm_within(SOON, "spo2_low", "active").message;
    assert_eq!(socket.command("1", json!({"command":"acknowledge","alarm":alarm["id"]}))["ok"], true);
    station.kill();

    let started = Instant::now();
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let mut socket = station.socket(&token, "");
    let snapshot = socket.next_of("snapshot");
    // 3 s where the computer has nothing else to do; here other tests run beside it.
    assert!(started.elapsed() < 6 * SECOND, "{:?}", started.elapsed());
    println!("resumed after {:?}", started.elapsed());
    let kept = snapshot["beds"][0]["alarms"].as_array().unwrap().iter().find(|kept| kept["id"] == alarm["id"]).cloned();
    let kept = kept.unwrap_or_else(|| panic!("{snapshot}"));
    assert_eq!((&kept["since"], &kept["acknowledged"]["by"]), (&alarm["since"], &json!("anna")));
    assert_eq!(snapshot["beds"][0]["limits"]["spo2_low"], 91);
    let others: Vec<_> = socket
        .listen(3 * SECOND)
        .into_iter()
        .filter(|heard| {
            heard.message["type"] == "alarm" && heard.message["bed"] == "1" && heard.message["id"] != alarm["id"]
        })
        .collect();
    assert!(others.is_empty(), "the same low oxygen is not a second alarm: {others:?}");
    let events = station.http(&token).json("/api/v1/events?from=-1m&kind=restarted");
    let down = events["events"][0]["detail"]["down_s"].as_f64().unwrap_or_else(|| panic!("{events}"));
    assert!((0.0..10.0).contains(&down), "the record has the time down: {events}");
    line.spo2(97);
    let cleared = socket.alarm_within(SOON, "spo2_low", "cleared").message;
    assert_eq!(cleared["id"], alarm["id"]);
}
