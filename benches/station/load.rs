//! What the station takes of the machine, by the number of its sensors, with one client that takes everything.

use super::client::Client;
use super::measure::figures::{Cell, Spread, Table};
use super::measure::station::{Folder, Station};
use super::sensors::Ward;
use oximeter::{Protocol, Scenario, Simulator};
use std::time::{Duration, Instant};

const COLUMNS: &[(&str, &str)] = &[
    ("sensors", "sensors"),
    ("cpu_percent", "CPU, % of a core"),
    ("cpu_percent_range", "range"),
    ("cpu_us_per_packet", "CPU, µs/packet"),
    ("rss_mib", "RSS, MiB"),
    ("pss_mib", "PSS, MiB"),
    ("disk_mib_per_h", "written to disk, MiB/h"),
];

const PROTOCOL: Protocol = Protocol::ContecV7;

pub fn measure(quick: bool) -> Table {
    let mut table =
        Table::new("load", "The headless station, one client with waves, median of 3 spans of 20 s", COLUMNS);
    for sensors in [0, 1, 16, 64] {
        table.row(with(sensors, Duration::from_secs(if quick { 3 } else { 20 })));
    }
    table
}

fn with(sensors: u64, span: Duration) -> Vec<Cell> {
    println!("… {sensors} sensors");
    let simulators = (1..=sensors).map(|seed| Simulator::new(PROTOCOL, Scenario::Steady, seed, Duration::ZERO));
    let ward = (sensors > 0).then(|| Ward::start(simulators.collect()));
    let folder = Folder::new();
    let paths = ward.as_ref().map_or(&[][..], Ward::paths);
    let beds: Vec<_> = paths.iter().map(|path| (path.clone(), PROTOCOL.as_str())).collect();
    let station = Station::start(&folder, &beds);
    let client = Client::connect(&station.local, &station.token);
    // Until the sensors stream and what is done once is done.
    std::thread::sleep(Duration::from_secs(8));
    let written = station.process.written();
    let began = Instant::now();
    let shares = (0..3).map(|_| {
        let (cpu, at) = (station.process.cpu(), Instant::now());
        std::thread::sleep(span);
        (station.process.cpu() - cpu).as_secs_f64() / at.elapsed().as_secs_f64()
    });
    let shares = Spread::of(shares.map(|share| share * 100.0).collect::<Vec<_>>());
    let hours = began.elapsed().as_secs_f64() / 3600.0;
    let written = station.process.written() - written;
    let memory = station.process.memory();
    client.close();
    drop(station);
    if let Some(ward) = ward {
        ward.stop();
    }
    let packets = (sensors * u64::from(PROTOCOL.samples_per_minute() / 60)) as f64;
    let each = match shares.median().value() {
        Some(share) if sensors > 0 => Cell::Figure(share / 100.0 * 1e6 / packets),
        _ => Cell::None,
    };
    let range = match (shares.least().value(), shares.most().value()) {
        (Some(least), Some(most)) => Cell::text(format!("{least:.2}–{most:.2}")),
        _ => Cell::None,
    };
    vec![
        Cell::Count(sensors),
        shares.median(),
        range,
        each,
        Cell::Figure(memory.rss as f64 / 1024.0),
        Cell::Figure(memory.pss as f64 / 1024.0),
        Cell::Figure(written as f64 / f64::from(1 << 20) / hours),
    ]
}
