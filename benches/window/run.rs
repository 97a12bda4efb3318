//! The window's processes, and what they take.

#[path = "../measure/mod.rs"]
#[allow(dead_code, reason = "the other bench uses the rest")]
mod measure;

use measure::figures::{Cell, Report, Table};
use measure::process::{Memory, Process, cpu, tree};
use measure::station::{Folder, oxiward, size};
use measure::wanted::Wanted;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const COLUMNS: &[(&str, &str)] = &[
    ("process", "process"),
    ("pss_mib", "PSS, MiB"),
    ("rss_mib", "RSS, MiB"),
    ("cpu_percent", "CPU, % of a core"),
    ("pss_later_mib", "PSS later, MiB"),
];

/// Opens the window on four simulated beds and looks at it for a while.
pub fn run() {
    let wanted = Wanted::read();
    let quick = wanted.quick;
    if !wanted.has("window") {
        return;
    }
    let (settle, look, later) = if quick { (10, 5, 10) } else { (30, 30, 300) };
    let mut report = Report::begin();
    let mut table = Table::new("size", "The program's file", &[("build", "build"), ("mib", "MiB")]);
    table.row([Cell::text("with the window"), Cell::Figure(size() / 1024.0)]);
    report.tell(table);

    let mut screen = Command::new("Xvfb");
    screen.args(["-displayfd", "1", "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]).stderr(Stdio::null());
    let (screen, number) = Process::start(&mut screen);
    let folder = Folder::new();
    let mut command = oxiward(folder.path());
    command.args(["--log", "off", "--demo", "4", "--local", "127.0.0.1:0", "--lan", "127.0.0.1:0"]);
    command.env("DISPLAY", format!(":{number}")).stderr(Stdio::null());
    // What WebKit keeps goes with the folder.
    for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        command.env(name, folder.path().join(name));
    }
    let (station, ready) = Process::start(&mut command);
    assert!(ready.starts_with("ready "), "the station said {ready:?}");
    std::thread::sleep(Duration::from_secs(settle));
    let (before, at) = (spent(station.id()), Instant::now());
    std::thread::sleep(Duration::from_secs(look));
    let (after, span) = (spent(station.id()), at.elapsed());
    let first = held(station.id());
    std::thread::sleep(Duration::from_secs(later));
    let second = held(station.id());

    let title = "The window on four simulated beds after a minute, and five minutes later";
    let mut table = Table::new("window", title, COLUMNS);
    let mib = |kib: u64| Cell::Figure(kib as f64 / 1024.0);
    let share = |name: &str| {
        let spent =
            after.get(name).copied().unwrap_or_default().saturating_sub(before.get(name).copied().unwrap_or_default());
        spent.as_secs_f64() / span.as_secs_f64() * 100.0
    };
    let (mut all, mut all_later, mut all_share) = (Memory::default(), Memory::default(), 0.0);
    for (name, memory) in &first {
        let then = second.get(name).copied().unwrap_or_default();
        table.row([Cell::text(name), mib(memory.pss), mib(memory.rss), Cell::Figure(share(name)), mib(then.pss)]);
        all = Memory { rss: all.rss + memory.rss, pss: all.pss + memory.pss };
        all_later.pss += then.pss;
        all_share += share(name);
    }
    table.row([Cell::text("all"), mib(all.pss), Cell::None, Cell::Figure(all_share), mib(all_later.pss)]);
    report.tell(table);
    drop(station);
    drop(screen);
    let name = if quick { "window-quick.json" } else { "window.json" };
    report.keep(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("../bench").join(name), quick);
}

/// Processor time by the name of the process.
fn spent(root: u32) -> BTreeMap<String, Duration> {
    let mut all = BTreeMap::new();
    for (id, name) in tree(root) {
        *all.entry(name).or_default() += cpu(id).unwrap_or_default();
    }
    all
}

fn held(root: u32) -> BTreeMap<String, Memory> {
    let mut all: BTreeMap<String, Memory> = BTreeMap::new();
    for (id, name) in tree(root) {
        let memory = Memory::of(id);
        let sum = all.entry(name).or_default();
        (sum.rss, sum.pss) = (sum.rss + memory.rss, sum.pss + memory.pss);
    }
    all
}
