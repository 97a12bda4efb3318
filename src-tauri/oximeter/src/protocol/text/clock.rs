//! The device's own date and time. It drifts, is unset, or has trouble with daylight saving: a reading is stamped with
//! the host's clock, and this stays beside it.

use super::fields::{Malformed, digits};
use crate::DeviceTime;
use core::fmt;
use core::time::Duration;

/// Time of day of a device that tells no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeOfDay {
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
}

/// Two digits.
pub(in crate::protocol) fn two(field: [u8; 2]) -> Result<u8, Malformed> {
    digits(&field).map(|number| number as u8)
}

/// The three numbers of `HH:MM:SS`.
fn three(field: &[u8]) -> Result<[u8; 3], Malformed> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *field else { return Err(Malformed) };
    Ok([two([h1, h2])?, two([m1, m2])?, two([s1, s2])?])
}

/// The date, in numbers, and `HH:MM:SS`. Digits that are no date, as of a clock that was never set, are no reason to
/// lose the numbers behind them: they are `None`.
pub(in crate::protocol) fn device_time(
    year: u8,
    month: u8,
    day: u8,
    time: &[u8],
) -> Result<Option<DeviceTime>, Malformed> {
    let [hour, minute, second] = three(time)?;
    Ok(DeviceTime::new(2000 + u16::from(year), month, day, hour, minute, second))
}

/// What a clock shows that was never set, so long after power-on.
pub(in crate::protocol) fn unset(since_power_on: Duration) -> Option<DeviceTime> {
    DeviceTime::new(2000, 1, 1, 0, 0, 0)?.after(since_power_on.as_secs())
}

impl TimeOfDay {
    /// `HH:MM:SS`.
    pub(in crate::protocol) fn parse(field: &[u8]) -> Result<Self, Malformed> {
        let [hour, minute, second] = three(field)?;
        if hour > 23 || minute > 59 || second > 59 {
            return Err(Malformed);
        }
        Ok(Self { hour, minute, second })
    }
}

/// `HH:MM:SS`.
impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_time_is_read_and_written_alike() {
        let time = TimeOfDay::parse(b"22:41:07").unwrap();
        assert_eq!((time.hour, time.minute, time.second), (22, 41, 7));
        assert_eq!(time.to_string(), "22:41:07");
    }

    #[test]
    fn a_time_that_no_clock_shows_is_none() {
        for wrong in ["24:00:00", "12:60:00", "12:00:60", "2:00:00", "12-00:00", "12:00:00 ", ""] {
            assert_eq!(TimeOfDay::parse(wrong.as_bytes()), Err(Malformed), "{wrong}");
        }
    }

    #[test]
    fn digits_that_are_no_date_are_no_damage() {
        assert_eq!(device_time(16, 2, 22, b"22:47:45"), Ok(DeviceTime::new(2016, 2, 22, 22, 47, 45)));
        assert_eq!(device_time(0, 0, 0, b"00:00:00"), Ok(None));
        assert_eq!(device_time(16, 2, 22, b"22:47:4 "), Err(Malformed));
    }

    #[test]
    fn an_unset_clock_counts_from_power_on() {
        assert_eq!(unset(Duration::from_secs(3 * 86_400 + 62)), DeviceTime::new(2000, 1, 4, 0, 1, 2));
    }
}
