//! Why a part of a health has its points, in words.

use std::fmt;

use ciq_event::{AccountStage, ErrorRate, UsageTrend};
use jiff::SignedDuration;

/// Why a part has its points. It becomes words only where somebody reads them.
pub(super) enum Reason {
    NoCalls,
    FewCalls(i64),
    NoRecentErrors(SignedDuration),
    ErrorRate(ErrorRate),
    LongIdle(SignedDuration),
    Trend(UsageTrend),
    NoAccount,
    YoungStage(AccountStage, SignedDuration),
    Stage(AccountStage, u8),
    LatestCall(SignedDuration),
    UnknownLatestCall,
    NeverCalled(SignedDuration),
    NegativeTickets(u32),
    Churn(f64),
    NoChurn,
}

/// What every reason ends with whose figure is not known.
const HALF: &str = "counts half";

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCalls => write!(f, "not known: no calls yet; {HALF}"),
            Self::FewCalls(1) => write!(f, "not known: 1 call is too few to judge; {HALF}"),
            Self::FewCalls(count) => {
                write!(f, "not known: {count} calls are too few to judge; {HALF}")
            }
            Self::NoRecentErrors(idle) => {
                write!(f, "not known: no calls for {}; {HALF}", Span(*idle))
            }
            Self::ErrorRate(rate) => write!(f, "{rate} of the calls fail"),
            Self::LongIdle(idle) => write!(f, "no calls for {}", Span(*idle)),
            Self::Trend(UsageTrend::Increasing) => f.write_str("use increases"),
            Self::Trend(UsageTrend::Stable) => f.write_str("use is stable"),
            Self::Trend(UsageTrend::Declining) => f.write_str("use declines"),
            Self::NoAccount => write!(f, "not known: nothing was told of an account; {HALF}"),
            Self::YoungStage(stage, age) => {
                write!(f, "{stage}, and too early to tell after {}; {HALF}", Span(*age))
            }
            Self::Stage(stage, step) => write!(f, "{stage}: {step} of 5 steps after the first"),
            Self::LatestCall(idle) => write!(f, "the latest call was {} ago", Span(*idle)),
            Self::UnknownLatestCall => write!(f, "not known: no call has a time; {HALF}"),
            Self::NeverCalled(age) => write!(f, "no calls in {}", Span(*age)),
            Self::NegativeTickets(0) => f.write_str("no negative ticket in the last 30 days"),
            Self::NegativeTickets(1) => f.write_str("1 negative ticket in the last 30 days"),
            Self::NegativeTickets(count) => {
                write!(f, "{count} negative tickets in the last 30 days")
            }
            Self::Churn(churn) => write!(f, "the chance of leaving is {:.0} %", churn * 100.0),
            Self::NoChurn => write!(f, "not known: no prediction of leaving; {HALF}"),
        }
    }
}

/// A span in hours, and in whole days from two days on.
struct Span(SignedDuration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_hours() {
            0 => f.write_str("less than an hour"),
            1 => f.write_str("1 hour"),
            hours if hours < 48 => write!(f, "{hours} hours"),
            hours => write!(f, "{} days", hours / 24),
        }
    }
}
