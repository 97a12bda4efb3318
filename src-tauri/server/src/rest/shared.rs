//! What every handler needs, and how a request is read and answered.

use super::Metrics;
use crate::access::{Access, Caller, Names};
use crate::commands;
use crate::error::ApiError;
use crate::fanout::Fanout;
use crate::listen::Peer;
use crate::screens::Screens;
use crate::sound::Sound;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use record::{QueryError, Record, Role};
use serde::Serialize;
use serde_json::{Map, Value};
use station::{Answer, Handle, Refusal};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;
use vitals::{AlarmId, BedId, BedView};

/// The longest body of a request.
const LONGEST_BODY: usize = 64 << 10;
/// So much of one that is too long is heard out: a client that is still sending when the connection ends never reads why.
const LONGEST_HEARD: usize = 4 << 20;

/// What every handler needs.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) station: Handle,
    pub(crate) sound: Arc<dyn Sound>,
    pub(crate) fanout: Fanout,
    pub(crate) access: Access,
    pub(crate) names: Names,
    /// The authority's certificate, PEM.
    pub(crate) authority: String,
    /// The name of the cookie that carries a token.
    pub(crate) cookie: String,
    pub(crate) lan: Option<SocketAddr>,
    pub(crate) next_client: AtomicU64,
    pub(crate) tasks: TaskTracker,
    pub(crate) metrics: Metrics,
    pub(crate) screens: Screens,
}

impl Shared {
    /// Who asks, if they may do what `role` may.
    pub(crate) fn caller(&self, headers: &HeaderMap, role: Role) -> Result<Caller, ApiError> {
        let caller = self.access.caller(headers, &self.cookie)?;
        caller.needs(role)?;
        Ok(caller)
    }

    /// A bed that a path names.
    pub(crate) fn bed_id(&self, text: &str) -> Result<BedId, ApiError> {
        let id = BedId::new(text).map_err(|_| ApiError::unknown_bed(text))?;
        self.fanout.bed(&id).map(|_| id).ok_or_else(|| ApiError::unknown_bed(text))
    }

    /// Waits until the board shows everything that the hub has passed on, so that whoever changed something and looks
    /// again sees it changed. Microseconds, as a rule.
    pub(crate) async fn settle(&self) {
        let passed = self.station.passed();
        for _ in 0..500 {
            if self.fanout.seq() >= passed {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The bed that shows an alarm, active or latched.
    fn bed_of_alarm(&self, wanted: AlarmId) -> Option<BedId> {
        let beds = self.fanout.look().beds;
        let shows = |bed: &BedView| bed.alarms.iter().chain(&bed.latched).any(|alarm| alarm.id == wanted);
        beds.into_iter().find(|bed| shows(bed)).map(|bed| bed.id.clone())
    }

    async fn withdraw_anywhere(&self, alarm: AlarmId, by: &str) -> Result<mpsc::Receiver<Answer>, Refusal> {
        match self.bed_of_alarm(alarm) {
            Some(bed) => self.station.command(&bed, station::Command::Withdraw(alarm), by).await,
            None => self.station.withdraw_station(alarm, by).await,
        }
    }

    /// Runs a query of the record where it may block.
    pub(crate) async fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Record) -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let record = self.station.record().clone();
        match tokio::task::spawn_blocking(move || query(&record)).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The query failed.")),
        }
    }

    /// Sends a command on, if `role` may. Its bed is `bed` or stands in the message; without one an acknowledgement is
    /// for the station's own alarms.
    pub(crate) async fn send_command(
        &self,
        message: &Map<String, Value>,
        bed: Option<&BedId>,
        by: &str,
        role: Role,
    ) -> Result<mpsc::Receiver<Answer>, Refusal> {
        let may = |needed: Role| {
            let message = || format!("This command needs the role {}.", needed.as_str());
            if role >= needed { Ok(()) } else { Err(Refusal::new("forbidden", message())) }
        };
        if bed.is_none() && commands::is_sound_test(message) {
            let priority = commands::priority(message)?;
            may(Role::Nurse)?;
            return self.sound.test(priority, by);
        }
        let command = commands::parse(message)?;
        may(commands::needed(&command))?;
        let named = match (bed, message.get("bed")) {
            (Some(bed), _) => Some(bed.clone()),
            (None, None | Some(Value::Null)) => None,
            (None, Some(Value::String(text))) => {
                let unknown = || Refusal::new("unknown_bed", format!("There is no bed {text:?}."));
                Some(BedId::new(text.as_str()).map_err(|_| unknown())?)
            }
            (None, Some(_)) => return Err(Refusal::new("bad_request", "`bed` must be a string.")),
        };
        match (named, command) {
            (Some(bed), command) => self.station.command(&bed, command, by).await,
            (None, station::Command::Acknowledge(alarm)) => self.acknowledge_anywhere(alarm, by).await,
            (None, station::Command::Withdraw(alarm)) => self.withdraw_anywhere(alarm, by).await,
            (None, _) => Err(Refusal::new("bad_request", "The message has no `bed`.")),
        }
    }

    /// An acknowledgement that names no bed goes to where the alarm is.
    async fn acknowledge_anywhere(&self, alarm: Option<AlarmId>, by: &str) -> Result<mpsc::Receiver<Answer>, Refusal> {
        let of_bed = alarm.and_then(|wanted| self.bed_of_alarm(wanted));
        match of_bed {
            Some(bed) => self.station.command(&bed, station::Command::Acknowledge(alarm), by).await,
            None => self.station.acknowledge_station(alarm, by).await,
        }
    }
}

/// The body of a request as a JSON object, and the head.
pub(crate) async fn json_body(request: Request) -> Result<Map<String, Value>, ApiError> {
    let (mut body, mut kept, mut length) = (request.into_body(), Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let broken = |_| ApiError::bad_request("The body broke off.");
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        length += data.len();
        if length <= LONGEST_BODY {
            kept.extend_from_slice(&data);
        } else if length > LONGEST_HEARD {
            break;
        }
    }
    if length > LONGEST_BODY {
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "A body has at most 64 KiB."));
    }
    match serde_json::from_slice(&kept) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(ApiError::bad_request("The body must be one JSON object.")),
    }
}

/// An answer in JSON, which nobody keeps.
pub(crate) fn json_answer(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(json) => {
            (StatusCode::OK, [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], json).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "An answer could not be written as JSON.");
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The answer could not be written.")
                .into_response()
        }
    }
}

/// The connection that a request came by.
pub(crate) fn peer(request: &Request) -> Result<Peer, ApiError> {
    request.extensions().get::<Peer>().copied().ok_or_else(|| ApiError::bad_request("No connection."))
}
