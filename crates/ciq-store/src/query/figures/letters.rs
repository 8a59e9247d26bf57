//! Dead letters as a person looks through them: by reason, and with the beginning of what came.

use crate::query::{DeadLetter, rfc3339};
use crate::sql::{Row, params};
use crate::{PageRequest, Reader, StoreError, sql};

/// Of how many dead letters, the latest, the reasons are counted.
const GROUPED_MAX: u32 = 10_000;

/// Reasons that are told apart.
const GROUPS_MAX: u32 = 50;

/// Bytes of what came that are shown.
const EXCERPT_BYTES: usize = 400;

/// Which dead letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterFilter {
    /// With this field at fault only.
    pub field: Option<String>,
    /// For this reason only.
    pub reason: Option<String>,
}

/// Dead letters of one reason, among the latest ten thousand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterGroup {
    /// The field at fault.
    pub field: String,
    /// Why.
    pub reason: String,
    /// How many.
    pub letter_count: i64,
    /// How often they arrived.
    pub arrival_count: i64,
    /// When the last one arrived first.
    pub last_at: Option<String>,
}

/// A dead letter and the beginning of what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterExcerpt {
    /// The dead letter.
    pub letter: DeadLetter,
    /// The beginning of what came, as text; what is no text is there as a replacement character.
    pub excerpt: String,
    /// Whether more came.
    pub is_cut: bool,
}

impl Reader {
    /// Returns the reasons for which messages became dead letters, the most frequent first.
    pub fn dead_letter_groups(&self) -> Result<Vec<DeadLetterGroup>, StoreError> {
        const SQL: &str = "SELECT field, reason, count(*), sum(arrival_count), max(received_at)
            FROM (SELECT field, reason, arrival_count, received_at FROM dead_letter
                ORDER BY key DESC LIMIT ?1) AS latest
            GROUP BY field, reason ORDER BY count(*) DESC, field, reason LIMIT ?2";
        let doing = StoreError::doing("count dead letters by reason");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map([GROUPED_MAX, GROUPS_MAX], |row| {
                Ok(DeadLetterGroup {
                    field: row.get(0)?,
                    reason: row.get(1)?,
                    letter_count: row.get(2)?,
                    arrival_count: row.get(3)?,
                    last_at: rfc3339(row.get(4)?),
                })
            })
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// Returns a page of dead letters with the beginning of what came, the latest first, and the
    /// cursor of the next. A cursor that names nothing gives an empty page.
    pub fn dead_letter_excerpts(
        &self,
        filter: &DeadLetterFilter,
        page: &PageRequest,
    ) -> Result<(Vec<DeadLetterExcerpt>, Option<String>), StoreError> {
        const SQL: &str = "SELECT 'ded_' || lower(hex(id)), form, field, reason, arrival_count,
                received_at, substr(body, 1, ?5), length(body) > ?5
            FROM dead_letter
            WHERE (?2 IS NULL
                    OR key < (SELECT key FROM dead_letter WHERE id = unhex(substr(?2, 5))))
                AND (?3 IS NULL OR field = ?3) AND (?4 IS NULL OR reason = ?4)
            ORDER BY key DESC LIMIT ?1";
        let doing = StoreError::doing("list dead letters");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let (size, bytes) = (page.size(), i64::try_from(EXCERPT_BYTES).unwrap_or(i64::MAX));
        let given = params![size + 1, page.cursor, filter.field, filter.reason, bytes];
        let rows = statement.query_map(given, excerpt_of).map_err(&doing)?;
        let mut data: Vec<_> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let next_cursor = page.cut(&mut data, |last: &DeadLetterExcerpt| &last.letter.id);
        Ok((data, next_cursor))
    }

    /// Returns the ids of dead letters, the earliest first.
    pub fn dead_letter_ids(
        &self,
        filter: &DeadLetterFilter,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT 'ded_' || lower(hex(id)) FROM dead_letter
            WHERE (?1 IS NULL OR field = ?1) AND (?2 IS NULL OR reason = ?2)
            ORDER BY key LIMIT ?3";
        let doing = StoreError::doing("find dead letters");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let given = params![filter.field, filter.reason, limit];
        let rows = statement.query_map(given, |row| row.get(0)).map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }
}

fn excerpt_of(row: &Row<'_>) -> sql::Result<DeadLetterExcerpt> {
    let body: Vec<u8> = row.get(6)?;
    let is_cut = row.get(7)?;
    Ok(DeadLetterExcerpt {
        letter: DeadLetter {
            id: row.get(0)?,
            form: row.get(1)?,
            field: row.get(2)?,
            reason: row.get(3)?,
            arrival_count: row.get(4)?,
            received_at: rfc3339(row.get(5)?),
        },
        excerpt: text_of(&body, is_cut),
        is_cut,
    })
}

/// The text that some bytes are. Where they were cut within a character, without its beginning.
fn text_of(bytes: &[u8], is_cut: bool) -> String {
    match std::str::from_utf8(bytes) {
        Err(error) if is_cut && error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            String::from_utf8_lossy(whole).into_owned()
        }
        Ok(_) | Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_ends_with_a_whole_character() {
        assert_eq!(text_of("aé".as_bytes(), false), "aé");
        assert_eq!(text_of(&"aé".as_bytes()[..2], true), "a");
        assert_eq!(text_of(b"a\xffb", false), "a\u{fffd}b");
    }
}
