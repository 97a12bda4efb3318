//! Keeps the computer awake and its screen lit while beds are watched.
//!
//! Two doors must be held shut, and each is somebody else's: `systemd-logind` sends the computer to sleep, the desktop
//! darkens the screen. A door that cannot be held is told once in the log, tried again, and stops nothing else.
//!
//! Some ninety lines of D-Bus instead of the crate `keepawake`: that one holds both or none, is blocking, and brings a
//! D-Bus stack of another version.

use crate::bus::{Bus, Pauses, cause};
use tokio::sync::watch;
use tokio_stream::StreamExt;
use zbus::proxy::OwnerChangedStream;
use zbus::zvariant::OwnedFd;

const WHO: &str = "Oxiward";
const WHY: &str = "Patients are being monitored";

/// Keeps the computer awake while `awake` is true, until its sender is dropped.
pub async fn run(awake: watch::Receiver<bool>) {
    run_on(Bus::System, Bus::Session, awake).await;
}

/// As [`run`], with `systemd-logind` on the bus `computer` and the desktop on the bus `desktop`.
pub async fn run_on(computer: Bus, desktop: Bus, awake: watch::Receiver<bool>) {
    tokio::join!(hold(Door::Sleep, computer, awake.clone()), hold(Door::DarkScreen, desktop, awake));
}

#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_blocking = false
)]
trait Logind {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> zbus::Result<OwnedFd>;
}

#[zbus::proxy(
    interface = "org.freedesktop.ScreenSaver",
    default_service = "org.freedesktop.ScreenSaver",
    default_path = "/org/freedesktop/ScreenSaver",
    gen_blocking = false
)]
trait ScreenSaver {
    fn inhibit(&self, application_name: &str, reason_for_inhibit: &str) -> zbus::Result<u32>;
    fn un_inhibit(&self, cookie: u32) -> zbus::Result<()>;
}

#[derive(Debug, Clone, Copy)]
enum Door {
    Sleep,
    DarkScreen,
}

/// A door that is being held.
struct Held {
    key: Key,
    /// Says when whoever we asked is gone, and has forgotten us.
    owner: OwnerChangedStream<'static>,
}

enum Key {
    /// The computer may sleep when this is closed.
    Sleep {
        _fd: OwnedFd,
    },
    DarkScreen {
        proxy: ScreenSaverProxy<'static>,
        cookie: u32,
    },
}

impl Door {
    async fn shut(self, bus: &Bus) -> zbus::Result<Held> {
        let connection = bus.connect().await?;
        match self {
            Self::Sleep => {
                let proxy = LogindProxy::new(&connection).await?;
                let owner = proxy.inner().receive_owner_changed().await?;
                let fd = proxy.inhibit("sleep:idle", WHO, WHY, "block").await?;
                Ok(Held { key: Key::Sleep { _fd: fd }, owner })
            }
            Self::DarkScreen => {
                let proxy = ScreenSaverProxy::new(&connection).await?;
                let owner = proxy.inner().receive_owner_changed().await?;
                let cookie = proxy.inhibit(WHO, WHY).await?;
                Ok(Held { key: Key::DarkScreen { proxy, cookie }, owner })
            }
        }
    }

    fn tell_failure(self, error: &zbus::Error) {
        let cause = cause(error);
        match self {
            Self::Sleep => tracing::warn!(
                cause,
                "This computer may go to sleep while patients are monitored. Switch automatic sleep off in its settings."
            ),
            Self::DarkScreen => tracing::info!(
                cause,
                "The screen of this computer may go dark. If people watch it, switch the screen saver off in its settings."
            ),
        }
    }
}

impl Held {
    async fn open(self) {
        if let Key::DarkScreen { proxy, cookie } = self.key {
            // The desktop notices a closed connection as well; this is for those that do so late.
            let _ = proxy.un_inhibit(cookie).await;
        }
    }
}

async fn hold(door: Door, bus: Bus, mut awake: watch::Receiver<bool>) {
    let mut told = false;
    let mut pauses = Pauses::default();
    while awake.wait_for(|awake| *awake).await.is_ok() {
        let may_open = match door.shut(&bus).await {
            Ok(mut held) => {
                (told, pauses) = (false, Pauses::default());
                let forgotten = async { while held.owner.next().await.is_some_and(|owner| owner.is_some()) {} };
                let may_open = tokio::select! {
                    may_open = awake.wait_for(|awake| !*awake) => may_open.map(|_| ()),
                    () = forgotten => Ok(()),
                };
                held.open().await;
                may_open
            }
            Err(error) => {
                if !told {
                    door.tell_failure(&error);
                    told = true;
                }
                let may_open = awake.wait_for(|awake| !*awake);
                tokio::time::timeout(pauses.next_pause(), may_open)
                    .await
                    .map_or(Ok(()), |may_open| may_open.map(|_| ()))
            }
        };
        if may_open.is_err() {
            return; // Nobody can want it any more; the last wish would otherwise stand for ever.
        }
    }
}
