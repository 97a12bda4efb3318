//! Keeps the pace, watches over the device, and reports.
//!
//! It never blocks and never opens anything itself, so that a sound server that hangs is noticed here and told.

use super::output::{Device, News, Wanted};
use super::schedule::{Schedule, Step};
use super::{Instructions, SoundFailure, SoundHealth, SoundTest, SoundTestError, synth};
use std::io;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use vitals::Priority;

/// How long the device stays open after a burst, so that its end is not cut off in the device's own buffer.
const LINGER: Duration = Duration::from_secs(2);

/// How often the device is asked how it is while it has nothing else to do. A lost or muted output is told within 5 s.
const PROBE: Duration = Duration::from_secs(4);

/// How soon a burst that could not be sounded is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// How long an answer may take. A Bluetooth speaker may need two seconds to wake up.
const ANSWER: Duration = Duration::from_secs(3);

/// How soon another device thread is started when one has ended.
const RESTART: Duration = Duration::from_secs(5);

/// Sounds what is wanted until nobody can want anything any more.
pub(super) async fn play(
    mut told: Instructions,
    mut tests: mpsc::Receiver<SoundTest>,
    start: impl Fn() -> io::Result<Device>,
    report: impl Fn(SoundHealth),
) {
    let mut player = Player::new(report);
    // Reminders of before this start were due before it.
    told.reminders.mark_unchanged();
    loop {
        player.schedule.want(*told.sounding.borrow_and_update());
        let device = match start() {
            Ok(device) => device,
            Err(error) => {
                player.failed(SoundFailure::NotRunning { cause: error.to_string() });
                if ended_within(RESTART, &mut told, &tests).await {
                    return;
                }
                continue;
            }
        };
        if player.serve(device, &mut told, &mut tests).await == Served::NobodyWants {
            return;
        }
        player.failed(SoundFailure::NotRunning { cause: "it ended by itself and is being started again".into() });
        if ended_within(RESTART, &mut told, &tests).await {
            return;
        }
    }
}

/// Waits for `pause`; whether the station let go of the sound meanwhile.
async fn ended_within(pause: Duration, told: &mut Instructions, tests: &mpsc::Receiver<SoundTest>) -> bool {
    let until = Instant::now() + pause;
    while Instant::now() < until {
        if let Ok(Err(_)) = tokio::time::timeout_at(until, told.sounding.changed()).await {
            return true;
        }
    }
    tests.is_closed()
}

#[derive(Debug, PartialEq, Eq)]
enum Served {
    NobodyWants,
    DeviceEnded,
}

/// A test under way.
struct Testing {
    done: oneshot::Sender<Result<String, SoundTestError>>,
    /// The order that started it.
    order: u64,
    until: Instant,
    /// On which device it sounds, once it does.
    begun: Option<String>,
}

/// What a device that failed while an alarm sounded must do before it is believed again. A probe alone does not clear
/// it: some outputs pass every probe and fail every burst, and the failure would come and go with each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// Open for a burst.
    Opens,
    /// Take a burst to its end.
    Takes,
}

struct Player<F> {
    start: Instant,
    schedule: Schedule,
    wanted: Wanted,
    bursts: u64,
    /// When the device may close.
    close_at: Option<Instant>,
    probe_at: Instant,
    /// When the order under way should have been answered.
    answer_by: Option<Instant>,
    test: Option<Testing>,
    /// A reminder is due.
    remind: bool,
    doubt: Option<Doubt>,
    /// The order by which the device gives up a burst that it took to its end.
    proof: Option<u64>,
    health: Option<SoundHealth>,
    report: F,
}

impl<F: Fn(SoundHealth)> Player<F> {
    fn new(report: F) -> Self {
        let start = Instant::now();
        Self {
            start,
            schedule: Schedule::default(),
            wanted: Wanted::default(),
            bursts: 0,
            close_at: None,
            probe_at: start,
            answer_by: None,
            test: None,
            remind: false,
            doubt: None,
            proof: None,
            health: None,
            report,
        }
    }

    async fn serve(
        &mut self,
        mut device: Device,
        told: &mut Instructions,
        tests: &mut mpsc::Receiver<SoundTest>,
    ) -> Served {
        loop {
            self.act();
            device.wanted.send_if_modified(|wanted| core::mem::replace(wanted, self.wanted) != self.wanted);
            tokio::select! {
                changed = told.sounding.changed() => {
                    if changed.is_err() {
                        return Served::NobodyWants;
                    }
                    self.schedule.want(*told.sounding.borrow_and_update());
                }
                // Nobody need be able to remind or to choose.
                Ok(()) = told.reminders.changed() => self.remind = true,
                Ok(()) = told.device.changed() => self.order(|_| {}),
                test = tests.recv() => match test {
                    Some(test) => self.begin(test),
                    None => return Served::NobodyWants,
                },
                news = device.news.recv() => match news {
                    Some(News::Answer { order, result }) => self.answered(order, result),
                    Some(News::Broke(failure)) => self.broke(failure),
                    None => return Served::DeviceEnded,
                },
                () = tokio::time::sleep_until(self.next_look()) => {}
            }
        }
    }

    /// Does all that is due now.
    fn act(&mut self) {
        let now = Instant::now();
        while let Some(step) = self.schedule.step(now - self.start) {
            match step {
                Step::Start(priority) => {
                    self.end_test(Err(SoundTestError::AlarmSounds));
                    self.sound(priority);
                }
                Step::Stop => {
                    self.order(|wanted| wanted.burst = None);
                    self.close_at = Some(now + LINGER);
                }
            }
        }
        if let Some(test) = &self.test
            && test.until <= now
        {
            let outcome = test.begun.clone().ok_or(SoundTestError::Failed(SoundFailure::NoAnswer));
            self.end_test(outcome);
        }
        if self.remind && self.test.is_none() {
            self.remind = false;
            // Where an alarm sounds nobody needs to be reminded that others do not.
            if !self.schedule.wants_sound() {
                self.sound(Priority::Low);
            }
        }
        if self.close_at.is_some_and(|at| at <= now) {
            self.close_at = None;
            self.order(|wanted| (wanted.burst, wanted.open) = (None, false));
            self.proof = Some(self.wanted.order);
        }
        if self.probe_at <= now {
            self.order(|_| {});
        }
        if self.answer_by.is_some_and(|at| at <= now) {
            self.answer_by = None;
            self.failed(SoundFailure::NoAnswer);
        }
    }

    fn next_look(&self) -> Instant {
        [
            self.schedule.due().map(|due| self.start + due),
            self.test.as_ref().map(|test| test.until),
            self.close_at,
            self.answer_by,
        ]
        .into_iter()
        .flatten()
        .fold(self.probe_at, Instant::min)
    }

    fn sound(&mut self, priority: Priority) {
        self.bursts += 1;
        let number = self.bursts;
        self.order(|wanted| (wanted.burst, wanted.open) = (Some((number, priority)), true));
        self.close_at = Some(Instant::now() + synth::length(priority) + LINGER);
    }

    fn order(&mut self, change: impl FnOnce(&mut Wanted)) {
        let now = Instant::now();
        change(&mut self.wanted);
        self.wanted.order += 1;
        self.probe_at = now + PROBE;
        // An order that replaces an unanswered one does not give the device more time.
        self.answer_by.get_or_insert(now + ANSWER);
    }

    fn begin(&mut self, test: SoundTest) {
        let refusal = if self.schedule.wants_sound() {
            Some(SoundTestError::AlarmSounds)
        } else {
            self.test.as_ref().map(|_| SoundTestError::TestSounds)
        };
        if let Some(refusal) = refusal {
            // Whoever asked may have gone away.
            let _ = test.done.send(Err(refusal));
            return;
        }
        self.sound(test.priority);
        let until = Instant::now() + synth::length(test.priority);
        self.test = Some(Testing { done: test.done, order: self.wanted.order, until, begun: None });
    }

    fn end_test(&mut self, outcome: Result<String, SoundTestError>) {
        if let Some(test) = self.test.take() {
            // Whoever asked may have gone away.
            let _ = test.done.send(outcome);
        }
    }

    fn answered(&mut self, order: u64, result: Result<String, SoundFailure>) {
        if order == self.wanted.order {
            self.answer_by = None;
        }
        match result {
            Ok(device) => {
                if let Some(test) = self.test.as_mut().filter(|test| test.order <= order) {
                    test.begun.get_or_insert_with(|| device.clone());
                }
                if self.believes(order) {
                    self.doubt = None;
                    self.tell(SoundHealth::Works { device });
                }
            }
            Err(failure) => self.refused(order, failure),
        }
    }

    fn believes(&self, order: u64) -> bool {
        let needed = self.schedule.wants_sound() || self.test.is_some();
        match self.doubt {
            Some(Doubt::Opens) if needed => self.wanted.open,
            Some(Doubt::Takes) if needed => self.proof == Some(order),
            _ => true,
        }
    }

    fn refused(&mut self, order: u64, failure: SoundFailure) {
        if self.test.as_ref().is_some_and(|test| test.order <= order) {
            self.end_test(Err(SoundTestError::Failed(failure.clone())));
        }
        if failure.is_silent() && self.wanted.open {
            self.doubt = Some(Doubt::Opens);
            self.try_again();
        }
        if failure == SoundFailure::Stuck {
            self.doubt = Some(Doubt::Takes);
        }
        self.failed(failure);
    }

    fn broke(&mut self, failure: SoundFailure) {
        self.end_test(Err(SoundTestError::Failed(failure.clone())));
        if self.wanted.open {
            self.try_again();
        }
        self.doubt = Some(Doubt::Takes);
        self.failed(failure);
    }

    /// Gives the device up and sounds the burst anew soon, not at its next turn.
    fn try_again(&mut self) {
        self.close_at = None;
        self.order(|wanted| (wanted.burst, wanted.open) = (None, false));
        self.schedule.was_not_heard(Instant::now() - self.start + RETRY);
    }

    fn failed(&mut self, failure: SoundFailure) {
        self.tell(failure.into());
    }

    fn tell(&mut self, health: SoundHealth) {
        if self.health.as_ref() != Some(&health) {
            self.health = Some(health.clone());
            (self.report)(health);
        }
    }
}

#[cfg(test)]
mod tests;
