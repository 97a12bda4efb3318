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
    /// The output that somebody chose is not to be had.
    #[error("The chosen sound output \"{chosen}\" {}. {}", absence(.why), stand_in(.instead))]
    ChosenLost {
        /// Its name.
        chosen: String,
        /// What is wrong with it.
        why: Box<SoundFailure>,
        /// The output that sounds in its place, or why none does.
        instead: Result<String, Box<SoundFailure>>,
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
        match self {
            Self::Muted { .. } | Self::TooQuiet { .. } | Self::ChosenLost { instead: Ok(_), .. } => false,
            Self::ChosenLost { instead: Err(failure), .. } => failure.is_silent(),
            _ => true,
        }
    }

    /// The chosen output is not to be had, and this became of the default.
    pub(super) fn lost(chosen: &str, why: Self, instead: Result<String, Self>) -> Self {
        Self::ChosenLost { chosen: chosen.to_owned(), why: Box::new(why), instead: instead.map_err(Box::new) }
    }

    /// The output that sounds alarms all the same.
    pub(super) fn sounds_on(&self) -> Option<&str> {
        match self {
            Self::ChosenLost { instead: Ok(device), .. } => Some(device),
            _ => None,
        }
    }

    /// What a person should do about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NoDevice | Self::CannotOpen { .. } | Self::Broke { .. } | Self::Stuck => {
                "Connect and switch on a speaker, choose it as the output in the computer's sound settings, and close \
                 programs that keep it to themselves. Sound returns by itself."
            }
            Self::ChosenLost { .. } => {
                "Connect the chosen output and switch it on, or choose another in Oxiward. It is used again by itself."
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

fn absence(why: &SoundFailure) -> String {
    match why {
        SoundFailure::CannotOpen { cause } => format!("cannot be opened: {cause}"),
        _ => "is not there".to_owned(),
    }
}

fn stand_in(instead: &Result<String, Box<SoundFailure>>) -> String {
    match instead {
        Ok(device) => format!("Alarms sound on {device} meanwhile."),
        Err(failure) => format!("No other output stands in for it: {failure}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_choice_is_named_together_with_what_sounds_in_its_place() {
        let lost = SoundFailure::lost("usb", SoundFailure::NoDevice, Ok("HDA Intel".into()));
        assert_eq!(
            lost.to_string(),
            "The chosen sound output \"usb\" is not there. Alarms sound on HDA Intel meanwhile."
        );
        assert_eq!(lost.sounds_on(), Some("HDA Intel"));
        assert!(!lost.is_silent());
    }

    #[test]
    fn a_lost_choice_without_a_stand_in_is_silence_unless_the_default_is_only_muted() {
        let busy = || SoundFailure::CannotOpen { cause: "it is busy".into() };
        let lost = SoundFailure::lost("usb", busy(), Err(SoundFailure::NoDevice));
        let said = "The chosen sound output \"usb\" cannot be opened: it is busy. \
                    No other output stands in for it: This computer has no sound output.";
        assert_eq!(lost.to_string(), said);
        assert!(lost.is_silent());
        let muted = SoundFailure::Muted { control: "Master".into() };
        assert!(!SoundFailure::lost("usb", busy(), Err(muted)).is_silent());
    }
}
