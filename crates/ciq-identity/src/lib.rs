//! Which customer an event belongs to.
mod candidate;
pub use candidate::{Candidate, CustomerKey, Holding};
