//! The record of a station: one SQLite database, `oxiward.db`.
//!
//! Readings, alarms and events go in through the [`Writer`], a thread that commits them in the order of
//! their numbers and hands them to the operating system at once; the [`Forcer`](Durability) forces them to the
//! disk. Everything is read back through [`Record`]. The crate knows no serial port, no network and no screen.
//!
//! The rules that hold (`docs/design/record.md`):
//!
//! 1. No number is ever used twice: a ceiling above every number given out is committed before the number is.
//! 2. A committed line survives a kill of the process at once, and a power cut after a second (an alarm, an
//!    acknowledgement and a command: at once).
//! 3. The audit log is only added to, and each line is chained to the one before.
//!
//! ```
//! use record::Record;
//! use vitals::WallTime;
//!
//! let folder = tempfile::tempdir()?;
//! let (record, writer, found) = Record::open(folder.path(), WallTime::from_millis(0), "0.1.0")?;
//! assert_eq!(found.next_seq.0, 1);
//! writer.close(WallTime::from_millis(1_000));
//! assert!(record.check()?.is_sound());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod access;
mod audit;
mod backup;
mod beds;
mod check;
mod devices;
mod durability;
mod engine_input;
mod migrate;
mod open;
mod presets;
mod read;
mod receipts;
mod recordings;
mod retention;
mod settings;
mod write;

pub use access::{AccessError, Pairing, PairingError, Role, Token, hash_secret, new_secret};
pub use backup::BackupError;
pub use beds::BedRow;
pub use check::{CheckError, Checked};
pub use devices::{Bound, Device, Mark};
pub use durability::Durability;
pub use engine_input::{EngineCall, EngineInput};
pub use open::{Found, OpenError, PreviousRun, Record};
pub use presets::WardPreset;
pub use read::{Bucket, QueryError, ReadingsQuery, StoredReading, Stretch, Summary};
pub use receipts::{ArmedClient, Receipt};
pub use recordings::{KeptRecording, NewRecording, RecordedSecond, RecordingRow};
pub use write::{Audit, Batch, Change, WriteError, Writer};
