//! The alarm sound of the station's own computer, as far as the server passes it on. It makes none itself: whoever starts
//! the server hands it a [`Sound`].

use serde::Serialize;
use station::{Answer, Refusal};
use std::fmt::Debug;
use std::pin::Pin;
use tokio::sync::mpsc;
use vitals::Priority;

/// What is answered later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A sound output that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SoundOutput {
    /// By which it is chosen.
    pub name: String,
    /// What it is called for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// How the sound stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SoundState {
    /// Whether this computer is to sound alarms at all.
    pub enabled: bool,
    /// The output that was chosen; `None` is the computer's default.
    pub device: Option<String>,
    /// Whether an alarm would be heard where it should be.
    pub works: bool,
    /// Why not, and what to do about it.
    pub message: Option<String>,
    /// The output on which an alarm would sound now.
    pub playing_on: Option<String>,
    /// What there is to choose from.
    pub devices: Vec<SoundOutput>,
}

/// See the module.
pub trait Sound: Debug + Send + Sync {
    /// Whether this computer is to sound alarms at all.
    fn is_enabled(&self) -> bool;

    /// How it stands.
    fn look(&self) -> Later<'_, SoundState>;

    /// Sounds on another output from now on; with `None` on the one that the settings file names, or else the
    /// computer's default. Returns the one that is chosen now.
    ///
    /// The future's error: there is no such output, or the choice cannot be kept.
    fn choose<'a>(&'a self, device: Option<String>, by: &'a str) -> Later<'a, Result<Option<String>, Refusal>>;

    /// Sounds one burst. The answers come as a bed's do.
    ///
    /// # Errors
    /// If an alarm or another test sounds, or this computer is to sound none.
    fn test(&self, priority: Priority, by: &str) -> Result<mpsc::Receiver<Answer>, Refusal>;
}

/// A station that sounds no alarms.
#[derive(Debug, Clone, Copy)]
pub struct NoSound;

impl NoSound {
    /// What it says of itself.
    pub const MESSAGE: &str = "This computer sounds no alarms: its settings say so.";
}

impl Sound for NoSound {
    fn is_enabled(&self) -> bool {
        false
    }

    fn look(&self) -> Later<'_, SoundState> {
        Box::pin(async { SoundState { message: Some(Self::MESSAGE.to_owned()), ..SoundState::default() } })
    }

    fn choose<'a>(&'a self, _: Option<String>, _: &'a str) -> Later<'a, Result<Option<String>, Refusal>> {
        Box::pin(async { Err(Refusal::new("sound_disabled", Self::MESSAGE)) })
    }

    fn test(&self, _: Priority, _: &str) -> Result<mpsc::Receiver<Answer>, Refusal> {
        Err(Refusal::new("sound_disabled", Self::MESSAGE))
    }
}
