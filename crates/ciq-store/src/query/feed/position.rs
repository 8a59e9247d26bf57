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
    /// The last step in the life of an intervention. 0 in a text of four numbers: as long as
    /// there were no interventions, positions had no more.
    pub intervention_key: i64,
}

/// Why a text is no position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a position such as 12-3-0-1-4: {0:?}")]
pub struct FeedPositionError(String);

impl fmt::Display for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event_seq, merge_key, decision_seq, dead_letter_key, intervention_key } = self;
        write!(f, "{event_seq}-{merge_key}-{decision_seq}-{dead_letter_key}-{intervention_key}")
    }
}

impl FromStr for FeedPosition {
    type Err = FeedPositionError;

    /// Reads exactly what is written, and no other spelling of the same numbers; the fifth may be
    /// left out where it is 0.
    fn from_str(text: &str) -> Result<Self, FeedPositionError> {
        let is_as_written = |position: &Self| {
            let written = position.to_string();
            written == text || written.strip_suffix("-0") == Some(text)
        };
        parse(text)
            .filter(is_as_written)
            .ok_or_else(|| FeedPositionError(text.chars().take(SHOWN_LENGTH_MAX).collect()))
    }
}

fn parse(text: &str) -> Option<FeedPosition> {
    let mut numbers = text.split('-').map(|number| number.parse::<i64>().ok());
    let mut next = || numbers.next().flatten();
    Some(FeedPosition {
        event_seq: next()?,
        merge_key: next()?,
        decision_seq: next()?,
        dead_letter_key: next()?,
        intervention_key: numbers.next().unwrap_or(Some(0))?,
    })
}
