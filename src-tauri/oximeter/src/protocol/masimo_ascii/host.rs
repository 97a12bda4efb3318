//! The host's side: listening.

use super::DataLine;
use crate::confirm::Confirmed;
use crate::protocol::Heard;
use crate::protocol::text::LineReader;
use crate::sample::Sample;
use alloc::format;

#[derive(Debug, Default)]
pub(super) struct MasimoReader {
    /// A serial number with a changed digit would be another device; it can wait for three lines that agree.
    serial: Confirmed<Option<u64>>,
    told: Option<u64>,
}

impl LineReader for MasimoReader {
    fn read(&mut self, line: &str, heard: &mut Heard) -> Option<Sample> {
        let Ok(line) = line.parse::<DataLine>() else {
            heard.counters.rejected += 1;
            self.serial.doubt();
            return None;
        };
        heard.counters.packets += 1;
        if let Some(serial) = self.serial.see(line.serial)
            && self.told != Some(serial)
        {
            self.told = Some(serial);
            heard.identity.device_id = Some(format!("{serial:010}"));
        }
        Some(line.sample())
    }
}
