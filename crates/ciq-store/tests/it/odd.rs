//! What is seldom told: all forms, many scripts, many currencies, numbers at the edge, and what is
//! refused.

use ciq_event::Message;
use serde_json::{Value, json};

use crate::shelf::{at, envelope, message};

/// Texts that a database may bend.
const TEXTS: [&str; 12] = [
    "it's \"quoted\" \\ and % _ $1 ?1",
    "naïve café, ﬁne Straße, İstanbul, ǅ",
    "東京タワー ☎ 👩‍👩‍👧 \u{1F1E9}\u{1F1EA}",
    "e\u{301} against \u{e9}",
    "שלום مرحبا",
    "tab\tline\nfeed\rreturn",
    "\u{feff}mark \u{200b}nothing\u{200d} \u{202e}turned",
    "\u{7f}\u{80}\u{1}\u{1f}",
    "'; DROP TABLE customer; --",
    "\u{10ffff}\u{ffff}\u{fffd}",
    "NULL",
    "a,b;c|d\u{a0}e",
];

/// Events that differ in what they carry, in an order of their own.
pub(crate) fn odd_messages() -> Vec<Message> {
    let mut all = texts();
    all.extend(money());
    all.extend(fields());
    all.extend(accounts());
    all.extend(forms());
    all.extend(refused());
    all
}

/// An event of one customer that also carries what others are known by.
pub(crate) fn bridge(among: u8) -> Message {
    let mut data = json!({"note": "bridge"});
    if among & 1 != 0 {
        data["email"] = "person0@example.com".into();
    }
    if among & 2 != 0 {
        data["phone"] = "+1 202 555 0110".into();
    }
    if among & 4 != 0 {
        data["loyalty_id"] = "LOY-2".into();
    }
    if among & 8 != 0 {
        data["upi"] = "fourth@bank".into();
    }
    data["device_id"] = format!("device {}", among % 4).into();
    envelope("login", i64::from(among) + 50, None, data)
}

/// Notes of many words, of one endless word, and what is refused whole.
pub(crate) fn huge_messages() -> Vec<Message> {
    let long = "ein sehr langes Wort ".repeat(20_000);
    let unbroken = "x".repeat(300_000);
    let many: Vec<String> = (0..20_000).map(|word| format!("wort{word}")).collect();
    let note = |second: i64, text: &str| {
        let data = json!({"content": text, "title": text, "customer_name": text});
        envelope("note", second, Some("long"), data)
    };
    vec![
        note(1, &long),
        note(2, &unbroken),
        note(3, &many.join(" ")),
        message("envelope", "x".repeat(200_000)),
    ]
}

fn texts() -> Vec<Message> {
    let mut all = Vec::new();
    for (second, text) in (1..).zip(TEXTS) {
        let own = json!({"email": format!("t{second}@example.com"), "customer_name": text,
            "title": text, "content": text, "category": text, "tags": [text, "plain"],
            "agent_notes": text, "customer_company": text, "loyalty_id": text,
            "important": true, "external_ids": {"crm": text}});
        all.push(envelope("note", second, None, own));
        let order = json!({"purchase_id": text, "product_name": text, "product_sku": text,
            "total": "1.50", "email": format!("t{second}@example.com"),
            "items": [{"product_name": text, "category": text, "quantity": 2, "price": "0.75"}]});
        all.push(envelope("purchase", second + 20, None, order));
        let work = json!({"work_order_id": text, "issue_description": text, "status": text,
            "priority": text, "resolution": text, "cost": "12.34", "assigned_to": text});
        all.push(envelope("repair", second + 40, Some(text), work));
    }
    all
}

fn money() -> Vec<Message> {
    let amounts = [
        ("USD", "0.01"),
        ("USD", "92233720368547758.07"),
        ("USD", "-5.00"),
        ("USD", "0.1"),
        ("EUR", "12345678901.23"),
        ("JPY", "1200"),
        ("JPY", "9007199254740993"),
        ("KWD", "1.234"),
        ("KWD", "0.001"),
        ("CLF", "1.2345"),
        ("UYW", "0.0001"),
        ("XXX", "3.33"),
        ("USD", "1e3"),
        ("USD", "99.999"),
        ("usd", "7"),
    ];
    let orders = (1..).zip(amounts).flat_map(|(second, (currency, total))| {
        let data = json!({"purchase_id": format!("m{second}"), "product_name": "Lamp",
            "total": total, "price": total, "quantity": 1, "currency": currency,
            "email": "money@example.com", "warranty_expires": "2031-01-01T00:00:00Z"});
        let login = json!({"amount": total, "currency": currency, "email": "money@example.com"});
        [
            envelope("purchase", 100 + second, None, data),
            envelope("refund", 130 + second, None, login),
        ]
    });
    let mut all: Vec<Message> = orders.collect();
    // The same order, told by another, earlier.
    let stolen = json!({"purchase_id": "m1", "total": "2.00", "email": "thief@example.com"});
    all.push(envelope("purchase", 3, None, stolen));
    all
}

/// Fields of a profile, of every kind of value, with names that a path may break on.
fn fields() -> Vec<Message> {
    let odd = json!({"a.b": 1, "a\"b": "x", "a[0]": [1, [2, {"c": null}]], "$.x": true, "": 0,
        "nested": {"deep": {"er": "ü\u{1}\\"}}, "false": false, "null": null, "schön": "☎",
        "custom.x": 2, "list": [], "object": {}, "%": "%"});
    let mut all = vec![
        envelope("profile_update", 200, Some("fields"), json!({"name": "F", "custom_fields": odd})),
        envelope(
            "profile_update",
            201,
            Some("fields"),
            json!({"tags": ["b", "a", "b"], "odd one": "1",
            "status": "churned", "company": "C&A <b>"}),
        ),
        envelope(
            "profile_update",
            202,
            Some("fields"),
            json!({"tags": "x, y ,z", "tags2": [1, "2"]}),
        ),
        envelope(
            "profile_update",
            199,
            Some("fields"),
            json!({"name": "Earlier", "plan": {"a": 1}}),
        ),
    ];
    // As written, which `json!` would not keep.
    let numbers = r#"{"event_type": "profile_update", "timestamp": 1734000203, "customer_id": "fields",
        "metadata": {"b": 1.0, "a": [1e2, -0, -0.0, 1E+400, 12345678901234567890123, 0.1000],
            "t": "\u00e9\/\ud83d\ude00", "z":   {  "x" : null } },
        "data": {"custom_fields": {"one": 1.0, "big": 12345678901234567890123, "huge": 1e400,
            "exp": 1E+2, "neg": -0, "tiny": 1e-7, "third": 0.3333333333333333,
            "esc": "\u00e9\/\t\ud83d\ude00", "twice": 1, "twice": 2}}}"#;
    all.push(message("envelope", numbers));
    // A name that nothing reads may hold what no text of a database can.
    let nul = r#"{"event_type": "login", "timestamp": 1734000204, "customer_id": "fields",
        "metadata": {"nul": "a\u0000b", "lone": [1]}, "data": {"unread": "a\u0000b"}}"#;
    all.push(message("envelope", nul));
    let nul = r#"{"event_type": "profile_update", "timestamp": 1734000205, "customer_id": "fields",
        "data": {"custom_fields": {"nul": "a\u0000b", "deep": {"er": ["\u0000"]}}}}"#;
    all.push(message("envelope", nul));
    let domain = r#"{"id": "evt_1", "ts": "2025-01-20T10:00:00.123456Z", "userId": "fields",
        "name": "pre_renewal_card_decline", "props": {"daysToRenewal": 3.0, "amount": 49,
        "currency": "EUR", "nul": "\u0000", "n": 1E5}}"#;
    all.push(message("domain", domain));
    all
}

fn accounts() -> Vec<Message> {
    let about = |event_type: &str, second: i64, data: Value| {
        envelope(event_type, second, Some("acme"), data)
    };
    let subscription = |event_type: &str, second: i64, status: &str| {
        let data = json!({"subscription_id": "sub_é", "plan": "Pro ☎", "screens": 12,
            "mrr": "180.05", "currency": "EUR", "status": status, "invoice_id": "in_1"});
        about(event_type, second, data)
    };
    vec![
        about(
            "account_created",
            300,
            json!({"name": "Acme ✓", "stage": "new", "tier": "trial",
            "signed_up_at": "2024-01-01T00:00:00Z", "integration_status": "läuft"}),
        ),
        about("api_usage", 301, json!({"api_calls": i64::MAX / 4, "error_rate": "0.333333"})),
        about(
            "api_usage",
            302,
            json!({"api_calls": 7, "error_rate": 0.1, "usage_trend": "stable"}),
        ),
        about("account_updated", 303, json!({"stage": "production_ready", "tier": "enterprise"})),
        subscription("subscription_started", 310, "trialing"),
        subscription("subscription_updated", 311, "active"),
        subscription("payment_failed", 312, "past_due"),
        subscription("invoice_paid", 313, "active"),
        subscription("subscription_cancelled", 314, "canceled"),
        about("cart_add", 320, json!({"product_name": "Lampe ☎", "category": "Licht", "price": 9})),
        about("search", 321, json!({"query": "lamp"})),
        about(
            "support_ticket",
            322,
            json!({"title": "Kaputt", "description": "geht nicht ☹",
            "sentiment": "negative", "priority": "high", "save_as_memory": true}),
        ),
    ]
}

fn forms() -> Vec<Message> {
    let bodies = [
        (
            "shopify:orders/create",
            r#"{"id": 12345, "email": "sarah@example.com", "currency": "JPY",
            "created_at": "2024-12-20T10:00:00+09:00", "total_price": "8999", "customer": {"id": 7},
            "line_items": [{"title": "T-Shirt „M“", "price": "8999", "quantity": 1, "sku": "T"}]}"#,
        ),
        (
            "twilio",
            r#"{"MessageSid": "SM1", "From": "whatsapp:+15550123", "Body": "When? ☎",
            "ProfileName": "Ana \u00e9", "MessageStatus": "received"}"#,
        ),
        ("twilio-form", "MessageSid=SM2&From=%2B15550124&Body=a%26b+%C3%A9&MessageStatus=received"),
        (
            "pos",
            r#"{"store_id": "STORE-001", "loyalty_id": "LOY-2", "phone": "+1-555-0123",
            "total": 125.50, "check_in_at": "2024-12-17T11:00:00Z", "transaction_id": "T1",
            "check_out_at": "2024-12-17T11:20:00Z", "detection_method": "wifi", "store_name": "Süd"}"#,
        ),
        ("pos", r#"{"store_id": 1, "customer_id": "c", "total": "10", "card_last4": "4242"}"#),
        (
            "stripe",
            r#"{"id": "evt_s1", "created": 1734134400, "type": "customer.created", "data":
            {"object": {"id": "cus_1", "object": "customer", "email": "sarah@example.com",
            "name": "Sarah ✓", "metadata": {"a": "\u0000"}}}}"#,
        ),
        (
            "stripe",
            r#"{"id": "evt_s2", "created": 1734134401, "type": "charge.refunded", "data":
            {"object": {"id": "ch_1", "object": "charge", "customer": "cus_1", "status": "ok"}}}"#,
        ),
    ];
    bodies.map(|(form, body)| message(form, body)).to_vec()
}

/// What becomes a dead letter.
fn refused() -> Vec<Message> {
    let mut all = [
        &b"7"[..],
        b"",
        b"{\"broken\xff\0",
        b"\0",
        "{\"event_type\": \"☎".as_bytes(),
        br#"{"event_type": "login", "timestamp": 1734000400}"#,
        br#"{"event_type": "login", "timestamp": 1734000400, "customer_id": "a\u0000b"}"#,
        br#"{"event_type": "log\u0000in", "timestamp": 1734000400, "customer_id": "a"}"#,
        br#"{"event_type": "purchase", "timestamp": 1734000401, "customer_id": "a",
            "data": {"total": "1e400"}}"#,
        br#"{"event_type": "login", "timestamp": 1734000402, "customer_id": "\ud800"}"#,
        br#"{"event_type": "purchase", "timestamp": 1734000403, "customer_id": "a",
            "data": {"purchase_id": "a\u0000b", "total": 1}}"#,
    ]
    .map(|body| message("envelope", body.to_vec()))
    .to_vec();
    // Of another time of arrival, the same.
    all.push(Message { received_at: at(6_000_000), ..message("envelope", b"7".to_vec()) });
    all
}
