//! Customers, listed and one by one.

use std::collections::BTreeMap;

use ciq_event::CustomerId;
use ciq_identity::CustomerKey;

use super::listing::KeysOfPage;
use super::view::{Amount, amount, rfc3339};
use super::{
    CustomerDetail, CustomerFilter, CustomerPage, CustomerSort, CustomerSummary, PageRequest,
};
use crate::load::resolve;
use crate::sql::{OptionalExtension, Row};
use crate::{Reader, StoreError, sql};

/// The columns of a customer, as [`summary_of`] reads them.
pub(super) const SUMMARY_COLUMNS: &str = "c.id,
    coalesce(json_extract(a.fields, '$.name[0]'), json_extract(a.fields, '$.company[0]'),
        c.email, c.phone, c.id),
    c.email, c.phone, json_extract(a.fields, '$.company[0]'),
    coalesce(json_extract(a.fields, '$.status[0]'), 'active'),
    a.strength, a.lifetime_value_minor, a.currency, a.order_count, a.event_count,
    c.first_event_at, a.last_event_at";

pub(super) fn summary_of(row: &Row<'_>) -> sql::Result<CustomerSummary> {
    let currency: String = row.get(8)?;
    Ok(CustomerSummary {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        phone: row.get(3)?,
        company: row.get(4)?,
        status: row.get(5)?,
        profile_strength: row.get(6)?,
        lifetime_value: amount(row.get(7)?, &currency),
        currency,
        total_orders: row.get(9)?,
        event_count: row.get(10)?,
        customer_since: rfc3339(row.get(11)?),
        last_event_at: rfc3339(row.get(12)?),
    })
}

impl Reader {
    /// Returns who an id names now, also one that was merged.
    pub fn resolve(&self, id: &CustomerId) -> Result<Option<CustomerId>, StoreError> {
        let Some(key) = self.key_of(id)? else { return Ok(None) };
        self.connection
            .query_row("SELECT id FROM customer WHERE key = ?1", [key.0], |row| row.get(0))
            .map(|id: Option<String>| id.map(CustomerId::from_raw))
            .map_err(StoreError::doing("resolve a customer's id"))
    }

    pub(crate) fn key_of(&self, id: &CustomerId) -> Result<Option<CustomerKey>, StoreError> {
        resolve(&self.connection, id)
    }

    /// Returns a page of customers. The cursor is the id of the last one before it.
    pub fn customers(
        &self,
        page: &PageRequest,
        sort: CustomerSort,
    ) -> Result<CustomerPage, StoreError> {
        let KeysOfPage { keys, is_more } =
            self.keys_of_page(&CustomerFilter::default(), sort, page)?;
        let sql = format!(
            "SELECT {SUMMARY_COLUMNS}, c.key FROM customer AS c JOIN activity AS a ON a.key = c.key
            WHERE c.key IN rarray(?1) AND c.root_key = c.key AND c.id IS NOT NULL"
        );
        let data = self.in_order(&sql, &keys, |row| Ok((row.get(13)?, summary_of(row)?)))?;
        let next_cursor = data.last().filter(|_| is_more).map(|last| last.id.clone());
        Ok(CustomerPage { data, next_cursor })
    }

    /// Returns a customer, by any id that ever named it.
    pub fn customer(&self, id: &CustomerId) -> Result<Option<CustomerDetail>, StoreError> {
        let doing = StoreError::doing("read a customer");
        let Some(key) = self.key_of(id)? else { return Ok(None) };
        let sql = format!(
            "SELECT {SUMMARY_COLUMNS}, a.fields, a.totals
            FROM customer AS c JOIN activity AS a ON a.key = c.key WHERE c.key = ?1"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        statement
            .query_row([key.0], |row| {
                let summary = summary_of(row)?;
                let fields: String = row.get(13)?;
                let totals: Option<String> = row.get(14)?;
                Ok(detail_of(summary, &fields, totals.as_deref()))
            })
            .optional()
            .map_err(&doing)
    }
}

fn detail_of(summary: CustomerSummary, fields: &str, totals: Option<&str>) -> CustomerDetail {
    let fields: BTreeMap<String, (serde_json::Value, i64)> =
        serde_json::from_str(fields).unwrap_or_default();
    let tags = fields.get("tags").map(|(tags, _)| tags.clone());
    let custom = fields.into_iter().filter_map(|(name, (value, _))| {
        name.strip_prefix("custom.").map(|name| (name.to_owned(), value))
    });
    let by_code: BTreeMap<String, i64> =
        totals.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let mut lifetime_values: BTreeMap<String, Amount> =
        by_code.into_iter().map(|(code, minor)| (code.clone(), amount(minor, &code))).collect();
    if lifetime_values.is_empty() && summary.total_orders > 0 {
        lifetime_values.insert(summary.currency.clone(), summary.lifetime_value);
    }
    CustomerDetail {
        tags: tags.and_then(|tags| serde_json::from_value(tags).ok()).unwrap_or_default(),
        custom_fields: custom.collect(),
        lifetime_values,
        summary,
    }
}
