//! Payment methods: a customer's cards.

use serde_json::Value;

use super::calendar::Moment;
use super::cards::Card;
use super::given::{self, Metadata};
use super::ids::{CustomerId, Kind, PaymentMethodId};
use super::{Answer, Books};
use crate::ApiError;
use crate::params::Params;

/// A card that was attached to a customer once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PaymentMethod {
    pub(super) id: PaymentMethodId,
    pub(super) serial: u64,
    pub(super) created: Moment,
    /// Whose it is; nobody's after it was detached.
    pub(super) customer: Option<CustomerId>,
    pub(super) card: &'static Card,
    pub(super) metadata: Metadata,
}

impl Books {
    /// Returns a payment method, or the unattached one of a test card.
    pub(super) fn retrieve_payment_method(&self, id: &str) -> Answer {
        if let Some(method) = self.payment_methods.get(id) {
            return Ok(super::render::payment_method(method));
        }
        let card = Card::of_token(id).ok_or_else(|| no_such(id, "id"))?;
        let serial = 0;
        let id = PaymentMethodId::from_raw(id.to_owned());
        let metadata = Metadata::new();
        let created = self.now;
        let unattached = PaymentMethod { id, serial, created, customer: None, card, metadata };
        Ok(super::render::payment_method(&unattached))
    }

    /// Attaches a payment method to a customer. The token of a test card makes a new one.
    pub(super) fn attach_payment_method(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, &["customer"])?;
        let customer = given::required(params, &["customer"])?;
        let customer = self.living_customer(customer, "customer")?;
        self.check_writable(customer.clock.as_ref())?;
        let customer = customer.id.clone();
        let attached = self.attach(id, &customer, "id")?;
        self.retrieve_payment_method(attached.as_str())
    }

    /// Refuses what a new owner cannot have: another's payment method, or a card that declines.
    pub(super) fn check_attachable(&self, id: &str, param: &str) -> Result<(), ApiError> {
        match self.payment_methods.get(id).map(|method| &method.customer) {
            None => attachable(id, param).map(|_| ()),
            Some(Some(_)) => Err(ApiError::invalid(
                "The payment method you provided has already been attached to a customer.",
            )),
            Some(None) => Err(ApiError::invalid(
                "This PaymentMethod was detached from a Customer, and may not be used again.",
            )),
        }
    }

    /// Attaches a card to a customer and returns its id.
    pub(super) fn attach(
        &mut self,
        id: &str,
        customer: &CustomerId,
        param: &str,
    ) -> Result<PaymentMethodId, ApiError> {
        if self.own_payment_method(id, customer, param).is_ok() {
            return Ok(PaymentMethodId::from_raw(id.to_owned()));
        }
        self.check_attachable(id, param)?;
        let card = attachable(id, param)?;
        let (id, serial): (PaymentMethodId, _) = (self.mint.id(), self.mint.serial());
        let created = self.time_of_customer(customer);
        let metadata = Metadata::new();
        let owner = Some(customer.clone());
        let method =
            PaymentMethod { id: id.clone(), serial, created, customer: owner, card, metadata };
        self.emit("payment_method.attached", created, super::render::payment_method(&method));
        self.payment_methods.insert(id.clone(), method);
        Ok(id)
    }

    /// Takes a payment method from its customer, for good.
    pub(super) fn detach_payment_method(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, &[])?;
        let method = self.payment_methods.get(id).ok_or_else(|| no_such(id, "id"))?;
        let Some(owner) = method.customer.clone() else {
            let text = "The payment method you provided is not attached to a customer so \
                        detachment is impossible.";
            return Err(ApiError::invalid(text));
        };
        let detached = PaymentMethod { customer: None, ..method.clone() };
        let customer = self.living_customer(owner.as_str(), "customer")?;
        self.check_writable(customer.clock.as_ref())?;
        let at = self.time_of_customer(&owner);
        let answer = super::render::payment_method(&detached);
        self.emit("payment_method.detached", at, answer.clone());
        self.change_customer(&owner, |customer| {
            customer.default_payment_method.take_if(|default| *default == detached.id);
        });
        for subscription in self.subscriptions_of(&owner) {
            self.change_subscription(&subscription, |subscription| {
                subscription.default_payment_method.take_if(|default| *default == detached.id);
            });
        }
        self.payment_methods.insert(detached.id.clone(), detached);
        Ok(answer)
    }

    /// Returns a customer's payment methods, the newest first.
    pub(super) fn list_payment_methods(&self, params: &Params) -> Answer {
        given::only(params, &["allow_redisplay", "customer", "type"])?;
        if given::text(params, &["type"]).is_some_and(|kind| kind != "card") {
            return Ok(Value::Array(Vec::new()));
        }
        let owner = match given::text(params, &["customer"]) {
            None => return Ok(Value::Array(Vec::new())),
            Some(customer) => &self.living_customer(customer, "customer")?.id,
        };
        let mut found: Vec<_> = self.payment_methods.values().collect();
        found.retain(|method| method.customer.as_ref() == Some(owner));
        found.sort_by_key(|method| method.serial);
        Ok(Value::Array(found.into_iter().rev().map(super::render::payment_method).collect()))
    }

    /// Returns the id of a payment method that must be the customer's.
    pub(super) fn own_payment_method(
        &self,
        id: &str,
        customer: &CustomerId,
        param: &str,
    ) -> Result<PaymentMethodId, ApiError> {
        match self.payment_methods.get(id) {
            Some(method) if method.customer.as_ref() == Some(customer) => Ok(method.id.clone()),
            Some(_) | None => Err(not_attached(id, param)),
        }
    }
}

/// The refusal of a payment method that is not the customer's.
pub(super) fn not_attached(id: &str, param: &str) -> ApiError {
    ApiError::invalid(format!(
        "The customer does not have a payment method with the ID {id}. The payment method must be \
         attached to the customer."
    ))
    .with_code("resource_missing")
    .with_param(param)
}

/// Returns the card of a token that a customer may have.
fn attachable(token: &str, param: &str) -> Result<&'static Card, ApiError> {
    let card = Card::of_token(token).ok_or_else(|| no_such(token, param))?;
    card.attaching.map_or(Ok(card), |why| Err(why.error()))
}

fn no_such(id: &str, param: &str) -> ApiError {
    ApiError::no_such("PaymentMethod", id, param)
}
