//! Recordings on their way from a sensor into the record.
//!
//! ```text
//!            begun            a list             a recording         kept, and there are more
//!  listing ─────────▶ (asked) ──────▶ fetching ─────────────▶ keeping ─────────────┐
//!    ▲                                   ▲ │                     │ kept, the last  │
//!    │ live again                        │ │ unplugged or reset  ▼                 │
//!    └───────────── away ◀───────────────┼─┘                   done                │
//!                                        └─────────────────────────────────────────┘
//! ```
//!
//! A recording that is whole is kept at once, so an unplug costs the one that was on its way. It is asked for again when
//! the sensor is back, if it still lists what it listed before: behind the same plug there may be another sensor.

use super::errands::{Asked, Job, failure_code};
use super::task::Bed;
use crate::command::Answer;
use crate::local_time::when_shown;
use crate::port::Port;
use jiff::tz::TimeZone;
use oximeter::errand::{Recording, Second, Slot, Start, Stored};
use oximeter::{Errand, Failure, Outcome, Progress, Protocol};
use record::{KeptRecording, NewRecording, RecordedSecond};
use serde_json::{Value, json};
use std::collections::VecDeque;
use tokio::sync::{mpsc, oneshot};
use vitals::{DownloadView, Now, PerfusionIndex, PulseRate, Spo2};

/// How often a recording is asked for that the sensor does not give.
const TRIES: u8 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The sensor is asked what it holds.
    Listing,
    Fetching,
    /// The recording goes into the record.
    Keeping,
    /// The sensor is away.
    Away,
}

/// Recordings on their way.
pub(super) struct Download {
    pub(super) asked: Asked,
    /// Those that were asked for; `None`: all.
    pub(super) wanted: Option<Vec<Slot>>,
    pub(super) phase: Phase,
    /// Whoever asked was told that it has begun.
    pub(super) told: bool,
    /// What is still to come, the present one first; known after the first list.
    todo: Option<VecDeque<Stored>>,
    of: usize,
    pub(super) progress: Progress,
    tries: u8,
    kept: Vec<Value>,
}

impl Download {
    pub(super) fn new(asked: Asked, wanted: Option<Vec<Slot>>) -> Self {
        Self {
            asked,
            wanted,
            phase: Phase::Listing,
            told: false,
            todo: None,
            of: 0,
            progress: Progress::default(),
            tries: 0,
            kept: Vec::new(),
        }
    }

    fn present(&self) -> Option<Stored> {
        self.todo.as_ref()?.front().copied()
    }

    pub(super) fn view(&self) -> Option<DownloadView> {
        let left = self.todo.as_ref()?.len();
        Some(DownloadView {
            recording: (self.of - left + 1).min(self.of),
            of: self.of,
            seconds: self.progress.seconds,
            of_seconds: self.progress.of_seconds.or_else(|| self.present()?.seconds),
            by: self.asked.by.clone(),
            waiting: self.phase == Phase::Away,
        })
    }

    /// Takes what the sensor lists. What is wrong with it, in words; nothing if all is well.
    fn listed(&mut self, list: Vec<Stored>) -> Result<(), String> {
        if let Some(todo) = &self.todo {
            let gone = todo.iter().find(|stored| !list.contains(stored));
            return match gone {
                None => Ok(()),
                Some(stored) => Err(format!(
                    "The sensor that came back does not list recording {} as before; is it another one?",
                    stored.slot
                )),
            };
        }
        let todo: VecDeque<Stored> = match &self.wanted {
            None => list.into(),
            Some(wanted) => {
                let found = |slot: &Slot| list.iter().copied().find(|stored| stored.slot == *slot);
                let missing = wanted.iter().find(|slot| found(slot).is_none());
                if let Some(slot) = missing {
                    return Err(format!("The sensor holds no recording {slot}."));
                }
                wanted.iter().filter_map(found).collect()
            }
        };
        self.of = todo.len();
        self.todo = Some(todo);
        Ok(())
    }

    fn kept_in_words(&self) -> String {
        match self.kept.len() {
            0 => "Nothing was fetched.".into(),
            1 => "1 recording was fetched whole and is kept.".into(),
            count => format!("{count} recordings were fetched whole and are kept."),
        }
    }
}

fn recorded(second: &Second) -> RecordedSecond {
    RecordedSecond {
        spo2: second.spo2.and_then(Spo2::new),
        pulse_rate: second.pulse_rate.and_then(PulseRate::new),
        perfusion_index: second.perfusion_index.and_then(PerfusionIndex::from_hundredths),
    }
}

impl Bed {
    /// A download has come to the end of what it asked.
    pub(super) fn download_went(&mut self, now: Now, mut download: Download, outcome: Result<Outcome, Failure>) {
        match outcome {
            Ok(Outcome::Recordings(list)) => match download.listed(list) {
                Ok(()) => self.fetch_next(now, download),
                Err(why) => self.end_download(now, download, "unknown_recording", &why),
            },
            Ok(Outcome::Recording(recording)) => {
                download.progress.of_seconds = Some(recording.seconds.len() as u32);
                self.keep(now, &download, recording);
                download.phase = Phase::Keeping;
                self.errands.running = Some(Job::Download(Box::new(download)));
            }
            Ok(_) => self.end_download(now, download, "sensor", "The sensor answered something else."),
            // It has come whole already; what is next finds out by itself that the sensor is away.
            Err(Failure::Interrupted) if download.phase == Phase::Keeping => {
                self.errands.running = Some(Job::Download(Box::new(download)));
            }
            Err(Failure::Interrupted) => {
                download.phase = Phase::Away;
                download.progress = Progress::default();
                self.errands.running = Some(Job::Download(Box::new(download)));
            }
            Err(failure) => {
                download.tries += 1;
                let again =
                    !matches!(failure, Failure::Abandoned | Failure::NoSuchRecording(_) | Failure::Refused { .. });
                if again && download.tries < TRIES {
                    return self.fetch_next(now, download);
                }
                self.end_download(now, download, failure_code(&failure), &failure.to_string());
            }
        }
    }

    /// Asks for the recording that is next, or tells that all have come.
    fn fetch_next(&mut self, now: Now, mut download: Download) {
        download.progress = Progress::default();
        if let Some(next) = download.present() {
            download.phase = Phase::Fetching;
            self.ask(Errand::Download(next.slot));
            self.errands.running = Some(Job::Download(Box::new(download)));
        } else if download.todo.is_none() {
            download.phase = Phase::Listing;
            self.ask(Errand::Recordings);
            self.errands.running = Some(Job::Download(Box::new(download)));
        } else {
            let detail = json!({ "fetched": download.kept.len(), "of": download.of, "reason": null });
            self.event(now, "download_ended", Some(&download.asked.by), detail);
            self.reply(download.asked.reply, Answer::Done(json!({ "recordings": download.kept })));
        }
    }

    pub(super) fn end_download(&mut self, now: Now, download: Download, code: &'static str, why: &str) {
        let detail = json!({ "fetched": download.kept.len(), "of": download.of, "reason": why });
        self.event(now, "download_ended", Some(&download.asked.by), detail);
        let message = format!("{why} {}", download.kept_in_words());
        self.refuse(download.asked.reply, code, message);
    }

    /// Puts a recording into the record, beside whose other writer this takes a moment; it is waited for elsewhere.
    fn keep(&mut self, now: Now, download: &Download, recording: Recording) {
        let identity = self.port.as_ref().map(Port::facts).unwrap_or_default().identity;
        let stored = recording.stored;
        let start = match stored.start {
            Some(Start::At(at)) => when_shown(at, &TimeZone::system()),
            _ => None,
        };
        let new = NewRecording {
            bed: self.id.clone(),
            model: identity.model,
            device_id: identity.device_id,
            protocol: self.protocol.map_or("", Protocol::as_str).to_owned(),
            user: stored.slot.user,
            segment: stored.slot.segment,
            sensor_start: stored.start.map(|start| start.to_string()),
            start,
            fetched: now.wall,
            by: download.asked.by.clone(),
            seconds: recording.seconds.iter().map(recorded).collect(),
            lost: recording.lost,
            confirmed: recording.confirmed,
        };
        let (answer, kept) = oneshot::channel();
        let record = self.record.clone();
        tokio::task::spawn_blocking(move || {
            // A bed that has gone does not wait; the recording is kept all the same.
            let _ = answer.send(record.keep_recording(&new));
        });
        self.errands.keeping = Some(kept);
    }

    /// A recording is in the record, or could not be put there.
    pub(super) fn recording_kept(&mut self, now: Now, kept: Result<KeptRecording, String>) {
        let Some(Job::Download(download)) = self.errands.running.take() else { return };
        let mut download = *download;
        let stored = download.todo.as_mut().and_then(VecDeque::pop_front);
        match (kept, stored) {
            (Ok(kept), Some(stored)) => {
                let line = json!({
                    "id": kept.id,
                    "recording": stored.slot.to_string(),
                    "seconds": download.progress.of_seconds,
                    "missing_s": kept.missing,
                    "already": kept.already,
                });
                self.event(now, "recording_fetched", Some(&download.asked.by), line.clone());
                self.audit("recording_fetched", &download.asked.by, line.clone());
                download.kept.push(line);
                download.tries = 0;
                self.fetch_next(now, download);
            }
            (Err(why), _) => self.end_download(now, download, "record", &why),
            (Ok(_), None) => {}
        }
        self.next_job(now);
        self.show_errand();
    }

    pub(super) fn stop_download(&mut self, now: Now, by: &str, reply: mpsc::Sender<Answer>) {
        let Some(download) = self.errands.download() else {
            return self.refuse(reply, "no_download", "No recordings are being fetched at this bed.");
        };
        let fetched = download.kept.len();
        let away = download.phase == Phase::Away;
        self.event(now, "download_stopped", Some(by), json!({ "fetched": fetched }));
        self.audit("download_stopped", by, json!({ "fetched": fetched }));
        if away {
            if let Some(Job::Download(download)) = self.errands.running.take() {
                self.end_download(now, *download, "stopped", &Failure::Abandoned.to_string());
            }
        } else if let Some(port) = &self.port {
            port.abandon();
            if let Some(download) = self.errands.download() {
                // What is being kept at this moment is the last.
                if let Some(todo) = &mut download.todo
                    && download.phase == Phase::Keeping
                {
                    todo.truncate(1);
                }
            }
        }
        self.reply(reply, Answer::Done(json!({ "fetched": fetched })));
        self.show_errand();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(segment: u8, seconds: u32) -> Stored {
        Stored { slot: Slot { user: 0, segment }, seconds: Some(seconds), ..Stored::default() }
    }

    fn download(wanted: Option<&[u8]>) -> Download {
        let wanted = wanted.map(|segments| segments.iter().map(|&segment| Slot { user: 0, segment }).collect());
        Download::new(Asked { by: "anna".into(), reply: mpsc::channel(2).0 }, wanted)
    }

    #[test]
    fn those_that_were_asked_for_are_fetched_in_the_order_asked() {
        let mut some = download(Some(&[3, 1]));
        some.listed([stored(1, 10), stored(2, 20), stored(3, 30)].to_vec()).unwrap();
        assert_eq!(some.todo.as_ref().unwrap(), &[stored(3, 30), stored(1, 10)]);
        let view = some.view().unwrap();
        assert_eq!((view.recording, view.of, view.of_seconds), (1, 2, Some(30)));
        let why = download(Some(&[4])).listed([stored(1, 10)].to_vec()).unwrap_err();
        assert_eq!(why, "The sensor holds no recording 0/4.");
    }

    #[test]
    fn nothing_is_shown_before_it_is_known_what_there_is() {
        assert_eq!(download(None).view(), None);
    }

    #[test]
    fn a_sensor_that_comes_back_must_hold_what_is_still_to_come() {
        let mut all = download(None);
        all.listed([stored(1, 10), stored(2, 20)].to_vec()).unwrap();
        all.todo.as_mut().unwrap().pop_front();
        // The first one was kept; whether it is still there does not matter.
        assert_eq!(all.listed([stored(2, 20)].to_vec()), Ok(()));
        assert!(all.listed([stored(1, 10), stored(2, 25)].to_vec()).unwrap_err().contains("another one"));
    }
}
