//! `POST /api/v1/pair`: a code for a token.

use super::shared::{Shared, json_answer, json_body, peer};
use crate::error::ApiError;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use record::PairingError;
use serde_json::{Value, json};
use std::sync::Arc;

/// A year: a paired screen stays paired until its token is revoked.
const COOKIE_LIFE_S: u32 = 365 * 24 * 3600;

pub(super) async fn post(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, ApiError> {
    let peer = peer(&request)?;
    let body = json_body(request).await?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let code = text("code").ok_or_else(|| ApiError::bad_request("`code` is missing."))?;
    let name = text("name").unwrap_or_else(|| "Screen".into());
    let (record, now) = (shared.station.record().clone(), shared.station.clock().now().wall);
    let paired = tokio::task::spawn_blocking(move || record.pair(&code, &name, now)).await;
    let pairing = match paired {
        Ok(Ok(pairing)) => pairing,
        Ok(Err(error @ PairingError::BadCode)) => {
            tracing::warn!(remote = %peer.remote, "A wrong pairing code was given.");
            return Err(ApiError::new(StatusCode::FORBIDDEN, "bad_code", error.to_string()));
        }
        Ok(Err(PairingError::Access(error))) => return Err(ApiError::bad_request(error.to_string())),
        Err(_) => return Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Pairing failed.")),
    };
    shared.access.reload()?;
    let detail = json!({ "name": pairing.name, "role": pairing.role, "address": peer.remote.ip().to_string() });
    shared.station.event("paired", Some(&pairing.name), detail).await;
    let secure = if peer.is_tls { "; Secure" } else { "" };
    let cookie = format!(
        "{}={}; Path=/; Max-Age={COOKIE_LIFE_S}; HttpOnly; SameSite=Strict{secure}",
        shared.cookie, pairing.secret
    );
    let mut response = json_answer(&json!({
        "token": pairing.secret, "role": pairing.role, "name": pairing.name,
    }));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}
