//! `GET /api/v1/sound`, `PUT /api/v1/sound`, `POST /api/v1/sound/test`.

use super::commands::{answered, refused};
use super::shared::{Shared, json_answer, json_body};
use crate::commands;
use crate::error::ApiError;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use record::Role;
use serde_json::{Value, json};
use std::sync::Arc;

/// Tests that are told with how the sound stands.
const LAST_TESTS: usize = 10;

pub(super) async fn get(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let state = shared.sound.look().await;
    let tests = shared.query(|record| record.newest_events("sound_tested", LAST_TESTS)).await?;
    let mut body = serde_json::to_value(state)
        .map_err(|error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error.to_string()))?;
    body["last_tests"] = json!(tests);
    Ok(json_answer(&body))
}

pub(super) async fn put(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, ApiError> {
    let caller = shared.caller(request.headers(), Role::Admin)?;
    let body = json_body(request).await?;
    if let Some(strange) = body.keys().find(|key| *key != "device") {
        return Err(ApiError::bad_request(format!("The sound has no `{strange}` to be set.")));
    }
    let device = match body.get("device") {
        Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.clone()),
        _ => {
            let message = "`device` must be the name of a sound output, or null for the one of the settings.";
            return Err(ApiError::bad_request(message));
        }
    };
    let device = shared.sound.choose(device, &caller.name).await?;
    shared.settle().await;
    Ok(json_answer(&json!({ "device": device })))
}

pub(super) async fn test(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, ApiError> {
    let caller = shared.caller(request.headers(), Role::Nurse)?;
    let body = json_body(request).await?;
    let answers = commands::priority(&body).and_then(|priority| shared.sound.test(priority, &caller.name));
    match answers {
        Ok(answers) => Ok(answered(&shared, answers).await),
        Err(refusal) => Ok(refused(&refusal)),
    }
}
