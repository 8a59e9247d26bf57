//! What conditions may ask about.

use ciq_event::{AccountStage, Tier, UsageTrend};
use ciq_insight::Segment;
use jiff::{SignedDuration, Timestamp};

use crate::Subject;
use crate::number::float;
use crate::rule::nearest;

/// What a condition may ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// How far the account has come.
    Stage,
    /// What it pays for.
    Tier,
    /// What the operator calls the state of the customer.
    Status,
    /// Which way the use goes.
    UsageTrend,
    /// The state of the integration.
    IntegrationStatus,
    /// The segment.
    Segment,
    /// The share of calls that fail, 0 to 1.
    ErrorRate,
    /// All calls so far.
    TotalApiCalls,
    /// Hours since the account signed up, else since the customer is one.
    AccountAgeHours,
    /// Hours since the latest call.
    HoursSinceLastApiCall,
    /// The probability of leaving, 0 to 1.
    Churn,
    /// What the customer is predicted to be worth, in whole units.
    LifetimeValue,
    /// How well the customer is known, percent.
    Strength,
    /// The score of health, 0 to 100.
    HealthScore,
    /// Tickets of the last 30 days in which the customer was displeased.
    NegativeTickets,
}

/// What a field of a subject holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Known<'a> {
    Text(&'a str),
    Number(f64),
    Nothing,
}

impl Field {
    /// All fields, texts first.
    pub const ALL: [Self; 15] = [
        Self::Stage,
        Self::Tier,
        Self::Status,
        Self::UsageTrend,
        Self::IntegrationStatus,
        Self::Segment,
        Self::ErrorRate,
        Self::TotalApiCalls,
        Self::AccountAgeHours,
        Self::HoursSinceLastApiCall,
        Self::Churn,
        Self::LifetimeValue,
        Self::Strength,
        Self::HealthScore,
        Self::NegativeTickets,
    ];

    /// Returns the name, such as `error_rate`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Tier => "tier",
            Self::Status => "status",
            Self::UsageTrend => "usage_trend",
            Self::IntegrationStatus => "integration_status",
            Self::Segment => "segment",
            Self::ErrorRate => "error_rate",
            Self::TotalApiCalls => "total_api_calls",
            Self::AccountAgeHours => "account_age_hours",
            Self::HoursSinceLastApiCall => "hours_since_last_api_call",
            Self::Churn => "churn",
            Self::LifetimeValue => "lifetime_value",
            Self::Strength => "strength",
            Self::HealthScore => "health_score",
            Self::NegativeTickets => "negative_tickets",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Tells whether it holds a text; else it holds a number.
    #[must_use]
    pub fn is_text(self) -> bool {
        match self {
            Self::Stage
            | Self::Tier
            | Self::Status
            | Self::UsageTrend
            | Self::IntegrationStatus
            | Self::Segment => true,
            Self::ErrorRate
            | Self::TotalApiCalls
            | Self::AccountAgeHours
            | Self::HoursSinceLastApiCall
            | Self::Churn
            | Self::LifetimeValue
            | Self::Strength
            | Self::HealthScore
            | Self::NegativeTickets => false,
        }
    }

    /// Tells whether it grows while nothing happens.
    pub(crate) fn grows_with_time(self) -> bool {
        matches!(self, Self::AccountAgeHours | Self::HoursSinceLastApiCall)
    }

    /// Returns to how many decimals people read it.
    pub(crate) fn decimal_count(self) -> i32 {
        match self {
            Self::ErrorRate => 3,
            Self::Churn => 2,
            _ => 0,
        }
    }

    /// Returns the numbers it may be compared with, and what to write instead of others.
    pub(crate) fn limits(self) -> (f64, f64, &'static str) {
        match self {
            Self::ErrorRate | Self::Churn => {
                (0.0, 1.0, "must be a fraction from 0 to 1, such as 0.1 for 10 %")
            }
            Self::Strength | Self::HealthScore => (0.0, 100.0, "must be from 0 to 100"),
            Self::LifetimeValue => (f64::MIN, f64::MAX, "must be a number"),
            _ => (0.0, f64::MAX, "must be 0 or more"),
        }
    }

    /// Reads a text that it may be compared with. What can never be equal is a mistake.
    pub(crate) fn read_text(self, text: &str) -> Result<String, String> {
        match self {
            Self::Stage => word(text, "stage", AccountStage::ALL.iter().map(|it| it.name())),
            Self::Tier => word(text, "tier", Tier::ALL.iter().map(|it| it.name())),
            Self::UsageTrend => {
                word(text, "usage trend", UsageTrend::ALL.iter().map(|it| it.name()))
            }
            Self::Segment => segment(text),
            _ => Ok(text.to_owned()),
        }
    }

    /// Returns what it holds for a subject. What is no number is not known.
    pub(crate) fn of(self, subject: &Subject, as_of: Timestamp) -> Known<'_> {
        let account = &subject.account;
        match self {
            Self::Stage => Known::Text(account.stage.name()),
            Self::Tier => Known::Text(account.tier.name()),
            Self::Status => text(subject.status.as_deref()),
            Self::UsageTrend => Known::Text(account.usage_trend.name()),
            Self::IntegrationStatus => text(account.integration_status.as_deref()),
            Self::Segment => text(subject.segment.as_deref()),
            Self::ErrorRate => Known::Number(account.error_rate.as_fraction()),
            Self::TotalApiCalls => Known::Number(float(account.api_call_count)),
            Self::AccountAgeHours => number(subject.account_age(as_of).map(hours)),
            Self::HoursSinceLastApiCall => number(subject.idle_time(as_of).map(hours)),
            Self::Churn => number(subject.churn),
            Self::LifetimeValue => number(Some(subject.lifetime_value)),
            Self::Strength => Known::Number(f64::from(subject.strength)),
            Self::HealthScore => Known::Number(f64::from(subject.health_score(as_of))),
            Self::NegativeTickets => Known::Number(f64::from(subject.negative_ticket_count)),
        }
    }
}

fn text(text: Option<&str>) -> Known<'_> {
    text.map_or(Known::Nothing, Known::Text)
}

fn number(number: Option<f64>) -> Known<'static> {
    number.filter(|number| number.is_finite()).map_or(Known::Nothing, Known::Number)
}

fn hours(span: SignedDuration) -> f64 {
    span.as_secs_f64() / 3_600.0
}

fn word(
    text: &str,
    what: &str,
    mut names: impl Iterator<Item = &'static str> + Clone,
) -> Result<String, String> {
    if names.clone().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    let hint = nearest(text, names.clone());
    let first = names.next().unwrap_or_default();
    let all = names.fold(first.to_owned(), |all, name| format!("{all}, {name}"));
    Err(format!("{text:?} is no {what}{hint}; there are {all}"))
}

/// A segment that insight knows by any of its spellings, or one of the operator's own. What is
/// nearly a known one is a mistake, and would never hold.
fn segment(text: &str) -> Result<String, String> {
    if let Some(known) = Segment::parse(text) {
        return Ok(known.name().to_owned());
    }
    let hint = nearest(text, Segment::ALL.iter().map(|segment| segment.name()));
    if hint.is_empty() { Ok(text.to_owned()) } else { Err(format!("{text:?} is no segment{hint}")) }
}
