//! The commands of staff, each with its line in the record and in the audit log.

use super::download::Download;
use super::errands::{Asked, Job};
use super::task::{Bed, Resetting, WAVE_KEPT};
use crate::command::{Answer, Command, Request};
use crate::port::Port;
use oximeter::{Protocol, Sample};
use record::{Audit, Change, EngineCall};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;
use vitals::{Body, Now, Patient, SensorState, StationTime, WallTime, Wave};

/// How long a reset may wait for its first good sample before it is answered without one.
const RESET_ENDS: Duration = Duration::from_secs(15);

impl Bed {
    pub(super) fn obey(&mut self, now: Now, command: Command, by: &str, reply: mpsc::Sender<Answer>) {
        match command {
            Command::Request(request) => self.request(now, request, by, reply),
            Command::Reset => self.reset(now, by, reply),
            Command::Acknowledge(alarm) => self.acknowledge(now, alarm, by, reply),
            Command::PauseAudio(length) => self.pause_audio(now, length, by, reply),
            Command::ResumeAudio => self.resume_audio(now, by, reply),
            Command::Withdraw(alarm) => self.withdraw(now, alarm, by, reply),
            Command::TurnOff(what) => self.turn_off(now, what, by, reply),
            Command::TurnOn => self.turn_on(now, by, reply),
            Command::SetLimits(change) => self.change_limits(now, change, by, reply),
            Command::Admit(patient) => self.admit(now, patient, by, reply),
            Command::Discharge => self.discharge(now, by, reply),
            Command::ConfirmSensor => self.confirm_sensor(now, by, reply),
            Command::StartCapture => self.start_capture(now, by, reply),
            Command::StopCapture => self.stop_capture(by, reply),
            Command::Download(wanted) => {
                let asked = Asked { by: by.to_owned(), reply };
                self.ask_sensor(now, Job::Download(Box::new(Download::new(asked, wanted))));
            }
            Command::StopDownload => self.stop_download(now, by, reply),
            Command::SetClock => self.ask_sensor(now, Job::SetClock(Asked { by: by.to_owned(), reply })),
            Command::SetFormat(protocol) => self.set_format(now, protocol, by, reply),
        }
    }

    pub(super) fn audit(&mut self, what: &str, by: &str, detail: Value) {
        let line = Audit { bed: Some(self.id.clone()), what: what.to_owned(), by: by.to_owned(), detail };
        self.out.changes.push(Change::Audit(line));
        self.out.force = true;
    }

    fn request(&mut self, now: Now, request: Request, by: &str, reply: mpsc::Sender<Answer>) {
        let answer = match request {
            Request::Reading => {
                let view = serde_json::to_value(self.view(now).at(now.station)).unwrap_or_default();
                json!({ "bed": self.id, "reading": view.get("reading"), "sensor": view.get("sensor") })
            }
            Request::Device => self.device(now),
            Request::Wave(length) => self.newest_wave(now, length.min(WAVE_KEPT)),
            Request::Recordings => {
                return self.ask_sensor(now, Job::List(Asked { by: by.to_owned(), reply }));
            }
        };
        // Nothing was changed, so nothing has to be in the record before the answer.
        let _ = reply.try_send(Answer::Done(answer));
    }

    fn device(&self, now: Now) -> Value {
        let facts = self.port.as_ref().map(Port::facts).unwrap_or_default();
        let mut device = json!({
            "state": self.sensor.state,
            "port": self.sensor.port,
            "protocol": self.protocol.map(Protocol::as_str),
            "model": facts.identity.model,
            "vendor": facts.identity.vendor,
            "device_id": facts.identity.device_id,
            "firmware": facts.identity.firmware,
            "protocol_version": facts.identity.protocol_version,
            "since": self.sensor.since,
            "message": self.sensor.message,
            "counters": {
                "opened": facts.opened,
                "bytes": facts.counters.bytes,
                "packets": facts.counters.packets,
                "rejected": facts.counters.rejected,
                "skipped": facts.counters.skipped,
            },
        });
        self.errands.details_into(&mut device, now);
        device
    }

    /// A sensor in a format that the bed is told not to expect would be called back from it at once.
    fn set_format(&mut self, now: Now, protocol: Protocol, by: &str, reply: mpsc::Sender<Answer>) {
        if let Some(named) = self.named_protocol().filter(|named| *named != protocol) {
            let message = format!("This bed is set to {named}; set it to auto or {protocol} first.");
            return self.refuse(reply, "protocol_named", message);
        }
        self.ask_sensor(now, Job::SetFormat(Asked { by: by.to_owned(), reply }, protocol));
    }

    fn newest_wave(&self, now: Now, length: Duration) -> Value {
        let from = now.wall.minus(length);
        let runs: Vec<Value> = self.recent.iter().filter_map(|wave| newer_than(wave, from)).collect();
        json!({ "waves": runs })
    }

    fn reset(&mut self, now: Now, by: &str, reply: mpsc::Sender<Answer>) {
        let Some(port) = &mut self.port else {
            return self.refuse(reply, "no_sensor", "No port is named for this bed, so there is no sensor to reset.");
        };
        port.reset();
        self.errand_cut_off(now);
        self.errands.port_opened();
        // Before anything else comes: no number of before the reset is shown after it.
        self.observer.forget();
        self.recent.clear();
        self.event(now, "sensor_reset", Some(by), json!({ "port": self.sensor.port }));
        self.audit("sensor_reset", by, json!({ "port": self.sensor.port }));
        self.sensor_stands(now, SensorState::Opening, None);
        if let Some(earlier) = self.resetting.take() {
            self.refuse(earlier.reply, "superseded", "The sensor was reset again before its first good sample.");
        }
        // Two answers go through the same channel, so this one cannot overtake the other.
        self.reply(reply.clone(), Answer::Accepted);
        self.resetting = Some(Resetting { reply, started: now.station, first_sample: None });
    }

    /// A sample came while a reset waits for one.
    pub(super) fn reset_sees(&mut self, now: Now, sample: &Sample) {
        let Some(resetting) = &mut self.resetting else { return };
        let waited = now.station.since(resetting.started);
        let first = *resetting.first_sample.get_or_insert(waited);
        if sample.spo2.is_some() && sample.pulse_rate.is_some() && !sample.flags.no_finger {
            let reply = resetting.reply.clone();
            self.resetting = None;
            self.reply(reply, Answer::Done(reset_result(Some(first), Some(waited))));
        }
    }

    pub(super) fn reset_ends(&self) -> Option<StationTime> {
        self.resetting.as_ref().map(|resetting| resetting.started.plus(RESET_ENDS))
    }

    /// The wait for a good sample is over: told as it is.
    pub(super) fn give_up_reset(&mut self, now: Now) {
        if self.reset_ends().is_none_or(|ends| now.station < ends) {
            return;
        }
        let Some(resetting) = self.resetting.take() else { return };
        match resetting.first_sample {
            Some(first) => {
                self.reply(resetting.reply, Answer::Done(reset_result(Some(first), None)));
            }
            None => {
                let reason = self.sensor.message.clone().unwrap_or_default();
                let message =
                    format!("The sensor was reset and has sent nothing for {} s. {reason}", RESET_ENDS.as_secs());
                self.refuse(resetting.reply, "no_signal", message.trim_end());
            }
        }
    }

    fn admit(&mut self, now: Now, patient: Patient, by: &str, reply: mpsc::Sender<Answer>) {
        if self.demo {
            return self.refuse(reply, "demo", "A demonstration bed takes no patient.");
        }
        if self.patient.is_some() {
            return self.refuse(reply, "occupied", "There is a patient in this bed; discharge them first.");
        }
        if patient.id.trim().is_empty() || patient.id.len() > 64 {
            return self.refuse(reply, "bad_patient", "A patient needs an id of 1 to 64 characters.");
        }
        // The log and the record's lines carry the id alone; the name is kept for the screens.
        self.event(now, "admitted", Some(by), json!({ "patient": patient.id }));
        self.audit("admitted", by, json!({ "patient": patient.id }));
        self.out.changes.push(Change::Admitted(self.id.clone(), patient.clone()));
        self.patient = Some(patient);
        self.history_from = Some(now.wall);
        self.reply(reply, Answer::Done(json!({})));
    }

    fn discharge(&mut self, now: Now, by: &str, reply: mpsc::Sender<Answer>) {
        let patient = self.patient.take().map(|patient| patient.id);
        self.history_from = Some(now.wall);
        self.event(now, "discharged", Some(by), json!({ "patient": patient }));
        self.audit("discharged", by, json!({ "patient": patient }));
        self.out.changes.push(Change::Discharged(self.id.clone()));
        let off = self.alarms.off().map(|off| off.what);
        if self.alarms.resume_audio(now) {
            self.event(now, "audio_resumed", Some(by), json!({}));
        }
        self.tell(now, EngineCall::Ended);
        let ended = self.alarms.end_all(now, "The patient was discharged");
        self.announce(ended);
        if let Some(what) = off {
            self.turned_on(now, what, by);
        }
        self.recent.clear();
        // The value on the screen is that of the patient who left. If somebody's finger is in the probe, the next sample
        // says so.
        if let Some(reading) = self.observer.begin_anew(now) {
            self.out.lines.push(Body::Reading(reading));
        }
        self.set_limits(now, self.preset);
        // What still holds for the bed begins as an alarm of its own, not as one of the patient who left.
        self.look(now);
        self.reply(reply, Answer::Done(json!({ "limits": self.preset })));
    }
}

fn reset_result(first: Option<Duration>, good: Option<Duration>) -> Value {
    let seconds = |span: Option<Duration>| span.map(|span| (span.as_secs_f64() * 1000.0).round() / 1000.0);
    json!({ "first_sample_s": seconds(first), "first_good_sample_s": seconds(good) })
}

/// The part of a run that is newer than `from`, in the shape of the contract.
fn newer_than(wave: &Wave, from: WallTime) -> Option<Value> {
    let rate = u64::from(wave.rate.max(1));
    let skip = usize::try_from(u64::try_from(from.since(wave.time).as_millis()).ok()? * rate / 1000).ok()?;
    let samples = wave.samples.get(skip..).filter(|samples| !samples.is_empty())?;
    let time = wave.time.plus(Duration::from_millis(skip as u64 * 1000 / rate));
    Some(json!({ "time": time, "rate": wave.rate, "samples": samples }))
}
