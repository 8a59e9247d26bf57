//! `export`: a table as CSV or NDJSON.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use ciq_store::Reader;
use serde_json::Value;

use crate::cli::{ExportArgs, ExportFormat};
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Writes a table to standard output or into a file.
pub(super) fn run(session: &mut Session, args: &ExportArgs) -> Result<Exit, Failure> {
    let reader = session.reader()?;
    let Some(path) = &args.out else {
        write(&reader, args, session.output.raw())?.map_err(Failure::Output)?;
        return Ok(Exit::Done);
    };
    let file = File::create(path).map_err(Failure::file("write", path))?;
    let mut file = BufWriter::new(file);
    let row_count = write(&reader, args, &mut file)?
        .and_then(|count| file.flush().map(|()| count))
        .map_err(Failure::file("write", path))?;
    let path = path.display();
    session.output.note(format_args!("wrote {row_count} rows of {} to {path}", args.table));
    Ok(Exit::Done)
}

fn write(
    reader: &Reader,
    args: &ExportArgs,
    out: &mut dyn Write,
) -> Result<io::Result<u64>, Failure> {
    match args.format {
        ExportFormat::Csv => csv(reader, &args.table, out),
        ExportFormat::Ndjson => ndjson(reader, &args.table, out),
    }
}

fn ndjson(reader: &Reader, table: &str, out: &mut dyn Write) -> Result<io::Result<u64>, Failure> {
    each_row(reader, table, &mut |columns, values| {
        let names = columns.iter().cloned();
        let row: serde_json::Map<_, _> = names.zip(values.iter().cloned()).collect();
        serde_json::to_writer(&mut *out, &row)?;
        out.write_all(b"\n")
    })
}

fn csv(reader: &Reader, table: &str, out: &mut dyn Write) -> Result<io::Result<u64>, Failure> {
    let mut writer = csv::Writer::from_writer(out);
    let mut is_begun = false;
    let written = each_row(reader, table, &mut |columns, values| {
        if !is_begun {
            writer.write_record(columns).map_err(of_csv)?;
            is_begun = true;
        }
        writer.write_record(values.iter().map(cell)).map_err(of_csv)
    })?;
    Ok(written.and_then(|count| writer.flush().map(|()| count)))
}

/// Returns what the system said. The crate's own conversion hides it.
fn of_csv(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Shows a value as a cell: texts as they are, nothing for what is absent.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

type TakeRow<'a> = &'a mut dyn FnMut(&[String], &[Value]) -> io::Result<()>;

/// Hands every row to `take`, until that fails; returns how many there were.
fn each_row(reader: &Reader, table: &str, take: TakeRow<'_>) -> Result<io::Result<u64>, Failure> {
    let mut row_count = 0;
    let mut failure = None;
    reader.export(table, &mut |columns, values| match take(columns, values) {
        Ok(()) => {
            row_count += 1;
            ControlFlow::Continue(())
        }
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    })?;
    Ok(failure.map_or(Ok(row_count), Err))
}
