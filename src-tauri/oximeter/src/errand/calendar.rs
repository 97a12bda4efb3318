//! Date and time as a sensor's clock has them: without a zone.

use core::fmt;

/// A date and a time of day, by a clock that knows no zone. From 2000 to 2099: the formats keep the last two digits of
/// the year, or are of devices made since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceTime {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

const fn is_leap(year: u16) -> bool {
    // In 2000 to 2099 every fourth year is.
    year.is_multiple_of(4)
}

const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

impl DeviceTime {
    /// `None` for what is no date and time of the years 2000 to 2099, such as the all 0 of a sensor without a clock.
    ///
    /// ```
    /// use oximeter::DeviceTime;
    ///
    /// let time = DeviceTime::new(2026, 3, 9, 7, 5, 30).ok_or("no time")?;
    /// assert_eq!(time.to_string(), "2026-03-09T07:05:30");
    /// assert_eq!(DeviceTime::new(2026, 2, 29, 0, 0, 0), None);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
        let known = year >= 2000 && year <= 2099 && day >= 1 && day <= days_in(year, month);
        if !known || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(Self { year, month, day, hour, minute, second })
    }

    /// 2000 to 2099.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The last two digits of the year.
    #[must_use]
    pub(crate) const fn year_of_century(self) -> u8 {
        (self.year % 100) as u8
    }

    /// 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// 0 to 23.
    #[must_use]
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// 0 to 59.
    #[must_use]
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// 0 to 59.
    #[must_use]
    pub const fn second(self) -> u8 {
        self.second
    }

    /// Days since the first of January 2000, a Saturday.
    const fn days(self) -> u32 {
        let years = (self.year - 2000) as u32;
        let mut days = years * 365 + years.div_ceil(4) + self.day as u32 - 1;
        let mut month = 1;
        while month < self.month {
            days += days_in(self.year, month) as u32;
            month += 1;
        }
        days
    }

    /// 0 for Sunday to 6 for Saturday.
    #[must_use]
    pub const fn weekday(self) -> u8 {
        ((self.days() + 6) % 7) as u8
    }

    /// The time `seconds` later; `None` past 2099.
    #[must_use]
    pub fn after(self, seconds: u64) -> Option<Self> {
        let of_day = u64::from(self.hour) * 3600 + u64::from(self.minute) * 60 + u64::from(self.second);
        let total = of_day.checked_add(seconds)?;
        let (mut days, of_day) = (u64::from(self.days()) + total / 86_400, total % 86_400);
        let mut year = 2000;
        loop {
            let length = if is_leap(year) { 366 } else { 365 };
            if days < length {
                break;
            }
            days -= length;
            year += 1;
            if year > 2099 {
                return None;
            }
        }
        let mut month = 1;
        while days >= u64::from(days_in(year, month)) {
            days -= u64::from(days_in(year, month));
            month += 1;
        }
        let [hour, minute, second] = [of_day / 3600, of_day / 60 % 60, of_day % 60].map(|part| part as u8);
        Self::new(year, month, days as u8 + 1, hour, minute, second)
    }
}

/// As ISO 8601 has it, without a zone.
impl fmt::Display for DeviceTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weekday_is_that_of_the_calendar() {
        let of = |year, month, day| DeviceTime::new(year, month, day, 0, 0, 0).unwrap().weekday();
        // 9 March 2026 was a Monday, 1 January 2000 a Saturday, 29 February 2024 a Thursday.
        assert_eq!([of(2026, 3, 9), of(2000, 1, 1), of(2024, 2, 29)], [1, 6, 4]);
    }

    #[test]
    fn what_is_no_date_or_time_is_none() {
        assert_eq!(DeviceTime::new(2000, 0, 0, 0, 0, 0), None);
        assert_eq!(DeviceTime::new(2023, 2, 29, 0, 0, 0), None);
        assert_eq!(DeviceTime::new(2024, 2, 28, 24, 0, 0), None);
        assert_eq!(DeviceTime::new(6676, 1, 1, 0, 0, 0), None);
    }

    #[test]
    fn a_clock_runs_over_the_end_of_a_year() {
        let last = DeviceTime::new(2024, 12, 31, 23, 59, 58).unwrap();
        assert_eq!(last.after(3), DeviceTime::new(2025, 1, 1, 0, 0, 1));
        assert_eq!(last.after(59 * 86_400), DeviceTime::new(2025, 2, 28, 23, 59, 58));
        assert_eq!(DeviceTime::new(2099, 12, 31, 23, 59, 59).unwrap().after(1), None);
    }
}
