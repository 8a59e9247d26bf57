//! A shop whose customers leave things in their carts, and a rule about it.

use serde_json::{Value, json};

use crate::service::Service;

/// When the tests begin: 2024-12-14T12:00:00Z.
pub(crate) const NOON: i64 = 1_734_177_600;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 3_600;

/// The account of Twilio's double, and the sender.
pub(crate) const ACCOUNT: [(&str, &str); 3] = [
    ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
    ("TWILIO_AUTH_TOKEN", "hush-hush"),
    ("TWILIO_WHATSAPP_FROM", "+14155550100"),
];

/// Something that a customer does with a lamp.
fn act(kind: &str, at: i64, more: &Value) -> Value {
    let mut data = json!({
        "product_name": "Desk Lamp",
        "customer_name": "Ada Smith",
        "phone": "+14155552671",
        "email": "ada@example.com",
    });
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "customer_id": "cust_ada",
        "event_type": kind,
        "timestamp": at,
        "source_service": "shop",
        "data": data,
    })
}

/// The lamp is put into the cart.
pub(crate) fn cart(at: i64) -> Value {
    act("cart_add", at, &json!({}))
}

/// The lamp is bought.
pub(crate) fn purchase(at: i64) -> Value {
    act("purchase", at, &json!({"purchase_id": "ord_lamp", "quantity": 1, "total": 49.5}))
}

/// A rule about carts that were left for two hours.
pub(crate) fn rule(action: &Value) -> Value {
    json!({
        "id": "cart",
        "name": "Left in the cart",
        "enabled": true,
        "trigger": {"type": "cart_abandonment", "after": "2h", "within": "7d"},
        "actions": [action],
    })
}

/// A message about it.
pub(crate) fn whatsapp() -> Value {
    let body = "Hi {{ first_name }}! {{ product }} is waiting.";
    json!({"type": "send_message", "channel": "whatsapp", "body": body})
}

/// A mail about it.
pub(crate) fn mail() -> Value {
    json!({"type": "send_email", "subject": "Your cart", "body": "{{ product }} is waiting."})
}

/// Writes a time as the API takes it.
pub(crate) fn rfc3339(at: i64) -> String {
    jiff::Timestamp::from_second(at).unwrap().to_string()
}

/// Lets the rules act as of a time; returns what came of it.
#[track_caller]
pub(crate) fn evaluate(service: &Service, at: i64) -> Value {
    service.post("/api/automations/evaluate", &json!({ "as_of": rfc3339(at) }))
}

/// Returns the one message that was asked for.
#[track_caller]
pub(crate) fn campaign(service: &Service) -> Value {
    let campaigns = service.json("/api/campaigns");
    let [campaign] = &campaigns["data"].as_array().unwrap()[..] else { panic!("{campaigns}") };
    campaign.clone()
}
