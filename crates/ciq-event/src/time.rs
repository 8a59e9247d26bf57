//! Times as messages write them.

use jiff::{SignedDuration, Timestamp};

/// How far ahead of its arrival an event may claim to have happened.
pub const FUTURE_LIMIT: SignedDuration = SignedDuration::from_hours(24);

/// Milliseconds in a second.
const MILLIS: i64 = 1_000;

/// Why a value is not the time of an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Neither a number of seconds nor RFC 3339.
    #[error("not a time: send seconds since 1970, or RFC 3339 such as 2024-01-15T10:00:00Z")]
    Unreadable,
    /// Zero, negative or before 1970.
    #[error("must be after 1970-01-01T00:00:00Z")]
    NotPositive,
    /// More than [`FUTURE_LIMIT`] after the arrival.
    #[error("more than a day ahead (milliseconds? send seconds)")]
    Ahead,
}

/// Parses seconds since 1970, whole or decimal (kept to the millisecond), as the text of a JSON
/// number. `received_at` is the arrival, against which the future is judged.
pub fn parse_seconds(text: &str, received_at: Timestamp) -> Result<Timestamp, TimeError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TimeError::Unreadable);
    }
    let Ok(seconds) = whole.parse::<i64>() else {
        let is_huge = whole.len() > 18 && whole.bytes().all(|b| b.is_ascii_digit());
        return Err(if is_huge { TimeError::Ahead } else { TimeError::Unreadable });
    };
    let millis = format!("{fraction:0<3}")[..3].parse::<i64>().unwrap_or(0);
    let Some(total) = seconds.checked_mul(MILLIS).and_then(|ms| ms.checked_add(millis)) else {
        return Err(TimeError::Ahead);
    };
    if total <= 0 {
        return Err(TimeError::NotPositive);
    }
    let at = Timestamp::from_millisecond(total).map_err(|_| TimeError::Ahead)?;
    judged(at, received_at)
}

/// Parses RFC 3339, kept to the millisecond.
pub fn parse_rfc3339(text: &str, received_at: Timestamp) -> Result<Timestamp, TimeError> {
    let at: Timestamp = text.trim().parse().map_err(|_| TimeError::Unreadable)?;
    let at = Timestamp::from_millisecond(at.as_millisecond()).map_err(|_| TimeError::Unreadable)?;
    judged(at, received_at)
}

fn judged(at: Timestamp, received_at: Timestamp) -> Result<Timestamp, TimeError> {
    if at <= Timestamp::UNIX_EPOCH {
        return Err(TimeError::NotPositive);
    }
    if at.duration_since(received_at) > FUTURE_LIMIT {
        return Err(TimeError::Ahead);
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &Result<i64, TimeError>) {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let parse = if text.contains('T') { parse_rfc3339 } else { parse_seconds };
        assert_eq!(&parse(text, now).map(Timestamp::as_millisecond), expected, "{text}");
    }

    #[test]
    fn seconds_and_rfc3339_are_times() {
        check("1734134400", &Ok(1_734_134_400_000));
        check("1734134400.1239", &Ok(1_734_134_400_123));
        check("2024-01-15T10:00:00Z", &Ok(1_705_312_800_000));
        check("2024-01-15T10:00:00.5+01:00", &Ok(1_705_309_200_500));
    }

    #[test]
    fn zero_the_far_future_and_nonsense_are_refused() {
        check("0", &Err(TimeError::NotPositive));
        check("-1", &Err(TimeError::NotPositive));
        check("1734134400000", &Err(TimeError::Ahead));
        check("99999999999999999999", &Err(TimeError::Ahead));
        check("1800086401", &Err(TimeError::Ahead));
        check("1800086400", &Ok(1_800_086_400_000));
        check("soon", &Err(TimeError::Unreadable));
        check("1e9", &Err(TimeError::Unreadable));
        check("2024-13-15T10:00:00Z", &Err(TimeError::Unreadable));
        check("1970-01-01T00:00:00Z", &Err(TimeError::NotPositive));
    }
}
