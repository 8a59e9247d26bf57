//! What a customer's purchases come to, and what a fit returns.

use serde::{Deserialize, Serialize};

/// How many customers a fit needs at least. Four parameters from fewer would be a guess.
pub const CUSTOMER_COUNT_MIN: usize = 10;

/// What one customer's purchases come to, in any one unit of time (weeks, say).
///
/// The clock of each customer starts at the first purchase. These three numbers are all that the
/// models of this crate know of a customer: `x`, `t_x` and `T` in the papers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Buying {
    /// How many purchases came after the first: a whole number, zero for who bought once.
    pub repeat_count: f64,
    /// When the last purchase was, counted from the first; zero for who bought once.
    pub last_at: f64,
    /// How long ago the first purchase was.
    pub age: f64,
}

impl Buying {
    /// Tells whether these numbers can be a customer's.
    pub(crate) fn is_possible(&self) -> bool {
        let Self { repeat_count, last_at, age } = *self;
        let is_finite = repeat_count.is_finite() && age.is_finite();
        let is_ordered = 0.0 <= last_at && last_at <= age;
        is_finite && is_ordered && repeat_count >= 0.0 && (repeat_count > 0.0 || last_at == 0.0)
    }
}

/// A model with its parameters, as the data have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit<M> {
    /// The model, at the parameters with the greatest likelihood.
    pub model: M,
    /// The natural logarithm of that likelihood, summed over all customers.
    pub log_likelihood: f64,
    /// How many steps the search took.
    pub iteration_count: u32,
}

/// Why a model could not be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// There are too few customers.
    #[error(
        "not enough history: {customer_count} customers of use, at least {customer_count_min} are needed"
    )]
    NotEnough {
        /// How many customers there are that say something.
        customer_count: usize,
        /// How many it takes.
        customer_count_min: usize,
    },
    /// Nobody has bought a second time, so nothing is known about when customers come back.
    #[error("not enough history: no customer has bought a second time")]
    NoRepeats,
    /// A customer's numbers cannot be, for instance a last purchase after the age.
    #[error("could not use the history of the customer at position {position}: it cannot be")]
    Impossible {
        /// The customer's place in the list, from zero.
        position: usize,
    },
    /// The search came to no end.
    #[error("could not find the best parameters in {iteration_count} steps")]
    Diverged {
        /// How many steps were taken.
        iteration_count: u32,
    },
}
