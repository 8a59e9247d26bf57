//! What a PostgreSQL server is, and what it lets us do, for `doctor`.

use crate::open::version;
use crate::sql::{Connection, Mode, Row, Session};
use crate::{PostgresPlace, Reader, StoreError, sql};

/// What a PostgreSQL server is, and what it lets us do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFacts {
    /// Its version, as it says it.
    pub version: String,
    /// The first part of it.
    pub major: i64,
    /// Whether it follows another one.
    pub is_replica: bool,
    /// Whether it takes writes of nobody, or of none of ours.
    pub is_read_only: bool,
    /// How text stands there.
    pub encoding: String,
    /// Who we are there.
    pub user: String,
    /// Whether schemas may be made, so tables of further brands.
    pub is_maker_of_schemas: bool,
    /// Whether the brand's tables may be read and written; `None` where there are none.
    pub is_user_of_tables: Option<bool>,
}

/// Our own setting for those who only read does not count.
const SQL: &str = "SELECT current_setting('server_version'),
        CAST(current_setting('server_version_num') AS BIGINT) / 10000,
        pg_is_in_recovery(),
        (SELECT reset_val = 'on' FROM pg_settings WHERE name = 'default_transaction_read_only'),
        current_setting('server_encoding'),
        CAST(current_user AS TEXT),
        has_database_privilege(current_database(), 'CREATE'),
        (SELECT bool_and(has_schema_privilege(n.oid, 'USAGE')
                AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
                AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = ?1 AND c.relkind = 'r')";

impl PostgresPlace {
    /// Asks the server what it is, and what it lets us do here.
    pub fn facts(&self) -> Result<ServerFacts, StoreError> {
        let session = Session::connect(self, Mode::Read)
            .map_err(StoreError::doing("connect to PostgreSQL"))?;
        let connection = Connection::Postgres(session);
        connection
            .query_row(SQL, [self.schema()], facts)
            .map_err(StoreError::doing("ask the server what it is"))
    }
}

fn facts(row: &Row<'_>) -> sql::Result<ServerFacts> {
    Ok(ServerFacts {
        version: row.get(0)?,
        major: row.get(1)?,
        is_replica: row.get(2)?,
        is_read_only: row.get(3)?,
        encoding: row.get(4)?,
        user: row.get(5)?,
        is_maker_of_schemas: row.get(6)?,
        is_user_of_tables: row.get(7)?,
    })
}

impl Reader {
    /// Returns the version of the tables.
    pub fn schema_version(&self) -> Result<i64, StoreError> {
        match &self.connection {
            Connection::Sqlite(_) => self
                .connection
                .query_row("PRAGMA user_version", [], |row| row.get(0))
                .map_err(StoreError::doing("read the version of the file")),
            Connection::Postgres(_) => version(&self.connection),
        }
    }
}
