//! A desktop's notification service on a message bus of the test's own, which writes down what it is asked.

use crate::private_bus::PrivateBus;
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::zvariant::OwnedValue;

/// What the service was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// `number` is the notification's: that which is replaced, or a new one.
    Notify {
        number: u32,
        replaces: u32,
        title: String,
        body: String,
        urgency: u8,
    },
    Close(u32),
}

struct Service {
    tell: Sender<(Instant, Asked)>,
    last_number: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[allow(clippy::too_many_arguments, reason = "the specification's own")]
    fn notify(
        &mut self,
        _app_name: &str,
        replaces_id: u32,
        _app_icon: &str,
        summary: String,
        body: String,
        _actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let urgency = hints.get("urgency").and_then(|value| u8::try_from(value).ok()).unwrap_or(1);
        let number = if replaces_id == 0 {
            self.last_number += 1;
            self.last_number
        } else {
            replaces_id
        };
        let asked = Asked::Notify { number, replaces: replaces_id, title: summary, body, urgency };
        let _ = self.tell.send((Instant::now(), asked));
        number
    }

    fn close_notification(&mut self, id: u32) {
        let _ = self.tell.send((Instant::now(), Asked::Close(id)));
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".into(), "persistence".into()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("test desktop".into(), "nobody".into(), "1".into(), "1.2".into())
    }
}

/// A tray that takes every icon, so that a window can be hidden.
#[cfg(feature = "desktop")]
struct Tray;

#[cfg(feature = "desktop")]
#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Tray {
    fn register_status_notifier_item(&self, _service: &str) {}

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// The bus, and the service on it.
pub struct Desktop {
    bus: PrivateBus,
    asked: Receiver<(Instant, Asked)>,
    #[cfg_attr(not(feature = "desktop"), expect(dead_code, reason = "held so that the service answers"))]
    service: Connection,
}

impl Desktop {
    pub fn new() -> Self {
        let bus = PrivateBus::start();
        let (tell, asked) = channel();
        let service = Builder::address(bus.address().as_str())
            .unwrap()
            .serve_at("/org/freedesktop/Notifications", Service { tell, last_number: 0 })
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .build()
            .unwrap();
        Self { bus, asked, service }
    }

    /// Gives the desktop a tray.
    #[cfg(feature = "desktop")]
    pub fn with_tray(self) -> Self {
        self.service.object_server().at("/StatusNotifierWatcher", Tray).unwrap();
        self.service.request_name("org.kde.StatusNotifierWatcher").unwrap();
        self
    }

    pub fn address(&self) -> String {
        self.bus.address()
    }

    /// What it is asked next, and when.
    #[track_caller]
    pub fn next_within(&self, span: Duration, what: &str) -> (Instant, Asked) {
        self.asked.recv_timeout(span).unwrap_or_else(|_| panic!("the desktop was not asked within {span:?}: {what}"))
    }

    /// Everything it is asked in a while.
    pub fn asked_for(&self, span: Duration) -> Vec<Asked> {
        let deadline = Instant::now() + span;
        std::iter::from_fn(|| self.asked.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok())
            .map(|(_, asked)| asked)
            .collect()
    }
}
