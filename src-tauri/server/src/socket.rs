//! The WebSocket `/ws`.

mod connection;
mod inbound;
mod messages;
mod outgoing;
mod resume;
mod upgrade;

pub(crate) use connection::{Connection, Happened};

pub(crate) use upgrade::{handshake, serve};
