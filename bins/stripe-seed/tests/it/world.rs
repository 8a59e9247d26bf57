//! What a run comes to, apart from ids, which are another each time.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Place, TwinProcess};

/// What a run's files tell, with the customers' places in the plan instead of ids.
#[track_caller]
pub(crate) fn state(place: &Place) -> Value {
    let run = place.json("config/current_run.json");
    assert!(!run["finished_at"].is_null(), "{run}");
    let customers: BTreeMap<&str, usize> = run["customer_ids"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(place, id)| (id.as_str().unwrap(), place))
        .collect();
    assert_eq!(customers.len(), run["customer_ids"].as_array().unwrap().len(), "ids are unique");
    let prices = place.json("config/stripe_prices.json")["price_to_plan"].clone();
    let plan = |id: &Value| id.as_str().map(|id| prices[id].clone());
    let whose = |row: &Value| customers[row["customer_id"].as_str().unwrap()];
    let mut rows: Vec<Value> = Vec::new();
    for row in place.json("config/sub_snapshots.json").as_array().unwrap() {
        assert_eq!(plan(&row["price_id"]).as_ref(), Some(&row["plan"]), "{row}");
        let fields = ["month", "plan", "price_amount", "screens", "mrr_cents", "status"];
        rows.push(json!([whose(row), fields.map(|name| row[name].clone())]));
    }
    let mut invoices: Vec<Value> = Vec::new();
    for invoice in place.json("config/invoices.json").as_array().unwrap() {
        let fields = ["created_at", "billing_reason", "status", "total_cents", "amount_paid_cents"];
        let lines = invoice["lines"].as_array().unwrap().iter();
        let line = |line: &Value| {
            let fields = ["amount_cents", "quantity", "is_proration", "period_start", "period_end"];
            json!([plan(&line["price_id"]), fields.map(|name| line[name].clone())])
        };
        let lines: Vec<Value> = lines.map(line).collect();
        invoices.push(json!([whose(invoice), fields.map(|name| invoice[name].clone()), lines]));
    }
    rows.sort_by_key(Value::to_string);
    invoices.sort_by_key(Value::to_string);
    json!({ "rows": rows, "invoices": invoices })
}

/// Checks with a program of another make that nothing is there twice, and nothing beside the run.
#[track_caller]
pub(crate) fn check_no_duplicates(twin: &TwinProcess, place: &Place) {
    let run = place.json("config/current_run.json");
    let clocks = twin.list("/v1/test_helpers/test_clocks");
    check_same_ids(&clocks, &run["clock_ids"]);
    let mut customers = Vec::new();
    let mut subscriptions = 0;
    for clock in &clocks {
        let clock = clock["id"].as_str().unwrap();
        customers.extend(twin.list(&format!("/v1/customers?test_clock={clock}")));
        let path = format!("/v1/subscriptions?test_clock={clock}&status=all");
        subscriptions += twin.list(&path).len();
    }
    check_same_ids(&customers, &run["customer_ids"]);
    assert_eq!(subscriptions, customers.len());
    for kind in ["prices", "products"] {
        assert_eq!(twin.list(&format!("/v1/{kind}")).len(), 5, "{kind}");
    }
}

#[track_caller]
fn check_same_ids(objects: &[Value], ids: &Value) {
    let mut there: Vec<&str> =
        objects.iter().map(|object| object["id"].as_str().unwrap()).collect();
    let mut expected: Vec<&str> =
        ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    there.sort_unstable();
    expected.sort_unstable();
    assert_eq!(there, expected);
}
