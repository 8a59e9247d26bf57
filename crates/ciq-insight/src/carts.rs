//! What was put into a cart and left there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::history::{ActKind, History, ProductKey};

/// A product that was put into the cart and left there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AbandonedCart {
    /// When it was last put there.
    pub added_at: Timestamp,
    /// Which.
    pub product: ProductKey,
}

/// Returns the products that were put into the cart more than `after` and at most `within` ago, and
/// were neither taken out nor bought since. Where a product was added again, the latest time
/// counts. Ordered by that time.
#[must_use]
pub fn abandoned_carts(
    history: &History,
    as_of: Timestamp,
    after: SignedDuration,
    within: SignedDuration,
) -> Vec<AbandonedCart> {
    let mut carts = open_carts(history, as_of);
    carts.retain(|cart| {
        let age = as_of.duration_since(cart.added_at);
        age > after && age <= within
    });
    carts
}

/// Returns the products that are in the cart as of a time, whatever their age: put there, and
/// neither taken out nor bought since. Ordered by the latest time that each was put there.
#[must_use]
pub fn open_carts(history: &History, as_of: Timestamp) -> Vec<AbandonedCart> {
    // From the latest act backwards: the first word on a product is the last that was said.
    let mut said = BTreeSet::new();
    let mut carts = Vec::new();
    for act in history.acts_until(as_of).iter().rev() {
        let is_add = match act.kind {
            ActKind::CartAdd => true,
            ActKind::CartRemove => false,
            _ => continue,
        };
        let Some(item) = act.item else { continue };
        if said.insert(item.product) && is_add {
            carts.push(AbandonedCart { added_at: act.at, product: item.product });
        }
    }
    if carts.is_empty() {
        return carts;
    }
    let orders = history.orders_until(as_of).iter();
    let bought_at: BTreeMap<ProductKey, Timestamp> =
        orders.flat_map(|order| order.items.iter().map(|item| (item.product, order.at))).collect();
    carts.retain(|cart| bought_at.get(&cart.product).is_none_or(|at| *at < cart.added_at));
    carts.sort_unstable();
    carts
}
