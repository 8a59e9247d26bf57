//! One module per command.

mod automations;
mod backup;
mod campaigns;
mod completions;
mod customers;
mod dead_letters;
mod definition;
mod demo;
mod doctor;
mod dump;
mod erase;
mod evaluate;
mod executions;
mod export;
mod import;
mod interventions;
mod man;
mod merges;
mod migrate;
mod models;
mod monitor;
mod predict;
mod publish;
mod rebuild;
mod replay;
mod restore;
mod search;
mod serve;
mod show;
mod stage;
mod stats;
mod timeline;
mod train;
mod waiting;
mod worker;

use crate::cli::Command;
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Runs a command.
pub(crate) fn run(session: &mut Session, command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Demo(args) => demo::run(session, args),
        Command::Import(args) => import::run(session, args),
        Command::Serve(args) => serve::run(session, args),
        Command::Worker(args) => worker::run(session, args),
        Command::Customers(args) => customers::run(session, args),
        Command::Show(args) => show::run(session, args),
        Command::Timeline(args) => timeline::run(session, args),
        Command::Search(args) => search::run(session, args),
        Command::Stats => stats::run(session),
        Command::Merges(args) => merges::run(session, args),
        Command::DeadLetters(args) => dead_letters::run(session, args),
        Command::Train(args) => train::run(session, args),
        Command::Evaluate(args) => evaluate::run(session, args),
        Command::Predict(args) => predict::run(session, args),
        Command::Models(args) => models::run(session, args),
        Command::Automations(args) => automations::run(session, args),
        Command::Executions(args) => executions::run(session, args),
        Command::Campaigns(args) => campaigns::run(session, args),
        Command::Monitor(args) => monitor::run(session, args),
        Command::Interventions(args) => interventions::run(session, args),
        Command::Publish(args) => publish::run(session, args),
        Command::Replay(args) => replay::run(session, args),
        Command::Erase(args) => erase::run(session, args),
        Command::Rebuild(args) => rebuild::run(session, args),
        Command::Backup(args) => backup::run(session, args),
        Command::Restore(args) => restore::run(session, args),
        Command::Migrate(args) => migrate::run(session, args),
        Command::Dump => dump::run(session),
        Command::Export(args) => export::run(session, args),
        Command::Doctor(args) => doctor::run(session, args),
        Command::Completions { shell } => completions::run(session, *shell),
        Command::Man { dir } => man::run(session, dir.as_deref()),
    }
}
