//! What is to be said about a reading beside its numbers.

use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One word of a reading's `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Status {
    /// The probe is not on a finger.
    NoFinger = 0,
    /// The sensor looks for a pulse.
    Searching = 1,
    /// Little blood flow at the probe: the numbers are less certain.
    LowPerfusion = 2,
    /// Motion or interference: the numbers are less certain.
    Artifact = 3,
    /// The sensor reports a weak signal.
    WeakSignal = 4,
    /// The sensor's battery is low.
    LowBattery = 5,
    /// No sample for longer than the sensor's period allows.
    Stale = 6,
    /// The sensor is not plugged in, or its port cannot be opened.
    Disconnected = 7,
}

impl Status {
    /// Every status, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::NoFinger,
        Self::Searching,
        Self::LowPerfusion,
        Self::Artifact,
        Self::WeakSignal,
        Self::LowBattery,
        Self::Stale,
        Self::Disconnected,
    ];

    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoFinger => "no_finger",
            Self::Searching => "searching",
            Self::LowPerfusion => "low_perfusion",
            Self::Artifact => "artifact",
            Self::WeakSignal => "weak_signal",
            Self::LowBattery => "low_battery",
            Self::Stale => "stale",
            Self::Disconnected => "disconnected",
        }
    }
}

/// Any of the statuses, in a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct StatusSet(u8);

impl StatusSet {
    /// Nothing to say.
    pub const EMPTY: Self = Self(0);

    /// The set with `status` added.
    #[must_use]
    pub const fn with(self, status: Status) -> Self {
        Self(self.0 | (1 << status as u8))
    }

    /// The set with `status` added if `given`.
    #[must_use]
    pub const fn with_if(self, status: Status, given: bool) -> Self {
        if given { self.with(status) } else { self }
    }

    /// Whether `status` is in the set.
    #[inline]
    #[must_use]
    pub const fn has(self, status: Status) -> bool {
        self.0 & (1 << status as u8) != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The byte in which the record keeps the set: bit N is `Status::ALL[N]`.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set that `bits` stands for.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// The statuses in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Status> {
        Status::ALL.into_iter().filter(move |status| self.has(*status))
    }
}

impl FromIterator<Status> for StatusSet {
    fn from_iter<T: IntoIterator<Item = Status>>(iter: T) -> Self {
        iter.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl Serialize for StatusSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.count_ones() as usize))?;
        for status in self.iter() {
            seq.serialize_element(&status)?;
        }
        seq.end()
    }
}

impl<'de> Deserialize<'de> for StatusSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Status>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_the_words_of_the_contract_and_read_back() {
        let set = StatusSet::EMPTY.with(Status::Stale).with(Status::NoFinger);
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(text, r#"["no_finger","stale"]"#);
        assert_eq!(serde_json::from_str::<StatusSet>(&text).unwrap(), set);
    }

    #[test]
    fn every_word_survives_the_byte_of_the_record() {
        for status in Status::ALL {
            let set = StatusSet::EMPTY.with(status);
            assert_eq!(StatusSet::from_bits(set.bits()).iter().collect::<Vec<_>>(), [status]);
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{}\"", status.as_str()));
        }
    }
}
