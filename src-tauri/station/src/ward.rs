//! What holds for the whole ward: the locked rules of the site, and the preset that beds begin with.

use alarm::Rules;
use record::{Record, WardPreset};
use std::sync::{Arc, PoisonError, RwLock};
use vitals::{Limits, Preset};

/// Cheap to clone; all clones are one ward.
#[derive(Debug, Clone)]
pub(crate) struct Ward {
    pub(crate) rules: Rules,
    /// What holds while nobody has set a preset.
    starting_point: Preset,
    preset: Arc<RwLock<Option<WardPreset>>>,
}

impl Ward {
    /// The ward as the record keeps it. A preset that cannot be read is none, and that is said.
    pub(crate) fn new(rules: Rules, starting_point: Preset, record: &Record) -> Self {
        let preset = record.ward_preset().unwrap_or_else(|error| {
            tracing::error!(%error, "The ward's preset could not be read; the starting point holds.");
            None
        });
        Self { rules, starting_point, preset: Arc::new(RwLock::new(preset)) }
    }

    /// The limits that a bed begins with and goes back to.
    pub(crate) fn limits(&self) -> Limits {
        self.preset().map_or_else(|| self.starting_point.limits(), |preset| preset.limits)
    }

    /// The preset that an admin set.
    pub(crate) fn preset(&self) -> Option<WardPreset> {
        self.preset.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The starting point that the settings file names.
    pub(crate) const fn starting_point(&self) -> Preset {
        self.starting_point
    }

    pub(crate) fn set(&self, preset: WardPreset) {
        *self.preset.write().unwrap_or_else(PoisonError::into_inner) = Some(preset);
    }
}
