//! What a run has done already, one line a step, so that it can go on where it stopped.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How often it is tried to get a journal that is in use.
const LOCK_TRIES: u32 = 20;

/// How long to wait between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// The steps that are done. Only one process at a time may have it open.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Arc<File>,
    state: Mutex<State>,
    /// Whoever holds it writes what all have noted.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    done: BTreeMap<String, Entry>,
    /// Lines that are not written yet.
    pending: Vec<u8>,
    noted: u64,
    written: u64,
}

/// A step that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its name, such as `customer/017`.
    pub(crate) step: String,
    /// The id of what it made or changed.
    pub(crate) id: String,
    /// The id of the subscription's item, where it made a subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) item: Option<String>,
}

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be used.
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
    /// Another process has it.
    #[error("{} is in use: another stripe-seed works on this folder", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// It is not one of ours.
    #[error(
        "line {line} of {} is no step: move the file away, and `stripe-seed resume` finds out from \
         the server what is done", path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
}

impl Journal {
    /// Opens the journal, or begins one.
    pub(crate) async fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |verb, source| JournalError::Io { verb, path: path.to_owned(), source };
        let opened = OpenOptions::new().read(true).append(true).create(true).open(path);
        let mut file = opened.map_err(|source| failed("open", source))?;
        lock(&file, path).await?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(|source| failed("read", source))?;
        let (done, size) =
            parse(&text).map_err(|line| JournalError::Corrupt { path: path.to_owned(), line })?;
        if size < text.len() {
            // What a crash left of a line would spoil the next one.
            let end = u64::try_from(size).unwrap_or(u64::MAX);
            file.set_len(end).map_err(|source| failed("cut", source))?;
            file.seek(SeekFrom::End(0)).map_err(|source| failed("cut", source))?;
        }
        let state = Mutex::new(State { done, ..State::default() });
        let turn = tokio::sync::Mutex::new(());
        Ok(Self { path: path.to_owned(), file: Arc::new(file), state, turn })
    }

    /// Counts the steps of a journal that another process may have open.
    pub(crate) fn count(path: &Path) -> Result<usize, JournalError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(source) => {
                return Err(JournalError::Io { verb: "read", path: path.to_owned(), source });
            }
        };
        let parsed = parse(&text);
        let (done, _) =
            parsed.map_err(|line| JournalError::Corrupt { path: path.to_owned(), line })?;
        Ok(done.len())
    }

    /// Forgets all steps.
    pub(crate) fn clear(&self) -> Result<(), JournalError> {
        let cleared = self.file.set_len(0).and_then(|()| self.file.sync_data());
        cleared.map_err(|source| self.failed("empty", source))?;
        *self.state() = State::default();
        Ok(())
    }

    /// Returns what is known of a step, if it is done.
    pub(crate) fn get(&self, step: &str) -> Option<Entry> {
        self.state().done.get(step).cloned()
    }

    /// Notes that a step is done. When this returns, a crash does not undo it.
    ///
    /// Those who come at the same time are written at once.
    pub(crate) async fn record(&self, entry: Entry) -> Result<(), JournalError> {
        let mut line =
            serde_json::to_vec(&entry).map_err(|source| self.failed("write", source.into()))?;
        line.push(b'\n');
        let mine = {
            let mut state = self.state();
            state.pending.extend_from_slice(&line);
            state.done.insert(entry.step.clone(), entry);
            state.noted += 1;
            state.noted
        };
        let turn = self.turn.lock().await;
        let (lines, upto) = {
            let mut state = self.state();
            if state.written >= mine {
                return Ok(());
            }
            (std::mem::take(&mut state.pending), state.noted)
        };
        let file = Arc::clone(&self.file);
        let writing = tokio::task::spawn_blocking(move || {
            let written = (&*file).write_all(&lines).and_then(|()| file.sync_data());
            written.map_err(|source| (source, lines))
        });
        let written = writing.await.unwrap_or_else(|error| Err((io::Error::other(error), line)));
        let mut state = self.state();
        match written {
            Ok(()) => state.written = upto,
            Err((source, mut lines)) => {
                // Those who wait have to fail too, not to find their lines gone.
                lines.append(&mut state.pending);
                state.pending = lines;
                return Err(self.failed("write", source));
            }
        }
        drop(turn);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, verb: &'static str, source: io::Error) -> JournalError {
        JournalError::Io { verb, path: self.path.clone(), source }
    }
}

/// Takes the file for this process alone. Whoever was stopped just now may still hold it.
async fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
            Err(TryLockError::Error(source)) => {
                return Err(JournalError::Io { verb: "lock", path: path.to_owned(), source });
            }
        }
    }
    Err(JournalError::Busy { path: path.to_owned() })
}

/// Reads whole lines, and returns how many bytes they have. Fails with the line that is no step.
fn parse(text: &[u8]) -> Result<(BTreeMap<String, Entry>, usize), usize> {
    let mut done = BTreeMap::new();
    let mut size = 0;
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        // A line without an end was never finished.
        if !line.ends_with(b"\n") {
            break;
        }
        let entry: Entry = serde_json::from_slice(line).map_err(|_| index + 1)?;
        done.insert(entry.step.clone(), entry);
        size += line.len();
    }
    Ok((done, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(step: &str) -> Entry {
        Entry { step: step.to_owned(), id: format!("id_{step}"), item: None }
    }

    #[tokio::test]
    async fn what_is_recorded_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run_journal.ndjson");
        let journal = Journal::open(&path).await.unwrap();
        let steps = ["clock/01", "customer/001", "customer/002"];
        futures_util::future::try_join_all(steps.map(|step| journal.record(entry(step))))
            .await
            .unwrap();
        drop(journal);
        assert_eq!(Journal::count(&path).unwrap(), 3);
        let journal = Journal::open(&path).await.unwrap();
        assert_eq!(journal.get("customer/002"), Some(entry("customer/002")));
        assert_eq!(journal.get("customer/003"), None);
    }

    #[tokio::test]
    async fn a_torn_last_line_is_ignored_and_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run_journal.ndjson");
        let line = r#"{"step":"clock/01","id":"clock_1"}"#;
        std::fs::write(&path, format!("{line}\n{{\"step\":\"clo")).unwrap();
        let journal = Journal::open(&path).await.unwrap();
        journal.record(entry("clock/02")).await.unwrap();
        drop(journal);
        assert_eq!(Journal::count(&path).unwrap(), 2);
    }

    #[tokio::test]
    async fn a_file_that_is_no_journal_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run_journal.ndjson");
        std::fs::write(&path, "hello\n").unwrap();
        let error = Journal::open(&path).await.unwrap_err();
        assert!(matches!(error, JournalError::Corrupt { line: 1, .. }), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn two_cannot_work_on_one_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run_journal.ndjson");
        let first = Journal::open(&path).await.unwrap();
        assert!(matches!(Journal::open(&path).await, Err(JournalError::Busy { .. })));
        drop(first);
        assert!(Journal::open(&path).await.is_ok());
    }
}
