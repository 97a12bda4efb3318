//! How long a byte on the line takes to be a message at a client.
//!
//! The sensor and the client are threads of this process, so both look at the same clock (`CLOCK_MONOTONIC`). The floor
//! is measured beside, at the same time and on the same machine in the same mood: the same packets through another
//! pseudo-terminal to a thread that answers each with one prebuilt frame on a loopback socket.

use super::client::{Client, Heard};
use super::floor::Echo;
use super::measure::figures::{Cell, Spread, Table};
use super::measure::station::{Folder, Station};
use super::sensors::{Course, Marked, Packet, Ward};
use oximeter::Protocol;
use serde_json::Value;
use std::time::{Duration, Instant};

const COLUMNS: &[(&str, &str)] = &[
    ("what", "ms"),
    ("beds", "beds"),
    ("count", "count"),
    ("p50", "p50"),
    ("p99", "p99"),
    ("max", "max"),
    ("over_floor_p50", "p50 ÷ floor"),
];

/// Bed 1 is the first.
struct Run {
    sensors: Vec<Marked>,
    heard: Vec<(Instant, Value)>,
    floor: Vec<Duration>,
    /// From when on and until when what the client saw counts.
    looked: (Instant, Instant),
}

/// How long after a change in the sensor's packets its client was told.
#[derive(Default)]
struct Delays {
    from_first: Vec<Duration>,
    /// From the packet with which the station knows.
    from_telling: Vec<Duration>,
    missed: u64,
}

/// The station with these sensors and one client, for a while.
fn run(sensors: Vec<Marked>, span: Duration) -> Run {
    let names: Vec<&'static str> = sensors.iter().map(|sensor| sensor.protocol.as_str()).collect();
    let folder = Folder::new();
    let echo_sensor = Marked::new(Protocol::ContecV7, Course::Stays, 99).unasked();
    let ward = Ward::start(sensors.into_iter().chain([echo_sensor]).collect());
    let (echo_path, paths) = ward.paths().split_last().unwrap();
    let echo = Echo::start(echo_path);
    let beds: Vec<_> = paths.iter().cloned().zip(names).collect();
    let station = Station::start(&folder, &beds);
    let client = Client::connect(&station.local, &station.token);
    // The first seconds are the start of everything: a V7 is asked its name and more before it streams.
    std::thread::sleep(Duration::from_secs(3));
    let from = Instant::now();
    std::thread::sleep(span);
    let looked = (from, Instant::now());
    let heard = client.close();
    drop(station);
    let mut sensors = ward.stop();
    let echoed = echo.stop();
    let echo_sensor = sensors.pop().unwrap();
    let answered = echo_sensor.packets.iter().zip(&echoed).filter(|(packet, _)| packet.at >= from);
    let floor = answered.map(|(packet, at)| at.duration_since(packet.at)).collect();
    let parse = |Heard { at, text }: Heard| (at, serde_json::from_str(&text).unwrap());
    Run { sensors, heard: heard.into_iter().map(parse).collect(), floor, looked }
}

impl Run {
    fn of_bed<'a>(&'a self, index: usize, kind: &'a str) -> impl Iterator<Item = (Instant, &'a Value)> + Clone {
        let bed = (index + 1).to_string();
        let said = self.heard.iter().map(|(at, message)| (*at, message));
        said.filter(move |(_, message)| message["type"] == kind && message["bed"] == bed.as_str())
    }

    /// From the first packet with a new number, and from the packet that completes it, to the reading that shows it.
    /// What was not shown is counted.
    fn readings(&self, index: usize) -> Delays {
        let readings: Vec<_> = self.of_bed(index, "reading").collect();
        self.after_changes(index, |change, until| {
            let from = readings.partition_point(|(at, _)| *at <= change.at);
            let mut later = readings[from..].iter().take_while(|(at, _)| *at < until);
            later.find_map(|(at, reading)| (reading["spo2"] == change.spo2).then_some(*at))
        })
    }

    fn after_changes(&self, index: usize, shown: impl Fn(Packet, Instant) -> Option<Instant>) -> Delays {
        let (first, telling) = self.sensors[index].first_and_telling();
        let packets = &self.sensors[index].packets;
        let changes: Vec<usize> = (1..packets.len()).filter(|&at| packets[at].spo2 != packets[at - 1].spo2).collect();
        let mut delays = Delays::default();
        for pair in changes.windows(2) {
            // The same number comes again, so it must be shown before the next one comes.
            let until = packets[(pair[1] + telling).min(packets.len() - 1)].at;
            if packets[pair[0]].at < self.looked.0 || until > self.looked.1 {
                continue;
            }
            match shown(packets[pair[0]], until) {
                Some(at) => {
                    delays.from_first.push(at.duration_since(packets[pair[0] + first].at));
                    delays.from_telling.push(at.duration_since(packets[pair[0] + telling].at));
                }
                None => delays.missed += 1,
            }
        }
        if delays.missed > 0 {
            println!("CAUTION: {} changes were not shown at the client; the delays are of the others.", delays.missed);
        }
        delays
    }

    /// From each packet to the message that brings its sample of the wave.
    fn waves(&self, index: usize) -> Vec<Duration> {
        let packets = &self.sensors[index].packets;
        let mut delays = Vec::new();
        for (at, message) in self.of_bed(index, "wave").filter(|(at, _)| *at >= self.looked.0) {
            let samples: Vec<u16> =
                message["samples"].as_array().unwrap().iter().map(|sample| sample.as_u64().unwrap() as u16).collect();
            // The marks come round after two seconds; no wave is that late.
            let before = packets.partition_point(|packet| packet.at < at);
            let recent = &packets[before.saturating_sub(100)..before];
            let Some(last) = recent.iter().rposition(|packet| Some(&packet.pleth) == samples.last()) else { continue };
            delays.extend(recent[..=last].iter().rev().take(samples.len()).map(|packet| at.duration_since(packet.at)));
        }
        delays
    }
}

/// Measures all of it.
pub fn measure(quick: bool) -> Table {
    let seconds = |full: u64| Duration::from_secs(if quick { 15 } else { full });
    let mut table = Table::new("delay_ms", "From a byte on the line to the message at the client, ms", COLUMNS);
    let mut row = |what: String, beds: u64, delays: Vec<Duration>, floor: &Spread| {
        let delays = Spread::of_delays(delays);
        table.row([
            Cell::text(what),
            Cell::Count(beds),
            Cell::Count(delays.count() as u64),
            delays.median(),
            delays.at(0.99),
            delays.most(),
            delays.median().over(&floor.median()),
        ]);
    };

    let protocols = [Protocol::ContecV7, Protocol::Cms50, Protocol::NoninDf2];
    let one_each = protocols.into_iter().zip(1..).map(|(protocol, seed)| Marked::new(protocol, Course::Wanders, seed));
    let three = run(one_each.collect(), seconds(180));
    let floor = Spread::of_delays(three.floor.iter().copied());
    row("floor: packet to frame".into(), 3, three.floor.clone(), &floor);
    for (index, protocol) in protocols.into_iter().enumerate() {
        let delays = three.readings(index);
        let (first, telling) = match protocol {
            Protocol::NoninDf2 => ("frame with the number", "25th frame"),
            _ => ("1st packet", "3rd packet"),
        };
        row(format!("{protocol}: {telling} to reading"), 3, delays.from_telling, &floor);
        row(format!("{protocol}: {first} to reading"), 3, delays.from_first, &floor);
        row(format!("{protocol}: sample to wave"), 3, three.waves(index), &floor);
    }

    for count in [16, 64] {
        let beds = (1..=count).map(|seed| Marked::new(Protocol::ContecV7, Course::Wanders, seed));
        let ward = run(beds.collect(), seconds(120));
        let floor = Spread::of_delays(ward.floor.iter().copied());
        let (mut all, mut waves) = (Delays::default(), Vec::new());
        for index in 0..ward.sensors.len() {
            let delays = ward.readings(index);
            all.from_first.extend(delays.from_first);
            all.from_telling.extend(delays.from_telling);
            waves.extend(ward.waves(index));
        }
        row("floor: packet to frame".into(), count, ward.floor.clone(), &floor);
        row("contec-v7: 3rd packet to reading".into(), count, all.from_telling, &floor);
        row("contec-v7: 1st packet to reading".into(), count, all.from_first, &floor);
        row("contec-v7: sample to wave".into(), count, waves, &floor);
    }

    // By itself: an alarm is forced to the disk at once, which the readings of the other runs shall not wait for.
    let dropping = run(vec![Marked::new(Protocol::ContecV7, Course::Drops, 1)], seconds(150));
    let floor = Spread::of_delays(dropping.floor.iter().copied());
    let alarms = dropping.after_changes(0, |change, until| {
        let state = if change.spo2 == 70 { "active" } else { "cleared" };
        dropping.of_bed(0, "alarm").find_map(|(at, alarm)| {
            let wanted = alarm["condition"] == "spo2_desat" && alarm["state"] == state;
            (wanted && at > change.at && at < until).then_some(at)
        })
    });
    row("contec-v7: 3rd packet to alarm (spo2_desat)".into(), 1, alarms.from_telling, &floor);
    table
}
