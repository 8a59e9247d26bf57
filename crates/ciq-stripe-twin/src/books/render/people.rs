//! Customers and their cards.

use serde_json::{Value, json};

use crate::books::customers::Customer;
use crate::books::ids::{ClockId, CustomerId, PaymentMethodId};
use crate::books::payment_methods::PaymentMethod;

/// Writes a customer, or what is left of one.
pub(in crate::books) fn customer(customer: &Customer) -> Value {
    if customer.is_deleted {
        return json!({ "id": customer.id.as_str(), "object": "customer", "deleted": true });
    }
    let default = customer.default_payment_method.as_ref().map(PaymentMethodId::as_str);
    json!({
        "id": customer.id.as_str(),
        "object": "customer",
        "address": customer.address.as_ref().map(address),
        "balance": customer.balance,
        "created": customer.created.seconds(),
        "currency": customer.currency,
        "default_source": null,
        "delinquent": customer.is_delinquent,
        "description": customer.description,
        "discount": null,
        "email": customer.email,
        "invoice_prefix": customer.invoice_prefix,
        "invoice_settings": {
            "custom_fields": customer.custom_fields,
            "default_payment_method": default,
            "footer": customer.footer,
            "rendering_options": null,
        },
        "livemode": false,
        "metadata": customer.metadata,
        "name": customer.name,
        "next_invoice_sequence": customer.next_invoice_sequence,
        "phone": customer.phone,
        "preferred_locales": customer.preferred_locales,
        "shipping": customer.shipping.as_ref().map(shipping),
        "tax_exempt": customer.tax_exempt,
        "test_clock": customer.clock.as_ref().map(ClockId::as_str),
    })
}

/// Returns an address with all its fields.
fn address(given: &Value) -> Value {
    json!({
        "city": given["city"],
        "country": given["country"],
        "line1": given["line1"],
        "line2": given["line2"],
        "postal_code": given["postal_code"],
        "state": given["state"],
    })
}

fn shipping(given: &Value) -> Value {
    json!({
        "address": address(&given["address"]),
        "name": given["name"],
        "phone": given["phone"],
    })
}

/// Writes a payment method.
pub(in crate::books) fn payment_method(method: &PaymentMethod) -> Value {
    let card = method.card;
    json!({
        "id": method.id.as_str(),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": address(&Value::Null),
            "email": null,
            "name": null,
            "phone": null,
            "tax_id": null,
        },
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": null,
                "address_postal_code_check": null,
                "cvc_check": "pass",
            },
            "country": "US",
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": fingerprint(card.token),
            "funding": card.funding,
            "generated_from": null,
            "last4": card.last4,
            "networks": { "available": [card.brand], "preferred": null },
            "regulated_status": "unregulated",
            "three_d_secure_usage": { "supported": true },
            "wallet": null,
        },
        "created": method.created.seconds(),
        "customer": method.customer.as_ref().map(CustomerId::as_str),
        "livemode": false,
        "metadata": method.metadata,
        "type": "card",
    })
}

/// Returns what tells a card's number apart from others: the same for each use of a test card.
fn fingerprint(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().chars().take(16).collect()
}
