//! How many customers a second of processor time understands: three orders of two lines and six acts
//! each, among peers who share 2,000 products. Looked at in turn, so that no history is warm in the
//! cache.
//!
//! `--json` writes one line of JSON. Fails below `PER_SECOND_MIN`, unless it was built without
//! optimisation.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench reports, and stops at the first surprise"
)]

use std::hint::black_box;

use ciq_event::{Currency, Money};
use ciq_insight::{
    Act, ActKind, Catalogue, CategoryKey, Context, History, Item, ModelChoice, Order, Peers,
    PeersBuilder, ProductKey, understand,
};
use jiff::{SignedDuration, Timestamp};

/// The whole path with its storage has to reach 100,000 a second; this part may take a fifth of it.
const PER_SECOND_MIN: f64 = 500_000.0;
/// Some 50 MB: more than a cache holds.
const HISTORY_COUNT: u32 = 50_000;
/// Walks over all histories; the fastest counts.
const ROUNDS: u32 = 20;
/// Products, in categories of twenty.
const PRODUCT_COUNT: i64 = 2_000;

fn main() {
    let is_json = std::env::args().any(|argument| argument == "--json");
    let begin = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 54);
    let as_of = begin + SignedDuration::from_hours(24 * 90);
    let histories: Vec<History> =
        (0..i64::from(HISTORY_COUNT)).map(|number| history(number, begin)).collect();
    let mut builder = PeersBuilder::new(Currency::USD);
    for history in &histories {
        builder.add(history, as_of);
    }
    let peers = builder.finish();
    let rates = (0..ROUNDS).map(|_| round(&histories, &peers, as_of));
    let per_second = rates.fold(0.0, f64::max);
    if is_json {
        println!("{{\"understood_per_second\":{per_second:.0}}}");
    } else {
        println!("understood: {per_second:.0} customers a second");
    }
    assert!(
        cfg!(debug_assertions) || per_second >= PER_SECOND_MIN,
        "fewer than {PER_SECOND_MIN} customers a second"
    );
}

fn round(histories: &[History], peers: &Peers, as_of: Timestamp) -> f64 {
    let catalogue = Catalogue::default();
    let context = Context {
        currency: Currency::USD,
        catalogue: &catalogue,
        peers,
        model: ModelChoice::Scorecard,
    };
    let begun = cpu_seconds();
    for history in histories {
        black_box(understand(black_box(history), &context, as_of));
    }
    f64::from(HISTORY_COUNT) / (cpu_seconds() - begun)
}

/// Seconds that this thread has been on a processor: what else runs does not count.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// Figures that differ from number to number, and are the same in every run.
fn history(number: i64, begin: Timestamp) -> History {
    let hours = |hours: i64| begin + SignedDuration::from_hours(hours);
    let item = |nth: i64| {
        let product = (number * 7_919 + nth * 104_729).rem_euclid(PRODUCT_COUNT);
        let category = Some(CategoryKey(product / 20));
        Item { product: ProductKey(product), category, quantity: 1, price: None }
    };
    let orders = (0..3)
        .map(|nth| Order {
            at: hours(nth * 500 + number % 400),
            total: Money { minor: 1_000 + number % 9_000, currency: Currency::USD },
            is_offline: number % 3 == nth,
            items: vec![item(nth * 2), item(nth * 2 + 1)],
        })
        .collect();
    let kinds = [
        ActKind::Session,
        ActKind::View,
        ActKind::View,
        ActKind::CartAdd,
        ActKind::Message,
        ActKind::StoreVisit,
    ];
    let acts = (0..)
        .zip(kinds)
        .map(|(nth, kind)| Act {
            at: hours(nth * 300 + number % 300),
            kind,
            item: matches!(kind, ActKind::View | ActKind::CartAdd).then(|| item(nth + 3)),
        })
        .collect();
    let first_event_at = Some(hours(number % 300));
    History { first_event_at, is_first_event_order: false, strength: 60, orders, acts }
}
