//! Accounts as a check needs them: a few statements for thousands, and no JSON is read.

use std::collections::BTreeMap;

use ciq_event::{
    Account, AccountStage, CustomerId, ErrorRate, InterventionId, Severity, Tier, UsageTrend,
};
use ciq_identity::CustomerKey;
use jiff::Timestamp;

use super::HealthRow;
use crate::codec::{keys_list, severity, timestamp};
use crate::sql::{FromSql, Params, Row};
use crate::{Reader, StoreError};

/// Most accounts of a chunk. Bounds the memory of a check.
const CHUNK_MAX: u32 = 10_000;

/// An account as a check needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitored {
    /// The customer: a root.
    pub customer: CustomerKey,
    /// Its public id.
    pub customer_id: CustomerId,
    /// How far it has come with what it uses.
    pub account: Account,
    /// Such as `active`.
    pub status: Option<String>,
    /// When its first event happened.
    pub customer_since: Option<Timestamp>,
    /// The probability that it leaves, 0 to 1; `None` before the first pass.
    pub churn: Option<f64>,
    /// Which segment; `None` before the first pass.
    pub segment: Option<String>,
    /// What it spent, in the smallest unit of `currency`.
    pub lifetime_value_minor: i64,
    /// The currency of `lifetime_value_minor`.
    pub currency: String,
    /// How well it is known, in percent.
    pub strength: u8,
    /// How often it complained within 30 days. Not counted: always 0.
    pub negative_ticket_count: u32,
    /// How well it went at the last check.
    pub health: Option<HealthRow>,
    /// Its interventions that are not resolved, and of each kind the one resolved last; the
    /// longest open first.
    pub held: Vec<HeldIntervention>,
}

/// An intervention as a check needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldIntervention {
    /// Its number.
    pub key: i64,
    /// Names it.
    pub id: InterventionId,
    /// Which rule wanted it.
    pub kind: String,
    /// `open`, `acknowledged`, `snoozed` or `resolved`.
    pub status: String,
    /// How serious it is.
    pub severity: Severity,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Until when nobody has to look at it.
    pub snoozed_until: Option<Timestamp>,
    /// When it was resolved.
    pub closed_at: Option<Timestamp>,
    /// JSON: the figures that showed it; an empty list where it is resolved.
    pub evidence: String,
    /// Grows with every change.
    pub revision: i64,
    /// Who deals with it.
    pub assignee: Option<String>,
}

const ACCOUNTS: &str = "SELECT t.customer_key, r.id, t.stage, t.tier, t.error_rate, t.usage_trend,
        t.integration_status, t.signed_up_at, t.api_call_count, t.last_api_call_at, t.status,
        r.first_event_at, a.strength, a.lifetime_value_minor, a.currency, n.churn, n.segment,
        h.score, h.band, h.parts, h.as_of
    FROM account AS t CROSS JOIN customer AS r ON r.key = t.customer_key
    CROSS JOIN activity AS a ON a.key = r.key
    LEFT JOIN insight AS n ON n.customer_key = t.customer_key
    LEFT JOIN health AS h ON h.customer_key = t.customer_key";

/// What is resolved is there once for each kind of an origin: the index alone says which.
const HELD: &str = "SELECT t.customer_key, i.key, i.id, i.kind, i.status, i.severity, i.opened_at,
        i.snoozed_until, i.closed_at, CASE WHEN i.closed_at IS NULL THEN i.evidence ELSE '[]' END, i.revision,
        i.assignee
    FROM account AS t CROSS JOIN customer AS o ON o.root_key = t.customer_key
    CROSS JOIN intervention AS i INDEXED BY intervention_by_customer ON i.customer_key = o.key
        AND (i.closed_at IS NULL OR i.closed_at = (SELECT max(x.closed_at) FROM intervention AS x
            WHERE x.customer_key = i.customer_key AND x.kind = i.kind))";

impl Reader {
    /// Returns up to `limit` accounts (at most 10,000) of the customers after one, by the customer's number.
    pub fn monitored(&self, after: CustomerKey, limit: u32) -> Result<Vec<Monitored>, StoreError> {
        let accounts =
            format!("{ACCOUNTS} WHERE t.customer_key > ?1 ORDER BY t.customer_key LIMIT ?2");
        let mut found = Vec::with_capacity(limit.min(CHUNK_MAX) as usize);
        self.add_monitored(&mut found, &accounts, (after.0, limit.min(CHUNK_MAX)))?;
        let Some(last) = found.last().map(|one| one.customer.0) else { return Ok(found) };
        let held = format!(
            "{HELD} WHERE t.customer_key > ?1 AND t.customer_key <= ?2 ORDER BY t.customer_key"
        );
        self.add_held(&mut found, &held, (after.0, last))?;
        Ok(found)
    }

    /// Returns the accounts of customers, given by their numbers; none for those without one.
    pub fn monitored_of(&self, customers: &[CustomerKey]) -> Result<Vec<Monitored>, StoreError> {
        let list = || keys_list(customers.iter().copied());
        let accounts =
            format!("{ACCOUNTS} WHERE t.customer_key IN rarray(?1) ORDER BY t.customer_key");
        let mut found = Vec::with_capacity(customers.len());
        self.add_monitored(&mut found, &accounts, [list()])?;
        let held = format!("{HELD} WHERE t.customer_key IN rarray(?1) ORDER BY t.customer_key");
        self.add_held(&mut found, &held, [list()])?;
        Ok(found)
    }

    fn add_monitored(
        &self,
        found: &mut Vec<Monitored>,
        sql: &str,
        given: impl Params,
    ) -> Result<(), StoreError> {
        let doing = StoreError::doing("read whom to check");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let mut rows = statement.query(given).map_err(&doing)?;
        while let Some(row) = rows.next().map_err(&doing)? {
            found.push(monitored_of(&row)?);
        }
        Ok(())
    }

    /// Both lists are by the customer's number.
    fn add_held(
        &self,
        found: &mut [Monitored],
        sql: &str,
        given: impl Params,
    ) -> Result<(), StoreError> {
        let doing = StoreError::doing("read what is open for whom");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let mut rows = statement.query(given).map_err(&doing)?;
        let mut at = 0;
        while let Some(row) = rows.next().map_err(&doing)? {
            let root = CustomerKey(get(&row, 0)?);
            while found.get(at).is_some_and(|one| one.customer < root) {
                at += 1;
            }
            if let Some(one) = found.get_mut(at).filter(|one| one.customer == root) {
                one.held.push(held_of(&row)?);
            }
        }
        for one in found.iter_mut().filter(|one| one.held.len() > 1) {
            keep_latest(&mut one.held);
        }
        Ok(())
    }
}

/// Keeps of what is resolved the last one of each kind: a customer that was merged has one for
/// each of its origins.
fn keep_latest(held: &mut Vec<HeldIntervention>) {
    held.sort_by_key(|one| (one.opened_at, one.key));
    let mut latest: BTreeMap<String, (Timestamp, i64)> = BTreeMap::new();
    for one in held.iter() {
        if let Some(closed_at) = one.closed_at {
            let last = latest.entry(one.kind.clone()).or_insert((closed_at, one.key));
            *last = (*last).max((closed_at, one.key));
        }
    }
    held.retain(|one| one.closed_at.is_none_or(|at| latest.get(&one.kind) == Some(&(at, one.key))));
}

fn monitored_of(row: &Row<'_>) -> Result<Monitored, StoreError> {
    let customer = CustomerKey(get(row, 0)?);
    Ok(Monitored {
        customer,
        customer_id: CustomerId::from_raw(get::<String>(row, 1)?),
        account: Account {
            stage: word(row, 2, AccountStage::parse)?,
            tier: word(row, 3, Tier::parse)?,
            error_rate: ErrorRate::from_millionths(get(row, 4)?),
            usage_trend: word(row, 5, UsageTrend::parse)?,
            integration_status: get(row, 6)?,
            signed_up_at: time(row, 7)?,
            api_call_count: get(row, 8)?,
            last_api_call_at: time(row, 9)?,
        },
        status: get(row, 10)?,
        customer_since: time(row, 11)?,
        strength: get(row, 12)?,
        lifetime_value_minor: get(row, 13)?,
        currency: get(row, 14)?,
        churn: get(row, 15)?,
        segment: get(row, 16)?,
        negative_ticket_count: 0,
        health: health_of(row, customer)?,
        held: Vec::new(),
    })
}

fn health_of(row: &Row<'_>, customer: CustomerKey) -> Result<Option<HealthRow>, StoreError> {
    let Some(score) = get(row, 17)? else { return Ok(None) };
    let as_of = timestamp(get(row, 20)?)?;
    Ok(Some(HealthRow { customer, score, band: get(row, 18)?, parts: get(row, 19)?, as_of }))
}

fn held_of(row: &Row<'_>) -> Result<HeldIntervention, StoreError> {
    Ok(HeldIntervention {
        key: get(row, 1)?,
        id: InterventionId::from_raw(get(row, 2)?),
        kind: get(row, 3)?,
        status: get(row, 4)?,
        severity: severity(get(row, 5)?),
        opened_at: timestamp(get(row, 6)?)?,
        snoozed_until: time(row, 7)?,
        closed_at: time(row, 8)?,
        evidence: get(row, 9)?,
        revision: get(row, 10)?,
        assignee: get(row, 11)?,
    })
}

fn get<T: FromSql>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    row.get(column).map_err(StoreError::doing("read whom to check"))
}

fn time(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>, StoreError> {
    get::<Option<i64>>(row, column)?.map(timestamp).transpose()
}

fn word<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let name = row.text(column).map_err(StoreError::doing("read whom to check"))?;
    parse(&name).ok_or_else(|| StoreError::corrupt("word of an account", name))
}
