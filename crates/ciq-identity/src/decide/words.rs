//! The reasons in words: names for records, sentences for people.

use std::fmt;
use std::str::FromStr;

use super::{LeftOutReason, ReviewReason};

/// Why a text names no reason for leaving an identifier out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a reason for leaving an identifier out: {0:?}")]
pub struct LeftOutReasonError(String);

impl fmt::Display for LeftOutReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Limit => "limit",
            Self::SharedDevice => "shared_device",
            Self::HeldByAnother => "held_by_another",
        })
    }
}

impl FromStr for LeftOutReason {
    type Err = LeftOutReasonError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "limit" => Ok(Self::Limit),
            "shared_device" => Ok(Self::SharedDevice),
            "held_by_another" => Ok(Self::HeldByAnother),
            other => Err(LeftOutReasonError(other.chars().take(80).collect())),
        }
    }
}

impl fmt::Display for ReviewReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auto-merge blocked: ")?;
        match self {
            Self::TooMany { count, threshold } => {
                write!(f, "{count} profiles exceed threshold of {threshold}")
            }
            Self::DifferentCustomerIds(ids) => {
                f.write_str("profiles have different customer ids (")?;
                for (index, id) in ids.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{id}")?;
                }
                f.write_str(")")
            }
            Self::AutoMergeOff => f.write_str("auto-merge is switched off"),
        }
    }
}
