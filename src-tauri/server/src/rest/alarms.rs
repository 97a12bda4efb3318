//! `GET /api/v1/alarms`, `GET /api/v1/events`.

use super::query::Query;
use super::shared::{Shared, json_answer};
use crate::error::ApiError;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};
use record::Role;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use vitals::{AlarmId, AlarmState, BedId, Body, Event, WallTime};

/// Lines that one answer holds.
const LINES: usize = 10_000;
/// How far back is looked if nothing is said.
const BACK: Duration = Duration::from_secs(24 * 3600);

fn bed(query: &Query) -> Result<Option<BedId>, ApiError> {
    // A bed that is no more has a past all the same, so it need not be there.
    query.get("bed").map(|text| BedId::new(text).map_err(|_| ApiError::unknown_bed(text))).transpose()
}

pub(super) async fn alarms(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let query = Query::of(&uri)?;
    query.only(&["active", "from", "to", "bed"])?;
    let active = match query.get("active") {
        None | Some("false" | "0") => false,
        Some("true" | "1") => true,
        Some(other) => {
            return Err(ApiError::bad_request(format!("`active` must be true or false; it was {other:?}.")));
        }
    };
    let bed = bed(&query)?;
    let span = query.span(shared.station.clock().now().wall, BACK)?;
    let span = (!active).then_some(span);
    let alarms = shared.query(move |record| record.alarms(span, bed.as_ref(), LINES)).await?;
    Ok(json_answer(&json!({ "alarms": alarms })))
}

/// One alarm from its start on: every line of it, what each screen did with it, and who was called when nobody came.
pub(super) async fn alarm(
    State(shared): State<Arc<Shared>>,
    Path(alarm): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let unknown = || ApiError::new(StatusCode::NOT_FOUND, "unknown_alarm", format!("There is no alarm {alarm:?}."));
    let id = AlarmId::parse(&alarm).ok_or_else(unknown)?;
    let (history, receipts, events) = shared
        .query(move |record| {
            let history = record.alarm_lines(id, LINES)?;
            let receipts = record.receipts(id)?;
            let events = match (history.first(), history.last()) {
                (Some(first), Some(last)) => {
                    let to = match &last.body {
                        Body::Alarm(last) if last.state == AlarmState::Cleared => last.time,
                        _ => WallTime::from_millis(i64::MAX),
                    };
                    record.events(first.body.time(), to, first.bed.as_ref(), Some("escalated"), LINES)?
                }
                _ => Vec::new(),
            };
            Ok((history, receipts, events))
        })
        .await?;
    let last = history.last().ok_or_else(unknown)?;
    let answered = |name: &str| {
        let given = history.iter().filter_map(|line| match &line.body {
            Body::Alarm(line) => line.acknowledged.as_ref(),
            _ => None,
        });
        given.filter(|given| given.by == name).map(|given| given.time).next()
    };
    let receipts: Vec<_> = receipts
        .iter()
        .map(|receipt| {
            json!({
                "client": receipt.client,
                "address": receipt.address,
                "shown": receipt.shown,
                "sounded": receipt.sounded,
                "acknowledged": answered(&receipt.client),
            })
        })
        .collect();
    let escalations: Vec<_> = events
        .iter()
        .filter_map(|line| match &line.body {
            Body::Event(event) if names(event, id) => Some(event),
            _ => None,
        })
        .map(|event| json!({ "time": event.time, "step": event.detail["step"], "priority": event.detail["priority"] }))
        .collect();
    Ok(json_answer(&json!({
        "alarm": last, "history": history, "receipts": receipts, "escalations": escalations,
    })))
}

/// Whether the event is about this alarm too.
fn names(event: &Event, alarm: AlarmId) -> bool {
    let alarm = alarm.to_string();
    event.detail["alarms"].as_array().is_some_and(|named| named.iter().any(|named| *named == alarm))
}

pub(super) async fn events(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let query = Query::of(&uri)?;
    query.only(&["from", "to", "bed", "kind"])?;
    let bed = bed(&query)?;
    let kind = query.get("kind").map(str::to_owned);
    let (from, to) = query.span(shared.station.clock().now().wall, BACK)?;
    let events = shared.query(move |record| record.events(from, to, bed.as_ref(), kind.as_deref(), LINES)).await?;
    Ok(json_answer(&json!({ "events": events })))
}
