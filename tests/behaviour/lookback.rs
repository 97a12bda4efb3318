//! Looking back: what was recorded is gone through again, and gives what there was, or what there would have been.

use crate::harness::{Folder, Line, QUIET, SOON, Says, Sensor, Socket, Station, undisturbed, within};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// How late a loaded machine may tell what was due. The replay tells it when it was due.
const LATE_MS: i64 = 1000;

/// A sensor that goes through everything within half a minute.
const EVENTFUL: &str = "0s wander off, spo2 97, pulse 72, breathing off
2s spo2 85
6s spo2 97, pulse 150
11s pulse 72, battery low
13s finger out
18s finger on
20s motion on
26s motion off, battery good, searching
29s finger on, spo2 72
31s spo2 97
33s silence 6s
40s unplug 3s
44s garbage on
48s garbage off, spo2 88
52s repeat
";

/// Settings of staff that make alarms come soon.
fn hasty(socket: &mut Socket, bed: &str, change: Value) {
    let mut command = json!({ "command": "set_limits" });
    command.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let reply = socket.command(bed, command);
    assert_eq!(reply["ok"], true, "{reply}");
}

/// An alarm of the log or of a replay.
#[derive(Debug, Clone, PartialEq)]
struct Was {
    condition: String,
    since: i64,
    until: Option<i64>,
    priority: String,
    worst: Option<i64>,
    limit: Option<i64>,
}

/// What was told of the bed's alarms, each as it stood in the end.
fn log(folder: &Folder, bed: &str) -> Vec<Was> {
    let db = folder.database();
    let mut rows = db
        .prepare(
            "SELECT condition, alarm_change.since, CASE alarm_change.state WHEN 'cleared' THEN time END, priority, worst,
                    limit_value
             FROM alarm JOIN alarm_change USING (seq) WHERE alarm.bed = ?1 ORDER BY alarm_change.since, condition",
        )
        .unwrap();
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Was {
            condition: row.get(0)?,
            since: row.get(1)?,
            until: row.get(2)?,
            priority: row.get(3)?,
            worst: row.get(4)?,
            limit: row.get(5)?,
        })
    };
    rows.query_map([bed], read).unwrap().map(Result::unwrap).collect()
}

fn replayed(folder: &Folder, bed: &str) -> (Vec<Was>, Value) {
    let output = folder.run(&["what-if", "--bed", bed, "--from", "-10m", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let was = report["was"]["list"].as_array().unwrap().iter().map(|alarm| Was {
        condition: alarm["condition"].as_str().unwrap().into(),
        since: alarm["since"].as_i64().unwrap(),
        until: alarm["until"].as_i64(),
        priority: alarm["priority"].as_str().unwrap().into(),
        worst: alarm["worst"].as_i64(),
        limit: alarm["limit"].as_i64(),
    });
    let mut was: Vec<Was> = was.collect();
    was.sort_by(|one, other| (one.since, &one.condition).cmp(&(other.since, &other.condition)));
    (was, report)
}

/// The same alarms, to the millisecond in which they began. An end that came due by itself was told a little later than it
/// was due, by as much as the machine was busy.
fn assert_reproduced(folder: &Folder, bed: &str, at_least: usize) {
    let (log, (was, report)) = (log(folder, bed), replayed(folder, bed));
    assert!(log.len() >= at_least, "bed {bed} had only {} alarms: {log:#?}", log.len());
    let told = || format!("bed {bed}\nlog: {log:#?}\nreplayed: {was:#?}\n{}", report["notes"]);
    assert_eq!(report["exact"], true, "{}", told());
    assert_eq!(log.len(), was.len(), "{}", told());
    for (log, was) in log.iter().zip(&was) {
        let same = Was { until: was.until, ..log.clone() };
        assert_eq!(&same, was, "{}", told());
        match (log.until, was.until) {
            (Some(log), Some(was)) => assert!((0..=LATE_MS).contains(&(log - was)), "{log} {was} {}", told()),
            (log, was) => assert_eq!(log, was, "{}", told()),
        }
    }
}

struct Beds<'a> {
    folder: &'a Folder,
    line: Line,
    sensors: Vec<(&'static str, &'static str, Sensor)>,
    token: String,
}

impl<'a> Beds<'a> {
    fn new(folder: &'a Folder) -> Self {
        let script: PathBuf = folder.beside("eventful.scenario");
        std::fs::write(&script, EVENTFUL).unwrap();
        let script = script.to_str().unwrap();
        let sensor = |bed, protocol| {
            let link = folder.beside(&format!("sensor-{bed}"));
            let link = link.to_str().unwrap();
            (bed, protocol, Sensor::with(&["--protocol", protocol, "--script", script, "--link", link]))
        };
        let sensors = vec![sensor("2", "contec-v7"), sensor("3", "masimo-ascii"), sensor("4", "nonin-df2")];
        let token = folder.token("anna", "nurse");
        Self { line: Line::numbers(97, 72), sensors, token, folder }
    }

    fn start(&self) -> (Station, Socket) {
        let mut plan = self.folder.station().bed("1", self.line.path(), "cms50");
        for (bed, protocol, _) in &self.sensors {
            plan = plan.bed(bed, &self.folder.beside(&format!("sensor-{bed}")), protocol);
        }
        let station = plan.start();
        let socket = station.socket(&self.token, "?beds=1");
        (station, socket)
    }
}

#[test]
fn replaying_with_the_limits_that_were_in_force_reproduces_the_stored_log_exactly() {
    undisturbed(QUIET, goes_through_much_and_is_replayed);
}

fn goes_through_much_and_is_replayed(folder: &Folder) {
    let beds = Beds::new(folder);
    let (station, mut nurse) = beds.start();
    nurse.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
    for bed in ["1", "2", "3", "4"] {
        hasty(&mut nurse, bed, json!({ "delay_s": 2 }));
    }
    // A low value, limits that are moved under it, and a fall past them.
    beds.line.spo2(86);
    nurse.alarm_within(SOON, "spo2_low", "active");
    hasty(&mut nurse, "1", json!({ "spo2_low": 84, "spo2_desat": 78 }));
    nurse.alarm_within(SOON, "spo2_low", "cleared");
    hasty(&mut nurse, "1", json!({ "spo2_low": 90, "area_delay": 10 }));
    nurse.alarm_within(SOON, "spo2_low", "active");
    beds.line.spo2(74);
    nurse.alarm_within(SOON, "spo2_desat", "active");
    // The numbers stop in the middle of it.
    beds.line.says(Says::NoFinger);
    nurse.alarm_within(SOON, "no_finger", "active");
    beds.line.says(Says::Nothing);
    nurse.alarm_within(2 * SOON, "no_signal", "active");
    beds.line.spo2(85);
    nurse.alarm_within(2 * SOON, "spo2_low", "active");
    // Another patient, whose alarm is the same and another one.
    let reply = nurse.command("1", json!({ "command": "discharge" }));
    assert_eq!(reply["ok"], true, "{reply}");
    hasty(&mut nurse, "1", json!({ "delay_s": 4 }));
    nurse.alarm_within(2 * SOON, "spo2_low", "active");
    std::thread::sleep(4 * SECOND);
    station.stop();

    // A clean stop in the middle of an alarm, and one of a delay.
    let (station, mut nurse) = beds.start();
    nurse.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 85);
    beds.line.spo2(97);
    nurse.alarm_within(SOON, "spo2_low", "cleared");
    beds.line.says(Says::Numbers { spo2: 97, pulse: 130 });
    std::thread::sleep(2 * SECOND);
    station.stop();
    let (station, mut nurse) = beds.start();
    nurse.alarm_within(2 * SOON, "pulse_high", "active");
    std::thread::sleep(5 * SECOND);

    // A kill, after which the delays go on from where they were last written down.
    beds.line.says(Says::Numbers { spo2: 88, pulse: 72 });
    std::thread::sleep(Duration::from_millis(2700));
    station.kill();
    let (station, mut nurse) = beds.start();
    nurse.alarm_within(2 * SOON, "spo2_low", "active");
    std::thread::sleep(20 * SECOND);
    station.stop();

    assert_reproduced(beds.folder, "1", 8);
    for (bed, _, _) in &beds.sensors {
        assert_reproduced(beds.folder, bed, 6);
    }
}

#[test]
fn other_limits_say_what_they_would_have_spared_and_what_they_would_have_cost() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let (viewer, nurse) = (folder.token("eve", "viewer"), folder.token("anna", "nurse"));
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let mut nurse = station.socket(&nurse, "");
    nurse.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
    hasty(&mut nurse, "1", json!({ "delay_s": 1 }));
    line.spo2(88);
    let alarm = nurse.alarm_within(SOON, "spo2_low", "active").message;
    assert_eq!(nurse.command("1", json!({ "command": "acknowledge" }))["ok"], true);
    // So long that a delay of two seconds is met, whichever packet brought each change.
    std::thread::sleep(SECOND * 3 / 2);
    line.spo2(97);
    nurse.alarm_within(SOON, "spo2_low", "cleared");

    // A viewer changes nothing by asking.
    let http = station.http(&viewer);
    let path = "/api/v1/beds/1/what-if";
    let report = within(SOON, "the alarm in the record", || {
        let report = http.post(path, &json!({ "from": "-5m", "limits": { "spo2_low": 86 } })).json();
        (report["lost"][0]["until"].is_i64()).then_some(report)
    });
    assert_eq!((&report["was"]["alarms"]["spo2_low"], &report["would"]["alarms"]["spo2_low"]), (&json!(1), &json!(0)));
    let lost = &report["lost"][0];
    assert_eq!((&lost["condition"], &lost["since"], &lost["worst"]), (&json!("spo2_low"), &alarm["since"], &json!(88)));
    let seconds = |pass: &str, name: &str| report[pass][name].as_f64().unwrap();
    assert!((0.9..1.5).contains(&seconds("was", "below_unalarmed_s")), "the delay: {report}");
    assert!(seconds("would", "below_unalarmed_s") > 1.9, "all of it: {report}");
    assert_eq!(report["was"]["below_s"], report["would"]["below_s"], "below the limit that was in force");
    let later = http.post(path, &json!({ "from": "-5m", "limits": { "delay_s": 2 } })).json();
    assert_eq!(later["later"][0]["by_s"], 1.0, "{later}");

    // Contradictions are refused whole and in words.
    let refused = http.post(path, &json!({ "from": "-5m", "limits": { "spo2_desat": 95 } }));
    assert_eq!((refused.status, refused.code()), (400, "bad_limits".to_owned()));
    assert!(refused.text.contains("spo2_desat (95) must be below spo2_low (90)"), "{}", refused.text);
    assert_eq!(http.post("/api/v1/beds/9/what-if", &json!({ "from": "-5m" })).status, 404);

    // The command line says the same beside the running station.
    let asked = folder.run(&["what-if", "--bed", "1", "--from", "-5m", "--spo2-low", "86"]);
    let text = String::from_utf8(asked.stdout).unwrap();
    assert_eq!(asked.status.code(), Some(0), "{text}");
    assert!(text.contains("lost: 1\n") && text.contains("won: 0\n") && text.contains("worst 88, limit 90"), "{text}");
    let of_a_day = folder.run(&["what-if", "--bed", "1", "--from", "2026-01-01", "--to", "2026-01-02"]);
    assert_eq!(of_a_day.status.code(), Some(0), "{}", String::from_utf8_lossy(&of_a_day.stderr));
    let refused = folder.run(&["what-if", "--bed", "1", "--from", "-5m", "--spo2-high", "80"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("spo2_high (80) must be above spo2_low (90)"));
    assert_eq!(folder.run(&["what-if", "--bed", "9", "--from", "-5m"]).status.code(), Some(1));

    // What there was, for a quality meeting.
    let load = http.json("/api/v1/alarm-load?from=-5m");
    let bed = &load["beds"][0];
    assert_eq!((&bed["bed"], &bed["by_condition"]["spo2_low"]), (&json!("1"), &json!(1)), "{load}");
    assert_eq!(bed["alarms"], load["ward"]["alarms"]);
    let share = bed["acknowledged_share"].as_f64().unwrap();
    assert!(share > 0.0 && bed["to_acknowledge_s"]["longest"].as_f64().unwrap() < 5.0, "{load}");
    assert!(bed["watched_s"].as_f64().unwrap() > 3.0 && bed["per_bed_day"].as_f64().unwrap() > 100.0, "{load}");
    let hours: u64 = load["hours"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!((load["hours"].as_array().unwrap().len(), json!(hours)), (24, load["ward"]["alarms"].clone()));
    assert_eq!(load["top_tenth_share"], 1.0);
    let table = http.get("/api/v1/alarm-load?from=-5m&format=csv");
    assert!(table.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let rows: Vec<&str> = table.text.lines().collect();
    assert!(rows[0].starts_with("bed,name,alarms,") && rows[1].starts_with(",Ward,"), "{}", table.text);
    assert!(rows[2].starts_with("1,Bed 1,") && rows.len() == 3, "{}", table.text);
}
