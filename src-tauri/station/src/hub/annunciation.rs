//! What is to be announced by sound and notification, kept apart from the record: an alarm never waits for the disk.

use std::collections::BTreeMap;
use std::sync::Arc;
use vitals::{AlarmChange, BedId, BedView, Priority};

/// An alarm that is active now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveAlarm {
    /// The bed; `None` is the station itself.
    pub bed: Option<BedId>,
    /// The bed's name, for people.
    pub bed_name: String,
    /// Whether the bed's sound is paused.
    pub audio_paused: bool,
    /// The alarm.
    pub alarm: AlarmChange,
}

/// Everything that is to be announced at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annunciation {
    /// What sounds: the highest priority of all beds that is neither acknowledged nor paused.
    pub sounding: Option<Priority>,
    /// What is active.
    pub active: Vec<ActiveAlarm>,
    /// Whether any sensor is live, so that the computer must not sleep.
    pub any_live: bool,
}

/// Gathers what each bed says.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    sounding: BTreeMap<Option<BedId>, Priority>,
}

impl Gathered {
    pub(super) fn sounds(&mut self, bed: Option<BedId>, sounding: Option<Priority>) {
        match sounding {
            Some(priority) => self.sounding.insert(bed, priority),
            None => self.sounding.remove(&bed),
        };
    }

    pub(super) fn annunciation(
        &self,
        beds: &BTreeMap<BedId, Arc<BedView>>,
        station: &[AlarmChange],
        station_name: &str,
    ) -> Annunciation {
        let of_station = station.iter().map(|alarm| ActiveAlarm {
            bed: None,
            bed_name: station_name.to_owned(),
            audio_paused: false,
            alarm: alarm.clone(),
        });
        let of_beds = beds.values().flat_map(|bed| {
            bed.alarms.iter().map(|alarm| ActiveAlarm {
                bed: Some(bed.id.clone()),
                bed_name: bed.name.clone(),
                audio_paused: bed.audio.paused_until.is_some(),
                alarm: alarm.clone(),
            })
        });
        Annunciation {
            sounding: self.sounding.values().copied().max(),
            active: of_station.chain(of_beds).collect(),
            any_live: beds.values().any(|bed| bed.sensor.state == vitals::SensorState::Live),
        }
    }
}
