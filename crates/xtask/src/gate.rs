//! The gate: what holds before a change goes in.
#![expect(clippy::print_stdout, reason = "a chore reports on the terminal")]

use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::cli::{Step, TestChoice};
use crate::process::{Failure, Task, cargo};
use crate::{data, tidy, tools};

/// The packages whose tests start a NATS server; those tests have `nats` in their path.
const NATS_PACKAGES: [&str; 5] =
    ["ciq-ingest", "ciq-nats", "ciq-sink", "ciq-testkit", "customeriq"];

/// Runs the chosen steps in order and stops at the first that fails.
pub(crate) fn run(choice: &TestChoice) -> Result<(), Failure> {
    let steps = chosen(choice);
    for (index, step) in steps.iter().enumerate() {
        println!("== {} ({} of {})", step.name(), index + 1, steps.len());
        let (result, taken) = timed(|| perform(*step, choice.ci));
        let seconds = taken.as_secs_f64();
        if let Err(failure) = result {
            println!("== {} failed after {seconds:.1} s", step.name());
            return Err(Failure::new(format!(
                "stopped at step `{name}`: {failure}\n  \
                 to run it alone: cargo xtask test --only {name}",
                name = step.name()
            )));
        }
        println!("== {} passed in {seconds:.1} s", step.name());
    }
    println!("all steps passed");
    Ok(())
}

/// Builds the documentation of every package; a warning is a failure.
pub(crate) fn document() -> Result<(), Failure> {
    cargo(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings").run()
}

fn chosen(choice: &TestChoice) -> Vec<Step> {
    let is_chosen = |step: &Step| match choice.only.as_slice() {
        [] => !(choice.fast && matches!(step, Step::NatsCurrent | Step::Doc | Step::Deny)),
        only => only.contains(step),
    };
    Step::value_variants().iter().copied().filter(is_chosen).collect()
}

fn perform(step: Step, ci: bool) -> Result<(), Failure> {
    match step {
        Step::Tools => tools::ensure().and_then(|()| data::ensure()),
        Step::Fmt => cargo(["fmt", "--all", "--check"]).run(),
        Step::Tidy => tidy::run(),
        Step::Clippy => {
            let lint = cargo(["clippy", "--workspace", "--all-targets", "--locked"]);
            lint.args(["--", "-D", "warnings"]).run()
        }
        Step::Test => tests(ci, Tests::All).run(),
        Step::NatsCurrent => {
            tools::ensure()?;
            let server = tools::current_nats_server();
            tests(ci, Tests::Nats).env("CUSTOMERIQ_NATS_SERVER", server).run()
        }
        Step::Doctest => cargo(["test", "--workspace", "--doc", "--locked"]).run(),
        Step::Doc => document(),
        Step::Deny if has("deny") => cargo(["deny", "check"]).run(),
        Step::Deny => {
            println!("left out: cargo-deny is not installed");
            Ok(())
        }
    }
}

/// Which tests to run.
#[derive(Debug, Clone, Copy)]
enum Tests {
    All,
    Nats,
}

impl Tests {
    fn packages(self) -> Vec<&'static str> {
        match self {
            Self::All => vec!["--workspace"],
            Self::Nats => NATS_PACKAGES.into_iter().flat_map(|name| ["--package", name]).collect(),
        }
    }

    /// Both runners take a part of a test's path after `--`.
    fn filter(self) -> &'static [&'static str] {
        match self {
            Self::All => &[],
            Self::Nats => &["--", "nats"],
        }
    }
}

fn tests(ci: bool, tests: Tests) -> Task {
    let runner = if has("nextest") {
        let profile = if ci { "ci" } else { "default" };
        cargo(["nextest", "run", "--locked", "--profile", profile]).args(tests.packages())
    } else {
        println!("cargo-nextest is not installed: cargo test runs the tests");
        let all = cargo(["test", "--locked"]).args(tests.packages());
        all.args(["--lib", "--bins", "--tests", "--examples"])
    };
    let runner = runner.env(data::FOLDER_VARIABLE, data::folder());
    runner.args(tests.filter()).env(tools::FOLDER_VARIABLE, tools::folder())
}

/// Tells whether cargo knows this outside subcommand.
fn has(subcommand: &str) -> bool {
    cargo([subcommand, "--version"]).succeeds()
}

#[expect(clippy::disallowed_methods, reason = "the only clock here; it tells how long a step took")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    fn names(choice: &TestChoice) -> String {
        chosen(choice).into_iter().map(Step::name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_step_runs_by_default() {
        assert_eq!(
            names(&TestChoice::default()),
            "tools fmt tidy clippy test nats-current doctest doc deny"
        );
    }

    #[test]
    fn fast_leaves_out_doc_and_deny() {
        let choice = TestChoice { fast: true, ..TestChoice::default() };
        assert_eq!(names(&choice), "tools fmt tidy clippy test doctest");
    }

    #[test]
    fn only_keeps_the_order_of_the_gate() {
        let choice = TestChoice { only: vec![Step::Test, Step::Fmt], ..TestChoice::default() };
        assert_eq!(names(&choice), "fmt test");
    }

    #[test]
    fn the_second_run_is_of_the_packages_that_start_a_server() {
        let words = Tests::Nats.packages().join(" ");
        assert!(words.starts_with("--package ciq-ingest --package ciq-nats"), "{words}");
        assert_eq!(Tests::All.packages(), ["--workspace"]);
    }

    #[test]
    fn packages_that_start_a_server_are_of_this_workspace() {
        let workspace = Workspace::read().unwrap();
        for name in NATS_PACKAGES {
            assert!(workspace.packages.iter().any(|package| package.name == name), "{name}");
        }
    }
}
