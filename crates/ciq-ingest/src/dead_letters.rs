//! Dead letters tried again: through the same way as what has just come.

use std::sync::Arc;

use ciq_engine::{Entry, EntryOutcome, EventOutcome, prepare};
use ciq_store::{Reader, StoreError};

use crate::{BrandHandle, IngestError};

/// Dead letters that are tried at once: each may be as large as a message.
const BATCH: usize = 200;

/// What came of trying dead letters again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retried {
    /// They are stored now, and no dead letters any more.
    pub stored_count: u64,
    /// They were stored before, and are no dead letters any more.
    pub duplicate_count: u64,
    /// They were refused again, and stay.
    pub refused_count: u64,
}

impl BrandHandle {
    /// Stores those dead letters that can be stored by now, and drops them from the dead letters.
    /// Should it end in between, the same again finds them stored. An id that names nothing is
    /// passed over. Blocks.
    pub fn retry_dead_letters(&self, ids: &[String]) -> Result<Retried, IngestError> {
        let mut retried = Retried::default();
        for ids in ids.chunks(BATCH) {
            self.retry_batch(ids, &mut retried)?;
        }
        Ok(retried)
    }

    fn retry_batch(&self, ids: &[String], retried: &mut Retried) -> Result<(), IngestError> {
        let read = |reader: &Reader| self.entries_of(reader, ids);
        let tried = self.readers().read(read).map_err(|it| IngestError::Store(Arc::new(it)))?;
        let (tried, entries): (Vec<String>, Vec<Entry>) = tried.into_iter().unzip();
        let outcomes = self.submit(entries).wait().map_err(|refused| refused.error)?;
        let mut done = Vec::new();
        for (id, outcome) in tried.into_iter().zip(&outcomes) {
            let counted = match became(outcome) {
                Became::Stored => &mut retried.stored_count,
                Became::Duplicate => &mut retried.duplicate_count,
                Became::Refused => {
                    retried.refused_count += 1;
                    continue;
                }
            };
            *counted += 1;
            done.push(id);
        }
        self.write_blocking(move |writer| writer.drop_dead_letters(&done))?;
        Ok(())
    }

    /// What is there of these dead letters: somebody else may have dropped some meanwhile.
    fn entries_of(
        &self,
        reader: &Reader,
        ids: &[String],
    ) -> Result<Vec<(String, Entry)>, StoreError> {
        let mut tried = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(letter) = reader.dead_letter(id)? else { continue };
            let entry = prepare(letter.message(), self.settings());
            tried.push((letter.id, entry));
        }
        Ok(tried)
    }
}

/// What became of a message as a whole.
enum Became {
    Stored,
    Duplicate,
    Refused,
}

/// A message of which anything is stored is in the log, and no dead letter.
fn became(outcome: &EntryOutcome) -> Became {
    let EntryOutcome::Events(events) = outcome else { return Became::Refused };
    if events.iter().any(|event| matches!(event, EventOutcome::Stored { .. })) {
        Became::Stored
    } else if events.iter().any(|event| matches!(event, EventOutcome::Refused { .. })) {
        Became::Refused
    } else {
        Became::Duplicate
    }
}
