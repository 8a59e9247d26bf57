//! The envelope `{customer_id, event_type, timestamp, source_service, data, metadata}`.

use crate::story::{check as check_form, check_refused as check_refused_form, event};

pub(crate) const PURCHASE: &str = r#"{
  "customer_id": "cust_001",
  "event_type": "purchase",
  "timestamp": 1734134400,
  "source_service": "e-commerce-service",
  "data": {
    "purchase_id": "ord_12345",
    "product_name": "Wireless Headphones Pro",
    "product_sku": "WHP-2000",
    "quantity": 1,
    "price": 299.99,
    "total": 299.99,
    "warranty_expires": 1765670400,
    "customer_name": "John Smith",
    "email": "john.smith@example.com"
  },
  "metadata": {
    "session_id": "sess_abc123",
    "payment_method": "credit_card"
  }
}"#;

pub(crate) const TICKET: &str = r#"{
  "customer_id": "cust_001",
  "event_type": "support_ticket",
  "timestamp": 1734220800,
  "source_service": "support-system",
  "data": {
    "ticket_id": "TKT-5678",
    "title": "Product not working",
    "description": "Bluetooth pairing is inconsistent...",
    "status": "open",
    "priority": "high",
    "category": "technical",
    "important": true,
    "save_as_memory": true
  },
  "metadata": {
    "channel": "email"
  }
}"#;

pub(crate) const REPAIR: &str = r#"{
  "customer_id": "cust_001",
  "event_type": "repair",
  "timestamp": 1734307200,
  "source_service": "repair-service",
  "data": {
    "work_order_id": "WO-9999",
    "order_type": "repair",
    "issue_description": "Bluetooth module needs replacement",
    "status": "open",
    "priority": "medium",
    "assigned_to": "technician_05",
    "product_id": "WHP-2000"
  }
}"#;

#[track_caller]
fn check(body: &str, expected: &str) {
    check_form("envelope", body, &[expected]);
}

#[track_caller]
fn check_refused(body: &str, field: &str) -> String {
    check_refused_form("envelope", body, field)
}

/// Makes an envelope of one type around data.
fn envelope(event_type: &str, data: &str) -> String {
    format!(
        r#"{{"customer_id":"c1","event_type":"{event_type}","timestamp":1734134400,"data":{data}}}"#
    )
}

#[track_caller]
fn check_data(event_type: &str, data: &str, expected: &str) {
    let head = format!("{event_type} from unknown at 2024-12-14T00:00:00Z\ncustomer_id: c1\n");
    check(&envelope(event_type, data), &format!("{head}{expected}"));
}

#[track_caller]
fn check_data_refused(event_type: &str, data: &str, field: &str) -> String {
    check_refused(&envelope(event_type, data), field)
}

#[test]
fn the_documented_purchase_is_a_purchase() {
    check(
        PURCHASE,
        "purchase from e-commerce-service at 2024-12-14T00:00:00Z
        customer_id: cust_001
        email: john.smith@example.com
        session_id: sess_abc123
        title: Wireless Headphones Pro
        amount: 299.99 USD
        profile: name=John Smith
        payload: id=ord_12345 | product=Wireless Headphones Pro | sku=WHP-2000 | quantity=1 | price=299.99 | total=299.99 | warranty=2025-12-14T00:00:00Z",
    );
}

#[test]
fn the_documented_ticket_is_remembered() {
    check(
        TICKET,
        "support_ticket from support-system at 2024-12-15T00:00:00Z
        customer_id: cust_001
        title: Product not working
        description: Bluetooth pairing is inconsistent...
        status: open
        knowledge: content=Bluetooth pairing is inconsistent... | category=technical | importance=high",
    );
}

#[test]
fn the_documented_repair_is_a_work_order() {
    check(
        REPAIR,
        "repair from repair-service at 2024-12-16T00:00:00Z
        customer_id: cust_001
        title: Repair WO-9999
        description: Bluetooth module needs replacement
        status: open
        payload: id=WO-9999 | type=repair | issue=Bluetooth module needs replacement | status=open | priority=medium | assigned=technician_05",
    );
}

#[test]
fn the_client_examples_are_events() {
    check(
        r#"{"customer_id":"cust_123","event_type":"purchase","timestamp":1734134400,
            "source_service":"my-service","data":{"purchase_id":"ord_456",
            "product_name":"Premium Widget","total":99.99,"email":"customer@example.com"},
            "metadata":{}}"#,
        "purchase from my-service at 2024-12-14T00:00:00Z
        customer_id: cust_123
        email: customer@example.com
        title: Premium Widget
        amount: 99.99 USD
        payload: id=ord_456 | product=Premium Widget | total=99.99",
    );
    check(
        r#"{"customer_id": "cust_123", "event_type": "support_ticket", "timestamp": 1734134400,
            "source_service": "my-python-service", "data": {"ticket_id": "TKT-789",
            "title": "Need help", "description": "Customer needs assistance",
            "priority": "high"}, "metadata": {}}"#,
        "support_ticket from my-python-service at 2024-12-14T00:00:00Z
        customer_id: cust_123
        title: Need help
        description: Customer needs assistance",
    );
    check(
        r#"{"customer_id":"cust_123","event_type":"contact","timestamp":1734134400,
            "source_service":"my-go-service","data":{"message":"When will my order arrive?",
            "title":"Customer inquiry"},"metadata":{}}"#,
        "contact from my-go-service at 2024-12-14T00:00:00Z
        customer_id: cust_123
        title: Customer inquiry
        description: When will my order arrive?",
    );
}

#[test]
fn a_purchase_reckons_its_total_and_fills_what_is_missing() {
    check_data(
        "order",
        r#"{"order_id": 7, "product_sku": "S-1", "price": "89.99", "quantity": "2"}"#,
        "title: S-1
        amount: 179.98 USD
        payload: id=7 | product=S-1 | sku=S-1 | quantity=2 | price=89.99 | total=179.98",
    );
    check_data(
        "order_placed",
        r#"{"id": "o-1", "amount": 5, "currency": "jpy", "title": "Lunch", "warranty_expires": "2036-01-01T00:00:00Z"}"#,
        "title: Lunch
        amount: 5 JPY
        payload: id=o-1 | product=purchase | total=5 | warranty=2036-01-01T00:00:00Z",
    );
    check_data(
        "purchase",
        r#"{"id": "o-2", "items": [{"name": "Tea", "price": 3, "quantity": 2}, {"name": "Cup", "price": "4.5"}]}"#,
        "title: Tea and 1 more
        amount: 10.50 USD
        payload: id=o-2 | product=Tea and 1 more | quantity=3 | total=10.50",
    );
}

#[test]
fn a_purchase_without_an_id_is_named_by_its_event() {
    let event = event("envelope", envelope("purchase", r#"{"total": 1}"#));
    let ciq_event::Payload::Purchase(purchase) = event.payload else { panic!("a purchase") };
    assert_eq!(purchase.purchase_id, event.id.to_string());
}

#[test]
fn a_purchase_needs_an_exact_amount() {
    check_data_refused("purchase", "{}", "data.total");
    check_data_refused("purchase", "null", "data.total");
    check_data_refused("purchase", r#"{"total": 1.005}"#, "data.total");
    check_data_refused("purchase", r#"{"total": "secret"}"#, "data.total");
    check_data_refused("purchase", r#"{"price": 90000000000000000, "quantity": 9}"#, "data.total");
    check_data_refused("purchase", r#"{"total": 1, "currency": "dollars"}"#, "data.currency");
    check_data_refused("purchase", r#"{"total": 1, "quantity": 1.5}"#, "data.quantity");
    check_data_refused("purchase", r#"{"total": 1, "items": [1]}"#, "data.items[0]");
    check_data_refused("purchase", r#"{"items": [{"price": []}]}"#, "data.items[0].price");
    check_data_refused(
        "purchase",
        r#"{"total": 1, "warranty_expires": 0}"#,
        "data.warranty_expires",
    );
}

#[test]
fn a_finished_work_order_has_a_time_of_completion() {
    check_data(
        "work_order",
        r#"{"work_order_id": "W1", "status": "Completed", "cost": "45.50", "resolution": "Replaced"}"#,
        "title: Work order W1
        amount: 45.50 USD
        status: Completed
        payload: id=W1 | type=work_order | resolution=Replaced | status=Completed | completed=2024-12-14T00:00:00Z | cost=45.50",
    );
    check_data(
        "repair",
        r#"{"work_order_id": 12, "completed_date": 1734000000, "status": "closed"}"#,
        "title: Repair 12
        status: closed
        payload: id=12 | type=repair | status=closed | completed=2024-12-12T10:40:00Z",
    );
    check_data_refused("repair", "{}", "data.work_order_id");
}

#[test]
fn a_note_is_always_remembered() {
    check_data(
        "note",
        r#"{"observation": "Likes tea", "category": "taste", "importance": "low", "tags": ["drink", 7]}"#,
        "title: Note
        description: Likes tea
        knowledge: content=Likes tea | category=taste | importance=low | tags=drink,7",
    );
    check_data_refused("observation", r#"{"content": "  "}"#, "data.content");
}

#[test]
fn a_ticket_is_remembered_when_its_sender_asks() {
    check_data(
        "contact",
        r#"{"save_as_memory": "true", "title": "Moved", "priority": "low"}"#,
        "title: Moved
        knowledge: content=Moved | importance=low",
    );
    check_data("support_ticket", r#"{"important": false}"#, "title: Support ticket");
    check_data_refused("contact", r#"{"important": true}"#, "data.description");
    check_data_refused("contact", r#"{"important": 1}"#, "data.important");
}

#[test]
fn a_profile_update_sets_fields_and_keeps_the_unknown_ones() {
    check_data(
        "profile_update",
        r#"{"name": "Ann", "email": "a@b.c", "phone": 15550123, "company": "Acme",
            "status": "vip", "tags": ["x", "y"], "plan": "pro", "seats": 10, "gone": null,
            "nested": {"no": 1}, "custom_fields": {"colour": ["red", "blue"], "plan": "max"}}"#,
        "email: a@b.c
        phone: 15550123
        title: Profile update
        status: vip
        profile: name=Ann | email=a@b.c | phone=15550123 | company=Acme | status=vip | tags=x,y | colour=[\"red\",\"blue\"] | plan=\"max\" | seats=10",
    );
}

#[test]
fn other_types_are_told_without_a_payload() {
    check_data(
        "invoice.overdue",
        r#"{"amount": "12.30", "name": "a product", "company": "Acme", "agent_notes": "call"}"#,
        "title: Invoice overdue
        amount: 12.30 USD
        agent notes: call
        profile: company=Acme",
    );
}

#[test]
fn every_kind_of_contact_is_found() {
    check(
        r#"{"event_type":"visit","timestamp":"2024-01-15T10:00:00+01:00","data":{
            "customer_email":"a@b.c","customer_phone":"1","whatsapp":"2","loyalty_id":"3",
            "qr_id":"4","upi":"5","device_id":"6","cookie_id":"7","session_id":"8",
            "card_last4":"0042","external_ids":{"Zendesk":9007199254740993,"none":null}},
            "metadata":{"session_id":"9","device_id":"6"}}"#,
        "visit from unknown at 2024-01-15T09:00:00Z
        email: a@b.c
        phone: 1
        whatsapp: 2
        loyalty_id: 3
        external:zendesk: 9007199254740993
        qr_id: 4
        upi: 5
        device_id: 6
        cookie_id: 7
        session_id: 8
        card_last4: 0042
        session_id: 9
        title: Visit",
    );
    check_data_refused("visit", r#"{"external_ids": {"": 1}}"#, "data.external_ids");
    check_data_refused("visit", r#"{"external_ids": {"x": []}}"#, "data.external_ids");
}

#[test]
fn what_cannot_be_an_event_is_refused_by_field() {
    check_refused(r#"{"event_type":"x","timestamp":1734134400}"#, "customer_id");
    check_refused(r#"{"customer_id":true,"event_type":"x","timestamp":1}"#, "customer_id");
    check_refused(r#"{"customer_id":"a\u0000b","event_type":"x","timestamp":1}"#, "customer_id");
    check_refused(r#"{"customer_id":"c","timestamp":1734134400}"#, "event_type");
    check_refused(r#"{"customer_id":"c","event_type":"a\nb","timestamp":1}"#, "event_type");
    for time in ["null", "0", "-5", "1734134400000", "4102444800", "true", "\"soon\""] {
        let body = format!(r#"{{"customer_id":"c","event_type":"x","timestamp":{time}}}"#);
        check_refused(&body, "timestamp");
    }
    check_refused(r#"{"customer_id":"c","event_type":"x","timestamp":1,"data":[]}"#, "data");
    check_refused(r#"{"customer_id":"c","event_type":"x","timestamp":1,"metadata":1}"#, "metadata");
    for body in ["", "  ", "null", "[]", "\"text\"", "{", "{\"a\":}", "{\"a\\u0000\":1}", "{}x"] {
        check_refused(body, "body");
    }
}

#[test]
fn a_rejection_says_where_and_never_what() {
    let reason = check_refused("{\n  \"email\": ann@example.com}", "body");
    assert_eq!(reason, "not valid JSON at line 2, column 12");
    let reason = check_data_refused("purchase", r#"{"total": "ann@example.com"}"#, "data.total");
    assert!(!reason.contains("ann"), "{reason}");
}

#[test]
fn of_equal_names_the_last_counts() {
    let event = event(
        "envelope",
        r#"{"customer_id":"a","customer_id":"b","event_type":"x","timestamp":1734134400}"#,
    );
    assert_eq!(event.contacts[0].value, "b");
}

#[test]
fn an_id_of_its_own_is_all_that_counts() {
    let with = |id: &str, rest: &str| {
        let body = format!(r#"{{{id},"customer_id":"c","event_type":"x","timestamp":{rest}}}"#);
        event("envelope", body).id
    };
    let id = with(r#""event_id":"e-1""#, "1734134400");
    assert_eq!(id, with(r#""event_id": "e-1""#, r#"1734134401,"data":{"a":1}"#));
    assert_eq!(id, with(r#""id":"e-1""#, "1734134400"));
    assert_ne!(id, with(r#""id":"e-2""#, "1734134400"));
    assert_ne!(id, with(r#""id":"e-1""#, r#"1734134400,"source_service":"other""#));
}
