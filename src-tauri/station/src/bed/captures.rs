//! Raw captures of the bed's line: started and stopped by an admin, ended by their own bounds or by the disk.

use super::task::Bed;
use crate::capture::{Ending, Note, Queue, Tap, Wish, keep, name};
use crate::command::Answer;
use crate::port::Port;
use serde_json::json;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use vitals::{CaptureView, Now, StationTime, WallTime};

/// Pieces that may wait for the disk: some seconds of the fastest sensor.
const WAITING: usize = 1024;
/// The size on the screens is this old at most.
const SIZE_EVERY: Duration = Duration::from_secs(5);
/// How long the end of a bed waits for the end of its capture.
const LAST_LINE: Duration = Duration::from_millis(500);

/// A capture that the command line asks for; its file is open already.
#[derive(Debug)]
pub(crate) struct FirstCapture {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
}

/// What a bed has to do with captures.
#[derive(Debug, Default)]
pub(super) struct Capturing {
    pub(super) tap: Tap,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    file: String,
    by: String,
    since: WallTime,
    /// Whoever waits to hear that the file is there.
    reply: Option<mpsc::Sender<Answer>>,
    begun: bool,
    /// Who stopped it, and who waits to hear of it.
    stopping: Option<(String, mpsc::Sender<Answer>)>,
    size: Arc<AtomicU64>,
    shown: (StationTime, u64),
    wish: Wish,
    notes: mpsc::UnboundedReceiver<Note>,
}

impl Running {
    fn wish_for(&self, reason: &str) {
        *self.wish.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
    }
}

impl Capturing {
    /// What is told of the capture that runs.
    pub(super) async fn told(&mut self) -> Note {
        match &mut self.running {
            Some(running) => running.notes.recv().await.unwrap_or_else(|| {
                let reason = "Its writer failed.".to_owned();
                Note::Ended(Ending { reason, failed: true, missing: 0 })
            }),
            None => std::future::pending().await,
        }
    }

    /// The size is shown anew from time to time, not with each byte.
    fn refresh(&mut self, now: StationTime) {
        if let Some(running) = &mut self.running
            && now.since(running.shown.0) >= SIZE_EVERY
        {
            running.shown = (now, running.size.load(Ordering::Relaxed));
        }
    }

    fn view(&self) -> Option<CaptureView> {
        let running = self.running.as_ref().filter(|running| running.begun)?;
        Some(CaptureView { file: running.file.clone(), since: running.since, bytes: running.shown.1 })
    }
}

impl Bed {
    /// What the command line asked for, before the port is opened: nothing is missed.
    pub(super) fn begin_first_capture(&mut self, now: Now) {
        if let Some(FirstCapture { path, file }) = self.first_capture.take() {
            let name = path.display().to_string();
            self.begin_capture(now, name, "command line", move || Ok(file), None);
        }
    }

    pub(super) fn start_capture(&mut self, now: Now, by: &str, reply: mpsc::Sender<Answer>) {
        if let Some(running) = &self.capturing.running {
            let message = format!("What goes over this bed's line is being kept already, in {}.", running.file);
            return self.refuse(reply, "capture_running", message);
        }
        if self.port.is_none() {
            return self.refuse(reply, "no_sensor", "No port is named for this bed, so there is nothing to keep.");
        }
        let file = name(&self.id, now.wall);
        let (captures, name) = (self.captures.clone(), file.clone());
        self.begin_capture(now, file, by, move || captures.create(&name), Some(reply));
    }

    fn begin_capture(
        &mut self,
        now: Now,
        file: String,
        by: &str,
        open: impl FnOnce() -> io::Result<File> + Send + 'static,
        reply: Option<mpsc::Sender<Answer>>,
    ) {
        let (pieces, received) = sync_channel(WAITING);
        let (tell, notes) = mpsc::unbounded_channel();
        let (size, wish) = (Arc::new(AtomicU64::new(0)), Wish::default());
        let mut head = self.capturing.tap.known();
        head.began = crate::capture::in_words(now.wall);
        head.port = self.spec.as_ref().map(|spec| port_kind(&spec.port).to_owned());
        self.capturing.tap.open(Queue::new(pieces));
        let (its_size, its_wish) = (Arc::clone(&size), Arc::clone(&wish));
        let write = move || {
            // A bed that has ended needs no note.
            keep(open, &head, &received, &its_wish, &its_size, &mut |note| drop(tell.send(note)));
        };
        let running = Running {
            file,
            by: by.to_owned(),
            since: now.wall,
            reply,
            begun: false,
            stopping: None,
            size,
            shown: (now.station, 0),
            wish,
            notes,
        };
        self.capturing.running = Some(running);
        if let Err(error) = std::thread::Builder::new().name("capture".into()).stack_size(256 << 10).spawn(write) {
            let reason = format!("This computer starts no more threads ({error}).");
            self.hear_of_capture(now, Note::Ended(Ending { reason, failed: true, missing: 0 }));
        }
    }

    pub(super) fn stop_capture(&mut self, by: &str, reply: mpsc::Sender<Answer>) {
        match &mut self.capturing.running {
            Some(running) if running.stopping.is_none() => {
                running.wish_for(&format!("{by} stopped it."));
                running.stopping = Some((by.to_owned(), reply));
                self.capturing.tap.close();
            }
            _ => self.refuse(reply, "no_capture", "Nothing of this bed's line is being kept."),
        }
    }

    /// What the thread that writes says.
    pub(super) fn hear_of_capture(&mut self, now: Now, note: Note) {
        match note {
            Note::Begun => {
                let Some(running) = &mut self.capturing.running else { return };
                running.begun = true;
                running.shown = (now.station, running.size.load(Ordering::Relaxed));
                let (by, detail, reply) = (running.by.clone(), json!({ "file": running.file }), running.reply.take());
                self.event(now, "capture_started", Some(&by), detail.clone());
                self.audit("capture_started", &by, detail.clone());
                if let Some(reply) = reply {
                    self.reply(reply, Answer::Done(detail));
                }
            }
            Note::Ended(ending) => {
                self.capturing.tap.close();
                if let Some(running) = self.capturing.running.take() {
                    self.capture_ended(now, running, &ending);
                }
            }
        }
        self.show_capture(now);
    }

    fn capture_ended(&mut self, now: Now, running: Running, ending: &Ending) {
        let Running { file, by, reply, stopping, size, .. } = running;
        let detail = json!({
            "file": file,
            "bytes": size.load(Ordering::Relaxed),
            "missing": ending.missing,
            "reason": ending.reason,
        });
        let stopped_by = stopping.as_ref().map(|(by, _)| by.as_str());
        if ending.failed {
            tracing::error!(bed = %self.id, file, reason = ending.reason, "A raw capture failed; the readings go on.");
            self.event(now, "capture_failed", Some(&by), detail.clone());
        } else {
            self.event(now, "capture_stopped", stopped_by, detail.clone());
        }
        if let Some(by) = stopped_by {
            self.audit("capture_stopped", by, detail.clone());
        }
        if let Some(reply) = reply {
            self.refuse(reply, "capture_failed", ending.reason.clone());
        }
        if let Some((_, reply)) = stopping {
            match ending.failed {
                true => self.refuse(reply, "capture_failed", ending.reason.clone()),
                false => self.reply(reply, Answer::Done(detail)),
            }
        }
    }

    pub(super) fn show_capture(&mut self, now: Now) {
        self.capturing.refresh(now.station);
        self.sensor.capture = self.capturing.view();
    }

    /// The bed ends: the capture's last line is waited for, but not long.
    pub(super) async fn end_capture(&mut self) {
        if let Some(running) = &self.capturing.running {
            running.wish_for("The station was stopped, or the bed was taken away.");
        }
        self.capturing.tap.close();
        let ended = async { while !matches!(self.capturing.told().await, Note::Ended(_)) {} };
        if tokio::time::timeout(LAST_LINE, ended).await.is_err() {
            tracing::warn!(bed = %self.id, "The last of a raw capture was not written within half a second.");
        }
    }

    /// Takes down what the tap has to know of the sensor.
    pub(super) fn tell_tap_of_model(&self) {
        if let Some(model) = self.port.as_ref().and_then(|port| Port::facts(port).identity.model) {
            self.capturing.tap.model(&model);
        }
    }
}

/// What kind of port it is. Its name is a matter of this computer.
fn port_kind(port: &str) -> &'static str {
    if port.starts_with("simulated:") {
        "simulated"
    } else if port.starts_with("/dev/pts/") {
        "pseudo-terminal"
    } else {
        "serial port"
    }
}
