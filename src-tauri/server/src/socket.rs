//! The WebSocket `/ws`.

mod connection;
mod inbound;
mod messages;
mod outgoing;
mod pulse;
mod resume;
mod upgrade;

pub(crate) use connection::{Connection, Happened};
pub(crate) use pulse::Pulse;

pub(crate) use upgrade::{handshake, serve};
