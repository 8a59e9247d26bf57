//! Five orders in a week make a champion.

use serde_json::{Value, json};

use crate::exit::Failure;

use super::play::{Foreseen, Play, arrived, count};

const EMAIL: &str = "michael.chen@email.com";

/// An order, and what the customer is known as after it.
struct Step {
    at: &'static str,
    product: &'static str,
    price: &'static str,
    lifetime_value: f64,
    strength: u64,
}

const STEPS: [Step; 5] = [
    Step {
        at: "2024-02-05T10:00:00Z",
        product: "Designer Jacket",
        price: "199.99",
        lifetime_value: 199.99,
        strength: 50,
    },
    Step {
        at: "2024-02-07T10:00:00Z",
        product: "Summer T-Shirt",
        price: "89.99",
        lifetime_value: 289.98,
        strength: 60,
    },
    Step {
        at: "2024-02-09T10:00:00Z",
        product: "Linen Shirt",
        price: "53.34",
        lifetime_value: 343.32,
        strength: 70,
    },
    Step {
        at: "2024-02-10T10:00:00Z",
        product: "Chino Trousers",
        price: "53.34",
        lifetime_value: 396.66,
        strength: 75,
    },
    Step {
        at: "2024-02-11T10:00:00Z",
        product: "Wool Cardigan",
        price: "53.34",
        lifetime_value: 450.0,
        strength: 80,
    },
];

/// The day after the fifth order.
const DAY_AFTER: &str = "2024-02-12T10:00:00Z";

/// Plays it.
pub(super) fn play(play: &mut Play<'_>) -> Result<(), Failure> {
    let michael = begin(play)?;
    for (index, step) in STEPS.iter().enumerate() {
        buy(play, &michael, (index + 1, step))?;
    }
    foresee(play, &michael)?;
    end(play, &michael)
}

fn begin(play: &mut Play<'_>) -> Result<String, Failure> {
    let automation = json!({
        "id": "vip-customer-treatment", "name": "VIP Customer Treatment",
        "trigger": {"type": "segment_entered", "segment": "champion"},
        "actions": [{"type": "send_email", "subject": "Exclusive offers for you",
            "body": "Hi {{ first_name | default('there') }}, thank you for {{ order_count }} \
                     orders. These offers are for our best customers only."}],
    });
    play.post("/api/automations", &automation)?;
    let update = json!({
        "event_type": "profile_update", "timestamp": "2024-02-04T10:00:00Z",
        "source_service": "shop", "data": {"email": EMAIL, "name": "Michael Chen"},
    });
    let michael = play.tell(&arrived("envelope", "2024-02-04T10:00:00Z", &update))?;
    let profile = play.of(&michael, "")?;
    play.is_known_as("before", (0.0, 0, 40), &profile);
    Ok(michael)
}

fn buy(play: &mut Play<'_>, michael: &str, (number, step): (usize, &Step)) -> Result<(), Failure> {
    let Step { at, product, price, lifetime_value, strength } = step;
    let order = json!({
        "id": format!("MC-{number}"), "created_at": at, "email": EMAIL,
        "total_spent": price, "currency": "USD",
        "items": [{"product_name": product, "category": "Apparel", "price": price}],
    });
    play.tell(&arrived("shopify:orders/create", at, &order))?;
    play.evaluate(at)?;
    let profile = play.of(michael, "")?;
    let when = format!("order {number}");
    let orders = u64::try_from(number).unwrap_or_default();
    play.is_known_as(&when, (*lifetime_value, orders, *strength), &profile);
    Ok(())
}

fn foresee(play: &mut Play<'_>, michael: &str) -> Result<(), Failure> {
    play.evaluate(DAY_AFTER)?;
    let view = play.of(michael, "features")?;
    let features = &view["features"];
    play.is("day 8: recency in days", 1, &features["rfm_recency_days"]);
    play.is("day 8: frequency", 5, &features["rfm_frequency"]);
    play.is("day 8: monetary", 450.0, &features["rfm_monetary"]);
    let affinity = json!({"Apparel": 5});
    play.is("day 8: category affinity", affinity, &features["category_affinity"]);
    let prediction = play.of(michael, "predictions")?;
    let foreseen = Foreseen { churn: 0.08, lifetime_value: 1200.0, segment: "champion" };
    play.is_foreseen("day 8", foreseen, &prediction);
    // All that this shop sells is of the category.
    let recommended = prediction["recommendations"].as_array();
    let is_apparel = |product: &Value| STEPS.iter().any(|step| product == step.product);
    let is_all = recommended.is_some_and(|all| !all.is_empty() && all.iter().all(is_apparel));
    play.is("day 8: recommendations are Apparel", true, &Value::from(is_all));
    Ok(())
}

fn end(play: &mut Play<'_>, michael: &str) -> Result<(), Failure> {
    let profile = play.of(michael, "")?;
    play.is_known_as("end", (450.0, 5, 80), &profile);
    let executions = play.rows("/api/automations/executions")?;
    play.is("end: automation executions", 1, &count(&executions));
    let execution = executions.first().unwrap_or(&Value::Null);
    play.is("end: automation", "VIP Customer Treatment", &execution["automation_name"]);
    play.is("end: execution", "executed", &execution["status"]);
    let campaigns = play.rows("/api/campaigns")?;
    play.is("end: campaign executions", 1, &count(&campaigns));
    let campaign = campaigns.first().unwrap_or(&Value::Null);
    play.is("end: channel", "email", &campaign["channel"]);
    play.is("end: campaign execution", "sent", &campaign["status"]);
    play.is("end: recipient", EMAIL, &campaign["recipient"]);
    Ok(())
}
