//! The host's side: listening.

use super::{DataLine, Widths};
use crate::protocol::Heard;
use crate::protocol::text::LineReader;
use crate::sample::Sample;

/// Lines in a row with short numbers that make it certain that the device does not fill them up.
const SHORT: u8 = 3;

#[derive(Debug, Default)]
pub(super) struct NoninReader {
    /// Lines with short numbers in a row.
    short: u8,
    /// A data line has come: what comes now is no heading.
    began: bool,
}

impl LineReader for NoninReader {
    fn read(&mut self, text: &str, heard: &mut Heard) -> Option<Sample> {
        let counters = &mut heard.counters;
        let Ok(line) = text.parse::<DataLine>() else {
            if text.contains("SPO2=") {
                counters.rejected += 1;
            } else if self.began {
                counters.skipped += text.len() as u64;
            }
            return None;
        };
        self.began = true;
        match line.widths {
            Widths::Short => self.short = self.short.saturating_add(1),
            Widths::Filled => self.short = 0,
            // It speaks against nothing that is certain, and for nothing that is not.
            Widths::Untold if self.short < SHORT => self.short = 0,
            Widths::Untold => {}
        }
        if line.widths == Widths::Short && self.short < SHORT {
            counters.rejected += 1;
            return None;
        }
        counters.packets += 1;
        Some(line.sample())
    }
}
