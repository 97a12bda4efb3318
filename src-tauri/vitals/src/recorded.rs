//! The record: everything that carries a sequence number.

use crate::{AlarmChange, BedId, Event, Reading, WallTime};
use serde::{Deserialize, Serialize, Serializer};

/// A number of the record. It counts up by one over the whole station and is never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl core::fmt::Display for Seq {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// Names a database: numbers of two databases have nothing to do with each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub String);

/// One line of the record.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its number.
    pub seq: Seq,
    /// The bed it is about; `None` if it is about the station.
    pub bed: Option<BedId>,
    /// What it says.
    pub body: Body,
}

/// What a line of the record says.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// New numbers.
    Reading(Reading),
    /// An alarm that started, changed or ended.
    Alarm(AlarmChange),
    /// Anything else.
    Event(Event),
}

impl Body {
    /// When it happened.
    #[must_use]
    pub const fn time(&self) -> WallTime {
        match self {
            Self::Reading(reading) => reading.time,
            Self::Alarm(alarm) => alarm.time,
            Self::Event(event) => event.time,
        }
    }
}

/// The WebSocket message of the line, `type` first.
impl Serialize for Recorded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<'a, T> {
            r#type: &'static str,
            seq: Seq,
            bed: Option<&'a BedId>,
            #[serde(flatten)]
            body: &'a T,
        }
        let (seq, bed) = (self.seq, self.bed.as_ref());
        match &self.body {
            Body::Reading(body) => Line { r#type: "reading", seq, bed, body }.serialize(serializer),
            Body::Alarm(body) => Line { r#type: "alarm", seq, bed, body }.serialize(serializer),
            Body::Event(body) => Line { r#type: "event", seq, bed, body }.serialize(serializer),
        }
    }
}
