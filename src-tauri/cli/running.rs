//! A station, its server and its annunciators: the same with and without a window.

use super::folder::{self, Lock};
use super::options::{Common, StationOptions};
use super::settings::{Lan, Settings};
use super::sound::{self, LocalSound};
use super::{Failure, say};
use desktop::notifications::{self, NotificationHealth};
use desktop::sound::SoundThread;
use serde_json::json;
use server::{NoSound, Server, Sound};
use station::{Annunciation, Handle, Station};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use vitals::Condition;

/// Everything that runs.
pub(crate) struct Running {
    pub(crate) station: Station,
    pub(crate) server: Server,
    sound: Option<SoundThread>,
    tasks: Vec<JoinHandle<()>>,
    /// Held as long as the station runs.
    _lock: Lock,
}

/// How the station is to run, put together from the command line and the settings.
pub(crate) struct Plan {
    pub(crate) folder: PathBuf,
    pub(crate) settings: Settings,
    options: StationOptions,
}

impl Plan {
    pub(crate) fn new(common: &Common, options: StationOptions) -> Result<Self, Failure> {
        options.check()?;
        let settings = common.settings()?;
        let mut folder = common.folder()?;
        if options.demo.is_some() {
            folder = folder::demo_of(&folder);
        }
        Ok(Self { folder, settings, options })
    }

    pub(crate) fn name(&self) -> String {
        self.settings.name.clone().unwrap_or_else(|| "Oxiward".into())
    }

    fn local(&self) -> SocketAddr {
        self.options.local.or(self.settings.local).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8750)))
    }

    fn lan(&self) -> Option<SocketAddr> {
        if self.options.no_lan {
            return None;
        }
        match (self.options.lan, &self.settings.lan) {
            (Some(lan), _) => Some(lan),
            (None, Some(Lan::Address(lan))) => Some(*lan),
            (None, Some(Lan::Off(_))) => None,
            (None, None) => Some(SocketAddr::from(([0, 0, 0, 0], 8751))),
        }
    }

    /// Starts everything in this order: record, beds, sound, server, notifications.
    pub(crate) async fn start(&self, mut lock: Lock) -> Result<Running, Failure> {
        let days = |days: u32| (days > 0).then_some(days);
        let station = Station::start(station::Options {
            name: self.name(),
            folder: self.folder.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            beds: self.options.beds.clone(),
            captures: self.options.captures.clone(),
            demo: self.options.demo.unwrap_or(0).into(),
            discover: !self.options.no_discover && self.settings.discover.unwrap_or(true),
            ports: station::Ports::of_this_computer(),
            rules: self.settings.alarms.rules().map_err(Failure::usage)?,
            preset: self.settings.alarms.preset,
            readings_days: days(self.settings.retention.readings_days),
            waves_days: days(self.settings.retention.waves_days),
        })?;
        station.settle().await;
        let options = server::Options {
            local: self.local(),
            lan: self.lan(),
            folder: self.folder.clone(),
            names: self.settings.names.clone(),
            tokens_beside: self.options.demo.and_then(|_| self.folder.parent().map(Path::to_owned)),
        };
        let handle = station.handle();
        let mut tasks = Vec::new();
        let (sound, local_sound) = if self.settings.sound.enabled {
            let chosen = LocalSound::chosen(handle, self.settings.sound.device.clone()).await;
            let (thread, local) = sound::start(handle, chosen, &mut tasks);
            (thread, Arc::new(local) as Arc<dyn Sound>)
        } else {
            handle.event("sound_disabled", None, json!({ "by": "oxiward.toml" })).await;
            // What the run before said of a sound that is not wanted any more.
            handle.condition(Condition::SoundFailed, None).await;
            tracing::warn!("This computer sounds no alarms: the settings say so.");
            (None, Arc::new(NoSound) as Arc<dyn Sound>)
        };
        let server = match Server::start(options, handle.clone(), local_sound).await {
            Ok(server) => server,
            Err(error) => {
                station.stop().await;
                return Err(error.into());
            }
        };
        if let Err(error) = lock.tell(Some(server.local()), server.lan()) {
            tracing::warn!(%error, "The addresses could not be written down; `oxiward pair` will not find them.");
        }
        if self.settings.notifications.enabled {
            notify(handle, self.name(), &mut tasks);
        }
        keep_awake(handle, &mut tasks);
        Ok(Running { station, server, sound, tasks, _lock: lock })
    }
}

impl Running {
    /// Tells programs that the station serves, and where.
    pub(crate) fn say_ready(&self) {
        let lan = self.server.lan().map_or_else(|| "off".to_owned(), |lan| format!("https://{lan}"));
        say(&format!("ready local=http://{} lan={lan}", self.server.local()));
    }

    /// Waits until the hub or the server ends by itself, which is a failure.
    pub(crate) async fn failed(&mut self) {
        tokio::select! {
            () = self.station.failed() => {}
            () = self.server.failed() => {}
        }
    }

    /// Stops in this order: sound, beds and ports, hub and record, server.
    pub(crate) async fn stop(self) {
        if let Some(sound) = self.sound {
            // The thread falls silent at once; waiting for it must not hold up the beds.
            tokio::task::spawn_blocking(move || sound.stop());
        }
        self.station.stop().await;
        self.server.stop().await;
        for task in self.tasks {
            // They end with the station; a notification service that hangs is not waited for.
            let _ = tokio::time::timeout(Duration::from_millis(300), task).await;
        }
    }
}

/// Ends when the process is told to: SIGTERM, SIGINT, Ctrl-C. From the call on the signals are listened to, also before
/// anyone waits: one that comes while the station starts must not kill it. To be called on the runtime.
pub(crate) fn told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
        async move {
            let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
                tracing::error!("This system gives no signals; stop the station by its window.");
                return std::future::pending().await;
            };
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
    }
    #[cfg(not(unix))]
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The runtime of everything that is not the window.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(64)
        .thread_name("oxiward")
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("The station cannot start: {error}.")))
}

/// Takes the data folder.
pub(crate) fn take(plan: &Plan) -> Result<Result<Lock, folder::InUse>, Failure> {
    folder::prepare(&plan.folder)?;
    folder::lock(&plan.folder)
}

/// One thing out of everything that is announced, told when it changes.
pub(super) fn pick<T: Clone + PartialEq + Send + Sync + 'static>(
    handle: &Handle,
    tasks: &mut Vec<JoinHandle<()>>,
    first: T,
    pick: impl Fn(&Annunciation) -> T + Send + 'static,
) -> watch::Receiver<T> {
    let mut annunciation = handle.annunciation();
    let (tell, picked) = watch::channel(first);
    tasks.push(tokio::spawn(async move {
        loop {
            let present = pick(&annunciation.borrow_and_update());
            tell.send_if_modified(|before| {
                let changed = *before != present;
                *before = present;
                changed
            });
            if annunciation.changed().await.is_err() {
                return;
            }
        }
    }));
    picked
}

/// The computer does not sleep while any sensor is live.
fn keep_awake(handle: &Handle, tasks: &mut Vec<JoinHandle<()>>) {
    let any_live = pick(handle, tasks, false, |annunciation| annunciation.any_live);
    tasks.push(tokio::spawn(desktop::awake::run(any_live)));
}

fn notify(handle: &Handle, station_name: String, tasks: &mut Vec<JoinHandle<()>>) {
    let alarms = pick(handle, tasks, Arc::default(), |annunciation| Arc::new(shown(annunciation)));
    // The notifications live on a thread of their own: a desktop that hangs must not hold up anything of the station.
    let (gone, ended) = oneshot::channel();
    let spawned = std::thread::Builder::new().name("notifications".into()).spawn(move || {
        let report = |health: NotificationHealth| match health {
            NotificationHealth::Works { server } => tracing::info!(server, "Alarms are shown as notifications here."),
            NotificationHealth::Failed { reason, remedy } => {
                tracing::warn!("Alarms are not shown as notifications here: {reason} {remedy}");
            }
        };
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(notifications::run(alarms, station_name, report)),
            Err(error) => tracing::error!(%error, "Notifications cannot be shown."),
        }
        let _ = gone.send(());
    });
    if let Err(error) = spawned {
        tracing::error!(%error, "Notifications cannot be shown.");
    }
    tasks.push(tokio::spawn(async move {
        let _ = ended.await;
    }));
}

fn shown(annunciation: &Annunciation) -> Vec<notifications::ActiveAlarm> {
    let active = annunciation.active.iter();
    active
        .map(|active| notifications::ActiveAlarm {
            bed: active.bed.clone(),
            bed_name: if active.bed.is_some() { active.bed_name.clone() } else { String::new() },
            audio_paused: active.audio_paused,
            alarm: active.alarm.clone(),
        })
        .collect()
}
