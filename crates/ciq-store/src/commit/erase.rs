//! Erasure: everything about a customer goes; the ids of its events stay, so that a replay does
//! not bring it back (S-3).

mod merges;

use ciq_engine::Erasure;

use super::numbers::keep_numbers;
use crate::codec::keys_list;
use crate::sql::{Connection, List};
use crate::{StoreError, sql};

/// The same for what each database says in its own words, which comes first.
const FIRST_IN_SQLITE: [&str; 3] = [
    "INSERT INTO event_search (event_search, rowid, title, description, full_text)
        SELECT 'delete', seq, title, description, full_text FROM event
        WHERE customer_key IN rarray(?1)",
    "INSERT INTO knowledge_search (knowledge_search, rowid, content, tags)
        SELECT 'delete', event_seq, content, tags FROM knowledge
        WHERE event_seq IN (SELECT seq FROM event WHERE customer_key IN rarray(?1))",
    "DELETE FROM dead_letter WHERE key IN (
        SELECT d.key FROM dead_letter AS d JOIN identifier AS i
        ON i.kind IN ('email', 'phone', 'whatsapp', 'loyalty_id', 'customer_id')
            AND instr(lower(CAST(d.body AS TEXT)), lower(i.value)) > 0
        WHERE i.customer_key IN rarray(?1))",
];

const FIRST_IN_POSTGRES: [&str; 3] = [
    "DELETE FROM event_search WHERE rowid IN (
        SELECT seq FROM event WHERE customer_key IN rarray(?1))",
    "DELETE FROM knowledge_search WHERE rowid IN (
        SELECT seq FROM event WHERE customer_key IN rarray(?1))",
    // A body need not be text: both sides are compared with other bytes than ASCII written out.
    "DELETE FROM dead_letter WHERE key IN (
        SELECT d.key FROM dead_letter AS d JOIN identifier AS i
        ON i.kind IN ('email', 'phone', 'whatsapp', 'loyalty_id', 'customer_id')
            AND strpos(lower(encode(d.body, 'escape')),
                lower(encode(convert_to(i.value, 'UTF8'), 'escape'))) > 0
        WHERE i.customer_key IN rarray(?1))",
];

/// Statements over the list of origins `?1`, in an order in which each still finds what it needs.
const STATEMENTS: [&str; 29] = [
    "INSERT INTO erased_event (id)
        SELECT id FROM event WHERE customer_key IN rarray(?1) ON CONFLICT DO NOTHING",
    "DELETE FROM customer_search WHERE rowid IN rarray(?1)",
    "DELETE FROM message WHERE seq IN (
        SELECT message_seq FROM event WHERE customer_key IN rarray(?1))",
    "DELETE FROM review_evidence WHERE event_id IN (
        SELECT id FROM event WHERE customer_key IN rarray(?1))",
    "DELETE FROM purchase WHERE event_seq IN (
        SELECT seq FROM event WHERE customer_key IN rarray(?1))",
    "DELETE FROM work_order WHERE event_seq IN (
        SELECT seq FROM event WHERE customer_key IN rarray(?1))",
    "DELETE FROM knowledge WHERE event_seq IN (
        SELECT seq FROM event WHERE customer_key IN rarray(?1))",
    "DELETE FROM visit WHERE event_seq IN (
        SELECT seq FROM event WHERE customer_key IN rarray(?1))",
    "DELETE FROM line_item WHERE event_seq IN (
        SELECT seq FROM event WHERE customer_key IN rarray(?1))",
    "DELETE FROM delivery WHERE execution_key IN (
        SELECT key FROM execution WHERE customer_key IN rarray(?1))",
    "DELETE FROM execution WHERE customer_key IN rarray(?1)",
    "DELETE FROM task WHERE customer_key IN rarray(?1)",
    "DELETE FROM membership WHERE customer_key IN rarray(?1)",
    "DELETE FROM insight WHERE customer_key IN rarray(?1)",
    "DELETE FROM intervention_change WHERE intervention_key IN (
        SELECT key FROM intervention WHERE customer_key IN rarray(?1))",
    "DELETE FROM intervention WHERE customer_key IN rarray(?1)",
    "DELETE FROM health WHERE customer_key IN rarray(?1)",
    "DELETE FROM account WHERE customer_key IN rarray(?1)",
    "DELETE FROM subscription WHERE customer_key IN rarray(?1)",
    "DELETE FROM billing WHERE customer_key IN rarray(?1)",
    "DELETE FROM event WHERE customer_key IN rarray(?1)",
    "DELETE FROM identifier WHERE customer_key IN rarray(?1)",
    "DELETE FROM link WHERE a_key IN rarray(?1) OR b_key IN rarray(?1)",
    "DELETE FROM pin WHERE a_key IN rarray(?1) OR b_key IN rarray(?1)",
    "DELETE FROM review_evidence WHERE review_id IN (
        SELECT q.id FROM review AS q, json_each(q.customer_keys) AS k
        WHERE CAST(k.value AS INTEGER) IN rarray(?1))",
    "DELETE FROM review WHERE key IN (
        SELECT q.key FROM review AS q, json_each(q.customer_keys) AS k
        WHERE CAST(k.value AS INTEGER) IN rarray(?1))",
    "DELETE FROM merge WHERE base_key IN rarray(?1) OR key IN (
        SELECT g.key FROM merge AS g, json_each(g.absorbed_keys) AS k
        WHERE CAST(k.value AS INTEGER) IN rarray(?1))",
    "DELETE FROM activity WHERE key IN rarray(?1)",
    "DELETE FROM customer WHERE key IN rarray(?1)",
];

/// A search index keeps deleted words until it is written anew. That takes seconds for a million
/// events, and is the price of leaving nothing.
const REWRITES: [&str; 3] = [
    "INSERT INTO customer_search (customer_search) VALUES ('optimize')",
    "INSERT INTO event_search (event_search) VALUES ('optimize')",
    "INSERT INTO knowledge_search (knowledge_search) VALUES ('optimize')",
];

pub(super) fn erase(connection: &Connection, erasure: &Erasure) -> Result<(), StoreError> {
    let doing = StoreError::doing("erase a customer");
    let origins: List = keys_list(erasure.origins.iter().copied());
    keep_numbers(connection).map_err(&doing)?;
    merges::prepare(connection, &origins)?;
    match connection {
        Connection::Sqlite(_) => {
            connection.execute_batch("PRAGMA secure_delete = ON").map_err(&doing)?;
            run(connection, &FIRST_IN_SQLITE, &origins).map_err(&doing)?;
            run(connection, &STATEMENTS, &origins).map_err(&doing)?;
            for sql in REWRITES {
                connection.execute(sql, []).map_err(&doing)?;
            }
            connection.execute_batch("PRAGMA secure_delete = OFF").map_err(&doing)
        }
        Connection::Postgres(_) => {
            run(connection, &FIRST_IN_POSTGRES, &origins).map_err(&doing)?;
            run(connection, &STATEMENTS, &origins).map_err(&doing)
        }
    }
}

fn run(connection: &Connection, statements: &[&str], origins: &List) -> sql::Result<()> {
    statements.iter().try_for_each(|sql| connection.execute(sql, [origins.clone()]).map(drop))
}
