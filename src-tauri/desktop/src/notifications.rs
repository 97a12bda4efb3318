//! Alarms as notifications of the desktop: the third channel, after the sound and the screens, and never the only one.
//!
//! One notification for each alarm, from its start to its end. It is updated in place when the alarm gets worse or is
//! acknowledged, not with each reading, and closed when the alarm ends. HIGH asks to stay until then.
//!
//! Spoken straight to `org.freedesktop.Notifications` over one connection that is kept: GNOME takes a notification
//! away when its sender disconnects, so a library that connects for each one loses them, and this way a service that
//! restarts, or a person who closes a notification by hand, is noticed.

mod board;
mod service;
mod words;

pub use service::NotificationFailure;

use crate::bus::{Bus, Pauses};
use board::{Board, Call};
use service::Service;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use vitals::{AlarmChange, BedId, Priority};
use words::{Notice, Words};

/// An alarm that should be seen. It names no patient: notifications are shown on locked screens too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveAlarm {
    /// The bed; `None` if the alarm is the station's own.
    pub bed: Option<BedId>,
    /// The bed's name, as on the screens; empty for the station's own alarms.
    pub bed_name: String,
    /// Whether the bed's sound is paused.
    pub audio_paused: bool,
    /// How it stands.
    pub alarm: AlarmChange,
}

/// Whether notifications reach the desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationHealth {
    /// They do.
    Works {
        /// The name of the program that shows them.
        server: String,
    },
    /// They do not. The sound and the screens go on.
    Failed {
        /// What is wrong: a sentence.
        reason: String,
        /// What a person should do: a sentence.
        remedy: String,
    },
}

impl From<NotificationFailure> for NotificationHealth {
    fn from(failure: NotificationFailure) -> Self {
        Self::Failed { reason: failure.to_string(), remedy: failure.remedy().to_owned() }
    }
}

/// Shows `alarms` on the desktop of the session this process runs in, until their sender is dropped; then closes
/// what it has shown, for a notification of a station that has stopped would be a lie.
///
/// `report` is called when the health changes. A desktop that cannot show notifications is tried again after 1 s, then
/// after ever longer pauses up to a minute. Nobody waits for this.
pub async fn run(
    alarms: watch::Receiver<Arc<Vec<ActiveAlarm>>>,
    station_name: String,
    report: impl Fn(NotificationHealth),
) {
    run_on(Bus::Session, alarms, station_name, report).await;
}

/// As [`run`], on another message bus.
pub async fn run_on(
    bus: Bus,
    mut alarms: watch::Receiver<Arc<Vec<ActiveAlarm>>>,
    station_name: String,
    report: impl Fn(NotificationHealth),
) {
    let mut told = None;
    let mut tell = |health: NotificationHealth| {
        if told.as_ref() != Some(&health) {
            told = Some(health.clone());
            report(health);
        }
    };
    let words = Words::of_station(station_name);
    let mut pauses = Pauses::default();
    loop {
        let failure = match Service::connect(&bus).await {
            Ok(service) => {
                let mut desktop = Desktop { service, board: Board::default(), words: &words };
                let keep_told = |refused: Option<NotificationFailure>, server: &str| {
                    tell(refused.map_or_else(|| NotificationHealth::Works { server: server.to_owned() }, Into::into));
                    pauses = Pauses::default();
                };
                match desktop.follow(&mut alarms, keep_told).await {
                    Ok(()) => return,
                    Err(failure) => failure,
                }
            }
            Err(failure) => failure,
        };
        tell(failure.into());
        if sender_gone_within(pauses.next_pause(), &mut alarms).await {
            return;
        }
    }
}

/// How long the connection of a passing note is kept: GNOME takes a note away with its sender.
const NOTE_LASTS: Duration = Duration::from_secs(10);

/// Shows a passing note that is no alarm, and waits until it has been seen or some 10 s have gone by.
///
/// # Errors
/// If the desktop shows no notifications.
pub async fn note(bus: &Bus, title: &str, body: &str) -> Result<(), NotificationFailure> {
    let mut service = Service::connect(bus).await?;
    let notice = Notice { title: title.to_owned(), body: body.to_owned(), priority: Priority::Medium };
    let number = service.show(notice, None).await?;
    let seen = async { while service.next_closed().await.is_ok_and(|closed| closed != number) {} };
    // Either end is fine.
    let _ = tokio::time::timeout(NOTE_LASTS, seen).await;
    Ok(())
}

/// How soon a notification that was refused is offered again. Some services refuse too many at a time.
const OFFER_AGAIN: Duration = Duration::from_secs(5);

/// A desktop that shows notifications, and those it shows for us.
struct Desktop<'a> {
    service: Service,
    board: Board,
    words: &'a Words,
}

impl Desktop<'_> {
    /// Keeps the desktop in step with the alarms; `Ok` when there will be no more of them. `in_step` is told each time
    /// how it went, with the first refusal if there was one.
    async fn follow(
        &mut self,
        alarms: &mut watch::Receiver<Arc<Vec<ActiveAlarm>>>,
        mut in_step: impl FnMut(Option<NotificationFailure>, &str),
    ) -> Result<(), NotificationFailure> {
        loop {
            let wanted = Arc::clone(&alarms.borrow_and_update());
            let refused = self.carry_out(&wanted).await?;
            let offer_again = refused.is_some();
            in_step(refused, self.service.name());
            loop {
                tokio::select! {
                    changed = alarms.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return self.carry_out(&[]).await.map(|_| ()),
                    },
                    number = self.service.next_closed() => self.board.was_closed(number?),
                    () = tokio::time::sleep(OFFER_AGAIN), if offer_again => break,
                }
            }
        }
    }

    async fn carry_out(&mut self, alarms: &[ActiveAlarm]) -> Result<Option<NotificationFailure>, NotificationFailure> {
        let mut first_refused = None;
        for call in self.board.calls(alarms) {
            match call {
                Call::Show { alarm, replaces } => {
                    let notice = self.words.notice(&alarm, self.service.understands_markup());
                    match self.service.show(notice, replaces).await {
                        Ok(number) => self.board.was_shown(alarm.alarm.id, number),
                        Err(refused @ NotificationFailure::Refused { .. }) => {
                            self.board.was_refused(alarm.alarm.id);
                            first_refused.get_or_insert(refused);
                        }
                        Err(failure) => return Err(failure),
                    }
                }
                Call::Close(number) => self.service.close(number).await?,
            }
        }
        Ok(first_refused)
    }
}

async fn sender_gone_within(pause: Duration, alarms: &mut watch::Receiver<Arc<Vec<ActiveAlarm>>>) -> bool {
    let gone = async { while alarms.changed().await.is_ok() {} };
    tokio::time::timeout(pause, gone).await.is_ok()
}
