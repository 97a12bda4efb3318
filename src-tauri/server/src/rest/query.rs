//! The query of a URL: values that do not parse are named.

use crate::error::ApiError;
use http::Uri;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vitals::WallTime;

/// The pairs of a URL's query.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn of(uri: &Uri) -> Result<Self, ApiError> {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        for (index, (name, _)) in pairs.iter().enumerate() {
            if pairs[..index].iter().any(|(before, _)| before == name) {
                return Err(ApiError::bad_request(format!("`{name}` is given twice.")));
            }
        }
        Ok(Self(pairs))
    }

    /// Refuses a name that is not known: a typing error must not pass for a default.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                Err(ApiError::bad_request(format!("There is no parameter `{name}` here. There are: {known}.")))
            }
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A whole number in a range.
    pub(crate) fn number(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match text.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => {
                let message = format!("`{name}` must be a whole number from {least} to {most}; it was {text:?}.");
                Err(ApiError::bad_request(message))
            }
        }
    }

    /// `from` and `to`; `to` is now if absent, `from` is `back` before it.
    pub(crate) fn span(&self, now: WallTime, back: Duration) -> Result<(WallTime, WallTime), ApiError> {
        let time = |name: &str| {
            let Some(text) = self.get(name) else { return Ok(None) };
            moment(text, now).map(Some).ok_or_else(|| {
                ApiError::bad_request(format!(
                    "`{name}` must be RFC 3339, milliseconds since 1970, or a span back from now such as -8h; it was {text:?}."
                ))
            })
        };
        let to = time("to")?.unwrap_or(now);
        let from = time("from")?.unwrap_or_else(|| to.minus(back));
        if from > to {
            return Err(ApiError::bad_request("`from` lies after `to`."));
        }
        Ok((from, to))
    }
}

/// A moment as people and programs write it: RFC 3339, milliseconds since 1970, or a span back from `now` such as
/// `-8h`. `None` if it is none of these.
#[must_use]
pub fn moment(text: &str, now: WallTime) -> Option<WallTime> {
    if let Some(span) = text.strip_prefix('-') {
        let unit = span.chars().last()?;
        let count: u64 = span.strip_suffix(unit)?.parse().ok()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 24 * 3600,
            _ => return None,
        };
        return Some(now.minus(Duration::from_secs(count.checked_mul(seconds)?)));
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(WallTime::from_millis);
    }
    // In a query an unescaped + of a time zone reads as a space.
    let parsed = OffsetDateTime::parse(&text.replace(' ', "+"), &Rfc3339).ok()?;
    i64::try_from(parsed.unix_timestamp_nanos() / 1_000_000).ok().map(WallTime::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: WallTime = WallTime::from_millis(1_793_180_000_000);

    fn query(text: &str) -> Query {
        Query::of(&format!("/?{text}").parse().unwrap()).unwrap()
    }

    #[test]
    fn a_moment_is_written_in_three_ways() {
        assert_eq!(moment("-5m", NOW), Some(NOW.minus(Duration::from_secs(300))));
        assert_eq!(moment("1793180000000", NOW), Some(NOW));
        assert_eq!(moment("2026-10-28T05:33:20Z", NOW), Some(WallTime::from_millis(1_793_165_600_000)));
        assert_eq!(moment("2026-10-28T07:33:20 02:00", NOW), moment("2026-10-28T05:33:20Z", NOW));
        for wrong in ["", "-", "-5", "-5w", "--5m", "yesterday", "2026-10-28", "-99999999999999999999d", "5m"] {
            assert_eq!(moment(wrong, NOW), None, "{wrong}");
        }
    }

    #[test]
    fn what_does_not_parse_is_named() {
        let error = query("from=yesterday").span(NOW, Duration::ZERO).unwrap_err();
        assert!(error.message.contains("`from`") && error.message.contains("yesterday"), "{}", error.message);
        assert!(query("fron=-5m").only(&["from", "to"]).unwrap_err().message.contains("`fron`"));
        assert!(query("limit=-1").number("limit", 1, 10).is_err());
        assert!(query("from=-1m&to=-2m").span(NOW, Duration::ZERO).is_err());
        assert!(Query::of(&"/?a=1&a=2".parse().unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_of_moments_fail(text in ".{0,40}") {
            let _ = moment(&text, NOW);
        }
    }
}
