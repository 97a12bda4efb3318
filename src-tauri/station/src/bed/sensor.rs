//! Whose sensor it is: the adapter that is the bed's, and whether the sensor behind it is the one that was there before.

use super::task::Bed;
use crate::command::Answer;
use crate::plug::{New, Seat};
use crate::port::{Facts, Port};
use oximeter::Protocol;
use record::{Change, Device};
use serde_json::json;
use tokio::sync::mpsc;
use vitals::{Now, SensorState};

impl Bed {
    /// The sensor is somewhere else now, or its adapter is another one.
    pub(super) fn sit(&mut self, now: Now, seat: Seat) {
        // Decided for a port that the bed had a moment ago.
        if self.spec.as_ref().is_none_or(|spec| spec.port != seat.named) {
            return;
        }
        if let Ok(path) = &seat.path {
            self.sensor.port = Some(path.clone());
        }
        self.sensor.adapter.clone_from(&seat.adapter);
        if let Some(port) = &self.port {
            port.move_to(seat.clone());
        }
        self.seat = Some(seat);
        self.take_seat(now);
    }

    /// Notes the adapter as the bed's, or asks whether it is.
    pub(super) fn take_seat(&mut self, now: Now) {
        let Some(seat) = &mut self.seat else { return };
        if let Some(question) = &seat.question {
            let question = question.clone();
            return self.question(now, question);
        }
        if let Some((bound, new)) = seat.bind.take() {
            if let New::Yes(known_again) = new {
                let adapter = seat.adapter.clone();
                let detail = json!({ "port": bound.port, "adapter": adapter, "known_again": known_again });
                self.event(now, "sensor_bound", None, detail);
            }
            self.out.changes.push(Change::Bound(self.id.clone(), Some(bound)));
        }
    }

    fn question(&mut self, now: Now, question: String) {
        if self.sensor.question.is_none() {
            self.event(now, "sensor_question", None, json!({ "port": self.sensor.port, "question": question }));
        }
        self.sensor.question = Some(question);
    }

    /// The sensor is live, or has told something new of itself: is it the one that was here before?
    pub(super) fn recognise(&mut self, now: Now) {
        let Some(heard) = self.heard_device(now) else { return };
        let Some(seat) = &mut self.seat else { return };
        let asked_for_adapter = seat.question.is_some();
        // A bed that the station made by itself is no patient's yet: whichever sensor answers is its own.
        let known = seat.known.as_ref().filter(|_| !self.found);
        match known.and_then(|known| differs(known, &heard)) {
            Some(question) => self.question(now, question),
            None => {
                if !asked_for_adapter && self.sensor.question.take().is_some() {
                    self.event(now, "sensor_recognised", None, json!({ "port": self.sensor.port }));
                }
                self.remember(heard);
            }
        }
        self.name_after_model(now);
    }

    /// What is heard now; nothing while no sample has come.
    fn heard_device(&self, now: Now) -> Option<Device> {
        let key = self.seat.as_ref()?.key.clone()?;
        let Facts { spoken, identity, .. } = self.port.as_ref().map(Port::facts)?;
        let (protocol, line) = spoken?;
        // What one tries to speak is not yet what answers.
        let last_seen = now.wall_at(self.observer.sampled().or_else(|| self.observer.heard())?);
        matches!(self.sensor.state, SensorState::Live | SensorState::Silent | SensorState::Disconnected).then(|| {
            Device {
                key,
                protocol: protocol.as_str().to_owned(),
                baud: line.baud,
                model: identity.model,
                device_id: identity.device_id,
                firmware: identity.firmware,
                last_seen,
            }
        })
    }

    /// What was told before and is not told this time is kept.
    fn remember(&mut self, heard: Device) {
        let Some(seat) = &mut self.seat else { return };
        let known = match seat.known.take() {
            Some(known) => Device {
                model: heard.model.or(known.model),
                device_id: heard.device_id.or(known.device_id),
                firmware: heard.firmware.or(known.firmware),
                ..heard
            },
            None => heard,
        };
        self.out.changes.push(Change::Device(known.clone()));
        seat.known = Some(known);
    }

    /// The sensor was told to speak another protocol: that it does is no reason to ask whose it is.
    pub(super) fn speaks_otherwise(&mut self, protocol: Protocol) {
        let Some(seat) = &mut self.seat else { return };
        if let Some(known) = &mut seat.known {
            known.protocol = protocol.as_str().to_owned();
            known.baud = protocol.line().baud;
            self.out.changes.push(Change::Device(known.clone()));
        }
        if let Some(port) = &self.port {
            port.move_to(seat.clone());
        }
    }

    /// Staff say that the sensor that answers is the bed's.
    pub(super) fn confirm_sensor(&mut self, now: Now, by: &str, reply: mpsc::Sender<Answer>) {
        let Some(question) = self.sensor.question.take() else {
            // The second of two who confirm.
            return self.reply(reply, Answer::Done(json!({ "confirmed": false })));
        };
        if let Some(seat) = &mut self.seat {
            (seat.question, seat.known) = (None, None);
        }
        let detail = json!({ "port": self.sensor.port, "question": question });
        self.event(now, "sensor_confirmed", Some(by), detail.clone());
        self.audit("sensor_confirmed", by, detail);
        self.take_seat(now);
        if let Some(heard) = self.heard_device(now) {
            self.remember(heard);
        }
        self.reply(reply, Answer::Done(json!({ "confirmed": true })));
    }

    /// A bed that the station made bears its sensor's model until somebody names it.
    fn name_after_model(&mut self, now: Now) {
        if let Some(model) = self.sensor.model.as_ref().filter(|_| self.found) {
            let name: String = found_name(model).chars().filter(|letter| !letter.is_control()).take(40).collect();
            if name != self.name {
                self.event(now, "bed_changed", Some("discovery"), json!({ "name": name }));
                self.name.clone_from(&name);
                self.out.changes.push(Change::Name(self.id.clone(), name));
            }
        }
    }
}

/// What a bed is called that the station made for a sensor.
pub(crate) fn found_name(what: &str) -> String {
    format!("New sensor ({what})")
}

/// What is to be asked where another sensor answers than was there before; `None` if nothing speaks against its being
/// the same. Two sensors of one make that tell no id of their own cannot be told apart.
fn differs(known: &Device, heard: &Device) -> Option<String> {
    let both = |one: &Option<String>, other: &Option<String>| one.is_some() && other.is_some() && one != other;
    let other = known.protocol != heard.protocol
        || both(&known.model, &heard.model)
        || both(&known.device_id, &heard.device_id);
    other.then(|| {
        format!(
            "{} answers here, where {} was before. Is this the sensor of this bed? Confirm it, or plug the right one in.",
            describe(heard),
            describe(known)
        )
    })
}

fn describe(device: &Device) -> String {
    let what = device.model.clone().unwrap_or_else(|| format!("a {} sensor", device.protocol));
    match &device.device_id {
        Some(id) => format!("{what} ({id})"),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::WallTime;

    fn device(protocol: Protocol, model: Option<&str>, id: Option<&str>) -> Device {
        Device {
            key: "usb 10c4:ea60 at usb 1-1".into(),
            protocol: protocol.as_str().into(),
            baud: 115_200,
            model: model.map(str::to_owned),
            device_id: id.map(str::to_owned),
            firmware: None,
            last_seen: WallTime::from_millis(0),
        }
    }

    #[test]
    fn another_protocol_model_or_device_id_than_before_is_asked_about_in_words() {
        let before = device(Protocol::ContecV7, Some("CMS50D+"), Some("1234567"));
        let others = [
            device(Protocol::Cms50, None, None),
            device(Protocol::ContecV7, Some("CMS50F"), None),
            device(Protocol::ContecV7, Some("CMS50D+"), Some("7654321")),
        ];
        for other in others {
            let question = differs(&before, &other).unwrap();
            assert!(question.contains("where CMS50D+ (1234567) was before"), "{question}");
        }
        let words = differs(&before, &device(Protocol::Cms50, None, None)).unwrap();
        assert!(words.starts_with("a cms50 sensor answers here"), "{words}");
    }

    #[test]
    fn what_a_sensor_does_not_tell_speaks_against_nothing() {
        let before = device(Protocol::ContecV7, Some("CMS50D+"), Some("1234567"));
        for same in
            [before.clone(), device(Protocol::ContecV7, None, None), device(Protocol::ContecV7, None, Some("1234567"))]
        {
            assert_eq!(differs(&before, &same), None);
            assert_eq!(differs(&same, &before), None);
        }
    }
}
