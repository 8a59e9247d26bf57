//! How well an account goes.
//!
//! Six parts of a hundred points. What is not known counts half, and says so.

mod part;
mod reason;

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::Subject;

/// How well an account goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The points of all parts together, 0 to 100.
    pub score: u8,
    /// What that means.
    pub band: Band,
    /// What it is made of.
    pub parts: Vec<HealthPart>,
}

/// One part of a health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthPart {
    /// `errors`, `usage`, `progress`, `engagement`, `support` or `churn`.
    pub name: &'static str,
    /// Its points.
    pub points: u8,
    /// How many it could have.
    pub points_max: u8,
    /// Why, in words with the figures.
    pub reason: String,
}

/// What a score means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Below 40.
    AtRisk,
    /// From 40 to 69.
    Watch,
    /// From 70 on.
    Healthy,
}

impl Band {
    /// All bands, the worst first.
    pub const ALL: [Self; 3] = [Self::AtRisk, Self::Watch, Self::Healthy];

    /// Returns the band of a score.
    #[must_use]
    pub const fn of(score: u8) -> Self {
        match score {
            0..40 => Self::AtRisk,
            40..70 => Self::Watch,
            70.. => Self::Healthy,
        }
    }

    /// Returns the name: `at_risk`, `watch` or `healthy`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtRisk => "at_risk",
            Self::Watch => "watch",
            Self::Healthy => "healthy",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.name() == name)
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Says how well an account goes, and why.
///
/// | part | most | points |
/// |---|---|---|
/// | errors | 30 | 30 without errors, falling in a straight line to 0 at an error rate of 10 % |
/// | usage | 30 | increasing 30, stable 20, declining 0; 0 after 30 days without a call |
/// | progress | 10 | 2 for each stage after the first; at least 5 in the first 24 hours |
/// | engagement | 10 | by the latest call: 10 within a day, 8 in 3 days, 6 in 7, 4 in 14, 2 in 30 |
/// | support | 8 | 4 less for each negative ticket of the last 30 days |
/// | churn | 12 | the chance of staying: 12 for 100 % |
///
/// What is not known counts half of its part: errors of an account that made ten calls or fewer, or
/// none for 30 days; use and engagement of one that never called, save that an account of a day or
/// more that never called is not engaged.
#[must_use]
pub fn health(subject: &Subject, as_of: Timestamp) -> Health {
    let parts: Vec<_> = part::all(subject, as_of)
        .into_iter()
        .map(|part| HealthPart {
            name: part.name,
            points: part.points,
            points_max: part.points_max,
            reason: part.reason.to_string(),
        })
        .collect();
    let score = parts.iter().map(|part| part.points).sum();
    Health { score, band: Band::of(score), parts }
}

/// Returns the score alone: no words are written for it.
pub(crate) fn score(subject: &Subject, as_of: Timestamp) -> u8 {
    part::all(subject, as_of).iter().map(|part| part.points).sum()
}
