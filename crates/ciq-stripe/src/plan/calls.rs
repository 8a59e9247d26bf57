//! Every call of a run, before any is made. What only the server knows stands in braces:
//! `{clock/03}` is the id of the third clock, `{month/1}` the time to which it advances.

use super::{Change, Phase, PlannedCustomer, Proration, RunPlan, step};
use crate::{CLOCK_PREFIX, CURRENCY, PricePlan};

/// How often a month's clocks are asked whether they are ready, roughly.
const POLLS_PER_MONTH: u64 = 5;

/// The calls of a month, in order. Those on different clocks are made at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMonth {
    /// The month, from 0.
    pub month: u32,
    /// Its calls.
    pub calls: Vec<PlannedCall>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCall {
    /// The step that it belongs to.
    pub step: String,
    /// How the server is asked.
    pub method: Method,
    /// The path of the address.
    pub path: String,
    /// The fields of the form or of the query.
    pub params: Vec<(String, String)>,
}

/// How the server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// To read.
    Get,
    /// To write.
    Post,
    /// To end.
    Delete,
}

impl Method {
    /// Returns HTTP's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// How many calls a run makes, where nothing has to be tried twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Calls that change something.
    pub writes: u64,
    /// Calls that read.
    pub reads: u64,
    /// Calls that ask whether clocks are ready: an estimate.
    pub polls: u64,
}

impl CallCount {
    /// Returns the sum.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.writes + self.reads + self.polls
    }

    /// Returns how many seconds the calls take at so many a second, 0 meaning no limit. The wait
    /// for clocks comes on top.
    #[must_use]
    pub fn seconds_at(self, rate: u32) -> u64 {
        if rate == 0 { 0 } else { self.total().div_ceil(u64::from(rate)) }
    }
}

impl RunPlan {
    /// Returns every call but those that wait for clocks. Products and prices are made only where
    /// the server has none.
    #[must_use]
    pub fn calls(&self) -> Vec<PlannedMonth> {
        let last = self.settings.months;
        let months = (0..=last).map(|month| {
            let mut calls = if month == 0 { self.beginning() } else { self.middle(month) };
            calls.extend(self.failing_cards(month));
            calls.extend((0..self.clock_count()).map(|clock| read_clock(month, clock)));
            if month == last {
                calls.extend(self.customers.iter().map(read_invoices));
            }
            PlannedMonth { month, calls }
        });
        months.collect()
    }

    /// Counts the calls.
    #[must_use]
    pub fn call_count(&self) -> CallCount {
        let pages = u64::from(self.clock_count().div_ceil(PAGE_SIZE));
        let polls = u64::from(self.settings.months) * POLLS_PER_MONTH * pages;
        let mut count = CallCount { polls, ..CallCount::default() };
        for call in self.calls().iter().flat_map(|month| &month.calls) {
            match call.method {
                Method::Get => count.reads += 1,
                Method::Post | Method::Delete => count.writes += 1,
            }
        }
        count
    }

    /// Month 0: prices, then each clock with its customers and their subscriptions.
    fn beginning(&self) -> Vec<PlannedCall> {
        let mut calls = vec![find_prices(), find_products()];
        calls.extend(PricePlan::ALL.into_iter().flat_map(make_price));
        for clock in 0..self.clock_count() {
            calls.push(make_clock(clock));
            calls.extend(self.customers_of_clock(clock).iter().flat_map(make_customer));
        }
        calls
    }

    /// Every other month: all clocks advance, then the changes.
    fn middle(&self, month: u32) -> Vec<PlannedCall> {
        let mut calls: Vec<_> =
            (0..self.clock_count()).map(|clock| advance_clock(month, clock)).collect();
        let changes = self.phase(month).into_iter().flat_map(|phase| &phase.changes);
        calls.extend(changes.map(|change| make_change(month, change, self.settings.proration)));
        calls
    }

    /// The cards that make the next month's renewals fail.
    fn failing_cards(&self, month: u32) -> Vec<PlannedCall> {
        let customers = self.phase(month + 1).into_iter().flat_map(|phase| &phase.past_due);
        customers.flat_map(|customer| set_failing_card(month, *customer)).collect()
    }

    fn phase(&self, month: u32) -> Option<&Phase> {
        self.phases.get(usize::try_from(month.checked_sub(1)?).ok()?)
    }
}

/// The most that a page of a list has.
const PAGE_SIZE: u32 = 100;

/// A call without its fields.
fn call(step: String, method: Method, path: impl Into<String>) -> PlannedCall {
    PlannedCall { step, method, path: path.into(), params: Vec::new() }
}

impl PlannedCall {
    fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.params.push((key.to_owned(), value.into()));
        self
    }
}

/// What only the server knows.
fn of(step: &str) -> String {
    format!("{{{step}}}")
}

fn find_prices() -> PlannedCall {
    let mut found = call("prices".to_owned(), Method::Get, "/v1/prices");
    for (place, plan) in PricePlan::ALL.iter().enumerate() {
        found = found.with(&format!("lookup_keys[{place}]"), plan.lookup_key());
    }
    found.with("limit", PAGE_SIZE.to_string())
}

/// Where a price is missing: its product may be there from an attempt before.
fn find_products() -> PlannedCall {
    call("prices".to_owned(), Method::Get, "/v1/products")
        .with("active", "true")
        .with("limit", PAGE_SIZE.to_string())
}

fn make_price(plan: PricePlan) -> [PlannedCall; 2] {
    let product = call(step::price(plan), Method::Post, "/v1/products")
        .with("name", plan.name())
        .with("metadata[tool]", "stripe-seed")
        .with("metadata[plan]", plan.name());
    let price = call(step::price(plan), Method::Post, "/v1/prices")
        .with("currency", CURRENCY)
        .with("unit_amount", plan.unit_amount().to_string())
        .with("product", format!("{{product/{}}}", plan.slug()))
        .with("nickname", plan.name())
        .with("lookup_key", plan.lookup_key())
        .with("recurring[interval]", "month");
    [product, price]
}

fn make_clock(clock: u32) -> PlannedCall {
    call(step::clock(clock), Method::Post, "/v1/test_helpers/test_clocks")
        .with("frozen_time", "{month/0}")
        .with("name", format!("{CLOCK_PREFIX}{{run}} {:02}", clock + 1))
}

fn make_customer(customer: &PlannedCustomer) -> [PlannedCall; 2] {
    let (index, holding) = (customer.index, customer.holding);
    let made = call(step::customer(index), Method::Post, "/v1/customers")
        .with("name", customer.name.as_str())
        .with("email", customer.email.as_str())
        .with("test_clock", of(&step::clock(customer.clock)))
        .with("payment_method", "pm_card_visa")
        .with("invoice_settings[default_payment_method]", "pm_card_visa")
        .with("metadata[stripe_seed_run]", "{run}")
        .with("metadata[stripe_seed_customer]", step::number(index));
    let subscribed = call(step::subscription(index), Method::Post, "/v1/subscriptions")
        .with("customer", of(&step::customer(index)))
        .with("items[0][price]", of(&step::price(holding.plan)))
        .with("items[0][quantity]", holding.screens.to_string())
        .with("metadata[stripe_seed_customer]", step::number(index));
    [made, subscribed]
}

fn advance_clock(month: u32, clock: u32) -> PlannedCall {
    let path = format!("/v1/test_helpers/test_clocks/{}/advance", of(&step::clock(clock)));
    call(step::advance(month, clock), Method::Post, path)
        .with("frozen_time", format!("{{month/{month}}}"))
}

fn make_change(month: u32, change: &Change, proration: Proration) -> PlannedCall {
    let customer = change.customer;
    let path = format!("/v1/subscriptions/{}", of(&step::subscription(customer)));
    let step = step::change(month, customer);
    let Some(holding) = change.kind.holding() else {
        return call(step, Method::Delete, path).with("prorate", "false");
    };
    call(step, Method::Post, path)
        .with("items[0][id]", format!("{{item/{}}}", step::number(customer)))
        .with("items[0][price]", of(&step::price(holding.plan)))
        .with("items[0][quantity]", holding.screens.to_string())
        .with("proration_behavior", proration.name())
}

fn set_failing_card(month: u32, customer: u32) -> [PlannedCall; 2] {
    let (step, owner) = (step::card(month, customer), of(&step::customer(customer)));
    let path = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
    let attached = call(step.clone(), Method::Post, path).with("customer", owner.as_str());
    let preferred = call(step.clone(), Method::Post, format!("/v1/customers/{owner}"))
        .with("invoice_settings[default_payment_method]", of(&step));
    [attached, preferred]
}

fn read_clock(month: u32, clock: u32) -> PlannedCall {
    call(step::snapshot(month, clock), Method::Get, "/v1/subscriptions")
        .with("test_clock", of(&step::clock(clock)))
        .with("status", "all")
        .with("limit", PAGE_SIZE.to_string())
}

fn read_invoices(customer: &PlannedCustomer) -> PlannedCall {
    call(step::invoices(customer.index), Method::Get, "/v1/invoices")
        .with("customer", of(&step::customer(customer.index)))
        .with("limit", PAGE_SIZE.to_string())
}
