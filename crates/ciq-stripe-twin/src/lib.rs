//! A local Stripe: test clocks, products, prices, customers, payment methods, subscriptions,
//! invoices and events, over HTTP, in the words of Stripe's API 2026-09-30.endive.
//!
//! ```
//! use axum::body::Body;
//! use axum::http::Request;
//! use ciq_stripe_twin::{Twin, TwinSettings};
//! use jiff::Timestamp;
//! use tower::ServiceExt as _;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let twin = Twin::open(TwinSettings::new(|| Timestamp::UNIX_EPOCH))?;
//! let request = Request::post("/v1/customers")
//!     .header("authorization", "Bearer sk_test_anything")
//!     .header("idempotency-key", "ann")
//!     .body(Body::from("name=Ann&metadata[plan]=Pro"))?;
//! let answer = twin.router().oneshot(request).await?;
//! assert_eq!(answer.status(), 200);
//! assert_eq!(answer.headers()["stripe-twin"], "this is not Stripe");
//! assert_eq!(twin.counters().executed_writes, 1);
//! # Ok(())
//! # }
//! ```
//!
//! In reading order:
//!
//! - [`TwinSettings`]: its clock, files, limits and [`Faults`]; [`Dunning`], which at Stripe is a
//!   setting of the account;
//! - [`Twin`]: opened from the settings, used as a router or [served](Twin::serve) on a port, with
//!   [`Counters`] and a [`WebhookTarget`];
//! - `twin` and `desk` (inside): a request passes access, rate limit, faults, parameters,
//!   idempotency keys, books and log, in this order, under one short lock;
//! - `shape` (inside): the table of what each operation accepts;
//! - `books` (inside): the billing machine, pure, without files and sockets.
//!
//! With a [log](TwinSettings::log) a twin outlives its process: each write is appended before it
//! is answered, and a twin that opens the log carries all writes out again. The same requests at
//! the same times make the same ids.
//!
//! # What it does not do
//!
//! - There is one account. Any test key opens it, and keys have no separate rights; live keys are
//!   refused. `Stripe-Account` and connected accounts mean nothing to it.
//! - Every answer has the form of the one version named above, whatever `Stripe-Version` asks for.
//! - There are no charges, payment intents, refunds, disputes, coupons, taxes, metered usage,
//!   schedules, quotes or portals. A parameter of Stripe's that it does not support is
//!   refused by name and never ignored; a path that it does not have is 404.
//! - Payment methods are Stripe's test tokens: cards that pay, and cards that fail when attached
//!   or when charged. There are no card numbers.
//! - Searches see a write at once; Stripe's lag behind by up to a minute. Lists and searches have
//!   no limits of their own.
//! - No two requests are under way at the same time, so no key is ever in use (409) and no object
//!   is locked, but for objects of a clock that advances.
//! - Events are made in the one version, go to one webhook, and are not tried for days: a twin
//!   that ends forgets those that it could not deliver, and a list of events has them still.

mod access;
mod ask;
mod books;
mod counters;
mod desk;
mod error;
mod expand;
mod fault;
mod keys;
mod limit;
mod list;
mod log;
mod operation;
mod params;
mod record;
mod reply;
mod request;
mod route;
mod search;
mod settings;
mod shape;
mod twin;
mod twin_error;
mod webhook;

pub use counters::Counters;
pub use settings::{Dunning, Faults, TwinSettings, WebhookTarget};
pub use twin::Twin;
pub use twin_error::TwinError;

pub(crate) use error::ApiError;
