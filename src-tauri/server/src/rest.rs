//! The HTTP interface: one file per resource.

mod alarms;
mod beds;
mod captures;
mod clients;
mod commands;
mod health;
mod look_back;
mod metrics;
mod pair;
mod presets;
mod query;
mod readings;
mod record;
mod recordings;
mod shared;
mod sound;
mod station;

pub(crate) use metrics::Metrics;
pub(crate) use query::Query;
pub use query::moment;
pub(crate) use shared::{Shared, json_answer};

use crate::access::{check_host, check_origin, window_origin};
use crate::error::ApiError;
use crate::listen::Peer;
use crate::{simple, socket, ui};
use axum::Router;
use axum::extract::{OriginalUri, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_SECURITY_POLICY,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, StatusCode};
use std::sync::Arc;

/// Everything that the server answers.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/station", get(station::get))
        .route("/beds", get(beds::list))
        .route("/beds/{bed}", get(beds::get).put(beds::put).delete(beds::delete))
        .route("/beds/{bed}/readings", get(readings::readings))
        .route("/beds/{bed}/waves", get(readings::waves))
        .route("/beds/{bed}/commands", post(commands::post))
        .route("/beds/{bed}/recordings", get(recordings::list))
        .route("/beds/{bed}/recordings/{id}", get(recordings::get))
        .route("/captures", get(captures::list))
        .route("/captures/{file}", get(captures::get).delete(captures::delete))
        .route("/beds/{bed}/what-if", post(look_back::post_what_if))
        .route("/alarm-load", get(look_back::alarm_load))
        .route("/record", get(record::get))
        .route("/alarms", get(alarms::alarms))
        .route("/alarms/{alarm}", get(alarms::alarm))
        .route("/events", get(alarms::events))
        .route("/presets", get(presets::get))
        .route("/presets/ward", axum::routing::put(presets::put))
        .route("/sound", get(sound::get).put(sound::put))
        .route("/sound/test", post(sound::test))
        .route("/pair", post(pair::post))
        .route("/clients", get(clients::list))
        .route("/clients/{client}", axum::routing::delete(clients::delete))
        .fallback(nothing_there)
        .method_not_allowed_fallback(wrong_method);
    Router::new()
        .nest("/api/v1", api)
        .route("/ws", any(socket::serve))
        .route("/sensor-data", get(simple::serve))
        .route("/healthz", get(health::get))
        .route("/metrics", get(metrics::get))
        .route("/ca.crt", get(station::authority))
        .method_not_allowed_fallback(wrong_method)
        .fallback(ui::serve)
        .layer(from_fn_with_state(Arc::clone(&shared), guard))
        .with_state(shared)
}

/// What holds for every request: the right `Host`, no foreign page, and the headers of every answer.
async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let Some(peer) = request.extensions().get::<Peer>().copied() else {
        return ApiError::bad_request("No connection.").into_response();
    };
    shared.metrics.count_request();
    let window = window_origin(request.headers());
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let checked = check_host(request.headers(), &shared.names, peer.local.ip())
        .and_then(|()| if changes { check_origin(request.headers(), peer.is_tls) } else { Ok(()) });
    let mut response = match checked {
        Err(error) => error.into_response(),
        // The window asks from an origin of its own, so its browser asks first whether it may.
        Ok(()) if window.is_some() && *request.method() == Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        Ok(()) => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        // Old Safari does not count a WebSocket of the same host as 'self'; the schemes are spelled out for it.
        HeaderValue::from_static(
            "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
             frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        ),
    );
    if let Some(origin) = window {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static(origin));
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, DELETE"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
        headers.insert(VARY, HeaderValue::from_static("origin"));
    }
    response
}

async fn nothing_there(OriginalUri(uri): OriginalUri) -> ApiError {
    ApiError::not_found(format!("There is nothing at {:?}.", uri.path()))
}

async fn wrong_method(OriginalUri(uri): OriginalUri, method: Method) -> ApiError {
    let message = format!("{} is not to be had with {method}.", uri.path());
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
