//! `/api/v1/captures`: raw captures of the lines to the sensors, for admins.

use super::shared::{Shared, json_answer};
use crate::error::ApiError;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use hyper::body::Frame;
use record::Role;
use serde_json::json;
use station::{Captures, ShelfError};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// What is read from the disk at once.
const PART: usize = 64 << 10;

impl From<ShelfError> for ApiError {
    fn from(error: ShelfError) -> Self {
        match error {
            ShelfError::Unknown(_) => Self::new(StatusCode::NOT_FOUND, "unknown_capture", error.to_string()),
            ShelfError::Disk(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "disk", error.to_string()),
        }
    }
}

/// Uses the folder where it may block.
async fn shelf<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&Captures) -> Result<T, ShelfError> + Send + 'static,
) -> Result<T, ApiError> {
    let captures = shared.station.captures();
    match tokio::task::spawn_blocking(move || work(&captures)).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The disk was not read.")),
    }
}

/// The names of those that are being written.
fn running(shared: &Shared) -> HashSet<String> {
    let beds = shared.fanout.look().beds;
    beds.iter().filter_map(|bed| bed.sensor.capture.as_ref().map(|capture| capture.file.clone())).collect()
}

pub(super) async fn list(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Admin)?;
    let captures = shelf(&shared, Captures::list).await?;
    let running = running(&shared);
    let captures: Vec<_> = captures
        .iter()
        .map(|kept| {
            json!({
                "file": kept.file,
                "bed": kept.bed,
                "since": kept.since,
                "bytes": kept.bytes,
                "running": running.contains(&kept.file),
            })
        })
        .collect();
    Ok(json_answer(&json!({ "captures": captures })))
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Admin)?;
    let wanted = name.clone();
    let (file, length) = shelf(&shared, move |captures| {
        let file = captures.open(&wanted)?;
        let length = file.metadata()?.len();
        Ok((file, length))
    })
    .await?;
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (CONTENT_LENGTH, length.to_string()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    // One that still grows is sent as far as it was; no more than was announced.
    Ok((headers, Body::new(Parts::of(file.take(length)))).into_response())
}

/// A file part by part, read where it may block: one of 200 MB does not go through the memory at once.
struct Parts(mpsc::Receiver<io::Result<Bytes>>);

impl Parts {
    fn of(mut file: io::Take<File>) -> Self {
        let (parts, received) = mpsc::channel(2);
        tokio::task::spawn_blocking(move || {
            loop {
                let mut part = Vec::new();
                let read = file.by_ref().take(PART as u64).read_to_end(&mut part).map(|_| Bytes::from(part));
                let goes_on = matches!(&read, Ok(part) if !part.is_empty());
                // A client that has gone wants no more; an empty part is the end.
                if matches!(&read, Ok(part) if part.is_empty()) || parts.blocking_send(read).is_err() || !goes_on {
                    return;
                }
            }
        });
        Self(received)
    }
}

impl hyper::body::Body for Parts {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| part.map(Frame::data)))
    }
}

pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let caller = shared.caller(&headers, Role::Admin)?;
    if running(&shared).contains(&name) {
        let message = format!("{name} is still being written; stop it first.");
        return Err(ApiError::new(StatusCode::CONFLICT, "capture_running", message));
    }
    let wanted = name.clone();
    shelf(&shared, move |captures| captures.delete(&wanted)).await?;
    shared.station.event("capture_deleted", Some(&caller.name), json!({ "file": name })).await;
    Ok(json_answer(&json!({})))
}
