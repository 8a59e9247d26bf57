//! What cannot be planned, and what to do about it.

use std::fmt;

use super::settings::{CUSTOMERS_MAX, MONTHS_MAX};

/// A run that cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Too few or too many months.
    #[error("a run cannot have {months} months: choose 1 to {MONTHS_MAX}")]
    Months {
        /// As many as were asked for.
        months: u32,
    },
    /// Too few or too many customers.
    #[error("a run cannot have {count} customers: choose 1 to {CUSTOMERS_MAX} in all")]
    Customers {
        /// As many as were asked for, over all price plans.
        count: u64,
    },
    /// Phases that are not one for each month.
    #[error("{phases} phases do not fit {months} months: give one phase for each month")]
    Phases {
        /// The months.
        months: u32,
        /// The phases.
        phases: usize,
    },
    /// More changes than there are customers for.
    #[error("month {month} has {wanted} {need}, and customers for {found}: {}", need.remedy())]
    TooFew {
        /// What there is too much of.
        need: Need,
        /// The month.
        month: u32,
        /// How many changes the month has.
        wanted: u32,
        /// How many customers could have one.
        found: u32,
    },
}

/// What a month needs customers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// To a dearer price plan, or to more screens.
    Upgrades,
    /// To a cheaper price plan.
    Downgrades,
    /// Subscriptions that end.
    Cancellations,
    /// Renewals that cannot be collected.
    PastDue,
}

impl Need {
    /// Returns the name of the setting.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upgrades => "upgrades",
            Self::Downgrades => "downgrades",
            Self::Cancellations => "cancellations",
            Self::PastDue => "past due",
        }
    }

    const fn remedy(self) -> &'static str {
        match self {
            Self::Upgrades => "plan fewer upgrades, or more customers or months",
            Self::Downgrades => "plan fewer downgrades, or more customers of paid price plans",
            Self::Cancellations => "plan fewer cancellations, or more customers",
            Self::PastDue => "plan fewer customers past due, or more customers of paid price plans",
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
