//! What is wrong with a sensor's port, in words for the bedside: what it is, and what to do.

use super::open::OpenError;
use oximeter::Protocol;
use std::time::Duration;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The port cannot be opened.
    Refused(OpenError),
    /// The line ended; the system's reason.
    Ended(String),
    /// The sensor was live and sends nothing any more.
    Silent(Duration),
    /// The sensor was live; what comes now is not understood any more.
    Garbled(Option<Protocol>),
    /// Since the port was opened nothing has come at all.
    NothingComes(Protocol),
    /// Since the port was opened nothing that came was understood.
    NotUnderstood(Protocol),
}

impl Trouble {
    /// A sensor that was live has sent no sample for `span`; `talks`: something comes all the same.
    pub(super) const fn silent(span: Duration, protocol: Option<Protocol>, talks: bool) -> Self {
        if talks { Self::Garbled(protocol) } else { Self::Silent(span) }
    }

    /// The sentence for the sensor on `port`.
    pub(super) fn in_words(&self, port: &str) -> String {
        match self {
            Self::Refused(why) => why.to_string(),
            Self::Ended(reason) => format!(
                "The sensor on {port} was unplugged or switched off ({reason}). Plug it in again; the station goes on by itself."
            ),
            Self::Silent(span) => {
                format!("Nothing has come from {port} for {} s. Is the oximeter on?", span.as_secs())
            }
            Self::Garbled(protocol) => {
                let format = protocol.map_or("the sensor's format", Protocol::as_str);
                format!("What comes from {port} is not understood as {format} any more. Check the cable and its plugs.")
            }
            Self::NothingComes(protocol) => format!(
                "{port} is open, but nothing comes. Is the oximeter on, is its serial output on, and is {protocol} its protocol?"
            ),
            Self::NotUnderstood(protocol) => format!(
                "{port} is open, but nothing that comes is understood as {protocol}. Is the oximeter on, and is this its protocol?"
            ),
        }
    }
}
