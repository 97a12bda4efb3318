//! `POST /api/v1/beds/{bed}/what-if`, `GET /api/v1/alarm-load`.

use super::query::{Query, moment};
use super::shared::{Shared, json_answer, json_body};
use crate::commands::limits_change;
use crate::error::ApiError;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode, Uri};
use record::Role;
use serde_json::{Map, Value};
use station::{RapidFall, WhatIf, WhatIfError, load_report, what_if};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use vitals::{BedId, LimitsChange, WallTime};

/// The longest span that one question goes through: some seconds of work.
const LONGEST: Duration = Duration::from_secs(31 * 24 * 3600);
/// How far back is looked for the load if nothing is said.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// One look back at a time, so that none takes the processor from the beds.
static TURN: Semaphore = Semaphore::const_new(1);

pub(super) async fn post_what_if(
    State(shared): State<Arc<Shared>>,
    Path(bed): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    shared.caller(request.headers(), Role::Viewer)?;
    // A bed that is no more has a past all the same.
    let bed = BedId::new(bed.as_str()).map_err(|_| ApiError::unknown_bed(&bed))?;
    let body = json_body(request).await?;
    let asked = asked(bed, &body, shared.station.clock().now().wall)?;
    let report = in_turn(&shared, move |record| what_if(record, &asked)).await??;
    Ok(json_answer(&report))
}

pub(super) async fn alarm_load(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let query = Query::of(&uri)?;
    query.only(&["from", "to", "bed", "format"])?;
    let bed = query.get("bed").map(|text| BedId::new(text).map_err(|_| ApiError::unknown_bed(text))).transpose()?;
    let csv = match query.get("format") {
        None | Some("json") => false,
        Some("csv") => true,
        Some(other) => return Err(ApiError::bad_request(format!("`format` must be json or csv; it was {other:?}."))),
    };
    let (from, to) = query.span(shared.station.clock().now().wall, WEEK)?;
    let report = in_turn(&shared, move |record| load_report(record, from, to, bed.as_ref())).await??;
    if csv {
        let head = [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CACHE_CONTROL, "no-store")];
        return Ok((head, report.csv()).into_response());
    }
    Ok(json_answer(&report))
}

/// Does `work` on a thread of its own, when nobody else looks back.
async fn in_turn<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&record::Record) -> T + Send + 'static,
) -> Result<T, ApiError> {
    let failed = || ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Looking back failed.");
    let turn = TURN.acquire().await.map_err(|_| failed())?;
    let record = shared.station.record().clone();
    // The turn goes with the work, which goes on to its end if whoever asked has gone.
    let done = tokio::task::spawn_blocking(move || (work(&record), turn)).await;
    done.map(|(done, _)| done).map_err(|_| failed())
}

/// What the body asks for.
fn asked(bed: BedId, body: &Map<String, Value>, now: WallTime) -> Result<WhatIf, ApiError> {
    const KEYS: [&str; 6] = ["from", "to", "limits", "averaging_s", "rapid_fall", "list"];
    if let Some(strange) = body.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let known = KEYS.join(", ");
        return Err(ApiError::bad_request(format!("what-if takes no `{strange}`. It takes: {known}.")));
    }
    let time = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            moment(&text, now).map(Some).ok_or_else(|| {
                ApiError::bad_request(format!(
                    "`{name}` must be RFC 3339, milliseconds since 1970, or a span back from now such as -8h; it was {value}."
                ))
            })
        }
    };
    let to = time("to")?.unwrap_or(now);
    let from = time("from")?.ok_or_else(|| ApiError::bad_request("`from` says where the span begins."))?;
    if from > to {
        return Err(ApiError::bad_request("`from` lies after `to`."));
    }
    if to.since(from) > LONGEST {
        let days = LONGEST.as_secs() / 86_400;
        let message = format!("A span has at most {days} days here; `oxiward what-if` takes longer ones.");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "out_of_range", message));
    }
    let limits = match body.get("limits") {
        None | Some(Value::Null) => LimitsChange::default(),
        Some(Value::Object(limits)) if limits.is_empty() => LimitsChange::default(),
        Some(Value::Object(limits)) => limits_change(limits)?,
        Some(_) => return Err(ApiError::bad_request("`limits` must be an object with the names of set_limits.")),
    };
    let whole = |value: &Value| value.as_u64().ok_or(());
    let wrong = |text: &str| ApiError::new(StatusCode::BAD_REQUEST, "bad_limits", text);
    let averaging = match body.get("averaging_s") {
        None | Some(Value::Null) => 0,
        Some(value) => whole(value).map_err(|()| wrong("`averaging_s` must be a whole number from 0 to 60."))?,
    };
    let rapid_fall = match body.get("rapid_fall") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(value) => {
            let number = |name: &str| value.get(name).and_then(Value::as_u64);
            let points = number("points").and_then(|points| u16::try_from(points).ok());
            let fall = points.zip(number("seconds"));
            let (points, seconds) =
                fall.ok_or_else(|| wrong("`rapid_fall` must be null or {\"points\":3 to 30,\"seconds\":5 to 120}."))?;
            Some(Some(RapidFall { points, within: Duration::from_secs(seconds) }))
        }
    };
    let list = match body.get("list") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(list)) => *list,
        Some(_) => return Err(ApiError::bad_request("`list` must be true or false.")),
    };
    Ok(WhatIf { bed, from, to, limits, averaging: Duration::from_secs(averaging), rapid_fall, list })
}

impl From<WhatIfError> for ApiError {
    fn from(error: WhatIfError) -> Self {
        let message = error.to_string();
        match error {
            WhatIfError::BadLimits(_) => Self::new(StatusCode::BAD_REQUEST, "bad_limits", message),
            WhatIfError::UnknownBed(bed) => Self::unknown_bed(&bed),
            WhatIfError::Record(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: WallTime = WallTime::from_millis(1_793_180_000_000);

    fn read(body: Value) -> Result<WhatIf, (&'static str, String)> {
        asked(BedId::new("1").unwrap(), body.as_object().unwrap(), NOW).map_err(|error| (error.code, error.message))
    }

    #[test]
    fn a_question_is_read_as_it_was_asked() {
        let body = json!({"from":"-8h","limits":{"spo2_low":88,"area_delay":50,"spo2_high":null},"averaging_s":10,
                          "rapid_fall":{"points":10,"seconds":30}});
        let asked = read(body).unwrap();
        assert_eq!((asked.from, asked.to), (NOW.minus(Duration::from_secs(8 * 3600)), NOW));
        let limits = LimitsChange {
            spo2_low: Some(88),
            area_delay: Some(Some(50)),
            spo2_high: Some(None),
            ..LimitsChange::default()
        };
        assert_eq!((asked.limits, asked.averaging), (limits, Duration::from_secs(10)));
        assert_eq!(asked.rapid_fall, Some(Some(RapidFall { points: 10, within: Duration::from_secs(30) })));
        assert_eq!(read(json!({"from":0,"to":1000,"limits":{}})).unwrap().limits, LimitsChange::default());
        assert_eq!(read(json!({"from":0,"to":1000,"rapid_fall":null})).unwrap().rapid_fall, Some(None), "off");
    }

    #[test]
    fn what_is_asked_wrongly_is_refused_in_words() {
        for (body, code, word) in [
            (json!({}), "bad_request", "`from`"),
            (json!({"from":"yesterday"}), "bad_request", "yesterday"),
            (json!({"from":"-1h","to":"-2h"}), "bad_request", "after `to`"),
            (json!({"from":"-40d"}), "out_of_range", "31 days"),
            (json!({"from":"-1h","delay_s":5}), "bad_request", "`delay_s`"),
            (json!({"from":"-1h","limits":{"spo2_lo":5}}), "bad_request", "spo2_lo"),
            (json!({"from":"-1h","limits":{"spo2_low":"88"}}), "bad_limits", "spo2_low"),
            (json!({"from":"-1h","averaging_s":-1}), "bad_limits", "averaging_s"),
            (json!({"from":"-1h","rapid_fall":{"points":10}}), "bad_limits", "rapid_fall"),
        ] {
            let (was, message) = read(body.clone()).unwrap_err();
            assert!(was == code && message.contains(word), "{body}: {was} {message}");
        }
    }
}
