//! The folder of a run: prices, ids, snapshots and invoices, for other programs to read.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{InvoiceRow, PriceFile, RunFile, SnapshotRow};

const PRICES: &str = "stripe_prices.json";
const RUN: &str = "current_run.json";
const SNAPSHOTS: &str = "sub_snapshots.json";
const INVOICES: &str = "invoices.json";
const JOURNAL: &str = "run_journal.ndjson";
const TWIN_LOG: &str = "twin.ndjson";

/// A run's folder. Files are replaced as a whole: a reader never sees half of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    dir: PathBuf,
}

/// Why a file of a run cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The system says no.
    #[error("could not {verb} {}", path.display())]
    Io {
        /// What was tried.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It holds something else.
    #[error("{} cannot be read: {remedy}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What to do.
        remedy: &'static str,
        /// Where it goes wrong.
        #[source]
        source: serde_json::Error,
    },
    /// It was written by a later version.
    #[error("{} has layout {found}, and this program knows up to {}: use a newer one",
        path.display(), RunFile::VERSION)]
    Future {
        /// The file.
        path: PathBuf,
        /// Its layout's version.
        found: u32,
    },
}

/// What all layouts of a run's file have.
#[derive(Deserialize)]
struct Layout {
    version: u32,
}

impl Files {
    /// Names a folder. It is made when something is written.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Returns the folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Reads which price is which price plan. None if there is no such file.
    pub fn prices(&self) -> Result<Option<PriceFile>, FilesError> {
        self.read(PRICES, "delete it, and `stripe-seed prices` writes it anew")
    }

    /// Reads which run the folder holds. None if there is no such file.
    pub fn run(&self) -> Result<Option<RunFile>, FilesError> {
        let remedy = "delete it, then `stripe-seed cleanup --run NAME` takes away what it made";
        // A later layout may have fields that this program cannot read: its version comes first.
        let layout: Option<Layout> = self.read(RUN, remedy)?;
        match layout {
            Some(Layout { version }) if version > RunFile::VERSION => {
                Err(FilesError::Future { path: self.path(RUN), found: version })
            }
            _ => self.read(RUN, remedy),
        }
    }

    /// Reads the snapshots of the months. None if there is no such file.
    pub fn snapshots(&self) -> Result<Option<Vec<SnapshotRow>>, FilesError> {
        self.read(SNAPSHOTS, "generate again: what past months were cannot be read from Stripe")
    }

    /// Reads the invoices. None if there is no such file.
    pub fn invoices(&self) -> Result<Option<Vec<InvoiceRow>>, FilesError> {
        self.read(INVOICES, "delete it, and read it back with `stripe-seed verify`")
    }

    /// Returns the file in which a local twin keeps its state.
    #[must_use]
    pub fn twin_log(&self) -> PathBuf {
        self.path(TWIN_LOG)
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.path(JOURNAL)
    }

    pub(crate) fn make_dir(&self) -> Result<(), FilesError> {
        let made = fs::create_dir_all(&self.dir);
        made.map_err(|source| FilesError::Io { verb: "make", path: self.dir.clone(), source })
    }

    pub(crate) fn write_prices(&self, prices: &PriceFile) -> Result<(), FilesError> {
        self.write(PRICES, prices)
    }

    pub(crate) fn write_run(&self, run: &RunFile) -> Result<(), FilesError> {
        self.write(RUN, run)
    }

    pub(crate) fn write_snapshots(&self, rows: &[SnapshotRow]) -> Result<(), FilesError> {
        self.write(SNAPSHOTS, rows)
    }

    pub(crate) fn write_invoices(&self, rows: &[InvoiceRow]) -> Result<(), FilesError> {
        self.write(INVOICES, rows)
    }

    /// Deletes what belongs to one run; prices outlive it.
    pub(crate) fn forget_run(&self) -> Result<(), FilesError> {
        // The run's own file last: as long as it is there, this can be repeated.
        for name in [SNAPSHOTS, INVOICES, JOURNAL, RUN] {
            self.remove(name)?;
        }
        Ok(())
    }

    /// Deletes what an earlier run left behind.
    pub(crate) fn remove_results(&self) -> Result<(), FilesError> {
        self.remove(SNAPSHOTS)?;
        self.remove(INVOICES)
    }

    fn remove(&self, name: &str) -> Result<(), FilesError> {
        match fs::remove_file(self.path(name)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(FilesError::Io { verb: "delete", path: self.path(name), source })
            }
            _ => Ok(()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn read<T: DeserializeOwned>(
        &self,
        name: &str,
        remedy: &'static str,
    ) -> Result<Option<T>, FilesError> {
        let path = self.path(name);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FilesError::Io { verb: "read", path, source }),
        };
        let read = serde_json::from_slice(&text);
        read.map(Some).map_err(|source| FilesError::Content { path, remedy, source })
    }

    fn write(&self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), FilesError> {
        self.make_dir()?;
        let path = self.path(name);
        let failed = |source| FilesError::Io { verb: "write", path: path.clone(), source };
        let mut text = serde_json::to_vec_pretty(value).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        let draft = self.path(&format!(".{name}.draft"));
        replace(&draft, &path, &text).map_err(failed)
    }
}

/// Writes a file beside its place, makes sure that it is on the disk, and moves it there.
fn replace(draft: &Path, path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::create(draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(draft, path)?;
    // The folder's own entry has to last too. Elsewhere a folder cannot be opened.
    let Some(folder) = path.parent().filter(|_| cfg!(unix)) else { return Ok(()) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path().join("deep/config"));
        assert_eq!(files.prices().unwrap(), None);
        let mut prices = PriceFile::default();
        prices.prices.insert("Free".to_owned(), "price_1".to_owned());
        files.write_prices(&prices).unwrap();
        prices.prices.insert("Standard".to_owned(), "price_2".to_owned());
        files.write_prices(&prices).unwrap();
        assert_eq!(files.prices().unwrap(), Some(prices));
        assert_eq!(fs::read_dir(files.dir()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_with_a_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        fs::write(folder.path().join(PRICES), "{").unwrap();
        let said = files.prices().unwrap_err().to_string();
        assert!(said.contains(PRICES) && said.contains("`stripe-seed prices`"), "{said}");
    }

    #[test]
    fn a_run_of_a_later_layout_asks_for_a_newer_program() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        fs::write(folder.path().join(RUN), r#"{"version":2,"name":"demo"}"#).unwrap();
        assert!(matches!(files.run(), Err(FilesError::Future { found: 2, .. })));
        fs::write(folder.path().join(RUN), r#"{"version":1,"name":"demo"}"#).unwrap();
        assert!(matches!(files.run(), Err(FilesError::Content { .. })));
    }

    #[test]
    fn prices_outlive_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        files.write_prices(&PriceFile::default()).unwrap();
        files.write_snapshots(&[]).unwrap();
        files.forget_run().unwrap();
        assert_eq!(files.snapshots().unwrap(), None);
        assert!(files.prices().unwrap().is_some());
        files.forget_run().unwrap();
    }
}
