//! The flags of commands that list and show.

use ciq_store::{CustomerSort, PageRequest};
use clap::{Args, Subcommand, ValueEnum};

/// A page of a list.
#[derive(Debug, Clone, Args)]
pub(crate) struct PageArgs {
    /// Rows at most (1 to 1000).
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    /// Where the page before ended.
    #[arg(long)]
    pub(crate) cursor: Option<String>,
}

impl PageArgs {
    /// Returns the page that is asked for.
    pub(crate) fn request(&self) -> PageRequest {
        PageRequest { cursor: self.cursor.clone(), limit: Some(self.limit) }
    }
}

/// `customers`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CustomersArgs {
    #[command(flatten)]
    pub(crate) page: PageArgs,
    /// In which order.
    #[arg(long, default_value = "newest")]
    pub(crate) sort: Sort,
}

/// In which order customers are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    /// The latest to come into being first.
    Newest,
    /// The largest lifetime value first.
    LifetimeValue,
}

impl From<Sort> for CustomerSort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Newest => Self::Newest,
            Sort::LifetimeValue => Self::LifetimeValue,
        }
    }
}

/// A customer.
#[derive(Debug, Clone, Args)]
pub(crate) struct IdArgs {
    /// The customer's id, or any id that ever named it.
    pub(crate) id: String,
}

/// `timeline`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TimelineArgs {
    /// The customer's id, or any id that ever named it.
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

/// `search`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SearchArgs {
    /// Words, the beginning of a word, an e-mail address, a number in any form, an id.
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
    /// Hits of each kind at most (1 to 200).
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) limit: u32,
}

/// `dead-letters`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DeadLettersArgs {
    /// What to do; without it, dead letters are listed.
    #[command(subcommand)]
    pub(crate) command: Option<DeadLettersCommand>,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

/// What to do with dead letters.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum DeadLettersCommand {
    /// List them, the latest first.
    List(PageArgs),
    /// Show one with all that arrived.
    Show {
        /// The dead letter, as `dead-letters` lists it.
        id: String,
    },
    /// Try again to store them. What goes through is no dead letter any more.
    Retry {
        /// The dead letters.
        #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
        ids: Vec<String>,
        /// All there are, the oldest first.
        #[arg(long)]
        all: bool,
    },
    /// Delete them for ever.
    Drop {
        /// The dead letters.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Do not ask.
        #[arg(long, short = 'y')]
        yes: bool,
    },
}
