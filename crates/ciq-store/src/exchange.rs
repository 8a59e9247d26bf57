//! Exchange: a schema put in the place of another, as a file is by renaming it.

use crate::open::version;
use crate::sql::{Connection, Mode, Session, Transaction};
use crate::{PostgresPlace, StoreError};

/// How long to wait until no other process has the schema open. Connections of a process that has
/// just ended take a moment to be gone.
const FREE_TIMEOUT: &str = "2s";

/// Most characters of a schema's name (PostgreSQL, NAMEDATALEN less one). Of a longer one the
/// server takes the beginning, which is another schema's name.
const NAME_MAX: usize = 63;

/// What is being done, for errors.
const REPLACING: &str = "put the schema in its place";

/// Why a schema did not take another's place. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Somebody may write to it.
    #[error("another process has {0} open, so nothing was replaced")]
    InUse(String),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts the schema `new` in the place of `old`, which is kept as `kept`; what was kept there before
/// goes. All of it happens, or nothing. Refuses while another process has `old` open for writing,
/// for that one knows numbers of names that `new` may give to others.
pub fn exchange(
    new: &PostgresPlace,
    old: &PostgresPlace,
    kept: &PostgresPlace,
) -> Result<(), ExchangeError> {
    for place in [new, old, kept] {
        check_name(place)?;
    }
    let connection = connect(old)?;
    let transaction = alone(&connection, old)?;
    let move_away = format!("ALTER SCHEMA \"{}\" RENAME TO \"{}\"", old.schema(), kept.schema());
    rename(&transaction, &[&drop_of(kept), &move_away], new, old)?;
    Ok(transaction.commit().map_err(StoreError::doing(REPLACING))?)
}

/// Puts the schema `new` in the place of `old`, which goes if it is there. `false`, and nothing
/// changed, where `old` holds data: somebody may have written to it a moment ago.
pub(crate) fn supersede(
    new: &PostgresPlace,
    old: &PostgresPlace,
    holds_data: impl FnOnce(&Connection) -> Result<bool, StoreError>,
) -> Result<bool, ExchangeError> {
    for place in [new, old] {
        check_name(place)?;
    }
    let connection = connect(old)?;
    let transaction = alone(&connection, old)?;
    if version(&transaction)? > 0 && holds_data(&transaction)? {
        return Ok(false);
    }
    rename(&transaction, &[&drop_of(old)], new, old)?;
    transaction.commit().map_err(StoreError::doing(REPLACING))?;
    Ok(true)
}

fn connect(place: &PostgresPlace) -> Result<Connection, StoreError> {
    let session = Session::connect(place, Mode::Write);
    Ok(Connection::Postgres(session.map_err(StoreError::doing("connect to PostgreSQL"))?))
}

/// Begins a transaction in which no other process has the schema open for writing.
fn alone<'c>(
    connection: &'c Connection,
    place: &PostgresPlace,
) -> Result<Transaction<'c>, ExchangeError> {
    let doing = StoreError::doing(REPLACING);
    let transaction = connection.transaction().map_err(&doing)?;
    let key = place.presence_lock();
    let wait =
        format!("SET LOCAL lock_timeout = '{FREE_TIMEOUT}'; SELECT pg_advisory_xact_lock({key})");
    match transaction.execute_batch(&wait) {
        Ok(()) => Ok(transaction),
        Err(error) if error.is_held_up() => Err(ExchangeError::InUse(place.to_string())),
        Err(error) => Err(doing(error).into()),
    }
}

/// Gives `new` the name of `old`, after what moves that away.
fn rename(
    connection: &Connection,
    move_away: &[&str],
    new: &PostgresPlace,
    old: &PostgresPlace,
) -> Result<(), StoreError> {
    let rename = format!("ALTER SCHEMA \"{}\" RENAME TO \"{}\"", new.schema(), old.schema());
    let mut statements = move_away.iter().copied().chain([rename.as_str()]);
    statements
        .try_for_each(|statement| connection.execute_batch(statement))
        .map_err(StoreError::doing(REPLACING))
}

fn drop_of(place: &PostgresPlace) -> String {
    format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", place.schema())
}

fn check_name(place: &PostgresPlace) -> Result<(), StoreError> {
    if place.schema().len() > NAME_MAX {
        return Err(StoreError::LongBrand(place.schema().to_owned()));
    }
    Ok(())
}

impl PostgresPlace {
    /// Removes the schema and everything in it, if it is there.
    pub fn drop_schema(&self) -> Result<(), StoreError> {
        check_name(self)?;
        let removed = connect(self)?.execute_batch(&drop_of(self));
        removed.map_err(StoreError::doing("remove the schema"))
    }
}
