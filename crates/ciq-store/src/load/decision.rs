//! What a person's decision needs beside customers.

use std::collections::{BTreeMap, BTreeSet};

use ciq_engine::{HistoryItem, LoadedMerge, LoadedReview, Needs, PurchaseRow, WorkingSet};
use ciq_event::{CustomerId, MergeId, Message};
use ciq_identity::{CustomerKey, Link};

use super::{PURCHASE_SELECT, held_by, purchase_of};
use crate::codec::{self, event_id, identifier_hash, keys_from_json, keys_list};
use crate::sql::{Connection, OptionalExtension, params};
use crate::{StoreError, Writer};

impl Writer {
    /// Loads what only decisions need, and who minted ids name.
    pub(super) fn load_decision(
        &self,
        needs: &Needs,
        set: &mut WorkingSet,
    ) -> Result<(), StoreError> {
        for id in &needs.customers {
            if let Some(root) = resolve(&self.connection, id)? {
                set.named.insert(id.clone(), root);
            }
        }
        if let Some(id) = needs.undo {
            set.merge = load_merge(&self.connection, id)?;
        }
        if let Some(id) = needs.review {
            set.review = self
                .connection
                .query_row(
                    "SELECT customer_keys, status FROM review WHERE id = ?1",
                    [id.as_bytes()],
                    |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
                )
                .optional()
                .map_err(StoreError::doing("load a review"))?
                .map(|(keys, status)| {
                    let customers = keys_from_json(&keys)?;
                    Ok(LoadedReview { id, is_pending: status == "pending", customers })
                })
                .transpose()?;
        }
        Ok(())
    }
}

/// Returns the root of the customer that an id names: a minted id, now or before a merge, or a
/// customer id of the company's own.
pub(crate) fn resolve(
    connection: &Connection,
    id: &CustomerId,
) -> Result<Option<CustomerKey>, StoreError> {
    const MINTED: &str = "SELECT root_key FROM customer WHERE minted_by = ?1";
    const OWN: &str = "SELECT c.root_key FROM identifier AS i
        JOIN customer AS c ON c.key = i.customer_key
        WHERE i.hash = ?2 AND i.kind = 'customer_id' AND i.value = ?1
        ORDER BY i.customer_key LIMIT 1";
    let doing = StoreError::doing("resolve a customer's id");
    let key = |row: &crate::sql::Row<'_>| row.get(0).map(CustomerKey);
    if let Some(event) = id.minting_event() {
        let mut statement = connection.prepare_cached(MINTED).map_err(&doing)?;
        let found = statement.query_row([event.as_bytes()], key).optional().map_err(&doing)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let mut statement = connection.prepare_cached(OWN).map_err(&doing)?;
    let value = id.as_str().trim();
    let hash = identifier_hash("customer_id", value);
    statement.query_row(params![value, hash], key).optional().map_err(&doing)
}

fn load_merge(connection: &Connection, id: MergeId) -> Result<Option<LoadedMerge>, StoreError> {
    let doing = StoreError::doing("load a merge");
    let row = connection
        .query_row(
            "SELECT base_key, absorbed_keys, undone_at IS NOT NULL FROM merge WHERE id = ?1",
            [id.as_bytes()],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)),
        )
        .optional()
        .map_err(&doing)?;
    let Some((base, absorbed, is_undone)) = row else { return Ok(None) };
    let mut participants = vec![CustomerKey(base)];
    participants.extend(keys_from_json(&absorbed)?);
    let minted = minted_under(connection, held_together_at(connection, id)?)?;
    let origins: BTreeSet<CustomerKey> = minted.keys().copied().collect();
    Ok(Some(LoadedMerge {
        id,
        is_undone,
        participants,
        links: links_within(connection, &origins)?,
        history: history_of(connection, &origins)?,
        orders: orders_of(connection, &origins)?,
        identifiers: held_by(connection, origins.iter().copied())?,
        minted,
    }))
}

/// An origin that the merge's links hold on to. Its participants may stand elsewhere by now, where
/// another merge was undone meanwhile; all links of one merge meet in one origin.
fn held_together_at(connection: &Connection, id: MergeId) -> Result<CustomerKey, StoreError> {
    connection
        .query_row("SELECT min(a_key) FROM link WHERE merge_id = ?1", [id.as_bytes()], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .map(|key| CustomerKey(key.unwrap_or_default()))
        .map_err(StoreError::doing("load a merge's links"))
}

/// Every origin that stands under the same root as `key` does now, with who minted it.
fn minted_under(
    connection: &Connection,
    key: CustomerKey,
) -> Result<BTreeMap<CustomerKey, ciq_event::EventId>, StoreError> {
    const SQL: &str = "SELECT key, minted_by FROM customer
        WHERE root_key = (SELECT root_key FROM customer WHERE key = ?1)";
    let doing = StoreError::doing("load the origins of a customer");
    let mut statement = connection.prepare_cached(SQL).map_err(&doing)?;
    let rows = statement
        .query_map([key.0], |row| Ok((CustomerKey(row.get(0)?), event_id(row.get(1)?))))
        .map_err(&doing)?;
    rows.collect::<Result<_, _>>().map_err(&doing)
}

pub(crate) fn links_within(
    connection: &Connection,
    origins: &BTreeSet<CustomerKey>,
) -> Result<Vec<Link>, StoreError> {
    const SQL: &str = "SELECT merge_id, a_key, b_key FROM link WHERE a_key IN rarray(?1)
        ORDER BY a_key, b_key, merge_id";
    let doing = StoreError::doing("load links");
    let mut statement = connection.prepare_cached(SQL).map_err(&doing)?;
    let rows = statement
        .query_map([keys_list(origins.iter().copied())], |row| {
            let merge = MergeId::from_raw(row.get(0)?);
            Ok(Link { merge, a: CustomerKey(row.get(1)?), b: CustomerKey(row.get(2)?) })
        })
        .map_err(&doing)?;
    rows.collect::<Result<_, _>>().map_err(&doing)
}

fn history_of(
    connection: &Connection,
    origins: &BTreeSet<CustomerKey>,
) -> Result<Vec<HistoryItem>, StoreError> {
    const SQL: &str = "SELECT e.id, e.customer_key, m.form, m.body, m.received_at, m.subject,
            m.message_id
        FROM event AS e JOIN message AS m ON m.seq = e.message_seq
        WHERE e.customer_key IN rarray(?1) ORDER BY e.seq";
    let doing = StoreError::doing("load a customer's events");
    let mut statement = connection.prepare_cached(SQL).map_err(&doing)?;
    let mut rows = statement.query([keys_list(origins.iter().copied())]).map_err(&doing)?;
    let mut history = Vec::new();
    while let Some(row) = rows.next().map_err(&doing)? {
        let form: String = row.get(2).map_err(&doing)?;
        let body: String = row.get(3).map_err(&doing)?;
        let received_at = row.get(4).map_err(&doing)?;
        let carrier = codec::carrier(row.get(5).map_err(&doing)?, row.get(6).map_err(&doing)?);
        let message = Message { carrier, ..codec::message(&form, body, received_at)? };
        history.push(HistoryItem {
            event: event_id(row.get(0).map_err(&doing)?),
            origin: CustomerKey(row.get(1).map_err(&doing)?),
            message,
        });
    }
    Ok(history)
}

fn orders_of(
    connection: &Connection,
    origins: &BTreeSet<CustomerKey>,
) -> Result<Vec<PurchaseRow>, StoreError> {
    let doing = StoreError::doing("load a customer's orders");
    let sql = format!("{PURCHASE_SELECT} WHERE e.customer_key IN rarray(?1)");
    let mut statement = connection.prepare_cached(&sql).map_err(&doing)?;
    let rows =
        statement.query_map([keys_list(origins.iter().copied())], purchase_of).map_err(&doing)?;
    rows.map(|row| row.map_err(&doing)?.1.into_row()).collect()
}
