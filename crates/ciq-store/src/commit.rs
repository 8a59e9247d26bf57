//! Changes into the file, in one transaction.

mod customers;
mod dead_letters;
mod decisions;
mod erase;
mod events;
mod line_items;
mod numbers;
mod subscriptions;
mod words;

use ciq_engine::{Changes, Counters};

pub(crate) use self::numbers::keep_numbers;
use self::words::Words;
use crate::load::release;
use crate::sql::{Connection, params};
use crate::{StoreError, Writer};

impl Writer {
    /// Writes a fold's changes, takes over its counters and ends the transaction that
    /// [`Writer::load`] began. A failure leaves the file as it was.
    pub fn commit(&mut self, changes: &Changes, next: Counters) -> Result<(), StoreError> {
        let paced = self.pace(changes.messages.len());
        let outcome = paced
            .and_then(|()| self.write(changes, next))
            .and_then(|()| self.connection.commit().map_err(StoreError::doing("end a write")));
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
        self.connection.roll_back();
        self.seen_version = None;
        if self.reserve.is_some() {
            // Names that were learnt beside a transaction that failed go with a server that is
            // killed: they are on the disk for sure once something that names them is committed.
            self.forget_names();
        }
    }

    fn write(&mut self, changes: &Changes, next: Counters) -> Result<(), StoreError> {
        let Self { connection, event_types, sources, products, categories, next: held, .. } = self;
        let mut words = Words { event_types, sources, products, categories };
        if let Some(reserve) = &self.reserve {
            reserve.check(next)?;
            words.learn(reserve, &changes.events)?;
        }
        events::write(connection, changes, &mut words)?;
        customers::write(connection, changes)?;
        subscriptions::write(connection, changes)?;
        decisions::write(connection, changes)?;
        for erasure in &changes.erasures {
            erase::erase(connection, erasure)?;
        }
        match &self.reserve {
            // What was reserved is counted already.
            Some(reserve) => release(connection, &reserve.claimed)?,
            None if *held != next => write_counters(connection, next)?,
            None => {}
        }
        write_in_turn(connection, changes)
    }
}

/// Writes what followers of the feed know by numbers in the order of commits: nobody else's may come
/// in between, so it is written last.
fn write_in_turn(connection: &Connection, changes: &Changes) -> Result<(), StoreError> {
    if changes.merges.is_empty() && changes.dead_letters.is_empty() {
        return Ok(());
    }
    if let Connection::Postgres(session) = connection {
        session.wait_for_turn().map_err(StoreError::doing("wait for other writers"))?;
    }
    decisions::write_merges(connection, &changes.merges)
        .map_err(StoreError::doing("write merges"))?;
    dead_letters::write(connection, &changes.dead_letters)
        .map_err(StoreError::doing("write dead letters"))
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
