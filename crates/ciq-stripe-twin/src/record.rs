//! The record: every request as it came, one JSON line each, for those who check requests.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::TwinError;
use crate::reply::Reply;
use crate::request::Request;

/// A record that is open for appending.
#[derive(Debug)]
pub(crate) struct Record(Mutex<File>);

/// One line of the record.
#[derive(Debug, Serialize)]
struct Line<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    body: &'a str,
    idempotency_key: Option<&'a str>,
    status: u16,
    fault: Option<&'a str>,
}

impl Record {
    /// Opens a record, or makes one.
    pub(crate) fn open(path: &Path) -> Result<Self, TwinError> {
        let failed = |source| TwinError::Record { path: path.to_owned(), source };
        let file = OpenOptions::new().append(true).create(true).open(path).map_err(failed)?;
        Ok(Self(Mutex::new(file)))
    }

    /// Adds a request. A record that cannot be written stops nothing.
    pub(crate) fn add(&self, request: &Request, reply: &Reply) {
        let line = Line {
            method: &request.method,
            path: &request.path,
            query: &request.query,
            body: &request.body,
            idempotency_key: request.idempotency_key.as_deref(),
            status: reply.status,
            fault: reply.fault,
        };
        let written = serde_json::to_vec(&line).map_err(Into::into).and_then(|mut text| {
            text.push(b'\n');
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&text)
        });
        if let Err(error) = written {
            tracing::warn!(%error, "a request could not be recorded");
        }
    }
}
