//! The envelope in which an event travels.

use jiff::Timestamp;
use serde::Serialize;

use super::BridgeEvent;
use crate::SubscriptionStatus;
use crate::money::decimal;

/// The currency, as events name it.
const CURRENCY: &str = "USD";

/// Something that happened, before it is put in an envelope.
pub(super) struct Tale<'a> {
    pub(super) id: String,
    pub(super) event_type: &'static str,
    pub(super) at: Timestamp,
    /// What is told first of what happens at the same moment.
    pub(super) rank: u8,
    pub(super) customer_id: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) email: Option<&'a str>,
    pub(super) subscription_id: Option<&'a str>,
    pub(super) subscription: Option<Subscription<'a>>,
    pub(super) invoice: Option<Invoice<'a>>,
}

/// What a subscription is after an event; what it was, where it ended.
pub(super) struct Subscription<'a> {
    pub(super) plan: &'a str,
    pub(super) screens: u64,
    pub(super) mrr_cents: i64,
    pub(super) status: SubscriptionStatus,
}

/// What an event says about an invoice.
pub(super) struct Invoice<'a> {
    pub(super) id: &'a str,
    pub(super) amount_cents: i64,
    /// Stripe's word for the invoice's own state.
    pub(super) status: &'a str,
}

impl Tale<'_> {
    pub(super) fn into_event(self) -> BridgeEvent {
        let json = serde_json::to_string(&Envelope::new(&self));
        debug_assert!(json.is_ok(), "text and numbers always have JSON: {json:?}");
        BridgeEvent {
            id: self.id,
            event_type: self.event_type,
            customer_id: self.customer_id.to_owned(),
            at: self.at,
            json: json.unwrap_or_default(),
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    event_id: &'a str,
    customer_id: &'a str,
    event_type: &'static str,
    timestamp: Timestamp,
    source_service: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct ExternalIds<'a> {
    stripe: &'a str,
}

/// Amounts are decimals in dollars, as text, so that no reader makes floats of them.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<&'a str>,
    external_ids: ExternalIds<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    screens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mrr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
    currency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    fn new(tale: &'a Tale<'_>) -> Self {
        let (subscription, invoice) = (tale.subscription.as_ref(), tale.invoice.as_ref());
        let of_invoice = || invoice.map(|it| it.status);
        Self {
            event_id: &tale.id,
            customer_id: tale.customer_id,
            event_type: tale.event_type,
            timestamp: tale.at,
            source_service: "stripe",
            data: Data {
                email: tale.email,
                name: tale.name,
                company: tale.name,
                external_ids: ExternalIds { stripe: tale.customer_id },
                subscription_id: tale.subscription_id,
                plan: subscription.map(|it| it.plan),
                screens: subscription.map(|it| it.screens),
                mrr: subscription.map(|it| decimal(it.mrr_cents)),
                invoice_id: invoice.map(|it| it.id),
                amount: invoice.map(|it| decimal(it.amount_cents)),
                currency: CURRENCY,
                status: subscription.map(|it| it.status.name()).or_else(of_invoice),
            },
        }
    }
}
