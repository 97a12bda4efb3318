//! Which outputs the computer has, and which of them sounds.
//!
//! Somebody may have chosen one by name. While it is not to be had the computer's default output stands in for it: an
//! alarm that sounds from the wrong loudspeaker is better than one that does not sound.

use super::{SoundFailure, loudness};
use rodio::cpal::{self, traits::DeviceTrait, traits::HostTrait};
use rodio::{DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink};

/// A sound output of this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// By which it is chosen. It stays the same while the computer's sound system stays the same.
    pub name: String,
    /// What the sound system calls it for people.
    pub description: Option<String>,
}

/// Outputs that swallow what they are given. An alarm on them would be reported as heard.
const SILENT: [&str; 1] = ["null"];

/// What ALSA lists beside outputs: parts that convert, mix or record, ways past its conversions, and each speaker
/// arrangement of one card. Whoever knows one of them may name it in the settings all the same.
const NOT_OFFERED: [&str; 15] = [
    "hw",
    "dmix",
    "dsnoop",
    "front",
    "rear",
    "center_lfe",
    "side",
    "usbstream",
    "lavrate",
    "samplerate",
    "speexrate",
    "speex",
    "upmix",
    "vdownmix",
    "oss",
];

/// The outputs that can be chosen. Asks the sound system, which may take its time; opens nothing.
///
/// # Errors
/// If the sound system does not list them.
pub fn outputs() -> Result<Vec<Output>, SoundFailure> {
    let complaints = loudness::Complaints::collect();
    let devices = all().map_err(|trouble| trouble.explain(complaints.last()))?;
    let mut outputs: Vec<Output> = Vec::new();
    for device in devices {
        let Some(name) = name(&device).filter(|name| is_offered(name)) else { continue };
        if outputs.iter().all(|output| output.name != name) {
            let description = device.description().ok().map(|text| text.name().to_owned());
            outputs.push(Output { description: description.filter(|text| *text != name), name });
        }
    }
    Ok(outputs)
}

fn is_offered(name: &str) -> bool {
    let (kind, rest) = name.split_once(':').unwrap_or((name, ""));
    // A card's number changes with what else is plugged in; each card is listed by its name too.
    let by_number =
        rest.strip_prefix("CARD=").is_some_and(|card| card.starts_with(|first: char| first.is_ascii_digit()));
    !by_number && !kind.starts_with("surround") && !SILENT.contains(&kind) && !NOT_OFFERED.contains(&kind)
}

fn all() -> Result<impl Iterator<Item = cpal::Device>, Trouble> {
    cpal::default_host().output_devices().map_err(Trouble::List)
}

fn name(device: &cpal::Device) -> Option<String> {
    device.id().ok().map(|id| id.id().to_owned())
}

/// Whether an output of that name is there. Does not open it: one that is open already may not open twice.
pub(super) fn find(wanted: &str) -> Result<cpal::Device, Trouble> {
    if SILENT.contains(&wanted) {
        return Err(Trouble::NotThere);
    }
    all()?.find(|device| name(device).as_deref() == Some(wanted)).ok_or(Trouble::NotThere)
}

/// Asks an output, or the computer's default, for its format. That opens and closes the device without handing it a
/// sample, so it is also the probe that makes no noise.
pub(super) fn ask(wanted: Option<&str>) -> Result<DeviceSinkBuilder, Trouble> {
    let device = match wanted {
        Some(wanted) => find(wanted)?,
        None => cpal::default_host().default_output_device().ok_or(Trouble::None)?,
    };
    let format = device.default_output_config().map_err(Trouble::Format)?;
    // The builder would panic on such a device.
    if format.channels() == 0 || format.sample_rate() == 0 {
        return Err(Trouble::None);
    }
    DeviceSinkBuilder::from_device(device).map_err(Trouble::Open)
}

/// Opens an output, or the computer's default, and none other in its place. A second-best device might be a screen
/// without speakers, and would be reported as working.
pub(super) fn open(
    wanted: Option<&str>,
    failed: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<MixerDeviceSink, Trouble> {
    let mut sink = ask(wanted)?.with_error_callback(failed).open_stream().map_err(Trouble::Open)?;
    sink.log_on_drop(false);
    Ok(sink)
}

/// Why the device is not to be had, before it is put into words.
pub(super) enum Trouble {
    None,
    NotThere,
    List(cpal::Error),
    Format(cpal::Error),
    Open(DeviceSinkError),
}

impl Trouble {
    /// What the sound library complained of says more than the code it returned.
    pub(super) fn explain(self, complaint: Option<String>) -> SoundFailure {
        let said = match &self {
            Self::None | Self::NotThere | Self::Open(DeviceSinkError::NoDevice) => return SoundFailure::NoDevice,
            Self::List(error) | Self::Format(error) => error.to_string(),
            Self::Open(error) => {
                core::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
            }
        };
        let said = said.trim_end_matches('.');
        let cause = complaint.map_or_else(|| said.to_owned(), |complaint| format!("{said} ({complaint})"));
        SoundFailure::CannotOpen { cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_that_swallows_its_sound_is_neither_offered_nor_found() {
        assert!(!is_offered("null"));
        assert!(matches!(find("null"), Err(Trouble::NotThere)));
    }

    #[test]
    fn cards_are_offered_by_the_name_that_stays_when_another_is_plugged_in() {
        for name in ["default", "sysdefault:CARD=Device", "plughw:CARD=Device,DEV=0", "hdmi:CARD=PCH,DEV=0", "pipewire"]
        {
            assert!(is_offered(name), "{name}");
        }
        for name in ["plughw:CARD=1,DEV=0", "hw:CARD=Device,DEV=0", "surround51:CARD=PCH,DEV=0", "dmix:CARD=PCH,DEV=0"]
        {
            assert!(!is_offered(name), "{name}");
        }
    }
}
