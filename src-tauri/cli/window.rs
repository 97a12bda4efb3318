//! `oxiward`: the station with its window.
//!
//! The station runs on its own runtime, in other threads than the window: a window that hangs holds up no alarm.

use super::options::{Common, StationOptions};
use super::running::{Plan, Running, runtime, take, told_to_stop};
use super::{Failure, folder::InUse};
use desktop::instance::{Claim, claim};
use desktop::window::{self, Calls, Link, WindowControl, WindowOptions};
use record::new_secret;
use server::Session;
use station::{Annunciation, Handle};
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use tokio::sync::mpsc;

pub(crate) fn open(common: &Common, options: StationOptions) -> Result<(), Failure> {
    let hidden = options.hidden;
    let login_arguments = login_arguments(common, &options);
    let plan = Plan::new(common, options)?;
    // Before anything opens: a station that says `ready` must not end a moment later for want of a screen.
    window::check_display()?;
    let runtime = runtime()?;
    let lock = match take(&plan)? {
        Ok(lock) => lock,
        Err(in_use) => return Err(come_forward(&runtime, &plan, &in_use)),
    };
    let instance = match runtime.block_on(claim(&plan.folder)) {
        Claim::Ours(instance) => Some(instance),
        // The lock is ours, so whoever answered is on its way out.
        Claim::Another => None,
        Claim::Unknown(why) => {
            tracing::info!(why, "A second start cannot bring this window forward.");
            None
        }
    };
    let told_to_stop = {
        let _on_the_runtime = runtime.enter();
        told_to_stop()
    };
    let running = runtime.block_on(plan.start(lock))?;
    let session = Session { name: "Station window".into(), role: plan.settings.window.role, secret: new_secret()? };
    running.server.admit(&session);
    running.say_ready();

    let (quit, chose_to_quit) = mpsc::channel(1);
    let window = WindowOptions {
        station_link: Link { base: format!("http://{}", running.server.local()), token: session.secret },
        title: plan.name(),
        memory: plan.folder.join("window"),
        hidden,
        demo: running.station.handle().is_demo(),
        login_arguments,
        instance,
        runtime: runtime.handle().clone(),
        on_quit: Box::new(move || {
            // One wish to quit is enough; a second finds the station stopping.
            let _ = quit.try_send(());
        }),
    };
    let (tell_outcome, outcome) = std_mpsc::channel();
    let handle = running.station.handle().clone();
    let forward = plan.settings.window.forward_on_high;
    let supervisor = runtime.handle().clone();
    // The window may fail to open; then the station stops here, and the failure is told.
    let shared = Arc::new(std::sync::Mutex::new(Some(running)));
    let of_window = Arc::clone(&shared);
    let shown = window::run(tauri::generate_context!(), window, move |control| {
        supervisor.spawn(tell_tray(handle.clone(), control.clone()));
        if forward {
            supervisor.spawn(come_forward_on_high(handle, control.clone()));
        }
        let running = of_window.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(running) = running {
            supervisor.spawn(supervise(running, told_to_stop, chose_to_quit, control, tell_outcome));
        }
    });
    let left = shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    if let Some(running) = left {
        runtime.block_on(running.stop());
    }
    shown?;
    let failed = outcome.recv().unwrap_or(false);
    runtime.shutdown_background();
    if failed {
        return Err(Failure::failed("The station's hub has failed, and the station stops. Start it again."));
    }
    Ok(())
}

/// Runs the station until somebody quits, the system asks for it, or it fails; then the window goes last.
async fn supervise(
    mut running: Running,
    told_to_stop: impl Future<Output = ()>,
    mut chose_to_quit: mpsc::Receiver<()>,
    control: WindowControl,
    tell_outcome: std_mpsc::Sender<bool>,
) {
    let failed = tokio::select! {
        () = told_to_stop => false,
        _ = chose_to_quit.recv() => false,
        () = running.failed() => true,
    };
    running.stop().await;
    // The main thread waits for this as long as the window lives.
    let _ = tell_outcome.send(failed);
    control.quit();
}

/// Somebody else has the folder: their window comes forward, if they have one.
fn come_forward(runtime: &tokio::runtime::Runtime, plan: &Plan, in_use: &InUse) -> Failure {
    let mut failure = in_use.failure(&plan.folder);
    if matches!(runtime.block_on(claim(&plan.folder)), Claim::Another) {
        failure = Failure::failed(format!("{failure} Its window was asked to come forward."));
    }
    failure
}

/// How things stand, said in the tray.
async fn tell_tray(handle: Handle, control: WindowControl) {
    let mut annunciation = handle.annunciation();
    loop {
        let present = Arc::clone(&annunciation.borrow_and_update());
        control.tell(&summary(&present), present.sounding);
        if annunciation.changed().await.is_err() {
            return;
        }
    }
}

/// Has the window come forward for each new HIGH alarm.
async fn come_forward_on_high(handle: Handle, control: WindowControl) {
    let mut annunciation = handle.annunciation();
    let mut calls = Calls::default();
    loop {
        let present = Arc::clone(&annunciation.borrow_and_update());
        if calls.come_forward(present.active.iter().map(|active| &active.alarm)) {
            control.call();
        }
        if annunciation.changed().await.is_err() {
            return;
        }
    }
}

fn summary(annunciation: &Annunciation) -> String {
    let alarms = match annunciation.active.len() {
        0 => "No alarm".to_owned(),
        1 => "1 alarm".to_owned(),
        count => format!("{count} alarms"),
    };
    let paused = annunciation.active.iter().any(|alarm| alarm.audio_paused);
    if paused { format!("{alarms}, audio paused") } else { alarms }
}

/// What the program is started with at login: the same station, out of sight.
fn login_arguments(common: &Common, options: &StationOptions) -> Vec<String> {
    let mut arguments = Vec::new();
    if let Some(data) = &common.data {
        arguments.extend(["--data".to_owned(), absolute(data)]);
    }
    if let Some(config) = &common.config {
        arguments.extend(["--config".to_owned(), absolute(config)]);
    }
    for bed in &options.beds {
        let protocol = bed.protocol.map_or("auto", oximeter::Protocol::as_str);
        arguments.extend(["--bed".to_owned(), format!("{}={},{protocol}", bed.id, bed.port)]);
    }
    arguments.push("--hidden".to_owned());
    arguments
}

fn absolute(path: &std::path::Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}
