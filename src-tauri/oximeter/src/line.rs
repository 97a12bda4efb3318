//! How a serial line is set up.

use core::fmt;

/// The parity bit of a serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parity {
    /// No parity bit.
    None,
    /// The number of ones is odd.
    Odd,
    /// The number of ones is even.
    Even,
}

/// The settings of a serial line. Flow control is always off, in software and in hardware: 0x11 and 0x13 are ordinary
/// data in every binary protocol here, and a driver that takes them for XON and XOFF loses bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Line {
    /// Bits per second.
    pub baud: u32,
    /// Data bits per byte, 7 or 8.
    pub data_bits: u8,
    /// The parity bit.
    pub parity: Parity,
    /// Stop bits per byte, 1 or 2.
    pub stop_bits: u8,
}

impl Line {
    /// Eight data bits, no parity, one stop bit.
    #[must_use]
    pub const fn eight_n_one(baud: u32) -> Self {
        Self { baud, data_bits: 8, parity: Parity::None, stop_bits: 1 }
    }

    /// Eight data bits, odd parity, one stop bit.
    #[must_use]
    pub const fn eight_o_one(baud: u32) -> Self {
        Self { baud, data_bits: 8, parity: Parity::Odd, stop_bits: 1 }
    }
}

/// As people write it: `19200 8O1`.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Odd => 'O',
            Parity::Even => 'E',
        };
        write!(f, "{} {}{parity}{}", self.baud, self.data_bits, self.stop_bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_line_is_written_as_people_write_it() {
        assert_eq!(Line::eight_o_one(19_200).to_string(), "19200 8O1");
        assert_eq!(Line::eight_n_one(115_200).to_string(), "115200 8N1");
    }
}
