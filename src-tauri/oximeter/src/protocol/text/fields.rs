//! Numbers in fields of text.

use core::fmt;

/// The text is no data line of the format, or a damaged one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no data line of the format, or a damaged one")
    }
}

impl core::error::Error for Malformed {}

/// The number that a field of up to nine digits spells.
pub(in crate::protocol) fn digits(field: &[u8]) -> Result<u32, Malformed> {
    if field.is_empty() || field.len() > 9 || !field.iter().all(u8::is_ascii_digit) {
        return Err(Malformed);
    }
    Ok(field.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
}

/// The number that a field of up to eight capital hexadecimal digits spells.
pub(in crate::protocol) fn hexadecimal(field: &[u8]) -> Result<u32, Malformed> {
    if field.is_empty() || field.len() > 8 {
        return Err(Malformed);
    }
    field.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Ok(number << 4 | u32::from(digit - b'0')),
        b'A'..=b'F' => Ok(number << 4 | u32::from(digit - b'A' + 10)),
        _ => Err(Malformed),
    })
}

/// Three digits, or three dashes for no value.
pub(in crate::protocol) fn three(field: &[u8]) -> Result<Option<u16>, Malformed> {
    match field {
        b"---" => Ok(None),
        [_, _, _] => Ok(Some(digits(field)? as u16)),
        _ => Err(Malformed),
    }
}

/// A number without leading zeros, or three dashes for no value; the spaces before it are gone already.
pub(in crate::protocol) fn plain(field: &[u8]) -> Result<Option<u16>, Malformed> {
    match field {
        b"---" => Ok(None),
        [b'0', _, ..] | [_, _, _, _, ..] => Err(Malformed),
        _ => Ok(Some(digits(field)? as u16)),
    }
}

/// A percentage of saturation; 0 and more than 100 are no value.
pub(in crate::protocol) fn saturation(sent: Option<u16>) -> Option<u8> {
    sent.filter(|spo2| (1..=100).contains(spo2)).map(|spo2| spo2 as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_digits_and_nothing_else() {
        assert_eq!([digits(b"097"), digits(b"0")], [Ok(97), Ok(0)]);
        for wrong in [b"".as_slice(), b"+97", b"9 7", b"9-7", b"0123456789"] {
            assert_eq!(digits(wrong), Err(Malformed));
        }
        assert_eq!([hexadecimal(b"0000C00"), hexadecimal(b"38")], [Ok(0xC00), Ok(0x38)]);
        for wrong in [b"".as_slice(), b"c00", b"0x38", b"012345678"] {
            assert_eq!(hexadecimal(wrong), Err(Malformed));
        }
    }

    #[test]
    fn a_padded_number_has_three_digits_or_three_dashes() {
        assert_eq!([three(b"097"), three(b"---")], [Ok(Some(97)), Ok(None)]);
        for wrong in [b"97".as_slice(), b"0097", b"--", b"0-7", b" 97"] {
            assert_eq!(three(wrong), Err(Malformed));
        }
    }

    #[test]
    fn a_plain_number_has_no_leading_zeros() {
        assert_eq!(
            [plain(b"97"), plain(b"0"), plain(b"100"), plain(b"---")],
            [Ok(Some(97)), Ok(Some(0)), Ok(Some(100)), Ok(None)]
        );
        for wrong in [b"".as_slice(), b"07", b"00", b"1000", b"--", b"9 "] {
            assert_eq!(plain(wrong), Err(Malformed));
        }
    }

    #[test]
    fn no_saturation_and_more_than_all_are_no_value() {
        assert_eq!([0, 1, 100, 101].map(|sent| saturation(Some(sent))), [None, Some(1), Some(100), None]);
    }
}
