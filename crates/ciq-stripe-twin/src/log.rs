//! The log: every write that was carried out, one JSON line each, appended before its answer goes
//! out. Carried out again in order, they make the same books.

mod line;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

pub(crate) use line::{Line, LoggedSettings, LoggedWrite};

use crate::TwinError;

/// The version of the lines. A log of another is refused.
pub(crate) const LOG_VERSION: u32 = 1;

/// A log that is open for appending. Nobody else can open it meanwhile.
#[derive(Debug)]
pub(crate) struct Log {
    file: File,
}

impl Log {
    /// Opens a log, or makes one, and reads what is in it.
    ///
    /// A last line without an end was being written when the twin was killed: its answer never
    /// went out, and it is cut off.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<Line>), TwinError> {
        let failed = |source| TwinError::Log { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(TwinError::LogInUse(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let mut log = Self { file };
        let (lines, length) = log.read(path)?;
        log.file.set_len(length).map_err(failed)?;
        if lines.is_empty() {
            log.append(&Line::Twin { version: LOG_VERSION }).map_err(failed)?;
        }
        Ok((log, lines))
    }

    /// A log that takes no line.
    #[cfg(test)]
    pub(crate) fn stuck(path: &Path) -> Self {
        Self { file: File::open(path).unwrap() }
    }

    /// Reads all whole lines; returns them and how long they are together.
    fn read(&mut self, path: &Path) -> Result<(Vec<Line>, u64), TwinError> {
        let failed = |source| TwinError::Log { path: path.to_owned(), source };
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut reader = BufReader::new(&self.file);
        let (mut lines, mut length, mut text) = (Vec::new(), 0, Vec::new());
        loop {
            text.clear();
            let count = reader.read_until(b'\n', &mut text).map_err(failed)?;
            if text.last() != Some(&b'\n') {
                break;
            }
            length += count as u64;
            lines.push(line(path, lines.len(), &text)?);
        }
        // A file without one whole line is ours if it is the beginning of our first line.
        let is_ours = !lines.is_empty() || first_line().starts_with(&text);
        if is_ours { Ok((lines, length)) } else { Err(TwinError::NoLog(path.to_owned())) }
    }

    /// Appends a line. It is the operating system's when this returns, so that killing the twin
    /// loses nothing.
    pub(crate) fn append(&mut self, line: &Line) -> std::io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text)
    }
}

fn first_line() -> Vec<u8> {
    serde_json::to_vec(&Line::Twin { version: LOG_VERSION }).unwrap_or_default()
}

/// Reads a line. The first one says of which version the others are.
fn line(path: &Path, index: usize, text: &[u8]) -> Result<Line, TwinError> {
    let path = || -> PathBuf { path.to_owned() };
    if index == 0 {
        let version = line::version(text).ok_or_else(|| TwinError::NoLog(path()))?;
        if version != LOG_VERSION {
            let (found, known) = (version, LOG_VERSION);
            return Err(TwinError::LogVersion { path: path(), found, known });
        }
    }
    serde_json::from_slice(text).map_err(|error| TwinError::LogLine {
        path: path(),
        line: index + 1,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(key: &str) -> Line {
        Line::Write(LoggedWrite {
            method: "POST".to_owned(),
            path: "/v1/customers".to_owned(),
            form: "name=a".to_owned(),
            idempotency_key: Some(key.to_owned()),
            request_id: "req_1".to_owned(),
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            status: 200,
            answer: serde_json::json!({"id": "cus_1"}),
        })
    }

    #[test]
    fn what_was_appended_is_there_when_it_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("twin.ndjson");
        let (mut log, lines) = Log::open(&path).unwrap();
        assert_eq!(lines, []);
        log.append(&write("a")).unwrap();
        drop(log);
        let (_, lines) = Log::open(&path).unwrap();
        assert_eq!(lines, [Line::Twin { version: LOG_VERSION }, write("a")]);
    }

    #[test]
    fn a_torn_last_line_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("twin.ndjson");
        let (mut log, _) = Log::open(&path).unwrap();
        log.append(&write("a")).unwrap();
        log.append(&write("b")).unwrap();
        drop(log);
        let text = fs::read(&path).unwrap();
        fs::write(&path, &text[..text.len() - 5]).unwrap();
        let (mut log, lines) = Log::open(&path).unwrap();
        assert_eq!(lines[1..], [write("a")]);
        log.append(&write("c")).unwrap();
        drop(log);
        assert_eq!(Log::open(&path).unwrap().1[1..], [write("a"), write("c")]);
    }

    #[test]
    fn a_log_of_another_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("twin.ndjson");
        fs::write(&path, "{\"kind\":\"twin\",\"version\":2,\"more\":1}\n{\"kind\":\"new\"}\n")
            .unwrap();
        let error = Log::open(&path).unwrap_err().to_string();
        assert!(error.contains("version 2") && error.contains("version 1"), "{error}");
    }

    #[test]
    fn another_file_is_no_log_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter.txt");
        for text in ["Dear Ann,\n", "Dear Ann,", "{\"kind\":\"write\"}\n"] {
            fs::write(&path, text).unwrap();
            assert!(matches!(Log::open(&path), Err(TwinError::NoLog(_))));
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("twin.ndjson");
        fs::write(&path, "{\"kind\":\"twin\",\"version\":1}\n{}\n").unwrap();
        assert!(matches!(Log::open(&path), Err(TwinError::LogLine { line: 2, .. })));
    }

    #[test]
    fn two_twins_cannot_share_a_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("twin.ndjson");
        let first = Log::open(&path).unwrap();
        assert!(matches!(Log::open(&path), Err(TwinError::LogInUse(_))));
        drop(first);
        assert!(Log::open(&path).is_ok());
    }
}
