//! Customers, identifiers and who stands under whom.

use ciq_engine::{Changes, Customer, CustomerRow};
use ciq_event::IdentifierKind;

use crate::codec::{identifier_hash, keys_list};
use crate::sql::{Connection, params};
use crate::{StoreError, search_words, sql};

pub(super) fn write(connection: &Connection, changes: &Changes) -> Result<(), StoreError> {
    let doing = StoreError::doing("write customers");
    write_short_lived(connection, changes).map_err(&doing)?;
    write_roots(connection, changes).map_err(&doing)?;
    write_customers(connection, &changes.customers).map_err(&doing)?;
    write_activity(connection, &changes.customers).map_err(&doing)?;
    write_accounts(connection, &changes.customers).map_err(&doing)?;
    write_identifiers(connection, changes).map_err(StoreError::doing("write identifiers"))
}

/// Customers that were merged in the batch that made them: their ids must resolve all the same.
fn write_short_lived(connection: &Connection, changes: &Changes) -> sql::Result<()> {
    let mut insert = connection.prepare_many(
        "INSERT INTO customer (key, minted_by, root_key, origin_count, is_first_event_order)
        VALUES (?1, ?2, ?1, 1, 0)",
    )?;
    for (key, minted_by) in &changes.short_lived {
        insert.push(params![key.0, minted_by.as_bytes()])?;
    }
    insert.finish()
}

/// A customer that was merged keeps its row for its key and its minted id; what it added up to
/// stands with the root.
fn write_roots(connection: &Connection, changes: &Changes) -> sql::Result<()> {
    let merged: Vec<_> = changes.roots.iter().filter(|(origin, root)| origin != root).collect();
    if merged.is_empty() {
        return Ok(());
    }
    let mut point = connection.prepare_many(
        "UPDATE customer SET root_key = ?2, id = NULL, origin_count = 1, email = NULL,
            phone = NULL, first_event_at = NULL, first_event_id = NULL, is_first_event_order = 0
        WHERE key = ?1",
    )?;
    for (origin, root) in &merged {
        point.push([origin.0, root.0])?;
    }
    point.finish()?;
    for sql in [
        "DELETE FROM activity WHERE key IN rarray(?1)",
        "DELETE FROM account WHERE customer_key IN rarray(?1)",
        "DELETE FROM health WHERE customer_key IN rarray(?1)",
        "DELETE FROM customer_search WHERE rowid IN rarray(?1)",
    ] {
        connection.execute(sql, [keys_list(merged.iter().map(|(origin, _)| **origin))])?;
    }
    Ok(())
}

fn write_customers(connection: &Connection, rows: &[CustomerRow]) -> sql::Result<()> {
    let mut upsert = connection.prepare_many(
        "INSERT INTO customer (key, minted_by, root_key, id, origin_count, email, phone,
            first_event_at, first_event_id, is_first_event_order)
        VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (key) DO UPDATE SET root_key = excluded.root_key, id = excluded.id,
            origin_count = excluded.origin_count, email = excluded.email, phone = excluded.phone,
            first_event_at = excluded.first_event_at, first_event_id = excluded.first_event_id,
            is_first_event_order = excluded.is_first_event_order",
    )?;
    let mut index = search_words::CUSTOMERS.open(connection)?;
    for CustomerRow { customer, .. } in rows.iter().filter(|row| row.is_identity_changed) {
        let first = customer.state.first_event;
        upsert.push(params![
            customer.key().0,
            customer.minted_by.as_bytes(),
            customer.candidate.id.as_str(),
            i64::try_from(customer.origins.len()).unwrap_or(i64::MAX),
            customer.email(),
            customer.phone(),
            first.map(|event| event.at.as_millisecond()),
            first.as_ref().map(|event| event.id.as_bytes()),
            first.is_some_and(|event| event.is_order),
        ])?;
        index.add(customer.key().0, &[Some(&words_of(customer))])?;
    }
    upsert.finish()?;
    index.finish()
}

fn write_activity(connection: &Connection, rows: &[CustomerRow]) -> sql::Result<()> {
    let mut replace = connection.prepare_many(
        "INSERT INTO activity (key, fields, strength, lifetime_value_minor, currency,
            totals, order_count, event_count, store_visit_count, last_event_at, api_call_count,
            last_api_call_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        ON CONFLICT (key) DO UPDATE SET
            fields = excluded.fields, strength = excluded.strength,
            lifetime_value_minor = excluded.lifetime_value_minor, currency =
            excluded.currency, totals = excluded.totals, order_count =
            excluded.order_count, event_count = excluded.event_count,
            store_visit_count = excluded.store_visit_count, last_event_at =
            excluded.last_event_at, api_call_count = excluded.api_call_count,
            last_api_call_at = excluded.last_api_call_at",
    )?;
    for CustomerRow { customer, lifetime_value, is_identity_changed: _ } in rows {
        let state = &customer.state;
        replace.push(params![
            customer.key().0,
            state.fields.to_json(),
            customer.candidate.strength.percent(),
            lifetime_value.minor,
            lifetime_value.currency.as_str(),
            totals_json(customer),
            state.order_count,
            state.event_count,
            state.store_visit_count,
            state.last_event_at.map(jiff::Timestamp::as_millisecond),
            state.api_call_count,
            state.last_api_call_at.map(jiff::Timestamp::as_millisecond),
        ])?;
    }
    replace.finish()
}

/// Few customers have an account, and nothing is written for the others. One whose account was
/// told by events that an undone merge took away has its row removed.
fn write_accounts(connection: &Connection, rows: &[CustomerRow]) -> sql::Result<()> {
    let mut replace = connection.prepare_many(
        "INSERT INTO account (customer_key, stage, tier, status, signed_up_at,
            api_call_count, last_api_call_at, error_rate, usage_trend, integration_status)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (customer_key) DO UPDATE SET
            stage = excluded.stage, tier = excluded.tier, status = excluded.status,
            signed_up_at = excluded.signed_up_at, api_call_count =
            excluded.api_call_count, last_api_call_at = excluded.last_api_call_at,
            error_rate = excluded.error_rate, usage_trend = excluded.usage_trend,
            integration_status = excluded.integration_status",
    )?;
    let mut without = Vec::new();
    for CustomerRow { customer, lifetime_value: _, is_identity_changed } in rows {
        let Some(account) = customer.state.account() else {
            if *is_identity_changed {
                without.push(customer.key());
            }
            continue;
        };
        replace.push(params![
            customer.key().0,
            account.stage.name(),
            account.tier.name(),
            customer.state.fields.text("status"),
            account.signed_up_at.map(jiff::Timestamp::as_millisecond),
            account.api_call_count,
            account.last_api_call_at.map(jiff::Timestamp::as_millisecond),
            account.error_rate.millionths(),
            account.usage_trend.name(),
            account.integration_status,
        ])?;
    }
    replace.finish()?;
    if without.is_empty() {
        return Ok(());
    }
    let remove = "DELETE FROM account WHERE customer_key IN rarray(?1)";
    connection.execute(remove, [keys_list(without)]).map(drop)
}

/// Several currencies stand as JSON beside the one in the columns.
fn totals_json(customer: &Customer) -> Option<String> {
    let totals = &customer.state.totals;
    (totals.len() > 1).then(|| {
        let by_code: serde_json::Map<String, serde_json::Value> =
            totals.iter().map(|(code, minor)| (code.to_string(), (*minor).into())).collect();
        serde_json::Value::from(by_code).to_string()
    })
}

/// What search reads of a customer: its names and what a person would type to find it.
fn words_of(customer: &Customer) -> String {
    let candidate = &customer.candidate;
    let mut words = vec![candidate.id.as_str().to_owned()];
    words.extend(customer.state.fields.text("name"));
    words.extend(customer.state.fields.text("company"));
    words.extend(customer.email());
    words.extend(customer.phone());
    let is_typed = |kind: &IdentifierKind| kind.is_lasting() && !kind.is_of_a_device();
    let typed = candidate.identifiers.keys().filter(|held| is_typed(held.kind()));
    words.extend(typed.map(|held| held.value().to_owned()));
    words.dedup();
    // SQLite's index loses its way in a text with a NUL.
    words.join("\n").replace('\0', " ")
}

fn write_identifiers(connection: &Connection, changes: &Changes) -> sql::Result<()> {
    let mut upsert = connection.prepare_many(
        "INSERT INTO identifier (hash, kind, value, customer_key, first_seen_at)
        VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (customer_key, hash) DO UPDATE SET first_seen_at = excluded.first_seen_at
        WHERE identifier.first_seen_at > excluded.first_seen_at",
    )?;
    for ((identifier, origin), first_seen_at) in &changes.identifiers {
        upsert.push(params![
            identifier_hash(&identifier.kind().name(), identifier.value()),
            identifier.kind().name(),
            identifier.value(),
            origin.0,
            first_seen_at.as_millisecond(),
        ])?;
    }
    upsert.finish()
}
