//! Profiles: customers with their identifiers, and the parts of a 360 view.

use std::collections::BTreeMap;

use ciq_event::CustomerId;
use ciq_identity::CustomerKey;

use super::customers::{SUMMARY_COLUMNS, summary_of};
use super::view::{amount, rfc3339};
use super::{
    CustomerSort, CustomerSummary, IdentifierView, KnowledgeView, PageRequest, ProfileDetail,
    PurchaseView, StoreVisitView, WorkOrderView,
};
use crate::codec::numbers_list;
use crate::sql::{Row, params};
use crate::{Reader, StoreError, sql};

impl Reader {
    /// Returns a page of profiles and the cursor of the next.
    pub fn profiles(
        &self,
        page: &PageRequest,
        sort: CustomerSort,
    ) -> Result<(Vec<ProfileDetail>, Option<String>), StoreError> {
        let customers = self.customers(page, sort)?;
        let mut profiles = Vec::with_capacity(customers.data.len());
        for summary in customers.data {
            let id = CustomerId::from_raw(summary.id);
            profiles.extend(self.profile(&id)?);
        }
        Ok((profiles, customers.next_cursor))
    }

    /// Returns the profiles of roots, by the number of the root: a statement per table.
    pub(super) fn profiles_of(
        &self,
        roots: impl IntoIterator<Item = i64> + Clone,
    ) -> Result<Vec<(i64, ProfileDetail)>, StoreError> {
        let doing = StoreError::doing("read profiles");
        let sql = format!(
            "SELECT {SUMMARY_COLUMNS}, c.origin_count, a.store_visit_count, c.key FROM customer AS c JOIN activity AS a ON a.key = c.key
            WHERE c.key IN rarray(?1) ORDER BY c.key"
        );
        let mut held = self.identifiers_by_root(roots.clone())?;
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let rows = statement
            .query_map([numbers_list(roots)], |row| {
                let root = row.get(15)?;
                Ok((root, profile_from(row, held.remove(&root).unwrap_or_default())?))
            })
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// Returns a profile, by any id that ever named it.
    pub fn profile(&self, id: &CustomerId) -> Result<Option<ProfileDetail>, StoreError> {
        self.key_of(id)?.map(|root| self.profile_of(root)).transpose()
    }

    /// Returns the profile of a root.
    pub(super) fn profile_of(&self, root: CustomerKey) -> Result<ProfileDetail, StoreError> {
        let doing = StoreError::doing("read a profile");
        let sql = format!(
            "SELECT {SUMMARY_COLUMNS}, c.origin_count, a.store_visit_count FROM customer AS c JOIN activity AS a ON a.key = c.key
            WHERE c.key = ?1"
        );
        let held = self.identifiers_of(root.0)?;
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        statement.query_row([root.0], |row| profile_from(row, held)).map_err(&doing)
    }

    /// Everything that each root holds, the first seen first.
    fn identifiers_by_root(
        &self,
        roots: impl IntoIterator<Item = i64>,
    ) -> Result<BTreeMap<i64, Vec<IdentifierView>>, StoreError> {
        const SQL: &str = "SELECT i.kind, i.value, min(i.first_seen_at), o.root_key
            FROM customer AS o JOIN identifier AS i ON i.customer_key = o.key
            WHERE o.root_key IN rarray(?1)
            GROUP BY o.root_key, i.kind, i.value
            ORDER BY o.root_key, min(i.first_seen_at), i.kind, i.value";
        let doing = StoreError::doing("read what customers hold");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map([numbers_list(roots)], |row| Ok((row.get(3)?, identifier_from(row)?)))
            .map_err(&doing)?;
        let mut held: BTreeMap<i64, Vec<IdentifierView>> = BTreeMap::new();
        for row in rows {
            let (root, identifier) = row.map_err(&doing)?;
            held.entry(root).or_default().push(identifier);
        }
        Ok(held)
    }

    /// Everything a root holds, the first seen first.
    pub(super) fn identifiers_of(&self, root: i64) -> Result<Vec<IdentifierView>, StoreError> {
        const SQL: &str = "SELECT i.kind, i.value, min(i.first_seen_at)
            FROM customer AS o JOIN identifier AS i ON i.customer_key = o.key
            WHERE o.root_key = ?1
            GROUP BY i.kind, i.value ORDER BY min(i.first_seen_at), i.kind, i.value";
        self.rows(SQL, root, identifier_from)
    }

    /// Returns a customer's orders, the latest first.
    pub fn purchases(&self, id: &CustomerId) -> Result<Vec<PurchaseView>, StoreError> {
        const SQL: &str = "SELECT p.id, p.product_name, p.product_sku, p.quantity, p.total_minor,
                p.currency, e.occurred_at, p.warranty_expires_at
            FROM customer AS o JOIN event AS e ON e.customer_key = o.key
            JOIN purchase AS p ON p.event_seq = e.seq
            WHERE o.root_key = ?1 ORDER BY e.occurred_at DESC, p.id LIMIT 1000";
        self.rows_of(SQL, id, |row| {
            let currency: String = row.get(5)?;
            Ok(PurchaseView {
                id: row.get(0)?,
                product_name: row.get(1)?,
                product_sku: row.get(2)?,
                quantity: row.get(3)?,
                total: amount(row.get(4)?, &currency),
                currency,
                purchased_at: rfc3339(row.get(6)?),
                warranty_expires_at: rfc3339(row.get(7)?),
            })
        })
    }

    /// Returns a customer's work orders, the latest first.
    pub fn work_orders(&self, id: &CustomerId) -> Result<Vec<WorkOrderView>, StoreError> {
        const SQL: &str = "SELECT w.id, json_extract(w.fields, '$.order_type[0]'),
                json_extract(w.fields, '$.issue_description[0]'),
                json_extract(w.fields, '$.resolution[0]'),
                json_extract(w.fields, '$.status[0]'), json_extract(w.fields, '$.priority[0]'),
                json_extract(w.fields, '$.assigned_to[0]'), e.occurred_at
            FROM customer AS o JOIN event AS e ON e.customer_key = o.key
            JOIN work_order AS w ON w.event_seq = e.seq
            WHERE o.root_key = ?1 ORDER BY e.occurred_at DESC, w.id LIMIT 1000";
        self.rows_of(SQL, id, |row| {
            Ok(WorkOrderView {
                id: row.get(0)?,
                order_type: row.get(1)?,
                issue_description: row.get(2)?,
                resolution: row.get(3)?,
                status: row.get(4)?,
                priority: row.get(5)?,
                assigned_to: row.get(6)?,
                created_at: rfc3339(row.get(7)?),
            })
        })
    }

    /// Returns what is worth remembering about a customer, the latest first.
    pub fn knowledge(&self, id: &CustomerId) -> Result<Vec<KnowledgeView>, StoreError> {
        const SQL: &str = "SELECT k.content, k.category, k.importance, e.occurred_at
            FROM customer AS o JOIN event AS e ON e.customer_key = o.key
            JOIN knowledge AS k ON k.event_seq = e.seq
            WHERE o.root_key = ?1 ORDER BY e.occurred_at DESC, e.seq LIMIT 1000";
        self.rows_of(SQL, id, |row| {
            Ok(KnowledgeView {
                content: row.get(0)?,
                category: row.get(1)?,
                importance: row.get(2)?,
                created_at: rfc3339(row.get(3)?),
            })
        })
    }

    /// Returns a customer's visits to stores, the latest first.
    pub fn store_visits(&self, id: &CustomerId) -> Result<Vec<StoreVisitView>, StoreError> {
        const SQL: &str = "SELECT v.store_id, v.store_name, v.check_in_at,
                (v.check_out_at - v.check_in_at) / 60000, v.detection_method
            FROM customer AS o JOIN event AS e ON e.customer_key = o.key
            JOIN visit AS v ON v.event_seq = e.seq
            WHERE o.root_key = ?1 ORDER BY v.check_in_at DESC, v.event_seq LIMIT 1000";
        self.rows_of(SQL, id, |row| {
            Ok(StoreVisitView {
                store_id: row.get(0)?,
                store_name: row.get(1)?,
                check_in_at: rfc3339(row.get(2)?),
                duration_minutes: row.get(3)?,
                detection_method: row.get(4)?,
            })
        })
    }

    fn rows_of<T>(
        &self,
        sql: &str,
        id: &CustomerId,
        read: impl Fn(&Row<'_>) -> sql::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        match self.key_of(id)? {
            Some(key) => self.rows(sql, key.0, read),
            None => Ok(Vec::new()),
        }
    }

    pub(super) fn rows<T>(
        &self,
        sql: &str,
        key: i64,
        read: impl Fn(&Row<'_>) -> sql::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let doing = StoreError::doing("read what belongs to a customer");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let rows = statement.query_map(params![key], read).map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }
}

fn profile_from(row: &Row<'_>, held: Vec<IdentifierView>) -> sql::Result<ProfileDetail> {
    let summary = summary_of(row)?;
    Ok(ProfileDetail {
        identifiers: primary_values(&summary, &held),
        all_identifiers: all_values(held),
        merged_profiles: row.get(13)?,
        store_visit_count: row.get(14)?,
        summary,
    })
}

fn identifier_from(row: &Row<'_>) -> sql::Result<IdentifierView> {
    Ok(IdentifierView {
        kind: row.get(0)?,
        value: row.get(1)?,
        first_seen_at: rfc3339(row.get(2)?),
    })
}

/// The primary value of each kind. E-mail address and number are the customer's own, which a
/// profile update may have set.
fn primary_values(summary: &CustomerSummary, held: &[IdentifierView]) -> BTreeMap<String, String> {
    let mut primary = BTreeMap::new();
    for identifier in held {
        primary.entry(identifier.kind.clone()).or_insert_with(|| identifier.value.clone());
    }
    for (kind, value) in [("email", &summary.email), ("phone", &summary.phone)] {
        if let Some(value) = value {
            let is_held = held.iter().any(|one| one.kind == kind && one.value == *value);
            if is_held {
                primary.insert(kind.to_owned(), value.clone());
            }
        }
    }
    primary
}

fn all_values(held: Vec<IdentifierView>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for identifier in held {
        all.entry(identifier.kind).or_default().push(identifier.value);
    }
    all
}
