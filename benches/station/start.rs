//! From the start of the program to the first number at a client. The sensor is on already.

use super::client;
use super::measure::figures::{Cell, Spread, Table};
use super::measure::station::{Folder, Station};
use oximeter::{Protocol, Scenario};
use serde_json::Value;
use station::{Played, Simulated};
use std::time::Duration;

const COLUMNS: &[(&str, &str)] = &[
    ("what", "start, ms"),
    ("runs", "runs"),
    ("ready_p50", "ready, median"),
    ("ready_max", "max"),
    ("number_p50", "first number, median"),
    ("number_max", "max"),
];

pub fn measure(quick: bool) -> Table {
    let mut table = Table::new("start_ms", "From the start of the program to the first number, ms", COLUMNS);
    let runs = if quick { 2 } else { 5 };
    for protocol in [Protocol::ContecV7, Protocol::Cms50, Protocol::NoninDf2] {
        let folder = Folder::new();
        // The first start makes the database and the certificates.
        of(&folder, protocol);
        let times: Vec<_> = (0..runs).map(|_| of(&folder, protocol)).collect();
        row(&mut table, format!("{protocol}"), &times);
    }
    let first_ever: Vec<_> = (0..runs).map(|_| of(&Folder::new(), Protocol::ContecV7)).collect();
    row(&mut table, "contec-v7, the first start ever".into(), &first_ever);
    table
}

fn row(table: &mut Table, what: String, times: &[(Duration, Duration)]) {
    let ready = Spread::of_delays(times.iter().map(|(ready, _)| *ready));
    let number = Spread::of_delays(times.iter().map(|(_, number)| *number));
    let runs = Cell::Count(times.len() as u64);
    table.row([Cell::text(what), runs, ready.median(), ready.most(), number.median(), number.most()]);
}

/// Until the station says that it serves, and until a client has a saturation.
fn of(folder: &Folder, protocol: Protocol) -> (Duration, Duration) {
    let sensor = Simulated::start(Played::sensor(protocol, Scenario::Steady, 1), None).unwrap();
    // A sensor that was switched on some time ago has passed the moments in which it listens to nothing else.
    std::thread::sleep(Duration::from_millis(500));
    let station = Station::start(folder, &[(sensor.path().to_owned(), protocol.as_str())]);
    let ready = station.process.started.elapsed();
    let mut socket = client::open(&station.local, &station.token);
    loop {
        let heard = client::next(&mut socket).unwrap();
        let message: Value = serde_json::from_str(&heard.text).unwrap();
        let spo2 = match message["type"].as_str() {
            Some("snapshot") => &message["beds"][0]["reading"]["spo2"],
            Some("reading") => &message["spo2"],
            _ => &Value::Null,
        };
        if spo2.is_number() {
            return (ready, heard.at.duration_since(station.process.started));
        }
    }
}
