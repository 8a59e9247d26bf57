//! A run of stripe-seed before it runs.
//!
//! You will see what six months with a hundred customers are made of: who begins with what, what
//! happens in which month, how many calls to Stripe that takes, and that the same seed gives the
//! same plan.
#![expect(clippy::print_stdout, reason = "an example shows")]

use std::error::Error;

use ciq_stripe::plan::{RunPlan, RunSettings};

fn plan(seed: u64) -> Result<RunPlan, Box<dyn Error>> {
    // No clock and no server: months are numbers, and dates come in when it is carried out.
    Ok(RunPlan::new(&RunSettings::standard(seed))?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let plan = plan(1)?;
    println!("{}", plan.summary());

    // Recurring revenue is known beforehand, to the cent.
    for month in 0..=plan.settings.months {
        let cents = plan.expected_mrr(month);
        let rows = plan.expected_rows(month).len();
        println!("month {month}: {rows} subscriptions, ${}.{:02}", cents / 100, cents % 100);
    }
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().unwrap();
    let rows = |month| plan(1).unwrap().expected_rows(month).len();
    assert_eq!([0, 1, 2, 3, 4, 5, 6].map(rows), [100, 99, 98, 96, 95, 93, 92]);
    assert_eq!(plan(1).unwrap().to_json(), plan(1).unwrap().to_json());
    assert_ne!(plan(1).unwrap().to_json(), plan(2).unwrap().to_json());
}
