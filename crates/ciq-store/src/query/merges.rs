//! Merges, and why two customers are one.

use std::collections::{BTreeMap, BTreeSet};

use ciq_event::{CustomerId, EventId, MergeId};
use ciq_identity::{CustomerKey, Link, path_between};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::rfc3339;
use super::{IdentifierView, PageRequest};
use crate::codec::{event_id, identifier_hash};
use crate::load::links_within;
use crate::sql::{OptionalExtension, Row, params};
use crate::{Reader, StoreError, sql};

/// A merge.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MergeView {
    /// Its id.
    pub id: String,
    /// Who survived, as minted.
    pub base_profile_id: String,
    /// Who was taken in, as minted.
    pub merged_profile_ids: Vec<String>,
    /// Who the survivor is now.
    pub customer_id: Option<String>,
    /// `identifier_match`, `manual_review`, or a person's words.
    pub reason: String,
    /// `system`, or who decided.
    pub actor: String,
    /// What showed it.
    #[schema(value_type = Object)]
    pub evidence: serde_json::Value,
    /// The customers before.
    #[schema(value_type = Vec<Object>)]
    pub before_snapshot: serde_json::Value,
    /// The customer after.
    #[schema(value_type = Object)]
    pub after_snapshot: serde_json::Value,
    /// When.
    pub merged_at: Option<String>,
    /// When it was undone; `null` while it stands.
    pub undone_at: Option<String>,
}

/// Why a customer is one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Explanation {
    /// The customer.
    pub customer_id: String,
    /// The customers that it was made of, each with what it brought.
    pub origins: Vec<Origin>,
    /// The links that hold them together; with another id given, only those between the two.
    pub links: Vec<MergedBy>,
}

/// One of the customers that a customer was made of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Origin {
    /// As minted.
    pub profile_id: String,
    /// What it holds.
    pub identifiers: Vec<IdentifierView>,
    /// Events that were attached to it.
    pub event_count: i64,
}

/// A link: which merge, and what showed it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MergedBy {
    /// The merge.
    pub merge_id: String,
    /// The two origins, as minted.
    pub between: [String; 2],
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// When.
    pub merged_at: Option<String>,
    /// What showed it.
    #[schema(value_type = Object)]
    pub evidence: serde_json::Value,
}

pub(super) fn merge_of(row: &Row<'_>) -> sql::Result<MergeView> {
    let json = |index: usize| -> sql::Result<serde_json::Value> {
        let text: String = row.get(index)?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    };
    Ok(MergeView {
        id: row.get(0)?,
        base_profile_id: row.get(1)?,
        merged_profile_ids: serde_json::from_value(json(2)?).unwrap_or_default(),
        customer_id: row.get(3)?,
        reason: row.get(4)?,
        actor: row.get(5)?,
        evidence: json(6)?,
        before_snapshot: json(7)?,
        after_snapshot: json(8)?,
        merged_at: rfc3339(row.get(9)?),
        undone_at: rfc3339(row.get(10)?),
    })
}

/// The columns of a merge, as [`merge_of`] reads them; last its number and its roots of then.
pub(super) const MERGE_SELECT: &str =
    "SELECT 'mrg_' || lower(hex(g.id)), 'prf_' || lower(hex(b.minted_by)),
        (SELECT json_group_array('prf_' || lower(hex(a.minted_by)) ORDER BY CAST(k.key AS INTEGER))
            FROM json_each(g.absorbed_keys) AS k
            JOIN customer AS a ON a.key = CAST(k.value AS INTEGER)),
        r.id, g.reason, g.actor, g.evidence, g.before_snapshot, g.after_snapshot, g.merged_at,
        g.undone_at, g.key, g.base_key, g.absorbed_keys
    FROM merge AS g
    JOIN customer AS b ON b.key = g.base_key
    JOIN customer AS r ON r.key = b.root_key";

impl Reader {
    /// Returns a page of merges, the latest first, and the cursor of the next.
    pub fn merges(
        &self,
        page: &PageRequest,
    ) -> Result<(Vec<MergeView>, Option<String>), StoreError> {
        let sql = format!(
            "{MERGE_SELECT}
            WHERE ?2 IS NULL OR g.key < (SELECT key FROM merge WHERE id = ?2)
            ORDER BY g.key DESC LIMIT ?1"
        );
        let after = page.cursor.as_deref().and_then(|text| text.parse::<MergeId>().ok());
        let doing = StoreError::doing("list merges");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let size = page.size();
        let rows = statement
            .query_map(params![size + 1, after.as_ref().map(MergeId::as_bytes)], merge_of)
            .map_err(&doing)?;
        let mut data: Vec<_> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let next_cursor = page.cut(&mut data, |last| &last.id);
        Ok((data, next_cursor))
    }

    /// Returns a merge.
    pub fn merge(&self, id: MergeId) -> Result<Option<MergeView>, StoreError> {
        let sql = format!("{MERGE_SELECT} WHERE g.id = ?1");
        self.connection
            .query_row(&sql, [id.as_bytes()], merge_of)
            .optional()
            .map_err(StoreError::doing("read a merge"))
    }

    /// Returns why a customer is one; with another id, why the two ids name one customer (`None`
    /// where they do not, or nobody has the id).
    pub fn explain(
        &self,
        id: &CustomerId,
        other: Option<&CustomerId>,
    ) -> Result<Option<Explanation>, StoreError> {
        let Some(root) = self.key_of(id)? else { return Ok(None) };
        let Some(customer_id) = self.resolve(id)? else { return Ok(None) };
        let minted = self.minted_under(root)?;
        let origins: BTreeSet<CustomerKey> = minted.keys().copied().collect();
        let mut links = links_within(&self.connection, &origins)?;
        if let Some(other) = other {
            if self.key_of(other)? != Some(root) {
                return Ok(None);
            }
            let ends = (self.origin_of(id, &minted), self.origin_of(other, &minted));
            links = path_between(&links, ends.0, ends.1).unwrap_or(links);
        }
        let name = |key: CustomerKey| {
            minted.get(&key).map_or_else(String::new, |by| CustomerId::minted_by(*by).to_string())
        };
        let links: Result<Vec<_>, StoreError> =
            links.iter().map(|link| self.merged_by(link, [name(link.a), name(link.b)])).collect();
        let origins: Result<Vec<_>, StoreError> =
            origins.iter().map(|key| self.origin_view(*key, name(*key))).collect();
        let customer_id = customer_id.to_string();
        Ok(Some(Explanation { customer_id, origins: origins?, links: links? }))
    }

    fn minted_under(
        &self,
        root: CustomerKey,
    ) -> Result<BTreeMap<CustomerKey, EventId>, StoreError> {
        let pairs =
            self.rows("SELECT key, minted_by FROM customer WHERE root_key = ?1", root.0, |row| {
                Ok((CustomerKey(row.get(0)?), event_id(row.get(1)?)))
            })?;
        Ok(pairs.into_iter().collect())
    }

    /// The origin that an id was minted for, or that brought the customer id.
    fn origin_of(&self, id: &CustomerId, minted: &BTreeMap<CustomerKey, EventId>) -> CustomerKey {
        let by_minting = id
            .minting_event()
            .and_then(|event| minted.iter().find(|(_, by)| **by == event).map(|(key, _)| *key));
        let by_value = || {
            self.connection
                .query_row(
                    "SELECT min(customer_key) FROM identifier
                        WHERE hash = ?2 AND kind = 'customer_id' AND value = ?1",
                    params![id.as_str(), identifier_hash("customer_id", id.as_str())],
                    |row| row.get::<_, Option<i64>>(0),
                )
                .ok()
                .flatten()
                .map(CustomerKey)
        };
        let first = || minted.keys().next().copied().unwrap_or(CustomerKey(0));
        by_minting.or_else(by_value).unwrap_or_else(first)
    }

    fn origin_view(&self, key: CustomerKey, profile_id: String) -> Result<Origin, StoreError> {
        let identifiers = self.rows(
            "SELECT kind, value, first_seen_at FROM identifier WHERE customer_key = ?1
                ORDER BY first_seen_at, kind, value",
            key.0,
            |row| {
                Ok(IdentifierView {
                    kind: row.get(0)?,
                    value: row.get(1)?,
                    first_seen_at: rfc3339(row.get(2)?),
                })
            },
        )?;
        let event_count = self
            .connection
            .query_row("SELECT count(*) FROM event WHERE customer_key = ?1", [key.0], |row| {
                row.get(0)
            })
            .map_err(StoreError::doing("count events"))?;
        Ok(Origin { profile_id, identifiers, event_count })
    }

    fn merged_by(&self, link: &Link, between: [String; 2]) -> Result<MergedBy, StoreError> {
        self.connection
            .query_row(
                "SELECT reason, actor, merged_at, evidence FROM merge WHERE id = ?1",
                [link.merge.as_bytes()],
                |row| {
                    let evidence: String = row.get(3)?;
                    Ok(MergedBy {
                        merge_id: link.merge.to_string(),
                        between,
                        reason: row.get(0)?,
                        actor: row.get(1)?,
                        merged_at: rfc3339(row.get(2)?),
                        evidence: serde_json::from_str(&evidence).unwrap_or_default(),
                    })
                },
            )
            .map_err(StoreError::doing("read a merge"))
    }
}
