//! Rules for a Rust file that depend on where it stands: pure code stays pure, SQL stays home.

use super::Finding;
use super::layers::{SQL_PACKAGE, is_pure};
use super::rust_text::{Kind, Piece, pieces, tests_begin};
use crate::workspace::{File, Package, inside};

/// Paths that reach outside. A path that begins with one of these is one too.
const IMPURE_PATHS: [&str; 3] = ["std::fs", "std::net", "std::env"];

/// The same, as they stand in a list of imports.
const IMPURE_MODULES: [&str; 3] = ["fs", "net", "env"];

/// Clocks.
const CLOCKS: [&str; 2] = ["SystemTime", "Instant"];

/// How a statement begins.
const STATEMENTS: [&str; 5] = ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "CREATE TABLE"];

/// Checks a file of a package; tests may do as they like.
pub(super) fn check(package: &Package, file: &File) -> Vec<Finding> {
    let Some(place) = inside(&file.path, &package.folder) else { return Vec::new() };
    if !place.starts_with("src/") || place.ends_with("/tests.rs") || place.contains("/tests/") {
        return Vec::new();
    }
    let line_end = tests_begin(&file.text).unwrap_or(usize::MAX);
    let pieces: Vec<_> =
        pieces(&file.text).into_iter().filter(|piece| piece.line <= line_end).collect();
    let mut found = Vec::new();
    if is_pure(&package.name) {
        found.extend(pieces.iter().flat_map(|piece| impurities(*piece)));
    }
    if package.name != SQL_PACKAGE && package.name != "xtask" {
        found.extend(pieces.iter().filter_map(|piece| statement(*piece)));
    }
    found.retain(|(line, _)| *line < line_end);
    found.into_iter().map(|(line, advice)| Finding::new(&file.path, line, advice)).collect()
}

/// A line and what to do about it.
type Advice = (usize, String);

fn impurities(piece: Piece<'_>) -> Vec<Advice> {
    if piece.kind != Kind::Code {
        return Vec::new();
    }
    let advise = |(number, line): (usize, &str)| {
        let name = impure_path(line).or_else(|| impure_import(line)).or_else(|| clock(line))?;
        Some((number, format!("do without `{name}`: this package is pure; hand the value in")))
    };
    piece.lines().filter_map(advise).collect()
}

fn impure_path(line: &str) -> Option<&'static str> {
    IMPURE_PATHS.into_iter().find(|path| has_word(line, path))
}

/// Finds `use std::{fs, ...}`.
fn impure_import(line: &str) -> Option<&'static str> {
    let (_, list) = line.split_once("std::{")?;
    IMPURE_MODULES.into_iter().find(|module| has_word(list, module))
}

fn clock(line: &str) -> Option<&'static str> {
    CLOCKS.into_iter().find(|clock| has_word(line, clock))
}

fn has_word(line: &str, word: &str) -> bool {
    let is_word = |sign: char| sign.is_alphanumeric() || sign == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(is_word) && !line[at + word.len()..].starts_with(is_word)
    })
}

fn statement(piece: Piece<'_>) -> Option<Advice> {
    let text = piece.text.trim_start();
    let is_one = piece.kind == Kind::Text && STATEMENTS.iter().any(|word| text.starts_with(word));
    let advice = || format!("move the statement to `{SQL_PACKAGE}`: SQL lives there alone");
    is_one.then(|| (piece.line, advice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(package: &str, place: &str, text: &str, expect: &[usize]) {
        let package = Package {
            name: package.to_owned(),
            folder: format!("crates/{package}"),
            dependencies: Vec::new(),
            manifest: String::new(),
        };
        let path = format!("{}/{place}", package.folder);
        let findings = super::check(&package, &File { path, text: text.to_owned() });
        assert_eq!(findings.iter().map(|it| it.line).collect::<Vec<_>>(), expect, "{findings:?}");
    }

    #[test]
    fn pure_code_reads_no_file_and_no_clock() {
        check("ciq-event", "src/a.rs", "use std::fs;\nfn a(b: Instant) {}\n", &[1, 2]);
        check("ciq-event", "src/a.rs", "use std::{fmt, env};\nstd::net::lookup()\n", &[1, 2]);
        check("ciq-event", "src/a.rs", "// std::fs and Instant\nlet a = \"std::env\";\n", &[]);
        check("ciq-event", "src/a.rs", "use std::fmt;\nstruct Instantly;\n", &[]);
        check("ciq-ingest", "src/a.rs", "use std::fs;\n", &[]);
    }

    #[test]
    fn sql_lives_in_the_store() {
        let text = "let a = \"\n    SELECT 1\";\nlet b = \"Select one\";\n";
        check("ciq-http", "src/a.rs", text, &[1]);
        check("ciq-store", "src/a.rs", text, &[]);
        check("ciq-http", "tests/it/main.rs", text, &[]);
        check("ciq-http", "src/a.rs", "/// SELECT 1\nfn a() {}\n", &[]);
    }

    #[test]
    fn tests_in_a_source_file_do_as_they_like() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
        check("ciq-event", "src/a.rs", text, &[]);
        check("ciq-event", "src/a/tests.rs", "use std::fs;\n", &[]);
        check("ciq-event", "src/a.rs", &text.replace("#[cfg(test)]", ""), &[4]);
    }
}
