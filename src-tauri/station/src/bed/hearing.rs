//! What a bed hears from its port: how the sensor stands, who it is, its samples and its wave.

use super::task::{Bed, WAVE_KEPT};
use crate::plug::Seat;
use crate::port::{News, NewsKind, Port};
use oximeter::Protocol;
use serde_json::json;
use std::time::Duration;
use tokio::sync::mpsc;
use vitals::{Body, Now, SensorState, Wave};

impl Bed {
    pub(super) fn open_port(&mut self, now: Now) {
        let Some(spec) = self.spec.clone() else { return };
        let (tell, news) = mpsc::channel(64);
        let seat = self.seat.clone().unwrap_or_else(|| Seat::plain(&spec.port));
        let connect = self.sensors.connect(&spec.port);
        match Port::start(&spec, seat, self.clock, tell, connect, self.capturing.tap.clone()) {
            Ok(port) => (self.port, self.news) = (Some(port), Some(news)),
            Err(error) => {
                let words = format!("This computer starts no more threads ({error}). Restart the station.");
                self.sensor_stands(now, SensorState::Disconnected, Some(words));
            }
        }
    }

    /// What the port's thread says.
    pub(super) fn hear(&mut self, news: News) {
        if self.port.as_ref().is_none_or(|port| news.generation != port.generation()) {
            return;
        }
        match news.kind {
            NewsKind::State(state, message) => {
                let was_live = self.sensor.state == SensorState::Live;
                self.sensor_stands(news.at, state, message);
                if was_live || state == SensorState::Live {
                    self.recognise(news.at);
                }
            }
            NewsKind::Understood { protocol, wave_rate, period } => {
                self.protocol = Some(protocol);
                self.sensor.protocol = Some(protocol.as_str().to_owned());
                self.observer.set_pace(wave_rate, period);
                self.errands.port_opened();
            }
            NewsKind::Errand(news_of_errand) => self.hear_of_errand(news.at, news_of_errand),
            NewsKind::Identity => {
                self.identify();
                self.recognise(news.at);
            }
            NewsKind::Samples(samples) => {
                for sample in &samples {
                    if let Some(reading) = self.observer.sample(news.at, sample) {
                        self.out.lines.push(Body::Reading(reading));
                        self.look(news.at);
                    }
                    self.reset_sees(news.at, sample);
                }
                self.identify();
            }
        }
        if let Some(wave) = self.observer.take_wave(!self.out.lines.is_empty()) {
            self.keep_wave(&wave);
            let sampled = self.observer.heard().unwrap_or(news.at.station);
            self.out.wave = Some((wave, sampled));
        }
    }

    pub(super) fn identify(&mut self) {
        let model = self.port.as_ref().and_then(|port| port.facts().identity.model);
        if model.is_some() {
            self.tell_tap_of_model();
            self.sensor.model = model;
        }
    }

    pub(super) fn sensor_stands(&mut self, now: Now, state: SensorState, message: Option<String>) {
        let was = self.sensor.state;
        self.trouble = message;
        let message = self.words_for(state);
        if was != state {
            self.sensor.since = now.wall;
            let kind = match (was, state) {
                (_, SensorState::Disconnected) => Some("sensor_disconnected"),
                (_, SensorState::Silent) => Some("sensor_silent"),
                (_, SensorState::Live) => Some("sensor_live"),
                _ => None,
            };
            if let Some(kind) = kind {
                let detail = json!({
                    "port": self.sensor.port,
                    "protocol": self.sensor.protocol,
                    "message": message,
                });
                self.event(now, kind, None, detail);
            }
        }
        self.sensor.state = state;
        if state == SensorState::Live {
            self.sensor_is_back(now);
        }
        self.show_errand();
        if let Some(reading) = self.observer.sensor_is(now, state) {
            self.out.lines.push(Body::Reading(reading));
        }
        self.look(now);
    }

    /// The protocol that a person chose for this bed.
    pub(super) fn named_protocol(&self) -> Option<Protocol> {
        self.spec.as_ref().and_then(|spec| spec.protocol)
    }

    /// Closes the port and opens it anew.
    pub(super) fn reopen_port(&mut self, now: Now) {
        self.close_port();
        self.observer.forget();
        self.sensor_stands(now, SensorState::Opening, None);
        self.open_port(now);
    }

    pub(super) fn close_port(&mut self) {
        self.news = None;
        // The thread ends by itself; nothing it still says is heard.
        drop(self.port.take().and_then(Port::close));
    }

    /// The port's thread ended without being told to: said aloud, and begun anew.
    pub(super) fn port_died(&mut self) {
        let now = self.clock.now();
        self.news = None;
        self.port = None;
        tracing::error!(bed = %self.id, "The thread of a port ended unexpectedly; a new one is started.");
        self.event(now, "port_failed", None, json!({ "port": self.sensor.port }));
        self.observer.forget();
        self.errand_cut_off(now);
        self.sensor_stands(now, SensorState::Disconnected, Some("The port's reader failed and is restarted.".into()));
        self.open_port(now);
    }

    pub(super) fn keep_wave(&mut self, wave: &Wave) {
        match self.recent.back_mut() {
            Some(last) if last.continues_with(wave) && last.samples.len() < usize::from(wave.rate) => {
                last.samples.extend_from_slice(&wave.samples);
            }
            _ => self.recent.push_back(wave.clone()),
        }
        let oldest = wave.time.minus(WAVE_KEPT + Duration::from_secs(1));
        // A run that begins later than this one is of before the clock was set back.
        while self.recent.front().is_some_and(|kept| kept.time < oldest || kept.time > wave.time) {
            self.recent.pop_front();
        }
    }
}
