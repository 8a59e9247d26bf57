//! Month 0: clocks, customers, subscriptions.

use stripe_billing::subscription::{CreateSubscription, CreateSubscriptionItems};
use stripe_billing::test_helpers_test_clock::CreateTestHelpersTestClock;
use stripe_core::customer::{CreateCustomer, CreateCustomerInvoiceSettings};
use stripe_shared::Subscription;

use super::work::{Work, entry, price_id};
use super::{RunError, settle};
use crate::calendar::clock_time;
use crate::journal::Entry;
use crate::plan::{PlannedCustomer, step};
use crate::readback::{customers_on, number_of, subscriptions_on};
use crate::{PriceFile, RunFile};

/// A card whose payments succeed.
const GOOD_CARD: &str = "pm_card_visa";

/// The field of a customer's metadata that names its run.
const RUN_FIELD: &str = "stripe_seed_run";

/// The field of metadata that holds a customer's number in the plan.
pub(crate) const NUMBER_FIELD: &str = "stripe_seed_customer";

impl Work<'_> {
    /// Makes everything that a run begins with. The customers of one clock are made one after
    /// the other, many clocks at the same time.
    pub(super) async fn create(&self, prices: &PriceFile) -> Result<(), RunError> {
        let customers = self.plan.customers.len();
        let total = self.clocks().len() + 2 * customers;
        self.phase(0, "making clocks, customers and subscriptions", total);
        let jobs = self.clocks().map(|clock| self.create_clock(clock, prices));
        self.runner.all(jobs).await?;
        self.note_ids()
    }

    /// Writes the ids of clocks and customers for others to read.
    pub(super) fn note_ids(&self) -> Result<(), RunError> {
        let clocks: Result<_, _> = self.clocks().map(|clock| self.clock_id(clock)).collect();
        let customers = self.plan.customers.iter();
        let customers: Result<_, _> =
            customers.map(|customer| self.customer_id(customer.index)).collect();
        let (clocks, customers) = (clocks?, customers?);
        self.note(|run| {
            run.clock_ids = clocks;
            run.customer_ids = customers;
        })
    }

    async fn create_clock(&self, clock: u32, prices: &PriceFile) -> Result<(), RunError> {
        let name = &step::clock(clock);
        if !self.is_done(name) {
            let (title, start) = {
                let run = self.run();
                (RunFile::clock_name(&run.run, clock), clock_time(run.start, 0))
            };
            let request = &CreateTestHelpersTestClock::new(start.as_second()).name(title.as_str());
            let call = |generation| async move {
                let step = self.step(name, generation);
                Ok(self.runner.caller().call(step, request).await?.id.to_string())
            };
            let find = || async {
                let clocks = self.own_clocks().await?;
                Ok(clocks.into_iter().find(|clock| clock.name == title).map(|clock| clock.id))
            };
            let id = settle(call, find).await?;
            self.done(entry(name.clone(), id)).await?;
        }
        for customer in self.plan.customers_of_clock(clock) {
            self.create_customer(customer).await?;
            self.create_subscription(customer, prices).await?;
        }
        Ok(())
    }

    async fn create_customer(&self, customer: &PlannedCustomer) -> Result<(), RunError> {
        let name = &step::customer(customer.index);
        if self.is_done(name) {
            return Ok(());
        }
        let clock_id = self.clock_id(customer.clock)?;
        let number = step::number(customer.index);
        let run = self.run().run.clone();
        let fields = [(RUN_FIELD.to_owned(), run), (NUMBER_FIELD.to_owned(), number.clone())];
        let mut invoices = CreateCustomerInvoiceSettings::new();
        invoices.default_payment_method = Some(GOOD_CARD.to_owned());
        let request = &CreateCustomer::new()
            .name(customer.name.as_str())
            .email(customer.email.as_str())
            .test_clock(clock_id.as_str())
            .payment_method(GOOD_CARD)
            .invoice_settings(invoices)
            .metadata(fields);
        let call = |generation| async move {
            let step = self.step(name, generation);
            Ok(self.runner.caller().call(step, request).await?.id.to_string())
        };
        let find = || async {
            let customers = customers_on(self.runner.caller(), &clock_id).await?;
            let same = customers.into_iter().find(|it| number_of(it) == Some(number.as_str()));
            Ok(same.map(|customer| customer.id.to_string()))
        };
        let id = settle(call, find).await?;
        self.done(entry(name.clone(), id)).await
    }

    async fn create_subscription(
        &self,
        customer: &PlannedCustomer,
        prices: &PriceFile,
    ) -> Result<(), RunError> {
        let name = &step::subscription(customer.index);
        if self.is_done(name) {
            return Ok(());
        }
        let clock_id = self.clock_id(customer.clock)?;
        let customer_id = self.customer_id(customer.index)?;
        let mut item = CreateSubscriptionItems::new();
        item.price = Some(price_id(prices, customer.holding.plan)?.to_owned());
        item.quantity = Some(customer.holding.screens);
        let fields = [(NUMBER_FIELD.to_owned(), step::number(customer.index))];
        let request = &CreateSubscription::new()
            .customer(customer_id.as_str())
            .items(vec![item])
            .metadata(fields);
        let call = |generation| async move {
            let step = self.step(name, generation);
            self.runner.caller().call(step, request).await
        };
        let find = || async {
            let subscriptions = subscriptions_on(self.runner.caller(), &clock_id).await?;
            Ok(subscriptions.into_iter().find(|it| it.customer.id().as_str() == customer_id))
        };
        let subscription = settle(call, find).await?;
        self.done(subscribed(name.clone(), &subscription)).await
    }
}

/// Returns the entry of a subscription, with its item.
pub(super) fn subscribed(step: String, subscription: &Subscription) -> Entry {
    let item = subscription.items.data.first().map(|item| item.id.to_string());
    Entry { step, id: subscription.id.to_string(), item }
}
