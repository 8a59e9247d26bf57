//! The words of customeriq, in reading order:
//!
//! - [`Message`]: what arrived, byte for byte, and the [`WireForm`] it claims to be in;
//! - [`parse`]: a message becomes one or more [`Event`]s, or a [`Rejection`] that names the field;
//! - [`Event`]: one thing that happened, with its [`ContactPoint`]s and a typed [`Payload`];
//! - [`Money`], [`EventId`], [`CustomerId`], [`Brand`]: values that cannot be wrong once they exist.
//!
//! Nothing here reads a clock, a file or a socket.

mod account;
mod billing;
mod contact;
mod event;
mod id;
mod message;
mod money;
mod rejection;
mod time;
mod wire;

pub use account::{Account, AccountStage, AccountUpdate, ErrorRate, Severity, Tier, UsageTrend};
pub use billing::{
    Billing, BillingHealth, Subscription, SubscriptionChange, SubscriptionStatus,
    SubscriptionUpdate,
};
pub use contact::{ContactPoint, IdentifierKind, IdentifierKindError};
pub use event::{
    Event, EventType, Knowledge, LineItem, Payload, Profile, Purchase, Sentiment, Source,
    StoreVisit, WorkOrder,
};
pub use id::{
    Brand, BrandError, CustomerId, DecisionId, EventId, IdError, InterventionId, MergeId,
};
pub use message::{Carrier, Message, WireForm, WireFormError};
pub use money::{Currency, Money, MoneyError};
pub use rejection::Rejection;
pub use time::{FUTURE_LIMIT, TimeError, parse_rfc3339, parse_seconds};
pub use wire::{ParseContext, carried_message, parse, split, unwrap_record, wrap_record};
