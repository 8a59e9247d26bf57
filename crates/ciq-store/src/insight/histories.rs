//! Histories: what customers did, as insight reads it.

use std::collections::BTreeMap;

use ciq_event::{EventType, Source};
use ciq_identity::CustomerKey;
use ciq_insight::{Act, ActKind, Catalogue, CategoryKey, History, Item, Order, ProductKey};
use rusqlite::Row;

use crate::codec::{keys_list, money, sentiment, timestamp};
use crate::{Reader, StoreError};

/// The brand's products, and which of them are one: products of one name are, in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Products {
    /// The names, by the keys that histories use.
    pub catalogue: Catalogue,
    /// The key that stands for each product that is not its own.
    stands_for: BTreeMap<i64, ProductKey>,
    /// The last product and category that were read.
    last: (i64, i64),
}

/// What the dictionaries say about types and sources of events.
struct Kinds {
    types: BTreeMap<i64, Option<ActKind>>,
    stores: Vec<i64>,
}

/// An event with what hangs on it: its order and one of its products.
struct Joined {
    root: i64,
    seq: i64,
    at_ms: i64,
    type_key: i64,
    source_key: i64,
    sentiment: Option<i64>,
    order: Option<(i64, String)>,
    item: Option<Item>,
}

/// The histories of a load, while events are added.
struct Gathering {
    histories: BTreeMap<i64, History>,
    kinds: Kinds,
    /// The event that was added last, to which further products may belong.
    last_seq: Option<i64>,
}

impl Products {
    fn key_of(&self, key: i64) -> ProductKey {
        self.stands_for.get(&key).copied().unwrap_or(ProductKey(key))
    }
}

impl Reader {
    /// Returns the brand's products; those of a former call where none came since.
    pub fn products(&self, known: Option<Products>) -> Result<Products, StoreError> {
        const LAST: &str = "SELECT coalesce((SELECT max(key) FROM product), 0),
            coalesce((SELECT max(key) FROM category), 0)";
        let doing = StoreError::doing("read the products");
        let last = self
            .connection
            .query_row(LAST, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(&doing)?;
        if let Some(known) = known.filter(|known| known.last == last) {
            return Ok(known);
        }
        let mut products = Products { last, ..Products::default() };
        let mut first_of: BTreeMap<String, i64> = BTreeMap::new();
        for (key, name) in self.names("SELECT key, name FROM product ORDER BY key")? {
            let first = *first_of.entry(name.to_lowercase()).or_insert(key);
            if first == key {
                products.catalogue.products.insert(ProductKey(key), name);
            } else {
                products.stands_for.insert(key, ProductKey(first));
            }
        }
        for (key, name) in self.names("SELECT key, name FROM category ORDER BY key")? {
            products.catalogue.categories.insert(CategoryKey(key), name);
        }
        Ok(products)
    }

    /// Returns what each root did, with a query for all of them. A key that is no root is left out.
    pub fn histories(
        &self,
        roots: &[CustomerKey],
        products: &Products,
    ) -> Result<Vec<(CustomerKey, History)>, StoreError> {
        const SQL: &str = "SELECT o.root_key, e.seq, e.occurred_at, e.type_key, e.source_key,
                e.sentiment, p.total_minor, p.currency, i.product_key, i.category_key, i.quantity
            FROM customer AS o JOIN event AS e ON e.customer_key = o.key
            LEFT JOIN purchase AS p ON p.event_seq = e.seq
            LEFT JOIN line_item AS i ON i.event_seq = e.seq
            WHERE o.root_key IN rarray(?1)";
        let doing = StoreError::doing("read histories");
        let histories = self.bare_histories(roots)?;
        let mut gathering = Gathering { histories, kinds: self.kinds()?, last_seq: None };
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([keys_list(roots.iter().copied())]).map_err(&doing)?;
        while let Some(row) = rows.next().map_err(&doing)? {
            gathering.add(joined(row, products).map_err(&doing)?)?;
        }
        let histories = gathering.histories.into_iter().map(|(root, mut history)| {
            history.orders.sort_by_key(|order| order.at);
            history.acts.sort_by_key(|act| act.at);
            (CustomerKey(root), history)
        });
        Ok(histories.collect())
    }

    /// Returns the next roots after one, in the order of their keys.
    pub fn roots_after(
        &self,
        after: CustomerKey,
        limit: u32,
    ) -> Result<Vec<CustomerKey>, StoreError> {
        const SQL: &str = "SELECT key FROM activity WHERE key > ?1 ORDER BY key LIMIT ?2";
        let doing = StoreError::doing("list customers");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map((after.0, limit), |row| row.get(0).map(CustomerKey))
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// What is known of each root beside its events.
    fn bare_histories(&self, roots: &[CustomerKey]) -> Result<BTreeMap<i64, History>, StoreError> {
        const SQL: &str = "SELECT c.key, c.first_event_at, c.is_first_event_order, a.strength
            FROM customer AS c JOIN activity AS a ON a.key = c.key
            WHERE c.key IN rarray(?1) AND c.root_key = c.key";
        let doing = StoreError::doing("read histories");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([keys_list(roots.iter().copied())]).map_err(&doing)?;
        let mut histories = BTreeMap::new();
        while let Some(row) = rows.next().map_err(&doing)? {
            let first: Option<i64> = row.get(1).map_err(&doing)?;
            let history = History {
                first_event_at: first.map(timestamp).transpose()?,
                is_first_event_order: row.get(2).map_err(&doing)?,
                strength: row.get(3).map_err(&doing)?,
                ..History::default()
            };
            histories.insert(row.get(0).map_err(&doing)?, history);
        }
        Ok(histories)
    }

    fn kinds(&self) -> Result<Kinds, StoreError> {
        let types = self.names("SELECT key, name FROM event_type")?;
        let sources = self.names("SELECT key, name FROM source")?;
        Ok(Kinds {
            types: types
                .into_iter()
                .map(|(key, name)| {
                    let is_order = EventType::is_name_of_order(&name);
                    (key, (!is_order).then(|| ActKind::of(&name, None)))
                })
                .collect(),
            stores: sources
                .into_iter()
                .filter(|(_, name)| Source::is_name_of_store(name))
                .map(|(key, _)| key)
                .collect(),
        })
    }

    fn names(&self, sql: &str) -> Result<Vec<(i64, String)>, StoreError> {
        let doing = StoreError::doing("read names");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }
}

fn joined(row: &Row<'_>, products: &Products) -> rusqlite::Result<Joined> {
    let order = match row.get(6)? {
        Some(minor) => Some((minor, row.get(7)?)),
        None => None,
    };
    let item = match row.get(8)? {
        Some(key) => Some(Item {
            product: products.key_of(key),
            category: row.get::<_, Option<i64>>(9)?.map(CategoryKey),
            quantity: row.get(10)?,
        }),
        None => None,
    };
    Ok(Joined {
        root: row.get(0)?,
        seq: row.get(1)?,
        at_ms: row.get(2)?,
        type_key: row.get(3)?,
        source_key: row.get(4)?,
        sentiment: row.get(5)?,
        order,
        item,
    })
}

impl Gathering {
    fn add(&mut self, joined: Joined) -> Result<(), StoreError> {
        let Joined { root, seq, at_ms, type_key, source_key, sentiment: tone, order, item } =
            joined;
        let is_further_product = self.last_seq.replace(seq) == Some(seq);
        let Some(history) = self.histories.get_mut(&root) else { return Ok(()) };
        if is_further_product {
            if let (Some(order), Some(item)) = (history.orders.last_mut(), item)
                && order_is_last(order, at_ms)
            {
                order.items.push(item);
            }
            return Ok(());
        }
        let at = timestamp(at_ms)?;
        if let Some((minor, currency)) = order {
            history.orders.push(Order {
                at,
                total: money(minor, &currency)?,
                is_offline: self.kinds.stores.contains(&source_key),
                items: item.into_iter().collect(),
            });
            return Ok(());
        }
        // Another telling of an order that counts already is nothing that happened.
        let Some(Some(kind)) = self.kinds.types.get(&type_key) else { return Ok(()) };
        let kind = match (kind, tone) {
            (ActKind::Ticket(_), Some(tone)) => ActKind::Ticket(sentiment(tone)),
            _ => *kind,
        };
        history.acts.push(Act { at, kind, item });
        Ok(())
    }
}

/// Whether a further product of an event belongs to this order: an event that is no order has its
/// first product only.
fn order_is_last(order: &Order, at_ms: i64) -> bool {
    order.at.as_millisecond() == at_ms
}
