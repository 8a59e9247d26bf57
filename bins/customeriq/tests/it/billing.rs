//! Subscriptions and how they are paid, from files of events.

use crate::support::Place;

/// Events of Stripe as an endpoint gets them, and one that another service tells.
const TOLD: &str = r#"{"id":"evt_1","object":"event","created":1734134400,"livemode":false,"type":"customer.created","data":{"object":{"id":"cus_1","object":"customer","email":"ada@example.com","name":"Ada"}}}
{"id":"evt_2","object":"event","created":1734134400,"livemode":false,"type":"customer.subscription.created","data":{"object":{"id":"sub_1","object":"subscription","customer":"cus_1","currency":"usd","status":"active","start_date":1734134400,"items":{"data":[{"quantity":12,"price":{"currency":"usd","unit_amount":1500,"nickname":"Pro Plus","recurring":{"interval":"month"}}}]}}}}
{"id":"evt_3","object":"event","created":1734220800,"livemode":false,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice","customer":"cus_1","currency":"usd","subscription":"sub_1","amount_paid":18000,"status":"paid"}}}
{"event_type":"subscription_started","timestamp":1734134500,"data":{"email":"ada@example.com","subscription_id":"s2","plan":"Standard","screens":2,"mrr":"20.00","currency":"EUR"}}
{"event_type":"payment_failed","timestamp":1734307200,"data":{"email":"ada@example.com","subscription_id":"s2","invoice_id":"in_2","amount":20,"currency":"EUR"}}
"#;

#[test]
fn a_customer_shows_what_it_subscribes_to_and_how_it_pays() {
    let place = Place::new();
    place.import(TOLD);
    let out = place.run(&["show", "ada@example.com"]);
    let id = place.run(&["customers", "--json"]).expect(0).json()["data"][0]["id"].clone();
    let out = if out.out.is_empty() { place.run(&["show", id.as_str().unwrap()]) } else { out };
    let out = out.expect(0).out;
    for part in [
        "plan          Pro Plus, Standard",
        "screens       14",
        "MRR           20.00 EUR and 180.00 USD",
        "health        past_due, a payment last failed at 2024-12-16 00:00 UTC",
        "last paid     2024-12-15 00:00 UTC",
        "Subscription started: Pro Plus, 12 screens",
    ] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    let json = place.run(&["show", id.as_str().unwrap(), "--json"]).expect(0).json();
    assert_eq!(json["billing"]["mrr"]["USD"], 180.0);
    assert_eq!(json["billing"]["open_failure_count"], 1);
}

#[test]
fn subscriptions_are_exported_and_folded_again() {
    let place = Place::new();
    place.import(TOLD);
    let csv = place.run(&["export", "subscriptions"]).expect(0).out;
    assert!(csv.starts_with("customer_id,subscription_id,plan,screens,mrr,mrr_minor,"), "{csv}");
    assert!(csv.contains(",sub_1,Pro Plus,12,180"), "{csv}");
    let dump = place.run(&["dump"]).expect(0).out;
    assert!(dump.lines().any(|line| line.starts_with("billing_health\t")), "{dump}");
    let report = place.run(&["rebuild", "--json"]).expect(0).json();
    assert_eq!(report["is_same"], true);
    place.run(&["doctor"]).expect(0);
}
