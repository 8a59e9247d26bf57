//! The list of customers: which of them, in which order, a page at a time.
//!
//! First the keys of a page are found in what is narrow: an index, or the small tables. Only those
//! customers are then read whole, so a page costs the same wherever it lies and however wide a
//! customer is.

use std::collections::BTreeMap;

use ciq_event::CustomerId;
use serde::Serialize;
use utoipa::ToSchema;

use super::customers::{SUMMARY_COLUMNS, summary_of};
use super::{CustomerFilter, CustomerSort, CustomerSummary, PageRequest};
use crate::codec::numbers_list;
use crate::sql::{Row, Value, params_from_iter};
use crate::{Reader, StoreError, sql};

/// A customer as a list shows it, with what is known of it beyond its sums.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ListedCustomer {
    /// What every list shows.
    #[serde(flatten)]
    pub summary: CustomerSummary,
    /// Which segment; `null` before the first pass.
    pub segment: Option<String>,
    /// Where on its way; `null` before the first pass.
    pub journey_stage: Option<String>,
    /// The probability that the customer leaves, 0 to 1; `null` before the first pass.
    pub churn_score: Option<f64>,
    /// How far its account has come; `null` without one.
    pub account_stage: Option<String>,
    /// What it pays for; `null` without an account.
    pub tier: Option<String>,
    /// How well its account goes, 0 to 100; `null` before the first check.
    pub health_score: Option<u8>,
    /// The same in a word.
    pub health_band: Option<String>,
}

/// A page of the list of customers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ListedPage {
    /// The customers.
    pub data: Vec<ListedCustomer>,
    /// The cursor of the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// The keys of a page, and whether more follow.
pub(super) struct KeysOfPage {
    pub(super) keys: Vec<i64>,
    pub(super) is_more: bool,
}

impl Reader {
    /// Returns a page of the customers that a filter leaves. The cursor is the id of the last one
    /// before it.
    pub fn listed(
        &self,
        filter: &CustomerFilter,
        sort: CustomerSort,
        page: &PageRequest,
    ) -> Result<ListedPage, StoreError> {
        let KeysOfPage { keys, is_more } = self.keys_of_page(filter, sort, page)?;
        let data = self.listed_by_keys(&keys)?;
        let next_cursor = data.last().filter(|_| is_more).map(|last| last.summary.id.clone());
        Ok(ListedPage { data, next_cursor })
    }

    pub(super) fn keys_of_page(
        &self,
        filter: &CustomerFilter,
        sort: CustomerSort,
        page: &PageRequest,
    ) -> Result<KeysOfPage, StoreError> {
        let after = match &page.cursor {
            Some(cursor) => self.key_of(&CustomerId::from_raw(cursor.as_str()))?.map(|key| key.0),
            None => None,
        };
        let size = page.size();
        let (sql, given) = keys_statement(filter, sort, after, size + 1);
        let doing = StoreError::doing("list customers");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let rows =
            statement.query_map(params_from_iter(given), |row| row.get(0)).map_err(&doing)?;
        let mut keys: Vec<i64> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let is_more = keys.len() > size as usize;
        keys.truncate(size as usize);
        Ok(KeysOfPage { keys, is_more })
    }

    /// Returns customers by their keys, in the order given. Whoever was merged since the last pass
    /// is left out.
    pub(super) fn listed_by_keys(&self, keys: &[i64]) -> Result<Vec<ListedCustomer>, StoreError> {
        let sql = format!(
            "SELECT {SUMMARY_COLUMNS}, n.segment, n.stage, n.churn, t.stage, t.tier, h.score,
                h.band, c.key
            FROM customer AS c JOIN activity AS a ON a.key = c.key
            LEFT JOIN insight AS n ON n.customer_key = c.key
            LEFT JOIN account AS t ON t.customer_key = c.key
            LEFT JOIN health AS h ON h.customer_key = c.key
            WHERE c.key IN rarray(?1) AND c.root_key = c.key AND c.id IS NOT NULL"
        );
        self.in_order(&sql, keys, |row| Ok((row.get(20)?, listed_of(row)?)))
    }

    /// Reads rows by their keys, in the order given.
    pub(super) fn in_order<T>(
        &self,
        sql: &str,
        keys: &[i64],
        read: impl Fn(&Row<'_>) -> sql::Result<(i64, T)>,
    ) -> Result<Vec<T>, StoreError> {
        let doing = StoreError::doing("read customers of a list");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let list = numbers_list(keys.iter().copied());
        let rows = statement.query_map([list], read).map_err(&doing)?;
        let mut found: BTreeMap<i64, T> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
    }
}

fn listed_of(row: &Row<'_>) -> sql::Result<ListedCustomer> {
    Ok(ListedCustomer {
        summary: summary_of(row)?,
        segment: row.get(13)?,
        journey_stage: row.get(14)?,
        churn_score: row.get(15)?,
        account_stage: row.get(16)?,
        tier: row.get(17)?,
        health_score: row.get(18)?,
        health_band: row.get(19)?,
    })
}

/// Which table leads through an order, under which name its key stands there, and the order.
struct Order {
    from: &'static str,
    key: &'static str,
    /// Keeps the planner on the leading table where its order is that of an index: then a page
    /// ends the walk.
    plus: &'static str,
    by: &'static str,
    past: &'static str,
}

/// An unfiltered list by value has no index to follow, because every event would have to keep it:
/// it walks the sums once and keeps the best.
fn order_of(sort: CustomerSort) -> Order {
    match sort {
        CustomerSort::Newest => Order {
            from: "customer AS c",
            key: "c.key",
            plus: "",
            by: "c.key DESC",
            past: "c.key < ?",
        },
        CustomerSort::LifetimeValue => Order {
            from: "activity AS a",
            key: "a.key",
            plus: "",
            by: "a.lifetime_value_minor DESC, a.key DESC",
            past: "(a.lifetime_value_minor, a.key) <
                ((SELECT lifetime_value_minor FROM activity WHERE key = ?), ?)",
        },
        CustomerSort::ChurnRisk => Order {
            from: "insight AS n INDEXED BY insight_by_churn",
            key: "n.customer_key",
            plus: "+",
            by: "n.churn DESC, n.customer_key DESC",
            past: "(n.churn, n.customer_key) <
                ((SELECT churn FROM insight WHERE customer_key = ?), ?)",
        },
        CustomerSort::Health => Order {
            from: "health AS h INDEXED BY health_by_score",
            key: "h.customer_key",
            plus: "+",
            by: "h.score, h.customer_key",
            past: "(h.score, h.customer_key) >
                ((SELECT score FROM health WHERE customer_key = ?), ?)",
        },
    }
}

/// Writes the statement that finds the keys of a page, and what is given to it.
fn keys_statement(
    filter: &CustomerFilter,
    sort: CustomerSort,
    after: Option<i64>,
    limit: u32,
) -> (String, Vec<Value>) {
    let Order { from, key, plus, by, past } = order_of(sort);
    let mut conditions = Vec::new();
    let mut given = Vec::new();
    if sort == CustomerSort::Newest {
        conditions.push("c.root_key = c.key AND c.id IS NOT NULL".to_owned());
    }
    for (keys, values) in filter.parts() {
        conditions.push(format!("{plus}{key} IN ({keys})"));
        given.extend(values);
    }
    if let Some(after) = after {
        conditions.push(past.to_owned());
        let count = past.matches('?').count();
        given.extend(std::iter::repeat_n(Value::from(after), count));
    }
    let conditions =
        if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
    given.push(Value::from(limit));
    (format!("SELECT {key} FROM {from} WHERE {conditions} ORDER BY {by} LIMIT ?"), given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_a_filter_asks_for_nothing_else() {
        let (sql, given) =
            keys_statement(&CustomerFilter::default(), CustomerSort::LifetimeValue, None, 51);
        assert!(!sql.contains(" IN "), "{sql}");
        assert_eq!(given, [Value::from(51)]);
    }

    #[test]
    fn every_mark_has_its_value() {
        let filter = CustomerFilter {
            segment: Some("loyal".to_owned()),
            journey_stage: Some("retention".to_owned()),
            account_stage: Some("new".to_owned()),
            tier: Some("pro".to_owned()),
            health_band: Some("watch".to_owned()),
            billing: Some("past_due".to_owned()),
        };
        for sort in [
            CustomerSort::Newest,
            CustomerSort::LifetimeValue,
            CustomerSort::ChurnRisk,
            CustomerSort::Health,
        ] {
            for after in [None, Some(7)] {
                let (sql, given) = keys_statement(&filter, sort, after, 51);
                assert_eq!(sql.matches('?').count(), given.len(), "{sql}");
            }
        }
    }
}
