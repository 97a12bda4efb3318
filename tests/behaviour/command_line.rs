//! What the command line takes, and what it says to what it does not take.

use crate::harness::{Folder, Line, Process, Sensor, oxiward};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn run(arguments: &[&str]) -> Output {
    oxiward().args(arguments).output().unwrap()
}

#[track_caller]
fn said(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// Refused as wrong usage, in words that name each of `words`.
#[track_caller]
fn wrong_usage(output: &Output, words: &[&str]) {
    let text = said(output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    for word in words {
        assert!(text.contains(word), "{word:?} is missing in: {text}");
    }
}

#[track_caller]
fn serve_fails(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = oxiward();
    command.args(["serve", "--local", "127.0.0.1:0", "--no-lan", "--no-discover", "--data"]).arg(folder.data());
    let mut process = Process::start(command.args(arguments));
    let status = process.ends_within(10 * SECOND);
    assert_eq!(process.line_within(Duration::ZERO), None, "nothing listens");
    (status.code(), process.said())
}

#[test]
fn every_command_has_help() {
    for command in [
        "",
        "serve",
        "simulate",
        "decode",
        "ports",
        "token",
        "token add",
        "token list",
        "token revoke",
        "pair",
        "backup",
        "check",
    ] {
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", said(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("Usage:") && text.contains("--data"), "{command}: {text}");
    }
    let version = run(&["--version"]);
    assert!(String::from_utf8(version.stdout).unwrap().contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_is_not_known_is_named_and_ends_with_2() {
    let folder = Folder::new();
    let data = folder.data();
    let serve = |more: &[&str]| {
        let mut arguments = vec!["serve", "--data", data.to_str().unwrap()];
        arguments.extend(more);
        run(&arguments)
    };
    wrong_usage(&serve(&["--bed", "1=/dev/null,contec"]), &["contec", "cms50", "contec-v7", "nonin-df2"]);
    wrong_usage(&serve(&["--bed", "1"]), &["ID=PORT"]);
    wrong_usage(&serve(&["--bed", "=x"]), &["--bed"]);
    wrong_usage(&serve(&["--bed", "a b=/dev/null"]), &["a b"]);
    wrong_usage(&serve(&["--bed", "1=/dev/a", "--bed", "1=/dev/b"]), &["1", "twice"]);
    wrong_usage(&serve(&["--bed", "1=/dev/a", "--bed", "2=/dev/a"]), &["/dev/a", "1", "2"]);
    wrong_usage(&serve(&["--colour"]), &["--colour"]);
    wrong_usage(&serve(&["--local", "0.0.0.0:0"]), &["loopback", "--lan"]);
    wrong_usage(&serve(&["--local", "somewhere"]), &["somewhere"]);
    wrong_usage(&serve(&["--demo", "0"]), &["--demo"]);
    wrong_usage(&serve(&["--log", "loud"]), &["loud"]);
    wrong_usage(&run(&["dance"]), &["dance"]);
    wrong_usage(&run(&["simulate", "--protocol", "cms5", "--scenario", "steady"]), &["cms5", "cms50"]);
    wrong_usage(&run(&["simulate", "--protocol", "cms50", "--scenario", "calm"]), &["calm", "steady"]);
    wrong_usage(&run(&["simulate", "--protocol", "cms50"]), &["--scenario", "--script", "--replay"]);
    wrong_usage(&run(&["simulate", "--scenario", "steady"]), &["--protocol"]);
    wrong_usage(
        &run(&["simulate", "--protocol", "cms50", "--scenario", "steady", "--faults", "tear"]),
        &["tear", "flip", "all"],
    );
    wrong_usage(&run(&["simulate", "--replay", "x", "--faults", "flip"]), &["--replay", "--faults"]);
    wrong_usage(&folder.run(&["token", "add", "--name", "x", "--role", "doctor"]), &["doctor", "nurse"]);
    assert!(!data.join("oxiward.db").exists(), "nothing was begun");
}

#[test]
fn an_unknown_key_of_the_settings_is_refused_by_name() {
    let folder = Folder::new();
    for (settings, word) in [
        ("colour = 1", "colour"),
        ("[sound]\nvolume = 3", "volume"),
        ("local = \"0.0.0.0:1\"", "0.0.0.0"),
        ("local = ", "oxiward.toml"),
    ] {
        std::fs::write(folder.data().join("oxiward.toml"), settings).unwrap();
        let (status, text) = serve_fails(&folder, &[]);
        assert_eq!(status, Some(2), "{settings}: {text}");
        assert!(text.contains(word), "{settings}: {text}");
    }
    let elsewhere = folder.beside("other.toml");
    std::fs::write(&elsewhere, "size = 1").unwrap();
    let (status, text) = serve_fails(&folder, &["--config", elsewhere.to_str().unwrap()]);
    assert!(status == Some(2) && text.contains("size"), "{text}");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named_before_anything_listens() {
    let folder = Folder::new();
    let file = folder.beside("file");
    std::fs::write(&file, "").unwrap();
    let data = file.join("data");
    let mut command = oxiward();
    command.args(["serve", "--local", "127.0.0.1:0", "--no-lan", "--data"]).arg(&data);
    let mut process = Process::start(&mut command);
    assert_eq!(process.ends_within(10 * SECOND).code(), Some(1));
    let text = process.said();
    assert!(text.contains(data.to_str().unwrap()) && text.contains("--data"), "{text}");
    assert_eq!(process.line_within(Duration::ZERO), None);
}

#[test]
fn a_taken_address_is_named_with_its_holder() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = oxiward();
    command.args(["serve", "--no-lan", "--no-discover", "--local", &address, "--data"]).arg(folder.data());
    let mut process = Process::start(&mut command);
    assert_eq!(process.ends_within(10 * SECOND).code(), Some(1));
    let text = process.said();
    assert!(text.contains(&address), "{text}");
    assert!(text.contains(&format!("process {}", std::process::id())), "the holder is this test: {text}");

    let mut command = oxiward();
    command.args(["serve", "--local", "127.0.0.1:0", "--no-discover", "--lan", &address, "--data"]).arg(folder.data());
    let mut process = Process::start(&mut command);
    assert_eq!(process.ends_within(10 * SECOND).code(), Some(1));
    assert!(process.said().contains(&address), "{}", process.said());
}

#[test]
fn a_second_station_on_the_same_folder_says_which_process_holds_it() {
    let folder = Folder::new();
    let first = folder.station().start();
    let (status, text) = serve_fails(&folder, &[]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains(&first.process.id().to_string()) && text.contains(folder.data().to_str().unwrap()), "{text}");
    first.kill();
    folder.station().start().stop();
}

#[test]
fn the_data_folder_can_be_named_in_the_environment() {
    let folder = Folder::new();
    let mut command = oxiward();
    command.env("OXIWARD_DATA", folder.data()).args(["token", "add", "--name", "a", "--role", "viewer"]);
    assert!(command.output().unwrap().status.success());
    assert!(folder.data().join("oxiward.db").exists());
}

#[test]
fn tokens_are_made_listed_and_revoked() {
    let folder = Folder::new();
    let output = folder.run(&["token", "add", "--name", "anna", "--role", "nurse"]);
    let line = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.code(), line.lines().count()), (Some(0), 1), "alone on one line: {line:?}");
    assert!(line.trim().len() >= 32, "{line:?}");
    let again = folder.run(&["token", "add", "--name", "anna", "--role", "viewer"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(said(&again).contains("anna"), "{}", said(&again));
    folder.token("ben", "viewer");
    let list = String::from_utf8(folder.run(&["token", "list"]).stdout).unwrap();
    assert!(
        list.lines().count() == 2 && list.contains("anna") && list.contains("nurse") && list.contains("ben"),
        "{list}"
    );
    assert!(!list.contains(line.trim()));
    assert_eq!(folder.run(&["token", "revoke", "anna"]).status.code(), Some(0));
    let unknown = folder.run(&["token", "revoke", "anna"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(said(&unknown).contains("anna"), "{}", said(&unknown));
}

#[test]
fn pairing_without_a_station_says_what_to_start() {
    let folder = Folder::new();
    let output = folder.run(&["pair"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("oxiward serve"), "{}", said(&output));
}

#[test]
fn a_record_that_was_tampered_with_does_not_pass_the_check() {
    let (folder, line) = (Folder::new(), Line::numbers(97, 72));
    let token = folder.token("anna", "nurse");
    let station = folder.station().bed("1", line.path(), "cms50").start();
    for spo2_low in [88, 89] {
        station.http(&token).done("1", &serde_json::json!({"command":"set_limits","spo2_low":spo2_low}));
    }
    station.stop();
    let sound = folder.run(&["check"]);
    assert_eq!(sound.status.code(), Some(0), "{}", said(&sound));
    let database = rusqlite::Connection::open(folder.data().join("oxiward.db")).unwrap();
    database
        .execute_batch(
            "DROP TRIGGER audit_is_not_changed;
             UPDATE audit SET by = 'nobody' WHERE id = (SELECT min(id) FROM audit WHERE what = 'limits_changed');",
        )
        .unwrap();
    database.close().unwrap();
    let tampered = folder.run(&["check"]);
    assert_eq!(tampered.status.code(), Some(1));
    assert!(said(&tampered).contains("audit"), "{}", said(&tampered));
}

#[test]
fn a_simulated_sensor_has_a_link_that_leaves_with_it_and_touches_no_file() {
    let folder = Folder::new();
    let link = folder.beside("tty");
    let sensor = Sensor::at(&link, "cms50", "steady");
    assert_eq!(sensor.path(), link);
    assert!(std::fs::read_link(&link).unwrap().starts_with("/dev/pts"));
    sensor.unplug();
    assert!(!link.exists() && link.symlink_metadata().is_err());

    std::fs::write(&link, "somebody's").unwrap();
    let output = run(&["simulate", "--protocol", "cms50", "--scenario", "steady", "--link", link.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains(link.to_str().unwrap()), "{}", said(&output));
    assert_eq!(std::fs::read_to_string(&link).unwrap(), "somebody's");
}

#[test]
fn ports_are_listed_a_line_each() {
    let output = run(&["ports"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        assert!(line.starts_with('/') && Path::new(line.split('\t').next().unwrap()).exists(), "{line}");
    }
}
