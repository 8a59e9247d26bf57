//! One person, three channels: buys online, asks by WhatsApp, buys in a store, leaves a cart.

use serde_json::{Value, json};

use crate::exit::Failure;

use super::play::{Foreseen, Play, arrived, count, text_of};

const EMAIL: &str = "sarah.johnson@email.com";
/// `+1-555-0123`, as it is kept.
const PHONE: &str = "15550123";
const SHIRT: &str = "Summer Collection T-Shirt";
const SNEAKERS: &str = "Premium Sneakers";

/// Plays it.
pub(super) fn play(play: &mut Play<'_>) -> Result<(), Failure> {
    let first = buy_online(play)?;
    let sarah = write_and_merge(play, &first)?;
    visit_the_store(play, &sarah)?;
    leave_a_cart(play, &sarah)?;
    foresee(play, &sarah)?;
    end(play, &sarah)
}

fn buy_online(play: &mut Play<'_>) -> Result<String, Failure> {
    let order = json!({
        "id": 12345, "order_number": "ORD-12345", "created_at": "2024-01-15T10:00:00Z",
        "email": EMAIL, "phone": null,
        "customer": {"first_name": "Sarah", "last_name": "Johnson"},
        "total_spent": "89.99", "currency": "USD",
        "items": [{"product_id": "PROD-001", "product_name": SHIRT, "category": "Apparel",
            "price": "89.99", "quantity": 1}],
    });
    let sarah = play.tell(&arrived("shopify:orders/create", "2024-01-15T10:00:00Z", &order))?;
    let stats = play.get("/api/stats")?;
    play.is("order: customers", 1, &stats["customer_count"]);
    play.is("order: events", 1, &stats["event_count"]);
    play.is("order: merges", 0, &stats["merge_count"]);
    let profile = play.of(&sarah, "")?;
    play.is("order: identifiers", json!({"email": EMAIL}), &profile["identifiers"]);
    play.is_known_as("order", (89.99, 1, 40), &profile);
    Ok(sarah)
}

/// A number says nothing about an address: that the two are one is a person's decision.
fn write_and_merge(play: &mut Play<'_>, first: &str) -> Result<String, Failure> {
    let message = json!({
        "MessageSid": "SM123456789", "AccountSid": "ACxxxxx", "MessageStatus": "received",
        "From": "whatsapp:+15550123", "To": "whatsapp:+15559999",
        "Body": "When will my order ship?",
    });
    let second = play.tell(&arrived("twilio", "2024-01-15T14:30:00Z", &message))?;
    let profile = play.of(&second, "")?;
    let identifiers = json!({"phone": PHONE, "whatsapp": "+15550123"});
    play.is("message: identifiers", identifiers, &profile["identifiers"]);
    play.is("message: lifetime value", 0, &profile["lifetime_value"]);
    play.is("message: orders", 0, &profile["total_orders"]);
    // 40 is for one kind of identifier, and 75 for three, as the merge below has it.
    let name = "message: profile strength of two kinds (the story says 40)";
    play.is(name, 60, &profile["profile_strength"]);
    let customers = play.rows("/api/profiles")?;
    play.is("message: customers, not one yet", 2, &count(&customers));

    let body = json!({"profile_ids": [first, second], "reason": "identifier_match"});
    let merged = play.post("/api/profiles/merge", &body)?;
    let sarah = text_of(&merged["customer_ids"][0]);
    check_merge(play, &sarah, (first, &second))?;
    Ok(sarah)
}

fn check_merge(
    play: &mut Play<'_>,
    sarah: &str,
    (first, second): (&str, &str),
) -> Result<(), Failure> {
    let merges = play.rows("/api/merges")?;
    play.is("merge: merges", 1, &count(&merges));
    let merge = merges.first().unwrap_or(&Value::Null);
    play.is("merge: reason", "identifier_match", &merge["reason"]);
    // Strength goes before age, and two kinds are stronger than one.
    let name = "merge: the stronger one stays (the story says the first)";
    play.is(name, second, &merge["base_profile_id"]);
    play.is("merge: snapshot of both before", 2, &size(&merge["before_snapshot"]));
    play.is("merge: snapshot after", true, &Value::from(!merge["after_snapshot"].is_null()));
    for (name, id) in [("first", first), ("second", second)] {
        let found = play.of(id, "")?;
        play.is(&format!("merge: the {name} id leads to her"), sarah, &found["id"]);
    }
    let profile = play.of(sarah, "")?;
    let identifiers = json!({"email": EMAIL, "phone": PHONE, "whatsapp": "+15550123"});
    play.is("merge: identifiers", identifiers, &profile["identifiers"]);
    play.is_known_as("merge", (89.99, 1, 75), &profile);
    play.is("merge: events of hers", 2, &profile["event_count"]);
    let customers = play.rows("/api/profiles")?;
    play.is("merge: customers", 1, &count(&customers));
    Ok(())
}

fn visit_the_store(play: &mut Play<'_>, sarah: &str) -> Result<(), Failure> {
    let transaction = json!({
        "store_id": "STORE-001", "store_name": "Downtown Location", "transaction_id": "TXN-98765",
        "loyalty_id": "LOY-789456", "phone": "+1-555-0123", "total": 125.50, "currency": "USD",
        "items": [{"product_id": "PROD-002", "product_name": SNEAKERS, "category": "Footwear",
            "price": "125.50", "quantity": 1}],
        "check_in_at": "2024-01-17T11:00:00Z", "check_out_at": "2024-01-17T11:45:00Z",
        "detection_method": "qr_scan",
    });
    let visitor = play.tell(&arrived("pos", "2024-01-17T11:45:00Z", &transaction))?;
    play.is("store: it is her", sarah, &Value::from(visitor));
    let profile = play.of(sarah, "")?;
    play.is_known_as("store", (215.49, 2, 85), &profile);
    play.is("store: events of hers", 4, &profile["event_count"]);
    let all = play.of(sarah, "360")?;
    play.is("store: visits", 1, &size(&all["store_visits"]));
    let minutes = &all["store_visits"][0]["duration_minutes"];
    play.is("store: minutes of the visit", 45, minutes);
    play.predict("2024-01-17T12:00:00Z")?;
    let intents = play.of(sarah, "intents")?;
    play.is("store: intents", 1, &size(&intents["data"]));
    play.is("store: intent in", SNEAKERS, &intents["data"][0]["product"]);
    play.is("store: intent is", "converted", &intents["data"][0]["status"]);
    Ok(())
}

fn leave_a_cart(play: &mut Play<'_>, sarah: &str) -> Result<(), Failure> {
    let automation = json!({
        "id": "cart-abandonment-recovery", "name": "Cart Abandonment Recovery",
        "trigger": {"type": "cart_abandonment", "after": "2h"},
        "actions": [{"type": "send_message", "channel": "whatsapp",
            "body": "Hi {{ first_name | default('there') }}! {{ product }} is still in your cart. \
                     10% off with the code CART10"}],
    });
    play.post("/api/automations", &automation)?;
    let cart_add = json!({
        "event_type": "cart_add", "timestamp": "2024-01-19T15:00:00Z",
        "source_service": "storefront",
        "data": {"email": EMAIL, "session_id": "sess-abc123", "product_id": "PROD-003",
            "product_name": SNEAKERS, "category": "Footwear", "price": "125.50",
            "currency": "USD",
            "page_url": "https://store.example.com/products/premium-sneakers"},
    });
    let visitor = play.tell(&arrived("envelope", "2024-01-19T15:00:00Z", &cart_add))?;
    play.is("cart: it is her", sarah, &Value::from(visitor));
    let early = play.evaluate("2024-01-19T16:59:00Z")?;
    play.is("cart: executions before 2 h", 0, &early["triggered_count"]);
    check_intents(play, sarah)?;

    play.evaluate("2024-01-19T17:05:00Z")?;
    let executions = play.rows("/api/automations/executions")?;
    play.is("cart: executions after 2 h", 1, &count(&executions));
    let execution = executions.first().unwrap_or(&Value::Null);
    play.is("cart: automation", "Cart Abandonment Recovery", &execution["automation_name"]);
    play.is("cart: trigger", "cart_abandonment", &execution["trigger_type"]);
    play.is("cart: execution", "executed", &execution["status"]);
    let campaigns = play.rows("/api/campaigns")?;
    play.is("cart: campaign executions", 1, &count(&campaigns));
    let campaign = campaigns.first().unwrap_or(&Value::Null);
    play.is("cart: channel", "whatsapp", &campaign["channel"]);
    play.is("cart: campaign execution", "sent", &campaign["status"]);
    play.is("cart: recipient", "+15550123", &campaign["recipient"]);
    let words = "Hi Sarah! Premium Sneakers is still in your cart. 10% off with the code CART10";
    play.is("cart: message", words, &campaign["content"]);
    Ok(())
}

fn check_intents(play: &mut Play<'_>, sarah: &str) -> Result<(), Failure> {
    let intents = play.of(sarah, "intents")?;
    play.is("cart: intents", 2, &size(&intents["data"]));
    let active = intents["data"].as_array().into_iter().flatten();
    let active: Vec<_> = active.filter(|intent| intent["status"] == "active").collect();
    play.is("cart: active intents", 1, &count(&active));
    let intent = active.first().copied().unwrap_or(&Value::Null);
    play.is("cart: active intent in", SNEAKERS, &intent["product"]);
    play.is("cart: intent score", 85, &intent["score"]);
    Ok(())
}

fn foresee(play: &mut Play<'_>, sarah: &str) -> Result<(), Failure> {
    play.predict("2024-01-20T06:00:00Z")?;
    let view = play.of(sarah, "features")?;
    let features = &view["features"];
    // The last purchase was on day 3, at 11:45.
    let name = "day 6: recency in whole days (the story says 1)";
    play.is(name, 2, &features["rfm_recency_days"]);
    play.is("day 6: frequency", 2, &features["rfm_frequency"]);
    play.is("day 6: monetary", 215.49, &features["rfm_monetary"]);
    play.is("day 6: profile strength", 85, &features["profile_strength"]);
    let affinity = json!({"Apparel": 1, "Footwear": 1});
    play.is("day 6: category affinity", affinity, &features["category_affinity"]);
    let prediction = play.of(sarah, "predictions")?;
    let foreseen = Foreseen { churn: 0.15, lifetime_value: 450.0, segment: "loyal" };
    play.is_foreseen("day 6", foreseen, &prediction);
    let recommended = json!([SNEAKERS, SHIRT]);
    play.is("day 6: recommendations", recommended, &prediction["recommendations"]);
    let has_version = prediction["model_version"].is_string();
    play.is("day 6: model version is told", true, &Value::from(has_version));
    let journey = play.of(sarah, "journey")?;
    play.is_at_stage("day 6", "retention", 78.0, &journey);
    let action = "Send personalized product recommendations";
    play.is("day 6: next best action", action, &journey["next_best_action"]);
    Ok(())
}

/// What there is in all, table by table.
fn end(play: &mut Play<'_>, sarah: &str) -> Result<(), Failure> {
    let stats = play.get("/api/stats")?;
    play.is("end: customers", 1, &stats["customer_count"]);
    play.is("end: events", 5, &stats["event_count"]);
    let types = json!({
        "cart_add": 1, "purchase": 2, "store_visit": 1, "whatsapp_message": 1,
    });
    play.is("end: events by type", types, &stats["events_by_type"]);
    play.is("end: store visits", 1, &stats["store_visit_count"]);
    play.is("end: merges", 1, &stats["merge_count"]);
    let profile = play.of(sarah, "")?;
    let identifiers = json!({
        "email": EMAIL, "loyalty_id": "LOY-789456", "phone": PHONE, "session_id": "sess-abc123",
        "whatsapp": "+15550123",
    });
    play.is("end: identifiers", identifiers, &profile["identifiers"]);
    play.is_known_as("end", (215.49, 2, 85), &profile);
    play.is("end: events of hers", 5, &profile["event_count"]);
    play.is("end: merged profiles", 2, &profile["merged_profiles"]);
    let intents = play.of(sarah, "intents")?;
    play.is("end: product intents", 2, &size(&intents["data"]));
    let executions = play.rows("/api/automations/executions")?;
    play.is("end: automation executions", 1, &count(&executions));
    let campaigns = play.rows("/api/campaigns")?;
    play.is("end: campaign executions", 1, &count(&campaigns));
    let insights = play.rows("/api/insights")?;
    play.is("end: predictions", 1, &count(&insights));
    play.is("end: journeys", 1, &count(&insights));
    let features = play.of(sarah, "features")?;
    let is_several = features["features"].as_object().is_some_and(|features| features.len() > 1);
    play.is("end: several features", true, &Value::from(is_several));
    Ok(())
}

fn size(list: &Value) -> Value {
    list.as_array().map_or(Value::Null, |list| Value::from(list.len()))
}
