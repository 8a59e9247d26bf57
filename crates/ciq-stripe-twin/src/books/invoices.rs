//! Invoices: what is asked for, and what became of it.

use serde_json::Value;

use super::agenda::Due;
use super::calendar::{Moment, Period};
use super::given::{self, Metadata, TimeRange};
use super::ids::{ClockId, CustomerId, InvoiceId, SubscriptionId};
use super::lines::{Line, total};
use super::{Answer, Books};
use crate::ApiError;
use crate::params::Params;

mod by_hand;
mod collection;

/// The smallest amount that a card is charged, in cents. Less is carried over to the next invoice.
const CHARGE_MIN: i64 = 50;

/// Why an invoice was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// A subscription began.
    Create,
    /// A period of it began.
    Cycle,
    /// It was changed.
    Update,
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Void,
}

impl InvoiceStatus {
    /// Returns Stripe's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
        }
    }
}

/// How an invoice is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    /// Finalised and charged at once.
    Now,
    /// Finalised at once; somebody pays it by hand.
    Open,
    /// A draft until then.
    At(Moment),
    /// A draft until somebody asks.
    OnDemand,
}

/// An invoice that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NewInvoice {
    pub(super) id: InvoiceId,
    pub(super) reason: Reason,
    pub(super) lines: Vec<Line>,
    pub(super) period: Period,
    pub(super) collection: Collection,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Invoice {
    pub(super) id: InvoiceId,
    pub(super) serial: u64,
    pub(super) created: Moment,
    pub(super) clock: Option<ClockId>,
    pub(super) customer: CustomerId,
    pub(super) customer_name: Option<String>,
    pub(super) customer_email: Option<String>,
    pub(super) subscription: SubscriptionId,
    pub(super) subscription_metadata: Metadata,
    pub(super) reason: Reason,
    pub(super) status: InvoiceStatus,
    pub(super) currency: String,
    pub(super) lines: Vec<Line>,
    pub(super) period: Period,
    pub(super) number: Option<String>,
    /// The customer's balance before the invoice.
    pub(super) starting_balance: i64,
    /// The customer's balance after it; known once it is final.
    pub(super) ending_balance: Option<i64>,
    pub(super) amount_due: i64,
    pub(super) amount_paid: i64,
    pub(super) attempt_count: u64,
    pub(super) is_attempted: bool,
    pub(super) auto_advance: bool,
    pub(super) finalizes_at: Option<Moment>,
    pub(super) next_attempt_at: Option<Moment>,
    pub(super) finalized_at: Option<Moment>,
    pub(super) paid_at: Option<Moment>,
    pub(super) voided_at: Option<Moment>,
}

impl Invoice {
    /// Returns the sum of the lines.
    pub(super) fn total(&self) -> i64 {
        total(&self.lines)
    }

    /// Returns what is not paid yet.
    pub(super) fn amount_remaining(&self) -> i64 {
        self.amount_due.saturating_sub(self.amount_paid)
    }

    /// Returns when something happens by itself.
    fn next_due(&self) -> Option<Moment> {
        match self.status {
            InvoiceStatus::Draft => self.finalizes_at.filter(|_| self.auto_advance),
            InvoiceStatus::Open => self.next_attempt_at,
            InvoiceStatus::Paid | InvoiceStatus::Void => None,
        }
    }
}

/// What an invoice asks for, and what is carried over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owed {
    pub(super) due: i64,
    pub(super) balance: i64,
}

/// Returns what is owed for a total and a balance. What is below nothing, and what is too little
/// for a card, becomes the new balance.
pub(super) fn owed(total: i64, balance: i64) -> Owed {
    let sum = total.saturating_add(balance);
    if sum < CHARGE_MIN { Owed { due: 0, balance: sum } } else { Owed { due: sum, balance: 0 } }
}

impl Books {
    /// Makes an invoice of a subscription and collects it as told.
    pub(super) fn insert_invoice(&mut self, subscription: &SubscriptionId, new: NewInvoice) {
        let Some(subscription) = self.subscriptions.get(subscription) else { return };
        let Some(customer) = self.customers.get(&subscription.customer) else { return };
        let NewInvoice { id, reason, lines, period, collection } = new;
        let total = total(&lines);
        let finalizes_at = match collection {
            Collection::At(at) => Some(at),
            Collection::Now | Collection::Open | Collection::OnDemand => None,
        };
        let invoice = Invoice {
            id: id.clone(),
            serial: self.mint.serial(),
            created: self.time_of(subscription.clock.as_ref()),
            clock: subscription.clock.clone(),
            customer: customer.id.clone(),
            customer_name: customer.name.clone(),
            customer_email: customer.email.clone(),
            subscription: subscription.id.clone(),
            subscription_metadata: subscription.metadata.clone(),
            reason,
            status: InvoiceStatus::Draft,
            currency: subscription.currency.clone(),
            lines,
            period,
            number: None,
            starting_balance: customer.balance,
            ending_balance: None,
            amount_due: owed(total, customer.balance).due,
            amount_paid: 0,
            attempt_count: 0,
            is_attempted: false,
            auto_advance: matches!(collection, Collection::At(_)),
            finalizes_at,
            next_attempt_at: None,
            finalized_at: None,
            paid_at: None,
            voided_at: None,
        };
        let (created, rendered) = (invoice.created, self.render_invoice(&invoice));
        self.emit("invoice.created", created, rendered);
        self.put_invoice(invoice);
        self.collect(&id, collection);
    }

    /// Stores an invoice and notes when it falls due.
    fn put_invoice(&mut self, invoice: Invoice) {
        if let Some(at) = invoice.next_due() {
            let due = Due::Invoice(invoice.id.clone());
            self.agenda.add(invoice.clock.clone(), at, invoice.serial, due);
        }
        self.invoices.insert(invoice.id.clone(), invoice);
    }

    /// Changes an invoice by a function and tells what happened to it.
    fn change_invoice(
        &mut self,
        id: &InvoiceId,
        events: &[&'static str],
        change: impl FnOnce(&mut Invoice),
    ) {
        let Some(mut invoice) = self.invoices.get(id).cloned() else { return };
        change(&mut invoice);
        let (at, rendered) = (self.time_of(invoice.clock.as_ref()), self.render_invoice(&invoice));
        self.put_invoice(invoice);
        for kind in events {
            self.emit(kind, at, rendered.clone());
        }
    }

    /// Returns an invoice.
    pub(super) fn retrieve_invoice(&self, id: &str) -> Answer {
        Ok(self.render_invoice(self.invoice(id)?))
    }

    fn invoice(&self, id: &str) -> Result<&Invoice, ApiError> {
        self.invoices.get(id).ok_or_else(|| ApiError::no_such("invoice", id, "id"))
    }

    /// Returns all invoices that match, the newest first. Those on test clocks are listed only by
    /// their customer or their subscription.
    pub(super) fn list_invoices(&self, params: &Params) -> Answer {
        let known = ["collection_method", "created", "customer", "status", "subscription"];
        given::only(params, &known)?;
        let customer = given::text(params, &["customer"]);
        let subscription = given::text(params, &["subscription"]);
        if let Some(customer) = customer.filter(|id| !self.customers.contains_key(*id)) {
            return Err(ApiError::no_such("customer", customer, "customer"));
        }
        if let Some(subscription) = subscription {
            self.subscription(subscription, "subscription")?;
        }
        let charged = given::text(params, &["collection_method"])
            .is_none_or(|method| method == "charge_automatically");
        let status = given::text(params, &["status"]);
        let created = TimeRange::read(params, "created")?;
        let is_named = customer.is_some() || subscription.is_some();
        Ok(self.invoices_where(|invoice| {
            charged
                && (is_named || invoice.clock.is_none())
                && customer.is_none_or(|customer| invoice.customer.as_str() == customer)
                && subscription.is_none_or(|wanted| invoice.subscription.as_str() == wanted)
                && status.is_none_or(|status| invoice.status.word() == status)
                && created.holds(invoice.created)
        }))
    }

    /// Returns all invoices, those on test clocks too.
    pub(super) fn search_invoices(&self) -> Value {
        self.invoices_where(|_| true)
    }

    fn invoices_where(&self, wanted: impl Fn(&Invoice) -> bool) -> Value {
        let mut found: Vec<_> = self.invoices.values().filter(|found| wanted(found)).collect();
        found.sort_by_key(|invoice| invoice.serial);
        let newest_first = found.into_iter().rev();
        Value::Array(newest_first.map(|found| self.render_invoice(found)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(total: i64, balance: i64, due: i64, left: i64) {
        assert_eq!(owed(total, balance), Owed { due, balance: left });
    }

    #[test]
    fn a_credit_is_kept_and_used() {
        check(-1_000, 0, 0, -1_000);
        check(1_500, -1_000, 500, 0);
        check(900, -1_000, 0, -100);
    }

    #[test]
    fn too_little_for_a_card_is_carried_over() {
        check(49, 0, 0, 49);
        check(50, 0, 50, 0);
        check(1_000, 49, 1_049, 0);
    }
}
