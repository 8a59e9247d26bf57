//! The flags of commands about rules that act by themselves.

use std::path::PathBuf;

use ciq_event::CustomerId;
use ciq_store::ExecutionFilter;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::PageArgs;
use super::moment::moment;

/// `automations`.
#[derive(Debug, Clone, Args)]
pub(crate) struct AutomationsArgs {
    /// What to do; without it, automations are listed.
    #[command(subcommand)]
    pub(crate) command: Option<AutomationsCommand>,
}

/// What to do with automations.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum AutomationsCommand {
    /// List them.
    List,
    /// Show one as TOML that `add` reads.
    Show {
        /// The automation, as `automations` lists it.
        id: String,
    },
    /// Keep the automations of a TOML file, all or none.
    Add {
        /// The file; `-` is standard input.
        file: PathBuf,
        /// Put them in the place of those with the same ids.
        #[arg(long)]
        replace: bool,
    },
    /// Switch automations on.
    Enable(NamesArgs),
    /// Switch automations off. What they have not sent yet is not sent.
    Disable(NamesArgs),
    /// Delete automations. What they did stays on record.
    Remove(NamesArgs),
    /// Write a set to begin with as TOML, to change and to `add`. All of it is switched off.
    Defaults,
    /// Compute everyone, trigger what that triggers, and send what is due.
    Evaluate {
        /// As of when, such as 2026-01-31T09:30:00Z; now without it.
        #[arg(long, value_name = "TIME", value_parser = moment)]
        as_of: Option<Timestamp>,
    },
}

/// Which automations.
#[derive(Debug, Clone, Args)]
pub(crate) struct NamesArgs {
    /// The automations, as `automations` lists them.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
}

/// Whose, and of which automation.
#[derive(Debug, Clone, Args)]
pub(crate) struct OfArgs {
    /// Of this customer only: any id that ever named it.
    #[arg(long, value_name = "ID")]
    pub(crate) customer: Option<String>,
    /// Of this automation only.
    #[arg(long, value_name = "ID")]
    automation: Option<String>,
}

impl OfArgs {
    /// Returns what to list.
    fn filter(&self, status: Option<&String>) -> ExecutionFilter {
        ExecutionFilter {
            customer: self.customer.as_deref().map(CustomerId::from_raw),
            automation_id: self.automation.clone(),
            status: status.cloned(),
        }
    }
}

/// `executions`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExecutionsArgs {
    #[command(flatten)]
    of: OfArgs,
    /// In this state only.
    #[arg(long)]
    #[arg(value_parser = PossibleValuesParser::new(["triggered", "executed", "failed", "suppressed"]))]
    status: Option<String>,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

impl ExecutionsArgs {
    /// Returns what to list.
    pub(crate) fn filter(&self) -> ExecutionFilter {
        self.of.filter(self.status.as_ref())
    }
}

/// `campaigns`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CampaignsArgs {
    #[command(flatten)]
    of: OfArgs,
    /// In this state only.
    #[arg(long)]
    #[arg(value_parser = PossibleValuesParser::new([
        "queued", "sending", "sent", "failed", "suppressed",
    ]))]
    status: Option<String>,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

impl CampaignsArgs {
    /// Returns what to list.
    pub(crate) fn filter(&self) -> ExecutionFilter {
        self.of.filter(self.status.as_ref())
    }
}
