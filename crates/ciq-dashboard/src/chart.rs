//! Drawings in the page itself, without a script, each with its numbers in a table.

use maud::{Markup, html};

use crate::format::count;

/// The width of a drawing, in its own units.
const WIDTH: f64 = 100.0;

/// The height of a drawing, in its own units.
const HEIGHT: f64 = 24.0;

/// A value and what it is the value of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    /// What, such as a minute or a stage.
    pub(crate) label: String,
    /// How many.
    pub(crate) value: i64,
}

/// A bar: a value, how it is written, and which tone it has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    /// What.
    pub(crate) label: String,
    /// How long the bar is, in any unit.
    pub(crate) value: f64,
    /// The value as people read it.
    pub(crate) shown: String,
    /// `plain`, `good`, `warn` or `bad`.
    pub(crate) tone: &'static str,
}

/// Draws a row of counts as a line: `title` says what, `column` what the labels are.
pub(crate) fn sparkline(title: &str, column: &str, points: &[Point]) -> Markup {
    let most = points.iter().map(|point| point.value).max().unwrap_or_default();
    let latest = points.last().map_or(0, |point| point.value);
    let said = format!("{title}: {} at last, {} at most", count(latest), count(most));
    let trace = trace(points, most.max(1));
    html! {
        figure.chart.spark {
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" role="img"
                aria-label=(said) {
                polygon.below points=(format!("0,{HEIGHT} {trace} {WIDTH},{HEIGHT}")) {}
                polyline.trace points=(trace) {}
            }
            details {
                summary { (title) " as a table" }
                div.scroll {
                    table {
                        caption.unseen { (title) }
                        thead { tr { th scope="col" { (column) } th.number scope="col" { "Count" } } }
                        tbody {
                            @for point in points.iter().rev() {
                                tr { th scope="row" { (point.label) } td.number { (count(point.value)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn trace(points: &[Point], most: i64) -> String {
    let step = WIDTH / count_of(points.len().saturating_sub(1).max(1));
    let at = |(index, point): (usize, &Point)| {
        let y = HEIGHT - HEIGHT * fraction(point.value, most);
        format!("{:.1},{y:.1}", step * count_of(index))
    };
    points.iter().enumerate().map(at).collect::<Vec<_>>().join(" ")
}

/// Draws bars, one under the other. It is a table already: `title` is its caption, and the values
/// stand beside the bars. The longest bar fills the width.
pub(crate) fn bars(title: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    html! {
        table.bars {
            caption.unseen { (title) }
            tbody {
                @for bar in bars {
                    @let width = WIDTH * share(bar.value, most);
                    tr {
                        th scope="row" { (bar.label) }
                        td.drawn {
                            svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                                rect.(bar.tone) width=(format!("{width:.1}")) height="8" {}
                            }
                        }
                        td.number { (bar.shown) }
                    }
                }
            }
        }
    }
}

/// Returns a part of a whole, 0 where there is no whole.
fn share(part: f64, whole: f64) -> f64 {
    let share = part / whole;
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
}

/// Returns a part of a whole; counts far beyond what a drawing shows lose digits nobody sees.
fn fraction(part: i64, whole: i64) -> f64 {
    let small = |value: i64| f64::from(i32::try_from(value).unwrap_or(i32::MAX));
    (small(part) / small(whole)).clamp(0.0, 1.0)
}

fn count_of(length: usize) -> f64 {
    f64::from(u32::try_from(length).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[i64]) -> Vec<Point> {
        let label =
            |(index, value): (usize, &i64)| Point { label: index.to_string(), value: *value };
        values.iter().enumerate().map(label).collect()
    }

    #[test]
    fn a_line_goes_from_edge_to_edge_and_no_higher_than_the_drawing() {
        assert_eq!(trace(&points(&[0, 5, 10]), 10), "0.0,24.0 50.0,12.0 100.0,0.0");
        assert_eq!(trace(&points(&[3]), 3), "0.0,0.0");
        assert_eq!(trace(&points(&[]), 1), "");
    }

    #[test]
    fn a_drawing_has_its_numbers_beside_it() {
        let shown = sparkline("Events", "Minute", &points(&[1, 1_000])).into_string();
        assert!(shown.contains("aria-label=\"Events: 1,000 at last, 1,000 at most\""), "{shown}");
        assert!(shown.contains("<td class=\"number\">1,000</td>"), "{shown}");
        assert!(!shown.contains("style="), "{shown}");
    }

    #[test]
    fn the_longest_bar_fills_the_width() {
        let bar = |value: f64| Bar {
            label: "<i>".to_owned(),
            value,
            shown: format!("{value}"),
            tone: "good",
        };
        let shown = bars("Shares", &[bar(2.0), bar(4.0), bar(f64::NAN)]).into_string();
        assert!(shown.contains("width=\"50.0\"") && shown.contains("width=\"100.0\""), "{shown}");
        assert!(shown.contains("&lt;i&gt;") && !shown.contains("<i>"), "{shown}");
    }
}
