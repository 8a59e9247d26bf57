//! Import: records from a file or a stream, through the one way in.

use std::io::{BufRead, Read};
use std::sync::Arc;
use std::time::Duration;

use ciq_engine::{Entry, EntryOutcome, EventOutcome, prepare};
use ciq_event::{Message, Rejection, WireForm, split, unwrap_record};
use jiff::Timestamp;

use crate::{BrandHandle, Clock, IngestError, Pipeline, Settled, pause};

/// Records of the first batch: small, so that progress shows at once. Each next one is twice as
/// large, up to [`BATCH_RECORDS_MAX`].
const BATCH_RECORDS_FIRST: usize = 500;

/// Most records per batch. See `docs/benchmarks.md`: from here on larger batches gain little.
const BATCH_RECORDS_MAX: usize = 7_000;

/// Bytes per batch: bounds memory whatever the size of a record.
const BATCH_BYTES: usize = 12 * 1024 * 1024;

/// Most bytes of one record.
const RECORD_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Most bytes of a file that is one JSON array or object, which is read whole.
const WHOLE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// How long to wait before storing is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What an import did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Records read.
    pub record_count: u64,
    /// Events stored.
    pub stored_count: u64,
    /// Events that were stored before, or erased.
    pub duplicate_count: u64,
    /// Records or events that were refused.
    pub rejected_count: u64,
    /// Bytes read, after decompression.
    pub byte_count: u64,
}

/// Who is told how an import goes.
pub trait ImportObserver {
    /// A batch is stored.
    fn progress(&mut self, report: &ImportReport);

    /// A record was refused: its number, counted from 1, which is its line in NDJSON.
    fn rejected(&mut self, record_number: u64, rejection: &Rejection, record: &[u8]);

    /// Storing failed and is tried again. Return `false` to give up.
    fn waiting(&mut self, error: &IngestError) -> bool;
}

/// Why an import ended early. What was stored stays; the same input again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input cannot be read.
    #[error("could not read the input")]
    Read(#[from] std::io::Error),
    /// The file is one JSON value and broken.
    #[error("input is not readable: {0}")]
    Broken(Rejection),
    /// Storing failed for good, or nobody wanted to wait.
    #[error("could not store")]
    Store(#[from] IngestError),
}

/// An import into one brand.
#[derive(Debug)]
pub struct Importer<'a> {
    handle: &'a Arc<BrandHandle>,
    clock: &'a dyn Clock,
    form: Option<WireForm>,
    report: ImportReport,
}

/// A record and its number: its line in NDJSON, its place in an array.
type Numbered = (u64, Vec<u8>);

/// What an import has to know of a batch again once it is stored.
#[derive(Debug)]
struct Numbers {
    /// Each entry's record number.
    numbers: Vec<u64>,
    /// The records that were refused before storing.
    refused: Vec<Numbered>,
}

impl<'a> Importer<'a> {
    /// Makes an import. With a form, every record is a body of that form; without, each tells or
    /// shows its own.
    pub fn new(handle: &'a Arc<BrandHandle>, clock: &'a dyn Clock, form: Option<WireForm>) -> Self {
        Self { handle, clock, form, report: ImportReport::default() }
    }

    /// Reads records until the input ends: NDJSON, a JSON array, or one JSON object. Records that
    /// are refused are told to the observer and kept as dead letters; the others go on.
    pub fn run(
        mut self,
        input: &mut dyn BufRead,
        observer: &mut dyn ImportObserver,
    ) -> Result<ImportReport, ImportError> {
        let mut pipeline = Pipeline::new(Arc::clone(self.handle));
        let mut whole = whole_records(input)?.map(|records| (1..).zip(records));
        let mut line_count = 0;
        let mut size = BATCH_RECORDS_FIRST;
        loop {
            let records = match &mut whole {
                Some(records) => take_batch(records, size),
                None => read_batch(input, size, &mut line_count)?,
            };
            size = (size * 2).min(BATCH_RECORDS_MAX);
            let mut retry = |error: &IngestError| {
                let goes_on = observer.waiting(error);
                if goes_on {
                    pause(RETRY_AFTER);
                }
                goes_on
            };
            let is_end = records.is_empty();
            let settled = if is_end {
                pipeline.finish(&mut retry)?
            } else {
                let (entries, numbers) = self.prepare(records);
                pipeline.push(entries, numbers, &mut retry)?
            };
            for Settled { tag, outcomes } in settled {
                self.report(&tag, &outcomes, observer);
            }
            if is_end {
                return Ok(self.report);
            }
        }
    }

    /// Parses a batch, while the one before it is being stored. Keeps the bytes of those records
    /// that are refused already.
    fn prepare(&mut self, records: Vec<Numbered>) -> (Vec<Entry>, Numbers) {
        let now = self.clock.now();
        let mut entries = Vec::with_capacity(records.len());
        let mut tag = Numbers { numbers: Vec::with_capacity(records.len()), refused: Vec::new() };
        for (number, record) in records {
            self.report.record_count += 1;
            self.report.byte_count += record.len() as u64;
            let entry = match self.message_of(&record, now) {
                Ok(message) => prepare(message, self.handle.settings()),
                Err(rejection) => {
                    let form = self.form.clone().unwrap_or(WireForm::Envelope);
                    let message = Arc::new(Message::new(form, record.as_slice(), now));
                    Entry::Rejected { message, rejection }
                }
            };
            if matches!(entry, Entry::Rejected { .. }) {
                tag.refused.push((number, record));
            }
            entries.push(entry);
            tag.numbers.push(number);
        }
        (entries, tag)
    }

    fn message_of(&self, record: &[u8], now: Timestamp) -> Result<Message, Rejection> {
        if record.len() > RECORD_BYTES_MAX {
            let limit = format!("larger than {} MiB: split it", RECORD_BYTES_MAX >> 20);
            return Err(Rejection::new("body", limit));
        }
        match &self.form {
            Some(form) => Ok(Message::new(form.clone(), record, now)),
            None => unwrap_record(record, now),
        }
    }

    fn report(
        &mut self,
        Numbers { numbers, refused }: &Numbers,
        outcomes: &[EntryOutcome],
        observer: &mut dyn ImportObserver,
    ) {
        for (number, outcome) in numbers.iter().zip(outcomes) {
            self.count(outcome);
            if let Some(rejection) = rejection_of(outcome) {
                let held = refused.iter().find(|(held, _)| held == number);
                observer.rejected(*number, rejection, held.map_or(&[], |(_, bytes)| bytes));
            }
        }
        observer.progress(&self.report);
    }

    fn count(&mut self, outcome: &EntryOutcome) {
        match outcome {
            EntryOutcome::Rejected(_) => self.report.rejected_count += 1,
            EntryOutcome::Events(events) => {
                for event in events {
                    match event {
                        EventOutcome::Stored { .. } => self.report.stored_count += 1,
                        EventOutcome::Duplicate { .. } => self.report.duplicate_count += 1,
                        EventOutcome::Refused { .. } => self.report.rejected_count += 1,
                    }
                }
            }
        }
    }
}

fn rejection_of(outcome: &EntryOutcome) -> Option<&Rejection> {
    match outcome {
        EntryOutcome::Rejected(rejection) => Some(rejection),
        EntryOutcome::Events(events) => events.iter().find_map(|event| match event {
            EventOutcome::Refused { rejection, .. } => Some(rejection),
            EventOutcome::Stored { .. } | EventOutcome::Duplicate { .. } => None,
        }),
    }
}

/// Reads the input whole where it is one JSON value: an array, or an object over many lines.
fn whole_records(input: &mut dyn BufRead) -> Result<Option<Vec<Vec<u8>>>, ImportError> {
    let start = input.fill_buf()?;
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let first_line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_array = first_line.first() == Some(&b'[');
    let is_open_object = first_line.first() == Some(&b'{')
        && first_line.len() < start.len()
        && !first_line.trim_ascii_end().ends_with(b"}");
    if !is_array && !is_open_object {
        return Ok(None);
    }
    let mut whole = Vec::new();
    input.take(WHOLE_BYTES_MAX).read_to_end(&mut whole)?;
    let records = split(&whole).map_err(ImportError::Broken)?;
    Ok(Some(records.into_iter().map(<[u8]>::to_vec).collect()))
}

fn take_batch(records: &mut dyn Iterator<Item = Numbered>, record_max: usize) -> Vec<Numbered> {
    let mut batch = Vec::new();
    let mut byte_count = 0;
    while batch.len() < record_max && byte_count < BATCH_BYTES {
        let Some(record) = records.next() else { break };
        byte_count += record.1.len();
        batch.push(record);
    }
    batch
}

/// Reads lines up to a batch. Blank ones count but are no records. A line beyond the limit is cut
/// just past it, and refused later.
fn read_batch(
    input: &mut dyn BufRead,
    record_max: usize,
    line_count: &mut u64,
) -> std::io::Result<Vec<Numbered>> {
    let mut batch = Vec::new();
    let mut byte_count = 0;
    while batch.len() < record_max && byte_count < BATCH_BYTES {
        let mut line = Vec::new();
        let limit = RECORD_BYTES_MAX as u64 + 1;
        if Read::take(&mut *input, limit).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        *line_count += 1;
        if line.len() > RECORD_BYTES_MAX && line.last() != Some(&b'\n') {
            skip_line(input)?;
        }
        let record = line.trim_ascii();
        if !record.is_empty() {
            byte_count += record.len();
            batch.push((*line_count, record.to_vec()));
        }
    }
    Ok(batch)
}

fn skip_line(input: &mut dyn BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let found = buffer.iter().position(|byte| *byte == b'\n');
        let used = found.map_or(buffer.len(), |at| at + 1);
        input.consume(used);
        if found.is_some() {
            return Ok(());
        }
    }
}
