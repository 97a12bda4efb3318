//! The outside of the station: HTTP, WebSocket, TLS, tokens, pairing, and the embedded UI.
//!
//! It reaches the station through [`station::Handle`] alone; it knows no serial port, no SQL and no window. What is
//! written here is the contract's (`docs/ref/api.md`).
//!
//! ```
//! use server::{NoSound, Options, Server};
//! use station::Station;
//! use std::sync::Arc;
//!
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # runtime.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let options = station::Options { folder: folder.path().to_owned(), ..Default::default() };
//! let station = Station::start(options)?;
//! let local = "127.0.0.1:0".parse()?;
//! let options = Options { local, lan: None, folder: folder.path().to_owned(), names: Vec::new(), tokens_beside: None };
//! let server = Server::start(options, station.handle().clone(), Arc::new(NoSound)).await?;
//! assert!(server.local().ip().is_loopback());
//! server.stop().await;
//! station.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod access;
mod commands;
mod error;
mod fanout;
mod listen;
mod rest;
mod screens;
mod simple;
mod socket;
mod sound;
mod start;
mod ui;

pub use access::{Session, WINDOW_ORIGINS};
pub use listen::{BindError, TlsError, pairing_link};
pub use rest::moment;
pub use sound::{Later, NoSound, Sound, SoundOutput, SoundState};
pub use start::{Options, Server, ServerError};
