//! Customers that changes touched, as they are now.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::rows::Told;
use crate::codec::numbers_list;
use crate::query::ProfileDetail;
use crate::{Reader, StoreError};

/// The last event, merge and undo that touched a customer; 0 where none did. It is part of a
/// profile's id, so that one that was read before and touched since goes by another id.
type Marks = [i64; 3];

/// A root: its number, and who minted it.
type Root = (i64, String);

impl Reader {
    /// Returns each customer that the rows touch once, by the number of its root.
    pub(super) fn touched_profiles(&self, told: [&[Told]; 3]) -> Result<Vec<Told>, StoreError> {
        let mut touched = marks_of(told);
        let undone = told[2].iter().flat_map(|told| told.origins.iter().copied());
        self.add_pinned(undone.collect(), &mut touched)?;
        let mut roots: BTreeMap<i64, (String, Marks)> = BTreeMap::new();
        for (origin, (root, minted_by)) in self.roots_of(&touched)? {
            let marks = touched.get(&origin).copied().unwrap_or_default();
            raise(&mut roots.entry(root).or_insert((minted_by, Marks::default())).1, marks);
        }
        let profiles = self.profiles_of(roots.keys().copied())?;
        let told = profiles.into_iter().map(|(number, profile)| {
            let (minted_by, [event, merge, decision]) = roots.remove(&number).unwrap_or_default();
            let id = format!("upd_{minted_by}_{event}-{merge}-{decision}");
            Told { number, id, body: profile_body(&profile), origins: Vec::new() }
        });
        Ok(told.collect())
    }

    /// An undo leaves pins between the parts, and a part may hold none of the roots of then: an
    /// earlier merge may have been undone before.
    fn add_pinned(
        &self,
        undone: BTreeSet<i64>,
        touched: &mut BTreeMap<i64, Marks>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "WITH near AS (
                SELECT key FROM customer WHERE root_key IN (
                    SELECT root_key FROM customer WHERE key IN rarray(?1)))
            SELECT a_key, b_key FROM pin WHERE a_key IN (SELECT key FROM near)
            UNION SELECT a_key, b_key FROM pin WHERE b_key IN (SELECT key FROM near)";
        if undone.is_empty() {
            return Ok(());
        }
        let last = undone.iter().filter_map(|origin| touched.get(origin)).map(|marks| marks[2]);
        let marks = [0, 0, last.max().unwrap_or_default()];
        let doing = StoreError::doing("read who was taken apart");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let pins = statement
            .query_map([numbers_list(undone)], |row| Ok([row.get(0)?, row.get(1)?]))
            .map_err(&doing)?;
        for pin in pins {
            for origin in pin.map_err(&doing)? {
                raise(touched.entry(origin).or_default(), marks);
            }
        }
        Ok(())
    }

    /// Pairs of an origin and its root.
    fn roots_of(&self, touched: &BTreeMap<i64, Marks>) -> Result<Vec<(i64, Root)>, StoreError> {
        const SQL: &str = "SELECT o.key, r.key, lower(hex(r.minted_by))
            FROM customer AS o JOIN customer AS r ON r.key = o.root_key
            WHERE o.key IN rarray(?1) ORDER BY o.key";
        if touched.is_empty() {
            return Ok(Vec::new());
        }
        let doing = StoreError::doing("read who was touched");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map([numbers_list(touched.keys().copied())], |row| {
                Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
            })
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }
}

fn marks_of(told: [&[Told]; 3]) -> BTreeMap<i64, Marks> {
    let mut touched: BTreeMap<i64, Marks> = BTreeMap::new();
    for (table, rows) in told.into_iter().enumerate() {
        for row in rows {
            for origin in &row.origins {
                let marks = touched.entry(*origin).or_default();
                marks[table] = marks[table].max(row.number);
            }
        }
    }
    touched
}

fn raise(marks: &mut Marks, others: Marks) {
    for (mark, other) in marks.iter_mut().zip(others) {
        *mark = other.max(*mark);
    }
}

fn profile_body(profile: &ProfileDetail) -> Value {
    let ProfileDetail { summary, identifiers, all_identifiers, .. } = profile;
    json!({
        "customer_id": summary.id,
        "identifiers": identifiers,
        "all_identifiers": all_identifiers,
        "strength": summary.profile_strength,
        "lifetime_value": summary.lifetime_value.0.to_string(),
        "currency": summary.currency,
        "order_count": summary.total_orders,
        "event_count": summary.event_count,
        "last_event_at": summary.last_event_at,
    })
}
