//! The service of mockgen, in reading order:
//!
//! - [`Service`]: the users, the stream, the backfills and the sink that every request works on;
//! - [`Pacer`], [`run_paced`], [`LiveSource`]: when events are due, the loop that keeps to it, and
//!   the events;
//! - [`router`]: the API; [`document`]: the same as OpenAPI 3.1;
//! - [`Problem`]: the one form of every error (RFC 9457);
//! - [`serve`]: a listener, a router and the end, with requests under way finished first.
//!
//! What is asked comes in as the types of `wire`, is checked in `asked`, and done by the service.
//! The sink may be slow or away: the stream goes on and counts what it had to drop.

mod asked;
mod docs;
mod extract;
mod jobs;
mod live;
mod openapi;
mod origin;
mod pacer;
mod problem;
mod routes;
mod serve;
mod service;
mod stream;
mod wire;

pub use live::{LiveSource, first_number, run_paced};
pub use openapi::document;
pub use pacer::{Jitter, Pacer};
pub use problem::{Problem, ProblemKind};
pub use routes::{Audience, router};
pub use serve::{ServeError, serve};
pub use service::{Defaults, Service, ServiceOptions};
