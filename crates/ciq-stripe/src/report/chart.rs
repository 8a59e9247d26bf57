//! A picture of revenue: bars by price plan with the closing line, and below them what moved it.
//! Self-contained SVG without script, readable on light and on dark.
//!
//! A unit is a tenth of a pixel, so that whole numbers place everything.

use std::fmt::{Arguments, Write};

use super::{of_plan, plan_names};
use crate::PricePlan;
use crate::money::dollars;
use crate::mrr::MonthRevenue;

/// The picture.
const WIDTH: i64 = 9_600;
const HEIGHT: i64 = 6_400;

/// Where the plots are, from left to right.
const LEFT: i64 = 1_000;
const RIGHT: i64 = 7_600;

/// Where the legends are.
const LEGEND: i64 = 7_900;

/// Room for letters of a legend.
const LEGEND_LETTERS: usize = 24;

/// The upper plot, from top to bottom.
const UPPER: [i64; 2] = [700, 3_700];

/// The lower plot, from top to bottom.
const LOWER: [i64; 2] = [4_400, 5_900];

/// More months than this, and only every other one is named.
const NAMED_MONTHS_MAX: usize = 12;

/// Most lines across a plot.
const LINES_MAX: i64 = 5;

/// Colours that hold on white and on black. Letters and lines follow the reader's scheme.
const STYLE: &str = "text{font:120px system-ui,sans-serif;fill:#222}\
.t{font-size:160px;font-weight:600}.a{stroke:#222;stroke-width:10}\
.g{stroke:#888;stroke-opacity:.35;stroke-width:8}\
.l{fill:none;stroke:#222;stroke-width:22;stroke-linejoin:round}.d{fill:#222}\
.p0{fill:#8c8c8c}.p1{fill:#2f7ed8}.p2{fill:#3a9d5d}.p3{fill:#d9822b}.p4{fill:#a65ec9}.p5{fill:#2aa5a0}\
.m0{fill:#3a9d5d}.m1{fill:#2aa5a0}.m2{fill:#2f7ed8}.m3{fill:#d9822b}.m4{fill:#d0454c}\
@media(prefers-color-scheme:dark){text,.d{fill:#ddd}.a,.l{stroke:#ddd}}";

/// Renders a picture: revenue by price plan with the closing line, and what moved it.
#[must_use]
pub fn render_svg(months: &[MonthRevenue]) -> String {
    let mut picture = Picture { svg: String::with_capacity(16_384), months };
    picture.open();
    if !months.is_empty() {
        picture.upper();
        picture.lower();
    }
    picture.svg.push_str("</svg>\n");
    picture.svg
}

/// A picture in the making.
struct Picture<'a> {
    svg: String,
    months: &'a [MonthRevenue],
}

/// Amounts from bottom to top of a plot.
#[derive(Clone, Copy)]
struct Scale {
    low: i64,
    high: i64,
    top: i64,
    bottom: i64,
}

impl Scale {
    /// Returns the height at which an amount stands.
    fn y(self, cents: i64) -> i64 {
        let height = i128::from(self.bottom - self.top);
        let span = i128::from((self.high - self.low).max(1));
        let above = i128::from(cents - self.low) * height / span;
        self.bottom - i64::try_from(above).unwrap_or_default()
    }
}

impl Picture<'_> {
    fn put(&mut self, what: Arguments<'_>) {
        let written = self.svg.write_fmt(what);
        debug_assert!(written.is_ok(), "a string takes everything");
    }

    fn open(&mut self) {
        let (title, description) = (self.title(), self.description());
        self.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             role=\"img\" aria-labelledby=\"mrr-title mrr-desc\">\n\
             <title id=\"mrr-title\">{title}</title>\n<desc id=\"mrr-desc\">{description}</desc>\n\
             <style>{STYLE}</style>\n<text class=\"t\" x=\"{LEFT}\" y=\"400\">{title}</text>\n",
        ));
    }

    fn title(&self) -> String {
        let ends = self.months.first().zip(self.months.last());
        let span = ends.map(|(first, last)| format!(", {} to {}", first.month, last.month));
        format!("Monthly recurring revenue{}", escaped(&span.unwrap_or_default()))
    }

    fn description(&self) -> String {
        let Some((first, last)) = self.months.first().zip(self.months.last()) else {
            return "No month is known.".to_owned();
        };
        let sum =
            |cents: fn(&MonthRevenue) -> i64| dollars(self.months[1..].iter().map(cents).sum());
        format!(
            "From ${} to ${}: since the first month ${} new, ${} reactivation, ${} expansion, \
             ${} contraction and ${} churn. Past due at the end: ${}.",
            dollars(first.closing_cents),
            dollars(last.closing_cents),
            sum(|month| month.new_cents),
            sum(|month| month.reactivation_cents),
            sum(|month| month.expansion_cents),
            sum(|month| month.contraction_cents),
            sum(|month| month.churn_cents),
            dollars(last.past_due_cents),
        )
    }

    /// Bars by price plan, one upon the other, and the line of the closing figures.
    fn upper(&mut self) {
        let months = self.months;
        let high = months.iter().map(|month| month.closing_cents).max().unwrap_or_default();
        let scale = self.plot(UPPER, [0, high]);
        let mut plans = plan_names(months);
        plans.retain(|plan| months.iter().any(|month| of_plan(month, plan) > 0));
        for (place, month) in months.iter().enumerate() {
            let mut sum = 0;
            for plan in &plans {
                let cents = of_plan(month, plan).max(0);
                let ends = [scale.y(sum + cents), scale.y(sum)];
                self.bar(place, ends, &plan_class(plan), (plan, cents));
                sum += cents;
            }
        }
        self.closing_line(scale);
        for (row, plan) in (0..).zip(plans.iter().rev()) {
            self.legend([UPPER[0], row], &plan_class(plan), plan);
        }
    }

    fn closing_line(&mut self, scale: Scale) {
        let months = self.months;
        let points: Vec<(i64, i64)> = (0..months.len())
            .map(|place| (self.middle(place), scale.y(months[place].closing_cents)))
            .collect();
        let line: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        self.put(format_args!("<polyline class=\"l\" points=\"{}\"/>\n", line.join(" ")));
        for ((x, y), month) in points.into_iter().zip(months) {
            self.put(format_args!(
                "<circle class=\"d\" cx=\"{x}\" cy=\"{y}\" r=\"35\"><title>{}: ${}</title></circle>\n",
                escaped(&month.month),
                dollars(month.closing_cents),
            ));
        }
    }

    /// What moved the revenue since the first month: gains above the middle line, losses below.
    /// The first month's revenue is all new, and would dwarf the others.
    fn lower(&mut self) {
        let moves: Vec<[(&str, i64); 5]> =
            self.months.iter().enumerate().map(|(place, month)| moves(place, month)).collect();
        let sum = |gains: bool| {
            let sums = moves.iter().map(|moves| {
                let some = moves.iter().map(|(_, cents)| *cents);
                some.filter(|cents| (*cents > 0) == gains).sum::<i64>()
            });
            if gains { sums.max().unwrap_or_default() } else { sums.min().unwrap_or_default() }
        };
        let scale = self.plot(LOWER, [sum(false), sum(true)]);
        for (place, moves) in moves.iter().enumerate() {
            let (mut up, mut down) = (0, 0);
            for (colour, (name, cents)) in moves.iter().enumerate() {
                let from = if *cents > 0 { &mut up } else { &mut down };
                let ends = [scale.y(*from + cents.max(&0)), scale.y(*from + cents.min(&0))];
                *from += cents;
                self.bar(place, ends, &format!("m{colour}"), (name, *cents));
            }
        }
        for (row, (name, _)) in (0..).zip(&moves[0]) {
            self.legend([LOWER[0], row], &format!("m{row}"), name);
        }
    }

    /// Draws the lines across a plot and the names of the months, and returns its scale.
    fn plot(&mut self, [top, bottom]: [i64; 2], [low, high]: [i64; 2]) -> Scale {
        let step = step((high - low).max(1));
        let [low, high] = [low.div_euclid(step) * step, -(-high).div_euclid(step) * step];
        let scale = Scale { low, high: high.max(low + step), top, bottom };
        let mut at = scale.low;
        while at <= scale.high {
            let y = scale.y(at);
            let class = if at == 0 { "a" } else { "g" };
            let label = dollars(at);
            self.put(format_args!(
                "<path class=\"{class}\" d=\"M{LEFT} {y}H{RIGHT}\"/>\
                 <text x=\"{x}\" y=\"{below}\" text-anchor=\"end\">{label}</text>\n",
                x = LEFT - 80,
                below = y + 40,
                label = label.strip_suffix(".00").unwrap_or(&label),
            ));
            at += step;
        }
        let every = if self.months.len() > NAMED_MONTHS_MAX { 2 } else { 1 };
        for (place, month) in self.months.iter().enumerate().step_by(every) {
            self.put(format_args!(
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{name}</text>\n",
                x = self.middle(place),
                y = bottom + 200,
                name = escaped(&month.month),
            ));
        }
        scale
    }

    fn bar(&mut self, place: usize, [top, bottom]: [i64; 2], class: &str, what: (&str, i64)) {
        if bottom <= top {
            return;
        }
        let width = self.slot() * 6 / 10;
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{height}\">\
             <title>{month}, {name}: ${amount}</title></rect>\n",
            x = self.middle(place) - width / 2,
            height = bottom - top,
            month = escaped(&self.months[place].month),
            name = escaped(what.0),
            amount = dollars(what.1),
        ));
    }

    fn legend(&mut self, [top, row]: [i64; 2], class: &str, name: &str) {
        let y = top + row * 220;
        let name: String = name.chars().take(LEGEND_LETTERS).collect();
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{LEGEND}\" y=\"{y}\" width=\"140\" height=\"140\"/>\
             <text x=\"{x}\" y=\"{below}\">{name}</text>\n",
            x = LEGEND + 200,
            below = y + 112,
            name = escaped(&name),
        ));
    }

    /// The width of a month.
    fn slot(&self) -> i64 {
        (RIGHT - LEFT) / i64::try_from(self.months.len()).unwrap_or(i64::MAX).max(1)
    }

    /// The middle of a month.
    fn middle(&self, place: usize) -> i64 {
        LEFT + self.slot() * i64::try_from(place).unwrap_or_default() + self.slot() / 2
    }
}

/// A price plan has the same colour in every picture; those that are not ours share one.
fn plan_class(name: &str) -> String {
    let place = PricePlan::ALL.iter().position(|plan| plan.name() == name);
    format!("p{}", place.unwrap_or(PricePlan::ALL.len()))
}

/// What moved the revenue in a month, losses negative; nothing in the first.
fn moves(place: usize, month: &MonthRevenue) -> [(&'static str, i64); 5] {
    let since = |cents: i64| if place == 0 { 0 } else { cents };
    [
        ("New", since(month.new_cents)),
        ("Reactivation", since(month.reactivation_cents)),
        ("Expansion", since(month.expansion_cents)),
        ("Contraction", since(-month.contraction_cents)),
        ("Churn", since(-month.churn_cents)),
    ]
}

/// Returns a round distance of lines, in whole dollars: 1, 2 or 5 and zeros.
fn step(span: i64) -> i64 {
    let bases = std::iter::successors(Some(100_i64), |base| base.checked_mul(10));
    let mut steps = bases.flat_map(|base| [1, 2, 5].map(|factor| base.saturating_mul(factor)));
    steps.find(|step| span / LINES_MAX <= *step).unwrap_or(i64::MAX)
}

/// Returns text as it stands in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
