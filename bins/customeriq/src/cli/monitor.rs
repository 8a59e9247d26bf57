//! The flags of commands about the monitor, and about what it wants a person to do.

use std::path::PathBuf;

use ciq_event::{CustomerId, Severity};
use ciq_store::InterventionFilter;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};

use super::moment::{moment, rest};
use super::{ActorArgs, PageArgs};

/// Stands for all statuses.
const ALL_STATUSES: &str = "all";

/// `interventions`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct InterventionsArgs {
    /// What to do; without it, interventions are listed.
    #[command(subcommand)]
    pub(crate) command: Option<InterventionsCommand>,
    #[command(flatten)]
    pub(crate) list: InterventionListArgs,
}

/// What to do with interventions.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum InterventionsCommand {
    /// List them, the most severe first; those that are resolved only when asked.
    List(InterventionListArgs),
    /// Show one: the figures, what to do, and what became of it.
    Show {
        /// The intervention, as `interventions` lists it.
        id: String,
    },
    /// Say that somebody has seen it and looks after it.
    Acknowledge {
        /// The intervention, as `interventions` lists it.
        id: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Put it off. It is open again by itself, where its condition holds then.
    Snooze {
        /// The intervention, as `interventions` lists it.
        id: String,
        #[command(flatten)]
        rest: RestArgs,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Give it to somebody, or to nobody.
    Assign {
        /// The intervention, as `interventions` lists it.
        id: String,
        #[command(flatten)]
        to: AssigneeArgs,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Say that it is done. Its kind rests for this customer for the cool-down of its rule.
    Resolve {
        /// The intervention, as `interventions` lists it.
        id: String,
        /// What came of it.
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        note: Option<String>,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Open it again after it was resolved.
    Reopen {
        /// The intervention, as `interventions` lists it.
        id: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Write a comment into its history.
    Comment {
        /// The intervention, as `interventions` lists it.
        id: String,
        /// The words.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        text: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
}

/// Which interventions.
#[derive(Debug, Clone, Args)]
pub(crate) struct InterventionListArgs {
    /// In these states only, separated by commas: all but the resolved ones without it.
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    #[arg(value_parser = PossibleValuesParser::new([
        "open", "acknowledged", "snoozed", "resolved", ALL_STATUSES,
    ]))]
    status: Vec<String>,
    /// Of this severity only.
    #[arg(long)]
    #[arg(value_parser = PossibleValuesParser::new(["low", "medium", "high", "critical"]))]
    severity: Option<String>,
    /// Of this kind only, such as `error_debugging`.
    #[arg(long)]
    kind: Option<String>,
    /// Of this person only.
    #[arg(long, value_name = "NAME")]
    assignee: Option<String>,
    /// About this customer only: any id that ever named it.
    #[arg(long, value_name = "ID")]
    pub(crate) customer: Option<String>,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

impl InterventionListArgs {
    /// Returns what to list.
    pub(crate) fn filter(&self) -> InterventionFilter {
        let is_all = self.status.iter().any(|status| status == ALL_STATUSES);
        let status = match (is_all, self.status.is_empty()) {
            (true, _) => {
                Some(ciq_monitor::Status::ALL.iter().map(|one| one.name().to_owned()).collect())
            }
            (false, true) => None,
            (false, false) => Some(self.status.clone()),
        };
        InterventionFilter {
            status,
            severity: self.severity.as_deref().and_then(Severity::parse),
            kind: self.kind.clone(),
            assignee: self.assignee.clone(),
            customer: self.customer.as_deref().map(CustomerId::from_raw),
            cursor: self.page.cursor.clone(),
            limit: Some(self.page.limit),
        }
    }
}

/// Until when an intervention rests.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct RestArgs {
    /// For how long from now on, such as 30m, 4h or 2d.
    #[arg(long = "for", value_name = "SPAN", value_parser = rest)]
    pub(crate) span: Option<SignedDuration>,
    /// Until when, such as 2026-01-31T09:30:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) until: Option<Timestamp>,
}

/// Whose an intervention is.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct AssigneeArgs {
    /// Whose it is from now on.
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) to: Option<String>,
    /// It is nobody's from now on.
    #[arg(long)]
    nobody: bool,
}

/// `monitor`.
#[derive(Debug, Clone, Args)]
pub(crate) struct MonitorArgs {
    /// What to do; without it, the rules are listed with what they have open.
    #[command(subcommand)]
    pub(crate) command: Option<MonitorCommand>,
}

/// What to do with the monitor.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum MonitorCommand {
    /// Check everyone by the rules: open, close, and wake what was put off.
    Check {
        /// As of when, such as 2026-01-31T09:30:00Z; now without it.
        #[arg(long, value_name = "TIME", value_parser = moment)]
        as_of: Option<Timestamp>,
    },
    /// Write the rules as TOML, to change and to `set`.
    Rules,
    /// Put the rules of a TOML file in the place of those that there are.
    Set {
        /// The file; `-` is standard input.
        file: PathBuf,
    },
    /// Go back to the default set of rules.
    Reset,
}
