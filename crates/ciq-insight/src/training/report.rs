//! An evaluation as text, JSON and pictures.

use std::fmt::Write;

use ciq_models::{GainPoint, calibration_svg, gain_svg};

use super::evaluation::{EvaluationReport, ModelFigures};

/// The models in the picture: as many as can be told apart.
const PICTURED: [&str; 4] = ["trained", "recency", "scorecard", "Pareto/NBD"];

impl EvaluationReport {
    /// Returns the report as a table that reads well on a screen.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{} customers, {} left within {} days of {}\n\n",
            self.customer_count, self.churn_count, self.horizon_days, self.cut
        );
        let header = ["model", "AUC", "Brier", "MAE orders", "MAE spend (minor)", "top tenth"];
        let mut table = vec![header.map(str::to_owned)];
        table.extend(self.models.iter().map(row));
        push_table(&mut text, &table);
        let header = ["predicted", "came true", "customers"];
        let mut table = vec![header.map(str::to_owned)];
        table.extend(self.calibration.iter().map(|bin| {
            [decimals(bin.mean_score, 4), decimals(bin.rate, 4), bin.count.to_string()]
        }));
        put(
            &mut text,
            format_args!(
                "\ncalibration of {}, mean error {:.4}\n\n",
                self.trained_version, self.calibration_error
            ),
        );
        push_table(&mut text, &table);
        text
    }

    /// Returns the report as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Numbers, texts and lists: there is nothing that JSON could not say.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns a picture of the trained model's chances against what came true.
    #[must_use]
    pub fn to_svg(&self) -> String {
        calibration_svg(&self.calibration, "Chances of leaving, and what came true")
    }

    /// Returns a picture of how many of those who left are found among the most endangered.
    #[must_use]
    pub fn to_gain_svg(&self) -> String {
        let gain = |name| self.models.iter().find(|model| model.name == name);
        let lines: Vec<(&str, Vec<GainPoint>)> = PICTURED
            .into_iter()
            .filter_map(gain)
            .map(|model| (model.name.as_str(), model.gain.clone()))
            .collect();
        gain_svg(&lines, "Leaving customers found")
    }

    /// Returns the figures of a model by its name.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&ModelFigures> {
        self.models.iter().find(|model| model.name == name)
    }
}

fn row(model: &ModelFigures) -> [String; 6] {
    let cell = |value: Option<f64>, places| {
        value.map_or_else(|| "-".to_owned(), |value| decimals(value, places))
    };
    [
        model.name.clone(),
        cell(model.auc, 4),
        cell(model.brier, 4),
        cell(model.order_error, 4),
        // Minor units mostly are hundredths, but not always: they are left as they are.
        cell(model.spend_error, 0),
        cell(model.top_decile_capture, 4),
    ]
}

fn decimals(value: f64, places: usize) -> String {
    format!("{value:.places$}")
}

/// Names to the left, numbers to the right, two blanks between.
fn push_table<const N: usize>(text: &mut String, table: &[[String; N]]) {
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max();
    for row in table {
        for (column, cell) in row.iter().enumerate() {
            let width = width(column).unwrap_or_default();
            match column {
                0 => put(text, format_args!("{cell:<width$}")),
                _ => put(text, format_args!("  {cell:>width$}")),
            }
        }
        text.push('\n');
    }
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(what);
    debug_assert!(written.is_ok(), "a string takes everything");
}
