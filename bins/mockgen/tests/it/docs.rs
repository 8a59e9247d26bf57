//! What docs/mockgen.md shows is what happens.

use std::process::Command;

use crate::support::{Place, ran};

/// The page.
const PAGE: &str = include_str!("../../../../docs/mockgen.md");

/// Returns what stands in the blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("\n```{language}\n");
    let mut found = PAGE.split(opening.as_str());
    found.next();
    found.map(|rest| rest.split("\n```").next().unwrap()).collect()
}

#[test]
fn every_console_block_does_what_it_shows() {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_mockgen")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var_os("PATH").unwrap().display());
    let mut count = 0;
    for block in blocks("console") {
        // Commands of a block share a folder.
        let place = Place::new();
        for part in format!("\n{block}").split("\n$ ").skip(1) {
            let (command, expected) = part.split_once('\n').unwrap_or((part, ""));
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(format!("({command}) 2>&1")).current_dir(place.path(""));
            shell.env_clear().env("PATH", &path).env("HOME", place.path(""));
            let told = ran(shell, b"");
            assert_eq!(told.text().trim_end(), expected.trim_end(), "$ {command}");
            count += 1;
        }
    }
    assert!(count >= 10, "{count} commands");
}

#[test]
fn every_command_on_the_page_is_understood() {
    let place = Place::new();
    let lines = blocks("sh").into_iter().flat_map(str::lines);
    let commands: Vec<&str> =
        lines.filter_map(|line| line.split_once("mockgen ").map(|(_, rest)| rest)).collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let command = command.split(['#', '|']).next().unwrap();
        let args: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        place.run(&args).expect(0);
    }
}

#[test]
fn every_variable_is_on_the_page() {
    let help = Place::new().run(&["serve", "--help"]).expect(0);
    let variables = help.text().split("[env: ").skip(1);
    let mut count = 0;
    for variable in variables {
        let name = variable.split(['=', ']']).next().unwrap();
        assert!(PAGE.contains(&format!("| `{name}` |")), "{name}");
        count += 1;
    }
    assert_eq!(count, PAGE.lines().filter(|line| is_row_of_variable(line)).count());
}

fn is_row_of_variable(line: &str) -> bool {
    let name = line.strip_prefix("| `").and_then(|rest| rest.split('`').next());
    name.is_some_and(|name| name.chars().all(|sign| sign.is_ascii_uppercase() || sign == '_'))
}

#[test]
fn every_route_is_on_the_page() {
    let document: serde_json::Value =
        serde_json::from_str(&ciq_mock::document().to_json().unwrap()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let route = format!("`{} {path}`", method.to_uppercase());
            assert!(PAGE.contains(&route), "{route}");
        }
    }
}
