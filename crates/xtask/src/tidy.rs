//! The house rules that neither the compiler nor clippy knows.
//!
//! In reading order: `layers` (who may use whom), `rust_text` (what in a source file is code,
//! comment or string), `sources` (rules for one Rust file), `places` (rules for a Rust file that
//! depend on its package), `papers` (everything that is not Rust).
#![expect(clippy::print_stdout, reason = "a chore reports on the terminal")]

mod layers;
mod papers;
mod places;
mod rust_text;
mod sources;

use std::fmt;

use crate::process::Failure;
use crate::workspace::{Package, Workspace};

/// Something out of place, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    advice: String,
}

impl Finding {
    fn new(path: &str, line: usize, advice: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, advice: advice.into() }
    }

    /// A finding about a dependency, at its line in the manifest.
    fn in_manifest(package: &Package, dependency: &str, advice: impl Into<String>) -> Self {
        let is_it = |line: &str| {
            let rest = line.strip_prefix(dependency);
            rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
        };
        let line = package.manifest.lines().position(is_it).unwrap_or_default() + 1;
        Self::new(&format!("{}/Cargo.toml", package.folder), line, advice)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.advice)
    }
}

/// Checks the whole workspace and prints what is out of place.
pub(crate) fn run() -> Result<(), Failure> {
    let workspace = Workspace::read()?;
    let findings = check(&workspace);
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err(Failure::new("one thing is out of place")),
        count => Err(Failure::new(format!("{count} things are out of place"))),
    }
}

fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = layers::check(&workspace.packages);
    findings.extend(papers::check(workspace));
    for file in workspace.files.iter().filter(|file| file.has_extension("rs")) {
        findings.extend(sources::check(file));
        if let Some(package) = workspace.owner(&file.path) {
            findings.extend(places::check(package, file));
        }
    }
    findings.sort();
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        let findings = check(&Workspace::read().unwrap());
        let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
    }

    #[test]
    fn a_finding_about_a_dependency_points_at_its_line() {
        let package = Package {
            name: "a".to_owned(),
            folder: "crates/a".to_owned(),
            dependencies: Vec::new(),
            manifest: "[dependencies]\ntokio-util = \"1\"\ntokio.workspace = true\n".to_owned(),
        };
        let finding = Finding::in_manifest(&package, "tokio", "do without it");
        assert_eq!(finding.to_string(), "crates/a/Cargo.toml:3: do without it");
    }
}
