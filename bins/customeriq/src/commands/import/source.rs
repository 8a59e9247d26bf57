//! Where records come from: files and standard input, plain or gzipped.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::time::Duration;

use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::exit::Failure;
use crate::output::Voice;

/// How a gzipped stream begins (RFC 1952).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Bytes read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// How often the bar moves while nothing is told.
const TICK: Duration = Duration::from_millis(200);

/// Opens an input and a bar that follows what is read of it.
pub(in crate::commands) fn open(
    path: &Path,
    voice: Voice,
) -> Result<(Box<dyn BufRead>, ProgressBar), Failure> {
    let doing = Failure::file("read", path);
    if super::is_stdin(path) {
        let bar = progress_bar(voice, None);
        let input = bar.wrap_read(io::stdin());
        return Ok((unzipped(input).map_err(doing)?, bar));
    }
    let file = File::open(path).map_err(&doing)?;
    // The length of a pipe or a device says nothing.
    let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|it| it.len());
    let bar = progress_bar(voice, length);
    let input = bar.wrap_read(file);
    Ok((unzipped(input).map_err(doing)?, bar))
}

/// Unzips what begins like a gzipped stream, whatever its name.
fn unzipped(input: impl Read + 'static) -> io::Result<Box<dyn BufRead>> {
    let mut input = BufReader::with_capacity(BUFFER_BYTES, input);
    if input.fill_buf()?.starts_with(&GZIP_MAGIC) {
        let unzipped = MultiGzDecoder::new(input);
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, unzipped)));
    }
    Ok(Box::new(input))
}

/// Makes a bar over a number of bytes; one that shows nothing, where no person watches.
pub(in crate::commands) fn progress_bar(voice: Voice, length: Option<u64>) -> ProgressBar {
    if !voice.is_lively() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    let template = if length.is_some() {
        "{spinner} {wide_bar} {bytes}/{total_bytes}  {msg}  {eta} left"
    } else {
        "{spinner} {bytes}  {msg}  {elapsed}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}
