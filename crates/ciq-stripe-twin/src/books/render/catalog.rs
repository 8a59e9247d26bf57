//! Products and prices.

use serde_json::{Value, json};

use crate::books::ids::PriceId;
use crate::books::prices::Price;
use crate::books::products::Product;

/// Writes a product.
pub(in crate::books) fn product(product: &Product) -> Value {
    json!({
        "id": product.id.as_str(),
        "object": "product",
        "active": product.is_active,
        "created": product.created.seconds(),
        "default_price": product.default_price.as_ref().map(PriceId::as_str),
        "description": product.description,
        "images": product.images,
        "livemode": false,
        "marketing_features": [],
        "metadata": product.metadata,
        "name": product.name,
        "package_dimensions": null,
        "shippable": product.is_shippable,
        "statement_descriptor": product.statement_descriptor,
        "tax_code": null,
        "type": "service",
        "unit_label": product.unit_label,
        "updated": product.updated.seconds(),
        "url": product.url,
    })
}

/// Writes a price.
pub(in crate::books) fn price(price: &Price) -> Value {
    let offer = &price.offer;
    let recurring = offer.cadence.map(|cadence| {
        json!({
            "interval": cadence.interval.word(),
            "interval_count": cadence.count,
            "meter": null,
            "trial_period_days": offer.trial_period_days,
            "usage_type": "licensed",
        })
    });
    json!({
        "id": price.id.as_str(),
        "object": "price",
        "active": price.is_active,
        "billing_scheme": "per_unit",
        "created": price.created.seconds(),
        "currency": offer.currency,
        "custom_unit_amount": null,
        "livemode": false,
        "lookup_key": price.lookup_key,
        "metadata": price.metadata,
        "nickname": price.nickname,
        "product": price.product.as_str(),
        "recurring": recurring,
        "tax_behavior": offer.tax_behavior,
        "tiers_mode": null,
        "transform_quantity": null,
        "type": if offer.cadence.is_some() { "recurring" } else { "one_time" },
        "unit_amount": offer.unit_amount,
        "unit_amount_decimal": offer.unit_amount.to_string(),
    })
}

/// Writes a price as the plan that subscription items still show beside it.
pub(in crate::books) fn plan(price: &Price) -> Value {
    let offer = &price.offer;
    json!({
        "id": price.id.as_str(),
        "object": "plan",
        "active": price.is_active,
        "amount": offer.unit_amount,
        "amount_decimal": offer.unit_amount.to_string(),
        "billing_scheme": "per_unit",
        "created": price.created.seconds(),
        "currency": offer.currency,
        "interval": offer.cadence.map(|cadence| cadence.interval.word()),
        "interval_count": offer.cadence.map(|cadence| cadence.count),
        "livemode": false,
        "metadata": price.metadata,
        "meter": null,
        "nickname": price.nickname,
        "product": price.product.as_str(),
        "tiers_mode": null,
        "transform_usage": null,
        "trial_period_days": offer.trial_period_days,
        "usage_type": "licensed",
    })
}
