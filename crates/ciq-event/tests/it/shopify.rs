//! Shopify webhooks.

use crate::story::{check, check_refused, event};

pub(crate) const ORDER: &str = r#"{
  "id": 12345,
  "email": "sarah.johnson@email.com",
  "phone": null,
  "total_spent": "89.99",
  "currency": "USD",
  "items": [
    {
      "product_id": "PROD-001",
      "product_name": "Summer Collection T-Shirt",
      "category": "Apparel",
      "price": "89.99",
      "quantity": 1
    }
  ],
  "created_at": "2024-01-15T10:00:00Z",
  "order_number": "ORD-12345"
}"#;

pub(crate) const CURL: &str = r#"{
    "id": 12345,
    "email": "sarah.johnson@email.com",
    "total_spent": "89.99",
    "items": [{"product_name": "Summer Collection T-Shirt", "price": "89.99"}]
  }"#;

#[test]
fn the_documented_orders_are_purchases() {
    check(
        "shopify:orders/create",
        ORDER,
        &["purchase from shopify at 2024-01-15T10:00:00Z
        email: sarah.johnson@email.com
        title: Summer Collection T-Shirt
        amount: 89.99 USD
        payload: id=shopify:12345 | product=Summer Collection T-Shirt | sku=PROD-001 | quantity=1 | price=89.99 | total=89.99"],
    );
    check(
        "shopify:orders/create",
        CURL,
        &["purchase from shopify at 2026-01-01T00:00:00Z
        email: sarah.johnson@email.com
        title: Summer Collection T-Shirt
        amount: 89.99 USD
        payload: id=shopify:12345 | product=Summer Collection T-Shirt | quantity=1 | price=89.99 | total=89.99"],
    );
}

#[test]
fn an_order_of_the_scenarios_needs_neither_an_id_nor_a_time() {
    let order = |email: &str, total: &str, name: &str| {
        let items = format!(r#"[{{"product_name": "{name}", "price": "{total}"}}]"#);
        let body = format!(r#"{{"email": "{email}", "total_spent": "{total}", "items": {items}}}"#);
        event("shopify:orders/create", body)
    };
    let jacket = order("michael.chen@email.com", "199.99", "Designer Jacket");
    let shirt = order("michael.chen@email.com", "89.99", "Summer T-Shirt");
    let dress = order("emma.williams@email.com", "120.00", "New Collection Dress");
    assert_eq!([&jacket, &shirt, &dress].map(|e| e.amount.unwrap().minor), [19_999, 8_999, 12_000]);
    assert_ne!(jacket.id, shirt.id);
    assert_eq!(jacket.id, order("michael.chen@email.com", "199.99", "Designer Jacket").id);
}

#[test]
fn a_cart_of_the_shop_window_is_an_event() {
    check(
        "shopify:cart_add",
        r#"{"product_id": "PROD-003", "product_name": "Premium Sneakers", "category": "Footwear",
            "price": "125.50", "session_id": "sess-abc123",
            "page_url": "https://store.com/products/premium-sneakers",
            "timestamp": "2024-01-19T15:00:00Z"}"#,
        &["cart_add from shopify at 2024-01-19T15:00:00Z
        session_id: sess-abc123
        title: Cart add"],
    );
}

#[test]
fn an_order_of_the_real_admin_api_is_a_purchase() {
    check(
        "shopify:orders/paid",
        r#"{"id": 820982911946154508, "contact_email": "jon@example.com", "currency": "EUR",
            "total_price": "398.00", "financial_status": "paid", "device_id": 1,
            "created_at": "2021-12-31T19:00:00-05:00",
            "customer": {"id": 115310627314723954, "email": "john@example.com", "phone": "+15550123",
                         "first_name": "John", "last_name": "Smith"},
            "line_items": [{"title": "IPod Nano", "sku": "IPOD2008", "price": "199.00", "quantity": 1},
                           {"title": "Case", "price": "99.50", "quantity": 2}]}"#,
        &["purchase from shopify at 2022-01-01T00:00:00Z
        email: jon@example.com
        phone: +15550123
        external:shopify: 115310627314723954
        title: IPod Nano and 1 more
        amount: 398.00 EUR
        status: paid
        profile: name=John Smith
        payload: id=shopify:820982911946154508 | product=IPod Nano and 1 more | quantity=3 | total=398.00"],
    );
}

#[test]
fn a_customer_is_a_profile_update() {
    check(
        "shopify:customers/update",
        r#"{"id": 7, "email": "a@b.c", "phone": "+15550123", "first_name": "Ann", "last_name": null,
            "tags": "vip, new", "updated_at": "2024-01-16T10:00:00Z", "created_at": "2024-01-15T10:00:00Z"}"#,
        &["profile_update from shopify at 2024-01-16T10:00:00Z
        email: a@b.c
        phone: +15550123
        external:shopify: 7
        title: Profile update
        profile: name=Ann | email=a@b.c | phone=+15550123 | tags=vip,new"],
    );
}

#[test]
fn other_topics_are_events_of_their_own_name() {
    check(
        "shopify:carts/update",
        r#"{"id": "c1", "updated_at": "2024-01-16T10:00:00Z", "session_id": "s"}"#,
        &["cart_update from shopify at 2024-01-16T10:00:00Z
        session_id: s
        title: Cart update"],
    );
    check(
        "shopify:checkouts/create",
        r#"{"id": 1, "email": "a@b.c", "total_price": "5.00", "created_at": "2024-01-16T10:00:00Z"}"#,
        &["checkout from shopify at 2024-01-16T10:00:00Z
        email: a@b.c
        title: Checkout
        amount: 5.00 USD"],
    );
    check(
        "shopify:app/uninstalled",
        "{}",
        &["app_uninstalled from shopify at 2026-01-01T00:00:00Z
        title: App uninstalled"],
    );
}

#[test]
fn an_order_without_a_contact_is_an_event_and_one_without_a_total_is_not() {
    assert!(
        event("shopify:orders/create", r#"{"id": 1, "total_price": "1.00"}"#).contacts.is_empty()
    );
    check_refused("shopify:orders/create", r#"{"id": 1}"#, "total_price");
    check_refused("shopify:orders/create", r#"{"items": [{"name": "x"}]}"#, "total_price");
    check_refused("shopify:orders/create", r#"{"id": [], "total_price": 1}"#, "id");
}

#[test]
fn created_and_paid_are_two_events_of_one_purchase() {
    let [created, paid] = ["create", "paid"].map(|t| event(&format!("shopify:orders/{t}"), ORDER));
    assert_ne!(created.id, paid.id);
    assert_eq!(created.payload, paid.payload);
    assert_eq!(created.id, event("shopify:orders/create", CURL).id);
}

#[test]
fn each_update_is_an_event_of_its_own() {
    let update = |body: &str| event("shopify:customers/update", body).id;
    let first = update(r#"{"id": 7, "updated_at": "2024-01-16T10:00:00Z"}"#);
    assert_eq!(first, update(r#"{"id": 7, "updated_at": "2024-01-16T10:00:00Z", "note": 1}"#));
    assert_ne!(first, update(r#"{"id": 7, "updated_at": "2024-01-17T10:00:00Z"}"#));
    assert_ne!(update(r#"{"id": 7, "tags": "a"}"#), update(r#"{"id": 7, "tags": "b"}"#));
}
