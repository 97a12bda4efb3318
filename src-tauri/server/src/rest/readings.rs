//! `/api/v1/beds/{bed}/readings` and `/waves`.

use super::query::Query;
use super::shared::{Shared, json_answer};
use crate::error::ApiError;
use crate::fanout::Fields;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode, Uri};
use record::{Bucket, ReadingsQuery, Role, Summary};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use vitals::{Reading, WallTime};

/// Rows that one answer holds: more than a day of one bed at one reading a second.
const ROWS: usize = 200_000;
/// Rows of waves, up to ten seconds each, that one answer holds.
const WAVE_ROWS: usize = 2000;

pub(super) async fn readings(
    State(shared): State<Arc<Shared>>,
    Path(bed): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let bed = shared.bed_id(&bed)?;
    let query = Query::of(&uri)?;
    query.only(&["from", "to", "fields", "resolution_s", "format"])?;
    let (from, to) = query.span(shared.station.clock().now().wall, Duration::from_secs(3600))?;
    let fields = match query.get("fields") {
        None => Fields::ALL,
        Some(text) => Fields::parse(text.split(',').map(str::trim).filter(|name| *name != "time"))
            .map_err(|name| ApiError::bad_request(format!("`fields`: there is no field {name:?}.")))?,
    };
    let resolution_s = query.number("resolution_s", 1, 86_400)?.and_then(|value| u32::try_from(value).ok());
    let csv = match query.get("format") {
        None | Some("json") => false,
        Some("csv") => true,
        Some(other) => return Err(ApiError::bad_request(format!("`format` must be json or csv; it was {other:?}."))),
    };
    let limit = if resolution_s.is_some_and(|seconds| seconds > 1) { usize::MAX } else { ROWS + 1 };
    let wanted = ReadingsQuery { bed, from, to, limit };
    let table = match resolution_s.filter(|seconds| *seconds > 1) {
        Some(seconds) => {
            let buckets = shared.query(move |record| record.readings_gathered(&wanted, seconds)).await?;
            Table::gathered(&buckets, fields)
        }
        None => {
            let rows = shared.query(move |record| record.readings(&wanted)).await?;
            if rows.len() > ROWS {
                let message =
                    format!("The span holds more than {ROWS} readings; ask for a shorter one or with `resolution_s`.");
                return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "too_much", message));
            }
            Table::of(&rows, fields)
        }
    };
    Ok(if csv { table.csv() } else { json_answer(&json!({ "readings": table.rows })) })
}

/// Rows of named values, in JSON or CSV alike.
struct Table {
    columns: Vec<String>,
    rows: Vec<Value>,
}

impl Table {
    fn of(readings: &[Reading], fields: Fields) -> Self {
        let rows = readings.iter().map(|reading| chosen(reading.time, fields, &json!(reading))).collect();
        Self { columns: columns(fields, &[""]), rows }
    }

    fn gathered(buckets: &[Bucket], fields: Fields) -> Self {
        let rows = buckets.iter().map(|bucket| {
            let all = json!({
                "spo2": summary(bucket.spo2),
                "pulse_rate": summary(bucket.pulse_rate),
                "perfusion_index": summary(bucket.perfusion_index),
                "signal_strength": summary(bucket.signal_strength),
                "status": bucket.status,
            });
            chosen(bucket.time, fields, &all)
        });
        Self { columns: columns(fields, &["_min", "_max", "_mean", "_count"]), rows: rows.collect() }
    }

    /// A header of the fields' names; a missing value is an empty cell; statuses are separated by spaces.
    fn csv(&self) -> Response {
        let mut text = self.columns.join(",");
        text.push_str("\r\n");
        for row in &self.rows {
            let cells: Vec<String> = self.columns.iter().map(|column| cell(row, column)).collect();
            // Writing to a string does not fail.
            let _ = write!(text, "{}\r\n", cells.join(","));
        }
        ([(CONTENT_TYPE, "text/csv; charset=utf-8"), (CACHE_CONTROL, "no-store")], text).into_response()
    }
}

fn chosen(time: WallTime, fields: Fields, all: &Value) -> Value {
    let mut row = Map::new();
    row.insert("time".into(), json!(time));
    for (_, name) in Fields::NAMES.iter().enumerate().filter(|(index, _)| fields.has(*index)) {
        row.insert((*name).to_owned(), all.get(*name).cloned().unwrap_or(Value::Null));
    }
    Value::Object(row)
}

fn summary(summary: Option<Summary>) -> Value {
    summary.map_or(Value::Null, |Summary { min, max, mean, count }| {
        json!({ "min": number(min), "max": number(max), "mean": mean, "count": count })
    })
}

/// Whole numbers are written as such: `86`, not `86.0`.
fn number(value: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    if value.fract() == 0.0 && value.abs() < 1e9 { json!(value as i64) } else { json!(value) }
}

fn columns(fields: Fields, endings: &[&str]) -> Vec<String> {
    let chosen = Fields::NAMES.iter().enumerate().filter(|(index, _)| fields.has(*index));
    let named = chosen.flat_map(|(_, name)| {
        let endings = if *name == "status" { &[""][..] } else { endings };
        endings.iter().map(move |ending| format!("{name}{ending}"))
    });
    std::iter::once("time".to_owned()).chain(named).collect()
}

fn cell(row: &Value, column: &str) -> String {
    let value = row.get(column).or_else(|| {
        let (field, part) = column.rsplit_once('_')?;
        row.get(field)?.get(part)
    });
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
    }
}

pub(super) async fn waves(
    State(shared): State<Arc<Shared>>,
    Path(bed): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let bed = shared.bed_id(&bed)?;
    let query = Query::of(&uri)?;
    query.only(&["from", "to"])?;
    let (from, to) = query.span(shared.station.clock().now().wall, Duration::from_secs(60))?;
    let waves = shared.query(move |record| record.waves(&bed, from, to, WAVE_ROWS + 1)).await?;
    if waves.len() > WAVE_ROWS {
        let message = "The span holds too much of the wave for one answer; ask for a shorter one.";
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "too_much", message));
    }
    Ok(json_answer(&json!({ "waves": waves })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::{Numbers, Spo2, Status, StatusSet};

    #[test]
    fn a_missing_value_is_null_in_json_and_empty_in_csv() {
        let reading = Reading {
            time: WallTime::from_millis(7),
            numbers: Numbers { spo2: Spo2::new(97), ..Numbers::default() },
            status: StatusSet::EMPTY.with(Status::Searching),
        };
        let fields = Fields::parse(["spo2", "pulse_rate", "status"]).unwrap();
        let table = Table::of(&[reading], fields);
        let row = json!({ "time": 7, "spo2": 97, "pulse_rate": null, "status": ["searching"] });
        assert_eq!(table.rows, std::slice::from_ref(&row));
        assert_eq!(table.columns, ["time", "spo2", "pulse_rate", "status"]);
        let cells: Vec<String> = table.columns.iter().map(|column| cell(&row, column)).collect();
        assert_eq!(cells, ["7", "97", "", "searching"]);
    }

    #[test]
    fn a_gathered_span_has_four_columns_a_number() {
        let bucket = Bucket {
            time: WallTime::from_millis(0),
            spo2: Some(Summary { min: 86.0, max: 97.0, mean: 93.5, count: 60 }),
            pulse_rate: None,
            perfusion_index: None,
            signal_strength: None,
            status: StatusSet::EMPTY,
        };
        let table = Table::gathered(&[bucket], Fields::parse(["spo2"]).unwrap());
        assert_eq!(table.columns, ["time", "spo2_min", "spo2_max", "spo2_mean", "spo2_count"]);
        let cells: Vec<String> = table.columns.iter().map(|column| cell(&table.rows[0], column)).collect();
        assert_eq!(cells, ["0", "86", "97", "93.5", "60"]);
    }
}
