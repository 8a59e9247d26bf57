//! What an earlier fold made of an event, where the log alone does not tell it any more.

use ciq_identity::CustomerKey;

/// What an earlier fold made of an event. An erasure takes away the reasons for which others were
/// matched, kept apart, or left without an identifier or an order: what it led to stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The customer to which it was attached first.
    pub origin: CustomerKey,
    /// JSON list of its identifiers that took no effect; `None` when all did.
    pub left_out: Option<String>,
    /// Whether the order that it tells of counts by this telling.
    pub is_order_counted: bool,
}
