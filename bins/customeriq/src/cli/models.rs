//! The flags of commands that learn and predict.

use std::path::PathBuf;

use ciq_clockwork::TrainOptions;
use ciq_insight::Target;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::moment::{horizon, moment};

/// What stands for no trained model.
pub(crate) const SCORECARD: &str = "scorecard";

/// What to learn from, and what.
#[derive(Debug, Clone, Args)]
pub(crate) struct LessonArgs {
    /// What was until then is known, what came after is the answer; a horizon before the last
    /// event without it.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    cut: Option<Timestamp>,
    /// How many days count as soon, such as 30d.
    #[arg(long, value_name = "DAYS", value_parser = horizon, default_value = "30d")]
    horizon: u16,
    /// What counts as staying; the history decides without it.
    #[arg(long)]
    target: Option<TargetName>,
}

/// What counts as staying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TargetName {
    /// An order within the horizon.
    Purchase,
    /// Anything at all within the horizon.
    Activity,
}

impl LessonArgs {
    /// Returns what to learn.
    pub(crate) fn options(&self) -> TrainOptions {
        let target = self.target.map(|target| match target {
            TargetName::Purchase => Target::Purchase,
            TargetName::Activity => Target::Activity,
        });
        TrainOptions { cut: self.cut, horizon_days: self.horizon, target }
    }
}

/// `evaluate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    pub(crate) lesson: LessonArgs,
    /// Draw the trained model's chances against what came true.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Draw how many of those who left each model finds among the most endangered.
    #[arg(long, value_name = "FILE")]
    pub(crate) gain_svg: Option<PathBuf>,
}

/// `predict`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PredictArgs {
    /// As of when, such as 2026-01-31 or 2026-01-31T09:30:00Z; now without it. What came later
    /// does not count.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) as_of: Option<Timestamp>,
}

/// `models`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ModelsArgs {
    /// What to do; without it, models are listed.
    #[command(subcommand)]
    pub(crate) command: Option<ModelsCommand>,
}

/// What to do with models.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Predict with a model from the next pass on.
    Use {
        /// The model, as `models` lists it; or scorecard, which needs no history.
        version: String,
    },
}
