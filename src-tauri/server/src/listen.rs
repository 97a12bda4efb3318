//! Listening: plain on loopback, TLS for the ward LAN.

mod accept;
mod addresses;
mod bind;
mod certificate;

pub(crate) use accept::{Peer, accept};
pub use addresses::pairing_link;

pub use bind::BindError;
pub(crate) use bind::bind;
pub use certificate::TlsError;
pub(crate) use certificate::{Certificates, renew};
