//! The alarm sound of this computer, joined to the station and the server.

use super::running::pick;
use desktop::sound::{self, Instructions, SoundHealth, SoundOptions, SoundTestError, SoundTester, SoundThread};
use serde_json::{Value, json};
use server::{Later, Sound, SoundOutput, SoundState};
use station::{Answer, Handle, Refusal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use vitals::{Condition, Priority};

/// Under which key the record keeps the output that an admin chose.
const DEVICE: &str = "sound.device";

/// How long the sound system may take to say what outputs there are.
const LISTING: Duration = Duration::from_secs(3);

/// Which output was chosen, and where.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// In the settings file.
    by_settings: Option<String>,
    /// By an admin, which goes before it.
    by_admin: Option<String>,
}

/// See the module. It does not keep the sound running.
#[derive(Debug)]
pub(crate) struct LocalSound {
    handle: Handle,
    by_settings: Option<String>,
    device: watch::Sender<Option<String>>,
    health: watch::Receiver<Option<SoundHealth>>,
    /// `None` if the thread that sounds could not be started.
    tester: Option<SoundTester>,
    testing: Arc<AtomicBool>,
    listing: Arc<tokio::sync::Mutex<()>>,
}

/// Starts the sound, which goes on until the station ends or the thread is stopped.
pub(crate) fn start(
    handle: &Handle,
    chosen: Chosen,
    tasks: &mut Vec<JoinHandle<()>>,
) -> (Option<SoundThread>, LocalSound) {
    let (tell, told) = watch::channel(None);
    let (device, output) = watch::channel(chosen.by_admin.or_else(|| chosen.by_settings.clone()));
    let instructions = Instructions {
        sounding: pick(handle, tasks, None, |annunciation| annunciation.sounding),
        reminders: pick(handle, tasks, 0, |annunciation| annunciation.reminder),
        device: output,
    };
    let report = {
        let tell = tell.clone();
        move |health: SoundHealth| drop(tell.send_replace(Some(health)))
    };
    let thread = sound::run(instructions, report, SoundOptions::default())
        .map_err(|failure| tell.send_replace(Some(failure.into())))
        .ok();
    tasks.push(tokio::spawn(raise_and_clear(handle.clone(), told.clone())));
    let local = LocalSound {
        handle: handle.clone(),
        by_settings: chosen.by_settings,
        device,
        health: told,
        tester: thread.as_ref().map(SoundThread::tester),
        testing: Arc::default(),
        listing: Arc::default(),
    };
    (thread, local)
}

/// What the sound reports of itself becomes an alarm of the station.
async fn raise_and_clear(handle: Handle, mut told: watch::Receiver<Option<SoundHealth>>) {
    loop {
        let health = told.borrow_and_update().clone();
        match &health {
            Some(SoundHealth::Failed { reason, remedy, instead: None }) => {
                tracing::error!("No alarm can be heard here: {reason} {remedy}");
            }
            Some(SoundHealth::Failed { reason, remedy, .. }) => tracing::error!("{reason} {remedy}"),
            Some(SoundHealth::Works { device }) => tracing::info!(device, "Alarms sound here."),
            None => {}
        }
        if let Some(health) = health {
            handle.condition(Condition::SoundFailed, trouble(&health)).await;
        }
        if told.changed().await.is_err() {
            return;
        }
    }
}

fn trouble(health: &SoundHealth) -> Option<String> {
    match health {
        SoundHealth::Failed { reason, remedy, .. } => Some(format!("{reason} {remedy}")),
        SoundHealth::Works { .. } => None,
    }
}

impl LocalSound {
    /// Which output is chosen at the start. A record that does not say so is no reason to be silent.
    pub(crate) async fn chosen(handle: &Handle, by_settings: Option<String>) -> Chosen {
        let record = handle.record().clone();
        let kept = tokio::task::spawn_blocking(move || record.setting(DEVICE)).await;
        let by_admin = match kept {
            Ok(Ok(kept)) => kept.as_ref().and_then(Value::as_str).map(str::to_owned),
            Ok(Err(error)) => {
                tracing::error!(%error, "The chosen sound output could not be read; the default one sounds.");
                None
            }
            Err(_) => None,
        };
        Chosen { by_settings, by_admin }
    }

    /// The outputs of this computer. One listing at a time: a sound system that hangs must not take thread after thread.
    async fn outputs(&self) -> Vec<SoundOutput> {
        let turn = tokio::time::timeout(LISTING, Arc::clone(&self.listing).lock_owned());
        let Ok(turn) = turn.await else { return Vec::new() };
        let listing = tokio::task::spawn_blocking(move || {
            let outputs = sound::outputs();
            drop(turn);
            outputs
        });
        match tokio::time::timeout(LISTING, listing).await {
            Ok(Ok(Ok(outputs))) => outputs
                .into_iter()
                .map(|output| SoundOutput { name: output.name, description: output.description })
                .collect(),
            Ok(Ok(Err(failure))) => {
                tracing::warn!(%failure, "The sound outputs cannot be listed.");
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    async fn keep(&self, device: Option<String>) -> Result<(), Refusal> {
        let record = self.handle.record().clone();
        let kept = tokio::task::spawn_blocking(move || {
            let value = device.map(Value::String);
            record.put_setting(DEVICE, value.as_ref()).map_err(|error| Refusal::new("record", error.to_string()))
        });
        kept.await.unwrap_or_else(|_| Err(Refusal::new("record", "The choice could not be kept.")))
    }
}

impl Sound for LocalSound {
    fn is_enabled(&self) -> bool {
        true
    }

    fn look(&self) -> Later<'_, SoundState> {
        Box::pin(async {
            let devices = self.outputs().await;
            let health = self.health.borrow().clone();
            let (works, playing_on) = match &health {
                Some(SoundHealth::Works { device }) => (true, Some(device.clone())),
                Some(SoundHealth::Failed { instead, .. }) => (false, instead.clone()),
                None => (false, None),
            };
            let message = match &health {
                Some(health) => trouble(health),
                None => Some("The sound output has not been looked at yet.".to_owned()),
            };
            SoundState { enabled: true, device: self.device.borrow().clone(), works, message, playing_on, devices }
        })
    }

    fn choose<'a>(&'a self, device: Option<String>, by: &'a str) -> Later<'a, Result<Option<String>, Refusal>> {
        Box::pin(async move {
            if let Some(wanted) = &device {
                let outputs = self.outputs().await;
                if outputs.iter().all(|output| output.name != *wanted) {
                    let names: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
                    let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                    let message = format!("There is no sound output {wanted:?}. There are: {there}.");
                    return Err(Refusal::new("unknown_device", message));
                }
            }
            self.keep(device.clone()).await?;
            let device = device.or_else(|| self.by_settings.clone());
            self.device.send_replace(device.clone());
            self.handle.event("sound_device_chosen", Some(by), json!({ "device": device })).await;
            Ok(device)
        })
    }

    fn test(&self, priority: Priority, by: &str) -> Result<mpsc::Receiver<Answer>, Refusal> {
        let Some(tester) = self.tester.clone() else {
            let message = self.health.borrow().as_ref().and_then(trouble).unwrap_or_default();
            return Err(Refusal::new("sound_failed", message));
        };
        // What is to sound and does not is no test. It is written down all the same: somebody wanted to know.
        if let Some(health @ SoundHealth::Failed { instead: None, .. }) = self.health.borrow().clone() {
            let message = trouble(&health).unwrap_or_default();
            let (handle, by) = (self.handle.clone(), by.to_owned());
            let detail = json!({ "priority": priority, "device": *self.device.borrow(), "result": message });
            tokio::spawn(async move { handle.event("sound_tested", Some(&by), detail).await });
            return Err(Refusal::new("sound_failed", message));
        }
        if self.handle.annunciation().borrow().sounding.is_some() {
            return Err(refusal(&SoundTestError::AlarmSounds));
        }
        if self.testing.swap(true, Ordering::AcqRel) {
            return Err(refusal(&SoundTestError::TestSounds));
        }
        let (reply, answers) = mpsc::channel(2);
        let (handle, testing, by) = (self.handle.clone(), Arc::clone(&self.testing), by.to_owned());
        let chosen = self.device.borrow().clone();
        tokio::spawn(async move {
            // Whoever asked may have gone away; it sounds and is written down all the same.
            let _ = reply.send(Answer::Accepted).await;
            let outcome = tester.test(priority).await;
            testing.store(false, Ordering::Release);
            let (device, result) = match &outcome {
                Ok(device) => (Some(device.clone()), "played".to_owned()),
                Err(error) => (chosen, error.to_string()),
            };
            let detail = json!({ "priority": priority, "device": device, "result": result });
            handle.event("sound_tested", Some(&by), detail).await;
            let answer = match outcome {
                Ok(device) => Answer::Done(json!({ "device": device })),
                Err(error) => Answer::Refused(refusal(&error)),
            };
            let _ = reply.send(answer).await;
        });
        Ok(answers)
    }
}

fn refusal(error: &SoundTestError) -> Refusal {
    let code = match error {
        SoundTestError::AlarmSounds => "alarm_sounds",
        SoundTestError::TestSounds => "test_sounds",
        SoundTestError::Failed(_) => "sound_failed",
    };
    Refusal::new(code, error.to_string())
}
