//! Where brands are kept: each in a file of its own, or in a schema of a PostgreSQL database.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ciq_event::Brand;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::StoreError;
use crate::sql::{Connection, Mode, Session};

/// How the schemas of brands are named: this, and the brand.
const SCHEMA_PREFIX: &str = "customeriq_";

/// How long to wait for a server that does not answer, unless the URL says so.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the server's machine may be silent. It says that it is there even while a statement
/// runs for long; one that lost its power says nothing ever.
const SILENT_MAX: Duration = Duration::from_secs(30);

/// How often it is asked then.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// Where a brand's tables are.
#[derive(Debug, Clone)]
pub enum Location {
    /// In an SQLite file of its own.
    File(PathBuf),
    /// In a schema of a PostgreSQL database.
    Schema(PostgresPlace),
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&Self> for Location {
    fn from(location: &Self) -> Self {
        location.clone()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Schema(place) => place.fmt(f),
        }
    }
}

impl Location {
    /// Returns the path of the file, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Schema(_) => None,
        }
    }
}

/// A PostgreSQL database, as a URL names it. Its password is not shown.
#[derive(Clone)]
pub struct PostgresServer(Arc<Config>);

impl PostgresServer {
    /// Reads a URL: `postgres://user:password@host:port/database?options`, or libpq's `host=…`.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        // The parser's own words may show a part of the URL, so of the password.
        let mut config: Config = url.parse().map_err(|_| StoreError::Url)?;
        if config.get_hosts().is_empty() {
            return Err(StoreError::Url);
        }
        if config.get_application_name().is_none() {
            config.application_name("customeriq");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENT_MAX);
        }
        // The client's own is two hours, whether the URL says so or not.
        config.keepalives_idle(config.get_keepalives_idle().min(SILENT_MAX));
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(ASK_EVERY);
        }
        Ok(Self(Arc::new(config)))
    }

    /// Tells whether a text is a URL of a PostgreSQL database rather than the path of a file.
    #[must_use]
    pub fn is_url(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }
}

impl fmt::Display for PostgresServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = self.0.get_ports();
        for (index, host) in self.0.get_hosts().iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                Host::Unix(path) => write!(f, "{}", path.display())?,
            }
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
            write!(f, ":{port}")?;
        }
        write!(f, "/{}", self.0.get_dbname().or(self.0.get_user()).unwrap_or("postgres"))
    }
}

impl fmt::Debug for PostgresServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresServer({self})")
    }
}

/// A schema of a PostgreSQL database.
#[derive(Debug, Clone)]
pub struct PostgresPlace {
    server: PostgresServer,
    schema: String,
}

impl fmt::Display for PostgresPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "schema {} of {}", self.schema, self.server)
    }
}

impl PostgresPlace {
    /// Returns the place of a brand.
    #[must_use]
    pub fn of_brand(server: &PostgresServer, brand: &Brand) -> Self {
        Self { server: server.clone(), schema: format!("{SCHEMA_PREFIX}{brand}") }
    }

    /// Returns another place of the same database, for what is made before it takes the place of
    /// this one. With an underscore in the suffix it is no brand's.
    #[must_use]
    pub fn beside(&self, suffix: &str) -> Self {
        Self { server: self.server.clone(), schema: format!("{}{suffix}", self.schema) }
    }

    /// Returns the database that it is in.
    #[must_use]
    pub fn server(&self) -> &PostgresServer {
        &self.server
    }

    /// Returns the name of the schema. Nothing in it needs to be escaped.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }

    pub(crate) fn config(&self) -> &Config {
        &self.server.0
    }

    /// The number under which writers of the brand wait for each other.
    pub(crate) fn brand_lock(&self) -> i64 {
        self.lock("brand")
    }

    /// The number under which writers wait for their turn to commit.
    pub(crate) fn turn_lock(&self) -> i64 {
        self.lock("turn")
    }

    /// The number that every writer of the brand holds together with the others, as long as it is
    /// connected: who puts other tables in the place of these has to have it alone.
    pub(crate) fn presence_lock(&self) -> i64 {
        self.lock("presence")
    }

    /// The number of whoever leads the clock of the brand.
    pub(crate) fn lead_lock(&self) -> i64 {
        self.lock("lead")
    }

    fn lock(&self, purpose: &str) -> i64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(purpose.as_bytes()).update(&[0]).update(self.schema.as_bytes());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        i64::from_le_bytes(bytes)
    }
}

/// Where all brands are.
#[derive(Debug, Clone)]
pub enum Database {
    /// The brand `default` has this file, and any other brand `BRAND` has `brands/BRAND.db` beside
    /// it.
    Files(PathBuf),
    /// Each brand has a schema of its own.
    Postgres(PostgresServer),
}

impl From<PathBuf> for Database {
    fn from(path: PathBuf) -> Self {
        Self::Files(path)
    }
}

impl Database {
    /// Returns where a brand's tables are.
    #[must_use]
    pub fn location_of(&self, brand: &Brand) -> Location {
        match self {
            Self::Files(default) if *brand == Brand::default() => Location::File(default.clone()),
            Self::Files(default) => {
                Location::File(folder_of_brands(default).join(format!("{brand}.db")))
            }
            Self::Postgres(server) => Location::Schema(PostgresPlace::of_brand(server, brand)),
        }
    }

    /// Tells whether a brand has tables.
    pub fn has(&self, brand: &Brand) -> Result<bool, StoreError> {
        match self.location_of(brand) {
            Location::File(path) => Ok(path.exists()),
            Location::Schema(place) => {
                let connection = reading(&place)?;
                let sql = "SELECT 1 FROM pg_namespace WHERE nspname = ?1";
                let mut statement = connection.prepare_cached(sql).map_err(looking)?;
                statement.exists([place.schema()]).map_err(looking)
            }
        }
    }

    /// Returns the brands that have tables, in order of their names.
    pub fn brands(&self) -> Result<Vec<Brand>, StoreError> {
        let mut brands: Vec<Brand> = match self {
            Self::Files(default) => {
                let files = std::fs::read_dir(folder_of_brands(default)).into_iter().flatten();
                let names = files.flatten().filter_map(|file| {
                    let name = file.file_name().into_string().ok()?;
                    Brand::parse(name.strip_suffix(".db")?).ok()
                });
                names.chain(default.exists().then(Brand::default)).collect()
            }
            Self::Postgres(server) => {
                let connection = reading(&PostgresPlace::of_brand(server, &Brand::default()))?;
                let sql = "SELECT nspname FROM pg_namespace";
                let mut statement = connection.prepare_cached(sql).map_err(looking)?;
                let names = statement.query_map([], |row| row.get(0)).map_err(looking)?;
                let names: Vec<String> = names.collect::<Result<_, _>>().map_err(looking)?;
                let of_brands = names.iter().filter_map(|name| name.strip_prefix(SCHEMA_PREFIX));
                of_brands.filter_map(|name| Brand::parse(name).ok()).collect()
            }
        };
        brands.sort();
        brands.dedup();
        Ok(brands)
    }
}

fn folder_of_brands(default: &Path) -> PathBuf {
    default.parent().unwrap_or_else(|| Path::new(".")).join("brands")
}

fn reading(place: &PostgresPlace) -> Result<Connection, StoreError> {
    Ok(Connection::Postgres(Session::connect(place, Mode::Read).map_err(looking)?))
}

fn looking(source: crate::sql::Error) -> StoreError {
    StoreError::doing("look which brands there are")(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_shown_without_its_password() {
        let server = PostgresServer::parse("postgres://ann:hush@db.example:6432/shop").unwrap();
        assert_eq!(server.to_string(), "db.example:6432/shop");
        assert_eq!(format!("{server:?}"), "PostgresServer(db.example:6432/shop)");
    }

    #[test]
    fn a_server_that_lost_its_power_is_noticed_soon() {
        let server = PostgresServer::parse("postgres://db/shop").unwrap();
        assert_eq!(server.0.get_keepalives_idle(), SILENT_MAX);
        assert_eq!(server.0.get_keepalives_interval(), Some(ASK_EVERY));
        let url = "postgres://db/shop?keepalives_idle=5&keepalives_interval=2";
        let server = PostgresServer::parse(url).unwrap();
        assert_eq!(server.0.get_keepalives_idle(), Duration::from_secs(5));
        assert_eq!(server.0.get_keepalives_interval(), Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_url_that_is_none_is_refused_without_being_shown() {
        for url in ["postgres://ann:hush@db:port/shop", "", "shop.db"] {
            let error = PostgresServer::parse(url).unwrap_err();
            assert!(matches!(error, StoreError::Url), "{error}");
            assert!(!error.to_string().contains("hush"));
        }
    }

    #[test]
    fn brands_have_files_or_schemas_of_their_own() {
        let (default, shop) = (Brand::default(), Brand::parse("shop").unwrap());
        let files = Database::Files(PathBuf::from("/data/ciq.db"));
        assert_eq!(files.location_of(&default).to_string(), "/data/ciq.db");
        assert_eq!(files.location_of(&shop).to_string(), "/data/brands/shop.db");
        let server = PostgresServer::parse("postgres://db/all").unwrap();
        let schemas = Database::Postgres(server);
        let place = schemas.location_of(&shop).to_string();
        assert_eq!(place, "schema customeriq_shop of db:5432/all");
    }
}
