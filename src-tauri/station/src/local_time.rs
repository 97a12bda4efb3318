//! The time on the wall of the ward, for sensors whose clock knows no zone.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use oximeter::DeviceTime;
use vitals::WallTime;

/// What a clock on the wall shows at `wall`. `None` outside the years 2000 to 2099, which no sensor's clock knows.
pub(crate) fn shown_at(wall: WallTime, zone: &TimeZone) -> Option<DeviceTime> {
    let shown = Timestamp::from_millisecond(wall.as_millis()).ok()?.to_zoned(zone.clone()).datetime();
    let part = |value: i8| u8::try_from(value).ok();
    DeviceTime::new(
        u16::try_from(shown.year()).ok()?,
        part(shown.month())?,
        part(shown.day())?,
        part(shown.hour())?,
        part(shown.minute())?,
        part(shown.second())?,
    )
}

/// When a day begins on the ward, `YYYY-MM-DD`; `None` if it is no day.
#[must_use]
pub fn start_of_day(day: &str) -> Option<WallTime> {
    let date: jiff::civil::Date = day.parse().ok()?;
    let begins = date.to_zoned(TimeZone::system()).ok()?;
    Some(WallTime::from_millis(begins.timestamp().as_millisecond()))
}

/// How far the ward's clock is ahead of UTC at `wall`, s.
#[must_use]
pub fn seconds_east(wall: WallTime) -> i32 {
    let moment = Timestamp::from_millisecond(wall.as_millis()).ok();
    moment.map_or(0, |moment| TimeZone::system().to_offset(moment).seconds())
}

/// When a clock on the wall shows `time`. In the hour that comes twice in autumn, the first time.
pub(crate) fn when_shown(time: DeviceTime, zone: &TimeZone) -> Option<WallTime> {
    let part = |value: u8| i8::try_from(value).ok();
    let shown = DateTime::new(
        i16::try_from(time.year()).ok()?,
        part(time.month())?,
        part(time.day())?,
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
        0,
    );
    let zoned = shown.ok()?.to_zoned(zone.clone()).ok()?;
    Some(WallTime::from_millis(zoned.timestamp().as_millisecond()))
}

/// The hour and minute that a clock on the wall of the ward shows, such as `12:03`.
#[must_use]
pub fn hour_and_minute(wall: WallTime) -> String {
    let shown = shown_at(wall, &TimeZone::system());
    shown.map_or_else(|| "an unknown time".into(), |shown| format!("{:02}:{:02}", shown.hour(), shown.minute()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_is_read_and_set_in_the_wards_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        // 2026-03-09T07:05:30+02:00.
        let wall = WallTime::from_millis(1_773_032_730_000);
        let shown = DeviceTime::new(2026, 3, 9, 7, 5, 30).unwrap();
        assert_eq!(shown_at(wall, &zone), Some(shown));
        assert_eq!(when_shown(shown, &zone), Some(wall));
    }

    #[test]
    fn a_time_that_no_sensor_knows_is_none() {
        assert_eq!(shown_at(WallTime::from_millis(0), &TimeZone::UTC), None);
    }
}
