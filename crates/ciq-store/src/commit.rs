//! Changes into the file, in one transaction.

mod customers;
mod decisions;
mod erase;
mod events;
mod line_items;
mod numbers;
mod subscriptions;

use ciq_engine::{Changes, Counters};
use rusqlite::{Connection, params};

pub(crate) use self::numbers::keep_numbers;
use crate::{StoreError, Writer};

impl Writer {
    /// Writes a fold's changes, takes over its counters and ends the transaction that
    /// [`Writer::load`] began. A failure leaves the file as it was.
    pub fn commit(&mut self, changes: &Changes, next: Counters) -> Result<(), StoreError> {
        let paced = self.pace(changes.messages.len());
        let outcome = paced.and_then(|()| self.write(changes, next)).and_then(|()| {
            self.connection.execute_batch("COMMIT").map_err(StoreError::doing("end a write"))
        });
        match outcome {
            Ok(()) => {
                self.next = next;
                Ok(())
            }
            Err(error) => {
                self.abandon();
                Err(error)
            }
        }
    }

    /// Writes changes that were folded ahead of the file, from the counters `base` on, in a
    /// transaction of its own. `false`, and nothing written, where somebody else wrote meanwhile:
    /// then the batch must be loaded and folded again.
    pub fn commit_ahead(
        &mut self,
        base: Counters,
        changes: &Changes,
        next: Counters,
    ) -> Result<bool, StoreError> {
        self.begin()?;
        if self.next != base {
            self.abandon();
            return Ok(false);
        }
        self.commit(changes, next)?;
        Ok(true)
    }

    /// Ends the transaction that [`Writer::load`] began without writing anything.
    pub fn abandon(&mut self) {
        if !self.connection.is_autocommit() {
            // A rollback that fails leaves nothing either: the next load begins anew.
            drop(self.connection.execute_batch("ROLLBACK"));
        }
        self.seen_version = None;
    }

    fn write(&mut self, changes: &Changes, next: Counters) -> Result<(), StoreError> {
        let Self { connection, event_types, sources, products, categories, next: held, .. } = self;
        let mut words = events::Words { event_types, sources, products, categories };
        events::write(connection, changes, &mut words)?;
        customers::write(connection, changes)?;
        subscriptions::write(connection, changes)?;
        decisions::write(connection, changes)?;
        for erasure in &changes.erasures {
            erase::erase(connection, erasure)?;
        }
        if *held != next {
            write_counters(connection, next)?;
        }
        Ok(())
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
