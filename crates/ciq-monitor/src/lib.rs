//! Rules that watch accounts, and call a person when one should step in. In reading order:
//!
//! - [`Subject`]: what is known of one customer when the rules are asked;
//! - [`Rules`], [`Rule`], [`Condition`]: read from TOML or JSON, or a [`RuleError`] that names the
//!   place and what to write instead; [`Rules::default_set`] to begin with;
//! - [`check`]: what the rules change about a customer's interventions: [`Change`];
//! - [`act`]: what a person may do with one: the life of an intervention;
//! - [`Team`]: whose it is;
//! - [`health`]: how well an account goes, 0 to 100, and why.
//!
//! Nothing here reads a clock, a file or a socket. Four promises rest on it: of each kind at most
//! one intervention is open for a customer, none opens by itself within the cool-down after the
//! last, none stays open when its condition has cleared, and a second check of the same changes
//! nothing.
//!
//! ```
//! use ciq_event::{Account, AccountStage, ErrorRate, Tier, UsageTrend};
//! use ciq_monitor::{Band, Change, Rules, Subject, check, health};
//! use jiff::{Timestamp, ToSpan};
//!
//! let as_of: Timestamp = "2026-11-21T10:00:00Z".parse()?;
//! let subject = Subject::of(Account {
//!     stage: AccountStage::ProductionReady,
//!     tier: Tier::Pro,
//!     error_rate: ErrorRate::from_millionths(150_000),
//!     usage_trend: UsageTrend::Declining,
//!     integration_status: None,
//!     signed_up_at: None,
//!     api_call_count: 23,
//!     last_api_call_at: Some(as_of - 1.hour()),
//! });
//! let changes = check(&Rules::default_set(), &subject, &[], as_of);
//! let opened: Vec<_> = changes
//!     .iter()
//!     .filter_map(|change| match change {
//!         Change::Open(new) => Some((new.kind.as_str(), new.severity.name())),
//!         Change::Close { .. } | Change::Wake { .. } | Change::Update { .. } => None,
//!     })
//!     .collect();
//! assert_eq!(opened, [("error_debugging", "high"), ("retention_outreach", "high")]);
//! assert_eq!(health(&subject, as_of).band, Band::AtRisk);
//! # Ok::<(), jiff::Error>(())
//! ```

mod check;
mod condition;
mod defaults;
mod evidence;
mod field;
mod health;
mod intervention;
mod life;
mod number;
mod rule;
mod span;
mod subject;
mod team;

pub use check::{Change, CloseReason, NewIntervention, check};
pub use condition::{Condition, Op};
pub use defaults::DEFAULTS_TOML;
pub use field::Field;
pub use health::{Band, Health, HealthPart, health};
pub use intervention::{Held, Status};
pub use life::{ActError, Action, TEXT_LENGTH_MAX, act};
pub use rule::{Assignment, Rule, RuleError, Rules};
pub use subject::Subject;
pub use team::Team;
