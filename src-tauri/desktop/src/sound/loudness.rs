//! Whether the open output would be heard: the mute switch and the volume of the computer's own mixer.
//!
//! A muted computer is the most common way to lose an alarm, and no sound library notices it.

use super::SoundFailure;

/// Softer than this against the loudest setting counts as turned off, dB.
const FLOOR_DB: f32 = -40.0;

/// The same where the mixer knows no dB: the share of its range.
const FLOOR_SHARE: f32 = 0.1;

/// One control of the mixer as it stands.
#[derive(Debug, Clone, PartialEq)]
struct Control {
    name: String,
    muted: bool,
    volume: Option<Volume>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Volume {
    /// Against the loudest setting, dB: 0 or less.
    Decibels(f32),
    /// 0 to 1 of the control's range.
    Share(f32),
}

impl Control {
    fn judge(&self) -> Result<(), SoundFailure> {
        let control = self.name.clone();
        if self.muted {
            return Err(SoundFailure::Muted { control });
        }
        match self.volume {
            Some(Volume::Decibels(db)) if db < FLOOR_DB => Err(SoundFailure::TooQuiet { control }),
            Some(Volume::Share(share)) if share < FLOOR_SHARE => Err(SoundFailure::TooQuiet { control }),
            _ => Ok(()),
        }
    }
}

#[cfg(target_os = "linux")]
pub(super) use linux::{Complaints, check};

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::{Complaints, check};

#[cfg(target_os = "linux")]
mod linux {
    use super::{Control, SoundFailure, Volume};
    use alsa::mixer::{Mixer, Selem, SelemChannelId, SelemId};
    use std::cell::RefCell;
    use std::rc::Rc;

    const DEFAULT: &str = "default";

    /// Where a card or a sound server puts the control that governs everything, best first.
    const GOVERNING: [&str; 3] = ["Master", "PCM", "Speaker"];

    /// The name of the output, if it can be heard; `None` is the default, which is named after its card.
    ///
    /// An output without a mixer (a network sink, an HDMI screen) is taken to be heard: nobody can know better.
    pub(in super::super) fn check(output: Option<&str>) -> Result<String, SoundFailure> {
        let mixer = output.map_or_else(|| DEFAULT.to_owned(), mixer_of);
        if let Some(control) = Mixer::new(&mixer, true).ok().as_ref().and_then(governing_control) {
            control.judge()?;
        }
        let name = output.map(str::to_owned).or_else(card_of_default);
        Ok(name.unwrap_or_else(|| "the default sound output".to_owned()))
    }

    /// An output on a card has that card's mixer; a sound server's is called like its output.
    pub(super) fn mixer_of(output: &str) -> String {
        let card = output.split_once("CARD=").and_then(|(_, rest)| rest.split(',').next());
        card.map_or_else(|| output.to_owned(), |card| format!("hw:CARD={card}"))
    }

    fn card_of_default() -> Option<String> {
        let card = alsa::Ctl::new(DEFAULT, true).and_then(|control| control.card_info()).ok()?;
        card.get_name().ok().map(str::to_owned).filter(|name| !name.is_empty())
    }

    fn governing_control(mixer: &Mixer) -> Option<Control> {
        GOVERNING.into_iter().find_map(|name| {
            let control = mixer.find_selem(&SelemId::new(name, 0))?;
            control.can_playback().then(|| Control {
                name: name.to_owned(),
                muted: control.has_playback_switch()
                    && channels(&control).all(|channel| control.get_playback_switch(channel) == Ok(0)),
                volume: volume(&control),
            })
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "mixer ranges are small")]
    fn volume(control: &Selem<'_>) -> Option<Volume> {
        if !control.has_playback_volume() {
            return None;
        }
        let (lowest, highest) = control.get_playback_volume_range();
        let set = channels(control).filter_map(|channel| control.get_playback_volume(channel).ok()).max()?;
        match (control.ask_playback_vol_db(set), control.ask_playback_vol_db(highest)) {
            (Ok(now), Ok(loudest)) if now != loudest => Some(Volume::Decibels(now.to_db() - loudest.to_db())),
            _ if highest > lowest => Some(Volume::Share((set - lowest) as f32 / (highest - lowest) as f32)),
            _ => None,
        }
    }

    fn channels<'a>(control: &'a Selem<'_>) -> impl Iterator<Item = SelemChannelId> + 'a {
        SelemChannelId::all().iter().copied().filter(|channel| control.has_playback_channel(*channel))
    }

    /// What the sound library would otherwise write to standard error in the middle of the log.
    pub(in super::super) struct Complaints(Option<Rc<RefCell<alsa::Output>>>);

    impl Complaints {
        /// Collects the library's complaints on this thread from now on.
        pub(in super::super) fn collect() -> Self {
            Self(alsa::Output::local_error_handler().ok())
        }

        /// What was complained of last.
        pub(in super::super) fn last(&self) -> Option<String> {
            let text = self.0.as_ref()?.borrow().to_string();
            let line = text.lines().rfind(|line| !line.trim().is_empty())?;
            Some(line.trim().trim_end_matches('.').to_owned())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::SoundFailure;

    /// Only ALSA's mixer is asked as yet; elsewhere an output that opens is taken to be heard.
    pub(in super::super) fn check(output: Option<&str>) -> Result<String, SoundFailure> {
        Ok(output.unwrap_or("the default sound output").to_owned())
    }

    /// Only ALSA complains to standard error.
    pub(in super::super) struct Complaints;

    impl Complaints {
        pub(in super::super) fn collect() -> Self {
            Self
        }

        pub(in super::super) fn last(&self) -> Option<String> {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(muted: bool, volume: Option<Volume>) -> Control {
        Control { name: "Master".into(), muted, volume }
    }

    #[test]
    fn a_muted_output_is_a_failure_however_loud_it_is_set() {
        let failure = control(true, Some(Volume::Decibels(0.0))).judge();
        assert_eq!(failure, Err(SoundFailure::Muted { control: "Master".into() }));
    }

    #[test]
    fn an_output_turned_down_below_the_floor_is_a_failure() {
        let too_quiet = Err(SoundFailure::TooQuiet { control: "Master".into() });
        assert_eq!(control(false, Some(Volume::Decibels(-40.5))).judge(), too_quiet);
        assert_eq!(control(false, Some(Volume::Share(0.05))).judge(), too_quiet);
        assert_eq!(control(false, Some(Volume::Decibels(-39.5))).judge(), Ok(()));
        assert_eq!(control(false, Some(Volume::Share(0.15))).judge(), Ok(()));
    }

    #[test]
    fn an_output_without_a_volume_is_taken_to_be_heard() {
        assert_eq!(control(false, None).judge(), Ok(()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_mixer_of_an_output_is_its_card_s() {
        assert_eq!(linux::mixer_of("plughw:CARD=Device,DEV=0"), "hw:CARD=Device");
        assert_eq!(linux::mixer_of("sysdefault:CARD=PCH"), "hw:CARD=PCH");
        assert_eq!(linux::mixer_of("pipewire"), "pipewire");
    }
}
