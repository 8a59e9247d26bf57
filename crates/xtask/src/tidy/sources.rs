//! Rules for one Rust file, whichever package it belongs to.

use super::Finding;
use super::rust_text::{Kind, Piece, pieces};
use crate::workspace::File;

/// The longest a file may be: what a reader holds in mind in one sitting.
const LINE_COUNT_MAX: usize = 500;

/// Words that put something off.
const PUT_OFF: [&str; 2] = ["TODO", "FIXME"];

/// Checks one file.
pub(super) fn check(file: &File) -> Vec<Finding> {
    let pieces = pieces(&file.text);
    let mut found = Vec::new();
    found.extend(length(&file.text));
    found.extend(module_doc(&file.text));
    found.extend(pieces.iter().flat_map(|piece| put_off(*piece)));
    found.extend(pieces.iter().flat_map(|piece| allowed(*piece)));
    found.extend(pieces.windows(2).filter_map(|pair| error_text(pair[0], pair[1])));
    found.into_iter().map(|(line, advice)| Finding::new(&file.path, line, advice)).collect()
}

/// A line and what to do about it.
type Advice = (usize, String);

fn length(text: &str) -> Option<Advice> {
    let count = text.lines().count();
    let is_long = count > LINE_COUNT_MAX;
    is_long.then(|| (count, format!("split the file: {count} lines, of {LINE_COUNT_MAX} at most")))
}

fn module_doc(text: &str) -> Option<Advice> {
    let is_there = text.starts_with("//!") || text.starts_with("#![doc = include_str!(");
    (!is_there).then(|| (1, "begin the file with `//!` and what the module is".to_owned()))
}

/// What is put off names where it is kept: `(#12)` after the word, or a link on the line.
fn put_off(piece: Piece<'_>) -> Vec<Advice> {
    if piece.kind != Kind::Comment {
        return Vec::new();
    }
    let is_lost = |line: &str, word: &str| {
        !line.contains("://") && words_after(line, word).any(|after| !after.starts_with("(#"))
    };
    let advise = |(number, line): (usize, &str)| {
        let word = PUT_OFF.iter().find(|word| is_lost(line, word))?;
        Some((number, format!("give the {word} an address, such as `{word}(#12)`, or a link")))
    };
    piece.lines().filter_map(advise).collect()
}

/// Returns what follows each occurrence of a whole word.
fn words_after<'a>(line: &'a str, word: &str) -> impl Iterator<Item = &'a str> {
    let is_word = |sign: char| sign.is_alphanumeric() || sign == '_';
    line.match_indices(word).filter_map(move |(at, word)| {
        let after = &line[at + word.len()..];
        let is_whole = !line[..at].ends_with(is_word) && !after.starts_with(is_word);
        is_whole.then_some(after)
    })
}

fn allowed(piece: Piece<'_>) -> Vec<Advice> {
    if piece.kind != Kind::Code {
        return Vec::new();
    }
    let is_one = |line: &str| line.contains("#[allow(") || line.contains("#![allow(");
    let advice = "write #[expect(lint, reason = \"...\")] instead of allow";
    let lines = piece.lines().filter(|(_, line)| is_one(line));
    lines.map(|(number, _)| (number, advice.to_owned())).collect()
}

/// An error's text is a fragment, so that it can stand after another: `could not x: no such y`.
fn error_text(before: Piece<'_>, piece: Piece<'_>) -> Option<Advice> {
    let opening = before.text.strip_suffix('"')?.trim_end();
    if before.kind != Kind::Code || piece.kind != Kind::Text || !opening.ends_with("#[error(") {
        return None;
    }
    if !piece.text.starts_with(|sign: char| sign.is_lowercase() || sign == '{') {
        return Some((piece.line, "begin the error text in lower case".to_owned()));
    }
    let advice = || (piece.line, "drop the dot at the end of the error text".to_owned());
    piece.text.ends_with('.').then(advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let file = File { path: "a.rs".to_owned(), text: text.to_owned() };
        let findings: Vec<_> = super::check(&file).iter().map(ToString::to_string).collect();
        assert_eq!(findings.len(), expect.len(), "{findings:?}");
        for (finding, expect) in findings.iter().zip(expect) {
            assert!(finding.starts_with(expect), "{finding}");
        }
    }

    #[test]
    fn a_file_begins_with_its_module_doc() {
        check("//! Words.\n", &[]);
        check("#![doc = include_str!(\"../README.md\")]\n", &[]);
        check("// Words.\n", &["a.rs:1: begin the file"]);
        check("", &["a.rs:1: begin the file"]);
    }

    #[test]
    fn a_file_ends_by_line_500() {
        check(&format!("//! Words.\n{}", "\n".repeat(499)), &[]);
        check(&format!("//! Words.\n{}", "\n".repeat(500)), &["a.rs:501: split the file"]);
    }

    #[test]
    fn what_is_put_off_has_an_address() {
        check("//! A.\n// TODO(#12): b\n// FIXME see https://example.com/1\n", &[]);
        check("//! A.\n// TODO: b\n", &["a.rs:2: give the TODO an address"]);
        check("//! A.\n/* b\n FIXME c */\n", &["a.rs:3: give the FIXME an address"]);
        check("//! A.\nconst TODO: &str = \"TODO\"; // METHODODOLOGY TODOS\n", &[]);
    }

    #[test]
    fn a_lint_is_expected_and_never_allowed() {
        check("//! A.\n#[expect(dead_code, reason = \"b\")]\nfn a() {}\n", &[]);
        check("//! A.\n#[allow(dead_code)]\nfn a() {}\n", &["a.rs:2: write #[expect("]);
        check("//! A.\n#![allow(dead_code)]\n", &["a.rs:2: write #[expect("]);
        check("//! A: `#[allow(b)]`\nconst A: &str = \"#[allow(b)]\";\n", &[]);
    }

    #[test]
    fn an_error_text_is_a_fragment() {
        check("//! A.\n#[error(\"could not open {0}\")]\nstruct A;\n", &[]);
        check("//! A.\n#[error(\"{0}: no such file\")]\nstruct A;\n", &[]);
        check("//! A.\n#[error(transparent)]\nstruct A;\n", &[]);
        check("//! A.\n#[error(\"Could not\")]\nstruct A;\n", &["a.rs:2: begin the error"]);
        check("//! A.\n#[error(\n    \"a.\"\n)]\nstruct A;\n", &["a.rs:3: drop the dot"]);
    }
}
