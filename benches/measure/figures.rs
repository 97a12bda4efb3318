//! Figures: how they spread, and how they are told, as tables for people and as JSON for programs.

use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;
use time::OffsetDateTime;

/// Measured values, sorted.
pub struct Spread(Vec<f64>);

impl Spread {
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    pub fn of_delays(delays: impl IntoIterator<Item = Duration>) -> Self {
        Self::of(delays.into_iter().map(milliseconds))
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The smallest value that at least `share` of all values do not pass: a value that was measured, never one between
    /// two.
    pub fn at(&self, share: f64) -> Cell {
        let rank = (share * self.0.len() as f64).ceil() as usize;
        self.0.get(rank.max(1) - 1).map_or(Cell::None, |value| Cell::Figure(*value))
    }

    pub fn least(&self) -> Cell {
        self.at(0.0)
    }

    pub fn median(&self) -> Cell {
        self.at(0.5)
    }

    pub fn most(&self) -> Cell {
        self.at(1.0)
    }
}

pub fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

/// What stands in a table.
#[derive(Clone)]
pub enum Cell {
    Text(String),
    Count(u64),
    Figure(f64),
    /// Not measured, and so not there.
    None,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn value(&self) -> Option<f64> {
        if let Self::Figure(value) = self { Some(*value) } else { None }
    }

    /// How many times as large as `floor`.
    pub fn over(&self, floor: &Self) -> Self {
        match (self.value(), floor.value()) {
            (Some(value), Some(floor)) if floor > 0.0 => Self::Figure(value / floor),
            _ => Self::None,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            // Three digits that count: no measurement here is finer.
            Self::Figure(value) if value.abs() >= 100.0 => format!("{value:.0}"),
            Self::Figure(value) if value.abs() >= 10.0 => format!("{value:.1}"),
            Self::Figure(value) if value.abs() >= 1.0 => format!("{value:.2}"),
            Self::Figure(value) => format!("{value:.3}"),
            Self::None => "–".into(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Figure(value) => json!((value * 1e4).round() / 1e4),
            Self::None => Value::Null,
        }
    }
}

/// A table: in JSON a list of objects under `name`, whose keys are the columns' first words.
pub struct Table {
    name: &'static str,
    title: &'static str,
    columns: &'static [(&'static str, &'static str)],
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub fn new(name: &'static str, title: &'static str, columns: &'static [(&'static str, &'static str)]) -> Self {
        Self { name, title, columns, rows: Vec::new() }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<Cell> = cells.into_iter().collect();
        assert_eq!(cells.len(), self.columns.len(), "a cell for each column of {}", self.name);
        self.rows.push(cells);
    }

    fn shown(&self) -> String {
        let mut text = format!("\n{}\n\n", self.title);
        let rows: Vec<Vec<String>> = self.rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect();
        let widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, (_, heading))| {
                rows.iter().map(|row| row[at].chars().count()).chain([heading.chars().count()]).max().unwrap_or(0)
            })
            .collect();
        let mut line = |cells: Vec<&str>| {
            let cells = cells.iter().zip(&widths).enumerate();
            let padded = cells.map(
                |(at, (cell, &width))| {
                    if at == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            );
            let _ = writeln!(text, "| {} |", padded.collect::<Vec<_>>().join(" | "));
        };
        line(self.columns.iter().map(|(_, heading)| *heading).collect());
        let rules: Vec<String> = widths
            .iter()
            .enumerate()
            .map(|(at, width)| if at == 0 { "-".repeat(*width) } else { format!("{}:", "-".repeat(width - 1)) })
            .collect();
        line(rules.iter().map(String::as_str).collect());
        for row in &rows {
            line(row.iter().map(String::as_str).collect());
        }
        text
    }

    fn json(&self) -> Value {
        let row = |row: &Vec<Cell>| {
            let cells = self.columns.iter().zip(row).map(|((key, _), cell)| ((*key).to_owned(), cell.json()));
            Value::Object(cells.collect::<Map<_, _>>())
        };
        self.rows.iter().map(row).collect()
    }
}

/// Everything of one run.
pub struct Report {
    /// How busy the machine was before the run: one minute, five, fifteen.
    load_before: String,
    tables: Vec<Table>,
}

impl Report {
    pub fn begin() -> Self {
        Self { load_before: load(), tables: Vec::new() }
    }

    /// Shown at once: a run takes minutes.
    pub fn tell(&mut self, table: Table) {
        println!("{}", table.shown());
        self.tables.push(table);
    }

    /// Writes all of it as JSON.
    pub fn keep(self, file: &Path, quick: bool) {
        let now = OffsetDateTime::now_utc();
        let date = format!("{:04}-{:02}-{:02}", now.year(), u8::from(now.month()), now.day());
        let mut all = json!({
            "date": date,
            "quick": quick,
            "machine": machine(),
            "load_before": self.load_before,
            "load_after": load(),
        });
        for table in &self.tables {
            all[table.name] = table.json();
        }
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, format!("{all:#}\n")).unwrap();
        println!("\nMachine: {}", machine());
        println!("Load averages before: {}; after: {}", self.load_before, load());
        println!("Written to {}", file.display());
    }
}

fn load() -> String {
    let all = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    all.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn machine() -> Value {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let memory = read("/proc/meminfo");
    let memory =
        memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok());
    let system = read("/etc/os-release");
    let system = system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    json!({
        "cpu": model,
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "memory_mib": memory.map(|kib: u64| kib / 1024),
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
        "system": system.map(|name| name.trim_matches('"')),
    })
}
