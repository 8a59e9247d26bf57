//! A file, a line for each event, compressed or not.

use std::fs::{self, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::console::lines;
use super::{Done, Failure};
use crate::{Batch, SinkError};

/// Most messages of an attempt: enough that compressing them as one pays.
const MESSAGES_MAX: usize = 20_000;

/// Most bytes of an attempt.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// Appends to a file.
///
/// Each attempt is one write of whole lines, and of a whole frame where the file is compressed
/// (files of several frames are one file to every program that reads them). What an attempt left
/// of itself when it failed is cut off again. So the file can be read to its end at any time.
#[derive(Debug)]
pub(crate) struct File {
    path: PathBuf,
    format: Format,
    open: Arc<Mutex<Open>>,
}

/// The open file, and how much of it is known to be good.
#[derive(Debug)]
struct Open {
    file: fs::File,
    good_bytes: u64,
}

/// How lines become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Plain,
    Gzip,
    Zstd,
}

impl File {
    pub(crate) fn open(path: &Path) -> Result<Self, SinkError> {
        let failed = |source| SinkError::File { path: path.to_owned(), source };
        let file = OpenOptions::new().append(true).create(true).open(path).map_err(failed)?;
        let good_bytes = file.metadata().map_err(failed)?.len();
        let open = Arc::new(Mutex::new(Open { file, good_bytes }));
        Ok(Self { path: path.to_owned(), format: Format::of(path), open })
    }

    pub(crate) async fn deliver(&mut self, batch: &Batch, from: usize) -> Result<Done, Failure> {
        let end = batch.end_within(from, MESSAGES_MAX, BYTES_MAX);
        let (lines, format, open) = (lines(batch, from, end), self.format, Arc::clone(&self.open));
        let writing = tokio::task::spawn_blocking(move || {
            let bytes = format.encode(lines)?;
            open.lock().unwrap_or_else(PoisonError::into_inner).append(&bytes)
        });
        let doing = || format!("append to {}", self.path.display());
        match writing.await {
            Ok(Ok(())) => Ok(Done::delivered(end - from)),
            Ok(Err(error)) => Err(Failure::of(&doing(), &error)),
            Err(error) => Err(Failure::of(&doing(), &error)),
        }
    }
}

impl Open {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(bytes) {
            // What cannot be cut, as of a pipe, stays.
            drop(self.file.set_len(self.good_bytes));
            return Err(error);
        }
        self.good_bytes = self.file.seek(SeekFrom::End(0)).unwrap_or(self.good_bytes);
        Ok(())
    }
}

impl Format {
    fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Self::Gzip,
            Some("zst") => Self::Zstd,
            _ => Self::Plain,
        }
    }

    fn encode(self, lines: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain => Ok(lines),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(&lines)?;
                encoder.finish()
            }
            Self::Zstd => zstd::encode_all(lines.as_slice(), zstd::DEFAULT_COMPRESSION_LEVEL),
        }
    }
}
