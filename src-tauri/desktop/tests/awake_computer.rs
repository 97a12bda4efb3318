//! A computer and a desktop, each on a message bus of its own, that write down who keeps them awake.

#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod private_bus;

use desktop::{Bus, awake};
use private_bus::PrivateBus;
use std::io::{Read, pipe};
use std::os::fd::OwnedFd;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

#[derive(Debug, PartialEq)]
enum Asked {
    StayAwake(String),
    MaySleep,
    StayLit,
    MayDarken(u32),
}

struct Logind(mpsc::UnboundedSender<Asked>);

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Logind {
    fn inhibit(&self, what: &str, who: &str, _why: &str, mode: &str) -> zbus::zvariant::OwnedFd {
        let (mut held, handed_out) = pipe().unwrap();
        let tell = self.0.clone();
        tell.send(Asked::StayAwake(format!("{what} {mode} for {who}"))).unwrap();
        std::thread::spawn(move || {
            // Ends when the last one who holds the other end lets go.
            let _ = held.read(&mut [0]);
            let _ = tell.send(Asked::MaySleep);
        });
        OwnedFd::from(handed_out).into()
    }
}

struct ScreenSaver(mpsc::UnboundedSender<Asked>);

#[zbus::interface(name = "org.freedesktop.ScreenSaver")]
impl ScreenSaver {
    fn inhibit(&self, _application_name: &str, _reason_for_inhibit: &str) -> u32 {
        self.0.send(Asked::StayLit).unwrap();
        42
    }

    fn un_inhibit(&self, cookie: u32) {
        self.0.send(Asked::MayDarken(cookie)).unwrap();
    }
}

async fn logind_on(bus: &PrivateBus) -> (zbus::Connection, mpsc::UnboundedReceiver<Asked>) {
    let (tell, asked) = mpsc::unbounded_channel();
    let builder = zbus::connection::Builder::address(bus.address().as_str()).unwrap();
    let builder = builder.serve_at("/org/freedesktop/login1", Logind(tell)).unwrap();
    (builder.name("org.freedesktop.login1").unwrap().build().await.unwrap(), asked)
}

async fn screen_saver_on(bus: &PrivateBus) -> (zbus::Connection, mpsc::UnboundedReceiver<Asked>) {
    let (tell, asked) = mpsc::unbounded_channel();
    let builder = zbus::connection::Builder::address(bus.address().as_str()).unwrap();
    let builder = builder.serve_at("/org/freedesktop/ScreenSaver", ScreenSaver(tell)).unwrap();
    (builder.name("org.freedesktop.ScreenSaver").unwrap().build().await.unwrap(), asked)
}

fn keep(computer: Bus, desktop: Bus, awake: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(awake::run_on(computer, desktop, awake))
}

async fn next(asked: &mut mpsc::UnboundedReceiver<Asked>) -> Asked {
    tokio::time::timeout(Duration::from_secs(10), asked.recv()).await.expect("somebody is asked").unwrap()
}

fn nowhere() -> Bus {
    Bus::At("unix:path=/nowhere/to/be/found".into())
}

#[tokio::test]
async fn the_computer_stays_awake_while_beds_are_watched_and_no_longer() {
    let bus = PrivateBus::start();
    let (_logind, mut asked) = logind_on(&bus).await;
    let (awake, wanted) = watch::channel(false);
    let running = keep(Bus::At(bus.address()), nowhere(), wanted);
    assert!(tokio::time::timeout(Duration::from_millis(300), asked.recv()).await.is_err());
    awake.send(true).unwrap();
    assert_eq!(next(&mut asked).await, Asked::StayAwake("sleep:idle block for Oxiward".into()));
    awake.send(false).unwrap();
    assert_eq!(next(&mut asked).await, Asked::MaySleep);
    awake.send(true).unwrap();
    assert_eq!(next(&mut asked).await, Asked::StayAwake("sleep:idle block for Oxiward".into()));
    drop(awake);
    assert_eq!(next(&mut asked).await, Asked::MaySleep);
    running.await.unwrap();
}

#[tokio::test]
async fn the_screen_stays_lit_although_the_computer_cannot_be_kept_awake() {
    let bus = PrivateBus::start();
    let (_desktop, mut asked) = screen_saver_on(&bus).await;
    let (awake, wanted) = watch::channel(true);
    let running = keep(nowhere(), Bus::At(bus.address()), wanted);
    assert_eq!(next(&mut asked).await, Asked::StayLit);
    awake.send(false).unwrap();
    assert_eq!(next(&mut asked).await, Asked::MayDarken(42));
    drop(awake);
    running.await.unwrap();
}

#[tokio::test]
async fn a_desktop_that_comes_late_or_restarts_is_asked_again() {
    let bus = PrivateBus::start();
    let (_awake, wanted) = watch::channel(true);
    let _running = keep(nowhere(), Bus::At(bus.address()), wanted);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (first, mut asked) = screen_saver_on(&bus).await;
    assert_eq!(next(&mut asked).await, Asked::StayLit);
    first.close().await.unwrap();
    let (_second, mut asked) = screen_saver_on(&bus).await;
    assert_eq!(next(&mut asked).await, Asked::StayLit);
}
