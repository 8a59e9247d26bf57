//! Payments as the webhooks of a shop, wrapped with their topic.
//!
//! A paid invoice is a paid order. A renewal is the billing attempt that it stems from: as an
//! order it would count the same money twice.

use super::fields::{Change, Facts, Prop};
use super::forms::push_time;
use crate::json::Object;
use crate::saas::{CURRENCY, Event, Payload, User, user};

/// What a payment is as a webhook: its topic and its amount.
pub(super) const fn webhook(payload: Payload) -> Option<(&'static str, u32)> {
    match payload {
        Payload::InvoicePaid { amount_cents } => Some(("shopify:orders/paid", amount_cents)),
        Payload::PlanRenewed { amount_cents } => {
            Some(("shopify:subscription_billing_attempts/success", amount_cents))
        }
        Payload::UserIdentified
        | Payload::SessionStart { .. }
        | Payload::FeatureUsed { .. }
        | Payload::SessionEnd { .. }
        | Payload::CardDecline { .. }
        | Payload::RenewalFailed { .. }
        | Payload::PlanCancelled
        | Payload::TicketOpened(_)
        | Payload::TicketReplied(_)
        | Payload::TicketClosed { .. } => None,
    }
}

impl Facts {
    /// Appends a payment as a record of an import file; anything else not at all.
    pub(super) fn push_shopify(&self, event: &Event, change: &Change, out: &mut Vec<u8>) {
        let Some((topic, amount_cents)) = webhook(event.payload) else { return };
        let user = user(&self.population, event.user);
        let number = i64::try_from(self.names.order(event.user, event.sequence)).unwrap_or(0);
        let mut time = Vec::with_capacity(24);
        push_time(event.at_ms, &mut time);
        let time = String::from_utf8_lossy(&time);
        let mut body = Object::new()
            .number("id", number)
            .text("order_number", &format!("SUB-{number}"))
            .text("email", &user.email)
            .text_if("phone", user.phone.as_deref());
        if *change != Change::Missing(Prop::Amount) {
            body = body.amount_text("total_price", amount_cents.into());
        }
        if *change != Change::Missing(Prop::Currency) {
            body = body.text("currency", CURRENCY);
        }
        let body = body
            .text("financial_status", "paid")
            .text("created_at", &time)
            .list("line_items", [line_item(&user, amount_cents)])
            .object("customer", self.customer(&user));
        let line =
            Object::new().text("wire_form", topic).text("received_at", &time).object("body", body);
        out.extend_from_slice(&line.finish());
        out.push(b'\n');
    }

    /// The shop knows a customer by a number of its own.
    fn customer(&self, user: &User) -> Object {
        let number = self.names.device(user.index, u8::MAX);
        Object::new()
            .number("id", 7_000_000_000 + i64::from(number))
            .text("first_name", user.first_name)
            .text("last_name", user.last_name)
    }
}

fn line_item(user: &User, amount_cents: u32) -> Object {
    let name = user.plan.name();
    Object::new()
        .text("title", &format!("Plan {name}, one month"))
        .text("sku", &format!("PLAN-{}", name.to_ascii_uppercase()))
        .number("quantity", 1)
        .amount_text("price", amount_cents.into())
}
