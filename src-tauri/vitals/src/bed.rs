//! A monitoring place and what is to be seen of it.

use crate::{AlarmChange, Announcement, LimitField, Limits, OffView, Pending, Reading, WallTime};
use core::fmt;
use serde::{Deserialize, Serialize, Serializer};

/// Names a bed: 1 to 32 letters, digits, `-`, `_` or `.`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct BedId(String);

/// The text is no bed id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BedIdError(String);

impl fmt::Display for BedIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} cannot name a bed: use 1 to 32 letters, digits, hyphens, underscores or full stops.", self.0)
    }
}

impl core::error::Error for BedIdError {}

impl BedId {
    /// # Errors
    /// If the text is empty, too long or holds another character.
    pub fn new(text: impl Into<String>) -> Result<Self, BedIdError> {
        let text = text.into();
        let good = (1..=32).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if good { Ok(Self(text)) } else { Err(BedIdError(text)) }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Beds stand in the order in which people count them: 2 before 10.
impl Ord for BedId {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        let key = |id: &Self| (id.0.parse::<u64>().unwrap_or(u64::MAX), id.0.clone());
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for BedId {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Who lies in the bed. The name is for the screens alone; no log line carries it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patient {
    /// The hospital's number or a pseudonym.
    pub id: String,
    /// The name to show; may be absent.
    #[serde(default)]
    pub name: Option<String>,
}

/// Without the name, so that no log can carry it by accident.
impl fmt::Debug for Patient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patient").finish_non_exhaustive()
    }
}

/// How a bed's sensor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorState {
    /// No port is named for this bed.
    None,
    /// The port is being opened.
    Opening,
    /// The port is open; what speaks there is not yet understood.
    Searching,
    /// Samples come.
    Live,
    /// The port is open; samples came and have stopped.
    Silent,
    /// The port is not there, busy or not permitted, or was unplugged.
    Disconnected,
}

impl SensorState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Opening, Self::Searching, Self::Live, Self::Silent, Self::Disconnected];

    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Opening => "opening",
            Self::Searching => "searching",
            Self::Live => "live",
            Self::Silent => "silent",
            Self::Disconnected => "disconnected",
        }
    }

    /// The state of a word of the contract.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// The USB adapter between a sensor and this computer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Adapter {
    /// What it calls itself.
    pub name: String,
    /// Vendor and product, such as `0403:6001`.
    pub usb: String,
    /// Its serial number, where it has one.
    pub serial: Option<String>,
    /// The socket it is plugged into, such as `usb 1-1.2`, where the system tells.
    pub place: Option<String>,
}

/// What is known of a bed's sensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SensorView {
    /// How it stands.
    pub state: SensorState,
    /// The port that is opened; the one that was named where no adapter was found for it.
    pub port: Option<String>,
    /// The adapter at the port; `None` if it is none of USB, or not there.
    pub adapter: Option<Adapter>,
    /// The protocol spoken, or the one asked for.
    pub protocol: Option<String>,
    /// The model, where the sensor tells.
    pub model: Option<String>,
    /// Since when it stands so.
    pub since: WallTime,
    /// What is wrong and what to do about it, in words; `None` when nothing is.
    pub message: Option<String>,
    /// What is to be confirmed by staff: another sensor answers than before. `None`: nothing.
    pub question: Option<String>,
    /// The recordings that are being fetched from its memory.
    pub download: Option<DownloadView>,
    /// What goes over its line is being kept.
    pub capture: Option<CaptureView>,
}

/// A raw capture that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaptureView {
    /// The file.
    pub file: String,
    /// When it began.
    pub since: WallTime,
    /// How long the file is, some seconds ago.
    pub bytes: u64,
}

/// Recordings on their way out of a sensor's memory. No live values come meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DownloadView {
    /// Which of those asked for is on its way, from 1.
    pub recording: usize,
    /// How many were asked for.
    pub of: usize,
    /// How much of it has come, s.
    pub seconds: u32,
    /// How long it is, s; `None` where the sensor does not say beforehand.
    pub of_seconds: Option<u32>,
    /// Who asked for it.
    pub by: String,
    /// The sensor is away; it goes on when the sensor is back.
    pub waiting: bool,
}

/// Whether the bed's sound is paused.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct AudioView {
    /// When the pause ends by itself.
    pub paused_until: Option<WallTime>,
    /// Who paused it.
    pub by: Option<String>,
}

/// The newest reading of a bed, with the age of the sample behind it.
#[derive(Debug, Clone, PartialEq)]
struct Aged {
    reading: Reading,
    age_s: Option<f64>,
}

impl Serialize for Aged {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape {
            time: WallTime,
            age_s: Option<f64>,
            #[serde(flatten)]
            numbers: crate::Numbers,
            status: crate::StatusSet,
        }
        let Reading { time, numbers, status } = self.reading;
        Shape { time, age_s: self.age_s, numbers, status }.serialize(serializer)
    }
}

/// The bed object of the contract: everything that is to be seen of a bed at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct BedView {
    /// The bed.
    pub id: BedId,
    /// Its name, for people.
    pub name: String,
    /// Who lies in it.
    pub patient: Option<Patient>,
    /// Its sensor.
    pub sensor: SensorView,
    /// Its newest reading; `None` before the first.
    pub reading: Option<Reading>,
    /// When the newest sample arrived, for its age; `None` before the first of this run of the station.
    pub sampled: Option<crate::StationTime>,
    /// Its limits.
    pub limits: Limits,
    /// Its sound.
    pub audio: AudioView,
    /// Its active alarms, the highest priority first.
    pub alarms: Vec<AlarmChange>,
    /// High alarms that ended unanswered and wait to be seen, the newest first; empty unless the site latches.
    pub latched: Vec<AlarmChange>,
    /// The delays that run: alarms that are coming unless the value turns.
    pub pending: Vec<Pending>,
    /// What of the bed's alarms is turned off.
    pub off: Option<OffView>,
    /// What is to be heard of the bed.
    pub announcement: Option<Announcement>,
    /// Its limits that are not those of the ward preset.
    pub preset_differs: Vec<LimitField>,
    /// Screens show nothing older: it belongs to a patient who has left. `None`: nobody has.
    pub history_from: Option<WallTime>,
    /// Whether its sensor is simulated.
    pub demo: bool,
    /// The station made it by itself for a sensor on a port that nobody named, and nobody has named it yet.
    pub found: bool,
}

impl BedView {
    /// The JSON shape of the bed, with the age of its newest sample at `now`.
    #[must_use]
    pub fn at(&self, now: crate::StationTime) -> impl Serialize + '_ {
        #[derive(Serialize)]
        struct Shape<'a> {
            id: &'a BedId,
            name: &'a str,
            patient: &'a Option<Patient>,
            sensor: &'a SensorView,
            reading: Option<Aged>,
            limits: &'a Limits,
            audio: &'a AudioView,
            alarms: &'a [AlarmChange],
            latched: &'a [AlarmChange],
            pending: &'a [Pending],
            off: &'a Option<OffView>,
            announcement: Option<Announcement>,
            preset_differs: &'a [LimitField],
            history_from: Option<WallTime>,
            demo: bool,
            found: bool,
        }
        // Without a sample in this run there is no age; a zero would call the reading fresh.
        let age_s = self.sampled.map(|sampled| (now.since(sampled).as_secs_f64() * 1000.0).round() / 1000.0);
        Shape {
            id: &self.id,
            name: &self.name,
            patient: &self.patient,
            sensor: &self.sensor,
            reading: self.reading.map(|reading| Aged { reading, age_s }),
            limits: &self.limits,
            audio: &self.audio,
            alarms: &self.alarms,
            latched: &self.latched,
            pending: &self.pending,
            off: &self.off,
            announcement: self.announcement,
            preset_differs: &self.preset_differs,
            history_from: self.history_from,
            demo: self.demo,
            found: self.found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beds_stand_in_the_order_in_which_people_count_them() {
        let mut ids: Vec<BedId> = ["10", "2", "icu-1", "1"].map(|id| BedId::new(id).unwrap()).into();
        ids.sort();
        assert_eq!(ids.iter().map(BedId::as_str).collect::<Vec<_>>(), ["1", "2", "10", "icu-1"]);
    }

    #[test]
    fn a_bed_id_cannot_break_out_of_a_url_or_a_file_name() {
        for wrong in ["", "a b", "a/b", "ä", "x".repeat(33).as_str(), "\"", "a=b"] {
            assert!(BedId::new(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_patients_name_is_not_in_the_debug_form() {
        let patient = Patient { id: "4711".into(), name: Some("Erika Mustermann".into()) };
        assert!(!format!("{patient:?}").contains("Erika"));
    }
}
