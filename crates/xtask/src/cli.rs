//! The verbs and their options.

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// The chores of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Runs every check, in order, and stops at the first that fails.
    Test(TestChoice),
    /// Checks the house rules that neither the compiler nor clippy knows.
    Tidy,
    /// Runs one benchmark of the whole path, optimised: `bench NAME [ARGS...]`.
    Bench {
        /// The benchmark's name.
        name: String,
        /// What to hand to the benchmark.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Runs tests with faults for long, optimised, and prints what was lost and doubled.
    Soak {
        /// What to run.
        #[command(subcommand)]
        what: Soak,
    },
    /// Builds the documentation; a warning is a failure.
    Docs,
    /// Gets the purchases that the models of buying are tested with.
    Data,
    /// Gets the outside programs and packages that the tests call.
    Tools {
        /// Gets and compiles what the benchmark's Node subscriber calls too.
        #[arg(long)]
        peer: bool,
    },
}

/// What to run for long.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Soak {
    /// The service and its NATS server, killed again and again under load.
    Nats {
        /// How many events there are.
        #[arg(long, value_name = "N", default_value_t = 1_000_000)]
        #[arg(value_parser = clap::value_parser!(u64).range(1_000..))]
        events: u64,
    },
    /// Three NATS servers and three workers with PostgreSQL, killed in turn under load.
    Cluster {
        /// For how long events are published.
        #[arg(long, value_name = "N", default_value_t = 300)]
        #[arg(value_parser = clap::value_parser!(u64).range(5..))]
        seconds: u64,
        /// How many events there are; without it 300 for each second.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..))]
        events: Option<u64>,
    },
    /// PostgreSQL under a service, stopped for a time, and killed in the midst of commits.
    Postgres {
        /// For how long it is stopped.
        #[arg(long, value_name = "N", default_value_t = 30)]
        #[arg(value_parser = clap::value_parser!(u64).range(1..))]
        seconds: u64,
        /// How many events there are.
        #[arg(long, value_name = "N", default_value_t = 20_000)]
        #[arg(value_parser = clap::value_parser!(u64).range(1_000..))]
        events: u64,
    },
    /// A run of stripe-seed against its twin, killed again and again.
    Stripe {
        /// How many times.
        #[arg(long, value_name = "N", default_value_t = 30)]
        #[arg(value_parser = clap::value_parser!(u64).range(1..))]
        kills: u64,
    },
}

/// Which steps of the gate to run.
#[derive(Debug, Default, Args)]
pub(crate) struct TestChoice {
    /// Runs this step only; may be given several times.
    #[arg(long, value_name = "STEP")]
    pub(crate) only: Vec<Step>,
    /// Leaves out `nats-current`, `postgres`, `doc` and `deny`.
    #[arg(long, conflicts_with = "only")]
    pub(crate) fast: bool,
    /// Runs every test even if one fails, as a build server wants it.
    #[arg(long, env = "CI", value_parser = FalseyValueParser::new())]
    pub(crate) ci: bool,
}

/// One step of the gate, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// The outside programs that the tests call are there, and the data they read.
    Tools,
    /// The code is formatted.
    Fmt,
    /// The house rules hold.
    Tidy,
    /// Clippy has nothing to say.
    Clippy,
    /// The tests pass.
    Test,
    /// The tests that talk to a NATS server pass with a current one too.
    NatsCurrent,
    /// The tests that keep customers pass with PostgreSQL too.
    Postgres,
    /// The examples in the documentation pass.
    Doctest,
    /// The documentation builds without a warning.
    Doc,
    /// Licences, advisories and sources of dependencies are in order.
    Deny,
}

impl Step {
    /// Returns the name that `--only` takes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Fmt => "fmt",
            Self::Tidy => "tidy",
            Self::Clippy => "clippy",
            Self::Test => "test",
            Self::NatsCurrent => "nats-current",
            Self::Postgres => "postgres",
            Self::Doctest => "doctest",
            Self::Doc => "doc",
            Self::Deny => "deny",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_step_is_chosen_by_its_name() {
        for step in Step::value_variants() {
            assert_eq!(Step::from_str(step.name(), false), Ok(*step));
        }
    }

    #[test]
    fn a_soak_has_a_million_events() {
        let cli = Cli::parse_from(["xtask", "soak", "nats"]);
        let Verb::Soak { what: Soak::Nats { events } } = cli.verb else { panic!("not a soak") };
        assert_eq!(events, 1_000_000);
    }

    #[test]
    fn a_soak_of_the_cluster_takes_five_minutes() {
        let cli = Cli::parse_from(["xtask", "soak", "cluster"]);
        let Verb::Soak { what: Soak::Cluster { seconds, events } } = cli.verb else {
            panic!("not a soak")
        };
        assert_eq!((seconds, events), (300, None));
    }

    #[test]
    fn a_soak_of_stripe_has_thirty_kills() {
        let cli = Cli::parse_from(["xtask", "soak", "stripe"]);
        let Verb::Soak { what: Soak::Stripe { kills } } = cli.verb else { panic!("not a soak") };
        assert_eq!(kills, 30);
    }

    #[test]
    fn a_benchmark_gets_its_options_untouched() {
        let cli = Cli::parse_from(["xtask", "bench", "ingest", "--events", "10"]);
        let Verb::Bench { name, args } = cli.verb else { panic!("not a bench") };
        assert_eq!((name.as_str(), args.join(" ").as_str()), ("ingest", "--events 10"));
    }
}
