//! Small pictures of how good predictions are: self-contained SVG, readable on light and on dark.

use std::fmt::Write;

use crate::metrics::{CalibrationBin, GainPoint};

/// The picture's size and the place of the plot in it, in pixels.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 44.0;
const PLOT: f64 = 290.0;

/// Where the legend stands.
const LEGEND: f64 = LEFT + PLOT + 14.0;

/// Room for letters of the legend.
const LEGEND_LETTERS: usize = 14;

/// Lines that can be told apart, by colour and by dashes.
const DASHES: [&str; 4] = ["none", "7 4", "2 3", "9 3 2 3"];

/// Colours that hold on white and on black. Letters and axes follow the reader's scheme.
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#222}\
.t{font-size:15px;font-weight:600}.a{stroke:#222;fill:none}.g{stroke:#888;stroke-opacity:.3;fill:none}\
.d{stroke:#888;stroke-dasharray:3 3;fill:none}.l{fill:none;stroke-width:2}\
.c0{stroke:#2f7ed8;fill:#2f7ed8}.c1{stroke:#d9822b;fill:#d9822b}\
.c2{stroke:#3a9d5d;fill:#3a9d5d}.c3{stroke:#a65ec9;fill:#a65ec9}.l.l{fill:none}\
@media(prefers-color-scheme:dark){text{fill:#ddd}.a{stroke:#ddd}}";

/// Draws chances against what came true: on the diagonal, chances are what they say. The bigger a
/// point, the more customers it stands for.
#[must_use]
pub fn calibration_svg(bins: &[CalibrationBin], title: &str) -> String {
    let most = bins.iter().flat_map(|bin| [bin.mean_score, bin.rate]).fold(0.0, f64::max);
    let mut plot = Plot::new(title, ["predicted", "came true"], [scale_end(most), scale_end(most)]);
    plot.diagonal(1.0);
    let points: Vec<(f64, f64)> = bins.iter().map(|bin| (bin.mean_score, bin.rate)).collect();
    plot.line(0, &points);
    let total: f64 = bins.iter().map(|bin| crate::logistic::count(bin.count)).sum();
    for bin in bins {
        let share = crate::logistic::count(bin.count) / total.max(1.0);
        let what = format!(
            "{} customers: predicted {:.3}, came true {:.3}",
            bin.count, bin.mean_score, bin.rate
        );
        plot.point((bin.mean_score, bin.rate), 3.0 + 8.0 * share.sqrt(), &what);
    }
    plot.finish()
}

/// Draws which share of all amounts the best-scored customers have: a line for each model, by name.
/// On the diagonal, a score says nothing. At most four models can be told apart.
#[must_use]
pub fn gain_svg(models: &[(&str, Vec<GainPoint>)], title: &str) -> String {
    let mut plot = Plot::new(title, ["customers, best first", "share of the total"], [1.0, 1.0]);
    plot.diagonal(1.0);
    for (place, (name, points)) in models.iter().enumerate() {
        let points: Vec<(f64, f64)> = points.iter().map(|p| (p.customers, p.amounts)).collect();
        plot.line(place, &points);
        plot.legend(place, name);
    }
    plot.finish()
}

/// Draws how many times as much the best-scored customers have as an average one: the gain over the
/// diagonal. At most four models can be told apart.
#[must_use]
pub fn lift_svg(models: &[(&str, Vec<GainPoint>)], title: &str) -> String {
    let lift = |points: &[GainPoint]| -> Vec<(f64, f64)> {
        let some = points.iter().filter(|point| point.customers > 0.0);
        some.map(|point| (point.customers, point.amounts / point.customers)).collect()
    };
    let lines: Vec<Vec<(f64, f64)>> = models.iter().map(|model| lift(&model.1)).collect();
    let most = lines.iter().flatten().map(|point| point.1).fold(1.0, f64::max);
    let mut plot =
        Plot::new(title, ["customers, best first", "times the mean"], [1.0, most.ceil()]);
    plot.level(1.0);
    for (place, (points, (name, _))) in lines.iter().zip(models).enumerate() {
        plot.line(place, points);
        plot.legend(place, name);
    }
    plot.finish()
}

/// The end of an axis of shares: a tenth above the greatest, so that small chances fill the plot.
fn scale_end(most: f64) -> f64 {
    ((most * 10.0).ceil() / 10.0).clamp(0.1, 1.0)
}

/// A square plot in the making.
struct Plot {
    svg: String,
    ends: [f64; 2],
}

impl Plot {
    fn new(title: &str, axes: [&str; 2], ends: [f64; 2]) -> Self {
        let title = escaped(title);
        let mut plot = Self { svg: String::with_capacity(4_096), ends };
        plot.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             role=\"img\"><title>{title}</title><style>{STYLE}</style>\
             <text class=\"t\" x=\"{LEFT}\" y=\"24\">{title}</text>"
        ));
        plot.axes(axes);
        plot
    }

    fn axes(&mut self, names: [&str; 2]) {
        for tick in 0..=5 {
            let share = f64::from(tick) / 5.0;
            let [x_end, y_end] = self.ends;
            let (x, y) = self.place((share * x_end, share * y_end));
            let (right, bottom) = (LEFT + PLOT, TOP + PLOT);
            self.put(format_args!(
                "<path class=\"g\" d=\"M{x:.1} {TOP}V{bottom}M{LEFT} {y:.1}H{right}\"/>\
                 <text x=\"{x:.1}\" y=\"{below:.1}\" text-anchor=\"middle\">{at_x}</text>\
                 <text x=\"{before:.1}\" y=\"{middle:.1}\" text-anchor=\"end\">{at_y}</text>",
                below = bottom + 17.0,
                before = LEFT - 7.0,
                middle = y + 4.0,
                at_x = label(share * x_end),
                at_y = label(share * y_end),
            ));
        }
        let (bottom, middle) = (TOP + PLOT, PLOT / 2.0);
        self.put(format_args!(
            "<path class=\"a\" d=\"M{LEFT} {TOP}V{bottom}h{PLOT}\"/>\
             <text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{across}</text>\
             <text transform=\"translate(16 {up}) rotate(-90)\" text-anchor=\"middle\">{upward}</text>",
            x = LEFT + middle,
            y = bottom + 40.0,
            up = TOP + middle,
            across = escaped(names[0]),
            upward = escaped(names[1]),
        ));
    }

    /// What a score that says nothing, or nothing wrong, would give.
    fn diagonal(&mut self, slope: f64) {
        let (from, to) = (self.place((0.0, 0.0)), self.place((self.ends[0], slope * self.ends[0])));
        self.dashes(from, to);
    }

    fn level(&mut self, height: f64) {
        let (from, to) = (self.place((0.0, height)), self.place((self.ends[0], height)));
        self.dashes(from, to);
    }

    fn dashes(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.put(format_args!(
            "<path class=\"d\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/>",
            from.0, from.1, to.0, to.1
        ));
    }

    fn line(&mut self, place: usize, points: &[(f64, f64)]) {
        let look = place % DASHES.len();
        let dashes = DASHES[look];
        self.put(format_args!("<path class=\"l c{look}\" stroke-dasharray=\"{dashes}\" d=\""));
        for (number, point) in points.iter().enumerate() {
            let (x, y) = self.place(*point);
            let pen = if number == 0 { 'M' } else { 'L' };
            self.put(format_args!("{pen}{x:.1} {y:.1}"));
        }
        self.svg.push_str("\"/>");
    }

    fn point(&mut self, at: (f64, f64), radius: f64, what: &str) {
        let (x, y) = self.place(at);
        let what = escaped(what);
        self.put(format_args!(
            "<circle class=\"c0\" fill-opacity=\"0.6\" cx=\"{x:.1}\" cy=\"{y:.1}\" \
             r=\"{radius:.1}\"><title>{what}</title></circle>"
        ));
    }

    fn legend(&mut self, place: usize, name: &str) {
        let y = TOP + 12.0 + 34.0 * crate::logistic::count(place);
        let look = place % DASHES.len();
        let name: String = name.chars().take(LEGEND_LETTERS).collect();
        self.put(format_args!(
            "<path class=\"l c{look}\" stroke-dasharray=\"{dashes}\" d=\"M{LEGEND} {y}h30\"/>\
             <text x=\"{LEGEND}\" y=\"{below}\">{name}</text>",
            dashes = DASHES[look],
            below = y + 16.0,
            name = escaped(&name),
        ));
    }

    /// Where a point of the plot is in the picture.
    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let inside = |value: f64, end: f64| PLOT * (value / end).clamp(0.0, 1.0);
        (LEFT + inside(x, self.ends[0]), TOP + PLOT - inside(y, self.ends[1]))
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let written = self.svg.write_fmt(text);
        debug_assert!(written.is_ok(), "a string takes everything");
    }

    fn finish(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

/// A number on an axis, as short as can be.
fn label(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
