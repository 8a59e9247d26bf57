//! Rules for what is not Rust, or spans several files: the map, the statements, the examples.

use super::Finding;
use crate::workspace::{File, Workspace};

/// Where the map of the packages is.
const MAP: &str = "docs/ARCHITECTURE.md";

/// Where examples are registered.
const EXAMPLES: &str = "examples/Cargo.toml";

/// Where the one test program of a package begins.
const TEST_MAIN: &str = "/tests/it/main.rs";

/// Checks the map, the statements, the examples and the test programs.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let names: Vec<_> = workspace.packages.iter().map(|package| package.name.as_str()).collect();
    let mut findings = unmapped(workspace.text(MAP), &names);
    findings.extend(workspace.files.iter().filter_map(unnamed_statement));
    let registry = workspace.text(EXAMPLES).unwrap_or_default();
    findings.extend(workspace.files.iter().filter_map(|file| unregistered_example(file, registry)));
    findings.extend(workspace.files.iter().filter_map(|file| idle_test(file, workspace)));
    findings
}

/// Every package is on the map.
fn unmapped(map: Option<&str>, names: &[&str]) -> Vec<Finding> {
    let Some(map) = map else {
        return vec![Finding::new(MAP, 1, "write the map of the packages")];
    };
    let is_sign = |sign: char| sign.is_alphanumeric() || sign == '-' || sign == '_';
    let words: Vec<_> = map.split(|sign| !is_sign(sign)).collect();
    let missing = names.iter().filter(|name| !words.contains(*name));
    missing.map(|name| Finding::new(MAP, 1, format!("say what `{name}` is for"))).collect()
}

/// Every file of SQL says its own name first, so that a slow statement in a log can be found.
fn unnamed_statement(file: &File) -> Option<Finding> {
    let name = file.path.rsplit('/').next().filter(|_| file.has_extension("sql"))?;
    let first = file.text.lines().next().unwrap_or_default();
    let is_named = first.trim_end() == format!("-- {name}");
    (!is_named).then(|| Finding::new(&file.path, 1, format!("begin the file with `-- {name}`")))
}

/// Every numbered example is registered, because a virtual workspace finds none by itself.
fn unregistered_example(file: &File, registry: &str) -> Option<Finding> {
    let path = file.path.strip_prefix("examples/")?;
    let is_entry = !path.contains('/') || path.ends_with("/main.rs");
    let is_numbered = path.starts_with(|sign: char| sign.is_ascii_digit());
    if !(file.has_extension("rs") && is_entry && is_numbered) {
        return None;
    }
    let is_registered = registry.lines().any(|line| line.trim() == format!("path = \"{path}\""));
    let advice = format!("register it in {EXAMPLES} with `path = \"{path}\"`");
    (!is_registered).then(|| Finding::new(&file.path, 1, advice))
}

/// Every file beside a test program's `main.rs` is a module of it; else its tests never run.
fn idle_test(file: &File, workspace: &Workspace) -> Option<Finding> {
    let (folder, name) = file.path.rsplit_once("/tests/it/")?;
    let module = name.strip_suffix(".rs").filter(|module| *module != "main")?;
    if module.contains('/') {
        return None;
    }
    let main = workspace.text(&format!("{folder}{TEST_MAIN}")).unwrap_or_default();
    let is_named = main.lines().any(|line| line.trim() == format!("mod {module};"));
    let advice = format!("name it in main.rs with `mod {module};`: its tests do not run");
    (!is_named).then(|| Finding::new(&file.path, 1, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn every_package_is_on_the_map() {
        let map = Some("| `ciq-event` | words |\n| ciq-stripe-twin | a double |");
        assert!(unmapped(map, &["ciq-event", "ciq-stripe-twin"]).is_empty());
        assert_eq!(unmapped(map, &["ciq-stripe"])[0].advice, "say what `ciq-stripe` is for");
        assert_eq!(unmapped(None, &[]).len(), 1);
    }

    #[test]
    fn a_file_of_sql_says_its_name_first() {
        assert_eq!(unnamed_statement(&file("a/sql/b.sql", "-- b.sql\nSELECT 1;")), None);
        assert_eq!(unnamed_statement(&file("a/b.md", "words")), None);
        for text in ["", "SELECT 1;", "-- c.sql\n", "\n-- b.sql\n"] {
            assert!(unnamed_statement(&file("a/sql/b.sql", text)).is_some(), "{text:?}");
        }
    }

    #[test]
    fn a_numbered_example_is_registered() {
        let registry = "[[example]]\nname = \"01_one\"\npath = \"01_one.rs\"\n";
        assert_eq!(unregistered_example(&file("examples/01_one.rs", ""), registry), None);
        assert_eq!(unregistered_example(&file("examples/lib.rs", ""), registry), None);
        assert!(unregistered_example(&file("examples/02_two.rs", ""), registry).is_some());
        assert!(unregistered_example(&file("examples/03_three/main.rs", ""), registry).is_some());
    }

    #[test]
    fn a_test_file_is_a_module_of_its_program() {
        let workspace = Workspace {
            packages: Vec::new(),
            files: vec![file("crates/a/tests/it/main.rs", "mod b;\n")],
        };
        assert_eq!(idle_test(&file("crates/a/tests/it/b.rs", ""), &workspace), None);
        assert_eq!(idle_test(&file("crates/a/tests/it/main.rs", ""), &workspace), None);
        assert!(idle_test(&file("crates/a/tests/it/c.rs", ""), &workspace).is_some());
    }
}
