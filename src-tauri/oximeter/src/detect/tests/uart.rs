//! What a receiver that is set up one way makes of a line that is spoken another way: the levels of the wire, sampled
//! as a UART samples them.

use crate::{Line, Parity};
use alloc::vec::Vec;

const fn bit_ns(line: Line) -> u64 {
    1_000_000_000 / line.baud as u64
}

/// The levels of the wire, one bit time each, from the first start bit on.
fn levels(bytes: &[u8], line: Line) -> Vec<bool> {
    let mut levels = Vec::new();
    for byte in bytes {
        levels.push(false);
        levels.extend((0..8).map(|bit| byte >> bit & 1 == 1));
        match line.parity {
            Parity::None => {}
            Parity::Odd => levels.push(byte.count_ones() % 2 == 0),
            Parity::Even => levels.push(byte.count_ones() % 2 == 1),
        }
        levels.push(true);
    }
    levels
}

/// What arrives at a receiver set up as `there` when `bytes` are sent in one go at `here`. A byte without its stop bit
/// arrives as 0, as Linux hands it on; a wrong parity is ignored.
pub(super) fn carry(bytes: &[u8], here: Line, there: Line) -> Vec<u8> {
    if here == there {
        return bytes.to_vec();
    }
    let wire = levels(bytes, here);
    let at = |ns: u64| wire.get((ns / bit_ns(here)) as usize).copied().unwrap_or(true);
    let (end, bit) = (wire.len() as u64 * bit_ns(here), bit_ns(there));
    let data = 8 + u64::from(there.parity != Parity::None);
    let (mut heard, mut now) = (Vec::new(), 0);
    // A sixteenth of a bit is the step at which a UART looks for an edge.
    let step = (bit / 16).max(1);
    while now < end {
        if at(now) {
            now += step;
            continue;
        }
        let sample = |index: u64| at(now + bit / 2 + (index + 1) * bit);
        let byte = (0..8).fold(0, |byte, index| byte | u8::from(sample(index)) << index);
        let stopped = sample(data);
        heard.push(if stopped { byte } else { 0 });
        now += bit / 2 + (data + 1) * bit;
        while !stopped && now < end && !at(now) {
            now += step;
        }
    }
    heard
}

#[test]
fn a_receiver_at_half_the_speed_hears_other_bytes() {
    let (fast, slow) = (Line::eight_n_one(19_200), Line::eight_n_one(9_600));
    let sent = b"29-Dec-17 07:18:57    89*     66     201    MO SL            \r\n";
    let heard = carry(sent, fast, slow);
    assert!((20..40).contains(&heard.len()), "{}", heard.len());
    assert_eq!(carry(sent, fast, fast), sent);
}

#[test]
fn a_receiver_without_parity_hears_the_bytes_whose_parity_bit_looks_like_a_stop_bit() {
    let (odd, none) = (Line::eight_o_one(19_200), Line::eight_n_one(19_200));
    assert_eq!(carry(&[0x03], odd, none), [0x03]);
    assert_ne!(carry(&[0x01, 0x01], odd, none), [0x01, 0x01]);
}
