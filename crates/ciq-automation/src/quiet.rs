//! Hours in which nobody is written to.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};

/// Hours of the day in which no message goes to a customer, from one time of day to another, past
/// midnight if the first is the later one.
#[derive(Debug, Clone, PartialEq)]
pub struct QuietHours {
    /// When they begin.
    pub from: Time,
    /// When they end; at that time messages go out again.
    pub to: Time,
    /// Where, as written: `UTC`, an offset, a POSIX rule, or a name that this build knows.
    pub time_zone: String,
    zone: TimeZone,
}

/// What is wrong with quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuietProblem {
    From,
    To,
    Empty,
    Zone,
}

impl QuietHours {
    pub(crate) fn parse(from: &str, to: &str, zone: &str) -> Result<Self, QuietProblem> {
        let from = time_of_day(from).ok_or(QuietProblem::From)?;
        let to = time_of_day(to).ok_or(QuietProblem::To)?;
        if from == to {
            return Err(QuietProblem::Empty);
        }
        let parsed = time_zone(zone).ok_or(QuietProblem::Zone)?;
        Ok(Self { from, to, time_zone: zone.trim().to_owned(), zone: parsed })
    }

    /// Returns when the quiet hours end that a time falls into; `None` when it falls into none.
    #[must_use]
    pub fn end_of(&self, at: Timestamp) -> Option<Timestamp> {
        let local = at.to_zoned(self.zone.clone()).datetime();
        let time = local.time();
        let (is_quiet, is_over_tomorrow) = if self.from < self.to {
            (self.from <= time && time < self.to, false)
        } else {
            (self.from <= time || time < self.to, self.from <= time)
        };
        if !is_quiet {
            return None;
        }
        let day = if is_over_tomorrow { local.date().tomorrow().ok()? } else { local.date() };
        let end = day.to_datetime(self.to).to_zoned(self.zone.clone()).ok()?.timestamp();
        // Where clocks were set back, the end of today's hours may have passed once already.
        Some(end.max(at.checked_add(jiff::SignedDuration::from_secs(1)).unwrap_or(at)))
    }

    pub(crate) fn begin_text(&self) -> String {
        clock(self.from)
    }

    pub(crate) fn end_text(&self) -> String {
        clock(self.to)
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {} {}", self.begin_text(), self.end_text(), self.time_zone)
    }
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// Reads `UTC`, `+05:30`, a POSIX rule such as `CET-1CEST,M3.5.0,M10.5.0/3`, or a name where the
/// build has a time zone database.
fn time_zone(text: &str) -> Option<TimeZone> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("utc") || text == "Z" {
        return Some(TimeZone::UTC);
    }
    if let Some(offset) = fixed_offset(text) {
        return Some(TimeZone::fixed(offset));
    }
    // A POSIX rule has a digit; without this, "Mars" would be looked up in vain only.
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let rule = if has_digit { TimeZone::posix(text).ok() } else { None };
    rule.or_else(|| TimeZone::get(text).ok())
}

fn fixed_offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        _ => return None,
    };
    let time = time_of_day(rest)?;
    if time.hour() > 14 {
        return None;
    }
    let seconds = i32::from(time.hour()) * 3_600 + i32::from(time.minute()) * 60;
    Offset::from_seconds(sign * seconds).ok()
}
