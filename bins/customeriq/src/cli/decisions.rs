//! The flags of commands that decide about customers.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::PageArgs;

/// `merges`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct MergesArgs {
    /// What to do; without it, merges are listed.
    #[command(subcommand)]
    pub(crate) command: Option<MergesCommand>,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

/// Who decides.
#[derive(Debug, Clone, Args)]
pub(crate) struct ActorArgs {
    /// Who decides: kept in the history.
    #[arg(long, default_value = "operator", value_name = "NAME")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) actor: String,
}

/// What to do with merges.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum MergesCommand {
    /// Take a merge apart. The same evidence does not merge these customers again.
    Undo {
        /// The merge, as `merges` lists it.
        id: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// List what waits for a person.
    Queue(PageArgs),
    /// Say that the customers of a review are one.
    Approve {
        /// The review, as `merges queue` lists it.
        id: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Say that the customers of a review are different.
    Reject {
        /// The review, as `merges queue` lists it.
        id: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Say that customers are one.
    Join {
        /// The customers; at least two.
        #[arg(required = true, num_args = 2.., value_name = "ID")]
        ids: Vec<String>,
        /// Why.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        reason: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Show why a customer is one, or why two ids name one customer.
    Explain {
        /// The customer.
        id: String,
        /// Another id.
        other: Option<String>,
    },
}

/// `erase`.
#[derive(Debug, Clone, Args)]
pub(crate) struct EraseArgs {
    /// The customer's id, or any id that ever named it.
    pub(crate) id: String,
    /// Do not ask.
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) actor: ActorArgs,
}
