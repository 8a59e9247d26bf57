//! What everyone did, in a few numbers each, from one walk through the events.

use ciq_event::EventType;
use jiff::Timestamp;

use super::cohorts::{Cohorts, Months};
use crate::{Reader, StoreError};

/// What one customer did. Months are bits: 0 for all that was before those looked at, then one for
/// each of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Life {
    /// The months with events.
    pub(super) active: u16,
    /// The months with orders.
    pub(super) ordered: u16,
    /// How many orders.
    pub(super) order_count: u32,
    /// When the last one was.
    pub(super) last_order_ms: i64,
    /// What those in the brand's usual currency cost; `None` without one.
    pub(super) spent_minor: Option<i64>,
}

/// What everyone did.
#[derive(Debug)]
pub(super) struct Lives {
    /// One for each customer, and an empty one for each that is merged into another.
    pub(super) lives: Vec<Life>,
    /// The currency of most orders.
    pub(super) currency: String,
    /// How many events there are.
    pub(super) event_count: i64,
    months: Months,
}

/// The orders that count, by the numbers of their events.
#[derive(Debug, Default)]
struct Orders {
    list: Vec<Order>,
    currencies: Vec<(String, usize)>,
}

#[derive(Debug, Clone, Copy)]
struct Order {
    event_seq: i64,
    total_minor: i64,
    /// Its place in the list of currencies.
    currency: usize,
}

/// Which life an origin's events belong to: pairs of a key and a place, by key.
#[derive(Debug)]
struct Places {
    keys: Vec<(i64, usize)>,
    /// The last answer: events come by origin.
    last: Option<(i64, usize)>,
}

impl Lives {
    /// Reads what everyone did until now.
    pub(super) fn read(reader: &Reader, now: Timestamp) -> Result<Self, StoreError> {
        const SQL: &str = "SELECT customer_key, occurred_at, type_key, seq FROM event";
        let doing = StoreError::doing("read what everyone did");
        let mut places = reader.places()?;
        let (orders, order_types) = (reader.all_orders()?, reader.order_types()?);
        let (currency, usual) = orders.usual_currency();
        let months = Months::up_to(reader.last_event_at()?.map_or(now, |last| last.min(now)));
        let mut lives = vec![Life::default(); places.keys.len()];
        let mut event_count = 0;
        let mut statement = reader.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([]).map_err(&doing)?;
        while let Some(row) = rows.next().map_err(&doing)? {
            event_count += 1;
            let place = places.of(row.get(0).map_err(&doing)?);
            let Some(life) = place.and_then(|place| lives.get_mut(place)) else { continue };
            let at_ms: i64 = row.get(1).map_err(&doing)?;
            let month = months.bit(at_ms);
            life.active |= month;
            if !order_types.contains(&row.get(2).map_err(&doing)?) {
                continue;
            }
            // Another telling of an order is none of its own.
            let Some(order) = orders.of(row.get(3).map_err(&doing)?) else { continue };
            life.ordered |= month;
            life.order_count += 1;
            life.last_order_ms = life.last_order_ms.max(at_ms);
            if order.currency == usual {
                *life.spent_minor.get_or_insert_default() += order.total_minor;
            }
        }
        Ok(Self { lives, currency, event_count, months })
    }

    /// Returns who came back with another order.
    pub(super) fn order_cohorts(&self) -> Cohorts {
        self.months.cohorts(self.lives.iter().map(|life| life.ordered))
    }

    /// Returns who came back with any event.
    pub(super) fn event_cohorts(&self) -> Cohorts {
        self.months.cohorts(self.lives.iter().map(|life| life.active))
    }
}

impl Orders {
    fn of(&self, event_seq: i64) -> Option<Order> {
        let found = self.list.binary_search_by_key(&event_seq, |order| order.event_seq);
        found.ok().and_then(|place| self.list.get(place)).copied()
    }

    fn add(&mut self, event_seq: i64, total_minor: i64, code: &str) {
        let held = self.currencies.iter().position(|(held, _)| held == code);
        let currency = held.unwrap_or_else(|| {
            self.currencies.push((code.to_owned(), 0));
            self.currencies.len() - 1
        });
        if let Some((_, count)) = self.currencies.get_mut(currency) {
            *count += 1;
        }
        self.list.push(Order { event_seq, total_minor, currency });
    }

    /// The currency of most orders, and its place. Of several, the first one that came.
    fn usual_currency(&self) -> (String, usize) {
        let all = self.currencies.iter().enumerate().rev();
        let most = all.max_by_key(|(_, (_, count))| *count);
        most.map(|(place, (code, _))| (code.clone(), place)).unwrap_or_default()
    }
}

impl Places {
    fn of(&mut self, origin: i64) -> Option<usize> {
        if let Some((held, place)) = self.last
            && held == origin
        {
            return Some(place);
        }
        let found = self.keys.binary_search_by_key(&origin, |(key, _)| *key).ok()?;
        let (_, place) = self.keys.get(found)?;
        self.last = Some((origin, *place));
        Some(*place)
    }
}

impl Reader {
    fn places(&self) -> Result<Places, StoreError> {
        const SQL: &str = "SELECT key, root_key FROM customer ORDER BY key";
        let doing = StoreError::doing("read who is who");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(&doing)?;
        let pairs: Vec<(i64, i64)> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let place_of = |root: i64| pairs.binary_search_by_key(&root, |(key, _)| *key).ok();
        let keys = pairs.iter().filter_map(|(key, root)| Some((*key, place_of(*root)?))).collect();
        Ok(Places { keys, last: None })
    }

    fn all_orders(&self) -> Result<Orders, StoreError> {
        const SQL: &str =
            "SELECT event_seq, total_minor, currency FROM purchase ORDER BY event_seq";
        let doing = StoreError::doing("read all orders");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([]).map_err(&doing)?;
        let mut orders = Orders::default();
        while let Some(row) = rows.next().map_err(&doing)? {
            let code = row.text(2).map_err(&doing)?;
            orders.add(row.get(0).map_err(&doing)?, row.get(1).map_err(&doing)?, &code);
        }
        Ok(orders)
    }

    fn order_types(&self) -> Result<Vec<i64>, StoreError> {
        let doing = StoreError::doing("read the types of events");
        let mut statement =
            self.connection.prepare_cached("SELECT key, name FROM event_type").map_err(&doing)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(&doing)?;
        let types: Vec<(i64, String)> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let of_orders = types.into_iter().filter(|(_, name)| EventType::is_name_of_order(name));
        Ok(of_orders.map(|(key, _)| key).collect())
    }

    fn last_event_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let last: Option<i64> = self
            .connection
            .query_row("SELECT max(last_event_at) FROM activity", [], |row| row.get(0))
            .map_err(StoreError::doing("find the last event"))?;
        Ok(last.and_then(|at_ms| Timestamp::from_millisecond(at_ms).ok()))
    }
}
