//! The statements that the documents promise, over the tables they name.

use crate::shelf::{Shelf, message};

const PURCHASE: &str = r#"{"customer_id": "cust_001", "event_type": "purchase",
    "timestamp": 1734134400, "source_service": "e-commerce-service", "data": {
    "purchase_id": "ord_12345", "product_name": "Wireless Headphones Pro",
    "product_sku": "WHP-2000", "quantity": 1, "price": 299.99, "total": 299.99,
    "warranty_expires": 1765670400, "customer_name": "John Smith",
    "email": "john.smith@example.com"},
    "metadata": {"session_id": "sess_abc123", "payment_method": "credit_card"}}"#;

const TICKET: &str = r#"{"customer_id": "cust_001", "event_type": "support_ticket",
    "timestamp": 1734220800, "source_service": "support-system", "data": {
    "ticket_id": "TKT-5678", "title": "Product not working",
    "description": "Bluetooth pairing is inconsistent...", "status": "open", "priority": "high",
    "category": "technical", "important": true, "save_as_memory": true},
    "metadata": {"channel": "email"}}"#;

const REPAIR: &str = r#"{"customer_id": "cust_001", "event_type": "repair",
    "timestamp": 1734307200, "source_service": "repair-service", "data": {
    "work_order_id": "WO-9999", "order_type": "repair",
    "issue_description": "Bluetooth module needs replacement", "status": "open",
    "priority": "medium", "assigned_to": "technician_05", "product_id": "WHP-2000"}}"#;

fn shelf() -> Shelf {
    let mut shelf = Shelf::new();
    shelf.take(&[PURCHASE, TICKET, REPAIR].map(|body| message("envelope", body)));
    shelf
}

fn rows(shelf: &Shelf, sql: &str) -> Vec<String> {
    shelf.sql(sql).into_iter().map(|cells| cells.join("|")).collect()
}

#[test]
fn the_promised_queries_print_what_a_reader_expects() {
    let shelf = shelf();
    let customers = rows(
        &shelf,
        "SELECT id, name, email, phone, company, status, customer_since, lifetime_value, tags,
            custom_fields, created_at, updated_at FROM customers",
    );
    assert_eq!(
        customers,
        ["cust_001|John Smith|john.smith@example.com|-|-|active|1734134400|299.99|-|-|1734134400|\
          1734307200"]
    );
    let timeline = "SELECT event_type, title, event_date FROM customer_events
        WHERE customer_id = 'cust_001'
        ORDER BY event_date DESC;";
    assert_eq!(
        rows(&shelf, timeline),
        [
            "repair|Repair WO-9999|1734307200",
            "support_ticket|Product not working|1734220800",
            "purchase|Wireless Headphones Pro|1734134400",
        ]
    );
    let purchases = "SELECT product_name, total, purchase_date FROM purchases
        WHERE customer_id = 'cust_001';";
    assert_eq!(rows(&shelf, purchases), ["Wireless Headphones Pro|299.99|1734134400"]);
}

#[test]
fn every_promised_column_is_there() {
    let shelf = shelf();
    let purchase = rows(
        &shelf,
        "SELECT id, customer_id, product_name, product_sku, quantity, price, total, purchase_date,
            warranty_expires, metadata FROM purchases",
    );
    assert_eq!(
        purchase,
        ["ord_12345|cust_001|Wireless Headphones Pro|WHP-2000|1|299.99|299.99|1734134400|\
          1765670400|{\"session_id\":\"sess_abc123\",\"payment_method\":\"credit_card\"}"]
    );
    let order = rows(
        &shelf,
        "SELECT id, customer_id, order_type, issue_description, resolution, status, priority,
            assigned_to, created_date, completed_date, cost, metadata FROM work_orders",
    );
    assert_eq!(
        order,
        ["WO-9999|cust_001|repair|Bluetooth module needs replacement|-|open|medium|technician_05|\
          1734307200|-|-|-"]
    );
    let note = rows(
        &shelf,
        "SELECT customer_id, content, category, importance, tags, source, created_at, updated_at
            FROM customer_knowledge",
    );
    assert_eq!(
        note,
        [
            "cust_001|Bluetooth pairing is inconsistent...|technical|high|-|support-system|1734220800|\
          1734220800"
        ]
    );
    let event = rows(
        &shelf,
        "SELECT customer_id, title, description, amount, status, metadata, agent_notes,
            source_service, raw_event_data, created_at FROM customer_events
            WHERE event_type = 'purchase'",
    );
    assert!(event[0].contains("|299.99|") && event[0].contains(PURCHASE), "{event:?}");
}

/// The type of what a column holds, in SQLite's words.
fn type_of(shelf: &Shelf, table: &str, column: &str) -> String {
    let told = if shelf.is_postgres() { "pg_typeof" } else { "typeof" };
    let sql = format!(
        "SELECT CASE WHEN {column} IS NULL THEN 'null' ELSE CAST({told}({column}) AS TEXT) END
        FROM {table}"
    );
    match shelf.one_value(&sql).as_str() {
        "bigint" => "integer".to_owned(),
        "double precision" => "real".to_owned(),
        same => same.to_owned(),
    }
}

#[test]
fn a_promised_column_has_its_promised_type() {
    let shelf = shelf();
    for (table, columns) in [
        (
            "customers",
            "id text, name text, email text, phone null, company null, status text,
            customer_since integer, lifetime_value real, tags null, custom_fields null,
            created_at integer, updated_at integer",
        ),
        (
            "purchases",
            "id text, customer_id text, product_name text, product_sku text, quantity integer,
            price real, total real, purchase_date integer, warranty_expires integer, metadata text,
            created_at integer",
        ),
    ] {
        for promised in columns.split(',').map(str::trim) {
            let (column, expected) = promised.split_once(' ').unwrap();
            assert_eq!(type_of(&shelf, table, column), expected, "{table}.{column}");
        }
    }
}

#[test]
fn a_customer_is_found_by_the_id_it_has_now() {
    let mut shelf = shelf();
    let story = r#"{"id": "evt_1", "ts": "2025-01-20T10:00:00.000Z", "userId": "ABC123",
        "name": "pre_renewal_card_decline",
        "props": {"daysToRenewal": 3, "amount": 49, "currency": "USD"}}"#;
    shelf.take(&[message("domain", story)]);
    let found = rows(
        &shelf,
        "SELECT event_type, amount, metadata FROM customer_events WHERE customer_id = 'ABC123'",
    );
    assert_eq!(
        found,
        ["pre_renewal_card_decline|49|{\"daysToRenewal\":3,\"amount\":49,\"currency\":\"USD\"}"]
    );
}

#[test]
fn the_other_promised_names_are_there() {
    let shelf = shelf();
    let profile = rows(
        &shelf,
        "SELECT id, brand_id, profile_strength, lifetime_value, total_orders FROM customer_profile",
    );
    assert_eq!(profile, ["cust_001|default|60|299.99|1"]);
    let raw = "SELECT count(*), count(DISTINCT customer_profile_id) FROM customer_raw_event";
    assert_eq!(rows(&shelf, raw), ["3|1"]);
    for table in ["store_visit", "merge_history", "manual_merge_queue", "dead_letters", "aliases"] {
        assert_eq!(rows(&shelf, &format!("SELECT count(*) FROM {table}")), ["0"], "{table}");
    }
}

#[test]
fn a_reader_cannot_write() {
    let shelf = shelf();
    let shown = shelf
        .reader()
        .export("customers; DROP TABLE customer", &mut |_, _| std::ops::ControlFlow::Continue(()));
    assert!(!shown.unwrap());
}
