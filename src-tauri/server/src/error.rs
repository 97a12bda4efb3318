//! Errors as a client sees them: a status, a stable word for programs, a sentence for people.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;
use station::Refusal;

/// An answer that says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(crate) fn unauthorized() -> Self {
        let message = "A token is needed, and none that is good was shown. Pair this screen (`oxiward pair`), or make a token (`oxiward token add`).";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn unknown_bed(bed: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown_bed", format!("There is no bed {bed:?}."))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        let mut response = (self.status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(http::header::WWW_AUTHENTICATE, http::HeaderValue::from_static("Bearer realm=\"oxiward\""));
        }
        response
    }
}

/// The status that goes with a refusal's word.
pub(crate) fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal.code {
        "unknown_bed" | "unknown_alarm" | "unknown_client" | "unknown_recording" => StatusCode::NOT_FOUND,
        "forbidden" => StatusCode::FORBIDDEN,
        "bad_request" | "unknown_command" | "unknown_device" | "bad_limits" | "out_of_range" | "bad_patient"
        | "bad_name" => StatusCode::BAD_REQUEST,
        "stopping" | "record" => StatusCode::SERVICE_UNAVAILABLE,
        "no_signal" => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::CONFLICT,
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self { status: status_of(&refusal), code: refusal.code, message: refusal.message }
    }
}

impl From<record::QueryError> for ApiError {
    fn from(error: record::QueryError) -> Self {
        tracing::error!(%error, "A query of the record failed.");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "record", error.to_string())
    }
}
