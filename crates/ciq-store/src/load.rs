//! Working sets out of the file.

mod ahead;
mod claims;
mod decision;

pub(crate) use claims::release;
pub(crate) use decision::{links_within, resolve};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ciq_engine::{
    Customer, Fields, FirstEvent, IdentifierRow, Needs, PurchaseRow, State, WorkOrderRow,
    WorkingSet,
};
use ciq_event::{CustomerId, EventId};
use ciq_identity::{Candidate, CustomerKey, Holding, Strength};
use jiff::Timestamp;

use crate::codec::{
    currency, event_id, identifier, identifier_hash, ids_list, keys_list, money, numbers_list,
    texts_list, timestamp,
};
use crate::sql::{Connection, Row};
use crate::{StoreError, Writer, sql};

impl Writer {
    /// Begins a transaction and brings everything that a batch may touch, with one query per
    /// table. [`Writer::commit`] or [`Writer::abandon`] ends it.
    pub fn load(&mut self, needs: &Needs) -> Result<WorkingSet, StoreError> {
        let loaded = self.begin_on(needs).and_then(|holders| self.working_set(needs, holders));
        if loaded.is_err() {
            self.abandon();
        }
        loaded
    }

    /// Begins a transaction in which nobody else changes what a batch is about. Returns who may
    /// hold its identifiers, where that had to be read.
    fn begin_on(&mut self, needs: &Needs) -> Result<Option<BTreeSet<CustomerKey>>, StoreError> {
        let (Connection::Postgres(session), Some(reserve)) = (&self.connection, &mut self.reserve)
        else {
            return self.begin().map(|()| None);
        };
        let mut holders = None;
        // Decisions are few, and reach far: nobody writes beside them. A batch of which everything
        // is refused needs nothing.
        let is_decision = needs.events.is_empty() && *needs != Needs::default();
        if is_decision {
            session.begin_alone().map_err(StoreError::doing("begin a decision"))?;
        } else {
            session.begin_beside_others().map_err(StoreError::doing("begin a batch"))?;
            let kept = claims::lock(&self.connection, needs)?;
            reserve.claimed = kept.claimed;
            holders = Some(kept.holders.into_iter().map(CustomerKey).collect());
        }
        self.next = reserve.numbers(&self.connection, needs)?;
        self.forget_if_reconnected();
        Ok(holders)
    }

    fn working_set(
        &self,
        needs: &Needs,
        holders: Option<BTreeSet<CustomerKey>>,
    ) -> Result<WorkingSet, StoreError> {
        let mut set = WorkingSet::new(self.next);
        self.load_decision(needs, &mut set)?;
        let holders = match holders {
            Some(holders) => holders,
            None => possible_holders(&self.connection, needs)?,
        };
        fill(&self.connection, needs, holders, None, &mut set)?;
        Ok(set)
    }
}

/// Fills a working set that has its counters, and what a decision is about, already, beginning with
/// those who may hold the needed identifiers.
fn fill(
    connection: &Connection,
    needs: &Needs,
    mut origins: BTreeSet<CustomerKey>,
    before: Option<&WorkingSet>,
    set: &mut WorkingSet,
) -> Result<(), StoreError> {
    set.known_events = known_events(connection, needs)?;
    set.purchases = purchases(connection, needs)?;
    set.work_orders = work_orders(connection, needs)?;
    if let Some(before) = before {
        ahead::overlay_events(needs, before, set);
        let held = needs.identifiers.iter().filter_map(|needed| before.holders.get(needed));
        origins.extend(held.flatten());
    }
    origins.extend(set.purchases.values().map(|row| row.origin));
    origins.extend(set.named.values().copied());
    origins.extend(set.review.iter().flat_map(|review| review.customers.clone()));
    origins.extend(set.merge.iter().flat_map(|merge| merge.minted.keys().copied()));
    if let Some(before) = before {
        origins = ahead::overlay_customers(needs, before, origins, set);
    }
    let loaded = load_customers(connection, origins, set)?;
    load_identifiers(connection, needs, loaded, set)?;
    set.pins = pins(connection, set.roots.keys().copied())?;
    Ok(())
}

fn known_events(connection: &Connection, needs: &Needs) -> Result<BTreeSet<EventId>, StoreError> {
    const SQL: &str = "SELECT id FROM event WHERE id IN rarray(?1)
        UNION ALL SELECT id FROM erased_event WHERE id IN rarray(?1)";
    if needs.events.is_empty() {
        return Ok(BTreeSet::new());
    }
    let doing = StoreError::doing("look for known events");
    let list = ids_list(needs.events.iter().map(EventId::as_bytes));
    let mut statement = connection.prepare_cached(SQL).map_err(&doing)?;
    let rows = statement.query_map([list], |row| row.get(0).map(event_id)).map_err(&doing)?;
    rows.collect::<Result<_, _>>().map_err(&doing)
}

/// The columns and joins of an order, as [`purchase_of`] reads them.
pub(crate) const PURCHASE_SELECT: &str = "SELECT p.id, e.id, e.customer_key, p.product_name,
        p.product_sku, p.quantity, p.price_minor, p.total_minor, p.currency, e.occurred_at,
        p.warranty_expires_at, p.event_seq
    FROM purchase AS p JOIN event AS e ON e.seq = p.event_seq";

pub(crate) fn purchase_of(row: &Row<'_>) -> sql::Result<(String, StoredPurchase)> {
    let stored = StoredPurchase {
        event_seq: row.get(11)?,
        event_id: event_id(row.get(1)?),
        origin: CustomerKey(row.get(2)?),
        product_name: row.get(3)?,
        product_sku: row.get(4)?,
        quantity: row.get(5)?,
        price_minor: row.get(6)?,
        total_minor: row.get(7)?,
        currency: row.get(8)?,
        purchased_at: row.get(9)?,
        warranty_expires_at: row.get(10)?,
    };
    Ok((row.get(0)?, stored))
}

/// An order as its columns hold it.
pub(crate) struct StoredPurchase {
    event_seq: i64,
    event_id: EventId,
    origin: CustomerKey,
    product_name: String,
    product_sku: Option<String>,
    quantity: Option<i64>,
    price_minor: Option<i64>,
    total_minor: i64,
    currency: String,
    purchased_at: i64,
    warranty_expires_at: Option<i64>,
}

impl StoredPurchase {
    pub(crate) fn into_row(self) -> Result<PurchaseRow, StoreError> {
        let code = self.currency;
        Ok(PurchaseRow {
            event_seq: self.event_seq,
            event_id: self.event_id,
            origin: self.origin,
            product_name: self.product_name,
            product_sku: self.product_sku,
            quantity: self.quantity,
            price: self.price_minor.map(|minor| money(minor, &code)).transpose()?,
            total: money(self.total_minor, &code)?,
            purchased_at: timestamp(self.purchased_at)?,
            warranty_expires_at: self.warranty_expires_at.map(timestamp).transpose()?,
        })
    }
}

fn purchases(
    connection: &Connection,
    needs: &Needs,
) -> Result<BTreeMap<String, PurchaseRow>, StoreError> {
    if needs.purchases.is_empty() {
        return Ok(BTreeMap::new());
    }
    let doing = StoreError::doing("load orders");
    let sql = format!("{PURCHASE_SELECT} WHERE p.id IN rarray(?1)");
    let list = texts_list(needs.purchases.iter().map(String::as_str));
    let mut statement = connection.prepare_cached(&sql).map_err(&doing)?;
    let rows = statement.query_map([list], purchase_of).map_err(&doing)?;
    let mut found = BTreeMap::new();
    for row in rows {
        let (id, stored) = row.map_err(&doing)?;
        found.insert(id, stored.into_row()?);
    }
    Ok(found)
}

fn work_orders(
    connection: &Connection,
    needs: &Needs,
) -> Result<BTreeMap<String, WorkOrderRow>, StoreError> {
    const SQL: &str = "SELECT w.id, e.id, e.occurred_at, e.customer_key, w.fields, w.event_seq
        FROM work_order AS w JOIN event AS e ON e.seq = w.event_seq WHERE w.id IN rarray(?1)";
    if needs.work_orders.is_empty() {
        return Ok(BTreeMap::new());
    }
    let doing = StoreError::doing("load work orders");
    let list = texts_list(needs.work_orders.iter().map(String::as_str));
    let mut statement = connection.prepare_cached(SQL).map_err(&doing)?;
    let rows = statement
        .query_map([list], |row| {
            let stored: (String, [u8; 16], i64, i64, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            Ok((stored, row.get(5)?))
        })
        .map_err(&doing)?;
    let mut found = BTreeMap::new();
    for row in rows {
        let ((id, opened_by, opened_at, origin, fields), event_seq) = row.map_err(&doing)?;
        let row = WorkOrderRow {
            event_seq,
            opened_by: event_id(opened_by),
            opened_at: timestamp(opened_at)?,
            origin: CustomerKey(origin),
            fields: stored_fields(&fields)?,
        };
        found.insert(id, row);
    }
    Ok(found)
}

/// The origins that may hold the needed identifiers. Two texts may share a hash: who really holds
/// one shows when all that the origins hold is loaded.
fn possible_holders(
    connection: &Connection,
    needs: &Needs,
) -> Result<BTreeSet<CustomerKey>, StoreError> {
    const SQL: &str = "SELECT customer_key FROM identifier WHERE hash IN rarray(?1)";
    let doing = StoreError::doing("look who holds identifiers");
    let hashes = needs
        .identifiers
        .iter()
        .map(|needed| identifier_hash(&needed.kind().name(), needed.value()));
    let mut statement = connection.prepare_cached(SQL).map_err(&doing)?;
    let rows = statement
        .query_map([numbers_list(hashes)], |row| row.get(0).map(CustomerKey))
        .map_err(&doing)?;
    rows.collect::<Result<_, _>>().map_err(&doing)
}

/// Loads the roots that origins stand under, and returns every origin under each.
fn load_customers(
    connection: &Connection,
    origins: BTreeSet<CustomerKey>,
    set: &mut WorkingSet,
) -> Result<BTreeSet<CustomerKey>, StoreError> {
    const ROOTS: &str = "SELECT key, root_key FROM customer WHERE key IN rarray(?1)";
    const ORIGINS: &str = "SELECT key, root_key FROM customer WHERE root_key IN rarray(?1)";
    if origins.is_empty() {
        return Ok(origins);
    }
    let mut loaded = key_pairs(connection, ROOTS, origins)?;
    let roots: BTreeSet<CustomerKey> = loaded.values().copied().collect();
    loaded.extend(roots.iter().map(|root| (*root, *root)));
    let mut merged = Vec::new();
    for (customer, origin_count) in customer_rows(connection, roots.iter().copied())? {
        if origin_count > 1 {
            merged.push(customer.key());
        }
        set.customers.insert(customer.key(), Arc::new(customer));
    }
    if !merged.is_empty() {
        let under = key_pairs(connection, ORIGINS, merged)?;
        for (origin, root) in &under {
            if let Some(customer) = set.customer_mut(*root) {
                customer.origins.insert(*origin);
            }
        }
        loaded.extend(under);
    }
    let origins = loaded.keys().copied().collect();
    set.roots.extend(loaded);
    Ok(origins)
}

/// Loads what origins hold, and notes who holds what the batch needs.
fn load_identifiers(
    connection: &Connection,
    needs: &Needs,
    origins: BTreeSet<CustomerKey>,
    set: &mut WorkingSet,
) -> Result<(), StoreError> {
    for ((held, origin), first_seen_at) in held_by(connection, origins)? {
        if needs.identifiers.contains(&held) {
            set.holders.entry(held.clone()).or_default().insert(origin);
        }
        let root = set.root_of(origin);
        let Some(customer) = set.customer_mut(root) else { continue };
        let new = Holding { origin, first_seen_at };
        let holding = customer.candidate.identifiers.entry(held).or_insert(new);
        holding.origin = holding.origin.min(origin);
        holding.first_seen_at = holding.first_seen_at.min(first_seen_at);
    }
    Ok(())
}

fn key_pairs(
    connection: &Connection,
    sql: &str,
    keys: impl IntoIterator<Item = CustomerKey>,
) -> Result<BTreeMap<CustomerKey, CustomerKey>, StoreError> {
    let doing = StoreError::doing("load merged customers");
    let mut statement = connection.prepare_cached(sql).map_err(&doing)?;
    let rows = statement
        .query_map([keys_list(keys)], |row| {
            Ok((CustomerKey(row.get(0)?), CustomerKey(row.get(1)?)))
        })
        .map_err(&doing)?;
    rows.collect::<Result<_, _>>().map_err(&doing)
}

/// Every identifier of the given origins.
pub(crate) fn held_by(
    connection: &Connection,
    origins: impl IntoIterator<Item = CustomerKey>,
) -> Result<Vec<IdentifierRow>, StoreError> {
    const SQL: &str = "SELECT kind, value, customer_key, first_seen_at FROM identifier
        WHERE customer_key IN rarray(?1)";
    let doing = StoreError::doing("load identifiers");
    let mut statement = connection.prepare_cached(SQL).map_err(&doing)?;
    let mut rows = statement.query([keys_list(origins)]).map_err(&doing)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(&doing)? {
        let kind = row.text(0).map_err(&doing)?;
        let held = identifier(&kind, row.get(1).map_err(&doing)?)?;
        let origin = CustomerKey(row.get(2).map_err(&doing)?);
        found.push(((held, origin), timestamp(row.get(3).map_err(&doing)?)?));
    }
    Ok(found)
}

fn customer_rows(
    connection: &Connection,
    keys: impl IntoIterator<Item = CustomerKey>,
) -> Result<Vec<(Customer, i64)>, StoreError> {
    const SQL: &str = "SELECT c.key, c.minted_by, c.id, c.origin_count, a.fields, a.strength,
            a.lifetime_value_minor, a.currency, a.totals, a.order_count, a.event_count,
            a.store_visit_count, c.first_event_at, c.first_event_id, c.is_first_event_order,
            a.last_event_at, a.api_call_count, a.last_api_call_at
        FROM customer AS c JOIN activity AS a ON a.key = c.key WHERE c.key IN rarray(?1)";
    let doing = StoreError::doing("load customers");
    let mut statement = connection.prepare_cached(SQL).map_err(&doing)?;
    let mut rows = statement.query([keys_list(keys)]).map_err(&doing)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(&doing)? {
        let customer = stored_customer(&row).map_err(&doing)?.into_customer()?;
        found.push((customer, row.get(3).map_err(&doing)?));
    }
    Ok(found)
}

/// A customer as its columns hold it.
struct StoredCustomer {
    key: i64,
    minted_by: EventId,
    id: Option<String>,
    fields: String,
    strength: u8,
    lifetime_value: (i64, String),
    totals: Option<String>,
    counts: [i64; 3],
    first_event: Option<(i64, [u8; 16], bool)>,
    last_event_at: Option<i64>,
    calls: (i64, Option<i64>),
}

fn stored_customer(row: &Row<'_>) -> sql::Result<StoredCustomer> {
    let first_event_at: Option<i64> = row.get(12)?;
    let first_event = match first_event_at {
        Some(at) => Some((at, row.get(13)?, row.get(14)?)),
        None => None,
    };
    Ok(StoredCustomer {
        key: row.get(0)?,
        minted_by: event_id(row.get(1)?),
        id: row.get(2)?,
        fields: row.get(4)?,
        strength: row.get(5)?,
        lifetime_value: (row.get(6)?, row.get(7)?),
        totals: row.get(8)?,
        counts: [row.get(9)?, row.get(10)?, row.get(11)?],
        first_event,
        last_event_at: row.get(15)?,
        calls: (row.get(16)?, row.get(17)?),
    })
}

impl StoredCustomer {
    fn into_customer(self) -> Result<Customer, StoreError> {
        let key = CustomerKey(self.key);
        let [order_count, event_count, store_visit_count] = self.counts;
        let first_event = match self.first_event {
            Some((at, id, is_order)) => {
                Some(FirstEvent { at: timestamp(at)?, id: event_id(id), is_order })
            }
            None => None,
        };
        let candidate = Candidate {
            key,
            id: self.id.map_or_else(|| CustomerId::minted_by(self.minted_by), CustomerId::from_raw),
            first_seen_at: first_event.map_or(Timestamp::MAX, |event| event.at),
            strength: Strength::from_raw(self.strength),
            identifiers: BTreeMap::new(),
        };
        let state = State {
            fields: stored_fields(&self.fields)?,
            totals: stored_totals(&self.lifetime_value, self.totals.as_deref())?,
            order_count,
            event_count,
            store_visit_count,
            api_call_count: self.calls.0,
            last_api_call_at: self.calls.1.map(timestamp).transpose()?,
            first_event,
            last_event_at: self.last_event_at.map(timestamp).transpose()?,
        };
        let origins = BTreeSet::from([key]);
        Ok(Customer { candidate, minted_by: self.minted_by, origins, state })
    }
}

fn stored_fields(text: &str) -> Result<Fields, StoreError> {
    if text == "{}" {
        return Ok(Fields::default());
    }
    Fields::from_json(text)
        .map_err(|_| StoreError::corrupt("fields", "not JSON of the expected shape"))
}

/// One currency stands in the columns; several stand as JSON beside them.
fn stored_totals(
    (minor, code): &(i64, String),
    totals: Option<&str>,
) -> Result<BTreeMap<ciq_event::Currency, i64>, StoreError> {
    let Some(text) = totals else {
        let single = (*minor != 0).then_some((currency(code)?, *minor));
        return Ok(single.into_iter().collect());
    };
    let by_code: BTreeMap<String, i64> = serde_json::from_str(text)
        .map_err(|_| StoreError::corrupt("totals", "not JSON of the expected shape"))?;
    by_code.into_iter().map(|(code, minor)| Ok((currency(&code)?, minor))).collect()
}

fn pins(
    connection: &Connection,
    keys: impl Iterator<Item = CustomerKey>,
) -> Result<BTreeSet<(CustomerKey, CustomerKey)>, StoreError> {
    const ANY: &str = "SELECT EXISTS (SELECT 1 FROM pin)";
    const SQL: &str = "SELECT a_key, b_key FROM pin WHERE a_key IN rarray(?1)
        UNION SELECT a_key, b_key FROM pin WHERE b_key IN rarray(?1)";
    let doing = StoreError::doing("load pins");
    let is_any: bool = connection
        .prepare_cached(ANY)
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(&doing)?;
    if !is_any {
        return Ok(BTreeSet::new());
    }
    let mut statement = connection.prepare_cached(SQL).map_err(&doing)?;
    let rows = statement
        .query_map([keys_list(keys)], |row| {
            Ok((CustomerKey(row.get(0)?), CustomerKey(row.get(1)?)))
        })
        .map_err(&doing)?;
    rows.collect::<Result<_, _>>().map_err(&doing)
}
