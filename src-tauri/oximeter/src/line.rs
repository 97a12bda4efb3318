//! How a serial line is set up.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

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

/// The text is no setting of a line. Its message says how one is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotALine(String);

impl fmt::Display for NotALine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a setting of a line. Write the speed, then data bits, parity (N, O or E) and stop bits, such as \
             19200 8O1.",
            self.0
        )
    }
}

impl core::error::Error for NotALine {}

/// As it is written by `Display`.
impl FromStr for Line {
    type Err = NotALine;

    fn from_str(text: &str) -> Result<Self, NotALine> {
        let read = || {
            let (baud, bits) = text.split_once(' ')?;
            let [data_bits @ (b'7' | b'8'), parity, stop_bits @ (b'1' | b'2')] = *bits.as_bytes() else { return None };
            let parity = match parity {
                b'N' => Parity::None,
                b'O' => Parity::Odd,
                b'E' => Parity::Even,
                _ => return None,
            };
            let is_number = baud.bytes().all(|byte| byte.is_ascii_digit());
            let baud = baud.parse().ok().filter(|&baud| is_number && baud > 0)?;
            Some(Self { baud, data_bits: data_bits - b'0', parity, stop_bits: stop_bits - b'0' })
        };
        read().ok_or_else(|| NotALine(text.to_owned()))
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
    #[test]
    fn what_people_write_is_read_as_a_line() {
        for line in [Line::eight_n_one(115_200), Line::eight_o_one(19_200)] {
            assert_eq!(line.to_string().parse(), Ok(line));
        }
        assert_eq!("9600 7E2".parse(), Ok(Line { baud: 9600, data_bits: 7, parity: Parity::Even, stop_bits: 2 }));
    }

    #[test]
    fn a_line_that_is_none_is_refused_with_an_example() {
        for wrong in
            ["", "9600", "9600 8X1", "0 8N1", "+9600 8N1", "9600 9N1", "9600 8N3", "9600 8N1 ", "4294967296 8N1"]
        {
            let error = wrong.parse::<Line>().unwrap_err();
            assert!(error.to_string().contains("such as 19200 8O1"), "{wrong:?}: {error}");
        }
    }
}
