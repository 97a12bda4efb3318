//! Why no sound can be made, and what to do about it.

/// Why an alarm would not be heard here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SoundFailure {
    /// The computer has no sound output at all.
    #[error("This computer has no sound output.")]
    NoDevice,
    /// There is one, and it does not open.
    #[error("The sound output cannot be opened: {cause}.")]
    CannotOpen {
        /// What the sound system said.
        cause: String,
    },
    /// It was open and stopped working.
    #[error("The sound output stopped working: {cause}.")]
    Broke {
        /// What the sound system said.
        cause: String,
    },
    /// It is open and takes no sound.
    #[error("The sound output is open but takes no sound.")]
    Stuck,
    /// The sound system does not answer at all.
    #[error("The sound system of this computer does not answer.")]
    NoAnswer,
    /// It works, and is muted.
    #[error("The sound output is muted (control \"{control}\").")]
    Muted {
        /// The control of the mixer that mutes it.
        control: String,
    },
    /// It works, and nobody will hear it.
    #[error("The sound output is turned down too far to be heard (control \"{control}\").")]
    TooQuiet {
        /// The control of the mixer that turns it down.
        control: String,
    },
    /// The thread that makes sound is not there.
    #[error("The part of the station that makes sound is not running: {cause}.")]
    NotRunning {
        /// Why.
        cause: String,
    },
}

impl SoundFailure {
    /// Whether nothing at all sounds: then the burst is worth another try at once, while a muted or quiet output goes
    /// on in its own time.
    pub(super) const fn is_silent(&self) -> bool {
        !matches!(self, Self::Muted { .. } | Self::TooQuiet { .. })
    }

    /// What a person should do about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NoDevice | Self::CannotOpen { .. } | Self::Broke { .. } | Self::Stuck => {
                "Connect and switch on a speaker, choose it as the output in the computer's sound settings, and close \
                 programs that keep it to themselves. Sound returns by itself."
            }
            Self::NoAnswer => {
                "Restart the computer's sound service or the computer. Watch the screen until sound has returned."
            }
            Self::Muted { .. } => "Switch the sound of this computer on again.",
            Self::TooQuiet { .. } => "Turn the volume of this computer up, then use the sound test.",
            Self::NotRunning { .. } => "Restart Oxiward. Watch the screen until sound has returned.",
        }
    }
}
