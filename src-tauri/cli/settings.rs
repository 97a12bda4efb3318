//! `oxiward.toml`: the settings of this computer (`docs/ref/configuration.md`). All keys are optional.

mod alarms;

use super::Failure;
use alarms::Alarms;
use record::Role;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::Path;

/// The settings of this computer. What staff change lives in the database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// The name of the station, for people. `None`: `Oxiward`.
    pub(crate) name: Option<String>,
    /// See `--local`.
    pub(crate) local: Option<SocketAddr>,
    /// See `--lan`; `"off"` is `--no-lan`.
    pub(crate) lan: Option<Lan>,
    /// Names of this computer beside its host name.
    pub(crate) names: Vec<String>,
    /// See `--no-discover`.
    pub(crate) discover: Option<bool>,
    pub(crate) alarms: Alarms,
    pub(crate) retention: Retention,
    pub(crate) sound: Sound,
    pub(crate) notifications: Notifications,
    pub(crate) window: Window,
}

/// An address, or off.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Lan {
    Address(SocketAddr),
    Off(Off),
}

/// The word `off`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Off {
    Off,
}

/// How long things are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Retention {
    /// Days for readings, alarms and events; 0 is for ever.
    pub(crate) readings_days: u32,
    /// Days for waves; 0 is for ever.
    pub(crate) waves_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { readings_days: 0, waves_days: 30 }
    }
}

/// The alarm sound of this computer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sound {
    /// Whether this computer sounds alarms. Off is written into the record at each start.
    pub(crate) enabled: bool,
    /// The output to sound on until an admin chooses another. `None`: the computer's default.
    pub(crate) device: Option<String>,
}

impl Default for Sound {
    fn default() -> Self {
        Self { enabled: true, device: None }
    }
}

/// The notifications of this computer's desktop.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Notifications {
    /// Whether alarms are shown as notifications.
    pub(crate) enabled: bool,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// The window.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Window {
    /// What may be done at the window by whoever sits there.
    pub(crate) role: Role,
    /// Whether it comes forward when a new HIGH alarm begins.
    pub(crate) forward_on_high: bool,
}

impl Default for Window {
    fn default() -> Self {
        Self { role: Role::Nurse, forward_on_high: false }
    }
}

impl Settings {
    /// Reads a file. What is wrong in it is named, and nothing of it is used.
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::failed(format!("The settings {} cannot be read: {error}.", file.display())))?;
        let settings: Self = toml::from_str(&text).map_err(|error| {
            Failure::usage(format!(
                "The settings {} are not understood. {}",
                file.display(),
                error.to_string().trim_end()
            ))
        })?;
        if let Err(wrong) = settings.alarms.rules() {
            return Err(Failure::usage(format!("The settings {} cannot be in force. {wrong}", file.display())));
        }
        match settings.local {
            Some(local) if !local.ip().is_loopback() => Err(Failure::usage(format!(
                "The settings {} name {local} as `local`; plain HTTP is for loopback addresses only.",
                file.display()
            ))),
            _ => Ok(settings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, Failure> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Settings::read(file.path())
    }

    #[test]
    fn the_example_of_the_reference_is_understood() {
        let example = include_str!("../../docs/ref/oxiward.example.toml");
        let uncommented: String = example
            .lines()
            .filter_map(|line| line.strip_prefix("#: ").or(Some(line)).filter(|line| !line.starts_with('#')))
            .flat_map(|line| [line, "\n"])
            .collect();
        let settings = read(&uncommented).unwrap();
        assert_eq!(settings.name.as_deref(), Some("Ward 3"));
        assert_eq!(settings.window.role, Role::Nurse);
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let failure = read("nmae = \"Ward 3\"").unwrap_err();
        assert_eq!(failure.status, 2);
        assert!(failure.message.contains("nmae"), "{}", failure.message);
        assert!(read("[sound]\nvolume = 3").unwrap_err().message.contains("volume"));
    }

    #[test]
    fn plain_http_for_the_lan_is_refused() {
        assert_eq!(read("local = \"0.0.0.0:8750\"").unwrap_err().status, 2);
        assert_eq!(read("lan = \"off\"").unwrap().lan, Some(Lan::Off(Off::Off)));
    }
}
