//! The parts of the measurement, one after the other.

mod client;
mod crowd;
mod delay;
mod fanout;
mod floor;
mod load;
#[path = "../measure/mod.rs"]
#[allow(dead_code, reason = "the other bench uses the rest")]
mod measure;
mod sensors;
mod start;

use measure::figures::{Cell, Report, Table};
use measure::wanted::Wanted;
use std::path::Path;

/// Measures the parts that the command line names, or all.
pub fn run() {
    let wanted = Wanted::read();
    let quick = wanted.quick;
    if wanted.parts.iter().all(|part| part == "window") && !wanted.parts.is_empty() {
        return;
    }
    let mut report = Report::begin();
    if wanted.has("size") {
        let mut table = Table::new("size", "The program's file", &[("build", "build"), ("mib", "MiB")]);
        let build = if cfg!(feature = "desktop") { "with the window" } else { "headless" };
        table.row([Cell::text(build), Cell::Figure(measure::station::size() / 1024.0)]);
        report.tell(table);
    }
    if wanted.has("start") {
        report.tell(start::measure(quick));
    }
    if wanted.has("delay") {
        report.tell(delay::measure(quick));
    }
    if wanted.has("load") {
        report.tell(load::measure(quick));
    }
    if wanted.has("fan-out") {
        report.tell(fanout::measure(quick));
    }
    let name = if wanted.is_all() { "station.json" } else { "station-part.json" };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../bench");
    report.keep(&folder.join(name), quick);
}
