//! What the books do, seen from outside: operations in, answers out.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Books, BooksSettings};
use crate::operation::Operation as Op;
use crate::params::Params;
use crate::{ApiError, Dunning};

mod catalog;
mod changes;
mod clocks;
mod collection;
mod decode;
mod ends;
mod laws;
mod lists;
mod people;
mod start;

/// When the account is used.
const NOW: &str = "2026-07-10T09:00:00Z";

/// Where its clock begins.
const START: &str = "2026-01-01T00:00:00Z";

/// An account with three prices, a clock, and a customer on it who has a card that pays.
#[derive(Clone)]
struct Account {
    books: Books,
    now: Timestamp,
    clock: String,
    customer: String,
    free: String,
    standard: String,
    pro: String,
}

/// Returns the seconds of a time.
fn seconds(time: &str) -> i64 {
    time.parse::<Timestamp>().unwrap().as_second()
}

/// Returns the id of an object.
fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

impl Account {
    fn new() -> Self {
        Self::with(Dunning::LeavePastDue)
    }

    fn with(dunning: Dunning) -> Self {
        Self::of(BooksSettings { dunning, ..BooksSettings::default() })
    }

    fn of(settings: BooksSettings) -> Self {
        let nothing = String::new;
        let mut account = Self {
            books: Books::new(settings),
            now: NOW.parse().unwrap(),
            clock: nothing(),
            customer: nothing(),
            free: nothing(),
            standard: nothing(),
            pro: nothing(),
        };
        account.free = account.monthly("Free", 0);
        account.standard = account.monthly("Standard", 1_000);
        account.pro = account.monthly("Pro Plus", 1_500);
        account.clock = account.clock_at(START);
        account.customer = account.customer_on_clock();
        account
    }

    fn ask(&mut self, operation: &Op, form: &str) -> Result<Value, ApiError> {
        self.books.apply(operation, &Params::decode(form).unwrap(), self.now)
    }

    #[track_caller]
    fn does(&mut self, operation: &Op, form: &str) -> Value {
        match self.ask(operation, form) {
            Ok(answer) => answer,
            Err(error) => panic!("{operation:?} {form}: {error}"),
        }
    }

    /// Asks for what must be refused, and must change nothing.
    #[track_caller]
    fn refuses(&mut self, operation: &Op, form: &str) -> ApiError {
        self.books.tick(self.now);
        let before = self.books.clone();
        let refusal = self.ask(operation, form).unwrap_err();
        assert!(self.books == before, "{operation:?} {form} was refused and left something");
        refusal
    }

    fn monthly(&mut self, name: &str, cents: i64) -> String {
        let form = format!(
            "product_data[name]={name}&currency=usd&unit_amount={cents}&recurring[interval]=month"
        );
        id(&self.does(&Op::CreatePrice, &form))
    }

    fn clock_at(&mut self, time: &str) -> String {
        id(&self.does(&Op::CreateTestClock, &format!("frozen_time={}", seconds(time))))
    }

    fn customer_on_clock(&mut self) -> String {
        let form = format!(
            "name=Ada&email=ada@example.com&test_clock={}&payment_method=pm_card_visa\
             &invoice_settings[default_payment_method]=pm_card_visa",
            self.clock
        );
        id(&self.does(&Op::CreateCustomer, &form))
    }

    /// Subscribes the customer.
    #[track_caller]
    fn subscribe(&mut self, price: &str, quantity: u64, more: &str) -> Value {
        let form = format!(
            "customer={}&items[0][price]={price}&items[0][quantity]={quantity}{more}",
            self.customer
        );
        self.does(&Op::CreateSubscription, &form)
    }

    #[track_caller]
    fn advance(&mut self, time: &str) {
        let form = format!("frozen_time={}", seconds(time));
        let clock = self.clock.clone();
        self.does(&Op::AdvanceTestClock(clock.clone()), &form);
        assert_eq!(self.does(&Op::RetrieveTestClock(clock), "")["status"], "ready");
    }

    fn subscription(&mut self, subscription: &Value) -> Value {
        self.does(&Op::RetrieveSubscription(id(subscription)), "")
    }

    #[track_caller]
    fn update(&mut self, subscription: &Value, form: &str) -> Value {
        self.does(&Op::UpdateSubscription(id(subscription)), form)
    }

    /// Changes the quantity of the first item.
    #[track_caller]
    fn set_quantity(&mut self, subscription: &Value, quantity: u64, more: &str) -> Value {
        let item = id(&subscription["items"]["data"][0]);
        let form = format!("items[0][id]={item}&items[0][quantity]={quantity}{more}");
        self.update(subscription, &form)
    }

    /// Returns the customer's invoices, the oldest first.
    fn invoices(&mut self) -> Vec<Value> {
        let form = format!("customer={}", self.customer);
        let mut invoices = self.does(&Op::ListInvoices, &form).as_array().unwrap().clone();
        invoices.reverse();
        invoices
    }

    /// Gives the customer a card by its token.
    fn set_card(&mut self, token: &str) -> String {
        let form = format!("customer={}", self.customer);
        let method = id(&self.does(&Op::AttachPaymentMethod(token.to_owned()), &form));
        let form = format!("invoice_settings[default_payment_method]={method}");
        self.does(&Op::UpdateCustomer(self.customer.clone()), &form);
        method
    }

    fn wait(&mut self, duration: SignedDuration) {
        self.now += duration;
    }

    fn event_kinds(&mut self) -> Vec<String> {
        let events = self.books.take_events();
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }
}

/// Returns the amounts of an invoice's lines.
fn amounts(invoice: &Value) -> Vec<i64> {
    let lines = invoice["lines"]["data"].as_array().unwrap();
    lines.iter().map(|line| line["amount"].as_i64().unwrap()).collect()
}
