//! The names of the steps of a run: stable text, under which the journal knows what is done.
//!
//! Indexes count from 0; the text counts from 1.

use crate::PricePlan;

/// Returns a customer's number, such as `017` for the index 16.
#[must_use]
pub fn number(customer: u32) -> String {
    format!("{:03}", customer + 1)
}

/// Returns the step that finds or makes a price.
#[must_use]
pub fn price(plan: PricePlan) -> String {
    format!("price/{}", plan.slug())
}

/// Returns the step that makes a clock.
#[must_use]
pub fn clock(clock: u32) -> String {
    format!("clock/{:02}", clock + 1)
}

/// Returns the step that makes a customer.
#[must_use]
pub fn customer(customer: u32) -> String {
    format!("customer/{}", number(customer))
}

/// Returns the step that makes a subscription.
#[must_use]
pub fn subscription(customer: u32) -> String {
    format!("subscription/{}", number(customer))
}

/// Returns the step that advances a clock to a month.
#[must_use]
pub fn advance(month: u32, clock: u32) -> String {
    format!("advance/{month}/{:02}", clock + 1)
}

/// Returns the step that changes or cancels a subscription in a month.
#[must_use]
pub fn change(month: u32, customer: u32) -> String {
    format!("change/{month}/{}", number(customer))
}

/// Returns the step that gives a customer a failing card at the end of a month.
#[must_use]
pub fn card(month: u32, customer: u32) -> String {
    format!("card/{month}/{}", number(customer))
}

/// Returns the step that reads the subscriptions of a clock at the end of a month.
#[must_use]
pub fn snapshot(month: u32, clock: u32) -> String {
    format!("snapshot/{month}/{:02}", clock + 1)
}

/// Returns the step that reads a customer's invoices at the end of the run.
#[must_use]
pub fn invoices(customer: u32) -> String {
    format!("invoices/{}", number(customer))
}
