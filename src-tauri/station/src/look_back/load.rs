//! How many alarms there were, of which bed and at what hour, and what became of them: for a quality meeting.

use super::what_if::seconds;
use alarm_load::{BedLoad, Load, Spread};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use record::{EngineCall, EngineInput, QueryError, Record};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;
use vitals::{BedId, Condition, SensorState, WallTime};

/// The alarms of a ward that began in a span.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadReport {
    /// The beginning of the span.
    pub from: WallTime,
    /// Its end.
    pub to: WallTime,
    /// All beds together.
    pub ward: LoadRow,
    /// Each bed, the one with the most alarms first.
    pub beds: Vec<BedRow>,
    /// How many began in each hour of the day, as the clock of the ward shows it.
    pub hours: Vec<usize>,
    /// The share of all alarms, 0 to 1, that the tenth of the beds with the most had; `None` without an alarm.
    pub top_tenth_share: Option<f64>,
}

/// The alarms of one bed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BedRow {
    /// The bed.
    pub bed: BedId,
    /// Its name; its id if it is no more.
    pub name: String,
    /// Its alarms.
    #[serde(flatten)]
    pub load: LoadRow,
}

/// The alarms of one bed or of several.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadRow {
    /// How many there were.
    pub alarms: usize,
    /// Of these, about the patient's numbers.
    pub physiological: usize,
    /// Of these, about the sensor.
    pub technical: usize,
    /// For each day that a bed was watched; `None` if none was.
    pub per_bed_day: Option<f64>,
    /// The share that somebody acknowledged, 0 to 1; `None` without an alarm.
    pub acknowledged_share: Option<f64>,
    /// How long those that were acknowledged had waited for it.
    pub to_acknowledge_s: Option<SpreadRow>,
    /// How many of each condition; those that there were.
    pub by_condition: BTreeMap<Condition, usize>,
    /// How long the station ran with a sensor at the bed.
    #[serde(serialize_with = "seconds")]
    pub watched_s: Duration,
}

/// How a set of times spreads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SpreadRow {
    #[serde(serialize_with = "seconds")]
    pub median: Duration,
    #[serde(serialize_with = "seconds")]
    pub nine_in_ten: Duration,
    #[serde(serialize_with = "seconds")]
    pub longest: Duration,
}

impl From<&BedLoad> for LoadRow {
    fn from(load: &BedLoad) -> Self {
        let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
        let spread = |Spread { median, nine_in_ten, longest }| SpreadRow { median, nine_in_ten, longest };
        Self {
            alarms: load.count(),
            physiological: load.physiological(),
            technical: load.count() - load.physiological(),
            per_bed_day: load.per_day().map(rounded),
            acknowledged_share: load.acknowledged().map(rounded),
            to_acknowledge_s: load.to_acknowledge().map(spread),
            by_condition: load.alarms.clone(),
            watched_s: load.watched,
        }
    }
}

/// The alarms of all beds, or of one, that began in the span.
///
/// # Errors
/// If the record cannot be read.
pub fn load_report(
    record: &Record,
    from: WallTime,
    to: WallTime,
    only: Option<&BedId>,
) -> Result<LoadReport, QueryError> {
    let rows = record.beds()?;
    let runs = record.runs()?;
    let mut load = Load::default();
    let mut hours = vec![0; 24];
    let zone = TimeZone::system();
    let wanted = |bed: &BedId| only.is_none_or(|only| only == bed);
    record.each_alarm_line(from, to, |bed, line| {
        if wanted(bed) && line.since >= from && load.take(bed, line) {
            let shown = Timestamp::from_millisecond(line.since.as_millis()).map(|at| at.to_zoned(zone.clone()).hour());
            let hour = shown.ok().and_then(|hour| hours.get_mut(usize::try_from(hour).ok()?));
            if let Some(count) = hour {
                *count += 1;
            }
        }
    })?;
    let mut beds: Vec<BedId> = record.watched_beds()?;
    beds.extend(rows.iter().map(|row| row.id.clone()));
    beds.extend(load.beds().keys().cloned());
    beds.sort();
    beds.dedup();
    for bed in beds.iter().filter(|bed| wanted(bed)) {
        let (held, told) = record.engine_inputs(bed, from, to)?;
        // Before anything was told, the readings say when a sensor was there.
        let untold = if held.is_empty() { told.first().map_or(to, |first| first.time.min(to)) } else { from };
        let readings = if untold > from { record.first_and_last_reading(bed, from, untold)? } else { None };
        let span = watched(&held, &told, &runs, readings, from, to);
        let is_there = rows.iter().any(|row| row.id == *bed);
        if is_there || !span.is_zero() {
            load.watched(bed, span);
        }
    }
    let ward = load.ward();
    let most_first = load.most_first();
    let tenth: usize = most_first.iter().take(most_first.len().div_ceil(10)).map(|(_, load)| load.count()).sum();
    #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 alarms")]
    let top_tenth_share = (ward.count() > 0).then(|| (tenth as f64 / ward.count() as f64 * 1000.0).round() / 1000.0);
    let name = |bed: &BedId| {
        rows.iter().find(|row| row.id == *bed).map_or_else(|| bed.as_str().to_owned(), |row| row.name.clone())
    };
    let beds = most_first
        .into_iter()
        .map(|(bed, load)| BedRow { bed: bed.clone(), name: name(bed), load: load.into() })
        .collect();
    Ok(LoadReport { from, to, ward: (&ward).into(), beds, hours, top_tenth_share })
}

/// How long the station ran from `from` to `to` with a sensor at the bed.
fn watched(
    held: &[EngineInput],
    told: &[EngineInput],
    runs: &[(WallTime, WallTime)],
    readings: Option<(WallTime, WallTime)>,
    from: WallTime,
    to: WallTime,
) -> Duration {
    let mut total = readings.map_or(Duration::ZERO, |(first, last)| running(runs, first, last));
    let mut since: Option<WallTime> = None;
    for input in held.iter().chain(told) {
        let time = input.time.max(from).min(to);
        let there = match input.call {
            EngineCall::Looked { sensor, .. } => sensor != SensorState::None,
            EngineCall::Removed => false,
            EngineCall::Began { .. } | EngineCall::Limits(_) | EngineCall::Ended | EngineCall::ClockWas(_) => continue,
        };
        match since {
            None if there => since = Some(time),
            Some(begun) if !there => {
                total += running(runs, begun, time);
                since = None;
            }
            _ => {}
        }
    }
    total + since.map_or(Duration::ZERO, |begun| running(runs, begun, to))
}

/// How much of a span the station ran.
fn running(runs: &[(WallTime, WallTime)], from: WallTime, to: WallTime) -> Duration {
    runs.iter().map(|(started, alive)| (*alive).min(to).since((*started).max(from))).sum()
}

impl LoadReport {
    /// The same as a table: the ward, then a row for each bed. Times are in seconds.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut table = String::from(
            "bed,name,alarms,physiological,technical,per_bed_day,acknowledged_share,to_acknowledge_median_s,\
             to_acknowledge_nine_in_ten_s,to_acknowledge_longest_s,watched_s",
        );
        let conditions: Vec<Condition> = self.ward.by_condition.keys().copied().collect();
        for condition in &conditions {
            table.push(',');
            table.push_str(condition.as_str());
        }
        table.push_str("\r\n");
        row(&mut table, "", "Ward", &self.ward, &conditions);
        for BedRow { bed, name, load } in &self.beds {
            row(&mut table, bed.as_str(), name, load, &conditions);
        }
        table
    }
}

fn row(table: &mut String, bed: &str, name: &str, load: &LoadRow, conditions: &[Condition]) {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let spread =
        |of: fn(&SpreadRow) -> Duration| number(load.to_acknowledge_s.as_ref().map(|row| of(row).as_secs_f64()));
    let _ = write!(
        table,
        "{},{},{},{},{},{},{},{},{},{},{}",
        text(bed),
        text(name),
        load.alarms,
        load.physiological,
        load.technical,
        number(load.per_bed_day),
        number(load.acknowledged_share),
        spread(|row| row.median),
        spread(|row| row.nine_in_ten),
        spread(|row| row.longest),
        load.watched_s.as_secs_f64(),
    );
    for condition in conditions {
        let _ = write!(table, ",{}", load.by_condition.get(condition).copied().unwrap_or(0));
    }
    table.push_str("\r\n");
}

/// A text of a table. A spreadsheet takes what begins with one of these signs for a formula.
fn text(text: &str) -> String {
    let begins = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if begins { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alarm_load::BedLoad;
    use vitals::{Limits, Seq};

    const HOUR: i64 = 3_600_000;

    fn at(hours: i64) -> WallTime {
        WallTime::from_millis(1_793_180_000_000 + hours * HOUR)
    }

    fn told(hours: i64, sensor: Option<SensorState>) -> EngineInput {
        let call = match sensor {
            Some(sensor) => EngineCall::Looked { sensor, last_sample: None, reading: None },
            None => EngineCall::Limits(Limits::ADULT),
        };
        EngineInput { bed: BedId::new("1").unwrap(), time: at(hours), after: Seq(1), call }
    }

    #[test]
    fn a_bed_is_watched_while_the_station_runs_and_a_sensor_is_at_it() {
        let runs = [(at(0), at(10)), (at(12), at(20))];
        let held = [told(-5, Some(SensorState::Live))];
        let changes = [
            told(4, None),
            told(5, Some(SensorState::None)),
            told(8, Some(SensorState::Opening)),
            told(9, Some(SensorState::Live)),
        ];
        let hours = |from, to| watched(&held, &changes, &runs, None, at(from), at(to)).as_secs() / 3600;
        assert_eq!(hours(0, 30), 5 + 2 + 8, "not while it was down, nor without a sensor");
        assert_eq!(hours(0, 2), 2);
        assert_eq!(
            watched(&[], &[], &runs, Some((at(1), at(3))), at(0), at(30)).as_secs() / 3600,
            2,
            "by its readings"
        );
    }

    #[test]
    fn a_table_for_a_spreadsheet_has_the_ward_first_and_no_formula_in_it() {
        let load = LoadRow::from(&BedLoad::default());
        let bed = |id: &str, name: &str| BedRow { bed: BedId::new(id).unwrap(), name: name.into(), load: load.clone() };
        let report = LoadReport {
            from: at(0),
            to: at(1),
            ward: load.clone(),
            beds: vec![bed("1", "=1+1"), bed("2", "Left, \"door\"")],
            hours: vec![0; 24],
            top_tenth_share: None,
        };
        let table = report.csv();
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(lines[1], ",Ward,0,0,0,,,,,,0");
        assert_eq!((lines[2], lines[3]), ("1,'=1+1,0,0,0,,,,,,0", "2,\"Left, \"\"door\"\"\",0,0,0,,,,,,0"));
    }
}
