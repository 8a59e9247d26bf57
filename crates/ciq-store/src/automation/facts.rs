//! What automations have to know about customers beside their histories.

use std::collections::BTreeMap;

use ciq_engine::Fields;
use ciq_event::Severity;
use ciq_identity::CustomerKey;
use jiff::Timestamp;
use serde_json::Value;

use crate::codec::{keys_list, numbers_list, severity, timestamp};
use crate::sql::Row;
use crate::{Reader, StoreError, sql};

/// What automations have to know about a customer beside its history.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerFacts {
    /// The customer: a root.
    pub customer: CustomerKey,
    /// Its public id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The address to write to.
    pub email: Option<String>,
    /// The number to call, in international digits.
    pub phone: Option<String>,
    /// The number on WhatsApp, with `+`.
    pub whatsapp: Option<String>,
    /// The company.
    pub company: Option<String>,
    /// Such as `active`.
    pub status: Option<String>,
    /// Free words.
    pub tags: Vec<String>,
    /// Further fields, by name.
    pub custom_fields: BTreeMap<String, Value>,
    /// When the latest event happened.
    pub last_event_at: Option<Timestamp>,
    /// The latest visit to a store: when, and its name or id.
    pub last_store_visit: Option<(Timestamp, String)>,
    /// The segment that the last pass found, since when, and the one before.
    pub segment: Option<(String, Timestamp, Option<String>)>,
    /// Segments that automations put the customer into.
    pub memberships: Vec<String>,
    /// What was triggered for the customer.
    pub past: Vec<PastExecution>,
    /// What was sent, or may have been, since a time.
    pub sent: Vec<SentMessage>,
    /// What a person should do about the customer: interventions that are not resolved.
    pub interventions: Vec<OpenIntervention>,
}

/// An intervention that is not resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIntervention {
    /// Which rule wants it.
    pub kind: String,
    /// How serious it is.
    pub severity: Severity,
    /// When it was opened.
    pub opened_at: Timestamp,
}

/// An automation that was triggered before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastExecution {
    /// Which automation.
    pub automation_id: String,
    /// What triggered it.
    pub occasion: String,
    /// When.
    pub triggered_at: Timestamp,
}

/// A message that was sent, or may have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The delivery's number.
    pub key: i64,
    /// By which automation.
    pub automation_id: String,
    /// By what.
    pub channel: String,
    /// When.
    pub at: Timestamp,
}

impl Reader {
    /// Returns what automations have to know about customers, with a query per table. `sent_since`
    /// is from when on sent messages matter.
    pub fn customer_facts(
        &self,
        roots: &[CustomerKey],
        sent_since: Timestamp,
    ) -> Result<BTreeMap<CustomerKey, CustomerFacts>, StoreError> {
        let mut facts = self.bare_facts(roots)?;
        self.add_whatsapp(roots, &mut facts)?;
        self.add_visits(roots, &mut facts)?;
        self.add_memberships(roots, &mut facts)?;
        self.add_past(roots, &mut facts)?;
        self.add_sent(roots, sent_since, &mut facts)?;
        self.add_interventions(roots, &mut facts)?;
        Ok(facts)
    }

    fn bare_facts(
        &self,
        roots: &[CustomerKey],
    ) -> Result<BTreeMap<CustomerKey, CustomerFacts>, StoreError> {
        const SQL: &str = "SELECT c.key, c.id, c.email, c.phone, a.fields, a.last_event_at,
                n.segment, n.segment_since, n.previous_segment
            FROM customer AS c JOIN activity AS a ON a.key = c.key
            LEFT JOIN insight AS n ON n.customer_key = c.key
            WHERE c.key IN rarray(?1) AND c.root_key = c.key";
        let doing = StoreError::doing("read what is known of customers");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([keys_list(roots.iter().copied())]).map_err(&doing)?;
        let mut facts = BTreeMap::new();
        while let Some(row) = rows.next().map_err(&doing)? {
            let one = facts_of(&row).map_err(&doing)??;
            facts.insert(one.customer, one);
        }
        Ok(facts)
    }

    fn add_whatsapp(&self, roots: &[CustomerKey], facts: &mut Facts) -> Result<(), StoreError> {
        const SQL: &str = "SELECT o.root_key, i.value FROM customer AS o
            JOIN identifier AS i ON i.customer_key = o.key
            WHERE o.root_key IN rarray(?1) AND i.kind = 'whatsapp'
            ORDER BY i.first_seen_at DESC, i.value";
        // The one seen first stands for the customer: it is the last to be put in.
        self.each(SQL, roots, None, |row| {
            let value: String = row.get(1)?;
            with(facts, row, |one| one.whatsapp = Some(value))
        })
    }

    fn add_visits(&self, roots: &[CustomerKey], facts: &mut Facts) -> Result<(), StoreError> {
        const SQL: &str = "SELECT o.root_key, v.check_in_at, coalesce(v.store_name, v.store_id)
            FROM customer AS o JOIN event AS e ON e.customer_key = o.key
            JOIN visit AS v ON v.event_seq = e.seq
            WHERE o.root_key IN rarray(?1) ORDER BY v.check_in_at, e.seq";
        self.each(SQL, roots, None, |row| {
            let (at, store): (i64, String) = (row.get(1)?, row.get(2)?);
            let visit = Timestamp::from_millisecond(at).ok().map(|at| (at, store));
            with(facts, row, |one| one.last_store_visit = visit)
        })
    }

    fn add_memberships(&self, roots: &[CustomerKey], facts: &mut Facts) -> Result<(), StoreError> {
        const SQL: &str = "SELECT o.root_key, m.segment FROM customer AS o
            JOIN membership AS m ON m.customer_key = o.key
            WHERE o.root_key IN rarray(?1) GROUP BY 1, 2 ORDER BY 1, 2";
        self.each(SQL, roots, None, |row| {
            let segment = row.get(1)?;
            with(facts, row, |one| one.memberships.push(segment))
        })
    }

    fn add_past(&self, roots: &[CustomerKey], facts: &mut Facts) -> Result<(), StoreError> {
        const SQL: &str = "SELECT o.root_key, x.automation_id, x.occasion, x.triggered_at
            FROM customer AS o JOIN execution AS x ON x.customer_key = o.key
            WHERE o.root_key IN rarray(?1) ORDER BY x.triggered_at, x.key";
        self.each(SQL, roots, None, |row| {
            let past = PastExecution {
                automation_id: row.get(1)?,
                occasion: row.get(2)?,
                triggered_at: moment(row.get(3)?),
            };
            with(facts, row, |one| one.past.push(past))
        })
    }

    fn add_sent(
        &self,
        roots: &[CustomerKey],
        since: Timestamp,
        facts: &mut Facts,
    ) -> Result<(), StoreError> {
        const SQL: &str = "SELECT o.root_key, x.automation_id, d.channel,
                coalesce(d.sent_at, d.not_before), d.key
            FROM customer AS o JOIN execution AS x ON x.customer_key = o.key
            JOIN delivery AS d ON d.execution_key = x.key
            WHERE o.root_key IN rarray(?1)
                AND (d.status IN ('sent', 'sending') OR d.is_unsure = 1)
                AND coalesce(d.sent_at, d.not_before) >= ?2
            ORDER BY 4, d.key";
        self.each(SQL, roots, Some(since), |row| {
            let sent = SentMessage {
                key: row.get(4)?,
                automation_id: row.get(1)?,
                channel: row.get(2)?,
                at: moment(row.get(3)?),
            };
            with(facts, row, |one| one.sent.push(sent))
        })
    }

    fn add_interventions(
        &self,
        roots: &[CustomerKey],
        facts: &mut Facts,
    ) -> Result<(), StoreError> {
        const SQL: &str = "SELECT o.root_key, i.kind, i.severity, i.opened_at
            FROM customer AS o JOIN intervention AS i ON i.customer_key = o.key
            WHERE o.root_key IN rarray(?1) AND i.status <> 'resolved' ORDER BY i.opened_at, i.key";
        self.each(SQL, roots, None, |row| {
            let intervention = OpenIntervention {
                kind: row.get(1)?,
                severity: severity(row.get(2)?),
                opened_at: moment(row.get(3)?),
            };
            with(facts, row, |one| one.interventions.push(intervention))
        })
    }

    fn each(
        &self,
        sql: &str,
        roots: &[CustomerKey],
        since: Option<Timestamp>,
        mut take: impl FnMut(&Row<'_>) -> sql::Result<()>,
    ) -> Result<(), StoreError> {
        let doing = StoreError::doing("read what is known of customers");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let list = numbers_list(roots.iter().map(|root| root.0));
        let mut rows = match since {
            Some(since) => statement.query((list, since.as_millisecond())),
            None => statement.query([list]),
        }
        .map_err(&doing)?;
        while let Some(row) = rows.next().map_err(&doing)? {
            take(&row).map_err(&doing)?;
        }
        Ok(())
    }
}

type Facts = BTreeMap<CustomerKey, CustomerFacts>;

fn with(
    facts: &mut Facts,
    row: &Row<'_>,
    change: impl FnOnce(&mut CustomerFacts),
) -> sql::Result<()> {
    if let Some(one) = facts.get_mut(&CustomerKey(row.get(0)?)) {
        change(one);
    }
    Ok(())
}

/// A time that this store wrote.
fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn facts_of(row: &Row<'_>) -> sql::Result<Result<CustomerFacts, StoreError>> {
    let fields: String = row.get(4)?;
    let last: Option<i64> = row.get(5)?;
    let segment: Option<String> = row.get(6)?;
    let since: Option<i64> = row.get(7)?;
    let previous: Option<String> = row.get(8)?;
    let (customer, id) = (CustomerKey(row.get(0)?), row.get(1)?);
    let (email, phone) = (row.get(2)?, row.get(3)?);
    let make = || {
        let held = Fields::from_json(&fields)
            .map_err(|_| StoreError::corrupt("set of fields", fields.clone()))?;
        Ok(CustomerFacts {
            customer,
            id,
            name: held.text("name"),
            email,
            phone,
            whatsapp: None,
            company: held.text("company"),
            status: held.text("status"),
            tags: held.texts("tags"),
            custom_fields: held.custom(),
            last_event_at: last.map(timestamp).transpose()?,
            last_store_visit: None,
            segment: segment
                .map(|segment| (segment, since.map_or(Timestamp::UNIX_EPOCH, moment), previous)),
            memberships: Vec::new(),
            past: Vec::new(),
            sent: Vec::new(),
            interventions: Vec::new(),
        })
    };
    Ok(make())
}
