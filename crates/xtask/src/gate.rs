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

/// The packages whose tests keep customers in files or in PostgreSQL, as the run chooses.
const STORE_PACKAGES: [&str; 4] = ["ciq-clockwork", "ciq-http", "ciq-ingest", "ciq-store"];

/// The package that tells whole stories and checks their ends; the rest of it keeps no customers.
const STORY_PACKAGE: &str = "mockgen";

/// The package with the program that is killed; the rest of its tests start what each wants.
const KILL_PACKAGE: &str = "customeriq";

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
    for part in [Tests::Store, Tests::Stories, Tests::Kills] {
        let tests = tests(ci, part).env("CUSTOMERIQ_TEST_DATABASE", "postgres");
        tests.env("CUSTOMERIQ_TEST_POSTGRES", server.url()).run()?;
    }
    Ok(())
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
    Stories,
    Kills,
}

impl Tests {
    fn packages(self) -> Vec<&'static str> {
        let names: &[&'static str] = match self {
            Self::All => return vec!["--workspace"],
            Self::Nats => &NATS_PACKAGES,
            Self::Store => &STORE_PACKAGES,
            Self::Stories => &[STORY_PACKAGE],
            Self::Kills => &[KILL_PACKAGE],
        };
        names.iter().flat_map(|name| ["--package", *name]).collect()
    }

    /// Both runners take parts of a test's path after `--`.
    fn filter(self) -> &'static [&'static str] {
        match self {
            Self::All | Self::Store => &[],
            Self::Nats => &["--", "nats"],
            Self::Stories => &["--", "scenario::"],
            Self::Kills => &["--", "crash::", "nats_faults::killed"],
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
        // By default it runs examples in documents as well, which have a step of their own.
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
    use std::io;

    use ciq_testkit::PostgresError;

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
    fn the_runs_with_postgres_are_of_customers_stories_and_kills() {
        let words = Tests::Store.packages().join(" ");
        assert!(words.starts_with("--package ciq-clockwork --package ciq-http"), "{words}");
        assert_eq!(Tests::Stories.packages(), ["--package", "mockgen"]);
        assert_eq!(Tests::Stories.filter(), ["--", "scenario::"]);
        assert_eq!(Tests::Kills.packages(), ["--package", "customeriq"]);
        assert_eq!(Tests::Kills.filter(), ["--", "crash::", "nats_faults::killed"]);
    }

    #[test]
    fn an_error_is_told_with_its_reason() {
        let reason = io::Error::other("no room");
        let error = PostgresError::System { doing: "make a folder", source: reason };
        assert_eq!(chain(&error), "could not make a folder: no room");
    }

    #[test]
    fn packages_that_run_twice_are_of_this_workspace() {
        let workspace = Workspace::read().unwrap();
        let parts = [STORY_PACKAGE, KILL_PACKAGE];
        for name in NATS_PACKAGES.into_iter().chain(STORE_PACKAGES).chain(parts) {
            assert!(workspace.packages.iter().any(|package| package.name == name), "{name}");
        }
    }
}
