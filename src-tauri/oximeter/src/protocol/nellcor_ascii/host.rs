//! The host's side: listening; a word to go on where the device was told to stop.

use super::heading::Between;
use super::{DataLine, GO_ON, Malformed};
use crate::protocol::Heard;
use crate::protocol::text::LineReader;
use crate::sample::{Identity, Sample};
use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

/// Three lines that did not come.
const SILENCE: Duration = Duration::from_secs(6);

#[derive(Debug, Default)]
pub(super) struct NellcorReader {
    /// The lines that come are stored ones.
    in_trend: bool,
    /// The first line of a heading above live data has come, its last not yet.
    in_live_heading: bool,
    /// Model and version that the heading before told, where they are not those of the identity.
    other: Option<(String, String)>,
}

impl LineReader for NellcorReader {
    // XON, as the manuals advise: a device that took a disturbance for an XOFF says nothing more until it hears this.
    const WAKE: Option<(Duration, u8)> = Some((SILENCE, GO_ON));

    fn read(&mut self, line: &str, heard: &mut Heard) -> Option<Sample> {
        let data = line.parse::<DataLine>();
        if let Ok(data) = data
            && !self.in_trend
        {
            heard.counters.packets += 1;
            self.in_live_heading = false;
            return Some(data.sample());
        }
        match (data, Between::parse(line)) {
            (Err(Malformed), Ok(between)) => {
                heard.counters.packets += 1;
                self.turn_to(between, &mut heard.identity);
            }
            // A stored line, or what the device's menus say.
            (Ok(_), _) => heard.counters.skipped += line.len() as u64,
            (Err(Malformed), Err(Malformed)) => heard.counters.rejected += 1,
        }
        None
    }
}

impl NellcorReader {
    fn turn_to(&mut self, between: Between<'_>, identity: &mut Identity) {
        match between {
            Between::Live(heading) => {
                self.in_trend = false;
                self.in_live_heading = true;
                self.identify(heading.model, heading.version, identity);
            }
            Between::Trend => {
                self.in_trend = true;
                self.in_live_heading = false;
            }
            Between::Limits => {}
            Between::Columns { with_status } => {
                // Under a live heading the word was lost on the way.
                self.in_trend = !with_status && !self.in_live_heading;
                self.in_live_heading = false;
            }
            Between::Complete => self.in_trend = false,
        }
    }

    /// The first heading tells who the device is. Another model than that must come twice, for a changed letter would
    /// look like another device, and the next heading is not a minute away.
    fn identify(&mut self, model: &str, version: &str, identity: &mut Identity) {
        let is_known = identity.model.as_deref() == Some(model) && identity.firmware.as_deref() == Some(version);
        if is_known {
            self.other = None;
            return;
        }
        let other = self.other.take();
        if identity.model.is_none()
            || other.as_ref().is_some_and(|it| (it.0.as_str(), it.1.as_str()) == (model, version))
        {
            identity.model = Some(model.to_owned());
            identity.firmware = Some(version.to_owned());
        } else {
            self.other = Some((model.to_owned(), version.to_owned()));
        }
    }
}
