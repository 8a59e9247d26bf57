//! Why a twin cannot be had or goes no further.

use std::io;
use std::path::PathBuf;

/// Why a twin cannot be had or goes no further.
#[derive(Debug, thiserror::Error)]
pub enum TwinError {
    /// The log cannot be read or written.
    #[error("could not use the twin's log {}", path.display())]
    Log {
        /// The log.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another twin is at work on the log.
    #[error("the twin's log {} is in use by another twin: end that one, or name another file", .0.display())]
    LogInUse(PathBuf),
    /// The file is something else.
    #[error("{} is no log of a twin: name another file", .0.display())]
    NoLog(PathBuf),
    /// The log was written by a program of another version.
    #[error(
        "the twin's log {} is of version {found}, and this program reads version {known}: use the \
         program that wrote it, or begin a new log",
        path.display()
    )]
    LogVersion {
        /// The log.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version that this program writes.
        known: u32,
    },
    /// A line in the middle is damaged.
    #[error("line {line} of the twin's log {} cannot be read: {reason}", path.display())]
    LogLine {
        /// The log.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A write in the log now has another answer.
    #[error(
        "line {line} of the twin's log {} has another answer now: a twin of another version wrote \
         it; use that one, or begin a new log",
        path.display()
    )]
    LogDiffers {
        /// The log.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The record of requests cannot be written.
    #[error("could not open the record of requests {}", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The webhook's address cannot be used.
    #[error("the webhook's address {url} cannot be used: {reason}")]
    Webhook {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Serving ended early.
    #[error("could not serve")]
    Serve(#[source] io::Error),
}
