//! Bytes on their way out: many shared frames, one system call.

use bytes::{Buf, Bytes};
use std::collections::VecDeque;
use std::io::IoSlice;

/// Frames that leave in one write.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    frames: VecDeque<Bytes>,
    left: usize,
}

impl Outgoing {
    pub(crate) fn push(&mut self, frame: Bytes) {
        self.left += frame.len();
        self.frames.push_back(frame);
    }

    pub(crate) fn extend(&mut self, frames: impl IntoIterator<Item = Bytes>) {
        frames.into_iter().for_each(|frame| self.push(frame));
    }
}

impl Buf for Outgoing {
    fn remaining(&self) -> usize {
        self.left
    }

    fn chunk(&self) -> &[u8] {
        self.frames.front().map_or(&[], |frame| frame.as_ref())
    }

    fn chunks_vectored<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        let slices = self.frames.iter().map(|frame| IoSlice::new(frame));
        into.iter_mut().zip(slices).map(|(place, slice)| *place = slice).count()
    }

    fn advance(&mut self, mut count: usize) {
        self.left -= count;
        while let Some(front) = self.frames.front_mut() {
            if count < front.len() {
                front.advance(count);
                return;
            }
            count -= front.len();
            self.frames.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_the_system_takes_at_a_time_the_bytes_leave_in_order(
            frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 0..20),
            takes in prop::collection::vec(1..50_usize, 0..60),
        ) {
            let mut outgoing = Outgoing::default();
            outgoing.extend(frames.iter().cloned().map(Bytes::from));
            let mut taken = Vec::new();
            for take in takes.into_iter().chain(std::iter::repeat_n(1000, 30)) {
                let mut slices = [IoSlice::new(&[]); 4];
                let count = outgoing.chunks_vectored(&mut slices);
                let bytes: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
                let take = take.min(bytes.len());
                taken.extend_from_slice(&bytes[..take]);
                outgoing.advance(take);
            }
            prop_assert_eq!(taken, frames.concat());
            prop_assert!(!outgoing.has_remaining());
        }
    }
}
