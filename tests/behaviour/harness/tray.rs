//! A desktop that has a tray, and nothing else: no notification can be shown on it.

use crate::private_bus::PrivateBus;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;

struct Watcher;

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, _service: &str) {}

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

pub struct TrayAlone {
    bus: PrivateBus,
    _service: Connection,
}

impl TrayAlone {
    pub fn new() -> Self {
        let bus = PrivateBus::start();
        let service = Builder::address(bus.address().as_str())
            .unwrap()
            .serve_at("/StatusNotifierWatcher", Watcher)
            .unwrap()
            .name("org.kde.StatusNotifierWatcher")
            .unwrap()
            .build()
            .unwrap();
        Self { bus, _service: service }
    }

    pub fn address(&self) -> String {
        self.bus.address()
    }
}
