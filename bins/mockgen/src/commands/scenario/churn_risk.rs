//! A silence, a message, and a return.

use serde_json::{Value, json};

use crate::exit::Failure;

use super::play::{Foreseen, Play, arrived, count};

const EMAIL: &str = "emma.williams@email.com";

/// The orders 90, 60 and 45 days before [`SILENT_AT`].
const ORDERS: [(&str, &str); 3] = [
    ("2024-01-16T12:00:00Z", "150.00"),
    ("2024-02-15T12:00:00Z", "75.00"),
    ("2024-03-01T12:00:00Z", "100.00"),
];

/// After 45 days of silence.
const SILENT_AT: &str = "2024-04-15T12:00:00Z";

/// Two days later: the customer buys.
const BACK_AT: &str = "2024-04-17T12:00:00Z";

/// What goes out.
const MESSAGE: &str = "Hi Emma! We miss you. Here's 20% off your next purchase: SAVE20";

/// Plays it.
pub(super) fn play(play: &mut Play<'_>) -> Result<(), Failure> {
    let emma = begin(play)?;
    fall_silent(play, &emma)?;
    come_back(play, &emma)?;
    end(play, &emma)
}

fn begin(play: &mut Play<'_>) -> Result<String, Failure> {
    let automation = json!({
        "id": "churn-risk-retention", "name": "Churn Risk Retention Campaign",
        "trigger": {"type": "churn_risk", "threshold": 0.7},
        "conditions": [{"field": "segment", "op": "eq", "value": "at_risk"}],
        "actions": [{"type": "send_message", "channel": "whatsapp",
            "body": "Hi {{ first_name | default('there') }}! We miss you. \
                     Here's 20% off your next purchase: SAVE20"}],
    });
    play.post("/api/automations", &automation)?;
    let mut emma = String::new();
    for (number, (at, price)) in ORDERS.iter().enumerate() {
        let order = json!({
            "id": format!("EW-{}", number + 1), "created_at": at, "email": EMAIL,
            "phone": "+1-555-0789",
            "customer": {"first_name": "Emma", "last_name": "Williams"},
            "total_spent": price, "currency": "USD",
        });
        emma = play.tell(&arrived("shopify:orders/create", at, &order))?;
    }
    let profile = play.of(&emma, "")?;
    play.is("history: lifetime value", 325.0, &profile["lifetime_value"]);
    play.is("history: orders", 3, &profile["total_orders"]);
    play.is("history: last activity", ORDERS[2].0, &profile["last_event_at"]);
    Ok(emma)
}

fn fall_silent(play: &mut Play<'_>, emma: &str) -> Result<(), Failure> {
    play.evaluate(SILENT_AT)?;
    let view = play.of(emma, "features")?;
    let features = &view["features"];
    play.is("day 45: recency in days", 45, &features["rfm_recency_days"]);
    play.is("day 45: frequency", 3, &features["rfm_frequency"]);
    play.is("day 45: monetary", 325.0, &features["rfm_monetary"]);
    let prediction = play.of(emma, "predictions")?;
    let foreseen = Foreseen { churn: 0.75, lifetime_value: 350.0, segment: "at_risk" };
    play.is_foreseen("day 45", foreseen, &prediction);
    let journey = play.of(emma, "journey")?;
    play.is_at_stage("day 45", "at_risk", 45.0, &journey);

    let executions = play.rows("/api/automations/executions")?;
    play.is("day 45: automation executions", 1, &count(&executions));
    let execution = executions.first().unwrap_or(&Value::Null);
    play.is("day 45: automation", "Churn Risk Retention Campaign", &execution["automation_name"]);
    play.is("day 45: execution", "executed", &execution["status"]);
    let campaigns = play.rows("/api/campaigns")?;
    play.is("day 45: campaign executions", 1, &count(&campaigns));
    let campaign = campaigns.first().unwrap_or(&Value::Null);
    play.is("day 45: channel", "whatsapp", &campaign["channel"]);
    play.is("day 45: campaign execution", "sent", &campaign["status"]);
    play.is("day 45: recipient", "+15550789", &campaign["recipient"]);
    play.is("day 45: message", MESSAGE, &campaign["content"]);
    Ok(())
}

fn come_back(play: &mut Play<'_>, emma: &str) -> Result<(), Failure> {
    let order = json!({
        "id": "EW-4", "created_at": BACK_AT, "email": EMAIL, "total_spent": "120.00",
        "currency": "USD",
        "items": [{"product_name": "New Collection Dress", "price": "120.00"}],
    });
    let buyer = play.tell(&arrived("shopify:orders/create", BACK_AT, &order))?;
    play.is("day 47: it is her", emma, &Value::from(buyer));
    play.evaluate(BACK_AT)?;
    let profile = play.of(emma, "")?;
    play.is("day 47: lifetime value", 445.0, &profile["lifetime_value"]);
    play.is("day 47: orders", 4, &profile["total_orders"]);
    play.is("day 47: last activity", BACK_AT, &profile["last_event_at"]);
    let view = play.of(emma, "features")?;
    let features = &view["features"];
    play.is("day 47: recency in days", 0, &features["rfm_recency_days"]);
    play.is("day 47: frequency", 4, &features["rfm_frequency"]);
    play.is("day 47: monetary", 445.0, &features["rfm_monetary"]);
    let prediction = play.of(emma, "predictions")?;
    let foreseen = Foreseen { churn: 0.25, lifetime_value: 600.0, segment: "loyal" };
    play.is_foreseen("day 47", foreseen, &prediction);
    let journey = play.of(emma, "journey")?;
    play.is("day 47: previous stage", "at_risk", &journey["previous_stage"]);
    play.is_at_stage("day 47", "retention", 72.0, &journey);
    Ok(())
}

fn end(play: &mut Play<'_>, emma: &str) -> Result<(), Failure> {
    let profile = play.of(emma, "")?;
    play.is("end: lifetime value", 445.0, &profile["lifetime_value"]);
    let prediction = play.of(emma, "predictions")?;
    play.is("end: segment", "loyal", &prediction["segment"]);
    let executions = play.rows("/api/automations/executions")?;
    play.is("end: automation executions", 1, &count(&executions));
    let campaigns = play.rows("/api/campaigns")?;
    play.is("end: campaign executions", 1, &count(&campaigns));
    Ok(())
}
