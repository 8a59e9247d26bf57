//! The API of customeriq, in reading order:
//!
//! - [`AppState`]: what every request may use: the brands, the clock, and who is let in;
//! - [`Access`]: tokens and roles; [`Caller`]: who asks, for which brand; [`check_binding`]: no
//!   address that others reach without tokens;
//! - [`router`]: the API with all its layers; [`router_with`]: the same with further pages;
//!   [`health_router`]: only how the process is;
//! - [`Problem`]: the one form of every error (RFC 9457);
//! - [`Changes`]: waits for a brand's tables to change;
//! - [`serve`]: a listener, a router and the end, with requests under way finished first;
//!   [`Ending`]: how streams hear of the end.
//!
//! Handlers parse, ask [`ciq_ingest`], [`ciq_clockwork`] or [`ciq_store`], and answer; nothing here knows SQL.

mod access;
mod answer;
mod binding;
mod caller;
mod dead_letters;
mod docs;
mod extract;
mod follow;
mod insight_query;
mod layers;
mod metric;
mod monitor_query;
mod openapi;
mod origin;
mod problem;
mod query;
mod routes;
mod secrets;
mod serve;
mod signature;
mod state;

pub use access::{Access, AccessError, Role};
pub use binding::{BindingError, check_binding};
pub use caller::{AdminCaller, Caller, PageCaller, ReaderCaller, WriterCaller};
pub use dead_letters::{LETTERS_MAX, Letters};
pub use follow::Changes;
pub use metric::install_metrics;
pub use openapi::document;
pub use origin::{PublicUrl, PublicUrlError};
pub use problem::{Problem, ProblemKind};
pub use routes::{Switch, health_router, router, router_with};
pub use secrets::{SecretsError, WebhookSecrets};
pub use serve::{Ending, ServeError, serve};
pub use state::{ApiOptions, AppState, Readiness};
