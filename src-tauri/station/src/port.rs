//! Sensors' ports: each has a thread of its own, which does what its [`life`] decides.

mod conversation;
mod holder;
mod life;
mod open;
mod tapped;
mod thread;
mod transport;
mod trouble;

pub use holder::{holder_of_address, holder_of_file};
pub use open::OpenError;
pub(crate) use open::open;
pub(crate) use thread::{ErrandNews, Facts, News, NewsKind, Port, PortSpec};
pub(crate) use transport::{InProcess, Transport};
