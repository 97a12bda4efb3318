//! The alarm sound: made here, in the process, so that it goes on when the window hides, hangs or crashes.
//!
//! [`run`] starts a thread that sounds the highest priority it is told and reports, on change, whether it would be
//! heard. What sounds is [`burst`]; when it sounds is the table in [`repeat`].
//!
//! The device is open only while a burst sounds and two seconds after: an open stream costs processor time all day,
//! keeps a Bluetooth speaker awake, and does not follow when another output is chosen.

mod devices;
mod failure;
mod loudness;
mod output;
mod player;
mod schedule;
mod synth;

pub use devices::{Output, outputs};
pub use failure::SoundFailure;
pub use schedule::repeat;
pub use synth::{burst, length};

use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot, watch};
use vitals::Priority;

/// Whether an alarm would be heard on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SoundHealth {
    /// It would.
    Works {
        /// The output, as the computer names it.
        device: String,
    },
    /// It would not. Monitoring goes on; this is the cause of a `sound_failed` alarm.
    Failed {
        /// What is wrong: a sentence.
        reason: String,
        /// What a person should do: a sentence.
        remedy: String,
        /// The output that sounds all the same, in place of the one that was chosen.
        instead: Option<String>,
    },
}

impl From<SoundFailure> for SoundHealth {
    fn from(failure: SoundFailure) -> Self {
        Self::Failed {
            reason: failure.to_string(),
            remedy: failure.remedy().to_owned(),
            instead: failure.sounds_on().map(str::to_owned),
        }
    }
}

/// What the sound is told, as long as it runs.
#[derive(Debug)]
pub struct Instructions {
    /// The highest priority that should be heard; `None` is silence. When its sender is dropped the sound ends.
    pub sounding: watch::Receiver<Option<Priority>>,
    /// With each change one LOW burst reminds people that something is turned off; not while an alarm sounds.
    pub reminders: watch::Receiver<u64>,
    /// The output to sound on, by its [name](Output::name); `None` is the computer's default. While the one chosen is not
    /// to be had the default stands in for it, and the health is [`SoundHealth::Failed`].
    pub device: watch::Receiver<Option<String>>,
}

/// How to sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoundOptions {
    /// The peak of a burst, 0 to 1 of what the output can carry; the computer's volume comes on top. Values below
    /// [`SoundOptions::LEAST_LEVEL`] are raised to it: an alarm cannot be turned off here.
    pub level: f32,
}

impl SoundOptions {
    /// 14 dB below full scale.
    pub const LEAST_LEVEL: f32 = 0.2;
}

impl Default for SoundOptions {
    fn default() -> Self {
        Self { level: 0.8 }
    }
}

/// Why a sound test was not carried out, or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SoundTestError {
    /// An alarm is sounding.
    #[error("An alarm is sounding, and that is test enough. Try again when it has ended.")]
    AlarmSounds,
    /// Another test is under way.
    #[error("Another sound test is sounding. Try again when it has ended.")]
    TestSounds,
    /// It was not heard to its end.
    #[error("The test sound failed. {0} {remedy}", remedy = .0.remedy())]
    Failed(SoundFailure),
}

/// The thread that makes the alarm sound. It ends when this is dropped, or when nobody can tell it anything any more.
#[derive(Debug)]
pub struct SoundThread {
    tests: mpsc::Sender<SoundTest>,
    thread: JoinHandle<()>,
}

/// A burst to sound once, and whom to tell how it went.
#[derive(Debug)]
struct SoundTest {
    priority: Priority,
    done: oneshot::Sender<Result<String, SoundTestError>>,
}

/// Asks for tests of the sound. It does not keep the sound running.
#[derive(Debug, Clone)]
pub struct SoundTester(mpsc::WeakSender<SoundTest>);

impl SoundTester {
    /// Sounds one burst of `priority` through the very path an alarm takes; returns when it has ended, with the name of
    /// the output.
    ///
    /// # Errors
    /// If an alarm or another test sounds, an alarm begins to sound in the middle, or the burst is not heard where it
    /// should be.
    pub async fn test(&self, priority: Priority) -> Result<String, SoundTestError> {
        let gone = || SoundTestError::Failed(SoundFailure::NotRunning { cause: "it has ended".into() });
        let (done, outcome) = oneshot::channel();
        // Held no longer than it takes to ask: the thread ends when nobody holds it.
        let asked = self.0.upgrade().ok_or_else(gone)?.send(SoundTest { priority, done }).await;
        asked.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

impl SoundThread {
    /// What asks for tests.
    #[must_use]
    pub fn tester(&self) -> SoundTester {
        SoundTester(self.tests.downgrade())
    }

    /// Falls silent and waits until the thread has ended, which takes no longer than it takes to tell it.
    pub fn stop(self) {
        drop(self.tests);
        // A thread that panicked told nobody; at the end of the station nobody needs to know.
        let _ = self.thread.join();
    }
}

/// Sounds what it is told until nobody can tell it anything any more.
///
/// `report` is called on the sound thread: first when the output was tried for the first time, then whenever its
/// health changes, some 4 s at most after a device is lost, muted or returns.
///
/// # Errors
/// If the computer starts no more threads. There is no sound then, and `report` is never called.
pub fn run(
    told: Instructions,
    report: impl Fn(SoundHealth) + Send + 'static,
    options: SoundOptions,
) -> Result<SoundThread, SoundFailure> {
    let not_running = |error: std::io::Error| SoundFailure::NotRunning { cause: error.to_string() };
    let level = options.level.clamp(SoundOptions::LEAST_LEVEL, 1.0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(not_running)?;
    let (tests, requested) = mpsc::channel(1);
    let chosen = told.device.clone();
    let device = move || output::start(level, chosen.clone());
    let play = move || runtime.block_on(player::play(told, requested, device, report));
    let thread = std::thread::Builder::new().name("sound".into()).spawn(play).map_err(not_running)?;
    Ok(SoundThread { tests, thread })
}
