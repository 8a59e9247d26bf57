//! What an operator may set about matching.

use ciq_event::IdentifierKind;

/// How many values of one kind a customer may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Of customer ids.
    pub customer_id: usize,
    /// Of every other kind.
    pub other: usize,
}

impl Limits {
    /// Returns the limit of a kind.
    #[must_use]
    pub fn of(&self, kind: &IdentifierKind) -> usize {
        if *kind == IdentifierKind::CustomerId { self.customer_id } else { self.other }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { customer_id: 1, other: 5 }
    }
}

/// Whether customers may be merged without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoMerge {
    /// Up to this many customers at once; more go to review.
    UpTo(usize),
    /// Never: all go to review.
    Off,
}

/// Whether an event of nobody known makes a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoCreate {
    /// It does.
    On,
    /// It is refused.
    Off,
}

/// What an operator may set about matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How many values of one kind a customer may hold.
    pub limits: Limits,
    /// Whether customers may be merged without a person.
    pub auto_merge: AutoMerge,
    /// Whether an event of nobody known makes a customer.
    pub auto_create: AutoCreate,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            auto_merge: AutoMerge::UpTo(3),
            auto_create: AutoCreate::On,
        }
    }
}
