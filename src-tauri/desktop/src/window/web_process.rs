//! The process that draws the page may crash, or hang. Then the page is loaded anew.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long the page may leave the program unanswered before its process is ended.
#[cfg(target_os = "linux")]
const PATIENCE: Duration = Duration::from_secs(20);

/// When to load a page anew that keeps crashing: at once, but no more than three times a minute, so that a page that
/// crashes on sight does not take the processor away from the station.
#[derive(Debug, Default)]
struct Reloads {
    recent: VecDeque<Instant>,
}

impl Reloads {
    const SPAN: Duration = Duration::from_secs(60);
    const AT_ONCE: usize = 3;
    const PAUSE: Duration = Duration::from_secs(20);

    fn pause(&mut self, now: Instant) -> Duration {
        while self.recent.front().is_some_and(|at| now.duration_since(*at) > Self::SPAN) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        if self.recent.len() > Self::AT_ONCE { Self::PAUSE } else { Duration::ZERO }
    }
}

/// Loads the page of `window` anew whenever its process ends or hangs.
#[cfg(target_os = "linux")]
pub(super) fn watch(window: &tauri::WebviewWindow) {
    use super::logged;
    use std::cell::RefCell;
    use webkit2gtk::WebViewExt;

    let reloaded = window.clone();
    let watched = window.with_webview(move |webview| {
        let reloads = RefCell::new(Reloads::default());
        let webview = webview.inner();
        webview.connect_web_process_terminated(move |_, reason| {
            let pause = reloads.borrow_mut().pause(Instant::now());
            tracing::warn!(?reason, ?pause, "The window's page has crashed and is loaded anew. Monitoring goes on.");
            let window = reloaded.clone();
            tauri::async_runtime::spawn(async move {
                tokio::time::sleep(pause).await;
                logged("reload", window.reload());
            });
        });
        webview.connect_is_web_process_responsive_notify(|webview| {
            if webview.is_web_process_responsive() {
                return;
            }
            tracing::warn!("The window's page does not answer.");
            let webview = webview.clone();
            gtk::glib::timeout_add_local_once(PATIENCE, move || {
                if !webview.is_web_process_responsive() {
                    tracing::warn!("The window's page has not answered for {} s and is ended.", PATIENCE.as_secs());
                    webview.terminate_web_process();
                }
            });
        });
    });
    logged("let its page be watched", watched);
}

/// Elsewhere Tauri reloads by itself (macOS) or the system does (Windows).
#[cfg(not(target_os = "linux"))]
pub(super) fn watch(_window: &tauri::WebviewWindow) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_crashes_now_and_then_is_back_at_once() {
        let mut reloads = Reloads::default();
        let start = Instant::now();
        for minute in 0..10 {
            assert_eq!(reloads.pause(start + Duration::from_secs(61 * minute)), Duration::ZERO);
        }
    }

    #[test]
    fn a_page_that_crashes_on_sight_is_given_a_pause() {
        let mut reloads = Reloads::default();
        let start = Instant::now();
        let pauses: Vec<u64> = (0..5).map(|n| reloads.pause(start + Duration::from_secs(n)).as_secs()).collect();
        assert_eq!(pauses, [0, 0, 0, 20, 20]);
    }
}
