//! Dead letters, tried again or dropped, for the API and the pages.

use std::sync::Arc;

use ciq_event::Brand;
use ciq_ingest::Retried;
use ciq_store::DeadLetterFilter;

use crate::state::off_thread;
use crate::{AppState, Problem};

/// Dead letters of one reason that are dealt with at once: a few seconds' work.
pub const LETTERS_MAX: u32 = 10_000;

/// Which dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Letters {
    /// The one with this id.
    One(String),
    /// Up to [`LETTERS_MAX`] of those that a filter lets through, the earliest first.
    Of(DeadLetterFilter),
}

impl AppState {
    /// Tries dead letters of a brand again: what can be stored by now is stored, and is no dead
    /// letter any more.
    pub async fn retry_dead_letters(
        &self,
        brand: &Brand,
        letters: Letters,
    ) -> Result<Retried, Problem> {
        let ids = self.dead_letter_ids(brand, letters).await?;
        let (brands, brand) = (Arc::clone(self.brands()), brand.clone());
        off_thread(move || match brands.find(&brand)? {
            Some(handle) => Ok(handle.retry_dead_letters(&ids)?),
            None => Ok(Retried::default()),
        })
        .await?
    }

    /// Drops dead letters of a brand for ever, and returns how many.
    pub async fn drop_dead_letters(&self, brand: &Brand, letters: Letters) -> Result<u64, Problem> {
        let ids = self.dead_letter_ids(brand, letters).await?;
        let dropped = self.write(brand, move |writer, _| writer.drop_dead_letters(&ids)).await?;
        Ok(dropped.unwrap_or_default() as u64)
    }

    async fn dead_letter_ids(
        &self,
        brand: &Brand,
        letters: Letters,
    ) -> Result<Vec<String>, Problem> {
        match letters {
            Letters::One(id) => {
                let named = id.clone();
                let found = self.read(brand, move |reader| reader.dead_letter(&named)).await?;
                found.flatten().map(|_| vec![id]).ok_or_else(|| Problem::not_found("dead letter"))
            }
            Letters::Of(filter) => {
                let find =
                    move |reader: &ciq_store::Reader| reader.dead_letter_ids(&filter, LETTERS_MAX);
                Ok(self.read(brand, find).await?.unwrap_or_default())
            }
        }
    }
}
