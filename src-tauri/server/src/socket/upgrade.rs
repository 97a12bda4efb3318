//! The upgrade: who asks, what they want to be told, and from where on.

use super::connection::{Connection, Happened, LEAVE_UNREAD, PING_EVERY, Upgraded};
use super::messages::{self, PROTOCOL};
use super::pulse::Pulse;
use super::resume::{Since, resume};
use crate::access::{BEARER_PROTOCOL, Caller, check_origin};
use crate::error::ApiError;
use crate::fanout::{Client, Ending, Fields, Receipt, Subscription};
use crate::listen::Peer;
use crate::rest::{Query, Shared};
use crate::screens;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use vitals::{AlarmId, BedId};

/// A heartbeat goes out after this long without anything else: at least every 2 s, with room for a slow moment.
const HEARTBEAT: Duration = Duration::from_millis(1500);

/// So often a connection may be armed.
const ARMINGS_IN_A_MINUTE: u32 = 20;

/// A request that may be upgraded.
pub(crate) struct Handshake {
    pub(crate) caller: Caller,
    pub(crate) peer: Peer,
    response: Response,
    upgrade: OnUpgrade,
}

/// Checks everything that a WebSocket needs before it is one.
pub(crate) fn handshake(request: &mut Request, shared: &Shared) -> Result<Handshake, ApiError> {
    let peer = *request.extensions().get::<Peer>().ok_or_else(|| ApiError::bad_request("No connection."))?;
    let headers = request.headers();
    check_origin(headers, peer.is_tls)?;
    let caller = shared.access.caller(headers, &shared.cookie)?;
    let has = |name: http::HeaderName, word: &str| {
        let values = headers.get_all(name);
        values
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|value| value.trim().eq_ignore_ascii_case(word))
    };
    if request.method() != Method::GET || !has(CONNECTION, "upgrade") || !has(UPGRADE, "websocket") {
        let message = "This address speaks WebSocket; connect with a WebSocket client.";
        return Err(ApiError::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", message));
    }
    if !has(SEC_WEBSOCKET_VERSION, "13") {
        return Err(ApiError::bad_request("Only version 13 of WebSocket is spoken."));
    }
    let key = headers.get(SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes);
    let key = key
        .filter(|key| data_encoding::BASE64.decode(key).is_ok_and(|bytes| bytes.len() == 16))
        .ok_or_else(|| ApiError::bad_request("The Sec-WebSocket-Key is missing or not 16 bytes in base64."))?;
    let mut response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(CONNECTION, "upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_ACCEPT, derive_accept_key(key));
    if offers(headers, PROTOCOL) {
        response = response.header(SEC_WEBSOCKET_PROTOCOL, PROTOCOL);
    }
    let response = response.body(Body::empty()).map_err(|error| ApiError::bad_request(error.to_string()))?;
    let upgrade = request
        .extensions_mut()
        .remove::<OnUpgrade>()
        .ok_or_else(|| ApiError::bad_request("This connection cannot be upgraded."))?;
    Ok(Handshake { caller, peer, response, upgrade })
}

fn offers(headers: &HeaderMap, protocol: &str) -> bool {
    headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offered| offered.trim() == protocol && !offered.trim().starts_with(BEARER_PROTOCOL))
}

impl Handshake {
    /// Answers the upgrade and runs the connection in a task.
    pub(crate) fn run<T: Future<Output = ()> + Send>(
        self,
        shared: &Shared,
        talk: impl FnOnce(Connection) -> T + Send + 'static,
    ) -> Response {
        let (upgrade, pulse) = (self.upgrade, Pulse::new(shared.station.clock()));
        shared.tasks.spawn(async move {
            match upgrade.await {
                Ok(upgraded) => talk(Connection::new(TokioIo::new(upgraded) as Upgraded, pulse)).await,
                Err(error) => tracing::debug!(%error, "A WebSocket did not come about."),
            }
        });
        self.response
    }
}

/// `GET /ws`.
pub(crate) async fn serve(State(shared): State<Arc<Shared>>, mut request: Request) -> Response {
    let handshake = match handshake(&mut request, &shared) {
        Ok(handshake) => handshake,
        Err(error) => return error.into_response(),
    };
    let asked = Query::of(request.uri()).and_then(|query| wanted(&query));
    let (subscription, since) = match asked {
        Ok(asked) => asked,
        Err(error) => return error.into_response(),
    };
    let caller = handshake.caller.clone();
    let client = Arc::new(Client::new(
        shared.next_client.fetch_add(1, Ordering::Relaxed),
        caller.name,
        caller.role,
        caller.token,
        handshake.peer.remote,
        shared.station.clock().now().wall,
        subscription,
    ));
    let station = Arc::clone(&shared);
    handshake.run(&shared, move |connection| async move {
        let id = client.id;
        tracing::info!(client = id, name = client.name, "A client has connected.");
        client.connected(connection.pulse());
        Talk {
            connection,
            client,
            shared: Arc::clone(&station),
            answers: mpsc::channel(64),
            says_armed: false,
            armings: (Instant::now(), 0),
        }
        .live(since)
        .await;
        station.fanout.detach(id);
        station.screens.ended(id);
        tracing::info!(client = id, "A client has gone.");
    })
}

/// The subscription that a URL's query sets, and where to resume.
fn wanted(query: &Query) -> Result<(Subscription, Option<Since>), ApiError> {
    query.only(&["beds", "waves", "changes", "fields", "since", "views"])?;
    let flag = |name: &str| match query.get(name) {
        None | Some("0" | "false") => Ok(false),
        Some("1" | "true" | "") => Ok(true),
        Some(other) => Err(ApiError::bad_request(format!("`{name}` must be 1 or 0; it was {other:?}."))),
    };
    let mut subscription = Subscription {
        waves: flag("waves")?,
        changes: flag("changes")?,
        views: flag("views")?,
        ..Subscription::default()
    };
    let listed = |name: &str| query.get(name).map(|text| text.split(',').map(str::trim).collect::<Vec<_>>());
    if let Some(beds) = listed("beds") {
        subscription.beds = Some(bed_ids(beds).map_err(ApiError::bad_request)?);
    }
    if let Some(fields) = listed("fields") {
        subscription.fields = field_names(fields).map_err(ApiError::bad_request)?;
    }
    let since = query.get("since").map(|text| {
        Since::parse(text).ok_or_else(|| ApiError::bad_request(format!("`since` must be EPOCH:SEQ; it was {text:?}.")))
    });
    Ok((subscription, since.transpose()?))
}

fn bed_ids<'a>(ids: impl IntoIterator<Item = &'a str>) -> Result<HashSet<BedId>, String> {
    ids.into_iter().map(|id| BedId::new(id).map_err(|error| format!("`beds`: {error}"))).collect()
}

fn field_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Fields, String> {
    Fields::parse(names)
        .map_err(|name| format!("`fields`: there is no field {name:?}. There are: {}.", Fields::NAMES.join(", ")))
}

type Answers = (mpsc::Sender<bytes::Bytes>, mpsc::Receiver<bytes::Bytes>);

struct Talk {
    connection: Connection,
    client: Arc<Client>,
    shared: Arc<Shared>,
    /// Replies to commands, in the order in which they come to an end.
    answers: Answers,
    /// It says itself whether it sounds alarms.
    says_armed: bool,
    /// How often it was armed since when.
    armings: (Instant, u32),
}

impl Talk {
    async fn live(mut self, since: Option<Since>) {
        match since {
            None => {
                let start = self.shared.fanout.attach(Arc::clone(&self.client));
                self.connection.send(messages::hello(&self.shared, self.client.role, start.seq));
                let subscription = self.client.subscription();
                let now = self.shared.station.clock().station();
                self.connection.send(messages::snapshot(&start, now, |bed| subscription.wants(Some(bed))));
            }
            Some(since) => {
                let seq = self.shared.fanout.seq();
                self.connection.send(messages::hello(&self.shared, self.client.role, seq));
                if !resume(&mut self.connection, &self.client, &self.shared, &since).await {
                    return self.connection.leave(1013, "what was missed could not be sent; try again").await;
                }
            }
        }
        loop {
            // Only when everything before has left: what waits, waits in the queue, which is bounded.
            let taken = if self.connection.is_idle() { self.client.take() } else { self.client.take_ending() };
            if taken.dropped > 0 {
                self.connection.send(messages::dropped(taken.dropped));
            }
            if !taken.frames.is_empty() {
                self.connection.send_all(taken.frames);
            }
            if let Some(ending) = taken.ending {
                let (code, reason) = ending.code();
                if ending != Ending::Behind {
                    return self.connection.leave(code, reason).await;
                }
                // Whoever fell behind may be away for long; a revoked token or the station's end does not wait for it.
                tokio::select! {
                    () = self.connection.leave_within(LEAVE_UNREAD, code, reason) => {}
                    () = self.client.ended_again() => {}
                }
                return;
            }
            let due = if self.connection.is_idle() {
                self.connection.last_sent() + HEARTBEAT
            } else {
                Instant::now() + HEARTBEAT
            };
            let (client, answers) = (&self.client, &mut self.answers.1);
            let mut answer = None;
            let woken = async {
                tokio::select! {
                    () = client.woken() => {}
                    ready = answers.recv() => answer = ready,
                }
            };
            match self.connection.next(woken, due).await {
                Happened::Woken => {
                    if let Some(answer) = answer {
                        self.connection.send(answer);
                    }
                }
                Happened::Text(text) => {
                    // A reply that was just taken must not be lost to a text that came with it.
                    if let Some(answer) = answer {
                        self.connection.send(answer);
                    }
                    self.hear(&text).await;
                }
                Happened::Due if self.connection.is_idle() => {
                    let seq = self.shared.fanout.seq();
                    self.connection.send(messages::heartbeat(&self.shared, seq));
                }
                // The other end does not read. Its queue is bounded, and the loop's head looks whether it is full.
                Happened::Due => {}
                Happened::Gone => return,
            }
        }
    }

    async fn hear(&mut self, text: &str) {
        let Ok(Value::Object(message)) = serde_json::from_str::<Value>(text) else {
            return self.complain("not_json", "A message must be one JSON object.");
        };
        match message.get("type").and_then(Value::as_str) {
            Some("subscribe") => self.subscribe(&message),
            Some("command") => self.command(&message).await,
            Some("receipt") => self.receipt(&message),
            Some("armed") => match message.get("sound").and_then(Value::as_bool) {
                Some(sound) => self.say_armed(sound),
                None => {
                    let message = "`armed` says with `sound`, true or false, whether this screen sounds alarms.";
                    self.complain("bad_request", message);
                }
            },
            Some("goodbye") => self.say_armed(false),
            Some(other) => self.complain("unknown_type", &format!("There is no message of the type {other:?}.")),
            None => self.complain("unknown_type", "The message has no `type`."),
        }
    }

    fn complain(&mut self, code: &str, message: &str) {
        self.connection.send(messages::error(code, message));
    }

    fn subscribe(&mut self, message: &Map<String, Value>) {
        let before = self.client.subscription();
        match changed(&before, message) {
            Ok(now) => {
                let more = match (&before.beds, &now.beds) {
                    (None, _) => false,
                    (Some(_), None) => true,
                    (Some(before), Some(now)) => !now.is_subset(before),
                };
                let wants = now.clone();
                self.client.subscribe(now);
                if more {
                    // Beds that are new to the client are shown as they stand.
                    let start = self.shared.fanout.look();
                    let now = self.shared.station.clock().station();
                    self.connection.send(messages::snapshot(&start, now, |bed| wants.wants(Some(bed))));
                }
            }
            Err(why) => self.complain("bad_request", &why),
        }
    }

    async fn command(&mut self, message: &Map<String, Value>) {
        let id = message.get("id").cloned().unwrap_or(Value::Null);
        let answers = self.shared.send_command(message, None, &self.client.name, self.client.role).await;
        match answers {
            Err(refusal) => {
                self.connection.send(messages::reply(&id, &station::Answer::Refused(refusal)));
            }
            Ok(mut answers) => {
                let to = self.answers.0.clone();
                self.shared.tasks.spawn(async move {
                    while let Some(answer) = answers.recv().await {
                        // A client that has gone needs no reply.
                        if to.send(messages::reply(&id, &answer)).await.is_err() {
                            return;
                        }
                    }
                });
            }
        }
    }

    fn say_armed(&mut self, sound: bool) {
        self.says_armed = true;
        self.arm(sound);
    }

    /// This screen will sound alarms from now on, or will not any more. Whoever says so is asked for signs of life more
    /// often.
    fn arm(&mut self, sound: bool) {
        if self.client.is_armed() == sound {
            return;
        }
        if sound && !self.may_arm() {
            return self.complain("too_often", "This screen was armed too often; wait a minute.");
        }
        if sound {
            self.shared.screens.arm(&self.client);
        } else {
            self.shared.screens.disarm(&self.client);
        }
        self.connection.ping_each(if sound { screens::PING_EVERY } else { PING_EVERY });
    }

    /// Each arming is a line in the record.
    fn may_arm(&mut self) -> bool {
        if self.armings.0.elapsed() > Duration::from_secs(60) {
            self.armings = (Instant::now(), 0);
        }
        self.armings.1 += 1;
        self.armings.1 <= ARMINGS_IN_A_MINUTE
    }

    fn receipt(&mut self, message: &Map<String, Value>) {
        let Some(alarm) = message.get("alarm").and_then(Value::as_str) else {
            return self.complain("bad_request", "A receipt names its `alarm`.");
        };
        let said = |name: &str| message.get(name).and_then(Value::as_bool).unwrap_or(false);
        let (shown, sounded) = (said("shown"), said("sounded"));
        // Of one that says itself whether it sounds, a receipt may come late: it has lost its sound meanwhile.
        if sounded && !self.says_armed {
            self.arm(true);
        }
        let Some(alarm) = AlarmId::parse(alarm) else {
            let named: String = alarm.chars().take(32).collect();
            return self.connection.send(screens::unknown_alarm(&named));
        };
        let receipt = Receipt { alarm, shown, sounded, time: self.shared.station.clock().now().wall };
        if !self.client.has_said(&receipt) {
            self.shared.screens.receipt(&self.client, receipt, &self.answers.0);
        }
    }
}

/// A subscription with the changes of a `subscribe` message; what it leaves out stays.
fn changed(before: &Subscription, message: &Map<String, Value>) -> Result<Subscription, String> {
    let mut now = before.clone();
    let strings = |name: &str, value: &Value| -> Result<Vec<String>, String> {
        let list = value.as_array().and_then(|list| list.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        list.ok_or_else(|| format!("`{name}` must be a list of strings."))
    };
    for (name, value) in message {
        let flag = || value.as_bool().ok_or_else(|| format!("`{name}` must be true or false."));
        match name.as_str() {
            "type" | "id" => {}
            "beds" if value.is_null() => now.beds = None,
            "beds" => now.beds = Some(bed_ids(strings(name, value)?.iter().map(String::as_str))?),
            "fields" if value.is_null() => now.fields = Fields::ALL,
            "fields" => now.fields = field_names(strings(name, value)?.iter().map(String::as_str))?,
            "waves" => now.waves = flag()?,
            "changes" => now.changes = flag()?,
            "views" => now.views = flag()?,
            other => return Err(format!("A subscription has no `{other}`.")),
        }
    }
    Ok(now)
}
