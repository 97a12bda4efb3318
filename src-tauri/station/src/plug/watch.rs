//! Notices that something was plugged in or out: by the system's events where there are any, else by looking often.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// How often one looks where the system tells nothing by itself: seen within 2 s.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often one looks all the same where it does: an event may be lost, and a listing may have been refused.
const LOOK_ANYWAY_EVERY: Duration = Duration::from_secs(5);
/// What a plug makes comes in pieces: the port, its links, its rights. They are waited for.
const SETTLE: Duration = Duration::from_millis(150);

/// Why it is time to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noticed {
    /// The system says that something changed.
    Event,
    /// Time passed.
    Time,
}

/// Watches a folder of ports; until it is dropped.
pub(super) struct Watch {
    /// `None`: this system tells nothing.
    events: Option<Arc<Notify>>,
}

impl Watch {
    pub(super) fn new(folder: &Path) -> Self {
        match events(folder) {
            Ok(events) => Self { events: Some(events) },
            Err(error) => {
                tracing::info!(folder = %folder.display(), %error, "The system tells no changes; ports are looked for each second.");
                Self { events: None }
            }
        }
    }

    /// Waits until it is time to look again.
    pub(super) async fn changed(&self) -> Noticed {
        let Some(events) = &self.events else {
            tokio::time::sleep(LOOK_EVERY).await;
            return Noticed::Time;
        };
        match tokio::time::timeout(LOOK_ANYWAY_EVERY, events.notified()).await {
            Ok(()) => {
                tokio::time::sleep(SETTLE).await;
                Noticed::Event
            }
            Err(_) => Noticed::Time,
        }
    }
}

/// A thread of its own waits for the events: the asynchronous way needs `unsafe`, or a deprecated call.
#[cfg(target_os = "linux")]
fn events(folder: &Path) -> std::io::Result<Arc<Notify>> {
    use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
    let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
    // Attributes too: the rights of a new port are set after it was made.
    let what = AddWatchFlags::IN_CREATE
        | AddWatchFlags::IN_DELETE
        | AddWatchFlags::IN_MOVED_TO
        | AddWatchFlags::IN_MOVED_FROM
        | AddWatchFlags::IN_ATTRIB;
    inotify.add_watch(folder, what)?;
    let events = Arc::new(Notify::new());
    let told = Arc::downgrade(&events);
    std::thread::Builder::new()
        .name("plugs".into())
        .stack_size(128 << 10)
        .spawn(move || wait_for_events(&inotify, &told))?;
    Ok(events)
}

#[cfg(target_os = "linux")]
fn wait_for_events(inotify: &nix::sys::inotify::Inotify, told: &Weak<Notify>) {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    while told.strong_count() > 0 {
        let mut waiting = [PollFd::new(inotify.as_fd(), PollFlags::POLLIN)];
        match poll(&mut waiting, PollTimeout::from(500_u16)) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => {}
            Ok(_) => {
                // What changed does not matter, for everything is looked at anew; it is only taken off the queue.
                if let Err(error) = inotify.read_events()
                    && error != nix::errno::Errno::EAGAIN
                {
                    tracing::warn!(%error, "The system tells no changes any more; ports are looked for every 5 s.");
                    return;
                }
                if let Some(events) = told.upgrade() {
                    events.notify_one();
                }
            }
            Err(error) => {
                tracing::warn!(%error, "The system tells no changes any more; ports are looked for every 5 s.");
                return;
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn events(_: &Path) -> std::io::Result<Arc<Notify>> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_port_that_is_plugged_in_is_noticed_by_the_systems_event() {
        let folder = tempfile::tempdir().unwrap();
        let watch = Watch::new(folder.path());
        std::fs::write(folder.path().join("ttyUSB0"), "").unwrap();
        assert_eq!(watch.changed().await, Noticed::Event);
        std::fs::remove_file(folder.path().join("ttyUSB0")).unwrap();
        assert_eq!(watch.changed().await, Noticed::Event);
    }

    #[tokio::test(start_paused = true)]
    async fn where_the_system_tells_nothing_one_looks_each_second() {
        let watch = Watch::new(Path::new("/no/such/folder"));
        let began = tokio::time::Instant::now();
        assert_eq!(watch.changed().await, Noticed::Time);
        assert_eq!(began.elapsed(), Duration::from_secs(1));
    }
}
