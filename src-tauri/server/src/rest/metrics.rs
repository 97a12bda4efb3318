//! `GET /metrics`, in the text format of Prometheus.

use super::shared::Shared;
use crate::error::ApiError;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use record::Role;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use vitals::{Priority, SensorState};

/// What is counted as it happens; everything else is looked at when it is asked for.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    requests: AtomicU64,
}

impl Metrics {
    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Bed {
    bed: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfPriority {
    priority: &'static str,
}

pub(super) async fn get(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, ApiError> {
    shared.caller(&headers, Role::Viewer)?;
    let registry = look(&shared).await;
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|_| {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The metrics could not be written.")
    })?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: u64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
    registry.register(name, help, gauge);
}

async fn look(shared: &Shared) -> Registry {
    let mut registry = Registry::with_prefix("oxiward");
    let (start, now) = (shared.fanout.look(), shared.station.clock().station());
    let healthy = shared.station.health().await.troubles.is_empty();
    gauge(&mut registry, "up", "1 while sensors, record and server work", u64::from(healthy));
    gauge(&mut registry, "uptime_seconds", "Seconds since the start", shared.station.uptime().as_secs());
    gauge(&mut registry, "record_seq", "The newest number of the record", start.seq.0);
    gauge(&mut registry, "clients", "WebSocket connections", shared.fanout.clients().len() as u64);
    let (armed, lost) = shared.screens.count();
    gauge(&mut registry, "clients_armed", "Screens that sound alarms, here or missing", armed as u64);
    gauge(&mut registry, "clients_lost", "Screens that sounded alarms and are missing", lost as u64);
    gauge(
        &mut registry,
        "receipts",
        "What screens said they did with alarms, since the start",
        shared.screens.receipts(),
    );
    let requests = shared.metrics.requests.load(Ordering::Relaxed);
    gauge(&mut registry, "http_requests", "HTTP requests since the start", requests);

    let live = Family::<Bed, Gauge>::default();
    let spo2 = Family::<Bed, Gauge>::default();
    let pulse = Family::<Bed, Gauge>::default();
    let age = Family::<Bed, Gauge<f64, AtomicU64>>::default();
    let active = Family::<OfPriority, Gauge>::default();
    for priority in [Priority::Low, Priority::Medium, Priority::High] {
        // A priority without an alarm is told as 0.
        drop(active.get_or_create(&OfPriority { priority: priority.as_str() }));
    }
    for alarm in start.beds.iter().flat_map(|bed| &bed.alarms).chain(&start.station_alarms) {
        active.get_or_create(&OfPriority { priority: alarm.priority.as_str() }).inc();
    }
    for bed in &start.beds {
        let label = Bed { bed: bed.id.as_str().to_owned() };
        live.get_or_create(&label).set(i64::from(bed.sensor.state == SensorState::Live));
        let numbers = bed.reading.map(|reading| reading.numbers).unwrap_or_default();
        // A missing value has no line; it is never a number.
        if let Some(value) = numbers.spo2 {
            spo2.get_or_create(&label).set(value.percent().into());
        }
        if let Some(value) = numbers.pulse_rate {
            pulse.get_or_create(&label).set(value.per_minute().into());
        }
        if let Some(sampled) = bed.sampled {
            age.get_or_create(&label).set(now.since(sampled).as_secs_f64());
        }
    }
    registry.register("sensor_live", "1 while samples come from the bed's sensor", live);
    registry.register("spo2_percent", "Oxygen saturation; absent without a value", spo2);
    registry.register("pulse_rate_per_minute", "Pulse rate; absent without a value", pulse);
    registry.register("sample_age_seconds", "Age of the newest sample", age);
    registry.register("alarms_active", "Active alarms by priority", active);
    registry
}
