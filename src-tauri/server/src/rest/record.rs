//! `GET /api/v1/record`.

use super::query::Query;
use super::shared::{Shared, json_answer};
use crate::error::ApiError;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Uri};
use record::Role;
use serde_json::json;
use std::sync::Arc;
use vitals::Seq;

/// Lines that one answer holds if nothing is said.
const LINES: u64 = 1000;
/// Lines that one answer holds at most.
const MOST_LINES: u64 = 10_000;

pub(super) async fn get(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let query = Query::of(&uri)?;
    query.only(&["after", "limit"])?;
    let after = Seq(query.number("after", 0, i64::MAX as u64)?.unwrap_or(0));
    let limit = usize::try_from(query.number("limit", 1, MOST_LINES)?.unwrap_or(LINES)).unwrap_or(1);
    // The newest number first: what is read after it cannot lie beyond it unseen.
    let last = shared.fanout.seq();
    let lines = shared.query(move |record| record.lines(after.next(), last, limit)).await?;
    Ok(json_answer(&json!({ "epoch": shared.station.epoch(), "record": lines, "last": last })))
}
