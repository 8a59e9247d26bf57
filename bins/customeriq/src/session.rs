//! What a command works with: the brand's file, the clock, the variables, the output.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ciq_clockwork::{BrandClock, Clocks};
use ciq_engine::{Action, Decision, DecisionOutcome};
use ciq_event::{Brand, CustomerId};
use ciq_ingest::{BrandHandle, Brands, Clock as _, EngineOptions, SystemClock};
use ciq_outreach::{Outreach, OutreachSettings};
use ciq_store::{Reader, Writer};

use crate::cli::Cli;
use crate::environment::Environment;
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
    /// The brands, by file.
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
        let named_db = cli.common.db.as_deref().map(at_home);
        let of_variable = environment.sqlite_path.as_deref().filter(|path| *path != Path::new(""));
        let path = named_db.clone().or_else(|| of_variable.map(at_home));
        let path = match path {
            Some(path) => path,
            None => data_folder()?.join(DATABASE),
        };
        let options = cli.engine.options();
        let brands = Arc::new(Brands::new(path, options.clone())?);
        let brand = cli.common.brand.clone();
        Ok(Self { brands, brand, named_db, options, environment, output })
    }

    /// Returns where the brand's file is.
    pub(crate) fn path(&self) -> PathBuf {
        self.brands.path_of(&self.brand)
    }

    /// Opens the brand's file for reading. It must be there.
    pub(crate) fn reader(&self) -> Result<Reader, Failure> {
        let path = self.path();
        match inspect(&path)? {
            FileState::Absent => return Err(Failure::NoDatabase(path)),
            FileState::Current => {}
            // Opening it for writing brings it up to date, or finds that it is not ours.
            FileState::NeedsWriter => drop(Writer::open(&path, &self.brand)?),
        }
        Ok(Reader::open(&path)?)
    }

    /// Opens the brand for writing. Its file must be there.
    pub(crate) fn existing(&self) -> Result<Arc<BrandHandle>, Failure> {
        let path = self.path();
        if inspect(&path)? == FileState::Absent {
            return Err(Failure::NoDatabase(path));
        }
        Ok(self.brands.open(&self.brand)?)
    }

    /// Opens the brand for writing, making its file where there is none.
    pub(crate) fn handle(&self) -> Result<Arc<BrandHandle>, Failure> {
        inspect(&self.path())?;
        Ok(self.brands.open(&self.brand)?)
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
