//! The billing machine: who pays what, and when.
//!
//! [`Books`] is a value. What is asked and what time it is are handed in; answers and events come
//! out, and nothing else happens. The same requests at the same times leave the same books, ids
//! included. A request that is refused leaves them as they were; only a charge that is declined
//! is noted.
//!
//! * What is sold: `products`, `prices`.
//! * Who pays: `customers`, `payment_methods`, `cards`.
//! * What is paid for: `subscriptions`, `lines`, `proration`, `invoices`.
//! * When: `calendar`, `clocks`, `agenda`.
//! * How it is told: `render`, `events`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::operation::Operation;
use crate::params::Params;
use crate::{ApiError, Dunning};

mod agenda;
mod calendar;
mod cards;
mod clocks;
mod customers;
mod events;
mod given;
mod ids;
mod invoices;
mod lines;
mod payment_methods;
mod prices;
mod products;
mod proration;
mod render;
mod subscriptions;
#[cfg(test)]
mod tests;

use agenda::Agenda;
use calendar::Moment;
use clocks::Clock;
use customers::Customer;
use events::Events;
use ids::{
    ClockId, CustomerId, InvoiceId, Mint, PaymentMethodId, PriceId, ProductId, SubscriptionId,
};
use invoices::Invoice;
use payment_methods::PaymentMethod;
use prices::Price;
use products::Product;
use subscriptions::Subscription;

/// An object, a list of objects, or a refusal.
type Answer = Result<Value, ApiError>;

/// What the account is set to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BooksSettings {
    /// What becomes of a subscription that is never paid.
    pub(crate) dunning: Dunning,
    /// How long a test clock is `advancing`.
    pub(crate) advance_duration: SignedDuration,
    /// Advances of clocks whose name contains it end in an internal failure.
    pub(crate) failing_clock: Option<String>,
}

/// The whole state of an account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Books {
    settings: BooksSettings,
    mint: Mint,
    /// What time it is for those without a test clock.
    now: Moment,
    clocks: BTreeMap<ClockId, Clock>,
    /// The serial numbers of clocks that are gone: a list may still be read from there on.
    gone_clocks: BTreeMap<ClockId, u64>,
    products: BTreeMap<ProductId, Product>,
    prices: BTreeMap<PriceId, Price>,
    customers: BTreeMap<CustomerId, Customer>,
    payment_methods: BTreeMap<PaymentMethodId, PaymentMethod>,
    subscriptions: BTreeMap<SubscriptionId, Subscription>,
    invoices: BTreeMap<InvoiceId, Invoice>,
    agenda: Agenda,
    events: Events,
}

impl Books {
    /// Opens empty books.
    pub(crate) fn new(settings: BooksSettings) -> Self {
        Self {
            settings,
            mint: Mint::default(),
            now: Moment::FIRST,
            clocks: BTreeMap::new(),
            gone_clocks: BTreeMap::new(),
            products: BTreeMap::new(),
            prices: BTreeMap::new(),
            customers: BTreeMap::new(),
            payment_methods: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            invoices: BTreeMap::new(),
            agenda: Agenda::default(),
            events: Events::default(),
        }
    }

    /// Changes what the account is set to, from now on.
    pub(crate) fn configure(&mut self, settings: BooksSettings) {
        self.settings = settings;
    }

    /// Returns the age of an object in its list, deleted ones too: a newer one has more.
    pub(crate) fn rank(&self, id: &str) -> Option<u64> {
        let (kind, _) = id.split_once('_').unwrap_or_default();
        match kind {
            "clock" => {
                let gone = self.gone_clocks.get(id).copied();
                self.clocks.get(id).map(|clock| clock.serial).or(gone)
            }
            "cus" => self.customers.get(id).map(|customer| customer.serial),
            "evt" => self.events.serial(id),
            "in" => self.invoices.get(id).map(|invoice| invoice.serial),
            "pm" => self.payment_methods.get(id).map(|method| method.serial),
            "price" => self.prices.get(id).map(|price| price.serial),
            "sub" => self.subscriptions.get(id).map(|subscription| subscription.serial),
            // A product may have an id of its owner's choice.
            _ => self.products.get(id).map(|product| product.serial),
        }
    }

    /// Lets real time pass: clocks arrive, and what has no clock is billed. Time that runs
    /// backwards is ignored.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        let now = Moment::of(now).max(self.now);
        self.work_off(None, now);
    }

    /// Carries out an operation. A list or a search answers everything that matches as an array,
    /// the newest first.
    pub(crate) fn apply(
        &mut self,
        operation: &Operation,
        params: &Params,
        now: Timestamp,
    ) -> Answer {
        self.tick(now);
        match operation {
            Operation::CreateTestClock => self.create_clock(params),
            Operation::RetrieveTestClock(id) => self.retrieve_clock(id),
            Operation::ListTestClocks => self.list_clocks(params),
            Operation::AdvanceTestClock(id) => self.advance_clock(id, params),
            Operation::DeleteTestClock(id) => self.delete_clock(id, params),
            Operation::CreateProduct => self.create_product(params),
            Operation::RetrieveProduct(id) => self.retrieve_product(id),
            Operation::UpdateProduct(id) => self.update_product(id, params),
            Operation::ListProducts | Operation::SearchProducts => self.list_products(params),
            Operation::CreatePrice => self.create_price(params),
            Operation::RetrievePrice(id) => self.retrieve_price(id),
            Operation::UpdatePrice(id) => self.update_price(id, params),
            Operation::ListPrices | Operation::SearchPrices => self.list_prices(params),
            Operation::CreateCustomer => self.create_customer(params),
            Operation::RetrieveCustomer(id) => self.retrieve_customer(id),
            Operation::UpdateCustomer(id) => self.update_customer(id, params),
            Operation::DeleteCustomer(id) => self.delete_customer(id, params),
            Operation::ListCustomers => self.list_customers(params),
            Operation::SearchCustomers => Ok(self.search_customers()),
            Operation::RetrievePaymentMethod(id) => self.retrieve_payment_method(id),
            Operation::AttachPaymentMethod(id) => self.attach_payment_method(id, params),
            Operation::DetachPaymentMethod(id) => self.detach_payment_method(id, params),
            Operation::ListPaymentMethods => self.list_payment_methods(params),
            Operation::CreateSubscription => self.create_subscription(params),
            Operation::RetrieveSubscription(id) => self.retrieve_subscription(id),
            Operation::UpdateSubscription(id) => self.update_subscription(id, params),
            Operation::CancelSubscription(id) => self.cancel_subscription(id, params),
            Operation::ListSubscriptions => self.list_subscriptions(params),
            Operation::SearchSubscriptions => Ok(self.search_subscriptions()),
            Operation::RetrieveInvoice(id) => self.retrieve_invoice(id),
            Operation::ListInvoices => self.list_invoices(params),
            Operation::PayInvoice(id) => self.pay_invoice(id, params),
            Operation::FinalizeInvoice(id) => self.finalize_invoice(id, params),
            Operation::VoidInvoice(id) => self.void_invoice(id, params),
            Operation::SearchInvoices => Ok(self.search_invoices()),
            Operation::ListEvents => self.list_events(params),
            Operation::RetrieveEvent(id) => self.retrieve_event(id),
        }
    }
}
