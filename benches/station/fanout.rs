//! What a frame costs that goes to many.
//!
//! The score is the processor time of the whole station for each frame delivered, as a multiple of that of the least
//! possible server: one thread that writes the same bytes at the same moments to as many sockets. Both take turns in
//! the same run; the station is kept to one core and everything else to another, where there are two.

use super::crowd::{Crowd, Log, replay};
use super::floor::pair;
use super::measure::figures::{Cell, Spread, Table};
use super::measure::station::{Folder, Station};
use super::sensors::Ward;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::Pid;
use oximeter::{Protocol, Scenario, Simulator};
use std::net::TcpStream;
use std::time::Duration;

const COLUMNS: &[(&str, &str)] = &[
    ("beds", "beds"),
    ("clients", "clients"),
    ("frames_per_s", "frames/s"),
    ("frames_per_write", "frames/write"),
    ("bytes_per_frame", "bytes/frame"),
    ("station_us", "station, µs/frame"),
    ("station_us_range", "range"),
    ("fan_out_us", "fan-out alone"),
    ("floor_us", "floor"),
    ("over_floor", "station ÷ floor"),
    ("fan_out_over_floor", "fan-out ÷ floor"),
    ("rss_per_client_kib", "KiB RSS/client"),
];

const ROUNDS: usize = 5;

pub fn measure(quick: bool) -> Table {
    let mut table = Table::new("fan_out", "Processor time for each frame delivered, µs, median of 5 rounds", COLUMNS);
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    // A client and its counterpart of the floor are three files here.
    setrlimit(Resource::RLIMIT_NOFILE, most.min(20_000), most).unwrap();
    for (beds, clients) in [(1, 100), (16, 100), (1, 1000)] {
        table.row(of(beds, clients, Duration::from_secs(if quick { 1 } else { 5 })));
    }
    table
}

/// What was spent and delivered in one turn.
#[derive(Clone, Copy)]
struct Turn {
    cpu: Duration,
    frames: u64,
    bytes: u64,
}

impl Turn {
    fn each(cpu: Duration, frames: u64) -> f64 {
        cpu.as_secs_f64() * 1e6 / frames as f64
    }
}

fn of(beds: u64, clients: usize, span: Duration) -> Vec<Cell> {
    println!("… {beds} beds, {clients} clients");
    let cores = Cores::find();
    cores.stay_on_others();
    let ward = Ward::start(
        (1..=beds).map(|seed| Simulator::new(Protocol::ContecV7, Scenario::Steady, seed, Duration::ZERO)).collect(),
    );
    let folder = Folder::new();
    cores.stay_on_first();
    let ports: Vec<_> = ward.paths().iter().map(|path| (path.clone(), "contec-v7")).collect();
    let station = Station::start(&folder, &ports);
    cores.stay_on_others();
    std::thread::sleep(Duration::from_secs(4));
    let before = station.process.memory();
    let cpu = station.process.cpu();
    std::thread::sleep(span);
    let without_clients = station.process.cpu() - cpu;
    let mut crowd = Crowd::connect(&station.local, &station.token, clients);
    std::thread::sleep(Duration::from_secs(2));
    let after = station.process.memory();

    let (mut senders, receivers): (Vec<_>, Vec<_>) = (0..clients).map(|_| pair()).unzip();
    let floor_crowd = Crowd::of(receivers);
    let (mut whole, mut alone, mut floor) = (Vec::new(), Vec::new(), Vec::new());
    let (mut merged, mut size, mut rate) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        crowd.want_waves(true);
        std::thread::sleep(Duration::from_millis(500));
        crowd.begin_log();
        let (cpu, frames, bytes) = (station.process.cpu(), crowd.frames(), crowd.bytes());
        std::thread::sleep(span);
        let cpu = station.process.cpu() - cpu;
        let busy = Turn { cpu, frames: crowd.frames() - frames, bytes: crowd.bytes() - bytes };
        let log = crowd.end_log();
        // While it is the floor's turn the clients take no waves.
        crowd.want_waves(false);
        std::thread::sleep(Duration::from_millis(500));
        let (lines, least) = play(&cores, senders, &log, &floor_crowd);
        senders = lines;
        // The first round warms everything up.
        if round > 0 {
            whole.push(Turn::each(busy.cpu, busy.frames));
            alone.push(Turn::each(busy.cpu.saturating_sub(without_clients), busy.frames));
            floor.push(Turn::each(least.cpu, least.frames));
            merged.push(busy.frames as f64 / clients as f64 / log.len() as f64);
            size.push(busy.bytes as f64 / busy.frames as f64);
            rate.push(busy.frames as f64 / span.as_secs_f64());
        }
    }
    crowd.close();
    floor_crowd.close();
    drop(station);
    ward.stop();

    let [whole, alone, floor, merged, size, rate] = [whole, alone, floor, merged, size, rate].map(Spread::of);
    let range = match (whole.least().value(), whole.most().value()) {
        (Some(least), Some(most)) => Cell::text(format!("{least:.2}–{most:.2}")),
        _ => Cell::None,
    };
    vec![
        Cell::Count(beds),
        Cell::Count(clients as u64),
        rate.median(),
        merged.median(),
        size.median(),
        whole.median(),
        range,
        alone.median(),
        floor.median(),
        whole.median().over(&floor.median()),
        alone.median().over(&floor.median()),
        Cell::Figure(after.rss.saturating_sub(before.rss) as f64 / clients as f64),
    ]
}

/// The floor's turn: the log of one client, written to as many lines from the core that the station has.
fn play(cores: &Cores, mut lines: Vec<TcpStream>, log: &Log, crowd: &Crowd) -> (Vec<TcpStream>, Turn) {
    let (frames, bytes) = (crowd.frames(), crowd.bytes());
    let writer = || {
        cores.stay_on_first();
        replay(log, &mut lines)
    };
    let cpu = std::thread::scope(|scope| scope.spawn(writer).join()).unwrap();
    // What was written last is still on its way to the thread that counts.
    std::thread::sleep(Duration::from_millis(200));
    let turn = Turn { cpu, frames: crowd.frames() - frames, bytes: crowd.bytes() - bytes };
    (lines, turn)
}

/// The cores that this process may use. Where there is one alone, nothing can be kept apart.
struct Cores {
    all: CpuSet,
    first: CpuSet,
    others: CpuSet,
}

impl Cores {
    fn find() -> Self {
        let all = sched_getaffinity(Pid::from_raw(0)).unwrap();
        let (mut first, mut others) = (all, all);
        let mut cores = (0..CpuSet::count()).filter(|&core| all.is_set(core).unwrap());
        if let (Some(kept), Some(_)) = (cores.next(), cores.next()) {
            first = CpuSet::new();
            first.set(kept).unwrap();
            others.unset(kept).unwrap();
        }
        Self { all, first, others }
    }

    /// Keeps this thread, and what it starts from here on, to the station's core.
    fn stay_on_first(&self) {
        stay(&self.first);
    }

    /// Keeps this thread, and what it starts from here on, off the station's core.
    fn stay_on_others(&self) {
        stay(&self.others);
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        stay(&self.all);
    }
}

fn stay(cores: &CpuSet) {
    sched_setaffinity(Pid::from_raw(0), cores).unwrap();
}
