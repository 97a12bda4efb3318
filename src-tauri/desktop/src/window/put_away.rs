//! Out of sight, but never out of reach.

use super::leave;
use super::tray::Tray;
use super::{Event, bring_forward, logged};
use crate::Bus;
use crate::notifications;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tauri::{WebviewWindow, WindowEvent};
use tokio::sync::mpsc;

/// Where the window goes when it is closed.
pub(super) struct PutAway {
    window: WebviewWindow,
    tray: Arc<Tray>,
    events: mpsc::Sender<Event>,
    explained: AtomicBool,
}

impl PutAway {
    pub(super) fn new(window: WebviewWindow, tray: Arc<Tray>, events: mpsc::Sender<Event>) -> Self {
        Self { window, tray, events, explained: AtomicBool::new(false) }
    }

    pub(super) fn instead_of_closing(self: &Arc<Self>) {
        let this = Arc::clone(self);
        self.window.on_window_event(move |event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                if this.tray.is_seen() {
                    this.put_away();
                    this.explain_once();
                } else {
                    let quit = this.events.clone();
                    leave::ask(&this.window, move || {
                        let _ = quit.try_send(Event::Quit);
                    });
                }
            }
        });
    }

    pub(super) fn at_start(&self) {
        if !self.tray.is_seen() {
            bring_forward(&self.window);
        }
        self.put_away();
    }

    /// The tray is gone: a hidden window could not be found again.
    pub(super) fn keep_within_reach(&self) {
        if !self.window.is_visible().unwrap_or(true) {
            tracing::info!("The desktop's tray is gone. The window is in the task bar instead.");
            logged("show", self.window.show());
            logged("minimise", self.window.minimize());
        }
    }

    fn put_away(&self) {
        if self.tray.is_seen() {
            logged("hide", self.window.hide());
        } else {
            logged("minimise", self.window.minimize());
        }
    }

    fn explain_once(&self) {
        if self.explained.swap(true, Ordering::Relaxed) {
            return;
        }
        tauri::async_runtime::spawn(async move {
            let title = "Oxiward keeps monitoring in the tray";
            let body = "Alarms go on sounding. To stop monitoring, choose Quit in the tray.";
            if let Err(failure) = notifications::note(&Bus::Session, title, body).await {
                tracing::info!(%failure, "The window was closed and monitoring goes on; the desktop could not be told.");
            }
        });
    }
}
