//! Histories: what customers did, as insight reads it.

use std::collections::BTreeMap;

use ciq_event::{Currency, EventType, Money, Source};
use ciq_identity::CustomerKey;
use ciq_insight::{Act, ActKind, Catalogue, CategoryKey, History, Item, Order, ProductKey};

use crate::codec::{keys_list, money, numbers_list, sentiment, timestamp};
use crate::sql::Row;
use crate::{Reader, StoreError, sql};

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
    /// What events of a type are; `None` for orders.
    types: BTreeMap<i64, Option<ActKind>>,
    stores: Vec<i64>,
}

/// An event as the index by customer holds it.
#[derive(Debug, Clone, Copy)]
struct Indexed {
    root: i64,
    seq: i64,
    at_ms: i64,
    type_key: i64,
    source_key: i64,
    tone: Option<i64>,
}

/// What hangs on events, each by the number of its event and in their order.
struct Hanging {
    totals: Vec<(i64, Money)>,
    items: Vec<(i64, Item)>,
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

    /// Returns what each root did, with a query per table for all of them. A key that is no root is
    /// left out.
    pub fn histories(
        &self,
        roots: &[CustomerKey],
        products: &Products,
    ) -> Result<Vec<(CustomerKey, History)>, StoreError> {
        let mut histories = self.bare_histories(roots)?;
        let kinds = self.kinds()?;
        let events = self.indexed_events(roots)?;
        let with_items = events.iter().filter(|event| kinds.may_have_items(event));
        let hanging = Hanging {
            totals: self.totals(events.iter().filter(|event| kinds.is_order(event)))?,
            items: self.items(with_items, products)?,
        };
        add(&mut histories, &events, &hanging, &kinds)?;
        for (_, history) in &mut histories {
            history.orders.sort_by_key(|order| order.at);
            history.acts.sort_by_key(|act| act.at);
        }
        Ok(histories)
    }

    fn indexed_events(&self, roots: &[CustomerKey]) -> Result<Vec<Indexed>, StoreError> {
        const SQL: &str = "SELECT o.root_key, e.seq, e.occurred_at, e.type_key, e.source_key,
                e.sentiment
            FROM customer AS o JOIN event AS e ON e.customer_key = o.key
            WHERE o.root_key IN rarray(?1)";
        let doing = StoreError::doing("read histories");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map([keys_list(roots.iter().copied())], |row| {
                Ok(Indexed {
                    root: row.get(0)?,
                    seq: row.get(1)?,
                    at_ms: row.get(2)?,
                    type_key: row.get(3)?,
                    source_key: row.get(4)?,
                    tone: row.get(5)?,
                })
            })
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// What the orders among events cost. Another telling of an order has none.
    fn totals<'a>(
        &self,
        events: impl Iterator<Item = &'a Indexed>,
    ) -> Result<Vec<(i64, Money)>, StoreError> {
        const SQL: &str = "SELECT event_seq, total_minor, currency FROM purchase
            WHERE event_seq IN rarray(?1) ORDER BY event_seq";
        let doing = StoreError::doing("read orders");
        let list = numbers_list(events.map(|event| event.seq));
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([list]).map_err(&doing)?;
        let mut totals = Vec::new();
        while let Some(row) = rows.next().map_err(&doing)? {
            let code = row.text(2).map_err(&doing)?;
            let total = money(row.get(1).map_err(&doing)?, &code)?;
            totals.push((row.get(0).map_err(&doing)?, total));
        }
        Ok(totals)
    }

    /// The products of events.
    fn items<'a>(
        &self,
        events: impl Iterator<Item = &'a Indexed>,
        products: &Products,
    ) -> Result<Vec<(i64, Item)>, StoreError> {
        const SQL: &str = "SELECT event_seq, product_key, category_key, quantity,
                price_minor, currency
            FROM line_item WHERE event_seq IN rarray(?1) ORDER BY event_seq, line";
        let doing = StoreError::doing("read products");
        let list = numbers_list(events.map(|event| event.seq));
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement.query_map([list], |row| item_of(row, products)).map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// Returns the root with the greatest key; 0 where there is none.
    pub fn last_root(&self) -> Result<CustomerKey, StoreError> {
        self.connection
            .query_row("SELECT coalesce(max(key), 0) FROM activity", [], |row| row.get(0))
            .map(CustomerKey)
            .map_err(StoreError::doing("count customers"))
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

    /// What is known of each root beside its events, in the order of their keys.
    fn bare_histories(
        &self,
        roots: &[CustomerKey],
    ) -> Result<Vec<(CustomerKey, History)>, StoreError> {
        const SQL: &str = "SELECT c.key, c.first_event_at, c.is_first_event_order, a.strength
            FROM customer AS c JOIN activity AS a ON a.key = c.key
            WHERE c.key IN rarray(?1) AND c.root_key = c.key ORDER BY c.key";
        let doing = StoreError::doing("read histories");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([keys_list(roots.iter().copied())]).map_err(&doing)?;
        let mut histories = Vec::with_capacity(roots.len());
        while let Some(row) = rows.next().map_err(&doing)? {
            let first: Option<i64> = row.get(1).map_err(&doing)?;
            let history = History {
                first_event_at: first.map(timestamp).transpose()?,
                is_first_event_order: row.get(2).map_err(&doing)?,
                strength: row.get(3).map_err(&doing)?,
                ..History::default()
            };
            histories.push((CustomerKey(row.get(0).map_err(&doing)?), history));
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

fn item_of(row: &Row<'_>, products: &Products) -> sql::Result<(i64, Item)> {
    let price = match row.get(4)? {
        Some(minor) => {
            let code: String = row.get(5)?;
            Currency::parse(&code).ok().map(|currency| Money { minor, currency })
        }
        None => None,
    };
    let item = Item {
        product: products.key_of(row.get(1)?),
        category: row.get::<_, Option<i64>>(2)?.map(CategoryKey),
        quantity: row.get(3)?,
        price,
    };
    Ok((row.get(0)?, item))
}

/// Adds events to the histories of their customers.
fn add(
    histories: &mut [(CustomerKey, History)],
    events: &[Indexed],
    hanging: &Hanging,
    kinds: &Kinds,
) -> Result<(), StoreError> {
    for event in events {
        let found = histories.binary_search_by_key(&event.root, |(root, _)| root.0);
        let Some((_, history)) = found.ok().and_then(|index| histories.get_mut(index)) else {
            continue;
        };
        let at = timestamp(event.at_ms)?;
        let items = hanging.items_of(event.seq);
        if let Some(total) = hanging.total_of(event.seq) {
            let is_offline = kinds.stores.contains(&event.source_key);
            let items = items.iter().map(|(_, item)| *item).collect();
            history.orders.push(Order { at, total, is_offline, items });
            continue;
        }
        // Another telling of an order that counts already is nothing that happened.
        let Some(Some(kind)) = kinds.types.get(&event.type_key) else { continue };
        let kind = match (kind, event.tone) {
            (ActKind::Ticket(_), Some(tone)) => ActKind::Ticket(sentiment(tone)),
            _ => *kind,
        };
        history.acts.push(Act { at, kind, item: items.first().map(|(_, item)| *item) });
    }
    Ok(())
}

impl Hanging {
    fn total_of(&self, seq: i64) -> Option<Money> {
        let found = self.totals.binary_search_by_key(&seq, |(held, _)| *held);
        found.ok().and_then(|index| self.totals.get(index)).map(|(_, total)| *total)
    }

    fn items_of(&self, seq: i64) -> &[(i64, Item)] {
        let from = self.items.partition_point(|(held, _)| *held < seq);
        let rest = self.items.get(from..).unwrap_or_default();
        let until = rest.partition_point(|(held, _)| *held == seq);
        rest.get(..until).unwrap_or_default()
    }
}

impl Kinds {
    fn is_order(&self, event: &Indexed) -> bool {
        matches!(self.types.get(&event.type_key), Some(None))
    }

    /// Tells whether insight asks which product an event is about.
    fn may_have_items(&self, event: &Indexed) -> bool {
        matches!(
            self.types.get(&event.type_key),
            Some(
                None | Some(ActKind::View | ActKind::CartAdd | ActKind::CartRemove | ActKind::Wish)
            )
        )
    }
}
