//! After an erasure the log does not tell any more who is whom: what the erased told is gone, for
//! which others were merged, kept apart, or left without an identifier or an order. So that is
//! carried over, and the rest is folded on top of it.

use std::collections::BTreeMap;

use ciq_engine::{Needs, Settled};
use ciq_event::{CustomerId, EventId};
use ciq_identity::CustomerKey;

use crate::codec::{event_id, ids_list};
use crate::sql::Connection;
use crate::{Reader, StoreError};

/// Who is whom, with the same keys. Sums are added up anew.
pub(super) const CARRY_CUSTOMERS: &str = "INSERT INTO main.customer
        (key, minted_by, root_key, origin_count, is_first_event_order)
    SELECT key, minted_by, root_key, origin_count, 0 FROM old.customer;
    INSERT INTO main.activity (key, fields, strength, lifetime_value_minor, currency, order_count,
        event_count, store_visit_count)
    SELECT key, '{}', 0, 0, currency, 0, 0, 0 FROM old.activity;
    INSERT INTO main.identifier (customer_key, hash, kind, value, first_seen_at)
    SELECT customer_key, hash, kind, value, first_seen_at FROM old.identifier;
    INSERT INTO main.link (merge_id, a_key, b_key) SELECT merge_id, a_key, b_key FROM old.link;
    INSERT INTO main.pin (a_key, b_key) SELECT a_key, b_key FROM old.pin;
    INSERT INTO main.merge (key, id, merged_at, reason, actor, base_key, absorbed_keys, evidence,
        before_snapshot, after_snapshot, undone_at)
    SELECT key, id, merged_at, reason, actor, base_key, absorbed_keys, evidence, before_snapshot,
        after_snapshot, undone_at
    FROM old.merge;
    INSERT INTO main.review (key, id, customer_keys, reason, status, opened_at)
    SELECT key, id, customer_keys, reason, status, opened_at FROM old.review;
    INSERT INTO main.review_evidence (review_id, event_id)
    SELECT review_id, event_id FROM old.review_evidence;
    INSERT INTO main.counter (name, next)
    SELECT name, next FROM old.counter WHERE name = 'merge_key';";

/// Customers that are made later get keys of their own.
pub(super) const CARRY_COUNTER_SQLITE: &str = "UPDATE main.counter
    SET next = (SELECT next FROM old.counter WHERE name = 'customer_key')
    WHERE name = 'customer_key';";

/// The same where all kinds of numbers are of one sequence.
pub(super) const CARRY_COUNTER_POSTGRES: &str = "UPDATE main.counter
    SET next = (SELECT next FROM old.counter WHERE name = 'log_seq')
    WHERE name = 'log_seq';";

/// Work orders as they are. Which tellings make one up, where one who told of it was erased, is
/// not known any more either.
pub(super) const CARRY_WORK_ORDERS: &str = "INSERT INTO main.work_order (event_seq, id, fields)
    SELECT n.seq, w.id, w.fields
    FROM old.work_order AS w JOIN old.event AS o ON o.seq = w.event_seq
    JOIN main.event AS n ON n.id = o.id;";

/// Tells whether anybody was erased.
pub(super) fn is_anybody(log: &Reader) -> Result<bool, StoreError> {
    log.connection
        .query_row("SELECT EXISTS (SELECT 1 FROM erased_event)", [], |row| row.get(0))
        .map_err(StoreError::doing("look for erasures"))
}

/// Returns where the events of a batch stand, and has their customers loaded.
pub(super) fn settled(
    log: &Reader,
    needs: &mut Needs,
) -> Result<BTreeMap<EventId, Settled>, StoreError> {
    let doing = StoreError::doing("look where events stand");
    let mut found = BTreeMap::new();
    for (event, settled, minted_by) in settled_rows(&log.connection, needs).map_err(doing)? {
        needs.customers.insert(CustomerId::minted_by(minted_by));
        found.insert(event, settled);
    }
    Ok(found)
}

fn settled_rows(
    connection: &Connection,
    needs: &Needs,
) -> crate::sql::Result<Vec<(EventId, Settled, EventId)>> {
    const SQL: &str =
        "SELECT e.id, e.customer_key, e.left_out, p.event_seq IS NOT NULL, c.minted_by
        FROM event AS e JOIN customer AS c ON c.key = e.customer_key
        LEFT JOIN purchase AS p ON p.event_seq = e.seq
        WHERE e.id IN rarray(?1)";
    let list = ids_list(needs.events.iter().map(EventId::as_bytes));
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([list], |row| {
        let settled = Settled {
            origin: CustomerKey(row.get(1)?),
            left_out: row.get(2)?,
            is_order_counted: row.get(3)?,
        };
        Ok((event_id(row.get(0)?), settled, event_id(row.get(4)?)))
    })?;
    rows.collect()
}
