//! What a command works with: the brand's file or schema, the clock, the variables, the output.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ciq_clockwork::{BrandClock, Clocks};
use ciq_engine::{Action, Decision, DecisionOutcome};
use ciq_event::{Brand, CustomerId};
use ciq_ingest::{BrandHandle, Brands, BrandsError, Clock as _, EngineOptions, SystemClock};
use ciq_outreach::{Outreach, OutreachSettings};
use ciq_store::{Database, Location, PostgresServer, Reader, SCHEMA_VERSION, StoreError, Writer};

use crate::cli::Cli;
use crate::environment::{Environment, Secret};
use crate::exit::Failure;
use crate::file::{FileState, at_home, inspect};
use crate::output::Output;

/// Where data is, beneath the home folder.
const HOME_FOLDER: &str = ".customeriq";

/// The file of the default brand.
const DATABASE: &str = "customeriq.db";

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Session {
    /// The brands, each in its file or schema.
    pub(crate) brands: Arc<Brands>,
    /// Whose data.
    pub(crate) brand: Brand,
    /// The file that `--db` names.
    pub(crate) named_db: Option<PathBuf>,
    /// How events are understood.
    pub(crate) options: EngineOptions,
    /// Secrets and shared words.
    pub(crate) environment: Environment,
    /// Where the words go.
    pub(crate) output: Output,
}

impl Session {
    /// Puts together what the command line and the variables say.
    pub(crate) fn new(
        cli: &Cli,
        environment: Environment,
        output: Output,
    ) -> Result<Self, Failure> {
        let named_db = cli.common.db.as_deref().map(named_file).transpose()?;
        let options = cli.engine.options();
        let database = database(named_db.as_deref(), &environment)?;
        let brands = Arc::new(Brands::new(database, options.clone())?);
        let brand = cli.common.brand.clone();
        Ok(Self { brands, brand, named_db, options, environment, output })
    }

    /// Returns where the brand's tables are.
    pub(crate) fn location(&self) -> Location {
        self.brands.location_of(&self.brand)
    }

    /// Tells whether the brand has tables.
    pub(crate) fn is_there(&self) -> Result<bool, Failure> {
        match self.location() {
            Location::File(path) => Ok(inspect(&path)? != FileState::Absent),
            Location::Schema(_) => match self.reader() {
                Ok(_) => Ok(true),
                Err(Failure::Store(StoreError::NoSchema(_))) => Ok(false),
                Err(failure) => Err(failure),
            },
        }
    }

    /// Opens the brand's tables for reading. They must be there.
    pub(crate) fn reader(&self) -> Result<Reader, Failure> {
        let location = self.location();
        if let Location::File(path) = &location {
            match inspect(path)? {
                FileState::Absent => return Err(Failure::NoDatabase(path.clone())),
                FileState::Current => {}
                // Opening it for writing brings it up to date, or finds that it is not ours.
                FileState::NeedsWriter => drop(Writer::open(path, &self.brand)?),
            }
            return Ok(Reader::open(path)?);
        }
        let refused = |error| refused(&location, error);
        let reader = Reader::open(&location).map_err(refused)?;
        if reader.schema_version().map_err(refused)? == SCHEMA_VERSION {
            return Ok(reader);
        }
        drop(Writer::open(&location, &self.brand).map_err(refused)?);
        Reader::open(&location).map_err(refused)
    }

    /// Opens the brand for writing. Its tables must be there.
    pub(crate) fn existing(&self) -> Result<Arc<BrandHandle>, Failure> {
        match self.location() {
            Location::File(path) if inspect(&path)? == FileState::Absent => {
                return Err(Failure::NoDatabase(path));
            }
            Location::File(_) => {}
            Location::Schema(_) => drop(self.reader()?),
        }
        self.handle()
    }

    /// Opens the brand for writing, making its tables where there are none.
    pub(crate) fn handle(&self) -> Result<Arc<BrandHandle>, Failure> {
        self.opening()()
    }

    /// Returns what [`Self::handle`] does, for another thread.
    pub(crate) fn opening(
        &self,
    ) -> impl FnOnce() -> Result<Arc<BrandHandle>, Failure> + Send + use<> {
        let (brands, brand) = (Arc::clone(&self.brands), self.brand.clone());
        let location = self.location();
        move || {
            if let Location::File(path) = &location {
                inspect(path)?;
            }
            brands.open(&brand).map_err(|error| match error {
                BrandsError::Store { source, .. } if location.file().is_none() => {
                    refused(&location, source)
                }
                error => error.into(),
            })
        }
    }

    /// Returns who sends messages, as the variables say it.
    pub(crate) fn outreach(&self) -> Result<OutreachSettings, Failure> {
        self.environment.outreach.settings(self.environment.twilio_auth_token.as_ref(), &self.brand)
    }

    /// Makes the clock of the brand, which sends through `outreach`. Its file must be there.
    pub(crate) fn clock(&self, outreach: OutreachSettings) -> Result<Arc<BrandClock>, Failure> {
        drop(self.existing()?);
        let clocks = Clocks::new(Arc::clone(&self.brands), Outreach::new(outreach));
        Ok(clocks.open(&self.brand)?)
    }

    /// Carries out what a person decided.
    pub(crate) fn decide(&self, actor: &str, action: Action) -> Result<DecisionOutcome, Failure> {
        let handle = self.existing()?;
        let decision = Decision::new(SystemClock.now(), actor, action);
        Ok(handle.decide_blocking(decision)?)
    }
}

/// Returns the file that `--db` names.
fn named_file(path: &Path) -> Result<PathBuf, Failure> {
    // A command line shows in lists of processes, and so would a password: nor is it shown here.
    if path.to_str().is_some_and(PostgresServer::is_url) {
        let advice = "--db names a file: name a PostgreSQL database in DATABASE_URL, since a \
                      command line shows in lists of processes";
        return Err(Failure::Usage(advice.to_owned()));
    }
    Ok(at_home(path))
}

/// Returns where all brands are: `--db` wins over `DATABASE_URL`, which wins over `SQLITE_PATH`.
fn database(named_db: Option<&Path>, environment: &Environment) -> Result<Database, Failure> {
    if let Some(path) = named_db {
        return Ok(Database::Files(path.to_owned()));
    }
    if let Some(server) = server_of_variable(environment)? {
        return Ok(Database::Postgres(server));
    }
    let of_variable = environment.sqlite_path.as_deref().filter(|path| *path != Path::new(""));
    Ok(Database::Files(match of_variable {
        Some(path) => at_home(path),
        None => data_folder()?.join(DATABASE),
    }))
}

/// Returns the PostgreSQL database that `DATABASE_URL` names, if it is set.
pub(crate) fn server_of_variable(
    environment: &Environment,
) -> Result<Option<PostgresServer>, Failure> {
    let url = environment.database_url.as_ref().and_then(Secret::expose);
    url.map(|url| server_of("DATABASE_URL", url)).transpose()
}

/// Returns the PostgreSQL database of a URL. It is not shown where it is wrong: it may hold a
/// password.
pub(crate) fn server_of(what: &str, url: &str) -> Result<PostgresServer, Failure> {
    let server =
        if PostgresServer::is_url(url) { PostgresServer::parse(url) } else { Err(StoreError::Url) };
    server.map_err(|error| Failure::Usage(format!("{what} is unusable: {error}")))
}

/// Makes the failure that a database refused something. A file is named by what was done to it, and
/// some errors name the schema.
pub(crate) fn refused(location: &Location, error: StoreError) -> Failure {
    match (location, error) {
        (Location::File(_), error)
        | (_, error @ (StoreError::NoSchema(_) | StoreError::ReadOnly(_))) => error.into(),
        (Location::Schema(place), source) => Failure::Place { place: place.to_string(), source },
    }
}

/// Returns the folder where data is unless told otherwise.
pub(crate) fn data_folder() -> Result<PathBuf, Failure> {
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let advice = "there is no home folder: name a file with --db";
    Ok(home.ok_or_else(|| Failure::Usage(advice.to_owned()))?.join(HOME_FOLDER))
}

/// Makes the failure that nobody has an id.
pub(crate) fn nobody(id: &CustomerId) -> Failure {
    ciq_ingest::IngestError::Decision(ciq_engine::DecisionError::UnknownCustomer(id.clone())).into()
}
