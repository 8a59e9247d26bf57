//! Times and spans of time as people type them.

use std::str::FromStr;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How often the clockwork may look: not all the time, and once a day at least.
const EVERY_SECONDS: std::ops::RangeInclusive<u64> = 1..=86_400;

/// How long a try of a message may take: well below the five minutes after which another worker
/// takes over.
const TIMEOUT_SECONDS: std::ops::RangeInclusive<u64> = 1..=60;

/// The longest horizon: figures of more than a year ahead are guesses.
const HORIZON_DAYS_MAX: u64 = 365;

/// The longest time for which an intervention is put off: what waits longer is nobody's plan.
const REST_DAYS_MAX: i64 = 90;

/// Characters of a day such as 2026-01-31.
const DAY_LENGTH: usize = 10;

/// Seconds of a day.
const DAY_SECONDS: u64 = 86_400;

/// How often the clockwork looks although nothing happened; nothing where it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Every(pub(crate) Option<Duration>);

/// Why a text says not how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a number with s, m or h, from 1s to 24h, such as 60s; or off")]
pub(crate) struct EveryError;

impl FromStr for Every {
    type Err = EveryError;

    fn from_str(text: &str) -> Result<Self, EveryError> {
        if text.trim().eq_ignore_ascii_case("off") {
            return Ok(Self(None));
        }
        let seconds = seconds(text).filter(|seconds| EVERY_SECONDS.contains(seconds));
        seconds.map(|seconds| Self(Some(Duration::from_secs(seconds)))).ok_or(EveryError)
    }
}

/// Reads how long a try of a message may take.
pub(crate) fn timeout(text: &str) -> Result<Duration, &'static str> {
    let seconds = seconds(text).filter(|seconds| TIMEOUT_SECONDS.contains(seconds));
    seconds
        .map(Duration::from_secs)
        .ok_or("OUTREACH_TIMEOUT takes a number with s or m, from 1s to 60s, such as 10s")
}

/// Reads a horizon in whole days.
pub(super) fn horizon(text: &str) -> Result<u16, &'static str> {
    let days =
        seconds(text).filter(|seconds| seconds % DAY_SECONDS == 0).map(|it| it / DAY_SECONDS);
    let days = days.filter(|days| (1..=HORIZON_DAYS_MAX).contains(days));
    days.and_then(|days| u16::try_from(days).ok())
        .ok_or("write whole days, 1d to 365d, such as 30d")
}

/// Reads for how long an intervention is put off.
pub(super) fn rest(text: &str) -> Result<SignedDuration, &'static str> {
    let seconds = seconds(text).and_then(|seconds| i64::try_from(seconds).ok());
    let span = seconds.map(SignedDuration::from_secs);
    let longest = SignedDuration::from_hours(24 * REST_DAYS_MAX);
    let span = span.filter(|span| span.is_positive() && *span <= longest);
    span.ok_or("write a number with s, m, h or d, up to 90d, such as 30m, 4h or 2d")
}

/// Reads a time, or a day, which stands for its beginning in UTC.
pub(super) fn moment(text: &str) -> Result<Timestamp, &'static str> {
    let text = text.trim();
    // Without a zone, a time of day may be anybody's.
    let is_day = text.len() == DAY_LENGTH;
    let of_day = || text.parse::<Date>().ok().filter(|_| is_day)?.to_zoned(TimeZone::UTC).ok();
    let moment = text.parse().ok().or_else(|| of_day().map(|day| day.timestamp()));
    moment.ok_or("write a time such as 2026-01-31T09:30:00Z, or a day such as 2026-01-31")
}

/// Reads a number with a unit, as seconds.
fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => DAY_SECONDS,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units_and_limits() {
        for (text, expected) in [
            ("60s", Some(Some(60))),
            ("5m", Some(Some(300))),
            ("24h", Some(Some(86_400))),
            ("off", Some(None)),
            ("0s", None),
            ("25h", None),
            ("60", None),
            ("s", None),
            ("", None),
            ("ü", None),
            ("99999999999999999999h", None),
        ] {
            let every = text.parse::<Every>().ok();
            let seconds = every.map(|every| every.0.map(|every| every.as_secs()));
            assert_eq!(seconds, expected, "{text}");
        }
        assert_eq!(horizon("30d"), Ok(30));
        assert_eq!(horizon("48h"), Ok(2));
        for text in ["0d", "12h", "400d", "30"] {
            assert!(horizon(text).is_err(), "{text}");
        }
        assert_eq!(rest("4h"), Ok(SignedDuration::from_hours(4)));
        for text in ["0m", "91d", "4", "soon", "-4h"] {
            assert!(rest(text).is_err(), "{text}");
        }
        assert_eq!(timeout("10s"), Ok(Duration::from_secs(10)));
        assert!(timeout("5m").is_err());
    }

    #[test]
    fn a_day_is_its_beginning() {
        let day = moment("2024-12-14").unwrap();
        assert_eq!(day, moment("2024-12-14T00:00:00Z").unwrap());
        assert_eq!(day, moment("2024-12-14T01:00:00+01:00").unwrap());
        for text in ["yesterday", "2024-12-14T00:00:00", ""] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
