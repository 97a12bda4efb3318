//! Checks of what the computer goes through: 9 a restart, 14 a full disk, 16 a long time.

use crate::harness::{Folder, Line, SOON, Socket, Station};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Command;
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

/// A disk that takes not one byte more, by the limit of a file's size, which needs nobody's rights.
fn full(station: &Station, full: bool) {
    let limit = format!("--fsize={}:", if full { "0" } else { "unlimited" });
    let output = Command::new("prlimit").args(["--pid", &station.process.id().to_string(), &limit]).output();
    let output = output.unwrap_or_else(|error| {
        panic!("prlimit cannot be started ({error}). Install the Debian package util-linux, or run `make test`.")
    });
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn check_14_a_full_disk_is_a_technical_alarm_and_monitoring_goes_on() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").told_of_full_files().start();
    let mut socket = station.socket(&token, "");
    let mut sent = BTreeMap::new();
    let mut until = |what: &str, wanted: &dyn Fn(&Value) -> bool| {
        let heard = socket.until(SOON, what, |said| {
            if let Some(seq) = said["seq"].as_i64().filter(|_| said["type"] != "snapshot" && said["type"] != "hello") {
                sent.insert(seq, said.clone());
            }
            wanted(said)
        });
        heard.at
    };
    until("a number", &|said| said["type"] == "reading" && said["spo2"] == 97);

    full(&station, true);
    let since = Instant::now();
    let of = |said: &Value, condition: &str, state: &str| said["condition"] == condition && said["state"] == state;
    let told = until("the alarm of the station", &|said| of(said, "storage_failed", "active"));
    assert!(told - since < 5 * SECOND, "{:?}", told - since);
    line.spo2(70);
    until("the next number all the same", &|said| said["type"] == "reading" && said["spo2"] == 70);
    until("and its alarm", &|said| of(said, "spo2_desat", "active"));
    let http = station.http(&token);
    assert_eq!(http.bed("1")["reading"]["spo2"], 70);
    let health = station.http("").get("/healthz");
    assert_eq!(health.status, 503, "and whoever asks is told: {}", health.text);
    line.spo2(96);
    until("monitoring goes on", &|said| of(said, "spo2_desat", "cleared"));

    full(&station, false);
    until("the end of the alarm", &|said| of(said, "storage_failed", "cleared"));
    let record = http.json("/api/v1/record?limit=10000");
    let stored: BTreeMap<i64, &Value> =
        record["record"].as_array().unwrap().iter().map(|line| (line["seq"].as_i64().unwrap(), line)).collect();
    for (seq, line) in &sent {
        assert_eq!(stored.get(seq), Some(&line), "{seq} was told while the disk was full");
    }
    station.stop();
    assert_eq!(folder.run(&["check"]).status.code(), Some(0));
}

/// How long check 16 runs: `OXIWARD_SOAK_HOURS`, or 20 s, which every test run can afford.
fn soak() -> Duration {
    let hours = std::env::var("OXIWARD_SOAK_HOURS").ok().map(|hours| hours.parse::<f64>().unwrap());
    hours.map_or(20 * SECOND, |hours| Duration::from_secs_f64(3600.0 * hours))
}

/// One client that stays, and one that goes and resumes all the while, count every line of 64 beds. 24 h of it are
/// `OXIWARD_SOAK_HOURS=24 cargo test --release --test behaviour check_16`.
#[test]
fn check_16_a_soak_loses_and_doubles_not_one_number() {
    let folder = Folder::new();
    let (steady, coming) = (folder.token("steady", "viewer"), folder.token("coming and going", "viewer"));
    let station = folder.station().with(&["--demo", "64"]).start();
    let end = Instant::now() + soak();
    let begin = |socket: &mut Socket| {
        let hello = socket.next();
        (hello["epoch"].as_str().unwrap().to_owned(), socket.next_of("snapshot")["seq"].as_i64().unwrap())
    };
    // The number that must come next; told apart from one that comes again.
    let count = |next: &mut i64, said: &Value| {
        if ["reading", "alarm", "event"].iter().any(|kind| said["type"] == *kind) {
            assert_eq!(said["seq"].as_i64(), Some(*next), "{said}");
            *next += 1;
        }
    };
    let (first, all, passes) = std::thread::scope(|scope| {
        let mut socket = station.socket(&steady, "");
        let stays = scope.spawn(move || {
            let (_, first) = begin(&mut socket);
            let mut next = first + 1;
            while Instant::now() < end {
                socket.listen(SECOND).iter().for_each(|heard| count(&mut next, &heard.message));
            }
            (first, next - 1)
        });
        let mut socket = station.socket(&coming, "");
        let (epoch, mut next) = begin(&mut socket);
        next += 1;
        let mut passes = 0;
        while Instant::now() < end {
            socket.listen(2 * SECOND).iter().for_each(|heard| count(&mut next, &heard.message));
            drop(socket);
            std::thread::sleep(Duration::from_millis(300));
            socket = station.socket(&coming, &format!("?since={epoch}:{}", next - 1));
            passes += 1;
        }
        socket.until(SOON, "it is live again", |said| {
            count(&mut next, said);
            said["type"] == "resumed"
        });
        let (first, last) = stays.join().unwrap();
        (first, last.max(next - 1) - first, passes)
    });
    assert!(all > 20 * soak().as_secs() as i64, "{all} lines are no load");
    let http = station.http(&steady);
    let (mut next, mut pages) = (first + 1, 0);
    while next <= first + all {
        let page = http.json(&format!("/api/v1/record?after={}&limit=10000", next - 1));
        let lines = page["record"].as_array().unwrap();
        assert!(!lines.is_empty(), "the record ends before {next}");
        for line in lines {
            assert_eq!(line["seq"].as_i64(), Some(next), "in the record");
            next += 1;
        }
        pages += 1;
    }
    println!("{all} lines, {passes} times resumed, {pages} pages of the record");
}
