//! Frames of five bytes, told from each other by bit 7 alone: set in the first byte, clear in the others. An old Contec
//! and a Berry send such frames, with other meanings.

use super::Heard;

/// What a byte did to the framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Nothing,
    Whole([u8; 5]),
    /// A frame ended too early, or a byte with bit 7 clear stands right behind a whole one, which was too long then.
    Damaged,
}

#[derive(Debug, Default)]
pub(super) struct Framer {
    bytes: [u8; 5],
    len: usize,
    just_whole: bool,
}

impl Framer {
    /// The frame that lies whole at the beginning of `bytes`, where one may begin: what [`push`](Self::push) makes of
    /// its bytes.
    pub(super) fn whole(&mut self, bytes: &[u8], heard: &mut Heard) -> Option<[u8; 5]> {
        let frame @ [b1, b2, b3, b4, b5] = *bytes.first_chunk()?;
        if self.len > 0 || b1 & 0x80 == 0 || (b2 | b3 | b4 | b5) & 0x80 != 0 {
            return None;
        }
        self.just_whole = true;
        heard.counters.packets += 1;
        Some(frame)
    }

    pub(super) fn push(&mut self, byte: u8, heard: &mut Heard) -> Step {
        let counters = &mut heard.counters;
        let just_whole = core::mem::take(&mut self.just_whole);
        if byte & 0x80 != 0 {
            let short = self.len > 0;
            self.bytes[0] = byte;
            self.len = 1;
            counters.rejected += u64::from(short);
            return if short { Step::Damaged } else { Step::Nothing };
        }
        if self.len == 0 {
            counters.skipped += 1;
            if just_whole {
                counters.rejected += 1;
                return Step::Damaged;
            }
            return Step::Nothing;
        }
        self.bytes[self.len] = byte;
        self.len += 1;
        if self.len < self.bytes.len() {
            return Step::Nothing;
        }
        self.len = 0;
        counters.packets += 1;
        self.just_whole = true;
        Step::Whole(self.bytes)
    }
}
