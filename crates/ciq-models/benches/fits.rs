//! How long the models take to fit: the sample of CDNOW, and a million made-up customers with times
//! in whole days and with times to the second, in weeks. One core.
//!
//! `--json` writes one line of JSON; `--customers N` changes the million.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures and reports"
)]

#[path = "../tests/it/population.rs"]
mod population;

use std::path::PathBuf;
use std::time::Instant;

use ciq_models::{BgNbd, Buying, Fit, FitError, GammaGamma, MbgNbd, ParetoNbd, Spending};

use self::population::Population;

/// Who the made-up customers are: as the sample's, by either way of leaving.
const AT_ANY_TIME: ParetoNbd = ParetoNbd { r: 0.5533, alpha: 10.578, s: 0.6063, beta: 11.670 };
const AFTER_A_PURCHASE: BgNbd = BgNbd { r: 0.2426, alpha: 4.4135, a: 0.7929, b: 2.4258 };

/// A year in weeks.
const YEAR: f64 = 52.18;

/// How often a fit is timed, where it is short; the least time counts.
const REPEATS: usize = 5;

/// What one fit came to.
struct Line {
    data: &'static str,
    model: &'static str,
    seconds: f64,
    iteration_count: u32,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<_> = std::env::args().collect();
    let option = |name: &str| words.iter().skip_while(move |word| *word != name).nth(1);
    let customer_count = option("--customers").map_or(Ok(1_000_000), |word| word.parse())?;
    let mut lines = Vec::new();
    if let Some((buyings, spendings)) = cdnow() {
        let bought = Bought { at_any_time: &buyings, after_a_purchase: &buyings };
        lines.extend(fits("CDNOW, 2,357", bought, REPEATS)?);
        lines.push(timed("CDNOW, 2,357", "gamma-gamma", REPEATS, || GammaGamma::fit(&spendings))?);
    }
    let mut population = Population::new(1);
    let mut draw = |of: fn(&mut Population) -> Buying| -> Vec<Buying> {
        (0..customer_count).map(|_| of(&mut population)).collect()
    };
    let any = draw(|population| population.pareto_nbd(&AT_ANY_TIME));
    let after = draw(|population| population.bg_nbd(&AFTER_A_PURCHASE));
    let [any_days, after_days] =
        [&any, &after].map(|it| it.iter().map(in_days).collect::<Vec<_>>());
    let bought = Bought { at_any_time: &any_days, after_a_purchase: &after_days };
    lines.extend(fits("made up, days", bought, 1)?);
    let bought = Bought { at_any_time: &any, after_a_purchase: &after };
    lines.extend(fits("made up, seconds", bought, 1)?);
    let spendings: Vec<_> = any.iter().map(spending).collect();
    lines.push(timed("made up, seconds", "gamma-gamma", 1, || GammaGamma::fit(&spendings))?);
    lines.push(forecast("BG/NBD", &after, |it| AFTER_A_PURCHASE.expected_purchases_of(it, YEAR)));
    lines.push(forecast("Pareto/NBD", &any, |it| AT_ANY_TIME.expected_purchases_of(it, YEAR)));
    if words.iter().any(|word| word == "--json") {
        let rows: Vec<_> = lines.iter().map(Line::to_json).collect();
        println!("{{\"customers\":{customer_count},\"lines\":[{}]}}", rows.join(","));
        return Ok(());
    }
    println!("{customer_count} customers are made up");
    for Line { data, model, seconds, iteration_count } in lines {
        println!("{data:<18} {model:<12} {seconds:>9.4} s  {iteration_count:>3} steps");
    }
    Ok(())
}

impl Line {
    fn to_json(&self) -> String {
        let Self { data, model, seconds, iteration_count } = self;
        format!(
            "{{\"data\":\"{data}\",\"model\":\"{model}\",\"seconds\":{seconds:.4},\
             \"steps\":{iteration_count}}}"
        )
    }
}

/// Customers by the way they leave.
#[derive(Clone, Copy)]
struct Bought<'a> {
    at_any_time: &'a [Buying],
    after_a_purchase: &'a [Buying],
}

fn fits(data: &'static str, bought: Bought<'_>, repeats: usize) -> Result<[Line; 3], FitError> {
    Ok([
        timed(data, "BG/NBD", repeats, || BgNbd::fit(bought.after_a_purchase))?,
        timed(data, "MBG/NBD", repeats, || MbgNbd::fit(bought.after_a_purchase))?,
        timed(data, "Pareto/NBD", repeats, || ParetoNbd::fit(bought.at_any_time))?,
    ])
}

/// Times the forecasts of all customers.
fn forecast(model: &'static str, buyings: &[Buying], of: impl Fn(&Buying) -> f64) -> Line {
    let begun = Instant::now();
    let total: f64 = buyings.iter().map(of).sum();
    let seconds = begun.elapsed().as_secs_f64();
    assert!(total.is_finite(), "the total is a number");
    Line { data: "forecast of a year", model, seconds, iteration_count: 0 }
}

fn timed<M>(
    data: &'static str,
    model: &'static str,
    repeats: usize,
    fit: impl Fn() -> Result<Fit<M>, FitError>,
) -> Result<Line, FitError> {
    let mut line = Line { data, model, seconds: f64::INFINITY, iteration_count: 0 };
    for _ in 0..repeats {
        let begun = Instant::now();
        line.iteration_count = fit()?.iteration_count;
        line.seconds = line.seconds.min(begun.elapsed().as_secs_f64());
    }
    Ok(line)
}

fn in_days(buying: &Buying) -> Buying {
    let days = |weeks: f64| (weeks * 7.0).floor() / 7.0;
    Buying { last_at: days(buying.last_at), age: days(buying.age), ..*buying }
}

/// An amount that differs from customer to customer.
fn spending(buying: &Buying) -> Spending {
    let mean = 10.0 + (buying.age * 1e6).rem_euclid(50.0) + (buying.age * 1e9).rem_euclid(70.0);
    Spending { repeat_count: buying.repeat_count, mean }
}

/// Reads the sample, if `cargo xtask bench` has told where it is and it is there.
fn cdnow() -> Option<(Vec<Buying>, Vec<Spending>)> {
    let folder = std::env::var_os("CUSTOMERIQ_DATA").map(PathBuf::from)?;
    let path = folder.join("cdnow_customers_summary_with_transactions.csv");
    let text = std::fs::read_to_string(path).ok()?;
    let row = |line: &str| {
        let numbers = line.split(',').map(|word| word.trim().parse::<f64>().ok());
        let [_, repeat_count, last_at, age, mean] =
            <[f64; 5]>::try_from(numbers.collect::<Option<Vec<_>>>()?).ok()?;
        Some((Buying { repeat_count, last_at, age }, Spending { repeat_count, mean }))
    };
    text.lines().skip(1).map(row).collect()
}
