//! A serial line that is read at another speed than it is sent at.
//!
//! Not random bytes: what a receiver makes of the same start, data and stop bits at a wrong speed. Such bytes repeat
//! themselves as the frames do, which noise does not, and that is what a decoder must not take for agreement.

use crate::random::Random;
use alloc::vec::Vec;

/// Bits of a byte on the line: start, eight data bits with the lowest first, stop.
const BITS: usize = 10;

/// The speed of the receiver over that of the sender, as a fraction: between the speeds that sensors use.
const SPEEDS: [(usize, usize); 8] = [(1, 12), (1, 6), (1, 2), (3, 4), (3, 2), (2, 1), (6, 1), (12, 1)];

/// Appends to `read` what a receiver of a random wrong speed reads of `sent`.
pub(super) fn read(random: &mut Random, sent: &[u8], read: &mut Vec<u8>) {
    let (speed, sender) = SPEEDS[random.between(0, SPEEDS.len() as i32 - 1) as usize];
    // Time in parts of which a bit of the sender lasts `2 * speed` and one of the receiver `2 * sender`.
    let (sent_bit, read_bit) = (2 * speed, 2 * sender);
    let end = sent.len() * BITS * sent_bit;
    let level = |at: usize| {
        let bit = at / sent_bit;
        match (sent.get(bit / BITS), bit % BITS) {
            (Some(_), 0) => false,
            (Some(byte), data @ 1..=8) => byte >> (data - 1) & 1 != 0,
            // The stop bit, and the quiet line behind the last byte.
            _ => true,
        }
    };
    let mut at = 0;
    while at < end {
        if level(at) {
            at += 1;
            continue;
        }
        // From the start bit's edge to the middle of each data bit. A wrong stop bit is a framing error, which drivers
        // hand over as the byte all the same.
        let middle = at + read_bit / 2;
        read.push((1..=8).fold(0, |byte, bit| byte | u8::from(level(middle + bit * read_bit)) << (bit - 1)));
        at = middle + 9 * read_bit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_read_at_twice_its_speed_is_two_bytes_of_doubled_bits() {
        let mut random = Random::new(0);
        let mut seen = Vec::new();
        for _ in 0..100 {
            let mut bytes = Vec::new();
            read(&mut random, &[0b0000_1111], &mut bytes);
            seen.push(bytes);
        }
        // Start, 1111, 0000, stop at twice the speed: 00 then 11 and so on; the second byte begins where a 0 comes next.
        assert!(seen.contains(&alloc::vec![0b1111_1110, 0b1000_0000]), "{seen:?}");
    }

    #[test]
    fn what_is_misread_grows_no_faster_than_the_speed() {
        let mut random = Random::new(5);
        for _ in 0..50 {
            let mut bytes = Vec::new();
            read(&mut random, &[0x85, 0x40, 0x07, 0x48, 0x61, 0x85, 0x40, 0x07, 0x48, 0x61], &mut bytes);
            assert!(bytes.len() <= 10 * 12, "{bytes:?}");
        }
    }
}
