//! Raw captures of what goes over the lines to the sensors (`docs/ref/capture-file.md`).
//!
//! ```text
//!  port's thread ──Tap──▶ a bounded queue ──▶ keeper's thread ──▶ the file
//! ```
//!
//! A port never waits for the disk: what does not fit into the queue is counted, and the file says that it is missing.

mod keeper;
mod shelf;
mod tap;

pub(crate) use keeper::{Ending, Note, Wish, keep};
pub use shelf::{Captures, Kept, ShelfError};
pub(crate) use shelf::{create, in_words, name};
pub(crate) use tap::{Queue, Tap};
