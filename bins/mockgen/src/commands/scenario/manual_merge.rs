//! Five customers who may be one, for a person to decide.

use serde_json::{Value, json};

use crate::exit::Failure;

use super::play::{Play, arrived, count, text_of, unresolved};

const EMAIL: &str = "customer@example.com";
const PHONE: &str = "+1-555-1111";
/// The number as it is kept.
const PHONE_KEPT: &str = "15551111";
const LOYALTY_ID: &str = "LOY-1111";

/// Why the five are not merged at once.
const REASON: &str = "Auto-merge blocked: 5 profiles exceed threshold of 3";

/// Plays it.
pub(super) fn play(play: &mut Play<'_>) -> Result<(), Failure> {
    let five = import(play)?;
    check_five(play, &five)?;
    let review = meet_all(play, &five)?;
    approve(play, &review, &five)
}

/// Five imports without resolution. The first becomes the strongest by its orders: it has four of
/// them, while nobody else holds its address.
fn import(play: &mut Play<'_>) -> Result<[String; 5], Failure> {
    let order = |number: u32, at: &str| {
        json!({
            "id": format!("C-{number}"), "created_at": at, "email": EMAIL,
            "total_spent": "50.00", "currency": "USD",
        })
    };
    let shopify = "shopify:orders/create";
    let times = ["2024-03-01T09:00:00Z", "2024-03-02T09:00:00Z", "2024-03-03T09:00:00Z"];
    let begin = "2024-02-29T09:00:00Z";
    let first = play.tell(&unresolved(shopify, begin, &order(1, begin)))?;
    for (number, at) in (2..).zip(times) {
        play.tell(&arrived(shopify, at, &order(number, at)))?;
    }
    let message = json!({
        "MessageSid": "SM5551111", "MessageStatus": "received",
        "From": "whatsapp:+15551111", "To": "whatsapp:+15559999", "Body": "Hello",
    });
    let second = play.tell(&unresolved("twilio", "2024-03-04T09:00:00Z", &message))?;
    let transaction = json!({
        "store_id": "STORE-001", "transaction_id": "TXN-1111", "loyalty_id": LOYALTY_ID,
        "phone": PHONE, "total": 150.00, "currency": "USD", "timestamp": "2024-03-05T09:00:00Z",
    });
    let third = play.tell(&unresolved("pos", "2024-03-05T09:00:00Z", &transaction))?;
    let order_of = |at: &str, (kind, id): (&str, &str), total: &str| {
        json!({
            "event_type": "purchase", "timestamp": at, "source_service": "shop",
            "data": {kind: id, "email": EMAIL, "product_name": "Gift card", "total": total,
                "currency": "USD"},
        })
    };
    let at = "2024-03-06T09:00:00Z";
    let body = order_of(at, ("cookie_id", "cookie-abc123"), "50.00");
    let fourth = play.tell(&unresolved("envelope", at, &body))?;
    let at = "2024-03-07T09:00:00Z";
    let body = order_of(at, ("device_id", "device-xyz789"), "75.00");
    let fifth = play.tell(&unresolved("envelope", at, &body))?;
    Ok([first, second, third, fourth, fifth])
}

fn check_five(play: &mut Play<'_>, five: &[String; 5]) -> Result<(), Failure> {
    let customers = play.rows("/api/profiles")?;
    play.is("before: customers", 5, &count(&customers));
    let expected = [
        (json!({"email": EMAIL}), 200.0),
        (json!({"phone": PHONE_KEPT, "whatsapp": "+15551111"}), 0.0),
        (json!({"loyalty_id": LOYALTY_ID, "phone": PHONE_KEPT}), 150.0),
        (json!({"cookie_id": "cookie-abc123", "email": EMAIL}), 50.0),
        (json!({"device_id": "device-xyz789", "email": EMAIL}), 75.0),
    ];
    for (number, (id, (identifiers, lifetime_value))) in (1..).zip(five.iter().zip(expected)) {
        let profile = play.of(id, "")?;
        let when = format!("before: customer {number}");
        play.is(&format!("{when}: identifiers"), identifiers, &profile["identifiers"]);
        let actual = &profile["lifetime_value"];
        play.is(&format!("{when}: lifetime value"), lifetime_value, actual);
    }
    let merges = play.rows("/api/merges")?;
    play.is("before: merges", 0, &count(&merges));
    Ok(())
}

/// An event comes that names three identifiers, of which each of the five has one.
fn meet_all(play: &mut Play<'_>, five: &[String; 5]) -> Result<String, Failure> {
    let login = json!({
        "event_type": "login", "timestamp": "2024-03-08T09:00:00Z", "source_service": "app",
        "data": {"email": EMAIL, "phone": PHONE, "loyalty_id": LOYALTY_ID},
    });
    play.tell(&arrived("envelope", "2024-03-08T09:00:00Z", &login))?;
    let customers = play.rows("/api/profiles")?;
    play.is("event: customers", 5, &count(&customers));
    let reviews = play.rows("/api/merge-queue?status=pending")?;
    play.is("event: reviews", 1, &count(&reviews));
    let review = reviews.first().unwrap_or(&Value::Null);
    play.is("event: review", "pending", &review["status"]);
    play.is("event: reason", REASON, &review["reason"]);
    let sorted = |ids: Vec<String>| {
        let mut ids = ids;
        ids.sort();
        Value::from(ids)
    };
    let named = review["profile_ids"].as_array().into_iter().flatten().map(text_of).collect();
    play.is("event: the five are in it", sorted(five.to_vec()), &sorted(named));
    Ok(text_of(&review["id"]))
}

fn approve(play: &mut Play<'_>, review: &str, five: &[String; 5]) -> Result<(), Failure> {
    play.post(&format!("/api/merge-queue/{review}/approve"), &json!({}))?;
    let customers = play.rows("/api/profiles")?;
    play.is("end: customers", 1, &count(&customers));
    let reviews = play.rows("/api/merge-queue")?;
    play.is("end: reviews", 1, &count(&reviews));
    let review = reviews.first().unwrap_or(&Value::Null);
    play.is("end: review", "merged", &review["status"]);
    check_history(play, five)?;

    let profile = play.of(&five[4], "")?;
    play.is("end: the strongest and oldest stays", five[0].as_str(), &profile["id"]);
    let identifiers = json!({
        "cookie_id": ["cookie-abc123"], "device_id": ["device-xyz789"], "email": [EMAIL],
        "loyalty_id": [LOYALTY_ID], "phone": [PHONE_KEPT], "whatsapp": ["+15551111"],
    });
    play.is("end: identifiers", identifiers, &profile["all_identifiers"]);
    play.is_known_as("end", (475.0, 7, 95), &profile);
    let stats = play.get("/api/stats")?;
    let events = stats["event_count"].clone();
    play.is("end: all events are of the one", events, &profile["event_count"]);
    Ok(())
}

fn check_history(play: &mut Play<'_>, five: &[String; 5]) -> Result<(), Failure> {
    let merges = play.rows("/api/merges")?;
    play.is("end: merges", 1, &count(&merges));
    let merge = merges.first().unwrap_or(&Value::Null);
    play.is("end: merge reason", "manual_review", &merge["reason"]);
    play.is("end: base of the merge", five[0].as_str(), &merge["base_profile_id"]);
    let merged = merge["merged_profile_ids"].as_array().map_or(0, Vec::len);
    play.is("end: taken in", 4, &Value::from(merged));
    let before = merge["before_snapshot"].as_array().map_or(0, Vec::len);
    play.is("end: snapshot of all five before", 5, &Value::from(before));
    let is_after = !merge["after_snapshot"].is_null();
    play.is("end: snapshot after", true, &Value::from(is_after));
    Ok(())
}
