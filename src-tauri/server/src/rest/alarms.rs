//! `GET /api/v1/alarms`, `GET /api/v1/events`.

use super::query::Query;
use super::shared::{Shared, json_answer};
use crate::error::ApiError;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Uri};
use record::Role;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use vitals::BedId;

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
