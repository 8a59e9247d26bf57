//! Databases of the test's own, and the choice between files and PostgreSQL.

use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::postgres::{PostgresConfig, PostgresError, PostgresServer, psql};

/// Chooses the database of tests that run on either: `file` or `postgres`.
pub(crate) const CHOICE_VARIABLE: &str = "CUSTOMERIQ_TEST_DATABASE";

/// Names the server of many tests, since one for each takes long to make.
const SERVER_VARIABLE: &str = "CUSTOMERIQ_TEST_POSTGRES";

/// The server of this process, while a test of it has a database there.
static OWN: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());

/// What a test keeps its data in, as this run of the tests has chosen.
#[derive(Debug)]
pub enum TestDatabase {
    /// Files, in a folder that the test makes.
    File,
    /// An empty database of PostgreSQL.
    Postgres(PostgresDatabase),
}

impl TestDatabase {
    /// Returns what the variable `CUSTOMERIQ_TEST_DATABASE` chooses, made for this test; where it
    /// says nothing, files.
    pub fn chosen() -> Result<Self, PostgresError> {
        Self::named(variable(CHOICE_VARIABLE).as_deref())
    }

    fn named(name: Option<&str>) -> Result<Self, PostgresError> {
        match name {
            None | Some("file") => Ok(Self::File),
            Some("postgres") => PostgresDatabase::fresh().map(Self::Postgres),
            Some(other) => Err(PostgresError::NoSuchDatabase(other.to_owned())),
        }
    }

    /// Returns the address of the database, if it is PostgreSQL's.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::File => None,
            Self::Postgres(database) => Some(database.url()),
        }
    }
}

/// An empty database that lives as long as this value.
#[derive(Debug)]
pub struct PostgresDatabase {
    name: String,
    url: String,
    /// Where the database is made and dropped.
    server_url: String,
    /// The server, where this process has started it.
    server: Option<Arc<PostgresServer>>,
}

impl PostgresDatabase {
    /// Makes a database on the server that the variable `CUSTOMERIQ_TEST_POSTGRES` names, or else
    /// on one that this process starts and that its tests share.
    pub fn fresh() -> Result<Self, PostgresError> {
        if let Some(url) = variable(SERVER_VARIABLE) {
            return Self::on(&url);
        }
        let server = own_server()?;
        let mut database = Self::on(&server.url())?;
        database.server = Some(server);
        Ok(database)
    }

    /// Makes a database on the server behind this address of another database there.
    pub fn on(url: &str) -> Result<Self, PostgresError> {
        let name = unique_name();
        // Not a copy of the usual template, which somebody may be using, and which has a locale.
        let made = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
        psql(url, &made)?;
        let own_url = with_database(url, &name);
        Ok(Self { name, url: own_url, server_url: url.to_owned(), server: None })
    }

    /// Returns the address for clients.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs statements as a client of its own, and returns the rows, one on each line, with `|`
    /// between the columns.
    pub fn psql(&self, statements: &str) -> Result<String, PostgresError> {
        psql(&self.url, statements)
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let goes_with_server = self.server.as_ref().is_some_and(|it| Arc::strong_count(it) == 1);
        if !goes_with_server {
            // A server that is gone has no database either.
            drop(psql(&self.server_url, &format!("DROP DATABASE {} WITH (FORCE)", self.name)));
        }
    }
}

/// Returns the server of this process, started if it is not there.
fn own_server() -> Result<Arc<PostgresServer>, PostgresError> {
    let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = own.upgrade() {
        return Ok(server);
    }
    let server = Arc::new(PostgresServer::start(PostgresConfig::shared())?);
    *own = Arc::downgrade(&server);
    Ok(server)
}

/// Returns what a variable says, if it says something.
fn variable(name: &str) -> Option<String> {
    env::var_os(name)?.into_string().ok().filter(|value| !value.is_empty())
}

/// Returns a name that no other test has, on whichever machine it runs.
fn unique_name() -> String {
    format!("test_{:016x}", RandomState::new().hash_one(std::process::id()))
}

/// Returns an address with another database: what stands between the server and the options.
fn with_database(url: &str, name: &str) -> String {
    let options_begin = url.find('?').unwrap_or(url.len());
    let (address, options) = url.split_at(options_begin);
    let server_begin = address.find("://").map_or(0, |at| at + "://".len());
    let server_end =
        address[server_begin..].find('/').map_or(address.len(), |at| server_begin + at);
    format!("{}/{name}{options}", &address[..server_end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expect: &str) {
        assert_eq!(with_database(url, "new"), expect);
    }

    #[test]
    fn an_address_gets_another_database() {
        check("postgres://me@127.0.0.1:7/postgres", "postgres://me@127.0.0.1:7/new");
        check("postgres://me:p@host", "postgres://me:p@host/new");
        check("postgresql://host/old?sslmode=disable", "postgresql://host/new?sslmode=disable");
        check("postgres://host?a=/b", "postgres://host/new?a=/b");
    }

    #[test]
    fn files_are_chosen_by_default_and_nothing_unknown_is() {
        for name in [None, Some("file")] {
            let chosen = TestDatabase::named(name).unwrap();
            assert!(matches!(chosen, TestDatabase::File) && chosen.url().is_none());
        }
        let error = TestDatabase::named(Some("oracle")).unwrap_err().to_string();
        assert!(error.contains("\"oracle\"") && error.contains(CHOICE_VARIABLE), "{error}");
    }

    #[test]
    fn two_databases_have_two_names() {
        assert_ne!(unique_name(), unique_name());
    }
}
