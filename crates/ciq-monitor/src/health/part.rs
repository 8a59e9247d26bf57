//! The parts of a health, and their points.

use ciq_event::{Account, AccountStage, Tier, UsageTrend};
use jiff::{SignedDuration, Timestamp};

use super::reason::Reason;
use crate::Subject;
use crate::number::share_of;

/// The most points of each part; together a hundred. Each is even, so that half of it is whole.
const ERRORS_MAX: u8 = 30;
const USAGE_MAX: u8 = 30;
const PROGRESS_MAX: u8 = 10;
const ENGAGEMENT_MAX: u8 = 10;
const SUPPORT_MAX: u8 = 8;
const CHURN_MAX: u8 = 12;

const STABLE_POINTS: u8 = 20;
const STAGE_POINTS: u8 = 2;
const TICKET_POINTS: u8 = 4;

/// From this share of failing calls on an account gets nothing for errors, in millionths: 10 %.
const ERROR_RATE_MAX: u32 = 100_000;
/// Of so few calls a single failure would be too large a share.
const FEW_CALLS_MAX: i64 = 10;
/// So young an account has not been late with anything.
const YOUNG: SignedDuration = SignedDuration::from_hours(24);
/// Whoever has not called for so long does not use it.
const IDLE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Points for the latest call: within so many hours, so many.
const RECENCY: [(i64, u8); 5] = [(24, 10), (3 * 24, 8), (7 * 24, 6), (14 * 24, 4), (30 * 24, 2)];

/// A part with its reason not yet in words.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) points: u8,
    pub(super) points_max: u8,
    pub(super) reason: Reason,
}

/// Points and why.
type Finding = (u8, Reason);

/// Returns the parts in their order.
pub(super) fn all(subject: &Subject, as_of: Timestamp) -> [Part; 6] {
    let part = |name, points_max, (points, reason)| Part { name, points, points_max, reason };
    [
        part("errors", ERRORS_MAX, errors(subject, as_of)),
        part("usage", USAGE_MAX, usage(subject, as_of)),
        part("progress", PROGRESS_MAX, progress(subject, as_of)),
        part("engagement", ENGAGEMENT_MAX, engagement(subject, as_of)),
        part("support", SUPPORT_MAX, support(subject)),
        part("churn", CHURN_MAX, churn(subject)),
    ]
}

fn errors(subject: &Subject, as_of: Timestamp) -> Finding {
    let account = &subject.account;
    if account.api_call_count <= FEW_CALLS_MAX {
        let few = Reason::FewCalls(account.api_call_count);
        return (ERRORS_MAX / 2, if account.api_call_count > 0 { few } else { Reason::NoCalls });
    }
    if let Some(idle) = long_idle(subject, as_of) {
        return (ERRORS_MAX / 2, Reason::NoRecentErrors(idle));
    }
    let bad = account.error_rate.millionths().min(ERROR_RATE_MAX);
    let good = f64::from(ERROR_RATE_MAX - bad) / f64::from(ERROR_RATE_MAX);
    (share_of(ERRORS_MAX, good), Reason::ErrorRate(account.error_rate))
}

fn usage(subject: &Subject, as_of: Timestamp) -> Finding {
    let account = &subject.account;
    if account.api_call_count <= 0 {
        return (USAGE_MAX / 2, Reason::NoCalls);
    }
    if let Some(idle) = long_idle(subject, as_of) {
        return (0, Reason::LongIdle(idle));
    }
    let points = match account.usage_trend {
        UsageTrend::Increasing => USAGE_MAX,
        UsageTrend::Stable => STABLE_POINTS,
        UsageTrend::Declining => 0,
    };
    (points, Reason::Trend(account.usage_trend))
}

fn progress(subject: &Subject, as_of: Timestamp) -> Finding {
    let account = &subject.account;
    if is_blank(account) {
        return (PROGRESS_MAX / 2, Reason::NoAccount);
    }
    let step = match account.stage {
        AccountStage::New => 0,
        AccountStage::TrialCreated => 1,
        AccountStage::ApiKeysGenerated => 2,
        AccountStage::FirstApiCall => 3,
        AccountStage::IntegrationValidated => 4,
        AccountStage::ProductionReady => 5,
    };
    let points = step * STAGE_POINTS;
    match subject.account_age(as_of) {
        Some(age) if age < YOUNG && points < PROGRESS_MAX / 2 => {
            (PROGRESS_MAX / 2, Reason::YoungStage(account.stage, age))
        }
        _ => (points, Reason::Stage(account.stage, step)),
    }
}

fn engagement(subject: &Subject, as_of: Timestamp) -> Finding {
    let half = ENGAGEMENT_MAX / 2;
    if let Some(idle) = subject.idle_time(as_of) {
        let within = |(hours, _): &&(i64, u8)| idle <= SignedDuration::from_hours(*hours);
        let points = RECENCY.iter().find(within).map_or(0, |(_, points)| *points);
        return (points, Reason::LatestCall(idle));
    }
    if subject.account.api_call_count > 0 {
        return (half, Reason::UnknownLatestCall);
    }
    match subject.account_age(as_of) {
        Some(age) if age >= YOUNG && !is_blank(&subject.account) => (0, Reason::NeverCalled(age)),
        _ => (half, Reason::NoCalls),
    }
}

fn support(subject: &Subject) -> Finding {
    let count = subject.negative_ticket_count;
    let lost = u8::try_from(count).unwrap_or(u8::MAX).saturating_mul(TICKET_POINTS);
    (SUPPORT_MAX.saturating_sub(lost), Reason::NegativeTickets(count))
}

fn churn(subject: &Subject) -> Finding {
    match subject.churn.filter(|churn| churn.is_finite()).map(|churn| churn.clamp(0.0, 1.0)) {
        Some(churn) => (share_of(CHURN_MAX, 1.0 - churn), Reason::Churn(churn)),
        None => (CHURN_MAX / 2, Reason::NoChurn),
    }
}

/// Tells whether no event told anything of the account.
fn is_blank(account: &Account) -> bool {
    account.stage == AccountStage::New
        && account.tier == Tier::None
        && account.signed_up_at.is_none()
        && account.api_call_count == 0
}

/// Returns how long ago the latest call was, if that is long.
fn long_idle(subject: &Subject, as_of: Timestamp) -> Option<SignedDuration> {
    subject.idle_time(as_of).filter(|idle| *idle > IDLE)
}
