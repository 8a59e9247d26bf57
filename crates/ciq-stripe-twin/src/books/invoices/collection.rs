//! Getting the money: final invoices, charges, and tries again.

use super::{Collection, Invoice, InvoiceStatus, owed};
use crate::Dunning;
use crate::books::Books;
use crate::books::calendar::DAY;
use crate::books::cards::{Card, Decline};
use crate::books::ids::{CustomerId, InvoiceId, PaymentMethodId, SubscriptionId};
use crate::books::subscriptions::{EndReason, Status, Subscription};

/// How long after each failed try the next one is made, in days. Stripe's own schedule follows no
/// fixed rule; this is one that an account can be set to.
const RETRY_DAYS: [i64; 3] = [3, 5, 7];

/// Who asks for the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    Automatic,
    ByHand,
}

impl Books {
    /// Collects a new invoice as told.
    pub(super) fn collect(&mut self, id: &InvoiceId, collection: Collection) {
        match collection {
            Collection::At(_) | Collection::OnDemand => {}
            Collection::Open => self.finalize(id),
            Collection::Now => self.finalize_and_charge(id),
        }
    }

    /// Does what time has in store for an invoice.
    pub(in crate::books) fn invoice_due(&mut self, id: &InvoiceId) {
        let Some(invoice) = self.invoices.get(id) else { return };
        let at = self.time_of(invoice.clock.as_ref());
        if invoice.next_due().is_none_or(|due| due > at) {
            return;
        }
        match invoice.status {
            InvoiceStatus::Draft => self.finalize_and_charge(id),
            InvoiceStatus::Open => self.charge_again(id),
            InvoiceStatus::Paid | InvoiceStatus::Void => {}
        }
    }

    fn finalize_and_charge(&mut self, id: &InvoiceId) {
        self.finalize(id);
        self.charge_again(id);
    }

    fn charge_again(&mut self, id: &InvoiceId) {
        let is_open =
            self.invoices.get(id).is_some_and(|invoice| invoice.status == InvoiceStatus::Open);
        if is_open {
            // A decline is told by the invoice's own state and its event.
            self.charge(id, None, Attempt::Automatic).unwrap_or_default();
        }
    }

    /// Makes a draft final: it gets a number, the customer's balance is used, and nothing owed is
    /// nothing to pay.
    pub(super) fn finalize(&mut self, id: &InvoiceId) {
        let Some(invoice) = self.invoices.get(id) else { return };
        let Some(customer) = self.customers.get_mut(&invoice.customer) else { return };
        let number = format!("{}-{:04}", customer.invoice_prefix, customer.next_invoice_sequence);
        customer.next_invoice_sequence = customer.next_invoice_sequence.saturating_add(1);
        let (starting, owner) = (customer.balance, customer.id.clone());
        let result = owed(invoice.total(), starting);
        let at = self.time_of(invoice.clock.as_ref());
        if result.balance != starting {
            self.change_customer(&owner, |customer| customer.balance = result.balance);
        }
        self.change_invoice(id, &["invoice.finalized"], |invoice| {
            invoice.status = InvoiceStatus::Open;
            invoice.number = Some(number);
            invoice.starting_balance = starting;
            invoice.ending_balance = Some(result.balance);
            invoice.amount_due = result.due;
            invoice.finalized_at = Some(at);
            invoice.finalizes_at = None;
        });
        if result.due == 0 {
            self.pay_off(id);
        }
    }

    /// Marks an invoice as paid.
    pub(super) fn pay_off(&mut self, id: &InvoiceId) {
        let Some(invoice) = self.invoices.get(id) else { return };
        let at = self.time_of(invoice.clock.as_ref());
        let (subscription, customer) = (invoice.subscription.clone(), invoice.customer.clone());
        self.change_invoice(id, &["invoice.paid", "invoice.payment_succeeded"], |invoice| {
            invoice.status = InvoiceStatus::Paid;
            invoice.is_attempted = true;
            invoice.amount_paid = invoice.amount_due;
            invoice.next_attempt_at = None;
            invoice.paid_at = Some(at);
            invoice.auto_advance = false;
        });
        self.settle(&subscription);
        self.forgive(&customer);
    }

    /// Asks a card for what an open invoice is about.
    pub(super) fn charge(
        &mut self,
        id: &InvoiceId,
        with: Option<&PaymentMethodId>,
        attempt: Attempt,
    ) -> Result<(), Decline> {
        let Some(invoice) = self.invoices.get(id) else { return Ok(()) };
        let subscription = self.subscriptions.get(&invoice.subscription);
        let card = match subscription {
            Some(subscription) => self.card_of(subscription, with),
            None => Err(Decline::NoCard),
        };
        let refusal = match card {
            Err(no_card) => Some(no_card),
            Ok(card) => card.charging,
        };
        // A try by hand counts only if it is the first.
        let counts = u64::from(attempt == Attempt::Automatic || invoice.attempt_count == 0);
        let Some(decline) = refusal else {
            if let Some(invoice) = self.invoices.get_mut(id) {
                invoice.attempt_count += counts;
            }
            self.pay_off(id);
            return Ok(());
        };
        self.note_failure(id, attempt, counts);
        Err(decline)
    }

    /// Notes a try that failed: when the next one is, or what becomes of the subscription.
    fn note_failure(&mut self, id: &InvoiceId, attempt: Attempt, counts: u64) {
        let Some(invoice) = self.invoices.get(id) else { return };
        let at = self.time_of(invoice.clock.as_ref());
        let count = invoice.attempt_count + counts;
        let (subscription, customer) = (invoice.subscription.clone(), invoice.customer.clone());
        let status = self.subscriptions.get(&subscription).map(|found| found.status);
        // A first invoice is left to the customer until it expires, and an end stops all tries.
        let is_retried = status.is_some_and(|status| {
            !status.is_ended() && status != Status::Incomplete && status != Status::Unpaid
        });
        let next = match attempt {
            Attempt::ByHand => invoice.next_attempt_at,
            Attempt::Automatic => retry_after(count).filter(|_| is_retried).map(|s| at.plus(s)),
        };
        self.change_invoice(id, &["invoice.payment_failed"], |invoice| {
            invoice.attempt_count = count;
            invoice.is_attempted = true;
            invoice.auto_advance = next.is_some();
            invoice.next_attempt_at = next;
        });
        self.settle(&subscription);
        self.change_customer(&customer, |customer| customer.is_delinquent = true);
        if attempt == Attempt::Automatic && next.is_none() && is_retried {
            self.give_up(&subscription);
        }
    }

    /// Does what the account says about a subscription that was never paid.
    fn give_up(&mut self, id: &SubscriptionId) {
        match self.settings.dunning {
            Dunning::LeavePastDue => {}
            Dunning::Cancel => self.end_subscription(id, EndReason::PaymentFailed),
            Dunning::MarkUnpaid => {
                self.change_subscription(id, |subscription| subscription.status = Status::Unpaid);
            }
        }
    }

    /// Returns the card that pays for a subscription: the one asked for, its own, its customer's.
    pub(in crate::books) fn card_of(
        &self,
        subscription: &Subscription,
        with: Option<&PaymentMethodId>,
    ) -> Result<&'static Card, Decline> {
        let customer = self.customers.get(&subscription.customer);
        let method = with
            .or(subscription.default_payment_method.as_ref())
            .or_else(|| customer?.default_payment_method.as_ref());
        let method = method.and_then(|method| self.payment_methods.get(method));
        method.map(|method| method.card).ok_or(Decline::NoCard)
    }

    /// Puts a subscription where its latest final invoice says.
    pub(super) fn settle(&mut self, id: &SubscriptionId) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let invoices = subscription.invoices.iter().rev();
        let mut invoices = invoices.filter_map(|invoice| self.invoices.get(invoice));
        let Some(latest) = invoices.find(|invoice| invoice.status != InvoiceStatus::Draft) else {
            return;
        };
        let status = next_status(subscription.status, latest);
        let at = self.time_of(subscription.clock.as_ref());
        if status != subscription.status {
            self.change_subscription(id, |subscription| {
                subscription.status = status;
                subscription.ended_at = status.is_ended().then_some(at);
            });
        }
    }

    /// Forgets that a customer is delinquent once no open invoice is left that was tried.
    fn forgive(&mut self, id: &CustomerId) {
        if !self.customers.get(id).is_some_and(|customer| customer.is_delinquent) {
            return;
        }
        let theirs = self.subscriptions_of(id);
        let theirs = theirs.iter().filter_map(|subscription| self.subscriptions.get(subscription));
        let mut invoices = theirs
            .flat_map(|subscription| &subscription.invoices)
            .filter_map(|invoice| self.invoices.get(invoice));
        let is_delinquent =
            invoices.any(|invoice| invoice.status == InvoiceStatus::Open && invoice.is_attempted);
        if !is_delinquent {
            self.change_customer(id, |customer| customer.is_delinquent = false);
        }
    }

    /// Asks for no more money for a subscription that is over. A first invoice that was never
    /// paid is void.
    pub(in crate::books) fn stop_collecting(&mut self, id: &SubscriptionId, was: Status) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        for invoice in subscription.invoices.clone() {
            let status = self.invoices.get(&invoice).map(|invoice| invoice.status);
            if status == Some(InvoiceStatus::Open) && was == Status::Incomplete {
                self.void(&invoice);
            } else if matches!(status, Some(InvoiceStatus::Draft | InvoiceStatus::Open)) {
                self.change_invoice(&invoice, &[], |invoice| {
                    invoice.auto_advance = false;
                    invoice.next_attempt_at = None;
                });
            }
        }
    }

    /// Takes an open invoice back; what it used of the balance is given back.
    pub(super) fn void(&mut self, id: &InvoiceId) {
        let Some(invoice) = self.invoices.get(id) else { return };
        let at = self.time_of(invoice.clock.as_ref());
        let used = invoice
            .ending_balance
            .map_or(0, |ending| ending.saturating_sub(invoice.starting_balance));
        let customer = invoice.customer.clone();
        self.change_invoice(id, &["invoice.voided"], |invoice| {
            invoice.status = InvoiceStatus::Void;
            invoice.next_attempt_at = None;
            invoice.voided_at = Some(at);
        });
        if used != 0 {
            self.change_customer(&customer, |customer| {
                customer.balance = customer.balance.saturating_sub(used);
            });
        }
        self.forgive(&customer);
    }
}

/// Returns the seconds from a failed try to the next, if there is one.
fn retry_after(attempt_count: u64) -> Option<i64> {
    let index = usize::try_from(attempt_count.checked_sub(1)?).ok()?;
    RETRY_DAYS.get(index).map(|days| days * DAY)
}

/// Returns where a subscription stands after its latest final invoice.
fn next_status(status: Status, latest: &Invoice) -> Status {
    match (status, latest.status) {
        (Status::Incomplete | Status::PastDue | Status::Unpaid, InvoiceStatus::Paid)
        | (Status::PastDue | Status::Unpaid, InvoiceStatus::Void) => Status::Active,
        (Status::Incomplete, InvoiceStatus::Void) => Status::IncompleteExpired,
        (Status::Active, InvoiceStatus::Open) if latest.is_attempted => Status::PastDue,
        _ => status,
    }
}
