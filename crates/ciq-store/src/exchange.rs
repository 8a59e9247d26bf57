//! Exchange: a schema put in the place of another, as a file is by renaming it.

use crate::sql::{Connection, Mode, Session};
use crate::{PostgresPlace, StoreError, sql};

/// How long to wait until no other process has the schema open. Connections of a process that has
/// just ended take a moment to be gone.
const FREE_TIMEOUT: &str = "2s";

/// Most characters of a schema's name (PostgreSQL, NAMEDATALEN less one). Of a longer one the
/// server takes the beginning, which is another schema's name.
const NAME_MAX: usize = 63;

/// Functions that find each other by the name of their schema are told its new one.
const FIND_EACH_OTHER: &str = "DO $$
    DECLARE
        found REGPROCEDURE;
    BEGIN
        FOR found IN SELECT p.oid FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname = 'NAME' AND p.proconfig IS NOT NULL
        LOOP
            EXECUTE format('ALTER FUNCTION %s SET search_path TO %I', found, 'NAME');
        END LOOP;
    END
    $$";

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
    let (of_old, of_kept) = (old.schema(), kept.schema());
    let move_away = format!(
        "DROP SCHEMA IF EXISTS \"{of_kept}\" CASCADE;
        ALTER SCHEMA \"{of_old}\" RENAME TO \"{of_kept}\"; {}",
        FIND_EACH_OTHER.replace("NAME", of_kept)
    );
    replace(new, old, &move_away)
}

/// Puts the schema `new` in the place of `old`, which goes if it is there.
pub(crate) fn supersede(new: &PostgresPlace, old: &PostgresPlace) -> Result<(), ExchangeError> {
    for place in [new, old] {
        check_name(place)?;
    }
    replace(new, old, &format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", old.schema()))
}

fn replace(new: &PostgresPlace, old: &PostgresPlace, move_away: &str) -> Result<(), ExchangeError> {
    let doing = StoreError::doing("put the schema in its place");
    let session =
        Session::connect(old, Mode::Write).map_err(StoreError::doing("connect to PostgreSQL"))?;
    let connection = Connection::Postgres(session);
    let transaction = connection.transaction().map_err(&doing)?;
    let key = old.presence_lock();
    let wait =
        format!("SET LOCAL lock_timeout = '{FREE_TIMEOUT}'; SELECT pg_advisory_xact_lock({key})");
    transaction.execute_batch(&wait).map_err(|error: sql::Error| {
        if error.is_held_up() { ExchangeError::InUse(old.to_string()) } else { doing(error).into() }
    })?;
    let rename = format!("ALTER SCHEMA \"{}\" RENAME TO \"{}\"", new.schema(), old.schema());
    for statements in [move_away, &rename, &FIND_EACH_OTHER.replace("NAME", old.schema())] {
        transaction.execute_batch(statements).map_err(&doing)?;
    }
    Ok(transaction.commit().map_err(&doing)?)
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
        let doing = StoreError::doing("remove the schema");
        let session = Session::connect(self, Mode::Write)
            .map_err(StoreError::doing("connect to PostgreSQL"))?;
        let drop = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.schema());
        Connection::Postgres(session).execute_batch(&drop).map_err(doing)
    }
}
