//! Interventions listed and counted.

use std::collections::BTreeMap;

use ciq_event::{CustomerId, Severity};
use serde::Serialize;
use utoipa::ToSchema;

use super::RESOLVED;
use super::view::{COLUMNS, InterventionView, JOINS, view_of};
use crate::codec::{severity, severity_number, texts_list};
use crate::sql::{FromSql, params};
use crate::{PageRequest, Reader, StoreError};

/// Which interventions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InterventionFilter {
    /// In one of these states only; `None` is all that are not resolved.
    pub status: Option<Vec<String>>,
    /// Of this severity only.
    pub severity: Option<Severity>,
    /// That this rule wants only.
    pub kind: Option<String>,
    /// That this person deals with only.
    pub assignee: Option<String>,
    /// About this customer only, by any id that ever named it.
    pub customer: Option<CustomerId>,
    /// The cursor that the page before returned; `None` for the first.
    pub cursor: Option<String>,
    /// Rows wanted: 1 to 1,000, 50 where nothing is asked.
    pub limit: Option<u32>,
}

/// A page of interventions.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InterventionPage {
    /// The interventions: the most severe first and then the longest open, or the latest first
    /// where resolved ones are among them.
    pub data: Vec<InterventionView>,
    /// The cursor of the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// Where a statement begins, and what it looks for.
#[derive(Debug, Clone, Copy)]
struct Given<'a> {
    severity: Option<Severity>,
    key: Option<i64>,
    root: Option<i64>,
    filter: &'a InterventionFilter,
}

/// An intervention with its place in the list.
#[derive(Debug)]
struct Placed {
    severity: Severity,
    key: i64,
    view: InterventionView,
}

impl Reader {
    /// Returns a page of interventions. What is not resolved comes most severe first; a page with
    /// resolved ones comes latest first.
    pub fn interventions(
        &self,
        filter: &InterventionFilter,
    ) -> Result<InterventionPage, StoreError> {
        let root = match &filter.customer {
            None => None,
            Some(id) => match self.key_of(id)? {
                Some(key) => Some(key.0),
                None => return Ok(InterventionPage { data: Vec::new(), next_cursor: None }),
            },
        };
        let page = PageRequest { cursor: filter.cursor.clone(), limit: filter.limit };
        let statuses = filter.status.as_deref().unwrap_or_default();
        let is_severe_first = !statuses.iter().any(|status| status == RESOLVED);
        let mut placed = if is_severe_first {
            self.severe_first(filter, root, &page)?
        } else {
            self.latest_first(filter, root, &page)?
        };
        let is_more = placed.len() > page.size() as usize;
        placed.truncate(page.size() as usize);
        let next_cursor = placed.last().filter(|_| is_more).map(|last| {
            let Placed { severity, key, view: _ } = last;
            if is_severe_first { format!("{severity}-{key}") } else { key.to_string() }
        });
        Ok(InterventionPage { data: placed.into_iter().map(|one| one.view).collect(), next_cursor })
    }

    /// The index stands by severity and number, so each severity is a statement of its own.
    fn severe_first(
        &self,
        filter: &InterventionFilter,
        root: Option<i64>,
        page: &PageRequest,
    ) -> Result<Vec<Placed>, StoreError> {
        const PLACE: &str = "i.severity = ?1 AND i.key > ?2 AND i.status <> 'resolved'";
        let start = page.cursor.as_deref().and_then(place_of);
        let (from, after) = start.unwrap_or((Severity::Critical, 0));
        let sql = sql(root, "INDEXED BY intervention_by_severity", PLACE, "i.key");
        let wanted = page.size() as usize + 1;
        let mut placed = Vec::new();
        for severity in Severity::ALL.iter().rev().copied().filter(|one| *one <= from) {
            let is_wanted = filter.severity.is_none_or(|only| only == severity);
            if placed.len() < wanted && is_wanted {
                let after = if severity == from { after } else { 0 };
                let given = Given { severity: Some(severity), key: Some(after), root, filter };
                placed.extend(self.placed(&sql, &given, page.size() + 1)?);
            }
        }
        Ok(placed)
    }

    fn latest_first(
        &self,
        filter: &InterventionFilter,
        root: Option<i64>,
        page: &PageRequest,
    ) -> Result<Vec<Placed>, StoreError> {
        const PLACE: &str = "(?1 IS NULL OR i.severity = ?1) AND (?2 IS NULL OR i.key < ?2)";
        let key = page.cursor.as_deref().and_then(|cursor| cursor.parse().ok());
        let sql = sql(root, "NOT INDEXED", PLACE, "i.key DESC");
        let given = Given { severity: filter.severity, key, root, filter };
        self.placed(&sql, &given, page.size() + 1)
    }

    fn placed(&self, sql: &str, given: &Given<'_>, limit: u32) -> Result<Vec<Placed>, StoreError> {
        let Given { severity: only, key, root, filter } = given;
        let statuses = filter.status.as_deref().unwrap_or_default();
        let doing = StoreError::doing("list interventions");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let given = params![
            only.map(severity_number),
            key,
            root,
            filter.kind,
            filter.assignee,
            statuses.is_empty(),
            texts_list(statuses.iter().map(String::as_str)),
            limit,
        ];
        let rows = statement
            .query_map(given, |row| {
                let (key, view) = (row.get(0)?, view_of(row)?);
                Ok(Placed { severity: severity(row.get(1)?), key, view })
            })
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// Returns how many interventions are not resolved, by severity; each severity is there.
    pub fn intervention_counts(&self) -> Result<BTreeMap<Severity, u64>, StoreError> {
        const SQL: &str = "SELECT severity, count(*) FROM intervention
            WHERE status <> 'resolved' GROUP BY severity";
        let mut counts: BTreeMap<Severity, u64> =
            Severity::ALL.iter().map(|severity| (*severity, 0)).collect();
        for (number, count) in self.counts::<i64>(SQL)? {
            counts.insert(severity(number), count);
        }
        Ok(counts)
    }

    /// Returns how many interventions that are not resolved each person deals with.
    pub fn intervention_loads(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.counts(
            "SELECT assignee, count(*) FROM intervention
            WHERE status <> 'resolved' AND assignee IS NOT NULL GROUP BY assignee",
        )
    }

    /// Returns how many interventions each rule opened, by its kind.
    pub fn monitor_turns(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.counts("SELECT kind, count FROM monitor_turn")
    }

    fn counts<K: FromSql + Ord>(&self, sql: &str) -> Result<BTreeMap<K, u64>, StoreError> {
        let doing = StoreError::doing("count interventions");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let rows = statement
            .query_map([], |row| {
                let count: i64 = row.get(1)?;
                Ok((row.get(0)?, u64::try_from(count).unwrap_or_default()))
            })
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }
}

/// Interventions of everyone by an index of their own, or of one customer by the customer's.
fn sql(root: Option<i64>, index: &str, place: &str, order: &str) -> String {
    let (index, scope) = match root {
        None => (index, "?3 IS NULL"),
        Some(_) => (
            "INDEXED BY intervention_by_customer",
            "i.customer_key IN (SELECT key FROM customer WHERE root_key = ?3)",
        ),
    };
    format!(
        "SELECT {COLUMNS} FROM intervention AS i {index} {JOINS}
        WHERE {place} AND {scope} AND (?4 IS NULL OR i.kind = ?4)
            AND (?5 IS NULL OR i.assignee = ?5) AND (?6 = 1 OR i.status IN rarray(?7))
        ORDER BY {order} LIMIT ?8"
    )
}

/// Reads a cursor such as `high-12`.
fn place_of(cursor: &str) -> Option<(Severity, i64)> {
    let (severity, key) = cursor.split_once('-')?;
    Some((Severity::parse(severity)?, key.parse().ok()?))
}
