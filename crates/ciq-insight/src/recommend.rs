//! What to show a customer next.

use crate::features::Features;
use crate::history::{CategoryKey, Order, ProductKey};
use crate::intent::{Intent, IntentStatus};
use crate::peers::Peers;

/// No more than this many are named: a message or a page has room for no more.
const RECOMMENDATIONS_MAX: usize = 5;

/// A list that grows to its limit.
struct List {
    products: Vec<ProductKey>,
}

/// Names what to show a customer next, at most five products, best first:
///
/// 1. what the customer wants now, the strongest first;
/// 2. what others bought next, after a product of the latest order, then after a category that the
///    customer buys;
/// 3. what is popular in the categories that the customer buys or wants, or at all where nothing is
///    known of those;
/// 4. what the customer bought before the latest order, to buy again.
///
/// What others bought is named only if the customer has not bought it. What is in the latest order
/// is named only if it was wanted since: it is an active intent then.
#[must_use]
pub fn recommendations(
    orders: &[Order],
    features: &Features,
    intents: &[Intent],
    peers: &Peers,
) -> Vec<ProductKey> {
    let latest = orders.last().map_or(&[][..], |order| &order.items);
    let owned = &features.product_affinity;
    let is_owned = |product: ProductKey| owned.iter().any(|(own, _)| *own == product);
    let mut list = List { products: Vec::with_capacity(RECOMMENDATIONS_MAX) };
    let active = || intents.iter().filter(|intent| intent.status == IntentStatus::Active);
    list.extend(active().map(|intent| intent.product));
    let bought_categories = || features.category_affinity.iter().map(|(category, _)| *category);
    let wanted_categories = || active().filter_map(|intent| intent.category);
    let after_products = latest.iter().filter_map(|item| peers.next_by_product.get(&item.product));
    let after_categories =
        bought_categories().filter_map(|category| peers.next_by_category.get(&category));
    let categories = || bought_categories().chain(wanted_categories());
    let popular = |category: CategoryKey| peers.popular_by_category.get(&category);
    let popular_at_all = categories().next().is_none().then_some(&peers.popular);
    let by_others = after_products
        .chain(after_categories)
        .chain(categories().filter_map(popular))
        .chain(popular_at_all)
        .flatten()
        .map(|(product, _)| *product);
    list.extend(by_others.filter(|product| !is_owned(*product)));
    let is_latest = |product: ProductKey| latest.iter().any(|item| item.product == product);
    let again = owned.iter().map(|(product, _)| *product);
    list.extend(again.filter(|product| !is_latest(*product)));
    list.products
}

impl List {
    /// Adds what is not there yet, until the list is full.
    fn extend(&mut self, products: impl Iterator<Item = ProductKey>) {
        // The check comes before the next one is asked for: finding it may take many look-ups.
        let mut products = products;
        while self.products.len() < RECOMMENDATIONS_MAX
            && let Some(product) = products.next()
        {
            if !self.products.contains(&product) {
                self.products.push(product);
            }
        }
    }
}
