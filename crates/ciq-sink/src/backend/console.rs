//! The standard output, a line for each event.

use std::io::{self, Write as _};

use super::{Done, Failure};
use crate::Batch;

/// Most messages of an attempt: keeps the lock on the output short.
const MESSAGES_MAX: usize = 10_000;

/// Most bytes of an attempt.
const BYTES_MAX: usize = 1024 * 1024;

/// Writes to the standard output. Once nobody reads it any more, the rest is refused.
#[derive(Debug, Default)]
pub(crate) struct Console {
    is_closed: bool,
}

impl Console {
    pub(crate) async fn deliver(&mut self, batch: &Batch, from: usize) -> Result<Done, Failure> {
        if self.is_closed {
            return Ok(unread(batch.len() - from));
        }
        let end = batch.end_within(from, MESSAGES_MAX, BYTES_MAX);
        let lines = lines(batch, from, end);
        // A pipe may be full for long.
        let written = tokio::task::spawn_blocking(move || write(&lines)).await;
        match written {
            Ok(Ok(())) => Ok(Done::delivered(end - from)),
            Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(unread(batch.len() - from))
            }
            // What was written of it is not known, and half a line is worse than none.
            Ok(Err(error)) => {
                let reason = Failure::of("write to the standard output", &error).reason;
                Ok(Done::refused(end - from, reason))
            }
            Err(error) => Err(Failure::of("write to the standard output", &error)),
        }
    }
}

fn write(lines: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(lines)?;
    output.flush()
}

fn unread(count: usize) -> Done {
    Done::refused(count, "nobody reads the standard output any more".to_owned())
}

/// Returns the bodies of some messages, each with a line break.
pub(super) fn lines(batch: &Batch, from: usize, end: usize) -> Vec<u8> {
    let size = (from..end).map(|index| batch.body_place(index).len() + 1).sum();
    let mut lines = Vec::with_capacity(size);
    for message in batch.range(from..end) {
        lines.extend_from_slice(message.body);
        lines.push(b'\n');
    }
    lines
}
