//! The station's own window and its icon in the tray (feature `window`).
//!
//! The window is a client of the station like any tablet: it loads the same app, from inside the program, and is told
//! over IPC where the station listens and with which token. It decides nothing. When its web process crashes or hangs
//! it is loaded anew; alarms, sound and record never notice.
//!
//! Closing the window does not end monitoring. It hides in the tray where the desktop has one. Where it has none
//! (GNOME without an extension) a hidden window could never be found again and there is no other place to quit from:
//! there closing it asks, and keeping on monitoring minimises it. Monitoring ends by "Quit" in the tray, which takes
//! two steps, by that question, or by the signal that ends the process.
//!
//! On computers whose graphics WebKitGTK cannot drive, `WEBKIT_DISABLE_DMABUF_RENDERER=1` or
//! `WEBKIT_DISABLE_COMPOSITING_MODE=1` in the environment helps. Neither is set here: they cost speed everywhere else,
//! and an environment must not be changed in a program with threads.

mod commands;
mod forward;
mod leave;
mod login;
mod put_away;
mod tray;
mod web_process;

pub use forward::Calls;
pub use login::StartAtLoginError;

use crate::instance::Instance;
use put_away::PutAway;
use std::path::PathBuf;
use std::sync::Arc;
use tauri::webview::{DownloadEvent, NewWindowResponse};
use tauri::{AppHandle, Manager, RunEvent, UserAttentionType, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tokio::sync::mpsc;
use tray::Tray;
use vitals::Priority;

/// The label of the one window, which the capabilities name.
const MAIN: &str = "main";

/// What a person or the desktop wants of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// To see it.
    Show,
    /// To end monitoring, and said so twice.
    Quit,
    /// The desktop has no tray any more.
    TrayGone,
}

/// How many events may wait. People are slow; one more click while these wait means nothing new.
const WAITING: usize = 8;

/// Where the window finds the station.
#[derive(Clone, serde::Serialize)]
pub struct Link {
    /// Of HTTP, such as `http://127.0.0.1:8750`.
    pub base: String,
    /// The token made for this window at this start.
    pub token: String,
}

/// Without the token, so that no log can carry it by accident.
impl core::fmt::Debug for Link {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Link").field("base", &self.base).finish_non_exhaustive()
    }
}

/// What the window is to be.
pub struct WindowOptions {
    /// Where it finds the station.
    pub station_link: Link,
    /// The title; the station's name belongs in it.
    pub title: String,
    /// Where the web view keeps what a screen remembers of itself, such as day or night. Best inside the data folder,
    /// so that two stations on one computer do not share it.
    pub memory: PathBuf,
    /// Whether it starts out of sight, as at login.
    pub hidden: bool,
    /// Whether the beds are simulated; said in the tray and the title.
    pub demo: bool,
    /// The arguments with which this program is to start at login, without its name.
    pub login_arguments: Vec<String>,
    /// The claim on the data folder, to be asked to come forward; `None` where it could not be had.
    pub instance: Option<Instance>,
    /// The runtime on which the tray and the commands of the window run.
    pub runtime: tokio::runtime::Handle,
    /// Called when a person chose to quit. The station ends in its own order and then calls [`WindowControl::quit`];
    /// the window is hidden meanwhile.
    pub on_quit: Box<dyn Fn() + Send + Sync>,
}

impl core::fmt::Debug for WindowOptions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WindowOptions")
            .field("title", &self.title)
            .field("hidden", &self.hidden)
            .finish_non_exhaustive()
    }
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// Nobody is logged in to a desktop here, or not this user.
    #[error(
        "There is no desktop to open the window on. Start Oxiward from a desktop, or start the station without a \
         window: oxiward serve"
    )]
    NoDisplay,
    /// The window could not be made.
    #[error("The window could not be opened: {0}. The station runs without it: oxiward serve")]
    Tauri(#[from] tauri::Error),
}

/// A handle on the open window, from any thread.
#[derive(Clone)]
pub struct WindowControl {
    app: AppHandle,
    tray: Arc<Tray>,
}

impl core::fmt::Debug for WindowControl {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WindowControl").finish_non_exhaustive()
    }
}

impl WindowControl {
    /// Brings the window to the front.
    pub fn show(&self) {
        if let Some(window) = self.app.get_webview_window(MAIN) {
            bring_forward(&window);
        }
    }

    /// Brings the window to the front for an alarm. A desktop that lets no program take the front shows that it calls.
    pub fn call(&self) {
        self.show();
        if let Some(window) = self.app.get_webview_window(MAIN) {
            logged("call for attention", window.request_user_attention(Some(UserAttentionType::Critical)));
        }
    }

    /// Closes the window for good; [`run`] returns.
    pub fn quit(&self) {
        self.app.exit(0);
    }

    /// Says in the tray how things stand, such as `2 alarms, audio paused`, and calls for attention there and in the
    /// task bar while `highest` is the priority of an alarm that nobody has acknowledged.
    pub fn tell(&self, summary: &str, highest: Option<Priority>) {
        let urgent = self.tray.tell(summary.to_owned(), highest);
        if let Some(window) = self.app.get_webview_window(MAIN) {
            let attention = highest.map(|priority| match priority {
                Priority::High => UserAttentionType::Critical,
                Priority::Medium | Priority::Low => UserAttentionType::Informational,
            });
            if urgent || attention.is_none() {
                logged("call for attention", window.request_user_attention(attention));
            }
        }
    }
}

/// Opens the window and serves it until [`WindowControl::quit`] is called. Blocks, and must be called on the main
/// thread, once in the life of the process.
///
/// `context` is what `tauri::generate_context!()` made in the program's own package. `ready` is given the handle on the
/// window as soon as there is one.
///
/// # Errors
/// If there is no desktop, or the window cannot be made on it.
pub fn run(
    context: tauri::Context,
    options: WindowOptions,
    ready: impl FnOnce(WindowControl),
) -> Result<(), WindowError> {
    check_display()?;
    let runtime = options.runtime.clone();
    tauri::async_runtime::set(options.runtime);
    let title = if options.demo { format!("{} (DEMO)", options.title) } else { options.title };
    let icon = context.default_window_icon().map(|icon| icon.clone().to_owned());
    let app = tauri::Builder::default()
        .manage(options.station_link)
        .manage(login::StartAtLogin::new(options.login_arguments))
        .invoke_handler(tauri::generate_handler![
            commands::station_link,
            commands::start_at_login_get,
            commands::start_at_login_set
        ])
        .build(context)?;

    let (tell, mut events) = mpsc::channel(WAITING);
    let tray = Arc::new(runtime.block_on(Tray::start(title.clone(), icon, tell.clone())));
    let window = open(&app, &title, options.memory)?;
    web_process::watch(&window);
    let put_away = Arc::new(PutAway::new(window.clone(), Arc::clone(&tray), tell));
    put_away.instead_of_closing();
    if options.hidden {
        put_away.at_start();
    } else {
        bring_forward(&window);
    }

    let control = WindowControl { app: app.handle().clone(), tray };
    let on_quit = options.on_quit;
    let shown = control.clone();
    runtime.spawn(async move {
        while let Some(event) = events.recv().await {
            match event {
                Event::Show => shown.show(),
                Event::TrayGone => put_away.keep_within_reach(),
                Event::Quit => {
                    logged("hide", window.hide());
                    on_quit();
                }
            }
        }
    });
    if let Some(mut instance) = options.instance {
        let of_instance = control.clone();
        runtime.spawn(async move {
            while instance.asked_to_show().await.is_some() {
                of_instance.show();
            }
        });
    }
    ready(control);

    app.run_return(|_, event| {
        // Without a code it is the last window that closed, which is no reason to stop watching patients.
        if let RunEvent::ExitRequested { code: None, api, .. } = event {
            api.prevent_exit();
        }
    });
    Ok(())
}

fn open(app: &tauri::App, title: &str, memory: PathBuf) -> Result<WebviewWindow, tauri::Error> {
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title(title)
        .inner_size(1280.0, 800.0)
        .min_inner_size(480.0, 400.0)
        // Shown when it is known whether it starts out of sight; and never white in a dark ward.
        .visible(false)
        .background_color(tauri::window::Color(0x0b, 0x0f, 0x14, 0xff))
        .data_directory(memory)
        .zoom_hotkeys_enabled(true)
        .disable_drag_drop_handler()
        // The app inside and nothing else: a page from outside must not get at the window's commands or token.
        .on_navigation(|url| {
            matches!(url.scheme(), "tauri" | "blob" | "about") || url.host_str() == Some("tauri.localhost")
        })
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, event| {
            if let DownloadEvent::Finished { path, success, .. } = event {
                tracing::info!(success, path = ?path, "A file was saved from the window.");
            }
            true
        })
        .build()
}

fn bring_forward(window: &WebviewWindow) {
    logged("show", window.show());
    logged("restore", window.unminimize());
    logged("focus", window.set_focus());
}

/// A window that does not do what it is told is worth a line in the log and nothing more.
fn logged(what: &str, outcome: tauri::Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "The window did not {what}.");
    }
}

/// Whether there is a desktop to open the window on. Asks GTK itself, because the windowing library would end the whole
/// station with a panic. To be called on the main thread, before the station starts.
///
/// # Errors
/// If there is none.
#[cfg(target_os = "linux")]
pub fn check_display() -> Result<(), WindowError> {
    gtk::init().map_err(|_| WindowError::NoDisplay)
}

/// Whether there is a desktop to open the window on; here there always is.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn check_display() -> Result<(), WindowError> {
    Ok(())
}
