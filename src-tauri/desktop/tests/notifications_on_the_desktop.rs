//! Alarms on a desktop: a private message bus, and a notification service on it that writes down what it is asked.

#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod private_bus;

use desktop::Bus;
use desktop::notifications::{self, ActiveAlarm, NotificationHealth};
use private_bus::PrivateBus;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use vitals::{Acknowledgement, AlarmChange, AlarmId, AlarmState, BedId, Condition, Priority, WallTime};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

#[derive(Debug, Clone, PartialEq)]
enum Asked {
    Notify { replaces: u32, title: String, body: String, urgency: u8, timeout: i32 },
    Close(u32),
}

/// What a desktop has: shows, numbers, forgets.
struct Desktop {
    asked: mpsc::UnboundedSender<Asked>,
    hints: Arc<Mutex<Vec<String>>>,
    last_number: u32,
    refuse: Arc<Mutex<bool>>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    #[allow(clippy::too_many_arguments, reason = "the specification's own")]
    fn notify(
        &mut self,
        app_name: &str,
        replaces_id: u32,
        _app_icon: &str,
        summary: String,
        body: String,
        _actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expire_timeout: i32,
    ) -> zbus::fdo::Result<u32> {
        assert_eq!(app_name, "Oxiward");
        if *self.refuse.lock().unwrap() {
            return Err(zbus::fdo::Error::LimitsExceeded("too many notifications".into()));
        }
        let urgency = u8::try_from(&hints["urgency"]).unwrap();
        self.hints.lock().unwrap().extend(hints.iter().map(|(name, value)| format!("{name}={value:?}")));
        let asked = Asked::Notify { replaces: replaces_id, title: summary, body, urgency, timeout: expire_timeout };
        self.asked.send(asked).unwrap();
        if replaces_id != 0 {
            return Ok(replaces_id);
        }
        self.last_number += 1;
        Ok(self.last_number)
    }

    fn close_notification(&mut self, id: u32) {
        self.asked.send(Asked::Close(id)).unwrap();
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".into(), "body-markup".into(), "persistence".into()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("test desktop".into(), "nobody".into(), "1".into(), "1.2".into())
    }

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

struct DesktopHandle {
    connection: zbus::Connection,
    asked: mpsc::UnboundedReceiver<Asked>,
    hints: Arc<Mutex<Vec<String>>>,
    refuse: Arc<Mutex<bool>>,
}

impl DesktopHandle {
    async fn on(bus: &PrivateBus) -> Self {
        let (tell, asked) = mpsc::unbounded_channel();
        let (hints, refuse) = (Arc::default(), Arc::default());
        let desktop = Desktop { asked: tell, hints: Arc::clone(&hints), last_number: 0, refuse: Arc::clone(&refuse) };
        let connection = zbus::connection::Builder::address(bus.address().as_str())
            .unwrap()
            .serve_at("/org/freedesktop/Notifications", desktop)
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { connection, asked, hints, refuse }
    }

    async fn next(&mut self) -> Asked {
        tokio::time::timeout(Duration::from_secs(10), self.asked.recv()).await.expect("the desktop is asked").unwrap()
    }

    /// Whether it stays unasked for half a second.
    async fn is_left_in_peace(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(500), self.asked.recv()).await.is_err()
    }

    /// A person closes a notification.
    async fn dismiss(&self, number: u32) {
        let emitter = SignalEmitter::new(&self.connection, "/org/freedesktop/Notifications").unwrap();
        Desktop::notification_closed(&emitter, number, 2).await.unwrap();
    }
}

struct Station {
    alarms: watch::Sender<Arc<Vec<ActiveAlarm>>>,
    health: mpsc::UnboundedReceiver<NotificationHealth>,
    running: JoinHandle<()>,
}

impl Station {
    fn start(address: String) -> Self {
        let (alarms, active) = watch::channel(Arc::default());
        let (tell, health) = mpsc::unbounded_channel();
        let report = move |health| tell.send(health).unwrap();
        let running = tokio::spawn(notifications::run_on(Bus::At(address), active, "Ward 3".into(), report));
        Self { alarms, health, running }
    }

    fn has(&self, alarms: &[ActiveAlarm]) {
        self.alarms.send_replace(Arc::new(alarms.to_vec()));
    }

    async fn told(&mut self) -> NotificationHealth {
        tokio::time::timeout(Duration::from_secs(10), self.health.recv()).await.expect("a report").unwrap()
    }
}

fn works() -> NotificationHealth {
    NotificationHealth::Works { server: "test desktop".into() }
}

fn reason(health: NotificationHealth) -> String {
    match health {
        NotificationHealth::Failed { reason, .. } => reason,
        NotificationHealth::Works { .. } => panic!("it works"),
    }
}

fn alarm(id: u64, priority: Priority, worst: u16) -> ActiveAlarm {
    ActiveAlarm {
        bed: Some(BedId::new("3").unwrap()),
        bed_name: "Bed 3".into(),
        audio_paused: false,
        alarm: AlarmChange {
            time: WallTime::from_millis(1_793_180_001_500),
            id: AlarmId(id),
            condition: Condition::Spo2Low,
            priority,
            state: AlarmState::Active,
            since: WallTime::from_millis(1_793_180_001_500),
            value: Some(worst),
            worst: Some(worst),
            limit: Some(90),
            acknowledged: None,
            message: format!("SpO2 {worst} < 90"),
        },
    }
}

/// What identifies a call in most tests: number replaced, title, urgency.
fn essence(asked: Asked) -> (u32, String, u8) {
    match asked {
        Asked::Notify { replaces, title, urgency, .. } => (replaces, title, urgency),
        Asked::Close(number) => panic!("closed {number}"),
    }
}

#[tokio::test]
async fn an_alarm_is_one_notification_that_worsens_in_place_and_goes_with_the_alarm() {
    let bus = PrivateBus::start();
    let mut desktop = DesktopHandle::on(&bus).await;
    let mut station = Station::start(bus.address());
    assert_eq!(station.told().await, works());

    station.has(&[alarm(1, Priority::Medium, 85)]);
    assert_eq!(essence(desktop.next().await), (0, "Bed 3: SpO2 85 < 90".into(), 1));

    station.has(&[alarm(1, Priority::Medium, 83)]);
    assert_eq!(essence(desktop.next().await), (1, "Bed 3: SpO2 83 < 90".into(), 1));

    station.has(&[alarm(1, Priority::High, 79)]);
    assert_eq!(essence(desktop.next().await), (1, "Bed 3: SpO2 79 < 90".into(), 2));

    let mut acknowledged = alarm(1, Priority::High, 79);
    acknowledged.alarm.acknowledged =
        Some(Acknowledgement { by: "Anna".into(), time: WallTime::from_millis(1_793_180_009_500) });
    station.has(&[acknowledged.clone()]);
    let Asked::Notify { replaces: 1, body, .. } = desktop.next().await else { panic!("shown anew in its place") };
    assert!(body.contains("Acknowledged by Anna"), "{body}");

    acknowledged.alarm.value = Some(86);
    station.has(&[acknowledged]);
    assert!(desktop.is_left_in_peace().await, "a reading is no news");

    station.has(&[]);
    assert_eq!(desktop.next().await, Asked::Close(1));
    assert!(desktop.is_left_in_peace().await);
}

#[tokio::test]
async fn high_is_critical_and_asks_to_stay_medium_is_normal_and_low_is_low() {
    let bus = PrivateBus::start();
    let mut desktop = DesktopHandle::on(&bus).await;
    let station = Station::start(bus.address());
    station.has(&[alarm(1, Priority::High, 70), alarm(2, Priority::Medium, 85), alarm(3, Priority::Low, 89)]);
    for (wanted_urgency, wanted_timeout) in [(2, 0), (1, -1), (0, -1)] {
        let Asked::Notify { urgency, timeout, .. } = desktop.next().await else { panic!("nothing to close") };
        assert_eq!((urgency, timeout), (wanted_urgency, wanted_timeout));
    }
    let hints = desktop.hints.lock().unwrap().join("\n");
    for hint in ["category=", "\"device\"", "desktop-entry=", "\"Oxiward\"", "suppress-sound="] {
        assert!(hints.contains(hint), "{hint} in {hints}");
    }
}

#[tokio::test]
async fn what_a_person_closed_comes_back_when_it_gets_worse() {
    let bus = PrivateBus::start();
    let mut desktop = DesktopHandle::on(&bus).await;
    let station = Station::start(bus.address());
    station.has(&[alarm(1, Priority::Medium, 85)]);
    assert_eq!(essence(desktop.next().await).0, 0);

    desktop.dismiss(1).await;
    assert!(desktop.is_left_in_peace().await);
    station.has(&[alarm(1, Priority::Medium, 82)]);
    assert_eq!(essence(desktop.next().await), (0, "Bed 3: SpO2 82 < 90".into(), 1));
}

#[tokio::test]
async fn a_service_that_restarts_is_shown_what_still_holds() {
    let bus = PrivateBus::start();
    let mut first = DesktopHandle::on(&bus).await;
    let mut station = Station::start(bus.address());
    assert_eq!(station.told().await, works());
    station.has(&[alarm(1, Priority::High, 70)]);
    first.next().await;

    first.connection.close().await.unwrap();
    assert_eq!(reason(station.told().await), "The program that shows notifications has ended.");
    let mut second = DesktopHandle::on(&bus).await;
    assert_eq!(essence(second.next().await), (0, "Bed 3: SpO2 70 < 90".into(), 2));
    loop {
        if station.told().await == works() {
            break;
        }
    }
}

#[tokio::test]
async fn a_service_that_comes_late_is_found_and_a_bus_without_one_is_told_in_words() {
    let bus = PrivateBus::start();
    let mut station = Station::start(bus.address());
    station.has(&[alarm(1, Priority::High, 70)]);
    let told = reason(station.told().await);
    assert!(told.starts_with("No program on this desktop shows notifications: "), "{told}");
    let mut desktop = DesktopHandle::on(&bus).await;
    assert_eq!(essence(desktop.next().await).2, 2);
    assert_eq!(station.told().await, works());
}

#[tokio::test]
async fn without_a_session_it_says_so_and_ends_when_the_station_ends() {
    let mut station = Station::start("unix:path=/nowhere/to/be/found".into());
    let told = reason(station.told().await);
    assert!(told.starts_with("There is no desktop session to show notifications in: "), "{told}");
    drop(station.alarms);
    tokio::time::timeout(Duration::from_secs(2), station.running).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn a_refused_notification_is_told_and_offered_again() {
    let bus = PrivateBus::start();
    let mut desktop = DesktopHandle::on(&bus).await;
    let mut station = Station::start(bus.address());
    assert_eq!(station.told().await, works());
    *desktop.refuse.lock().unwrap() = true;
    station.has(&[alarm(1, Priority::High, 70)]);
    assert_eq!(reason(station.told().await), "The desktop refused a notification: too many notifications.");
    *desktop.refuse.lock().unwrap() = false;
    assert_eq!(essence(desktop.next().await).0, 0);
    assert_eq!(station.told().await, works());
}

#[tokio::test]
async fn a_station_that_ends_takes_its_notifications_down() {
    let bus = PrivateBus::start();
    let mut desktop = DesktopHandle::on(&bus).await;
    let station = Station::start(bus.address());
    station.has(&[alarm(1, Priority::High, 70), alarm(2, Priority::Low, 89)]);
    desktop.next().await;
    desktop.next().await;
    drop(station.alarms);
    assert_eq!(desktop.next().await, Asked::Close(1));
    assert_eq!(desktop.next().await, Asked::Close(2));
    tokio::time::timeout(Duration::from_secs(2), station.running).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn a_passing_note_is_shown_and_forgotten_when_it_was_seen() {
    let bus = PrivateBus::start();
    let mut desktop = DesktopHandle::on(&bus).await;
    let address = Bus::At(bus.address());
    let noting = tokio::spawn(async move { notifications::note(&address, "Still here", "In the tray.").await });
    assert_eq!(essence(desktop.next().await), (0, "Still here".into(), 1));
    desktop.dismiss(1).await;
    tokio::time::timeout(Duration::from_secs(2), noting).await.expect("it was seen").unwrap().unwrap();
}
