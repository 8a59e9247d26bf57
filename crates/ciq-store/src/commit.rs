//! Changes into the file, in one transaction.

mod customers;
mod decisions;
mod erase;
mod events;

use ciq_engine::{Changes, Counters};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::{StoreError, Writer};

impl Writer {
    /// Writes a fold's changes in one transaction and takes over its counters. A failure leaves
    /// the file as it was.
    pub fn commit(&mut self, changes: &Changes, next: Counters) -> Result<(), StoreError> {
        let outcome = self.try_commit(changes, next);
        match outcome {
            Ok(()) => self.next = next,
            Err(_) => self.refresh()?,
        }
        outcome
    }

    fn try_commit(&mut self, changes: &Changes, next: Counters) -> Result<(), StoreError> {
        let doing = StoreError::doing("begin and end a write");
        let Self { connection, event_types, sources, next: held, path: _ } = self;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&doing)?;
        let mut words = events::Words { event_types, sources };
        events::write(&transaction, changes, &mut words)?;
        customers::write(&transaction, changes)?;
        decisions::write(&transaction, changes)?;
        for erasure in &changes.erasures {
            erase::erase(&transaction, erasure)?;
        }
        if *held != next {
            write_counters(&transaction, next)?;
        }
        transaction.commit().map_err(&doing)
    }
}

fn write_counters(connection: &Connection, next: Counters) -> Result<(), StoreError> {
    let doing = StoreError::doing("write the counters");
    let Counters { customer_key, log_seq, event_seq } = next;
    let mut statement = connection
        .prepare_cached("UPDATE counter SET next = ?2 WHERE name = ?1")
        .map_err(&doing)?;
    for (name, value) in
        [("customer_key", customer_key), ("log_seq", log_seq), ("event_seq", event_seq)]
    {
        statement.execute(params![name, value]).map_err(&doing)?;
    }
    Ok(())
}
