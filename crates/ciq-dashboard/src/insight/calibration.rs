//! How far the chances of leaving can be trusted: what the model said against what happened.

use ciq_store::ModelView;
use maud::{Markup, html};
use serde_json::Value;

use crate::format::{counted, percent, time};

/// The size of the picture, in its own units, and the place of the plot in it.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 12.0;
const PLOT_WIDTH: f64 = 290.0;
const PLOT_HEIGHT: f64 = 235.0;

/// Lines across the plot.
const TICKS: u32 = 5;

/// Customers with about the same chance.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bin {
    /// Their mean chance.
    predicted: f64,
    /// The share of them that left.
    happened: f64,
    /// How many they are.
    customer_count: i64,
}

/// Shows how far the chances can be trusted.
pub(super) fn calibration(model: Option<&ModelView>) -> Markup {
    html! {
        section.card #calibration {
            h2 { "Chances of leaving, and what happened" }
            @match model {
                None => (untrained()),
                Some(model) => (trained(model)),
            }
        }
    }
}

fn untrained() -> Markup {
    html! {
        p {
            "No model was trained on this brand's own history, so chances follow a fixed rule, and \
             nobody can say how often they come true. With a few months of history:"
        }
        pre { "cargo run -p customeriq -- train" }
    }
}

fn trained(model: &ModelView) -> Markup {
    let stored: Value = serde_json::from_str(model.report.get()).unwrap_or_default();
    let report = &stored["report"];
    let bins = bins_of(report);
    let counts = |name: &str| report[name].as_i64().unwrap_or_default();
    let rounded =
        |name: &str| report[name].as_f64().map_or_else(String::new, |it| format!("{it:.2}"));
    html! {
        dl.pairs {
            dt { "Model" } dd.id { (model.version) }
            dt { "Trained" } dd { (time(model.trained_at.as_deref())) }
            dt { "Learned from" }
            dd {
                (counted(counts("customer_count"), "customer")) ", "
                (crate::format::count(counts("churn_count"))) " of whom left"
            }
            dt { "AUC" } dd { (rounded("auc")) " (0.5 is chance, 1 is perfect)" }
            dt { "Brier" } dd { (rounded("brier")) " (0 is perfect)" }
        }
        @if bins.is_empty() { p.muted { "Its report says nothing about what happened." } } @else {
            (picture(&bins))
            p.small.muted {
                "Of customers that the model had not seen. On the dashed line, chances are what \
                 they say; below it fewer left than was said."
            }
        }
    }
}

fn bins_of(report: &Value) -> Vec<Bin> {
    let bins = report["calibration"].as_array().into_iter().flatten();
    let read = |bin: &Value| {
        Some(Bin {
            predicted: bin["mean_score"].as_f64()?,
            happened: bin["rate"].as_f64()?,
            customer_count: bin["count"].as_i64()?,
        })
    };
    bins.filter_map(read).collect()
}

fn picture(bins: &[Bin]) -> Markup {
    let most = bins.iter().flat_map(|bin| [bin.predicted, bin.happened]).fold(0.0, f64::max);
    let end = ((most * 10.0).ceil() / 10.0).clamp(0.1, 1.0);
    let place = |bin: &Bin| place((bin.predicted, bin.happened), end);
    let trace: Vec<String> =
        bins.iter().map(place).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let ((left, bottom), (right, top)) =
        (self::place((0.0, 0.0), end), self::place((end, end), end));
    html! {
        figure.chart.scatter {
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img"
                aria-label="Predicted chance of leaving against the share that left" {
                (scale(end))
                path.ideal d=(format!("M{left} {bottom}L{right} {top}")) {}
                polyline.trace points=(trace.join(" ")) {}
                @for bin in bins {
                    @let (x, y) = place(bin);
                    circle.dot cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="5" {
                        title { (said(bin)) }
                    }
                }
            }
            details {
                summary { "The numbers as a table" }
                (table(bins))
            }
        }
    }
}

/// Lines across the plot, and what they stand for.
fn scale(end: f64) -> Markup {
    let ticks = (0..=TICKS).map(|tick| end * f64::from(tick) / f64::from(TICKS));
    let (right, bottom) = (LEFT + PLOT_WIDTH, TOP + PLOT_HEIGHT);
    html! {
        @for tick in ticks {
            @let (x, y) = place((tick, tick), end);
            path.grid d=(format!("M{x:.1} {TOP}V{bottom}M{LEFT} {y:.1}H{right}")) {}
            text x=(format!("{x:.1}")) y=(bottom + 16.0) text-anchor="middle" { (percent(tick)) " %" }
            text x=(LEFT - 6.0) y=(format!("{:.1}", y + 4.0)) text-anchor="end" { (percent(tick)) " %" }
        }
        path.axis d=(format!("M{LEFT} {TOP}V{bottom}H{right}")) {}
        text x=(LEFT + PLOT_WIDTH / 2.0) y=(bottom + 36.0) text-anchor="middle" { "predicted" }
        text transform=(format!("translate(10 {}) rotate(-90)", TOP + PLOT_HEIGHT / 2.0))
            text-anchor="middle" { "left" }
    }
}

/// Where a point of the plot is in the picture.
fn place((across, up): (f64, f64), end: f64) -> (f64, f64) {
    let share = |value: f64| (value / end).clamp(0.0, 1.0);
    (LEFT + PLOT_WIDTH * share(across), TOP + PLOT_HEIGHT * (1.0 - share(up)))
}

fn said(bin: &Bin) -> String {
    let Bin { predicted, happened, customer_count } = bin;
    let (predicted, happened) = (percent(*predicted), percent(*happened));
    let who = counted(*customer_count, "customer");
    format!("{who}: {predicted} % predicted, {happened} % left")
}

fn table(bins: &[Bin]) -> Markup {
    html! {
        div.scroll {
            table {
                caption.unseen { "Predicted chance of leaving and the share that left" }
                thead {
                    tr {
                        th.number scope="col" { "Predicted" }
                        th.number scope="col" { "Left" }
                        th.number scope="col" { "Customers" }
                    }
                }
                tbody {
                    @for bin in bins {
                        tr {
                            td.number { (format!("{:.1} %", 100.0 * bin.predicted)) }
                            td.number { (format!("{:.1} %", 100.0 * bin.happened)) }
                            td.number { (crate::format::count(bin.customer_count)) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report() -> Value {
        json!({"calibration": [
            {"mean_score": 0.0, "rate": 0.1, "count": 10},
            {"mean_score": 0.4, "rate": 0.4, "count": 20},
            {"mean_score": "much", "rate": 0.4, "count": 20},
        ]})
    }

    #[test]
    fn a_report_has_bins_and_what_is_none_is_left_out() {
        let bins = bins_of(&report());
        assert_eq!(bins.len(), 2);
        assert_eq!(bins[1], Bin { predicted: 0.4, happened: 0.4, customer_count: 20 });
        assert_eq!(bins_of(&Value::Null), []);
    }

    #[test]
    fn what_came_true_stands_on_the_diagonal() {
        let bins = bins_of(&report());
        let shown = picture(&bins).into_string();
        // The end of the scale is 40 %: the second point is in the corner.
        assert!(shown.contains("cx=\"338.0\" cy=\"12.0\""), "{shown}");
        assert!(shown.contains("20 customers: 40 % predicted, 40 % left"), "{shown}");
        assert!(shown.contains("<td class=\"number\">40.0 %</td>"), "{shown}");
        assert!(!shown.contains("style="), "{shown}");
    }
}
