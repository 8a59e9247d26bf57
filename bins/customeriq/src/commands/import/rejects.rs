//! Records that were refused: told on standard error, kept in a file.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use ciq_event::Rejection;
use indicatif::ProgressBar;

use crate::output::{Voice, visible};
use crate::table::count;

/// Refusals that are told one by one; the rest is a count.
const TOLD_MAX: u64 = 20;

/// Records that were refused.
#[derive(Debug)]
pub(in crate::commands) struct Rejects {
    path: PathBuf,
    voice: Voice,
    /// Made with the first refusal.
    file: Option<BufWriter<File>>,
    /// Refusals of this input.
    refused_count: u64,
    /// Records kept, of all inputs.
    kept_count: u64,
    failure: Option<io::Error>,
}

impl Rejects {
    /// Makes a list that is kept at `path`, if it is ever needed.
    pub(in crate::commands) fn new(path: PathBuf, voice: Voice) -> Self {
        Self { path, voice, file: None, refused_count: 0, kept_count: 0, failure: None }
    }

    /// Takes a refused record.
    pub(super) fn take(
        &mut self,
        (name, number): (&str, u64),
        rejection: &Rejection,
        record: &[u8],
        bar: &ProgressBar,
    ) {
        self.refused_count += 1;
        if self.refused_count <= TOLD_MAX {
            let line = format!("{name}:{number}: {rejection}");
            bar.suspend(|| self.voice.note(visible(&line)));
        }
        if !record.is_empty() && self.failure.is_none() {
            self.failure = self.keep(record).err();
        }
    }

    /// Ends an input: writes out what is held back, and tells what was not told one by one.
    pub(super) fn finish(&mut self, name: &str) {
        let written = self.file.as_mut().map_or(Ok(()), io::Write::flush);
        let refused_count = std::mem::take(&mut self.refused_count);
        if refused_count > TOLD_MAX {
            let further = count(refused_count - TOLD_MAX);
            self.voice.note(format_args!("{name}: and {further} further refusals"));
        }
        let path = self.path.display();
        if let Some(error) = self.failure.take().or(written.err()) {
            self.voice.warn(format_args!(
                "could not keep refused records in {path}: {error}; `customeriq dead-letters` \
                 lists them"
            ));
        } else if refused_count > 0 && self.kept_count > 0 {
            self.voice.note(format_args!(
                "refused records are in {path}: mend them and import that file"
            ));
        } else if refused_count > 0 {
            self.voice.note("`customeriq dead-letters` lists what was refused");
        }
    }

    /// Returns where refused records are kept, if there are any.
    pub(super) fn path_of_kept(&self) -> Option<PathBuf> {
        (self.kept_count > 0).then(|| self.path.clone())
    }

    fn keep(&mut self, record: &[u8]) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => BufWriter::new(File::create(&self.path)?),
        };
        // Within JSON a line's end is no more than space between words.
        let line: Vec<u8> = record
            .iter()
            .map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte })
            .collect();
        file.write_all(&line)?;
        file.write_all(b"\n")?;
        self.file = Some(file);
        self.kept_count += 1;
        Ok(())
    }
}
