//! The pages on their way, and how a killed migration goes on: each page is committed in order of
//! the table's key, so that the last row of the copy says where it was.

use ciq_event::Brand;

use super::tables::{Pages, TABLES, Table, figures, row_counts};
use super::{MigrateProgress, MigrateStep, numbers, search};
use crate::sql::{Connection, OptionalExtension as _, Value, params_from_iter};
use crate::{Location, Reader, StoreError, Writer, sql};

/// Rows of a page, at first and at most. How many it is follows from how large they are.
const ROWS_FIRST: usize = 1_000;
const ROWS_MAX: usize = 10_000;
const ROWS_MIN: usize = 20;

/// Bytes of a page from which on the next one is half as many rows.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// What the mark of a copy says that turned out to be wrong.
const GIVEN_UP: &str = "given up";

/// What is carried over, as it was when this began.
pub(super) struct Source<'r> {
    reader: &'r Reader,
    row_counts: Vec<(&'static str, u64)>,
    figures: Vec<i64>,
}

impl<'r> Source<'r> {
    /// Notes what there is.
    pub(super) fn look_at(reader: &'r Reader) -> Result<Self, StoreError> {
        let figures = figures_of(reader)?;
        Ok(Self { reader, row_counts: row_counts(&reader.connection)?, figures })
    }

    pub(super) fn reader(&self) -> &Reader {
        self.reader
    }

    pub(super) fn row_counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.row_counts.iter().copied()
    }

    /// Tells whether somebody has written since.
    pub(super) fn has_changed(&self) -> Result<bool, StoreError> {
        Ok(figures_of(self.reader)? != self.figures
            || row_counts(&self.reader.connection)? != self.row_counts)
    }

    /// Says which source it is, and as of when.
    fn mark(&self) -> Result<String, StoreError> {
        let mut hasher = blake3::Hasher::new();
        for figure in &self.figures {
            hasher.update(&figure.to_le_bytes());
        }
        for (_, count) in &self.row_counts {
            hasher.update(&count.to_le_bytes());
        }
        Ok(format!("{} {}", self.reader.file_id()?, hasher.finalize().to_hex()))
    }

    fn connection(&self) -> &Connection {
        &self.reader.connection
    }
}

fn figures_of(reader: &Reader) -> Result<Vec<i64>, StoreError> {
    figures(&reader.connection).map_err(StoreError::doing("look whether somebody writes"))
}

/// A copy that is being made.
pub(super) struct Copying {
    writer: Writer,
    row_count: u64,
}

impl Copying {
    /// Begins a copy, or goes on with one of the same source as it is now. Any other one goes.
    pub(super) fn begin(
        place: &Location,
        brand: &Brand,
        source: &Source<'_>,
    ) -> Result<Self, StoreError> {
        let mark = source.mark()?;
        let is_known = match mark_of(place)? {
            Some(found) => found == mark,
            None => false,
        };
        if !is_known {
            remove(place)?;
        }
        let mut writer = Writer::open(place, brand)?;
        if !is_known {
            start(&writer.connection, source, &mark)
                .map_err(StoreError::doing("begin the copy"))?;
        }
        writer.pace(ROWS_MAX)?;
        let row_count = row_counts(&writer.connection)?.iter().map(|(_, count)| count).sum();
        Ok(Self { writer, row_count })
    }

    pub(super) fn location(&self) -> &Location {
        self.writer.location()
    }

    pub(super) fn row_count(&self) -> u64 {
        self.row_count
    }

    pub(super) fn progress(&self, source: &Source<'_>) -> MigrateProgress {
        let row_total = source.row_counts().map(|(_, count)| count).sum();
        MigrateProgress { step: MigrateStep::Comparing, row_count: self.row_count, row_total }
    }

    /// Copies what is not there yet. Tells whether nobody wrote meanwhile; it ends early then.
    pub(super) fn run(
        &mut self,
        source: &Source<'_>,
        progress: &mut dyn FnMut(MigrateProgress),
    ) -> Result<bool, StoreError> {
        let doing = StoreError::doing("copy the tables");
        for table in &TABLES {
            let step = MigrateStep::Table(table.name);
            let mut pages = Copied::of(&self.writer.connection, source, table).map_err(&doing)?;
            loop {
                progress(MigrateProgress { step, ..self.progress(source) });
                let count = pages.copy_one(&self.writer.connection, source).map_err(&doing)?;
                if count == 0 {
                    break;
                }
                self.row_count += count;
                if figures_of(source.reader)? != source.figures {
                    return Ok(false);
                }
            }
        }
        search::index_customers(&self.writer.connection)
            .map_err(StoreError::doing("make the search index"))?;
        numbers::carry_over(source.connection(), &self.writer.connection)
            .map_err(StoreError::doing("carry the numbers over"))?;
        Ok(true)
    }

    /// Notes that the next attempt has to begin anew.
    pub(super) fn give_up(&self) -> Result<(), StoreError> {
        self.writer
            .connection
            .execute("UPDATE meta SET value = ?1 WHERE name = 'migration'", [GIVEN_UP])
            .map(drop)
            .map_err(StoreError::doing("give the copy up"))
    }

    /// Makes the copy one like any other.
    pub(super) fn finish(self) -> Result<(), StoreError> {
        self.writer
            .connection
            .execute("DELETE FROM meta WHERE name = 'migration'", [])
            .map_err(StoreError::doing("finish the copy"))?;
        self.writer.checkpoint()
    }
}

/// A table on its way.
struct Copied<'t> {
    table: &'t Table,
    pages: Pages,
    insert: String,
    after: Option<Vec<Value>>,
    row_count: usize,
}

impl<'t> Copied<'t> {
    fn of(target: &Connection, source: &Source<'_>, table: &'t Table) -> sql::Result<Self> {
        let pages = Pages::of(source.connection(), table)?;
        let after = pages.last_key(target)?;
        let given: Vec<String> = (1..=pages.columns.len()).map(|at| format!("?{at}")).collect();
        let insert = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            table.name,
            pages.columns.join(", "),
            given.join(", ")
        );
        Ok(Self { table, pages, insert, after, row_count: ROWS_FIRST })
    }

    /// Copies the next page, and tells how many rows it had.
    fn copy_one(&mut self, target: &Connection, source: &Source<'_>) -> sql::Result<u64> {
        let rows = self.pages.read(source.connection(), self.after.as_deref(), self.row_count)?;
        let Some(last) = rows.last() else { return Ok(0) };
        self.after = Some(self.pages.key_of(last));
        self.pace(&rows);
        let count = rows.len() as u64;
        let transaction = target.transaction()?;
        search::index_texts(&transaction, self.table.name, &self.pages.columns, &rows)?;
        let mut insert = transaction.prepare_many(&self.insert)?;
        for row in rows {
            insert.push(params_from_iter(row))?;
        }
        insert.finish()?;
        transaction.commit()?;
        Ok(count)
    }

    /// Chooses how many rows the next page has: messages may be long.
    fn pace(&mut self, rows: &[Vec<Value>]) {
        let bytes: usize = rows.iter().flatten().map(bytes_of).sum();
        self.row_count = match bytes {
            BYTES_MAX.. => (self.row_count / 2).max(ROWS_MIN),
            _ if bytes < BYTES_MAX / 4 => (self.row_count * 2).min(ROWS_MAX),
            _ => self.row_count,
        };
    }
}

fn bytes_of(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 8,
    }
}

/// Empties what every new database has, and notes whose copy it will be.
fn start(target: &Connection, source: &Source<'_>, mark: &str) -> sql::Result<()> {
    const OWN: &str = "SELECT name, value FROM meta WHERE name <> 'schema_version'";
    const ADD: &str = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let mut statement = source.connection().prepare_cached(OWN)?;
    let pairs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let pairs: Vec<(String, String)> = pairs.collect::<sql::Result<_>>()?;
    let transaction = target.transaction()?;
    transaction.execute("DELETE FROM meta WHERE name <> 'schema_version'", [])?;
    transaction.execute("DELETE FROM currency", [])?;
    let mut insert = transaction.prepare_many(ADD)?;
    for (name, value) in &pairs {
        insert.push([name.as_str(), value.as_str()])?;
    }
    // Numbers of a schema have gaps, and keep them in a file.
    if source.connection().as_sqlite().is_none() {
        insert.push(["has_gaps", "1"])?;
    }
    insert.push(["migration", mark])?;
    insert.finish()?;
    transaction.commit()
}

/// Returns what the copy at a place says whose it is; `None` where there is none.
fn mark_of(place: &Location) -> Result<Option<String>, StoreError> {
    if place.file().is_some_and(|path| !super::holds_bytes(path)) {
        return Ok(None);
    }
    let reader = match Reader::open(place) {
        Err(StoreError::NoSchema(_)) => return Ok(None),
        other => other?,
    };
    let sql = "SELECT value FROM meta WHERE name = 'migration'";
    let found = reader.connection.query_row(sql, [], |row| row.get(0)).optional();
    found.map_err(StoreError::doing("look into what an earlier attempt left"))
}

/// Removes what an earlier attempt left.
fn remove(place: &Location) -> Result<(), StoreError> {
    let path = match place {
        Location::Schema(place) => return place.drop_schema(),
        Location::File(path) => path,
    };
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Folder { folder: path.display().to_string(), source });
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
