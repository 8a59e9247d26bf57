//! Where `generate` writes, and what is counted on the way.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use ciq_sink::{Batch, SinkSettings};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use crate::exit::Failure;
use crate::feed::Feed;

/// How much is written at once to a file, in bytes.
const BUFFER: usize = 256 * 1024;

/// How hard `.zst` files are compressed: as hard as is quicker than the disk.
const ZSTD_LEVEL: i32 = 3;

/// Where a history goes.
#[derive(Debug)]
pub(crate) enum Target {
    /// To a file or the standard output.
    Text(Box<TextTarget>),
    /// To a sink.
    Feed(Box<Feed>),
}

/// A file or the standard output.
#[derive(Debug)]
pub(crate) struct TextTarget {
    writer: Writer,
    /// The file; none for the standard output.
    path: Option<PathBuf>,
    hash: Sha256,
    size_bytes: u64,
}

/// What came out of a file or the standard output.
#[derive(Debug)]
pub(crate) struct Written {
    /// The lines' SHA-256, before compression.
    pub(crate) sha256: String,
    /// The lines' bytes, before compression.
    pub(crate) size_bytes: u64,
}

enum Writer {
    Plain(Box<dyn Write>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Gzip(_) => "Gzip",
            Self::Zstd(_) => "Zstd",
        })
    }
}

impl Target {
    /// Opens the sink.
    pub(crate) fn feed(settings: SinkSettings) -> Result<Self, Failure> {
        Ok(Self::Feed(Box::new(Feed::open(settings)?)))
    }

    /// Opens a file, or the standard output for `-`.
    pub(crate) fn text(out: &str) -> Result<Self, Failure> {
        let path = (out != "-").then(|| PathBuf::from(out));
        let writer = match &path {
            None => Writer::Plain(Box::new(BufWriter::with_capacity(BUFFER, io::stdout()))),
            Some(path) => Writer::open(path).map_err(Failure::file("write", path))?,
        };
        let text = TextTarget { writer, path, hash: Sha256::new(), size_bytes: 0 };
        Ok(Self::Text(Box::new(text)))
    }
}

impl TextTarget {
    /// Tells whether it is the standard output.
    pub(crate) fn is_stdout(&self) -> bool {
        self.path.is_none()
    }

    /// Writes lines.
    pub(crate) fn write(&mut self, lines: &[u8]) -> Result<(), Failure> {
        self.hash.update(lines);
        self.size_bytes += lines.len() as u64;
        let written = match &mut self.writer {
            Writer::Plain(writer) => writer.write_all(lines),
            Writer::Gzip(writer) => writer.write_all(lines),
            Writer::Zstd(writer) => writer.write_all(lines),
        };
        written.map_err(of_path(self.path.as_deref()))
    }

    /// Writes what is held back.
    pub(crate) fn finish(self) -> Result<Written, Failure> {
        let flushed = match self.writer {
            Writer::Plain(mut writer) => writer.flush(),
            Writer::Gzip(writer) => writer.finish().and_then(|mut writer| writer.flush()),
            Writer::Zstd(writer) => writer.finish().and_then(|mut writer| writer.flush()),
        };
        flushed.map_err(of_path(self.path.as_deref()))?;
        let sha256 = self.hash.finalize().iter().flat_map(|byte| hex(*byte)).collect();
        Ok(Written { sha256, size_bytes: self.size_bytes })
    }
}

fn hex(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0'))
}

fn of_path(path: Option<&Path>) -> impl Fn(io::Error) -> Failure {
    move |source| match path {
        None => Failure::Output(source),
        Some(path) => Failure::File { doing: "write", path: path.to_owned(), source },
    }
}

impl Writer {
    fn open(path: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER, File::create(path)?);
        Ok(match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Self::Gzip(GzEncoder::new(file, Compression::default())),
            Some("zst") => Self::Zstd(zstd::Encoder::new(file, ZSTD_LEVEL)?),
            _ => Self::Plain(Box::new(file)),
        })
    }
}

/// Hands a batch over and begins a new one.
pub(crate) fn hand_over(feed: &Feed, batch: &mut Batch) -> Result<(), Failure> {
    if batch.is_empty() { Ok(()) } else { feed.send(std::mem::take(batch)) }
}
