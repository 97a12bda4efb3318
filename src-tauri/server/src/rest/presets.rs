//! `GET /api/v1/presets`, `PUT /api/v1/presets/ward`.

use super::shared::{Shared, json_answer, json_body};
use crate::commands;
use crate::error::ApiError;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use record::Role;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use vitals::{Limits, Preset};

pub(super) async fn get(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    Ok(json_answer(&presets(&shared)))
}

fn presets(shared: &Shared) -> Value {
    let (limits, set, starting_point) = shared.station.preset();
    let (from, by, time) = match set {
        Some(set) => (set.from, Some(set.by), Some(set.time)),
        None => (Some(starting_point), None, None),
    };
    let starting_points =
        Preset::ALL.map(|preset| json!({ "name": preset, "limits": preset.limits(), "source": preset.source() }));
    json!({
        "ward": { "limits": limits, "from": from, "by": by, "time": time },
        "starting_points": starting_points,
    })
}

pub(super) async fn put(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, ApiError> {
    let caller = shared.caller(request.headers(), Role::Admin)?;
    let limits = wanted(&json_body(request).await?, shared.station.preset().0)?;
    shared.station.set_preset(limits, &caller.name).await?;
    shared.settle().await;
    Ok(json_answer(&presets(&shared)))
}

/// A starting point, changed by the limits that stand beside it; without one the present preset, changed so.
fn wanted(body: &Map<String, Value>, present: Limits) -> Result<Limits, ApiError> {
    let mut rest = body.clone();
    let base = match rest.remove("from") {
        None | Some(Value::Null) => present,
        Some(Value::String(word)) => Preset::parse(&word).map(Preset::limits).ok_or_else(|| unknown(&word))?,
        Some(_) => return Err(ApiError::bad_request("`from` must be a text such as \"child\".")),
    };
    let limits =
        if rest.is_empty() && body.contains_key("from") { base } else { commands::limits_change(&rest)?.apply(base) };
    limits.check().map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, "bad_limits", error.to_string()))
}

fn unknown(word: &str) -> ApiError {
    let known = Preset::ALL.map(Preset::as_str).join(", ");
    ApiError::bad_request(format!("There is no starting point {word:?}. There are: {known}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value, present: Limits) -> Result<Limits, String> {
        wanted(body.as_object().unwrap(), present).map_err(|error| error.message)
    }

    #[test]
    fn a_preset_is_a_starting_point_or_the_present_one_with_what_is_changed() {
        assert_eq!(read(json!({ "from": "child" }), Limits::ADULT), Ok(Limits::CHILD));
        let cooler = Limits { delay_s: 5, ..Limits::NEONATE };
        assert_eq!(read(json!({ "from": "neonate", "delay_s": 5 }), Limits::ADULT), Ok(cooler));
        assert_eq!(read(json!({ "spo2_low": 88 }), Limits::ADULT), Ok(Limits { spo2_low: 88, ..Limits::ADULT }));
    }

    #[test]
    fn a_preset_that_contradicts_itself_or_says_nothing_is_refused_in_words() {
        for wrong in [
            json!({}),
            json!({ "from": "elder" }),
            json!({ "from": 3 }),
            json!({ "spo2_low": 70 }),
            json!({ "from": "child", "pulse_high": 70 }),
            json!({ "colour": "red" }),
        ] {
            let message = read(wrong.clone(), Limits::ADULT).unwrap_err();
            assert!(message.ends_with('.'), "{wrong}: {message}");
        }
    }
}
