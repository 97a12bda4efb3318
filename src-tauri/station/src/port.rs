//! The life of a sensor's port, in a thread of its own.
//!
//! ```text
//!              order: reset                     samples stop for 2 s
//!          ┌──────────────────┐               ┌────────────▶ silent ─┐
//!          ▼                  │               │                      │ a sample
//!  ┌──▶ opening ──opened──▶ searching ──a sample──▶ live ◀───────────┘
//!  │       │                  │               │
//!  │       │ refused          │ gone          │ gone
//!  │       ▼                  ▼               ▼
//!  └─── disconnected ◀────────┴───────────────┘
//!   after a pause that grows, or as soon as the port is there again
//! ```
//!
//! Only a time-out lets the reading loop go on. Zero bytes or any error ends it: after an unplug both come at once
//! and for ever, and a loop that went on would take a whole core.

mod conversation;
mod holder;
mod open;
mod thread;
mod transport;

pub use holder::{holder_of_address, holder_of_file};
pub(crate) use open::open;
pub use open::{OpenError, list};
pub(crate) use thread::{News, NewsKind, Port, PortSpec};
pub(crate) use transport::{InProcess, Transport};
