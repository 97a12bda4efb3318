//! `oxiward what-if`: what would have alarmed with other limits, from the record, also while the station runs.

use super::options::Common;
use super::{Failure, say};
use clap::{Args, ValueEnum};
use record::Record;
use station::{ListedAlarm, RapidFall, Told, WhatIf, WhatIfError, WhatIfReport, wall_now, what_if};
use std::fmt::Write as _;
use std::time::Duration;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};
use vitals::{BedId, Condition, LimitsChange, WallTime};

/// Goes through a span of the record with other limits and says what would have alarmed.
#[derive(Debug, Args)]
pub(crate) struct WhatIfLine {
    /// The bed.
    #[arg(long, value_name = "BED", value_parser = bed)]
    bed: BedId,
    /// The beginning of the span: RFC 3339, a day such as 2026-11-21, milliseconds since 1970, or a span back from now
    /// such as -8h.
    #[arg(long, allow_hyphen_values = true)]
    from: String,
    /// Its end [default: now].
    #[arg(long, allow_hyphen_values = true)]
    to: Option<String>,
    /// Alarm when SpO₂ is below, %.
    #[arg(long, value_name = "N")]
    spo2_low: Option<u8>,
    /// Alarm at once when SpO₂ is below, %.
    #[arg(long, value_name = "N")]
    spo2_desat: Option<u8>,
    /// Alarm when SpO₂ is above, %, or off.
    #[arg(long, value_name = "N|off", value_parser = number_or_off)]
    spo2_high: Option<OrOff>,
    /// Alarm when the pulse rate is below, beats per minute.
    #[arg(long, value_name = "N")]
    pulse_low: Option<u16>,
    /// Alarm when the pulse rate is above, beats per minute.
    #[arg(long, value_name = "N")]
    pulse_high: Option<u16>,
    /// How long a value must be beyond its limit before it alarms, s.
    #[arg(long, value_name = "S")]
    delay_s: Option<u8>,
    /// The area below the limit before SpO₂ alarms, in place of the delay, %·s, or off.
    #[arg(long, value_name = "N|off", value_parser = number_or_off)]
    area_delay: Option<OrOff>,
    /// Judge the mean over so many seconds, 0 to 60, on top of the sensor's own averaging.
    #[arg(long, value_name = "S", default_value_t = 0)]
    averaging_s: u8,
    /// A fall by so many points within so many seconds alarms without a delay, as 10/30, or off.
    #[arg(long, value_name = "P/S|off", value_parser = fall)]
    rapid_fall: Option<FallOrOff>,
    /// What is printed.
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people.
    Text,
    /// The answer of the HTTP interface, with every alarm of both passes.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OrOff(Option<u8>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FallOrOff(Option<RapidFall>);

fn bed(text: &str) -> Result<BedId, String> {
    BedId::new(text).map_err(|error| error.to_string())
}

fn number_or_off(text: &str) -> Result<OrOff, String> {
    match text {
        "off" => Ok(OrOff(None)),
        number => number.parse().map(|number| OrOff(Some(number))).map_err(|_| "write a whole number, or off".into()),
    }
}

fn fall(text: &str) -> Result<FallOrOff, String> {
    if text == "off" {
        return Ok(FallOrOff(None));
    }
    let parts = text.split_once('/').and_then(|(points, seconds)| Some((points.parse().ok()?, seconds.parse().ok()?)));
    let (points, seconds) = parts.ok_or("write points and seconds, such as 10/30, or off")?;
    Ok(FallOrOff(Some(RapidFall { points, within: Duration::from_secs(seconds) })))
}

impl WhatIfLine {
    pub(crate) fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.format;
        let asked = self.asked(wall_now())?;
        let record = Record::existing(&common.folder()?)?;
        let report = what_if(&record, &asked).map_err(|error| match error {
            WhatIfError::BadLimits(_) => Failure::usage(error),
            WhatIfError::UnknownBed(_) | WhatIfError::Record(_) => Failure::failed(error),
        })?;
        match format {
            Format::Json => say(&serde_json::to_string(&report)?),
            Format::Text => say(text(&report).trim_end()),
        }
        Ok(())
    }

    fn asked(self, now: WallTime) -> Result<WhatIf, Failure> {
        let time = |name: &str, text: &str| {
            server::moment(text, now).or_else(|| station::start_of_day(text)).ok_or_else(|| {
                Failure::usage(format!(
                    "--{name}: write RFC 3339, a day such as 2026-11-21, milliseconds since 1970, or a span back from now such as \
                     -8h; it was {text:?}."
                ))
            })
        };
        let from = time("from", &self.from)?;
        let to = self.to.as_deref().map_or(Ok(now), |text| time("to", text))?;
        if from > to {
            return Err(Failure::usage("--from lies after --to."));
        }
        Ok(WhatIf {
            bed: self.bed,
            from,
            to,
            limits: LimitsChange {
                spo2_low: self.spo2_low,
                spo2_desat: self.spo2_desat,
                spo2_high: self.spo2_high.map(|limit| limit.0),
                pulse_low: self.pulse_low,
                pulse_high: self.pulse_high,
                delay_s: self.delay_s,
                area_delay: self.area_delay.map(|area| area.0),
            },
            averaging: Duration::from_secs(self.averaging_s.into()),
            rapid_fall: self.rapid_fall.map(|fall| fall.0),
            list: self.format == Format::Json,
        })
    }
}

/// The answer as a table and three lists.
fn text(report: &WhatIfReport) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "Bed {}, {} to {}\nwatched {}, with an SpO2 {}\n",
        report.bed,
        local(report.from),
        local(report.to),
        length(report.watched_s),
        length(report.measured_s)
    );
    let _ = writeln!(text, "{:<22}{:>8}{:>8}{:>12}{:>12}", "alarms", "was", "would", "was/day", "would/day");
    let rate = |told: &Told, condition| {
        let rate = told.per_day.get(condition).copied().flatten();
        rate.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}"))
    };
    let count = |told: &Told, condition: &Condition| told.alarms.get(condition).copied().unwrap_or(0);
    for condition in
        report.was.alarms.keys().filter(|condition| count(&report.was, condition) + count(&report.would, condition) > 0)
    {
        let _ = writeln!(
            text,
            "{:<22}{:>8}{:>8}{:>12}{:>12}",
            condition.as_str(),
            count(&report.was, condition),
            count(&report.would, condition),
            rate(&report.was, condition),
            rate(&report.would, condition)
        );
    }
    let all = |told: &Told| told.alarms.values().sum::<usize>();
    let _ = writeln!(text, "{:<22}{:>8}{:>8}\n", "all", all(&report.was), all(&report.would));
    let _ = writeln!(
        text,
        "below the limit that was in force {}; of that without an alarm: was {}, would {}\n",
        length(report.was.below_s),
        length(report.was.below_unalarmed_s),
        length(report.would.below_unalarmed_s)
    );
    list(&mut text, "lost", report.lost.iter().map(|alarm| (alarm, String::new())));
    list(&mut text, "won", report.won.iter().map(|alarm| (alarm, String::new())));
    list(&mut text, "later", report.later.iter().map(|later| (&later.alarm, format!("  by {}", length(later.by_s)))));
    for note in &report.notes {
        let _ = writeln!(text, "Note: {note}");
    }
    text
}

fn list<'a>(text: &mut String, name: &str, alarms: impl ExactSizeIterator<Item = (&'a ListedAlarm, String)>) {
    let _ = writeln!(text, "{name}: {}", alarms.len());
    for (alarm, more) in alarms {
        let value = match (alarm.worst, alarm.limit) {
            (Some(worst), Some(limit)) => format!("  worst {worst}, limit {limit}"),
            _ => String::new(),
        };
        let lasted = alarm.until.map_or_else(|| "to the end".into(), |until| length(until.since(alarm.since)));
        let _ = writeln!(text, "  {}  {:<20}  {lasted}{value}{more}", local(alarm.since), alarm.condition.as_str());
    }
}

/// A moment as the clock of this computer shows it, with its zone; in UTC where that is not to be had.
fn local(time: WallTime) -> String {
    let nanos = i128::from(time.as_millis() / 1000) * 1_000_000_000;
    let utc = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok();
    let offset = UtcOffset::from_whole_seconds(station::seconds_east(time)).unwrap_or(UtcOffset::UTC);
    let local = utc.map(|utc| utc.to_offset(offset));
    local.and_then(|local| local.format(&Rfc3339).ok()).unwrap_or_else(|| time.as_millis().to_string())
}

fn length(span: Duration) -> String {
    let seconds = span.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, _) => format!("{:.1} s", span.as_secs_f64()),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_may_be_off_and_a_fall_is_points_over_seconds() {
        assert_eq!((number_or_off("97"), number_or_off("off")), (Ok(OrOff(Some(97))), Ok(OrOff(None))));
        assert!(number_or_off("none").is_err() && number_or_off("300").is_err());
        let wanted = RapidFall { points: 10, within: Duration::from_secs(30) };
        assert_eq!((fall("10/30"), fall("off")), (Ok(FallOrOff(Some(wanted))), Ok(FallOrOff(None))));
        assert!(fall("10").is_err() && fall("a/b").is_err());
    }

    #[test]
    fn lengths_are_told_as_people_do() {
        let told = [2500, 61_000, 7_260_000].map(|millis| length(Duration::from_millis(millis)));
        assert_eq!(told, ["2.5 s", "1 min 1 s", "2 h 1 min"]);
    }
}
