//! What a sensor says: samples, and who it is.

use alloc::string::String;

/// One packet of the sensor.
///
/// The pulse wave and the beat mark are the packet's own. The numbers and flags are those that stand with it: a format
/// that spreads its numbers over several frames repeats the last complete set, and a format without a checksum changes
/// them only after several packets in a row agree (see [`crate::protocol`]). A number is `None` whenever the sensor
/// gave none, gave one out of its documented range, or took it back with a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Sample {
    /// Oxygen saturation, %, 1 to 100.
    pub spo2: Option<u8>,
    /// Pulse rate, beats per minute.
    pub pulse_rate: Option<u16>,
    /// Perfusion index, hundredths of a %.
    pub perfusion_index: Option<u16>,
    /// How strong the sensor judges its signal, hundredths of full scale, 0 to 100.
    pub signal_strength: Option<u8>,
    /// The pulse wave, in counts of the device; see [`crate::Protocol::pleth_max`]. It has no unit and no zero line.
    pub pleth: Option<u16>,
    /// The sensor marks a beat. The mark may last several samples: count its beginnings.
    pub beat: bool,
    /// What else the sensor says.
    pub flags: Flags,
}

/// What the sensor says beside its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags {
    /// The probe is not on a finger, or not plugged into the sensor. Takes the numbers away.
    pub no_finger: bool,
    /// The sensor looks for a pulse. Takes the numbers away where the sensor sends left-over ones beside it.
    pub searching: bool,
    /// Little blood flow at the probe.
    pub low_perfusion: bool,
    /// Motion or interference.
    pub artifact: bool,
    /// A weak signal.
    pub weak_signal: bool,
    /// The sensor's battery is low.
    pub low_battery: bool,
}

impl Flags {
    /// None of them.
    pub(crate) const NONE: Self = Self {
        no_finger: false,
        searching: false,
        low_perfusion: false,
        artifact: false,
        weak_signal: false,
        low_battery: false,
    };
}

/// Who the sensor says it is. What it did not tell, or told as blanks, is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Identity {
    /// The model.
    pub model: Option<String>,
    /// The vendor.
    pub vendor: Option<String>,
    /// The device's own id; on many sensors a fixed word and no serial number.
    pub device_id: Option<String>,
    /// The firmware's revision.
    pub firmware: Option<String>,
    /// The version of the protocol.
    pub protocol_version: Option<u16>,
}

/// What went over the line since the session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Counters {
    /// Bytes received.
    pub bytes: u64,
    /// Frames accepted, answers to commands among them.
    pub packets: u64,
    /// Frames dropped: a wrong checksum, a wrong length, a bit 7 where none may be.
    pub rejected: u64,
    /// Bytes that belong to no frame.
    pub skipped: u64,
}

/// The strength that `eighths` of full scale stand for, in hundredths; more than eight counts as eight, as Contec's
/// protocol document says.
pub(crate) const fn strength_from_eighths(eighths: u8) -> u8 {
    let eighths = if eighths > 8 { 8 } else { eighths };
    ((eighths as u16 * 100 + 4) / 8) as u8
}

/// The eighths nearest to a strength in hundredths.
pub(crate) const fn eighths_from_strength(hundredths: u8) -> u8 {
    let hundredths = if hundredths > 100 { 100 } else { hundredths };
    ((hundredths as u16 * 8 + 50) / 100) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strength_of_a_sensor_survives_the_way_to_hundredths_and_back() {
        for eighths in 0..=8 {
            assert_eq!(eighths_from_strength(strength_from_eighths(eighths)), eighths);
        }
    }

    #[test]
    fn more_than_full_scale_counts_as_full_scale() {
        assert_eq!(strength_from_eighths(15), 100);
        assert_eq!(eighths_from_strength(255), 8);
    }
}
