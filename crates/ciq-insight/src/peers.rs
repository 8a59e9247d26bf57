//! What the customers of a brand bought, and what they bought next.

mod wire;

use std::collections::BTreeMap;

use ciq_event::Currency;
use jiff::Timestamp;

use crate::features::features;
use crate::history::{CategoryKey, History, Item, Order, ProductKey};
use crate::rfm::Quintiles;

pub use wire::PeersError;

/// A list of products keeps this many, the most frequent: recommendations name five.
const LISTED_MAX: usize = 10;
/// A builder counts at most this many different pairs of each sort: some 20 MB. What would be a
/// further pair is left out.
const PAIRS_MAX: usize = 500_000;
/// Of one order so many lines count: a wholesaler's list says nothing about taste, and pairs grow
/// with its square.
const LINES_MAX: usize = 20;
/// Of one customer so many orders count, the latest: one who orders daily does not speak for all.
const ORDERS_MAX: usize = 50;
/// Of so many customers at most the figures are kept for the fifths: some 2 MB.
const SAMPLE_MAX: usize = 100_000;

/// Products with how many customers bought them: most first, then by key.
pub(crate) type Counted = Vec<(ProductKey, u32)>;

/// What the customers of a brand bought, and what they bought next. Made by a [`PeersBuilder`];
/// kept as JSON ([`Peers::to_json`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peers {
    /// The fifths of customers who ordered. `None` with fewer than 25 of them.
    pub quintiles: Option<Quintiles>,
    /// What was bought in the order after one with this product, most frequent first.
    pub next_by_product: BTreeMap<ProductKey, Vec<(ProductKey, u32)>>,
    /// What was bought in the order after one with this category, most frequent first.
    pub next_by_category: BTreeMap<CategoryKey, Vec<(ProductKey, u32)>>,
    /// What most customers bought of this category.
    pub popular_by_category: BTreeMap<CategoryKey, Vec<(ProductKey, u32)>>,
    /// What most customers bought.
    pub popular: Vec<(ProductKey, u32)>,
}

/// Adds customers up to [`Peers`]. Takes bounded memory, whatever the number of customers; pairs of
/// products beyond the bound do not count.
#[derive(Debug, Clone)]
pub struct PeersBuilder {
    currency: Currency,
    sample: Vec<(u32, u32, i64)>,
    sample_step: u64,
    buyer_count: u64,
    next_by_product: BTreeMap<(ProductKey, ProductKey), u32>,
    next_by_category: BTreeMap<(CategoryKey, ProductKey), u32>,
    bought_by_category: BTreeMap<(CategoryKey, ProductKey), u32>,
    bought: BTreeMap<ProductKey, u32>,
}

impl PeersBuilder {
    /// Begins without a customer. Spend in other currencies does not count for the fifths.
    #[must_use]
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            sample: Vec::new(),
            sample_step: 1,
            buyer_count: 0,
            next_by_product: BTreeMap::new(),
            next_by_category: BTreeMap::new(),
            bought_by_category: BTreeMap::new(),
            bought: BTreeMap::new(),
        }
    }

    /// Adds what a customer did until a time. Each product counts once for a customer, and so does
    /// each pair.
    pub fn add(&mut self, history: &History, as_of: Timestamp) {
        let orders = history.orders_until(as_of);
        if orders.is_empty() {
            return;
        }
        self.add_to_sample(history, as_of);
        let orders = &orders[orders.len().saturating_sub(ORDERS_MAX)..];
        self.add_bought(orders);
        self.add_next(orders);
    }

    /// Returns what was added up.
    #[must_use]
    pub fn finish(self) -> Peers {
        Peers {
            quintiles: Quintiles::of(self.sample),
            next_by_product: lists(self.next_by_product),
            next_by_category: lists(self.next_by_category),
            popular_by_category: lists(self.bought_by_category),
            popular: most(self.bought.into_iter().collect()),
        }
    }

    /// Keeps every customer until the sample is full; then every second, and so on.
    fn add_to_sample(&mut self, history: &History, as_of: Timestamp) {
        let number = self.buyer_count;
        self.buyer_count += 1;
        if !number.is_multiple_of(self.sample_step) {
            return;
        }
        let features = features(history, as_of, self.currency);
        let is_ours = features.monetary.currency == self.currency;
        let spent = if is_ours { features.monetary.minor } else { 0 };
        let recency_days = features.recency_days.unwrap_or_default();
        self.sample.push((recency_days, features.frequency, spent));
        if self.sample.len() >= SAMPLE_MAX {
            let mut number = 0_usize;
            self.sample.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.sample_step *= 2;
        }
    }

    fn add_bought(&mut self, orders: &[Order]) {
        let items = orders.iter().flat_map(lines);
        let products = items.clone().map(|item| item.product).collect();
        tally(&mut self.bought, products);
        let pairs = items.filter_map(|item| Some((item.category?, item.product))).collect();
        tally(&mut self.bought_by_category, pairs);
    }

    fn add_next(&mut self, orders: &[Order]) {
        let mut products = Vec::new();
        let mut categories = Vec::new();
        for pair in orders.windows(2) {
            let [earlier, later] = pair else { continue };
            for (before, after) in lines(earlier)
                .flat_map(|before| lines(later).map(move |after| (before, after)))
                .filter(|(before, after)| before.product != after.product)
            {
                products.push((before.product, after.product));
                categories.extend(before.category.map(|category| (category, after.product)));
            }
        }
        tally(&mut self.next_by_product, products);
        tally(&mut self.next_by_category, categories);
    }
}

fn lines(order: &Order) -> impl Iterator<Item = &Item> + Clone {
    order.items.iter().take(LINES_MAX)
}

/// Counts each key once.
fn tally<K: Ord>(counts: &mut BTreeMap<K, u32>, mut keys: Vec<K>) {
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        if let Some(count) = counts.get_mut(&key) {
            *count = count.saturating_add(1);
        } else if counts.len() < PAIRS_MAX {
            counts.insert(key, 1);
        }
    }
}

fn lists<K: Ord + Copy>(counts: BTreeMap<(K, ProductKey), u32>) -> BTreeMap<K, Counted> {
    let mut lists: BTreeMap<K, Counted> = BTreeMap::new();
    for ((key, product), count) in counts {
        lists.entry(key).or_default().push((product, count));
    }
    lists.into_iter().map(|(key, counted)| (key, most(counted))).collect()
}

fn most(mut counted: Counted) -> Counted {
    counted.sort_unstable_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    counted.truncate(LISTED_MAX);
    counted.shrink_to_fit();
    counted
}
