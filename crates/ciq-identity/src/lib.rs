//! Which customer an event belongs to, in reading order:
//!
//! - [`normalise`]: contact points become [`Identifier`]s, or are dropped as never identifying;
//! - [`decide`]: identifiers and the customers that hold them become a [`Verdict`];
//! - [`base_of`]: which of several customers survives a merge; [`Strength`]: how well one is known;
//! - [`Link`], [`split`], [`path_between`]: merges are links between origins, so that each can be
//!   undone by itself and explained.
//!
//! Pure: no clock, no chance, no input or output.

mod candidate;
mod decide;
mod identifier;
mod link;
mod normalise;
mod policy;
mod strength;

pub use candidate::{Candidate, CustomerKey, Holding, base_of};
pub use decide::{
    Directory, LeftOut, LeftOutReason, LeftOutReasonError, Outcome, Review, ReviewReason, Verdict,
    decide,
};
pub use identifier::Identifier;
pub use link::{Link, components, path_between, split};
pub use normalise::{Dropped, NormaliseRules, Normalised, RegionError, normalise};
pub use policy::{AutoCreate, AutoMerge, Limits, Policy};
pub use strength::Strength;
