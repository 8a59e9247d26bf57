//! Rules that act by themselves, in reading order:
//!
//! - [`Automation`]: what a rule is, read from TOML or JSON, or a [`DefinitionError`] that names the
//!   field and what to write instead;
//! - [`Facts`]: what is known of one customer when a rule is asked;
//! - [`evaluate`]: whether a rule fires, and for which occasion: [`Triggered`];
//! - [`check_send`]: whether an action of an execution may go out now: [`SendVerdict`];
//! - [`outbox`]: the life of a send, from the queue to its end, crashes included;
//! - [`default_set`]: rules to begin with, all switched off.
//!
//! Nothing here reads a clock, a file or a socket: time and facts are handed in, and the answer is a
//! value. Three promises rest on it: nobody is messaged twice for one reason, against consent, or
//! after the condition has cleared.

mod action;
mod channel;
mod condition;
mod defaults;
mod definition;
mod evaluate;
mod facts;
pub mod outbox;
mod quiet;
mod segment;
mod send;
mod span;
mod template;
mod trigger;

pub use action::Action;
pub use channel::Channel;
pub use condition::{Condition, Op};
pub use defaults::{DEFAULTS_TOML, default_set};
pub use definition::{Automation, Consent, DefinitionError, FrequencyCap};
pub use evaluate::{PastExecution, Triggered, evaluate, evaluate_all};
pub use facts::{CartFact, Facts, IntentFact, InterventionFact, SentFact};
pub use quiet::QuietHours;
pub use send::{Message, SEND_AGE_MAX, SendVerdict, Suppression, check_send};
pub use template::Template;
pub use trigger::Trigger;
