//! What happens in a month: upgrades, downgrades, cancellations, and cards that will fail.

use std::collections::BTreeMap;

use stripe_billing::subscription::{
    CancelSubscription, UpdateSubscription, UpdateSubscriptionItems,
    UpdateSubscriptionProrationBehavior,
};
use stripe_core::customer::{UpdateCustomer, UpdateCustomerInvoiceSettings};
use stripe_payment::payment_method::{
    AttachPaymentMethod, ListPaymentMethod, ListPaymentMethodType,
};
use stripe_shared::PaymentMethod;

use super::work::{Work, entry, price_id};
use super::{RunError, read, settle};
use crate::PriceFile;
use crate::plan::{Change, Holding, Proration, step};
use crate::readback::{PAGE_SIZE, pages};

/// A card that can be attached, and whose payments fail: 4000 0000 0000 0341.
const FAILING_CARD: &str = "pm_card_chargeCustomerFail";

/// The last digits of that card.
const FAILING_CARD_ENDS: &str = "0341";

impl Work<'_> {
    /// Makes a month's changes. Those on one clock are made one after the other, in the plan's
    /// order.
    pub(super) async fn change(&self, month: u32, prices: &PriceFile) -> Result<(), RunError> {
        let place = usize::try_from(month).unwrap_or(usize::MAX).wrapping_sub(1);
        let Some(phase) = self.plan.phases.get(place) else { return Ok(()) };
        if phase.changes.is_empty() {
            return Ok(());
        }
        self.phase(month, "changing subscriptions", phase.changes.len());
        let mut by_clock: BTreeMap<u32, Vec<&Change>> = BTreeMap::new();
        for change in &phase.changes {
            by_clock.entry(self.clock_of(change.customer)).or_default().push(change);
        }
        let jobs = by_clock.into_values().map(|changes| async move {
            for change in changes {
                self.change_one(month, change, prices).await?;
            }
            Ok(())
        });
        self.runner.all(jobs).await.map(drop)
    }

    /// Gives failing cards to the customers whose next renewal is to fail.
    pub(super) async fn break_cards(&self, month: u32) -> Result<(), RunError> {
        let place = usize::try_from(month).unwrap_or(usize::MAX);
        let Some(phase) = self.plan.phases.get(place) else { return Ok(()) };
        if phase.past_due.is_empty() {
            return Ok(());
        }
        self.phase(month, "setting cards that will fail", phase.past_due.len());
        let mut by_clock: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for customer in &phase.past_due {
            by_clock.entry(self.clock_of(*customer)).or_default().push(*customer);
        }
        let jobs = by_clock.into_values().map(|customers| async move {
            for customer in customers {
                self.break_card(month, customer).await?;
            }
            Ok(())
        });
        self.runner.all(jobs).await.map(drop)
    }

    fn clock_of(&self, customer: u32) -> u32 {
        let place = usize::try_from(customer).unwrap_or(usize::MAX);
        self.plan.customers.get(place).map_or(0, |customer| customer.clock)
    }

    async fn change_one(
        &self,
        month: u32,
        change: &Change,
        prices: &PriceFile,
    ) -> Result<(), RunError> {
        let name = &step::change(month, change.customer);
        if self.is_done(name) {
            return Ok(());
        }
        let subscription = self.made(step::subscription(change.customer))?;
        let id = subscription.id;
        match change.kind.holding() {
            None => self.cancel(name, &id).await?,
            Some(holding) => {
                let item = subscription.item.ok_or_else(|| RunError::Strange {
                    what: format!("the subscription {id} has no item"),
                })?;
                let update = &self.update_of(&id, item, holding, prices)?;
                // The same once more changes nothing, so there is nothing to look for.
                let call = |generation| async move {
                    let step = self.step(name, generation);
                    self.runner.caller().call(step, update).await.map(drop)
                };
                settle(call, || async { Ok(None) }).await?;
            }
        }
        self.done(entry(name.clone(), id)).await
    }

    fn update_of(
        &self,
        id: &str,
        item_id: String,
        holding: Holding,
        prices: &PriceFile,
    ) -> Result<UpdateSubscription, RunError> {
        let mut item = UpdateSubscriptionItems::new();
        item.id = Some(item_id);
        item.price = Some(price_id(prices, holding.plan)?.to_owned());
        item.quantity = Some(holding.screens);
        let behavior = match self.plan.settings.proration {
            Proration::CreateProrations => UpdateSubscriptionProrationBehavior::CreateProrations,
            Proration::None => UpdateSubscriptionProrationBehavior::None,
            Proration::AlwaysInvoice => UpdateSubscriptionProrationBehavior::AlwaysInvoice,
        };
        Ok(UpdateSubscription::new(id).items(vec![item]).proration_behavior(behavior))
    }

    /// Cancels at once. What is not there any more is cancelled: an answer may have been lost.
    async fn cancel(&self, name: &str, id: &str) -> Result<(), RunError> {
        let request = CancelSubscription::new(id).prorate(false);
        match self.runner.caller().call(self.step(name, 0), &request).await {
            Err(error) if error.is_missing() => Ok(()),
            done => Ok(done.map(drop)?),
        }
    }

    async fn break_card(&self, month: u32, customer: u32) -> Result<(), RunError> {
        let name = &step::card(month, customer);
        if self.is_done(name) {
            return Ok(());
        }
        let customer_id = self.customer_id(customer)?;
        let card = self.failing_card(name, &customer_id).await?;
        let mut invoices = UpdateCustomerInvoiceSettings::new();
        invoices.default_payment_method = Some(card.clone());
        let request = &UpdateCustomer::new(customer_id.as_str()).invoice_settings(invoices);
        let call = |generation| async move {
            let step = self.step(name, generation);
            self.runner.caller().call(step, request).await.map(drop)
        };
        settle(call, || async { Ok(None) }).await?;
        self.done(entry(name.clone(), card)).await
    }

    /// Returns a customer's failing card, attached now or before.
    async fn failing_card(&self, name: &str, customer_id: &str) -> Result<String, RunError> {
        let find = || async { self.find_failing_card(name, customer_id).await };
        if self.is_resumed
            && let Some(card) = find().await?
        {
            return Ok(card);
        }
        let request = &AttachPaymentMethod::new(FAILING_CARD).customer(customer_id);
        let call = |generation| async move {
            let step = self.step(name, generation);
            Ok(self.runner.caller().call(step, request).await?.id.to_string())
        };
        settle(call, find).await
    }

    async fn find_failing_card(
        &self,
        name: &str,
        customer_id: &str,
    ) -> Result<Option<String>, RunError> {
        let cards = pages(self.runner.caller(), read(name), |cursor| {
            let request = ListPaymentMethod::new()
                .customer(customer_id)
                .type_(ListPaymentMethodType::Card)
                .limit(PAGE_SIZE);
            match cursor {
                None => request,
                Some(cursor) => request.starting_after(cursor),
            }
        });
        let is_failing = |method: &PaymentMethod| {
            method.card.as_ref().is_some_and(|card| card.last4 == FAILING_CARD_ENDS)
        };
        Ok(cards.await?.into_iter().find(is_failing).map(|method| method.id.to_string()))
    }
}
