//! The simple interface: `/sensor-data`, for a script that wants two numbers.

use crate::error::ApiError;
use crate::fanout::{Client, Subscription, text};
use crate::rest::{Query, Shared, json_answer};
use crate::socket::{Connection, handshake};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::UPGRADE;
use record::Role;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;
use vitals::{BedId, BedView, WallTime};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct SensorData {
    oxygen_level: Option<u8>,
    heart_rate: Option<u16>,
    bed: BedId,
    time: Option<WallTime>,
}

impl SensorData {
    fn of(bed: &BedView) -> Self {
        let numbers = bed.reading.map(|reading| reading.numbers).unwrap_or_default();
        Self {
            oxygen_level: numbers.spo2.map(vitals::Spo2::percent),
            heart_rate: numbers.pulse_rate.map(vitals::PulseRate::per_minute),
            bed: bed.id.clone(),
            time: bed.reading.map(|reading| reading.time),
        }
    }

    /// Whether another value is told; the time alone is no change.
    fn says_the_same_as(&self, other: &Self) -> bool {
        (self.oxygen_level, self.heart_rate) == (other.oxygen_level, other.heart_rate)
    }
}

/// `GET /sensor-data`, plain or as a WebSocket.
pub(crate) async fn serve(State(shared): State<Arc<Shared>>, mut request: Request) -> Response {
    let asked = Query::of(request.uri()).and_then(|query| {
        query.only(&["bed", "every"])?;
        let every = query.number("every", 0, 1)? == Some(1);
        Ok((query.get("bed").map(str::to_owned), every))
    });
    let (bed, every) = match asked {
        Ok(asked) => asked,
        Err(error) => return error.into_response(),
    };
    if !request.headers().contains_key(UPGRADE) {
        let answer = shared.caller(request.headers(), Role::Viewer).and_then(|_| now(&shared, bed.as_deref()));
        return answer.map_or_else(IntoResponse::into_response, |data| json_answer(&data));
    }
    let handshake = match handshake(&mut request, &shared) {
        Ok(handshake) => handshake,
        Err(error) => return error.into_response(),
    };
    let bed = match bed.as_deref().map(|bed| shared.bed_id(bed)).transpose() {
        Ok(bed) => bed,
        Err(error) => return error.into_response(),
    };
    let (caller, peer) = (handshake.caller.clone(), handshake.peer);
    let subscription = Subscription { beds: bed.clone().map(|bed| [bed].into()), ..Subscription::default() };
    let client = Arc::new(Client::new(
        shared.next_client.fetch_add(1, Ordering::Relaxed),
        caller.name,
        caller.role,
        caller.token,
        peer.remote,
        shared.station.clock().now().wall,
        subscription,
    ));
    let station = Arc::clone(&shared);
    handshake.run(&shared, move |connection| async move {
        let id = client.id;
        client.connected(connection.pulse());
        stream(connection, client, &station, bed.as_ref(), every).await;
        station.fanout.detach(id);
    })
}

/// The object of the only bed or of the bed asked for; with several beds an array.
fn now(shared: &Shared, bed: Option<&str>) -> Result<Value, ApiError> {
    if let Some(bed) = bed {
        let id = shared.bed_id(bed)?;
        let view = shared.fanout.bed(&id).ok_or_else(|| ApiError::unknown_bed(bed))?;
        return Ok(json!(SensorData::of(&view)));
    }
    let mut data: Vec<SensorData> = shared.fanout.look().beds.iter().map(|bed| SensorData::of(bed)).collect();
    Ok(if data.len() == 1 { json!(data.remove(0)) } else { json!(data) })
}

/// The same object at once, then on every change, and once a second with `every`.
async fn stream(mut connection: Connection, client: Arc<Client>, shared: &Shared, bed: Option<&BedId>, every: bool) {
    use crate::socket::Happened;
    let wanted = || -> Vec<SensorData> {
        let beds = shared.fanout.look().beds;
        beds.iter().filter(|view| bed.is_none_or(|bed| view.id == *bed)).map(|view| SensorData::of(view)).collect()
    };
    shared.fanout.attach(Arc::clone(&client));
    let mut told: Vec<SensorData> = Vec::new();
    let mut due = Instant::now();
    loop {
        let taken = client.take();
        if let Some(ending) = taken.ending {
            let (code, reason) = ending.code();
            return connection.leave(code, reason).await;
        }
        // What a slow reader has not taken yet is not added to: it gets the newest when it reads again.
        if connection.is_idle() {
            let is_due = every && Instant::now() >= due;
            let present = wanted();
            for data in &present {
                let before = told.iter().find(|before| before.bed == data.bed);
                if is_due || before.is_none_or(|before| !before.says_the_same_as(data)) {
                    connection.send(text(data));
                }
            }
            told = present;
            if is_due {
                due = Instant::now() + Duration::from_secs(1);
            }
        }
        let wake = if every { due } else { Instant::now() + Duration::from_secs(30) };
        match connection.next(client.woken(), wake.max(Instant::now() + Duration::from_millis(5))).await {
            Happened::Gone => return,
            // Nothing is understood here; what a client says is passed over.
            Happened::Text(_) | Happened::Woken | Happened::Due => {}
        }
    }
}
