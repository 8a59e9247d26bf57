//! Invoices and their lines.

use serde_json::{Value, json};

use super::{list, merge, seconds};
use crate::books::Books;
use crate::books::ids::{ClockId, InvoiceItemId};
use crate::books::invoices::{Invoice, InvoiceStatus, Reason};
use crate::books::lines::Line;

impl Books {
    /// Writes an invoice.
    pub(in crate::books) fn render_invoice(&self, invoice: &Invoice) -> Value {
        let lines = invoice.lines.iter();
        let lines: Vec<_> = lines.map(|line| self.render_line(invoice, line)).collect();
        let rendered = json!({
            "id": invoice.id.as_str(),
            "object": "invoice",
            "attempt_count": invoice.attempt_count,
            "attempted": invoice.is_attempted,
            "auto_advance": invoice.auto_advance,
            "automatically_finalizes_at": seconds(invoice.finalizes_at),
            "billing_reason": reason(invoice.reason),
            "collection_method": "charge_automatically",
            "created": invoice.created.seconds(),
            "currency": invoice.currency,
            "customer": invoice.customer.as_str(),
            "customer_email": invoice.customer_email,
            "customer_name": invoice.customer_name,
            "effective_at": seconds(invoice.finalized_at),
            "ending_balance": invoice.ending_balance,
            "lines": list(&lines, &format!("/v1/invoices/{}/lines", invoice.id)),
            "next_payment_attempt": seconds(next_attempt(invoice)),
            "number": invoice.number,
            "parent": {
                "quote_details": null,
                "subscription_details": {
                    "metadata": invoice.subscription_metadata,
                    "subscription": invoice.subscription.as_str(),
                },
                "type": "subscription_details",
            },
            "period_end": invoice.period.end.seconds(),
            "period_start": invoice.period.start.seconds(),
            "starting_balance": invoice.starting_balance,
            "status": invoice.status.word(),
            "status_transitions": {
                "finalized_at": seconds(invoice.finalized_at),
                "marked_uncollectible_at": null,
                "paid_at": seconds(invoice.paid_at),
                "voided_at": seconds(invoice.voided_at),
            },
            "test_clock": invoice.clock.as_ref().map(ClockId::as_str),
        });
        merge(merge(rendered, amounts(invoice)), unused())
    }

    /// Writes a line.
    fn render_line(&self, invoice: &Invoice, line: &Line) -> Value {
        let price = self.prices.get(&line.price);
        let unit_amount = price.map_or(0, |price| price.offer.unit_amount);
        json!({
            "id": line.id.as_str(),
            "object": "line_item",
            "amount": line.amount,
            "currency": invoice.currency,
            "description": line.description,
            "discount_amounts": [],
            "discountable": line.proration.is_none(),
            "discounts": [],
            "invoice": invoice.id.as_str(),
            "livemode": false,
            "metadata": invoice.subscription_metadata,
            "parent": {
                "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": line.proration.as_ref().map(InvoiceItemId::as_str),
                    "proration": line.proration.is_some(),
                    "proration_details": { "credited_items": null },
                    "subscription": invoice.subscription.as_str(),
                    "subscription_item": line.item.as_str(),
                },
                "type": "subscription_item_details",
            },
            "period": {
                "end": line.period.end.seconds(),
                "start": line.period.start.seconds(),
            },
            "pretax_credit_amounts": [],
            "pricing": {
                "price_details": {
                    "price": line.price.as_str(),
                    "product": price.map(|price| price.product.as_str()),
                },
                "type": "price_details",
                "unit_amount_decimal": unit_amount.to_string(),
            },
            "quantity": line.quantity,
            "quantity_decimal": line.quantity.to_string(),
            "subtotal": line.amount,
            "taxes": [],
        })
    }
}

/// Writes the amounts. There are no taxes and no discounts here.
fn amounts(invoice: &Invoice) -> Value {
    let total = invoice.total();
    json!({
        "amount_due": invoice.amount_due,
        "amount_overpaid": 0,
        "amount_paid": invoice.amount_paid,
        "amount_remaining": invoice.amount_remaining(),
        "amount_shipping": 0,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    })
}

/// Writes what an invoice has at Stripe and never uses here.
fn unused() -> Value {
    json!({
        "account_country": "US",
        "account_name": null,
        "account_tax_ids": null,
        "application": null,
        "automatic_tax": {
            "disabled_reason": null,
            "enabled": false,
            "liability": null,
            "provider": null,
            "status": null,
        },
        "custom_fields": null,
        "customer_address": null,
        "customer_phone": null,
        "customer_shipping": null,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "due_date": null,
        "footer": null,
        "from_invoice": null,
        "hosted_invoice_url": null,
        "invoice_pdf": null,
        "issuer": { "type": "self" },
        "last_finalization_error": null,
        "latest_revision": null,
        "livemode": false,
        "metadata": {},
        "on_behalf_of": null,
        "payment_settings": {
            "default_mandate": null,
            "payment_method_options": null,
            "payment_method_types": null,
        },
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "statement_descriptor": null,
        "webhooks_delivered_at": null,
    })
}

/// Returns when money is asked for next: a draft, when it becomes final.
fn next_attempt(invoice: &Invoice) -> Option<crate::books::calendar::Moment> {
    match invoice.status {
        InvoiceStatus::Draft => invoice.finalizes_at,
        InvoiceStatus::Open => invoice.next_attempt_at,
        InvoiceStatus::Paid | InvoiceStatus::Void => None,
    }
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Create => "subscription_create",
        Reason::Cycle => "subscription_cycle",
        Reason::Update => "subscription_update",
    }
}
