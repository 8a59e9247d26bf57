//! Objects as Stripe writes them, in the shapes of the API's version of 2026-09-30.

use serde_json::{Value, json};

use super::calendar::Moment;

mod catalog;
mod clock;
mod invoice;
mod people;
mod subscription;

pub(super) use catalog::{plan, price, product};
pub(super) use clock::clock;
pub(super) use people::{customer, payment_method};

/// Returns a list inside an object, all of it.
fn list(data: &[Value], url: &str) -> Value {
    json!({ "object": "list", "data": data, "has_more": false, "total_count": data.len(), "url": url })
}

/// Returns the seconds of a moment that may not be known.
fn seconds(moment: Option<Moment>) -> Option<i64> {
    moment.map(Moment::seconds)
}

/// Adds the fields of one object to another.
fn merge(mut whole: Value, part: Value) -> Value {
    if let (Value::Object(whole), Value::Object(part)) = (&mut whole, part) {
        whole.extend(part);
    }
    whole
}
