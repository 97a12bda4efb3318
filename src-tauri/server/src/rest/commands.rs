//! `POST /api/v1/beds/{bed}/commands`.

use super::shared::{Shared, json_answer, json_body};
use crate::error::{ApiError, status_of};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use record::Role;
use serde_json::json;
use station::{Answer, Refusal};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The longest a command may take before its request is answered with what is known.
const LONGEST: Duration = Duration::from_secs(30);

pub(super) async fn post(
    State(shared): State<Arc<Shared>>,
    Path(bed): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let caller = shared.caller(request.headers(), Role::Viewer)?;
    let bed = shared.bed_id(&bed)?;
    let message = json_body(request).await?;
    match shared.send_command(&message, Some(&bed), &caller.name, caller.role).await {
        Ok(answers) => Ok(answered(&shared, answers).await),
        Err(refusal) => Ok(refused(&refusal)),
    }
}

/// The last of the answers, when it has come.
pub(super) async fn answered(shared: &Shared, mut answers: mpsc::Receiver<Answer>) -> Response {
    let last = async {
        let mut last = None;
        while let Some(answer) = answers.recv().await {
            let ends = answer != Answer::Accepted;
            last = Some(answer);
            if ends {
                break;
            }
        }
        last
    };
    let last = tokio::time::timeout(LONGEST, last).await;
    shared.settle().await;
    match last {
        Ok(Some(Answer::Done(result))) => json_answer(&json!({ "ok": true, "result": result })),
        Ok(Some(Answer::Refused(refusal))) => refused(&refusal),
        Ok(Some(Answer::Accepted)) | Err(_) => json_answer(&json!({ "ok": true, "accepted": true })),
        Ok(None) => refused(&Refusal::new("stopping", "The bed has gone, or the station is stopping.")),
    }
}

pub(super) fn refused(refusal: &Refusal) -> Response {
    let body = json!({ "ok": false, "error": { "code": refusal.code, "message": refusal.message } });
    (status_of(refusal), [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
