//! What docs/stripe-seed.md shows is what happens.

use std::process::Command;

use crate::support::{Place, ran};

/// The page.
const PAGE: &str = include_str!("../../../../docs/stripe-seed.md");

/// Every command with flags of its own.
const COMMANDS: [&str; 10] = [
    "prices", "generate", "plan", "resume", "status", "verify", "mrr", "cleanup", "events", "twin",
];

/// Returns what stands in the blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("\n```{language}\n");
    let mut found = PAGE.split(opening.as_str());
    found.next();
    found.map(|rest| rest.split("\n```").next().unwrap()).collect()
}

#[test]
fn every_console_block_does_what_it_shows() {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_stripe-seed")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var_os("PATH").unwrap().display());
    // What one block leaves, the next one goes on with.
    let place = Place::new();
    let mut count = 0;
    for block in blocks("console") {
        for part in format!("\n{block}").split("\n$ ").skip(1) {
            let (command, expected) = part.split_once('\n').unwrap_or((part, ""));
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(format!("({command}) 2>&1")).current_dir(place.path(""));
            shell.env_clear().env("PATH", &path).env("HOME", place.path(""));
            let told = ran(shell);
            assert_eq!(told.out.trim_end(), expected.trim_end(), "$ {command}");
            count += 1;
        }
    }
    assert!(count >= 8, "{count} commands");
}

#[test]
fn every_command_on_the_page_is_understood() {
    let place = Place::new();
    let lines = blocks("sh").into_iter().flat_map(str::lines);
    let commands: Vec<&str> =
        lines.filter_map(|line| line.split_once("stripe-seed ").map(|(_, rest)| rest)).collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let command = command.split(['#', '|', '>']).next().unwrap();
        let args: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        place.run(&args).expect(0);
    }
}

#[test]
fn every_command_and_every_flag_is_on_the_page() {
    let mut count = 0;
    for command in COMMANDS {
        assert!(PAGE.contains(&format!("| `{command}")), "{command}");
        let help = Place::new().run(&[command, "--help"]).expect(0);
        let words = help.out.split_whitespace().filter_map(|word| word.strip_prefix("--"));
        let is_flag = |flag: &str| {
            flag.chars()
                .all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-')
        };
        for flag in words.filter(|flag| is_flag(flag)) {
            if !["help", "version", "verbose", "quiet"].contains(&flag) {
                let shown = ["`", " "].map(|end| format!("`--{flag}{end}"));
                assert!(shown.iter().any(|it| PAGE.contains(it)), "{command} --{flag}");
                count += 1;
            }
        }
    }
    assert!(count >= 40, "{count} flags");
}

#[test]
fn every_variable_is_on_the_page() {
    for name in ["STRIPE_SECRET_KEY", "STRIPE_API_BASE", "STRIPE_WEBHOOK_SECRET"] {
        assert!(PAGE.contains(&format!("| `{name}` |")), "{name}");
    }
    let help = Place::new().run(&["events", "--help"]).expect(0);
    for variable in help.out.split("[env: ").skip(1) {
        let name = variable.split(['=', ']']).next().unwrap();
        assert!(PAGE.contains(&format!("| `{name}` |")), "{name}");
    }
}
