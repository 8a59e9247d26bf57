//! A connection to a schema of a PostgreSQL database, for a thread that may block.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use futures_util::future::try_join_all;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{ToSql as Send, Type};
use tokio_postgres::{Client, NoTls, Row, RowStream, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::bound::{Bound, NOTHING};
use super::catalog::Catalog;
use super::dialect::{self, Insert};
use super::runtime::{runtime, wait};
use super::{Error, Result, ToSql};
use crate::PostgresPlace;

/// How long a transaction may stay open with nothing asked of it. A worker that hangs lets go of
/// what it holds.
const IDLE_IN_TRANSACTION: &str = "60s";

/// Statements kept prepared; about as many as there are, with what may be nothing in each.
const STATEMENTS_MAX: usize = 1_000;

/// What a session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Read only.
    Read,
    /// Read and write.
    Write,
    /// Reserve numbers and names: what it commits need not be on the disk before what is written
    /// with them is, and that comes later in the same log.
    Reserve,
}

/// A connection to a schema. A lost one is made anew when it is needed next, but never within a
/// transaction.
pub(crate) struct Session {
    place: PostgresPlace,
    mode: Mode,
    link: RefCell<Option<Link>>,
    link_count: Cell<i64>,
    is_open: Cell<bool>,
}

struct Link {
    client: Client,
    /// By what SQLite would be told, and by the types of what is given.
    prepared: BTreeMap<String, Vec<(Vec<Type>, Statement)>>,
    prepared_count: usize,
    catalog: Option<Catalog>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("place", &self.place)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Connects to a schema, which need not be there yet.
    pub(crate) fn connect(place: &PostgresPlace, mode: Mode) -> Result<Self> {
        let link = Link::connect(place, mode)?;
        let link = RefCell::new(Some(link));
        let (link_count, is_open) = (Cell::new(1), Cell::new(false));
        Ok(Self { place: place.clone(), mode, link, link_count, is_open })
    }

    /// Returns a number that changes when a lost connection was made anew.
    pub(crate) fn link_count(&self) -> i64 {
        self.link_count.get()
    }

    /// Tells whether a transaction is open.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open.get()
    }

    /// Begins to write when nobody else of the brand does.
    pub(crate) fn begin_alone(&self) -> Result<()> {
        let key = self.place.brand_lock();
        self.begin(&format!("BEGIN; SELECT pg_advisory_xact_lock({key})"))
    }

    /// Begins to write beside others who begin so.
    pub(crate) fn begin_beside_others(&self) -> Result<()> {
        let key = self.place.brand_lock();
        self.begin(&format!("BEGIN; SELECT pg_advisory_xact_lock_shared({key})"))
    }

    /// Begins to read as it is at one moment.
    pub(super) fn begin_reading(&self) -> Result<()> {
        self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    /// Waits until nobody else is about to give numbers that follow the order of commits. Held
    /// until the transaction ends, so it is to come last.
    pub(crate) fn wait_for_turn(&self) -> Result<()> {
        let key = self.place.turn_lock();
        self.batch(&format!("SELECT pg_advisory_xact_lock({key})"))
    }

    fn begin(&self, sql: &str) -> Result<()> {
        debug_assert!(!self.is_open(), "each transaction ends before the next");
        let begun = self.batch(sql);
        self.is_open.set(true);
        if begun.is_err() {
            self.roll_back();
        }
        begun
    }

    /// Ends the open transaction with what was written.
    pub(super) fn commit(&self) -> Result<()> {
        let done = self.batch("COMMIT");
        if done.is_ok() {
            self.is_open.set(false);
        }
        done
    }

    /// Ends the open transaction, if there is one, as if it had not been.
    pub(super) fn roll_back(&self) {
        if self.is_open.get() {
            // Where the connection is gone, so is the transaction.
            if self.batch("ROLLBACK").is_err() {
                *self.link.borrow_mut() = None;
            }
            self.is_open.set(false);
        }
    }

    /// Runs statements of PostgreSQL's own, to which nothing is given.
    pub(super) fn batch(&self, sql: &str) -> Result<()> {
        self.with(|link| Ok(wait(link.client.batch_execute(sql))?))
    }

    /// Runs a statement and returns its rows.
    pub(super) fn query(&self, sql: &str, values: &[&dyn ToSql]) -> Result<Vec<Row>> {
        let given = bound(values)?;
        self.with(|link| {
            let statement = link.prepared(sql, &given, dialect::postgres)?;
            Ok(wait(link.client.query(&statement, &sent(&given)))?)
        })
    }

    /// Runs a statement and returns its rows as they come.
    pub(super) fn stream(&self, sql: &str, values: &[&dyn ToSql]) -> Result<RowStream> {
        let given = bound(values)?;
        self.with(|link| {
            let statement = link.prepared(sql, &given, dialect::postgres)?;
            Ok(wait(link.client.query_raw(&statement, sent(&given)))?)
        })
    }

    /// Runs a statement and tells how many rows it changed.
    pub(super) fn execute(&self, sql: &str, values: &[&dyn ToSql]) -> Result<usize> {
        let given = bound(values)?;
        self.with(|link| {
            let statement = link.prepared(sql, &given, dialect::postgres)?;
            let count = wait(link.client.execute(&statement, &sent(&given)))?;
            Ok(usize::try_from(count).unwrap_or(usize::MAX))
        })
    }

    /// Runs a statement for each row, without waiting for one before the next is sent.
    pub(super) fn execute_each(&self, sql: &str, rows: &[Vec<Bound>]) -> Result<()> {
        self.with(|link| {
            let mut statements = Vec::with_capacity(rows.len());
            for row in rows {
                statements.push(link.prepared(sql, row, dialect::postgres)?);
            }
            let client = &link.client;
            let each = statements
                .iter()
                .zip(rows)
                .map(|(statement, row)| async move { client.execute(statement, &sent(row)).await });
            Ok(wait(try_join_all(each)).map(drop)?)
        })
    }

    /// Says an `INSERT` for many rows.
    pub(super) fn for_many(&self, insert: &Insert<'_>) -> Result<String> {
        self.with(|link| {
            let catalog = match link.catalog.take() {
                Some(catalog) => catalog,
                None => Catalog::read(&link.client)?,
            };
            let types = insert.columns_of_parameters().into_iter().map(|column| match column {
                Some(column) => catalog.type_of(insert.table, column),
                None => "text".to_owned(),
            });
            let said = insert.for_many(&types.collect::<Vec<_>>());
            link.catalog = Some(catalog);
            said
        })
    }

    /// Runs an `INSERT` that was said for many rows.
    pub(super) fn insert(&self, sql: &str, rows: Vec<Vec<Bound>>) -> Result<()> {
        let mut columns: Vec<Vec<Bound>> = Vec::new();
        for row in rows {
            columns.resize_with(row.len(), Vec::new);
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        self.with(|link| {
            let statement = link.prepared(sql, &[], |sql, _| sql.to_owned())?;
            let given: Vec<&(dyn Send + Sync)> =
                columns.iter().map(|column| -> &(dyn Send + Sync) { column }).collect();
            Ok(wait(link.client.execute(&statement, &given)).map(drop)?)
        })
    }

    /// Returns the names of a statement's columns.
    pub(super) fn column_names(&self, sql: &str) -> Result<Vec<String>> {
        self.with(|link| {
            let statement = link.prepared(sql, &[], dialect::postgres)?;
            Ok(statement.columns().iter().map(|column| column.name().to_owned()).collect())
        })
    }

    /// Works with the connection, making it where it is gone.
    fn with<T>(&self, work: impl FnOnce(&mut Link) -> Result<T>) -> Result<T> {
        let mut held = self.link.borrow_mut();
        if held.as_ref().is_none_or(|link| link.client.is_closed()) {
            if self.is_open.get() {
                *held = None;
                return Err(Error::Lost);
            }
            *held = Some(Link::connect(&self.place, self.mode)?);
            self.link_count.update(|count| count + 1);
        }
        match held.as_mut() {
            Some(link) => work(link),
            None => Err(Error::Lost),
        }
    }
}

impl Link {
    fn connect(place: &PostgresPlace, mode: Mode) -> Result<Self> {
        let runtime = runtime()?;
        // Sockets belong to the runtime that they are made on.
        let _on = runtime.enter();
        let client = if place.config().get_ssl_mode() == SslMode::Require {
            let (tls, _) =
                MakeRustlsConnect::with_native_certs().map_err(|_| Error::Certificates)?;
            let (client, connection) = wait(place.config().connect(tls))?;
            drop(runtime.spawn(live(connection)));
            client
        } else {
            let (client, connection) = wait(place.config().connect(NoTls))?;
            drop(runtime.spawn(live(connection)));
            client
        };
        let set = settings(place, mode);
        wait(client.batch_execute(&set))?;
        Ok(Self { client, prepared: BTreeMap::new(), prepared_count: 0, catalog: None })
    }

    fn prepared(
        &mut self,
        sql: &str,
        given: &[Bound],
        say: impl FnOnce(&str, &[bool]) -> String,
    ) -> Result<Statement> {
        let is_of = |types: &[Type]| given.iter().map(Bound::ty).eq(types.iter().cloned());
        if let Some((_, statement)) =
            self.prepared.get(sql).and_then(|held| held.iter().find(|(types, _)| is_of(types)))
        {
            return Ok(statement.clone());
        }
        let types: Vec<Type> = given.iter().map(Bound::ty).collect();
        let is_nothing: Vec<bool> = given.iter().map(|value| *value == Bound::Null).collect();
        // One that is written out is still given: as text, whatever it stands for.
        let sent = types.iter().map(|ty| if *ty == NOTHING { Type::TEXT } else { ty.clone() });
        let sent: Vec<Type> = sent.collect();
        let statement = wait(self.client.prepare_typed(&say(sql, &is_nothing), &sent))?;
        if self.prepared_count >= STATEMENTS_MAX {
            self.prepared.clear();
            self.prepared_count = 0;
        }
        let held = self.prepared.entry(sql.to_owned()).or_default();
        held.push((types, statement.clone()));
        self.prepared_count += 1;
        Ok(statement)
    }
}

/// Moves what is sent and received. Whoever waits for an answer hears of the end by itself.
async fn live(connection: impl Future<Output = std::result::Result<(), tokio_postgres::Error>>) {
    if let Err(error) = connection.await {
        tracing::debug!(error = %error, "a connection to PostgreSQL ended");
    }
}

fn settings(place: &PostgresPlace, mode: Mode) -> String {
    let schema = place.schema();
    let own = match mode {
        Mode::Read => "SET default_transaction_read_only = on".to_owned(),
        Mode::Write => format!(
            "SET idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION}';
            SELECT pg_advisory_lock_shared({})",
            place.presence_lock()
        ),
        Mode::Reserve => "SET synchronous_commit = off".to_owned(),
    };
    format!("SET search_path TO \"{schema}\"; SET client_min_messages = warning; {own}")
}

fn bound(values: &[&dyn ToSql]) -> Result<Vec<Bound>> {
    values.iter().map(|value| value.for_postgres()).collect()
}

fn sent(given: &[Bound]) -> Vec<&(dyn Send + Sync)> {
    given.iter().map(|value| -> &(dyn Send + Sync) { value }).collect()
}
