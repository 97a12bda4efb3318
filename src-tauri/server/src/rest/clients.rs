//! `GET /api/v1/clients`, `DELETE /api/v1/clients/{id}`.

use super::shared::{Shared, json_answer};
use crate::error::ApiError;
use crate::fanout::Ending;
use crate::screens::LOST;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use record::Role;
use serde_json::json;
use std::sync::Arc;

pub(super) async fn list(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let clients = shared.screens.list(&shared.fanout.clients());
    Ok(json_answer(&json!({ "clients": clients })))
}

pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let unknown = || ApiError::new(StatusCode::NOT_FOUND, "unknown_client", format!("There is no client {id:?}."));
    if let Some(name) = id.strip_prefix(LOST) {
        // Whoever stands before a tablet that is put away is a nurse.
        let caller = shared.caller(&headers, Role::Nurse)?;
        return if shared.screens.remove(name, &caller.name) { Ok(json_answer(&json!({}))) } else { Err(unknown()) };
    }
    let caller = shared.caller(&headers, Role::Admin)?;
    let clients = shared.fanout.clients();
    let client = clients.iter().find(|client| client.id.to_string() == id).ok_or_else(unknown)?;
    shared.screens.dismiss(client);
    client.end(Ending::Closed);
    shared.station.event("client_closed", Some(&caller.name), json!({ "client": client.name })).await;
    Ok(json_answer(&json!({})))
}
