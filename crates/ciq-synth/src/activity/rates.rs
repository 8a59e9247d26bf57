//! How likely what is, per cycle. Percentages are whole numbers.

use jiff::SignedDuration;

/// An account that calls makes calls.
pub const CALLS_PERCENT: u64 = 70;

/// Most calls of an account in a cycle; all numbers from 0 are equally likely.
pub const CALLS_MAX: u32 = 50;

/// The error rate of an account that calls is drawn anew.
pub const ERROR_PERCENT: u64 = 60;

/// The error rates that are drawn, in percent, each as likely as the others.
pub const ERROR_RATES_PERCENT: [u32; 4] = [0, 2, 15, 25];

/// An error rate beyond this many percent is a spike.
pub const SPIKE_PERCENT: u32 = 10;

/// The trend of an account that calls is drawn anew; all three are equally likely.
pub const TREND_PERCENT: u64 = 50;

/// Somebody new comes.
pub const NEW_CUSTOMER_PERCENT: u64 = 10;

/// Somebody new begins a trial.
pub const TRIAL_PERCENT: u64 = 50;

/// A trial gets its keys.
pub const KEYS_PERCENT: u64 = 30;

/// An account with keys makes its first calls, once it has had them for longer than
/// [`FIRST_CALL_AFTER`].
pub const FIRST_CALL_PERCENT: u64 = 10;

/// How long keys lie before they may be used.
pub const FIRST_CALL_AFTER: SignedDuration = SignedDuration::from_hours(2);

/// An integration that calls is found to work.
pub const VALIDATED_PERCENT: u64 = 5;

/// An integration that works goes into production.
pub const PRODUCTION_PERCENT: u64 = 3;

/// A trial in production becomes a subscription.
pub const SUBSCRIBE_PERCENT: u64 = 5;

/// Which plan is taken then: starter, pro, enterprise.
pub const PLAN_WEIGHTS: [u64; 3] = [60, 30, 10];
