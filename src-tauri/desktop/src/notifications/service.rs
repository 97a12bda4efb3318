//! The desktop's notification service, as the Desktop Notifications Specification 1.2 has it.

use super::words::Notice;
use crate::bus::{Bus, cause};
use std::collections::HashMap;
use tokio_stream::StreamExt;
use vitals::Priority;
use zbus::zvariant::Value;

/// The name under which the desktop knows the program: that of its `.desktop` file, and of its icon.
const DESKTOP_ENTRY: &str = "Oxiward";
const ICON: &str = "oxiward";

/// Why notifications do not reach the desktop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotificationFailure {
    /// Nobody is logged in to a desktop, or not in this session.
    #[error("There is no desktop session to show notifications in: {cause}.")]
    NoSession {
        /// What the bus said.
        cause: String,
    },
    /// There is a desktop, and nothing on it shows notifications.
    #[error("No program on this desktop shows notifications: {cause}.")]
    NoService {
        /// What the bus said.
        cause: String,
    },
    /// The service did not take a notification.
    #[error("The desktop refused a notification: {cause}.")]
    Refused {
        /// What the service said.
        cause: String,
    },
    /// The service does not answer.
    #[error("The program that shows notifications does not answer: {cause}.")]
    NoAnswer {
        /// What the bus said.
        cause: String,
    },
    /// The service has ended; what it showed is gone.
    #[error("The program that shows notifications has ended.")]
    Ended,
}

impl NotificationFailure {
    /// What a person should do about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NoSession { .. } => {
                "Start Oxiward from the desktop of the person who watches. A station that runs as a service shows its \
                 alarms in browsers and by sound alone."
            }
            Self::NoService { .. } | Self::NoAnswer { .. } | Self::Ended | Self::Refused { .. } => {
                "Switch notifications on in the desktop's settings, or install a notification service. They return by \
                 themselves."
            }
        }
    }
}

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait Notifications {
    #[expect(clippy::too_many_arguments, reason = "the specification's own")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    /// Name, vendor, version, version of the specification.
    fn get_server_information(&self) -> zbus::Result<(String, String, String, String)>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// A notification service that answers.
pub(super) struct Service {
    proxy: NotificationsProxy<'static>,
    closed: NotificationClosedStream,
    owner: zbus::proxy::OwnerChangedStream<'static>,
    name: String,
    markup: bool,
}

impl Service {
    pub(super) async fn connect(bus: &Bus) -> Result<Self, NotificationFailure> {
        let no_session = |error: zbus::Error| NotificationFailure::NoSession { cause: cause(&error) };
        let no_service = |error: zbus::Error| NotificationFailure::NoService { cause: cause(&error) };
        let connection = bus.connect().await.map_err(no_session)?;
        let proxy = NotificationsProxy::new(&connection).await.map_err(no_session)?;
        // Asking starts the service where the desktop starts it on demand.
        let (name, ..) = proxy.get_server_information().await.map_err(no_service)?;
        let markup = proxy.get_capabilities().await.map_err(no_service)?.iter().any(|word| word == "body-markup");
        let closed = proxy.receive_notification_closed().await.map_err(no_service)?;
        let owner = proxy.inner().receive_owner_changed().await.map_err(no_service)?;
        Ok(Self { proxy, closed, owner, name, markup })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn understands_markup(&self) -> bool {
        self.markup
    }

    /// Shows `notice`; its number.
    pub(super) async fn show(&self, notice: Notice, replaces: Option<u32>) -> Result<u32, NotificationFailure> {
        let (urgency, timeout) = match notice.priority {
            Priority::Low => (0_u8, SERVICE_DECIDES),
            Priority::Medium => (1, SERVICE_DECIDES),
            Priority::High => (2, NEVER),
        };
        let hints = HashMap::from([
            ("urgency", Value::from(urgency)),
            ("category", Value::from("device")),
            ("desktop-entry", Value::from(DESKTOP_ENTRY)),
            // The alarm sound is the station's own; a desktop's "ding" would blur it.
            ("suppress-sound", Value::from(true)),
        ]);
        let Notice { title, body, .. } = &notice;
        self.proxy.notify("Oxiward", replaces.unwrap_or(0), ICON, title, body, &[], hints, timeout).await.map_err(
            |error| {
                let cause = cause(&error);
                if is_refusal(&error) {
                    NotificationFailure::Refused { cause }
                } else {
                    NotificationFailure::NoAnswer { cause }
                }
            },
        )
    }

    pub(super) async fn close(&self, number: u32) -> Result<(), NotificationFailure> {
        match self.proxy.close_notification(number).await {
            // A service may call it an error that the notification is already gone.
            Err(error) if !is_refusal(&error) => Err(NotificationFailure::NoAnswer { cause: cause(&error) }),
            _ => Ok(()),
        }
    }

    /// Waits until a notification hangs no more; its number.
    pub(super) async fn next_closed(&mut self) -> Result<u32, NotificationFailure> {
        loop {
            tokio::select! {
                closed = self.closed.next() => {
                    let signal = closed.ok_or(NotificationFailure::Ended)?;
                    if let Ok(closed) = signal.args() {
                        return Ok(closed.id);
                    }
                }
                _ = self.owner.next() => return Err(NotificationFailure::Ended),
            }
        }
    }
}

/// Whether the service itself said no, and not the bus in its place.
fn is_refusal(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::MethodError(name, ..) if !name.starts_with("org.freedesktop.DBus.Error.")
        || name.ends_with(".Failed") || name.ends_with(".LimitsExceeded") || name.ends_with(".InvalidArgs"))
}

const SERVICE_DECIDES: i32 = -1;
const NEVER: i32 = 0;
