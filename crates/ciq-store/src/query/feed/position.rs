//! How far a reader of the feed has come.

use std::fmt;
use std::str::FromStr;

/// Characters of a refused text that are repeated in the error.
const SHOWN_LENGTH_MAX: usize = 80;

/// How far each table was read: the number of the last row. The default is the beginning.
///
/// Means something for one brand's file only. A row's number is given once, also after the row is
/// gone, so a position never skips what comes later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FeedPosition {
    /// The last event.
    pub event_seq: i64,
    /// The last merge.
    pub merge_key: i64,
    /// The last decision of a person: an undo follows from one.
    pub decision_seq: i64,
    /// The last dead letter.
    pub dead_letter_key: i64,
}

/// Why a text is no position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a position such as 12-3-0-1: {0:?}")]
pub struct FeedPositionError(String);

impl fmt::Display for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event_seq, merge_key, decision_seq, dead_letter_key } = self;
        write!(f, "{event_seq}-{merge_key}-{decision_seq}-{dead_letter_key}")
    }
}

impl FromStr for FeedPosition {
    type Err = FeedPositionError;

    /// Reads exactly what is written, and no other spelling of the same numbers.
    fn from_str(text: &str) -> Result<Self, FeedPositionError> {
        let is_as_written = |position: &Self| position.to_string() == text;
        parse(text)
            .filter(is_as_written)
            .ok_or_else(|| FeedPositionError(text.chars().take(SHOWN_LENGTH_MAX).collect()))
    }
}

fn parse(text: &str) -> Option<FeedPosition> {
    let mut numbers = text.splitn(4, '-');
    let mut next = || numbers.next()?.parse().ok().filter(|number: &i64| *number >= 0);
    Some(FeedPosition {
        event_seq: next()?,
        merge_key: next()?,
        decision_seq: next()?,
        dead_letter_key: next()?,
    })
}
