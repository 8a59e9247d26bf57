//! `prices`: finds the five prices, or makes those that are missing.

use ciq_stripe::{PricePlan, PriceReport, dollars};
use serde::Serialize;

use super::Surroundings;
use crate::cli::PricesArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::runtime;
use crate::server::{self, Session};
use crate::settings::Pace;

/// A price.
#[derive(Debug, Serialize)]
struct Price<'a> {
    plan: &'static str,
    price_id: &'a str,
    product_id: &'a str,
    unit_amount: i64,
    is_created: bool,
}

/// Finds or makes them.
pub(super) fn run(at: &Surroundings, args: &PricesArgs) -> Result<(), Failure> {
    let pace = Pace::read(&args.pace)?;
    let run = at.files().run()?;
    let server = server::of_run(&args.server, &at.environment, run.as_ref())?;
    let report = runtime::start()?.block_on(async {
        let session = Session::open(at, server, &pace).await?;
        let report = session.runner.prices(&runtime::fresh_run_id()).await;
        session.close().await?;
        Ok::<_, Failure>(report?)
    })?;
    let prices: Vec<Price<'_>> = PricePlan::ALL.iter().map(|plan| price(&report, *plan)).collect();
    if at.output.is_json() {
        return Output::json(&prices);
    }
    let lines = prices.iter().map(|price| {
        let Price { plan, price_id, unit_amount, is_created, .. } = price;
        let made = if *is_created { "created" } else { "found" };
        format!("{plan:10}  {:>5}  {made:7}  {price_id}\n", dollars(*unit_amount))
    });
    Output::text(&lines.collect::<String>())
}

fn price(report: &PriceReport, plan: PricePlan) -> Price<'_> {
    let PriceReport { file, created } = report;
    Price {
        plan: plan.name(),
        price_id: file.prices.get(plan.name()).map_or("", String::as_str),
        product_id: file.products.get(plan.name()).map_or("", String::as_str),
        unit_amount: plan.unit_amount(),
        is_created: created.contains(&plan),
    }
}
