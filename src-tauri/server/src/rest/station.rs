//! `GET /api/v1/station`, `GET /ca.crt`.

use super::shared::{Shared, json_answer};
use crate::error::ApiError;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use record::Role;
use serde_json::json;
use std::sync::Arc;

pub(super) async fn get(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let caller = shared.caller(&headers, Role::Viewer)?;
    let station = &shared.station;
    Ok(json_answer(&json!({
        "name": station.name(),
        "version": station.version(),
        "id": station.id(),
        "epoch": station.epoch(),
        "demo": station.is_demo(),
        "uptime_s": station.uptime().as_secs(),
        "role": caller.role,
        "you": caller.name,
        "lan": shared.lan.map(|lan| lan.to_string()),
    })))
}

pub(super) async fn authority(State(shared): State<Arc<Shared>>) -> Response {
    let head = [
        (CONTENT_TYPE, "application/x-x509-ca-cert"),
        (CONTENT_DISPOSITION, "attachment; filename=\"oxiward-ca.crt\""),
    ];
    (head, shared.authority.clone()).into_response()
}
