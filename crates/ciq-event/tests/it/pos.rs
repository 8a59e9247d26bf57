//! Transactions at a point of sale.

use ciq_event::Payload;

use crate::story::{check, check_refused, event, events};

pub(crate) const TRANSACTION: &str = r#"{
  "store_id": "STORE-001",
  "store_name": "Downtown Location",
  "loyalty_id": "LOY-789456",
  "phone": "+1-555-0123",
  "transaction_id": "TXN-98765",
  "total": 125.50,
  "items": [
    {
      "product_id": "PROD-002",
      "product_name": "Premium Sneakers",
      "category": "Footwear",
      "price": "125.50",
      "quantity": 1
    }
  ],
  "check_in_at": "2024-01-17T11:00:00Z",
  "check_out_at": "2024-01-17T11:45:00Z",
  "detection_method": "qr_scan"
}"#;

pub(crate) const CURL: &str = r#"{
    "store_id": "STORE-001",
    "loyalty_id": "LOY-789456",
    "phone": "+1-555-0123",
    "total": 125.50,
    "check_in_at": "2024-01-17T11:00:00Z"
  }"#;

#[test]
fn the_documented_transaction_is_a_visit_and_a_purchase() {
    check(
        "pos",
        TRANSACTION,
        &[
            "store_visit from pos at 2024-01-17T11:00:00Z
            phone: +1-555-0123
            loyalty_id: LOY-789456
            title: Visit to Downtown Location
            payload: store=STORE-001 | name=Downtown Location | in=2024-01-17T11:00:00Z | out=2024-01-17T11:45:00Z | noticed=qr_scan",
            "purchase from pos at 2024-01-17T11:45:00Z
            phone: +1-555-0123
            loyalty_id: LOY-789456
            title: Premium Sneakers
            amount: 125.50 USD
            payload: id=pos:STORE-001:TXN-98765 | product=Premium Sneakers | sku=PROD-002 | quantity=1 | price=125.50 | total=125.50",
        ],
    );
}

#[test]
fn the_documented_request_is_a_visit_and_a_purchase_too() {
    let both = events("pos", CURL).unwrap();
    let [visit, purchase] = both.as_slice() else { panic!("two events") };
    assert_eq!(visit.event_type.as_str(), "store_visit");
    assert_eq!(visit.title.as_deref(), Some("Visit to STORE-001"));
    assert_eq!(purchase.amount.unwrap().minor, 12_550);
    assert_eq!(purchase.occurred_at, visit.occurred_at);
    let Payload::Purchase(order) = &purchase.payload else { panic!("a purchase") };
    assert_eq!(order.purchase_id, purchase.id.to_string());
    assert_ne!(visit.id, purchase.id);
}

#[test]
fn a_sale_without_signs_of_a_visit_is_a_purchase_only() {
    check(
        "pos",
        r#"{"store_id": 1, "customer_id": "c", "total": "10", "card_last4": "4242",
            "timestamp": 1705489200, "device_id": "till-1", "transaction_id": 9}"#,
        &["purchase from pos at 2024-01-17T11:00:00Z
        customer_id: c
        card_last4: 4242
        title: purchase
        amount: 10.00 USD
        payload: id=pos:1:9 | product=purchase | total=10.00"],
    );
}

#[test]
fn a_visit_without_a_total_is_a_visit_only() {
    check(
        "pos",
        r#"{"store_id": "S", "loyalty_id": "L"}"#,
        &["store_visit from pos at 2026-01-01T00:00:00Z
        loyalty_id: L
        title: Visit to S
        payload: store=S | in=2026-01-01T00:00:00Z"],
    );
}

#[test]
fn the_purchase_keeps_its_id_when_the_visit_is_told_as_well() {
    let alone = event("pos", r#"{"store_id": "S", "transaction_id": "T", "total": 1}"#);
    let body = r#"{"store_id": "S", "transaction_id": "T", "total": 1, "detection_method": "x"}"#;
    assert_eq!(events("pos", body).unwrap()[1].id, alone.id);
    let elsewhere = event("pos", r#"{"store_id": "S2", "transaction_id": "T", "total": 1}"#);
    assert_ne!(elsewhere.id, alone.id);
}

#[test]
fn what_is_wrong_is_named() {
    check_refused("pos", r#"{"total": 1}"#, "store_id");
    check_refused("pos", r#"{"store_id": "S", "total": "x"}"#, "total");
    check_refused(
        "pos",
        r#"{"store_id": "S", "check_in_at": "2030-01-01T00:00:00Z"}"#,
        "check_in_at",
    );
    check_refused("pos", r#"{"store_id": "S", "total": 1, "items": {}}"#, "items");
}
