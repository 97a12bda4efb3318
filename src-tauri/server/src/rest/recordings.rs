//! `GET /api/v1/beds/{bed}/recordings`: what was fetched from the memory of sensors.

use super::query::Query;
use super::shared::{Shared, json_answer};
use crate::error::ApiError;
use axum::extract::{OriginalUri, Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use record::{RecordedSecond, RecordingRow, Role};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

fn listed(row: &RecordingRow) -> Value {
    json!({
        "id": row.id,
        "sensor": row.model.as_deref().unwrap_or(&row.protocol),
        "device_id": row.device_id,
        "protocol": row.protocol,
        "user": row.user,
        "segment": row.segment,
        "start": row.start,
        "sensor_start": row.sensor_start,
        "fetched": row.fetched,
        "by": row.by,
        "seconds": row.seconds,
        "missing_s": row.missing,
        "lost_s": row.lost,
        "confirmed": row.confirmed,
    })
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Path(bed): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let bed = shared.bed_id(&bed)?;
    let rows = shared.query(move |record| record.recordings(&bed)).await?;
    Ok(json_answer(&json!({ "recordings": rows.iter().map(listed).collect::<Vec<_>>() })))
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Path((bed, id)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let query = Query::of(&uri)?;
    query.only(&["format"])?;
    let csv = match query.get("format") {
        None | Some("json") => false,
        Some("csv") => true,
        Some(other) => {
            return Err(ApiError::bad_request(format!("`format` must be json or csv; it was {other:?}.")));
        }
    };
    let bed = shared.bed_id(&bed)?;
    let unknown = || {
        let message = format!("There is no recording {id:?} of this bed.");
        ApiError::new(StatusCode::NOT_FOUND, "unknown_recording", message)
    };
    let number: i64 = id.parse().map_err(|_| unknown())?;
    let (row, seconds) = shared.query(move |record| record.recording(&bed, number)).await?.ok_or_else(unknown)?;
    if csv {
        let name = format!("attachment; filename=\"recording-{}.csv\"", row.id);
        let head = [
            (CONTENT_TYPE, "text/csv; charset=utf-8"),
            (CONTENT_DISPOSITION, name.as_str()),
            (CACHE_CONTROL, "no-store"),
        ];
        return Ok((head, table(&seconds)).into_response());
    }
    let samples: Vec<Value> = seconds
        .iter()
        .enumerate()
        .map(|(offset, second)| {
            json!({
                "offset_s": offset,
                "spo2": second.spo2,
                "pulse_rate": second.pulse_rate,
                "perfusion_index": second.perfusion_index,
            })
        })
        .collect();
    Ok(json_answer(&json!({ "recording": listed(&row), "samples": samples })))
}

/// A row a second; a value that is not there is an empty field.
fn table(seconds: &[RecordedSecond]) -> String {
    let mut text = String::from("offset_s,spo2,pulse_rate,perfusion_index\r\n");
    for (offset, second) in seconds.iter().enumerate() {
        let spo2 = second.spo2.map_or_else(String::new, |spo2| spo2.percent().to_string());
        let rate = second.pulse_rate.map_or_else(String::new, |rate| rate.per_minute().to_string());
        let index = second.perfusion_index.map_or_else(String::new, |index| format!("{:.2}", index.percent()));
        // Writing to a String cannot fail.
        let _ = write!(text, "{offset},{spo2},{rate},{index}\r\n");
    }
    text
}
