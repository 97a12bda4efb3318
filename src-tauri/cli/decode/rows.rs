//! How readings are written: a table for people, CSV for programs. A missing value is `-`, and in CSV empty.

use std::io::{self, Write};
use std::time::Duration;
use vitals::{Reading, Status};

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Table,
    Csv,
}

/// Writes rows until the output fails; after that nothing, and the failure is told at the end.
#[derive(Debug)]
pub(super) struct Rows<W: Write> {
    format: Format,
    out: io::BufWriter<W>,
    failed: io::Result<()>,
}

impl<W: Write> Rows<W> {
    pub(super) fn begin(format: Format, out: W) -> Self {
        let mut rows = Self { format, out: io::BufWriter::new(out), failed: Ok(()) };
        rows.line(match format {
            Format::Table => "     time s   SpO2 %  pulse/min   PI %  status",
            Format::Csv => "time_s,spo2,pulse_rate,perfusion_index,status,event",
        });
        rows
    }

    fn line(&mut self, text: &str) {
        if self.failed.is_ok() {
            self.failed = writeln!(self.out, "{text}");
        }
    }

    pub(super) fn reading(&mut self, at: Duration, reading: &Reading) {
        let numbers = &reading.numbers;
        let missing = if self.format == Format::Table { "-" } else { "" };
        let or_missing = |value: Option<String>| value.unwrap_or_else(|| missing.to_owned());
        let spo2 = or_missing(numbers.spo2.map(|spo2| spo2.percent().to_string()));
        let pulse = or_missing(numbers.pulse_rate.map(|rate| rate.per_minute().to_string()));
        let perfusion = or_missing(numbers.perfusion_index.map(|index| format!("{:.2}", index.percent())));
        let status = reading.status.iter().map(Status::as_str).collect::<Vec<_>>().join(" ");
        let at = seconds(at);
        let line = match self.format {
            Format::Table => format!("{at:>11}  {spo2:>7}  {pulse:>9}  {perfusion:>5}  {status}"),
            Format::Csv => format!("{at},{spo2},{pulse},{perfusion},{status},"),
        };
        self.line(line.trim_end());
    }

    pub(super) fn event(&mut self, at: Duration, what: &str) {
        let at = seconds(at);
        let line = match self.format {
            Format::Table => format!("{at:>11}  [{what}]"),
            Format::Csv => format!("{at},,,,,\"{}\"", what.replace('"', "\"\"")),
        };
        self.line(&line);
    }

    /// Writes the last of it: sentences below a table, and beside CSV, where they would be no rows, to standard error.
    pub(super) fn finish(mut self, summary: &[String]) -> io::Result<()> {
        match self.format {
            Format::Table => {
                self.line("");
                summary.iter().for_each(|sentence| self.line(sentence));
            }
            Format::Csv => summary.iter().for_each(|sentence| eprintln!("{sentence}")),
        }
        self.failed.and_then(|()| self.out.flush())
    }
}

fn seconds(at: Duration) -> String {
    format!("{}.{:03}", at.as_secs(), at.subsec_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::{Numbers, PerfusionIndex, PulseRate, Spo2, StatusSet, WallTime};

    fn written(format: Format) -> String {
        let mut out = Vec::new();
        let mut rows = Rows::begin(format, &mut out);
        let numbers = Numbers {
            spo2: Spo2::new(97),
            pulse_rate: PulseRate::new(65),
            perfusion_index: PerfusionIndex::from_hundredths(320),
            signal_strength: None,
        };
        let reading = |numbers, status| Reading {
            time: WallTime::from_millis(0),
            numbers,
            status: StatusSet::EMPTY.with(status),
        };
        rows.event(Duration::ZERO, "model \"a, b\"");
        rows.reading(Duration::from_micros(1_204_813), &reading(numbers, Status::LowPerfusion));
        rows.reading(Duration::from_secs(100), &reading(Numbers::default(), Status::Stale));
        rows.finish(&["1 sample.".to_owned()]).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_has_a_column_for_each_number_and_a_dash_for_none() {
        assert_eq!(
            written(Format::Table),
            "     time s   SpO2 %  pulse/min   PI %  status
      0.000  [model \"a, b\"]
      1.204       97         65   3.20  low_perfusion
    100.000        -          -      -  stale

1 sample.
"
        );
    }

    #[test]
    fn csv_has_nothing_but_rows_and_nothing_for_a_missing_value() {
        assert_eq!(
            written(Format::Csv),
            "time_s,spo2,pulse_rate,perfusion_index,status,event
0.000,,,,,\"model \"\"a, b\"\"\"
1.204,97,65,3.20,low_perfusion,
100.000,,,,stale,
"
        );
    }
}
