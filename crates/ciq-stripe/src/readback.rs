//! Reads from the server what is there, page by page.

use std::collections::BTreeSet;

use jiff::Timestamp;
use stripe_billing::invoice::ListInvoice;
use stripe_billing::subscription::{ListSubscription, ListSubscriptionStatus};
use stripe_billing::test_helpers_test_clock::ListTestHelpersTestClock;
use stripe_client_core::StripeRequest;
use stripe_core::customer::ListCustomer;
use stripe_shared::{Customer, Invoice, InvoiceLineItem, Subscription, TestHelpersTestClock};
use stripe_types::{AsCursorOpt as _, List, Object};

use crate::caller::{Caller, Step};
use crate::mrr::CancellationReason;
use crate::runner::{NUMBER_FIELD, RunError, Runner, Scope, read};
use crate::verify::{Found, FoundClock, FoundCustomer, FoundSubscription};
use crate::{InvoiceLine, InvoiceRow, SubscriptionStatus};

/// Objects of a page. Stripe gives no more.
pub(crate) const PAGE_SIZE: i64 = 100;

/// Most pages of a list: more would be a list without an end.
const PAGES_MAX: usize = 10_000;

impl Runner {
    /// Reads back everything on the clocks of a run, also what is not in its plan.
    pub async fn read_back(&self, run: &str) -> Result<Found, RunError> {
        self.guarded(async {
            let clocks = self.find_clocks(&Scope::Run(run.to_owned())).await?;
            self.phase("reading customers and subscriptions", clocks.len());
            let read = self.all(clocks.iter().map(|clock| self.read_clock(clock))).await?;
            let mut found = Found { clocks, ..Found::default() };
            for (customers, subscriptions) in read {
                found.customers.extend(customers);
                found.subscriptions.extend(subscriptions);
            }
            self.phase("reading invoices", found.customers.len());
            let jobs = found.customers.iter().map(|customer| async move {
                let rows = invoices_of(self.caller(), &customer.id).await?;
                self.step_done();
                Ok(rows)
            });
            found.invoices = self.all(jobs).await?.into_iter().flatten().collect();
            sort(&mut found);
            Ok(found)
        })
        .await
    }

    async fn read_clock(
        &self,
        clock: &FoundClock,
    ) -> Result<(Vec<FoundCustomer>, Vec<FoundSubscription>), RunError> {
        let customers = customers_on(self.caller(), &clock.id).await?;
        let subscriptions = subscriptions_on(self.caller(), &clock.id).await?;
        let customers = customers.iter().map(|it| found_customer(it, &clock.id)).collect();
        let subscriptions: Result<_, _> = subscriptions.iter().map(found_subscription).collect();
        self.step_done();
        Ok((customers, subscriptions?))
    }
}

/// Puts everything in an order that does not depend on which answer came first.
fn sort(found: &mut Found) {
    found.customers.sort_by(|one, other| (&one.number, &one.id).cmp(&(&other.number, &other.id)));
    found
        .subscriptions
        .sort_by(|one, other| (&one.customer_id, &one.id).cmp(&(&other.customer_id, &other.id)));
    found.invoices.sort_by(|one, other| {
        let key =
            |row: &InvoiceRow| (row.customer_id.clone(), row.created_at, row.invoice_id.clone());
        key(one).cmp(&key(other))
    });
}

/// Reads a list to its end.
pub(crate) async fn pages<R, T>(
    caller: &Caller,
    step: Step<'_>,
    request: impl Fn(Option<&str>) -> R,
) -> Result<Vec<T>, RunError>
where
    R: StripeRequest<Output = List<T>>,
    List<T>: miniserde::Deserialize,
    T: Object,
{
    pages_while(caller, step, request, |_| true).await
}

/// Reads a list as long as more is wanted.
async fn pages_while<R, T>(
    caller: &Caller,
    step: Step<'_>,
    request: impl Fn(Option<&str>) -> R,
    mut is_more_wanted: impl FnMut(&[T]) -> bool,
) -> Result<Vec<T>, RunError>
where
    R: StripeRequest<Output = List<T>>,
    List<T>: miniserde::Deserialize,
    T: Object,
{
    let mut all: Vec<T> = Vec::new();
    for _ in 0..PAGES_MAX {
        let cursor = all.last().and_then(|last| last.id().as_cursor_opt());
        let page = caller.call(step, &request(cursor)).await?;
        let is_last = !page.has_more || page.data.is_empty() || !is_more_wanted(&page.data);
        all.extend(page.data);
        if is_last {
            return Ok(all);
        }
    }
    Err(RunError::Strange { what: format!("{} has no end", step.name) })
}

/// Reads all clocks of the account.
pub(crate) async fn clocks(caller: &Caller) -> Result<Vec<TestHelpersTestClock>, RunError> {
    pages(caller, read("reading clocks"), list_clocks).await
}

/// Reads clocks until all that are wanted were seen.
pub(crate) async fn clocks_among(
    caller: &Caller,
    mut wanted: BTreeSet<String>,
) -> Result<Vec<TestHelpersTestClock>, RunError> {
    let is_more_wanted = |page: &[TestHelpersTestClock]| {
        for clock in page {
            wanted.remove(clock.id.as_str());
        }
        !wanted.is_empty()
    };
    pages_while(caller, read("reading clocks"), list_clocks, is_more_wanted).await
}

fn list_clocks(cursor: Option<&str>) -> ListTestHelpersTestClock {
    let request = ListTestHelpersTestClock::new().limit(PAGE_SIZE);
    match cursor {
        None => request,
        Some(cursor) => request.starting_after(cursor),
    }
}

/// Reads the customers of a clock.
pub(crate) async fn customers_on(
    caller: &Caller,
    clock_id: &str,
) -> Result<Vec<Customer>, RunError> {
    let request = |cursor: Option<&str>| {
        let request = ListCustomer::new().test_clock(clock_id).limit(PAGE_SIZE);
        match cursor {
            None => request,
            Some(cursor) => request.starting_after(cursor),
        }
    };
    pages(caller, read("reading customers"), request).await
}

/// Reads the subscriptions of a clock, those too that are over.
pub(crate) async fn subscriptions_on(
    caller: &Caller,
    clock_id: &str,
) -> Result<Vec<Subscription>, RunError> {
    let request = |cursor: Option<&str>| {
        let request = ListSubscription::new()
            .test_clock(clock_id)
            .status(ListSubscriptionStatus::All)
            .limit(PAGE_SIZE);
        match cursor {
            None => request,
            Some(cursor) => request.starting_after(cursor),
        }
    };
    pages(caller, read("reading subscriptions"), request).await
}

/// Reads the invoices of a customer, the oldest first.
pub(crate) async fn invoices_of(
    caller: &Caller,
    customer_id: &str,
) -> Result<Vec<InvoiceRow>, RunError> {
    let request = |cursor: Option<&str>| {
        let request = ListInvoice::new().customer(customer_id).limit(PAGE_SIZE);
        match cursor {
            None => request,
            Some(cursor) => request.starting_after(cursor),
        }
    };
    let invoices = pages(caller, read("reading invoices"), request).await?;
    let rows = invoices.iter().map(|invoice| invoice_row(invoice, customer_id));
    let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
    // The server lists the newest first.
    rows.reverse();
    rows.sort_by_key(|row| row.created_at);
    Ok(rows)
}

/// Returns a customer's number in the plan.
pub(crate) fn number_of(customer: &Customer) -> Option<&str> {
    customer.metadata.as_ref()?.get(NUMBER_FIELD).map(String::as_str)
}

pub(crate) fn found_clock(clock: &TestHelpersTestClock) -> Result<FoundClock, RunError> {
    Ok(FoundClock {
        id: clock.id.to_string(),
        name: clock.name.clone().unwrap_or_default(),
        status: clock.status.as_str().to_owned(),
        frozen_time: time(clock.frozen_time)?,
    })
}

fn found_customer(customer: &Customer, clock_id: &str) -> FoundCustomer {
    let invoices = customer.invoice_settings.as_ref();
    let card = invoices.and_then(|invoices| invoices.default_payment_method.as_ref());
    FoundCustomer {
        id: customer.id.to_string(),
        email: customer.email.clone(),
        number: number_of(customer).map(str::to_owned),
        default_payment_method: card.map(|card| card.id().to_string()),
        clock_id: clock_id.to_owned(),
    }
}

pub(crate) fn found_subscription(
    subscription: &Subscription,
) -> Result<FoundSubscription, RunError> {
    let id = subscription.id.as_str();
    let strange = |what: &str| RunError::Strange { what: format!("the subscription {id} {what}") };
    let [item] = subscription.items.data.as_slice() else {
        return Err(strange("has not one item"));
    };
    let word = subscription.status.as_str();
    let status = SubscriptionStatus::parse(word);
    let status = status.ok_or_else(|| strange(&format!("is `{word}`")))?;
    let details = subscription.cancellation_details.as_ref();
    let reason = details.and_then(|details| details.reason.as_ref());
    Ok(FoundSubscription {
        id: id.to_owned(),
        customer_id: subscription.customer.id().to_string(),
        price_id: item.price.id.to_string(),
        price_amount: item.price.unit_amount.ok_or_else(|| strange("has no fixed amount"))?,
        screens: item.quantity.ok_or_else(|| strange("has no quantity"))?,
        status,
        canceled_at: subscription.canceled_at.map(time).transpose()?,
        reason: reason.and_then(|reason| CancellationReason::parse(reason.as_str())),
    })
}

fn invoice_row(invoice: &Invoice, customer_id: &str) -> Result<InvoiceRow, RunError> {
    let id = invoice.id.as_ref().map(ToString::to_string);
    let id = id.ok_or_else(|| RunError::Strange { what: "an invoice without an id".to_owned() })?;
    if invoice.lines.has_more {
        let what = format!("the invoice {id} has more lines than a page");
        return Err(RunError::Strange { what });
    }
    let parent = invoice.parent.as_ref().and_then(|it| it.subscription_details.as_ref());
    let subscription = parent.map(|it| it.subscription.id().to_string());
    let lines: Result<_, _> = invoice.lines.data.iter().map(invoice_line).collect();
    Ok(InvoiceRow {
        invoice_id: id,
        customer_id: customer_id.to_owned(),
        subscription_id: subscription,
        created_at: time(invoice.created)?,
        billing_reason: invoice.billing_reason.as_ref().map(|it| it.as_str().to_owned()),
        status: invoice.status.as_ref().map_or("draft", |it| it.as_str()).to_owned(),
        total_cents: invoice.total,
        amount_paid_cents: invoice.amount_paid,
        attempt_count: invoice.attempt_count,
        paid_at: invoice.status_transitions.paid_at.map(time).transpose()?,
        lines: lines?,
    })
}

fn invoice_line(line: &InvoiceLineItem) -> Result<InvoiceLine, RunError> {
    let price = line.pricing.as_ref().and_then(|it| it.price_details.as_ref());
    let parent = line.parent.as_ref();
    let is_item =
        parent.and_then(|it| it.subscription_item_details.as_ref()).is_some_and(|it| it.proration);
    let is_extra =
        parent.and_then(|it| it.invoice_item_details.as_ref()).is_some_and(|it| it.proration);
    Ok(InvoiceLine {
        amount_cents: line.amount,
        price_id: price.map(|it| it.price.id().to_string()),
        quantity: line.quantity,
        is_proration: is_item || is_extra,
        period_start: time(line.period.start)?,
        period_end: time(line.period.end)?,
    })
}

fn time(seconds: i64) -> Result<Timestamp, RunError> {
    let time = Timestamp::from_second(seconds);
    time.map_err(|_| RunError::Strange { what: format!("the time {seconds}") })
}
