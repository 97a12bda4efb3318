//! Queries.

mod lines;
mod looking_back;
mod readings;
mod waves;

pub(crate) use lines::active_alarms;
pub use looking_back::Stretch;
pub use readings::{Bucket, ReadingsQuery, StoredReading, Summary};

/// The database could not be read.
#[derive(Debug, thiserror::Error)]
#[error("The record cannot be read: {0}.")]
pub struct QueryError(#[from] rusqlite::Error);
