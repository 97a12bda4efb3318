//! What the bed's sensor is asked beside live data: one thing at a time.

use super::download::{Download, Phase};
use super::task::Bed;
use crate::command::Answer;
use crate::local_time::shown_at;
use crate::port::ErrandNews;
use jiff::tz::TimeZone;
use oximeter::errand::{Details, Slot, Stored};
use oximeter::{Errand, Failure, NotPossible, Outcome, Protocol};
use record::KeptRecording;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use vitals::{DownloadView, Now, SensorState};

/// Whoever asked, and waits.
pub(super) struct Asked {
    pub(super) by: String,
    pub(super) reply: mpsc::Sender<Answer>,
}

/// Something that the sensor is asked.
pub(super) enum Job {
    /// Who it is, by the station itself after each opening of the port.
    Details,
    List(Asked),
    SetClock(Asked),
    SetFormat(Asked, Protocol),
    Download(Box<Download>),
}

/// The sensor's errands, as its bed knows them.
#[derive(Default)]
pub(super) struct Errands {
    pub(super) running: Option<Job>,
    /// What a person asked for while the station itself was asking.
    waiting: Option<Job>,
    details_asked: bool,
    details: Option<(Details, Now)>,
    /// Where it is told that a recording is in the record.
    pub(super) keeping: Option<oneshot::Receiver<Result<KeptRecording, record::QueryError>>>,
}

impl Errands {
    /// The port was opened: what the last sensor said of itself is not this one's.
    pub(super) fn port_opened(&mut self) {
        (self.details_asked, self.details) = (false, None);
    }

    /// When a recording was kept.
    pub(super) async fn kept(&mut self) -> Result<KeptRecording, String> {
        let Some(keeping) = &mut self.keeping else { return std::future::pending().await };
        let kept = keeping.await;
        self.keeping = None;
        match kept {
            Ok(Ok(kept)) => Ok(kept),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("The record gave no answer.".into()),
        }
    }

    /// What `request device` tells beside what the port knows.
    pub(super) fn details_into(&self, device: &mut Value, now: Now) {
        let none = Details::default();
        let details = self.details.as_ref().map_or(&none, |(details, _)| details);
        let age = self.details.as_ref().map_or(0, |(_, at)| now.station.since(at.station).as_secs());
        let clock = details.clock.and_then(|clock| clock.after(age));
        if device["model"].is_null() {
            device["model"] = json!(details.model);
        }
        device["serial_number"] = json!(details.serial_number);
        device["users"] = json!(details.users);
        device["clock"] = json!(clock.map(|clock| clock.to_string()));
        device["holds_recordings"] = json!(details.holds_recordings);
    }

    pub(super) fn download(&mut self) -> Option<&mut Download> {
        match &mut self.running {
            Some(Job::Download(download)) => Some(download),
            _ => None,
        }
    }

    /// What the screens show of a download.
    pub(super) fn view(&self) -> Option<DownloadView> {
        match &self.running {
            Some(Job::Download(download)) => download.view(),
            _ => None,
        }
    }

    /// Why no live values come, in words.
    pub(super) fn message(&self) -> Option<String> {
        match &self.running {
            Some(Job::Download(download)) if matches!(download.phase, Phase::Fetching | Phase::Keeping) => {
                Some("The sensor is sending its recordings; no live values come until that is done or stopped.".into())
            }
            _ => None,
        }
    }
}

/// A recording as programs see it in the sensor.
fn listed(stored: &Stored) -> Value {
    json!({
        "recording": stored.slot.to_string(),
        "user": stored.slot.user,
        "segment": stored.slot.segment,
        "seconds": stored.seconds,
        "start": stored.start.map(|start| start.to_string()),
        "perfusion_index": stored.perfusion_index,
    })
}

/// The word for programs that goes with why an errand was not taken on.
const fn code_of(why: NotPossible) -> &'static str {
    match why {
        NotPossible::Unsupported(_) => "unsupported",
        NotPossible::NotStarted => "no_signal",
        _ => "busy",
    }
}

impl Bed {
    /// A person asks something of the sensor.
    pub(super) fn ask_sensor(&mut self, now: Now, job: Job) {
        let busy = match &self.errands.running {
            None => return self.begin_job(now, job),
            Some(Job::Details) if self.errands.waiting.is_none() => {
                self.errands.waiting = Some(job);
                return;
            }
            Some(Job::Download(download)) => {
                format!("The sensor's recordings are being fetched for {}; wait, or stop that.", download.asked.by)
            }
            Some(_) => NotPossible::Busy.to_string(),
        };
        self.job_refused(job, "busy", busy);
    }

    fn begin_job(&mut self, now: Now, job: Job) {
        let Some(port) = &self.port else {
            return self.job_refused(job, "no_sensor", "No port is named for this bed, so there is no sensor to ask.");
        };
        match errand_of(&job, now) {
            Ok(errand) => {
                port.begin(errand);
                self.errands.running = Some(job);
            }
            Err(why) => self.job_refused(job, "clock", why),
        }
    }

    fn job_refused(&mut self, job: Job, code: &'static str, why: impl Into<String>) {
        match job {
            Job::Details => {}
            Job::List(asked) | Job::SetClock(asked) | Job::SetFormat(asked, _) => self.refuse(asked.reply, code, why),
            Job::Download(download) => self.refuse(download.asked.reply, code, why),
        }
    }

    /// Nothing is asked at this moment.
    pub(super) fn next_job(&mut self, now: Now) {
        if self.errands.running.is_some() {
            return;
        }
        if let Some(job) = self.errands.waiting.take() {
            self.begin_job(now, job);
        } else if !self.errands.details_asked && self.sensor.state == SensorState::Live {
            self.errands.details_asked = true;
            self.begin_job(now, Job::Details);
        }
    }

    /// The sensor sends live data.
    pub(super) fn sensor_is_back(&mut self, now: Now) {
        if let Some(download) = self.errands.download().filter(|download| download.phase == Phase::Away) {
            download.phase = Phase::Listing;
            self.ask(Errand::Recordings);
        }
        self.next_job(now);
    }

    pub(super) fn ask(&self, errand: Errand) {
        if let Some(port) = &self.port {
            port.begin(errand);
        }
    }

    pub(super) fn hear_of_errand(&mut self, now: Now, news: ErrandNews) {
        match news {
            ErrandNews::Begun => self.errand_begun(now),
            ErrandNews::Progress(progress) => {
                if let Some(download) = self.errands.download().filter(|download| download.phase == Phase::Fetching) {
                    download.progress = progress;
                }
            }
            ErrandNews::Refused(why) => self.errand_refused(now, why),
            ErrandNews::Ended(outcome) => self.errand_ended(now, outcome),
        }
        self.next_job(now);
        self.show_errand();
    }

    fn errand_refused(&mut self, now: Now, why: NotPossible) {
        match self.errands.running.take() {
            // The port was closed at the same moment.
            Some(Job::Download(mut download)) if download.told && why == NotPossible::NotStarted => {
                download.phase = Phase::Away;
                self.errands.running = Some(Job::Download(download));
            }
            Some(Job::Download(download)) if download.told => {
                self.end_download(now, *download, code_of(why), &why.to_string());
            }
            Some(job) => self.job_refused(job, code_of(why), why.to_string()),
            None => {}
        }
    }

    fn errand_begun(&mut self, now: Now) {
        let (reply, download) = match &mut self.errands.running {
            Some(Job::List(asked) | Job::SetClock(asked) | Job::SetFormat(asked, _)) => (asked.reply.clone(), None),
            Some(Job::Download(download)) if !download.told => {
                download.told = true;
                let wanted: Option<Vec<String>> =
                    download.wanted.as_ref().map(|slots| slots.iter().map(Slot::to_string).collect());
                (download.asked.reply.clone(), Some((download.asked.by.clone(), wanted)))
            }
            _ => return,
        };
        self.reply(reply, Answer::Accepted);
        if let Some((by, wanted)) = download {
            let detail = json!({ "recordings": wanted });
            self.event(now, "download_started", Some(&by), detail.clone());
            self.audit("download_started", &by, detail);
        }
    }

    fn errand_ended(&mut self, now: Now, outcome: Result<Outcome, Failure>) {
        match (self.errands.running.take(), outcome) {
            (Some(Job::Download(download)), outcome) => self.download_went(now, *download, outcome),
            (Some(Job::Details), Ok(Outcome::Details(details))) => {
                if self.sensor.model.is_none() {
                    self.sensor.model.clone_from(&details.model);
                }
                self.errands.details = Some((details, now));
            }
            (Some(Job::List(asked)), Ok(Outcome::Recordings(list))) => {
                let list: Vec<Value> = list.iter().map(listed).collect();
                self.reply(asked.reply, Answer::Done(json!({ "recordings": list })));
            }
            (Some(Job::SetClock(asked)), Ok(Outcome::ClockSet)) => {
                let clock = shown_at(now.wall, &TimeZone::system()).map(|clock| clock.to_string());
                let detail = json!({ "clock": clock });
                self.event(now, "clock_set", Some(&asked.by), detail.clone());
                self.audit("clock_set", &asked.by, detail.clone());
                self.errands.details_asked = false;
                self.reply(asked.reply, Answer::Done(detail));
            }
            (Some(Job::SetFormat(asked, protocol)), Ok(Outcome::FormatSet(_))) => {
                let detail = json!({ "format": protocol.as_str() });
                self.event(now, "format_set", Some(&asked.by), detail.clone());
                self.audit("format_set", &asked.by, detail.clone());
                self.reply(asked.reply, Answer::Done(detail));
                self.speaks_otherwise(protocol);
                // Opened anew, so that it is found out what comes from now on.
                self.reopen_port(now);
            }
            (Some(job), Err(failure)) => self.job_refused(job, failure_code(&failure), failure.to_string()),
            (Some(job), Ok(_)) => self.job_refused(job, "sensor", "The sensor answered something else."),
            (None, _) => {}
        }
    }

    /// The line was broken off by the bed itself: what the port still says of an errand is not heard.
    pub(super) fn errand_cut_off(&mut self, now: Now) {
        self.errand_ended(now, Err(Failure::Interrupted));
        self.show_errand();
    }

    /// The sensor is not this bed's any more.
    pub(super) fn end_errands(&mut self, now: Now, why: &str) {
        let jobs = [self.errands.running.take(), self.errands.waiting.take()];
        for job in jobs.into_iter().flatten() {
            match job {
                Job::Download(download) => self.end_download(now, *download, "superseded", why),
                job => self.job_refused(job, "superseded", why),
            }
        }
        self.errands.port_opened();
        self.show_errand();
    }

    /// What the screens see of the sensor's errand.
    pub(super) fn show_errand(&mut self) {
        self.sensor.download = self.errands.view();
        self.sensor.message = self.words_for(self.sensor.state);
    }

    /// What is to be said of a sensor that stands so: why nothing comes is known while it sends what it has stored.
    pub(super) fn words_for(&self, state: SensorState) -> Option<String> {
        let open = matches!(state, SensorState::Live | SensorState::Silent | SensorState::Searching);
        self.errands.message().filter(|_| open).or_else(|| self.trouble.clone())
    }
}

fn errand_of(job: &Job, now: Now) -> Result<Errand, &'static str> {
    Ok(match job {
        Job::Details => Errand::Details,
        Job::List(_) | Job::Download(_) => Errand::Recordings,
        Job::SetFormat(_, protocol) => Errand::SetFormat(*protocol),
        Job::SetClock(_) => {
            let clock = shown_at(now.wall, &TimeZone::system());
            Errand::SetClock(clock.ok_or("This computer's own clock is wrong; set that first.")?)
        }
    })
}

/// The word for programs that goes with a failure.
pub(super) const fn failure_code(failure: &Failure) -> &'static str {
    match failure {
        Failure::NoAnswer { .. } => "no_signal",
        Failure::Refused { .. } => "unsupported",
        Failure::NoSuchRecording(_) => "unknown_recording",
        Failure::Abandoned => "stopped",
        Failure::Interrupted | Failure::Ended(_) => "interrupted",
        _ => "damaged",
    }
}
