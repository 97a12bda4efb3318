//! Sensors that change places, against a made-up list of adapters: the ports behind them are pseudo-terminals with
//! simulated sensors, opened as any other port.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test what is not there fails it")]

use oximeter::{Protocol, Scenario, Simulator};
use station::{Answer, BedChange, Command, Handle, Options, Plugged, Ports, Simulated, Station};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use vitals::{Adapter, BedId, BedView, SensorState};

/// The adapters of a computer, as the test wants them.
#[derive(Clone)]
struct Computer {
    plugged: Arc<Mutex<Vec<Plugged>>>,
    /// Stands for `/dev`: something happens in it at each plug.
    dev: Arc<tempfile::TempDir>,
    data: Arc<tempfile::TempDir>,
}

impl Computer {
    fn new() -> Self {
        Self {
            plugged: Arc::default(),
            dev: Arc::new(tempfile::tempdir().unwrap()),
            data: Arc::new(tempfile::tempdir().unwrap()),
        }
    }

    fn has(&self, plugged: &[Plugged]) {
        *self.plugged.lock().unwrap() = plugged.to_vec();
        let event = self.dev.path().join("ttyUSB");
        let _ = std::fs::remove_file(&event);
        std::fs::write(event, "").unwrap();
    }

    fn start(&self, discover: bool) -> Station {
        let plugged = Arc::clone(&self.plugged);
        let list = move || Some(plugged.lock().unwrap().clone());
        Station::start(Options {
            folder: self.data.path().to_owned(),
            discover,
            ports: Ports::told_by(list, self.dev.path().to_owned()),
            ..Options::default()
        })
        .unwrap()
    }
}

fn sensor(protocol: Protocol, seed: u64) -> Simulated {
    Simulated::start(Simulator::new(protocol, Scenario::Steady, seed, Duration::ZERO), None).unwrap()
}

fn path(sensor: &Simulated) -> String {
    sensor.path().display().to_string()
}

/// A Nonin cable, whose serial number is its own.
fn nonin(sensor: &Simulated, serial: &str, place: &str) -> Plugged {
    let adapter = Adapter {
        name: "FT232R USB UART".into(),
        usb: "0403:6001".into(),
        serial: Some(serial.into()),
        place: Some(format!("usb {place}")),
    };
    Plugged { path: path(sensor), adapter: Some(adapter) }
}

/// A Contec cable, whose serial number is every cable's.
fn contec(sensor: &Simulated, place: &str) -> Plugged {
    let adapter = Adapter {
        name: "CP2102 USB to UART Bridge Controller".into(),
        usb: "10c4:ea60".into(),
        serial: Some("0001".into()),
        place: Some(format!("usb {place}")),
    };
    Plugged { path: path(sensor), adapter: Some(adapter) }
}

fn bed(id: &str) -> BedId {
    BedId::new(id).unwrap()
}

async fn name(station: &Handle, id: &str, port: &str) {
    let change = BedChange { name: None, port: Some(Some(port.to_owned())), protocol: None };
    station.put_bed(bed(id), change, "admin").await.unwrap();
}

async fn beds(station: &Handle) -> Vec<BedView> {
    station.follow().await.unwrap().beds.iter().map(|bed| (**bed).clone()).collect()
}

/// Waits until the bed is as it is wanted.
async fn until(station: &Handle, id: &str, what: &str, is_it: impl Fn(&BedView) -> bool) -> BedView {
    let began = Instant::now();
    loop {
        let found = beds(station).await.into_iter().find(|view| view.id == bed(id));
        match found {
            Some(view) if is_it(&view) => return view,
            found if began.elapsed() > Duration::from_secs(20) => panic!("not {what}: {found:#?}"),
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

fn live_at(port: &str) -> impl Fn(&BedView) -> bool {
    move |view| view.sensor.state == SensorState::Live && view.sensor.port.as_deref() == Some(port)
}

async fn command(station: &Handle, id: &str, command: Command) -> Answer {
    station.command(&bed(id), command, "anna").await.unwrap().recv().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_adapters_that_swap_their_names_leave_each_bed_with_its_own_also_after_a_restart() {
    let computer = Computer::new();
    let (one, other) = (sensor(Protocol::NoninDf2, 1), sensor(Protocol::ContecV7, 2));
    computer.has(&[nonin(&one, "FT1", "1-1"), nonin(&other, "FT2", "1-2")]);
    let station = computer.start(false);
    name(station.handle(), "1", &path(&one)).await;
    name(station.handle(), "2", &path(&other)).await;
    let view = until(station.handle(), "1", "live", live_at(&path(&one))).await;
    assert_eq!(view.sensor.adapter.unwrap().serial.as_deref(), Some("FT1"));
    until(station.handle(), "2", "live", live_at(&path(&other))).await;

    // Now the adapter FT1 has the name that FT2 had, and the other way round.
    computer.has(&[nonin(&other, "FT1", "1-1"), nonin(&one, "FT2", "1-2")]);
    until(station.handle(), "1", "at its adapter's new name", live_at(&path(&other))).await;
    until(station.handle(), "2", "at its adapter's new name", live_at(&path(&one))).await;
    station.stop().await;

    computer.has(&[nonin(&other, "FT1", "1-3"), nonin(&one, "FT2", "1-4")]);
    let station = computer.start(false);
    until(station.handle(), "1", "live after the restart", live_at(&path(&other))).await;
    until(station.handle(), "2", "live after the restart", live_at(&path(&one))).await;
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_that_comes_back_under_another_name_is_live_within_2_s() {
    let computer = Computer::new();
    let first = sensor(Protocol::ContecV7, 1);
    computer.has(&[contec(&first, "1-1")]);
    let station = computer.start(false);
    name(station.handle(), "1", &path(&first)).await;
    until(station.handle(), "1", "live", live_at(&path(&first))).await;
    // The new one is plugged in before the old one is gone, or it would get the old one's name.
    let second = sensor(Protocol::ContecV7, 1);
    computer.has(&[]);
    drop(first);
    let gone = until(station.handle(), "1", "gone", |view| view.sensor.state == SensorState::Disconnected).await;
    assert!(gone.sensor.message.is_some());
    let plugged = Instant::now();
    computer.has(&[contec(&second, "1-1")]);
    until(station.handle(), "1", "back", live_at(&path(&second))).await;
    assert!(plugged.elapsed() < Duration::from_secs(4), "{:?} on a computer that is busy", plugged.elapsed());
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sensor_at_the_same_socket_is_asked_about_until_staff_confirm_it() {
    let computer = Computer::new();
    let first = sensor(Protocol::ContecV7, 1);
    computer.has(&[contec(&first, "1-1")]);
    let station = computer.start(false);
    name(station.handle(), "1", &path(&first)).await;
    let view = until(station.handle(), "1", "live with its model", |view| {
        live_at(&path(&first))(view) && view.sensor.model.is_some()
    })
    .await;
    assert_eq!(view.sensor.question, None);
    let second = sensor(Protocol::Cms50, 2);
    computer.has(&[contec(&second, "1-1")]);
    drop(first);
    let asked = until(station.handle(), "1", "asked", |view| view.sensor.question.is_some()).await;
    let question = asked.sensor.question.unwrap();
    assert!(question.contains("a cms50 sensor answers here, where"), "{question}");
    station.stop().await;

    let station = computer.start(false);
    let still = until(station.handle(), "1", "asked after a restart too", |view| view.sensor.question.is_some()).await;
    assert_eq!(still.sensor.question, Some(question));
    let answer = command(station.handle(), "1", Command::ConfirmSensor).await;
    assert_eq!(answer, Answer::Done(serde_json::json!({ "confirmed": true })));
    until(station.handle(), "1", "not asked any more", |view| view.sensor.question.is_none()).await;
    let again = command(station.handle(), "1", Command::ConfirmSensor).await;
    assert_eq!(again, Answer::Done(serde_json::json!({ "confirmed": false })), "the second of two who confirm");
    station.stop().await;

    let station = computer.start(false);
    until(station.handle(), "1", "live", live_at(&path(&second))).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(beds(station.handle()).await[0].sensor.question, None, "it is the bed's own now");
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sensor_on_a_port_that_nobody_named_appears_as_a_bed_stays_after_a_restart_and_is_named() {
    let computer = Computer::new();
    let found = sensor(Protocol::ContecV7, 1);
    let station = computer.start(true);
    assert!(beds(station.handle()).await.is_empty());
    computer.has(&[contec(&found, "1-1")]);
    let view = until(station.handle(), "1", "found and live", |view| {
        live_at(&path(&found))(view) && view.name.contains("CMS50")
    })
    .await;
    assert!(view.found);
    assert!(view.name.starts_with("New sensor ("), "{}", view.name);
    station.stop().await;

    let station = computer.start(true);
    let view = until(station.handle(), "1", "live after the restart", live_at(&path(&found))).await;
    assert!(view.found);
    let change = BedChange { name: Some("Bed 12 A".into()), port: None, protocol: None };
    station.handle().put_bed(bed("1"), change, "admin").await.unwrap();
    let view = until(station.handle(), "1", "named", |view| view.name == "Bed 12 A").await;
    assert!(!view.found);
    assert_eq!(view.sensor.state, SensorState::Live, "naming it disturbs nothing");
    assert_eq!(beds(station.handle()).await.len(), 1, "and it is not found a second time");
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bed_that_is_given_a_found_beds_port_takes_its_sensor_over() {
    let computer = Computer::new();
    let found = sensor(Protocol::Cms50, 1);
    computer.has(&[contec(&found, "1-1")]);
    let station = computer.start(true);
    until(station.handle(), "1", "found", |view| view.found && view.sensor.state == SensorState::Live).await;
    name(station.handle(), "7", &path(&found)).await;
    let view = until(station.handle(), "7", "live", live_at(&path(&found))).await;
    assert!(!view.found);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let left: Vec<String> = beds(station.handle()).await.iter().map(|bed| bed.id.to_string()).collect();
    assert_eq!(left, ["7"], "the found bed is gone, and the sensor is not found again");
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_not_given_to_two_beds_under_two_names() {
    let computer = Computer::new();
    let sensor = sensor(Protocol::Cms50, 1);
    let link = computer.dev.path().join("by-id");
    std::os::unix::fs::symlink(Path::new(sensor.path()), &link).unwrap();
    computer.has(&[contec(&sensor, "1-1")]);
    let station = computer.start(false);
    name(station.handle(), "1", link.to_str().unwrap()).await;
    until(station.handle(), "1", "live", live_at(link.to_str().unwrap())).await;
    let change = BedChange { name: None, port: Some(Some(path(&sensor))), protocol: None };
    let refused = station.handle().put_bed(bed("2"), change, "admin").await.unwrap_err();
    assert_eq!(refused.code, "port_taken");
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_of_which_nothing_is_known_is_only_listened_to() {
    let computer = Computer::new();
    // A Contec V7 is silent until it is asked; behind an adapter that any device may have nobody asks.
    let silent = sensor(Protocol::ContecV7, 1);
    let streams = sensor(Protocol::NoninDf2, 2);
    let anybodys = |sensor: &Simulated, place: &str| {
        let Plugged { path, adapter } = contec(sensor, place);
        Plugged { path, adapter: adapter.map(|adapter| Adapter { usb: "1a86:7523".into(), serial: None, ..adapter }) }
    };
    computer.has(&[anybodys(&silent, "1-1"), anybodys(&streams, "1-2")]);
    let station = computer.start(true);
    let view = until(station.handle(), "1", "the one that speaks by itself", |view| view.found).await;
    assert_eq!(view.sensor.port, Some(path(&streams)));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(beds(station.handle()).await.len(), 1);
    station.stop().await;
}
