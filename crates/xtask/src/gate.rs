//! The gate: what holds before a change goes in.
#![expect(clippy::print_stdout, reason = "a chore reports on the terminal")]

use std::error::Error;
use std::iter;
use std::time::{Duration, Instant};

use ciq_testkit::{PostgresConfig, PostgresServer};
use clap::ValueEnum;

use crate::cli::{Step, TestChoice};
use crate::process::{Failure, Task, cargo};
use crate::{data, tidy, tools};

/// The packages whose tests start a NATS server; those tests have `nats` in their path.
const NATS_PACKAGES: [&str; 5] =
    ["ciq-ingest", "ciq-nats", "ciq-sink", "ciq-testkit", "customeriq"];

/// The packages whose tests keep customers, in files or in PostgreSQL.
const STORE_PACKAGES: [&str; 5] =
    ["ciq-clockwork", "ciq-http", "ciq-ingest", "ciq-store", "customeriq"];

/// Where these have their tests: pages are looked at once.
const STORE_TARGETS: [&str; 4] = ["--lib", "--bins", "--test", "it"];

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

/// The steps that whoever is in a hurry leaves out.
const LONG: [Step; 4] = [Step::NatsCurrent, Step::Postgres, Step::Doc, Step::Deny];

fn chosen(choice: &TestChoice) -> Vec<Step> {
    let is_chosen = |step: &Step| match choice.only.as_slice() {
        [] => !(choice.fast && LONG.contains(step)),
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
        Step::Postgres => {
            tools::ensure()?;
            tests_with_postgres(ci)
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

/// Runs the tests that keep customers against one server, since each of its own would take long.
fn tests_with_postgres(ci: bool) -> Result<(), Failure> {
    let server = PostgresServer::start(PostgresConfig::shared())
        .map_err(|error| Failure::new(chain(&error)))?;
    let tests = tests(ci, Tests::Store).env("CUSTOMERIQ_TEST_DATABASE", "postgres");
    tests.env("CUSTOMERIQ_TEST_POSTGRES", server.url()).run()
}

/// Returns what an error says, and why, and why that.
fn chain(error: &dyn Error) -> String {
    let errors = iter::successors(Some(error), |&error| error.source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Which tests to run.
#[derive(Debug, Clone, Copy)]
enum Tests {
    All,
    Nats,
    Store,
}

impl Tests {
    fn packages(self) -> Vec<&'static str> {
        match self {
            Self::All => vec!["--workspace"],
            Self::Nats => NATS_PACKAGES.into_iter().flat_map(|name| ["--package", name]).collect(),
            Self::Store => {
                STORE_PACKAGES.into_iter().flat_map(|name| ["--package", name]).collect()
            }
        }
    }

    /// Which of their test programs run; all, where none is named.
    fn targets(self) -> &'static [&'static str] {
        match self {
            Self::All | Self::Nats => &[],
            Self::Store => &STORE_TARGETS,
        }
    }

    /// Both runners take parts of a test's path after `--`.
    fn filter(self) -> &'static [&'static str] {
        match self {
            Self::All => &[],
            Self::Nats => &["--", "nats"],
            // What the documents say is held against the service as they start it, with files.
            Self::Store => &["--", "--skip", "nats_docs"],
        }
    }
}

fn tests(ci: bool, tests: Tests) -> Task {
    let runner = if has("nextest") {
        let profile = if ci { "ci" } else { "default" };
        let runner = cargo(["nextest", "run", "--locked", "--profile", profile]);
        runner.args(tests.packages()).args(tests.targets())
    } else {
        println!("cargo-nextest is not installed: cargo test runs the tests");
        let runner = cargo(["test", "--locked"]).args(tests.packages());
        match tests.targets() {
            // By default it runs examples in documents as well, which have a step of their own.
            [] => runner.args(["--lib", "--bins", "--tests", "--examples"]),
            named => runner.args(named),
        }
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
            "tools fmt tidy clippy test nats-current postgres doctest doc deny"
        );
    }

    #[test]
    fn fast_leaves_out_what_takes_long() {
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
    fn the_run_with_postgres_is_of_the_packages_that_keep_customers_without_their_pages() {
        let words = Tests::Store.packages().join(" ");
        assert!(words.starts_with("--package ciq-clockwork --package ciq-http"), "{words}");
        assert_eq!(Tests::Store.targets().join(" "), "--lib --bins --test it");
        assert!(Tests::All.targets().is_empty());
    }

    #[test]
    fn an_error_is_told_with_its_reason() {
        let error = Failure::new("a");
        assert_eq!(chain(&error), "a");
    }

    #[test]
    fn packages_that_run_twice_are_of_this_workspace() {
        let workspace = Workspace::read().unwrap();
        for name in NATS_PACKAGES.into_iter().chain(STORE_PACKAGES) {
            assert!(workspace.packages.iter().any(|package| package.name == name), "{name}");
        }
    }
}
