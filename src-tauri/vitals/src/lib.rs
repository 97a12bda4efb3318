//! The words that every room of Oxiward shares.
//!
//! A bed, a reading, a wave, an alarm, an event, a sequence number and the three kinds of time. The
//! types here are values: they know no clock, no I/O, no task. Their `Serialize` forms are the shapes of
//! the contract (`docs/ref/api.md`), so that the WebSocket, the REST interface and the record's export
//! cannot drift apart.
//!
//! A value that the sensor did not give is `None` and `null`, never a number.
//!
//! ```
//! use vitals::{Body, BedId, Numbers, Reading, Recorded, Seq, Spo2, StatusSet, WallTime};
//!
//! let reading = Reading {
//!     time: WallTime::from_millis(1_793_180_000_500),
//!     numbers: Numbers { spo2: Spo2::new(97), ..Numbers::default() },
//!     status: StatusSet::EMPTY,
//! };
//! let line = Recorded {
//!     seq: Seq(1042),
//!     bed: Some(BedId::new("1").expect("a valid bed")),
//!     body: Body::Reading(reading),
//! };
//! assert!(serde_json::to_string(&line).expect("json").starts_with(r#"{"type":"reading","seq":1042,"bed":"1""#));
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod alarm;
mod bed;
mod event;
mod limits;
mod preset;
mod reading;
mod recorded;
mod signal;
mod status;
mod time;
mod wave;

pub use alarm::{Acknowledgement, AlarmChange, AlarmId, AlarmState, Condition, Measure, Priority};
pub use bed::{
    Adapter, AudioView, BedId, BedIdError, BedView, CaptureView, DownloadView, Patient, SensorState, SensorView,
};
pub use event::Event;
pub use limits::{Limits, LimitsChange, LimitsError};
pub use preset::{LimitField, Preset};
pub use reading::{Numbers, PerfusionIndex, PulseRate, Reading, SignalStrength, Spo2};
pub use recorded::{Body, Epoch, Recorded, Seq};
pub use signal::{Announcement, Off, OffView, Pending};
pub use status::{Status, StatusSet};
pub use time::{Now, SensorTime, StationTime, WallTime};
pub use wave::Wave;
