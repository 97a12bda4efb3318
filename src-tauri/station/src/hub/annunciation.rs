//! What is to be announced by sound and notification, kept apart from the record: an alarm never waits for the disk.

use std::collections::BTreeMap;
use std::sync::Arc;
use vitals::{AlarmChange, BedId, BedView, Off, Priority};

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
    /// Counts up each time the staff are to be reminded that a bed's sound or alarms are off.
    pub reminder: u64,
    /// Whether any sensor is live, so that the computer must not sleep.
    pub any_live: bool,
}

/// Gathers what each bed says.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    sounding: BTreeMap<Option<BedId>, Priority>,
    reminders: u64,
}

impl Gathered {
    pub(super) fn sounds(&mut self, bed: Option<BedId>, sounding: Option<Priority>) {
        match sounding {
            Some(priority) => self.sounding.insert(bed, priority),
            None => self.sounding.remove(&bed),
        };
    }

    pub(super) const fn remind(&mut self) {
        self.reminders += 1;
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
        // ALARM OFF: decided and recorded, and signalled nowhere.
        let signalled = beds.values().filter(|bed| !bed.off.as_ref().is_some_and(|off| off.what == Off::Alarms));
        let of_beds = signalled.flat_map(|bed| {
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
            reminder: self.reminders,
            any_live: beds.values().any(|bed| bed.sensor.state == vitals::SensorState::Live),
        }
    }
}
