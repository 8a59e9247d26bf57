//! The brand that the pages show: made-up shoppers, four accounts, and what waits for a person.

use serde_json::{Value, json};

use crate::support::{Place, ran};

/// The brand's file.
pub(crate) const FILE: &str = "shop.db";

/// The end of the made-up world, and the time for which everything is computed.
pub(crate) const END: &str = "2026-04-30T23:59:59Z";

/// The account whose calls fail.
pub(crate) const AT_RISK: &str = "atrisk-co";

/// The account that came no further than its keys.
pub(crate) const STUCK: &str = "startup-inc";

/// The account that needs more than it pays for.
pub(crate) const GROWING: &str = "bigcorp-ltd";

/// Fills the brand's file.
pub(crate) fn fill(place: &Place) {
    let people = ["demo", "--no-serve", "--quiet", "--people", "150", "--days", "120"];
    place.run(&[&people[..], &["--db", FILE]].concat()).expect(0);
    refuse(place);
    let records = [accounts(), subscriptions(), doubts()].concat();
    import(place, &records);
    let defaults = place.run(&["automations", "defaults"]).expect(0).out;
    place.run_with(&["automations", "add", "-", "--db", FILE], defaults).expect(0);
    place.run(&["automations", "enable", "vip-treatment", "--db", FILE]).expect(0);
    place.run(&["predict", "--as-of", END, "--db", FILE]).expect(0);
}

/// Has a message refused that is good for nothing but trying again: nobody is known by its id yet.
fn refuse(place: &Place) {
    let order = json!({
        "customer_id": "walk-in-7", "event_type": "purchase", "timestamp": "2026-04-29T16:20:00Z",
        "source_service": "till",
        "data": {"purchase_id": "T-7-4410", "product_name": "Field kettle", "total": 64.5},
    });
    let mut command = place.command(&["import", "-", "--db", FILE]);
    command.env("NATS_AUTO_CREATE_CUSTOMER", "false");
    ran(command, order.to_string().as_bytes()).expect(3);
}

/// The accounts of four companies, each with a matter of its own.
pub(crate) fn accounts() -> Vec<Value> {
    let companies = [
        (STUCK, "Startup Inc", json!({"stage": "api_keys_generated", "tier": "trial"})),
        (
            AT_RISK,
            "AtRisk Co",
            json!({
                "stage": "production_ready", "tier": "pro", "api_calls": 4821, "error_rate": 0.18,
                "usage_trend": "declining", "integration_status": "active",
            }),
        ),
        (
            GROWING,
            "BigCorp Ltd",
            json!({
                "stage": "production_ready", "tier": "starter", "api_calls": 182_400,
                "error_rate": 0.004, "usage_trend": "increasing", "integration_status": "active",
            }),
        ),
        (
            "example-corp",
            "Example Corp",
            json!({
                "stage": "integration_validated", "tier": "pro", "api_calls": 950,
                "error_rate": 0.01, "usage_trend": "stable", "integration_status": "active",
            }),
        ),
    ];
    companies.map(|(id, company, facts)| account_created(id, company, facts)).to_vec()
}

/// What two of the companies pay for.
fn subscriptions() -> Vec<Value> {
    let started = |id: &str, at: &str, data: Value| account(id, "subscription_started", at, &data);
    vec![
        started(
            AT_RISK,
            "2026-04-29T08:00:00Z",
            json!({
                "subscription_id": "sub_1PgXv2LkdIwHu7ixT5yQ8mRn", "plan": "Pro Plus",
                "screens": 24, "mrr": "360.00", "currency": "USD", "status": "past_due",
            }),
        ),
        started(
            AT_RISK,
            "2026-04-29T08:05:00Z",
            json!({
                "subscription_id": "sub_1PgYa9LkdIwHu7ixB3cF6wZe", "plan": "Standard",
                "screens": 3, "mrr": "28.50", "currency": "EUR",
            }),
        ),
        started(
            GROWING,
            "2026-04-29T08:00:00Z",
            json!({
                "subscription_id": "sub_1PgYb1LkdIwHu7ixE7hJ0kUs", "plan": "Enterprise",
                "screens": 80, "mrr": 3600, "currency": "USD",
            }),
        ),
    ]
}

fn account_created(id: &str, company: &str, mut data: Value) -> Value {
    data["company"] = json!(company);
    data["email"] = json!(format!("ops@{id}.example"));
    data["signed_up_at"] = json!("2026-04-20T08:00:00Z");
    account(id, "account_created", "2026-04-29T08:00:00Z", &data)
}

/// An event of an account.
pub(crate) fn account(id: &str, event_type: &str, at: &str, data: &Value) -> Value {
    json!({
        "customer_id": id, "event_type": event_type, "timestamp": at, "source_service": "console",
        "data": data,
    })
}

/// Two pairs of customers whose own ids differ, though one message carries what both are known by.
pub(crate) fn doubts() -> Vec<Value> {
    let pairs = [
        (["NW-1001", "NW-2002"], ["Mara Okafor", "M. Okafor"], "+12025550111", "L-77"),
        (["HB-31", "HB-58"], ["Jonas Hallberg", "J. Hallberg"], "+12025550122", "L-78"),
    ];
    let of_pair = |(ids, names, phone, card): ([&str; 2], [&str; 2], &str, &str)| {
        let known = |index: usize, key: &str, value: &str| {
            told(Some(ids[index]), &json!({"name": names[index], key: value}))
        };
        let both = told(None, &json!({"phone": phone, "loyalty_id": card}));
        [known(0, "phone", phone), known(1, "loyalty_id", card), both]
    };
    pairs.into_iter().flat_map(of_pair).collect()
}

fn told(customer_id: Option<&str>, data: &Value) -> Value {
    json!({
        "customer_id": customer_id, "event_type": "profile_update",
        "timestamp": "2026-04-28T09:30:00Z", "source_service": "till", "data": data,
    })
}

fn import(place: &Place, records: &[Value]) {
    let lines: Vec<_> = records.iter().map(Value::to_string).collect();
    place.run_with(&["import", "-", "--db", FILE], lines.join("\n")).expect(0);
}
