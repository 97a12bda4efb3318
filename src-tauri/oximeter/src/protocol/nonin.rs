//! What the Nonin formats share: how numbers are packed, how long a display value is held, how groups are
//! found, what is said to the sensor.
//!
//! Described by Nonin's "Onyx II 9560 OEM Specification" (6470-000-01).

pub(super) mod answering;
pub(super) mod asking;
pub(super) mod display;
pub(super) mod groups;

/// Seven bits a byte, the high part's lowest two bits first; 511 and what is out of the documented 18 to 321 is no value.
pub(super) fn pulse_rate(high: u8, low: u8) -> Option<u16> {
    let rate = u16::from(high & 0x03) << 7 | u16::from(low & 0x7F);
    Some(rate).filter(|rate| (18..=321).contains(rate))
}

/// 127 and what is over 100 is no value; nor is 0, which the document allows and no living finger gives.
pub(super) fn spo2(byte: u8) -> Option<u8> {
    Some(byte & 0x7F).filter(|spo2| (1..=100).contains(spo2))
}

/// The two bytes of a pulse rate; 511 for none.
pub(super) fn pulse_rate_bytes(rate: Option<u16>) -> [u8; 2] {
    let rate = rate.map_or(511, |rate| rate.min(510));
    [(rate >> 7 & 0x03) as u8, (rate & 0x7F) as u8]
}

/// The byte of a saturation; 127 for none.
pub(super) fn spo2_byte(spo2: Option<u8>) -> u8 {
    spo2.unwrap_or(127) & 0x7F
}

/// Whether a pulse rate and a saturation as sent are what the document has: a value of its range, or its mark for none.
/// Of the formats without a checksum this finds some of the flipped bits.
pub(super) fn are_documented(high: u8, low: u8, saturation: u8) -> bool {
    let rate = u16::from(high & 0x03) << 7 | u16::from(low & 0x7F);
    matches!(rate, 18..=321 | 511) && matches!(saturation & 0x7F, 0..=100 | 127)
}
