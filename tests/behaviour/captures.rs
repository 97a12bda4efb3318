//! Raw captures: what went over a sensor's line, kept, decoded and played.

use crate::harness::{Folder, Line, Process, SOON, Sensor, oxiward, within};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

fn decode(file: &Path, more: &[&str]) -> Output {
    oxiward().arg("decode").arg(file).args(more).output().unwrap()
}

#[track_caller]
fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The live packets of a CMS50D+ with firmware 4.6: signal 5, SpO₂ 97, pulse 65, no perfusion index. From the
/// docstring of headrotor/contec_data's `stream_data.py`, MIT.
const LIVE: &str = "01 e0 85 b3 96 c1 e1 ff ff";

/// A capture that goes through what a capture can say.
fn eventful() -> String {
    let mut text =
        String::from("oxiward-capture 1\nprotocol: contec-v7\n\n0.000000 open 115200 8N1\n0.000412 > 7d 81 a7\n");
    for packet in 0..120 {
        text += &format!("{:.6} < {LIVE}\n", 1.0 + f64::from(packet) / 60.0);
    }
    text + "9.000000 gone\n12.500000 end An admin stopped it.\n"
}

#[test]
fn a_capture_is_decoded_to_the_readings_of_its_time() {
    let folder = Folder::new();
    let file = folder.beside("sensor.capture");
    std::fs::write(&file, eventful()).unwrap();
    let table = text(&decode(&file, &[]));
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "     time s   SpO2 %  pulse/min   PI %  status");
    assert!(table.contains("      1.033       97         65      -\n"), "the third packet confirms: {table}");
    assert!(table.contains("      4.983        -          -      -  stale\n"), "two seconds after the last: {table}");
    assert!(
        table.contains("      9.000  [unplugged]\n      9.000        -          -      -  disconnected\n"),
        "{table}"
    );
    assert!(table.contains("Protocol: contec-v7, named in the capture.\n"), "{table}");
    assert!(table.contains("120 samples in 1080 bytes from the sensor: 120 frames, 0 rejected, 0 bytes skipped.\n"));
    assert!(!table.contains("no end"), "{table}");

    let csv = decode(&file, &["--format", "csv"]);
    assert!(text(&csv).contains("\n1.033,97,65,,,\n"), "{}", text(&csv));
    assert!(text(&csv).lines().all(|line| line.split(',').count() == 6), "{}", text(&csv));
    assert!(String::from_utf8_lossy(&csv.stderr).contains("120 samples"));
}

#[test]
fn a_capture_that_names_no_protocol_is_recognised_and_a_torn_one_says_so() {
    let folder = Folder::new();
    let file = folder.beside("sensor.capture");
    let unnamed = eventful().replace("protocol: contec-v7\n", "");
    std::fs::write(&file, &unnamed[..unnamed.find("9.000000 gone").unwrap() - 5]).unwrap();
    let table = text(&decode(&file, &[]));
    assert!(table.contains("Protocol: contec-v7, recognised.\n"), "{table}");
    assert!(table.contains("is the last and was cut off; it counts for nothing.\n"), "{table}");
    assert!(table.contains("119 samples"), "{table}");
}

#[test]
fn bare_bytes_are_decoded_where_the_protocol_is_named() {
    let folder = Folder::new();
    let file = folder.beside("bytes.bin");
    let frame = [0x85, 0x40, 0x07, 0x48, 0x61];
    std::fs::write(&file, frame.repeat(60)).unwrap();
    let refused = decode(&file, &[]);
    assert_eq!(refused.status.code(), Some(2));
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(why.contains("no raw capture") && why.contains("--protocol: cms50, "), "{why}");
    let table = text(&decode(&file, &["--protocol", "cms50"]));
    assert!(table.contains("97         72") && table.contains("60 samples in 300 bytes"), "{table}");
    assert!(table.contains("The file has no times"), "{table}");
}

#[test]
fn a_capture_that_makes_no_sense_is_refused_with_the_line_and_the_remedy() {
    let folder = Folder::new();
    let file = folder.beside("sensor.capture");
    std::fs::write(&file, eventful().replace("> 7d 81", "> 7d 0x81")).unwrap();
    let refused = decode(&file, &[]);
    assert_eq!(refused.status.code(), Some(1));
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(why.contains("sensor.capture: Line 5: \"0x81\" is not a byte. Write two hexadecimal digits"), "{why}");
    let missing = decode(&folder.beside("nothing"), &[]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("cannot be read"));
}

/// An older Contec that says one saturation after the other, each for two seconds.
fn saturations(of: &[u8]) -> String {
    let mut text = String::from("oxiward-capture 1\nprotocol: cms50\nline: 19200 8O1\n\n0.000000 open 19200 8O1\n");
    for (number, spo2) in of.iter().flat_map(|spo2| std::iter::repeat_n(spo2, 120)).enumerate() {
        let at = Duration::from_secs(1) + Duration::from_secs(number as u64) / 60;
        text += &format!("{}.{:06} < 85 40 07 48 {spo2:02x}\n", at.as_secs(), at.subsec_micros());
    }
    text + "9.000000 end An admin stopped it.\n"
}

#[test]
fn a_replay_waits_for_the_station_and_gives_it_the_readings_of_its_time() {
    let folder = Folder::new();
    let file = folder.beside("sensor.capture");
    std::fs::write(&file, saturations(&[97, 91, 88])).unwrap();
    let sensor = Sensor::with(&["--replay", file.to_str().unwrap()]);
    // Whoever comes later still hears it from its beginning.
    std::thread::sleep(Duration::from_secs(2));
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", sensor.path(), "cms50").start();
    let mut socket = station.socket(&token, "");
    let mut seen: Vec<i64> = Vec::new();
    socket.until(2 * SOON, "the last saturation, and silence behind it", |said| {
        if said["type"] == "reading" && said["bed"] == "1" {
            seen.extend(said["spo2"].as_i64());
            return seen.last() == Some(&88) && said["spo2"].is_null();
        }
        false
    });
    seen.dedup();
    assert_eq!(seen, [97, 91, 88]);
    within(SOON, "it says that this was all", || {
        sensor.said().contains("Everything in the capture was played").then_some(())
    });
}

#[test]
fn a_script_and_a_bad_line_make_a_sensor_too() {
    let folder = Folder::new();
    let file = folder.beside("fall.scenario");
    std::fs::write(&file, "0s spo2 85, wander off").unwrap();
    let sensor = Sensor::with(&[
        "--protocol",
        "cms50",
        "--script",
        file.to_str().unwrap(),
        "--faults",
        "flip=2000",
        "--seed",
        "3",
    ]);
    let token = folder.token("lab", "viewer");
    let station = folder.station().bed("1", sensor.path(), "cms50").start();
    let mut socket = station.socket(&token, "");
    socket.until(SOON, "what the script says", |said| said["type"] == "reading" && said["spo2"] == 85);

    std::fs::write(&file, "0s spo2 850").unwrap();
    let refused = oxiward().args(["simulate", "--protocol", "cms50", "--script"]).arg(&file).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(why.contains("fall.scenario: Line 1: \"spo2 850\" cannot be done."), "{why}");
}

#[test]
fn what_the_help_tells_to_try_works() {
    let folder = Folder::new();
    let link = folder.beside("sensor");
    std::fs::write(folder.beside("bed-1.capture"), saturations(&[97])).unwrap();
    let help = text(&oxiward().args(["simulate", "--help"]).output().unwrap());
    let help = help.replace("/tmp/sensor", link.to_str().unwrap());
    let lines = |first: &str| -> Vec<Vec<String>> {
        let words = |line: &str| line.split_whitespace().skip(1).map(str::to_owned).collect();
        help.lines().map(str::trim).filter(|line| line.starts_with(first)).map(words).collect()
    };
    let script = help.lines().map(str::trim).find(|line| line.starts_with("printf")).expect("a script of one's own");
    assert!(Command::new("sh").args(["-c", script]).current_dir(folder.beside("")).status().unwrap().success());

    let simulate = lines("oxiward simulate");
    assert_eq!(simulate.len(), 3, "{help}");
    let sensors: Vec<Sensor> =
        simulate.iter().map(|words| Sensor::in_folder(&folder.beside(""), &words[1..])).collect();
    assert!(sensors.iter().all(|sensor| sensor.path().exists()));
    let serve = &lines("oxiward serve")[0];
    let token = folder.token("lab", "viewer");
    let serve: Vec<&str> = serve[1..].iter().map(String::as_str).filter(|word| *word != "--no-discover").collect();
    let station = folder.station().with(&serve).start();
    let mut socket = station.socket(&token, "");
    socket.until(2 * SOON, "a number", |said| said["type"] == "reading" && said["spo2"].is_i64());
}

/// What a reading says, without its time.
fn said(reading: &Value) -> String {
    let number = |name: &str| if reading[name].is_null() { String::new() } else { reading[name].to_string() };
    let status: Vec<&str> = reading["status"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    format!("{},{},{}", number("spo2"), number("pulse_rate"), status.join(" "))
}

#[test]
fn a_capture_decodes_to_what_the_station_recorded() {
    for protocol in ["contec-v7", "nonin-df2"] {
        let (folder, sensor) = (Folder::new(), Sensor::new(protocol, "finger-out"));
        let file = folder.beside("sensor.capture");
        let token = folder.token("lab", "viewer");
        let capture = ["--capture", file.to_str().unwrap()];
        let station = folder.station().bed("1", sensor.path(), protocol).with(&capture).start();
        let mut socket = station.socket(&token, "");
        socket.until(2 * SOON, "the finger is out", |said| {
            said["type"] == "reading" && said["status"].as_array().unwrap().contains(&json!("no_finger"))
        });
        let record = station.http(&token).json("/api/v1/record?limit=10000");
        let lines = record["record"].as_array().unwrap().iter().filter(|line| line["type"] == "reading");
        let mut recorded: Vec<String> = lines.map(said).collect();
        recorded.dedup();
        station.stop();

        let csv = text(&decode(&file, &["--format", "csv"]));
        let rows = csv.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>()).filter(|row| row[5].is_empty());
        let mut decoded: Vec<String> = rows.map(|row| format!("{},{},{}", row[1], row[2], row[4])).collect();
        decoded.dedup();
        assert!(recorded.len() >= 4, "{recorded:?}");
        assert_eq!(decoded[..recorded.len()], recorded, "{protocol}: {csv}");
        let kept = std::fs::read_to_string(&file).unwrap();
        assert!(kept.contains(" > "), "what was sent is kept too: {protocol}");
        assert!(kept.trim_end().ends_with(" end The station was stopped, or the bed was taken away."), "{protocol}");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn an_admin_starts_and_stops_a_capture_fetches_it_and_takes_it_away() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let (admin, nurse) = (folder.token("anna", "admin"), folder.token("nils", "nurse"));
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let http = station.http(&admin);
    let forbidden = station.http(&nurse).command("1", &json!({"command":"start_capture"}));
    assert_eq!((forbidden.status, forbidden.code()), (403, "forbidden".to_owned()));
    assert_eq!(http.command("1", &json!({"command":"stop_capture"})).code(), "no_capture");

    let started = http.done("1", &json!({"command":"start_capture"}))["result"].clone();
    let name = started["file"].as_str().unwrap().to_owned();
    assert!(name.starts_with("bed-1-") && name.ends_with(".capture"), "{name}");
    assert_eq!(http.bed("1")["sensor"]["capture"]["file"], json!(name));
    assert_eq!(http.command("1", &json!({"command":"start_capture"})).code(), "capture_running");
    assert_eq!(http.ask("DELETE", &format!("/api/v1/captures/{name}"), ()).status, 409);
    let kept = folder.data().join("captures").join(&name);
    within(SOON, "the bytes are kept", || std::fs::read_to_string(&kept).unwrap().contains(" < ").then_some(()));

    let stopped = http.done("1", &json!({"command":"stop_capture"}))["result"].clone();
    assert_eq!((&stopped["file"], &stopped["missing"]), (&json!(name), &json!(0)));
    assert_eq!(http.bed("1")["sensor"]["capture"], Value::Null);
    let listed = http.json("/api/v1/captures")["captures"][0].clone();
    assert_eq!((&listed["file"], &listed["bed"], &listed["running"]), (&json!(name), &json!("1"), &json!(false)));
    assert_eq!(listed["bytes"], stopped["bytes"]);
    let fetched = http.get(&format!("/api/v1/captures/{name}"));
    assert_eq!(fetched.status, 200);
    assert_eq!(fetched.text, std::fs::read_to_string(&kept).unwrap());
    assert!(fetched.text.ends_with("end anna stopped it.\n") && fetched.text.contains("protocol: cms50\n"));
    assert!(text(&decode(&kept, &[])).contains(" 97         72 "));
    for kind in ["capture_started", "capture_stopped"] {
        let events = http.json(&format!("/api/v1/events?from=-1m&kind={kind}"));
        assert_eq!(
            (&events["events"][0]["by"], &events["events"][0]["detail"]["file"]),
            (&json!("anna"), &json!(name))
        );
        let audited: String = folder
            .database()
            .query_row("SELECT by FROM audit WHERE what = ?1 AND bed = '1'", [kind], |row| row.get(0))
            .unwrap();
        assert_eq!(audited, "anna");
    }

    assert_eq!(station.http(&nurse).get("/api/v1/captures").status, 403);
    for other in ["..%2Foxiward.db", "%2Fetc%2Fhostname", "bed-2-20261121-101500.capture"] {
        assert_eq!(http.get(&format!("/api/v1/captures/{other}")).status, 404, "{other}");
        assert_eq!(http.ask("DELETE", &format!("/api/v1/captures/{other}"), ()).status, 404, "{other}");
    }
    assert_eq!(http.ask("DELETE", &format!("/api/v1/captures/{name}"), ()).status, 200);
    assert!(!kept.exists() && http.json("/api/v1/captures")["captures"].as_array().unwrap().is_empty());
}

#[test]
fn a_capture_that_cannot_be_written_is_told_and_the_readings_go_on() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let admin = folder.token("anna", "admin");
    std::fs::write(folder.data().join("captures"), "no folder").unwrap();
    let station = folder.station().bed("1", line.path(), "cms50").start();
    let http = station.http(&admin);
    let refused = http.command("1", &json!({"command":"start_capture"}));
    assert_eq!((refused.status, refused.code()), (409, "capture_failed".to_owned()));
    assert!(refused.text.contains("The file cannot be made"), "{}", refused.text);
    let events = http.json("/api/v1/events?from=-1m&kind=capture_failed");
    assert_eq!(events["events"][0]["by"], "anna", "{events}");
    assert_eq!(http.bed("1")["sensor"]["capture"], Value::Null);
    let mut socket = station.socket(&admin, "");
    socket.until(SOON, "a number", |said| said["type"] == "reading" && said["spo2"] == 97);
}

#[test]
fn a_capture_on_the_command_line_that_cannot_be_is_refused_before_anything_listens() {
    let folder = Folder::new();
    let (there, beds) = (folder.beside("there.capture"), ["--bed", "1=/dev/a", "--bed", "icu-2=/dev/b"]);
    std::fs::write(&there, "somebody's").unwrap();
    let capture_of = |bed: &str| format!("{bed}={}", there.display());
    for (capture, words) in [
        ("x.capture".to_owned(), "say for which bed, as in --capture BED=FILE: 1, icu-2."),
        (capture_of("3"), "there is no bed 3 with a port. Beds with one: 1, icu-2."),
        (capture_of("1"), "Name a file that is not there yet"),
    ] {
        let mut command = oxiward();
        command.args(["serve", "--local", "127.0.0.1:0", "--no-lan", "--no-discover", "--data"]).arg(folder.data());
        let mut process = Process::start(command.args(beds).args(["--capture", &capture]));
        assert_eq!(process.ends_within(2 * SOON).code(), Some(1), "{capture}");
        assert_eq!(process.line_within(Duration::ZERO), None, "nothing listens");
        assert!(process.said().contains(words), "{capture}: {}", process.said());
    }
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "somebody's");
}

/// Lines of a Radical-7 as nmenon/masimo-datacapture (BSD-2-Clause) has them, which keeps no CR.
#[test]
fn lines_that_a_program_kept_without_their_cr_are_all_decoded() {
    let folder = Folder::new();
    let file = folder.beside("lines.txt");
    let line = "03/17/16 19:19:36 SN=---------- SPO2=098% BPM=123 PI=00.55 SPCO=--% SPMET=--.-% SPHB=--.- SPOC=-- \
                RESVD=--- DESAT=-- PIDELTA=+-- PVI=--- ALARM=000000 EXC=0000C00 EXC1=00000000\n";
    for ending in ["\n", "\r\n"] {
        std::fs::write(&file, line.replace('\n', ending).repeat(4)).unwrap();
        let table = text(&decode(&file, &["--protocol", "masimo-ascii"]));
        assert_eq!(table.matches("98        123   0.55").count(), 4, "{table}");
        assert!(table.contains("4 frames, 0 rejected"), "{table}");
    }
}
