//! From the hub to every client: encoded and framed once, one write a moment, bounded queues.
//!
//! The reasons, and what was rejected, stand in `docs/design/fan-out.md`.

mod board;
mod calls;
mod client;
mod frame;
mod subscription;

pub(crate) use board::{Attached, Fanout, Line, Position, Shown, Start};
pub(crate) use calls::Calls;
pub(crate) use client::{Client, Ending, Receipt};
pub(crate) use frame::{close, ping, text};
pub(crate) use subscription::{Fields, Subscription};
