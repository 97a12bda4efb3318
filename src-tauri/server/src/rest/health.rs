//! `GET /healthz`.

use super::shared::{Shared, json_answer};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;

/// 200 while sensors, record and server work; 503 with the reasons else. No token is needed, so no patient is named.
pub(super) async fn get(State(shared): State<Arc<Shared>>) -> Response {
    let troubles = shared.station.health().await.troubles;
    if troubles.is_empty() {
        return json_answer(&json!({ "status": "ok" }));
    }
    let mut response = json_answer(&json!({ "status": "failing", "reason": troubles.join(" "), "reasons": troubles }));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
