//! What a client asked to be told.

use std::collections::HashSet;
use vitals::{BedId, Numbers, Reading, StatusSet};

/// The fields of a reading, as a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fields(u8);

impl Fields {
    /// Every field, in the order in which they are written.
    pub(crate) const NAMES: [&'static str; 5] = ["spo2", "pulse_rate", "perfusion_index", "signal_strength", "status"];
    pub(crate) const ALL: Self = Self(0b1_1111);

    /// Reads names; the first that is none is the error.
    pub(crate) fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut fields = Self(0);
        for name in names {
            let index = Self::NAMES.iter().position(|known| *known == name).ok_or_else(|| name.to_owned())?;
            fields.0 |= 1 << index;
        }
        Ok(fields)
    }

    pub(crate) const fn has(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }

    pub(crate) const fn touches(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// In which fields two readings differ.
    pub(crate) fn differing(before: Option<(Numbers, StatusSet)>, now: &Reading) -> Self {
        let Some((numbers, status)) = before else { return Self::ALL };
        let differs = [
            numbers.spo2 != now.numbers.spo2,
            numbers.pulse_rate != now.numbers.pulse_rate,
            numbers.perfusion_index != now.numbers.perfusion_index,
            numbers.signal_strength != now.numbers.signal_strength,
            status != now.status,
        ];
        Self(differs.iter().enumerate().fold(0, |bits, (index, differs)| bits | (u8::from(*differs) << index)))
    }
}

/// What a client wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// These beds; `None`: all.
    pub(crate) beds: Option<HashSet<BedId>>,
    /// Waves too.
    pub(crate) waves: bool,
    /// Readings only when something differs.
    pub(crate) changes: bool,
    /// These fields of readings.
    pub(crate) fields: Fields,
    /// The whole bed object whenever something of it changes that no line of the record tells in full.
    pub(crate) views: bool,
}

impl Default for Subscription {
    fn default() -> Self {
        Self { beds: None, waves: false, changes: false, fields: Fields::ALL, views: false }
    }
}

impl Subscription {
    /// Whether lines of this bed are wanted. What is about the station itself concerns everyone.
    pub(crate) fn wants(&self, bed: Option<&BedId>) -> bool {
        match (&self.beds, bed) {
            (Some(beds), Some(bed)) => beds.contains(bed),
            _ => true,
        }
    }
}
