//! Subscriptions, and how customers pay for them. Nothing is written, and no statement made, in a
//! batch that tells of none.

use ciq_engine::{Changes, Customer};
use ciq_event::{Billing, Subscription};
use jiff::Timestamp;

use crate::codec::keys_list;
use crate::sql::{Connection, Many, params};
use crate::{StoreError, sql};

pub(super) fn write(connection: &Connection, changes: &Changes) -> Result<(), StoreError> {
    if changes.subscribers.is_empty() {
        return Ok(());
    }
    let doing = StoreError::doing("write subscriptions");
    remove(connection, changes).map_err(&doing)?;
    let rows = changes.customers.iter();
    let touched = rows.filter(|row| changes.subscribers.contains(&row.customer.key()));
    insert(connection, touched.map(|row| row.customer.as_ref())).map_err(&doing)
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

fn insert<'c>(
    connection: &Connection,
    customers: impl Iterator<Item = &'c Customer>,
) -> sql::Result<()> {
    let mut each = connection.prepare_many(
        "INSERT INTO subscription (customer_key, id, plan, screens, mrr_minor, currency, status,
            started_at, cancelled_at, last_paid_at, last_payment_failed_at, is_payment_open)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    let mut whole = connection.prepare_many(
        "INSERT INTO billing (customer_key, health, last_paid_at, last_payment_failed_at,
            open_failure_count)
        VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for customer in customers {
        let subscriptions = customer.state.subscriptions();
        if subscriptions.is_empty() {
            continue;
        }
        let key = customer.key().0;
        for held in &subscriptions {
            insert_one(&mut each, key, held)?;
        }
        let Billing { health, last_paid_at, last_payment_failed_at, open_failure_count } =
            Billing::of(&subscriptions);
        let (paid, failed) = (ms(last_paid_at), ms(last_payment_failed_at));
        whole.push(params![key, health.name(), paid, failed, open_failure_count])?;
    }
    each.finish()?;
    whole.finish()
}

fn insert_one(insert: &mut Many<'_>, key: i64, subscription: &Subscription) -> sql::Result<()> {
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
    insert.push(params![
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
}

fn ms(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_millisecond)
}
