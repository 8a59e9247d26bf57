//! Subscriptions, and how customers pay for them. Nothing is written, and no statement made, in a
//! batch that tells of none.

use ciq_engine::{Changes, Customer};
use ciq_event::{Billing, Subscription};
use jiff::Timestamp;

use crate::codec::keys_list;
use crate::sql::{Connection, Statement, params};
use crate::{StoreError, sql};

pub(super) fn write(connection: &Connection, changes: &Changes) -> Result<(), StoreError> {
    if changes.subscribers.is_empty() {
        return Ok(());
    }
    let doing = StoreError::doing("write subscriptions");
    remove(connection, changes).map_err(&doing)?;
    let rows = changes.customers.iter();
    let touched = rows.filter(|row| changes.subscribers.contains(&row.customer.key()));
    for row in touched {
        insert(connection, &row.customer).map_err(&doing)?;
    }
    Ok(())
}

/// Whoever was merged, or whose subscriptions an undone merge took away, keeps no row.
fn remove(connection: &Connection, changes: &Changes) -> sql::Result<()> {
    for sql in [
        "DELETE FROM subscription WHERE customer_key IN rarray(?1)",
        "DELETE FROM billing WHERE customer_key IN rarray(?1)",
    ] {
        connection.execute(sql, [keys_list(changes.subscribers.iter().copied())])?;
    }
    Ok(())
}

fn insert(connection: &Connection, customer: &Customer) -> sql::Result<()> {
    let subscriptions = customer.state.subscriptions();
    if subscriptions.is_empty() {
        return Ok(());
    }
    let key = customer.key().0;
    let mut insert = connection.prepare_cached(
        "INSERT INTO subscription (customer_key, id, plan, screens, mrr_minor, currency, status,
            started_at, cancelled_at, last_paid_at, last_payment_failed_at, is_payment_open)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    for held in &subscriptions {
        insert_one(&mut insert, key, held)?;
    }
    let Billing { health, last_paid_at, last_payment_failed_at, open_failure_count } =
        Billing::of(&subscriptions);
    let mut insert = connection.prepare_cached(
        "INSERT INTO billing (customer_key, health, last_paid_at, last_payment_failed_at,
            open_failure_count)
        VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let (paid, failed) = (ms(last_paid_at), ms(last_payment_failed_at));
    insert.execute(params![key, health.name(), paid, failed, open_failure_count]).map(drop)
}

fn insert_one(
    insert: &mut Statement<'_>,
    key: i64,
    subscription: &Subscription,
) -> sql::Result<()> {
    let Subscription {
        id,
        plan,
        screens,
        mrr,
        status,
        started_at,
        cancelled_at,
        last_paid_at,
        last_payment_failed_at,
        is_payment_open,
    } = subscription;
    let currency = mrr.as_ref().map(|mrr| mrr.currency.as_str());
    insert
        .execute(params![
            key,
            id,
            plan,
            screens,
            mrr.map(|mrr| mrr.minor),
            currency,
            status.map(ciq_event::SubscriptionStatus::name),
            ms(*started_at),
            ms(*cancelled_at),
            ms(*last_paid_at),
            ms(*last_payment_failed_at),
            is_payment_open,
        ])
        .map(drop)
}

fn ms(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_millisecond)
}
