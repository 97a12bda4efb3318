//! `/api/v1/beds`.

use super::shared::{Shared, json_answer, json_body};
use crate::error::ApiError;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::HeaderMap;
use oximeter::Protocol;
use record::Role;
use serde_json::{Map, Value, json};
use station::BedChange;
use std::sync::Arc;
use vitals::{BedId, BedView};

pub(super) async fn list(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let (start, now) = (shared.fanout.look(), shared.station.clock().station());
    let beds: Vec<_> = start.beds.iter().map(|bed| bed.at(now)).collect();
    Ok(json_answer(&json!({ "beds": to_values(&beds)? })))
}

fn to_values(beds: &[impl serde::Serialize]) -> Result<Vec<Value>, ApiError> {
    let values = beds.iter().map(serde_json::to_value).collect::<Result<_, _>>();
    values.map_err(|_| {
        ApiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, "internal", "The beds could not be written.")
    })
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Path(bed): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let view = view(&shared, &bed)?;
    Ok(json_answer(&view.at(shared.station.clock().station())))
}

fn view(shared: &Shared, bed: &str) -> Result<Arc<BedView>, ApiError> {
    let id = shared.bed_id(bed)?;
    shared.fanout.bed(&id).ok_or_else(|| ApiError::unknown_bed(bed))
}

pub(super) async fn put(
    State(shared): State<Arc<Shared>>,
    Path(bed): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let caller = shared.caller(request.headers(), Role::Admin)?;
    let id = BedId::new(bed).map_err(|error| ApiError::bad_request(error.to_string()))?;
    let change = change(&json_body(request).await?)?;
    if shared.station.is_demo() {
        return Err(demo());
    }
    shared.station.put_bed(id.clone(), change, &caller.name).await?;
    shared.settle().await;
    let view = view(&shared, id.as_str())?;
    Ok(json_answer(&view.at(shared.station.clock().station())))
}

fn demo() -> ApiError {
    let message = "The beds of a demonstration cannot be changed; start the station without --demo.";
    ApiError::new(http::StatusCode::CONFLICT, "demo", message)
}

fn change(body: &Map<String, Value>) -> Result<BedChange, ApiError> {
    let mut change = BedChange { name: None, port: None, protocol: None };
    for (name, value) in body {
        let bad = |what: &str| ApiError::bad_request(format!("`{name}` must be {what}."));
        match (name.as_str(), value) {
            ("name", Value::String(text)) => change.name = Some(text.clone()),
            ("name", _) => return Err(bad("a text")),
            ("port", Value::Null) => change.port = Some(None),
            ("port", Value::String(text)) => change.port = Some(Some(text.clone())),
            ("port", _) => return Err(bad("a text, or null for no sensor")),
            ("protocol", Value::String(text)) if text == "auto" => change.protocol = Some(None),
            ("protocol", Value::String(text)) => {
                let protocol = text
                    .parse::<Protocol>()
                    .map_err(|error| ApiError::bad_request(format!("{error} Or auto: found out by listening.")))?;
                change.protocol = Some(Some(protocol));
            }
            ("protocol", _) => return Err(bad("a text such as \"auto\"")),
            _ => return Err(ApiError::bad_request(format!("A bed has no `{name}` that can be set here."))),
        }
    }
    Ok(change)
}

pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(bed): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let caller = shared.caller(&headers, Role::Admin)?;
    let id = shared.bed_id(&bed)?;
    if shared.station.is_demo() {
        return Err(demo());
    }
    shared.station.remove_bed(&id, &caller.name).await?;
    shared.settle().await;
    Ok(json_answer(&json!({})))
}
