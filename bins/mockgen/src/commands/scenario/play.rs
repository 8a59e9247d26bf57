//! What a story has at hand: ways to tell something, to let time pass, to look, and to check.

use serde_json::{Value, json};

use crate::exit::Failure;

use super::check::{Check, Tolerance};
use super::client::Client;

/// A story while it is told, in a brand of its own.
#[derive(Debug)]
pub(super) struct Play<'a> {
    client: &'a Client,
    brand: &'a str,
    checks: Vec<Check>,
}

/// How far a predicted churn may be off.
const CHURN: Tolerance = Tolerance::By(0.05);

/// How far a predicted lifetime value may be off.
const LIFETIME_VALUE: Tolerance = Tolerance::Percent(15.0);

/// How far the score of a journey may be off.
const JOURNEY_SCORE: Tolerance = Tolerance::By(5.0);

/// A prediction as a story gives it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Foreseen {
    pub(super) churn: f64,
    pub(super) lifetime_value: f64,
    pub(super) segment: &'static str,
}

impl<'a> Play<'a> {
    /// Begins a story.
    pub(super) fn new(client: &'a Client, brand: &'a str) -> Self {
        Self { client, brand, checks: Vec::new() }
    }

    /// Returns what was checked.
    pub(super) fn into_checks(self) -> Vec<Check> {
        self.checks
    }

    /// Refuses a brand that has customers.
    pub(super) fn expect_empty(&self) -> Result<(), Failure> {
        let stats = self.get("/api/stats")?;
        if stats["customer_count"] == 0 && stats["event_count"] == 0 {
            return Ok(());
        }
        Err(Failure::Occupied { brand: self.brand.to_owned() })
    }

    /// Asks for something; `null` where it is not there.
    pub(super) fn get(&self, path: &str) -> Result<Value, Failure> {
        self.client.get(self.brand, path)
    }

    /// Sends something.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.client.post(self.brand, path, body)
    }

    /// Tells of an event. Returns the id of whose it is.
    pub(super) fn tell(&self, record: &Value) -> Result<String, Failure> {
        let answer = self.post("/events", record)?;
        Ok(text_of(&answer["results"][0]["customer_id"]))
    }

    /// Lets automations act as of a time.
    pub(super) fn evaluate(&self, as_of: &str) -> Result<Value, Failure> {
        self.post("/api/automations/evaluate", &json!({ "as_of": as_of }))
    }

    /// Lets everyone be computed as of a time.
    pub(super) fn predict(&self, as_of: &str) -> Result<Value, Failure> {
        self.post("/api/predictions", &json!({ "as_of": as_of }))
    }

    /// Returns a customer's profile, or another view of it.
    pub(super) fn of(&self, customer: &str, view: &str) -> Result<Value, Failure> {
        let slash = if view.is_empty() { "" } else { "/" };
        self.get(&format!("/api/profiles/{customer}{slash}{view}"))
    }

    /// Returns the rows of a list.
    pub(super) fn rows(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let mut page = self.get(path)?;
        Ok(match page["data"].take() {
            Value::Array(rows) => rows,
            _ => Vec::new(),
        })
    }

    /// Checks a value exactly.
    pub(super) fn is(&mut self, check: &str, expected: impl Into<Value>, actual: &Value) {
        self.checks.push(Check::exact(check, &expected.into(), actual));
    }

    /// Checks a prediction. `when` goes before the names of the figures.
    pub(super) fn is_foreseen(&mut self, when: &str, expected: Foreseen, prediction: &Value) {
        let Foreseen { churn, lifetime_value, segment } = expected;
        let mut rough = |name: &str, expected, tolerance, actual: &Value| {
            let name = format!("{when}: {name}");
            self.checks.push(Check::rough(&name, expected, tolerance, actual));
        };
        rough("churn", churn, CHURN, &prediction["churn_score"]);
        let actual = &prediction["predicted_ltv"];
        rough("predicted lifetime value", lifetime_value, LIFETIME_VALUE, actual);
        self.is(&format!("{when}: segment"), segment, &prediction["segment"]);
    }

    /// Checks a stage and its score.
    pub(super) fn is_at_stage(&mut self, when: &str, stage: &str, score: f64, journey: &Value) {
        self.is(&format!("{when}: stage"), stage, &journey["stage"]);
        let name = format!("{when}: journey score");
        self.checks.push(Check::rough(&name, score, JOURNEY_SCORE, &journey["score"]));
    }

    /// Checks what was bought, and how well the customer is known.
    pub(super) fn is_known_as(
        &mut self,
        when: &str,
        (lifetime_value, orders, strength): (f64, u64, u64),
        profile: &Value,
    ) {
        self.is(&format!("{when}: lifetime value"), lifetime_value, &profile["lifetime_value"]);
        self.is(&format!("{when}: orders"), orders, &profile["total_orders"]);
        self.is(&format!("{when}: profile strength"), strength, &profile["profile_strength"]);
    }
}

/// Wraps a message as it arrived then, in the form in which its sender has it.
pub(super) fn arrived(form: &str, at: &str, body: &Value) -> Value {
    json!({"wire_form": form, "received_at": at, "body": body})
}

/// Wraps a message that makes a customer of its own, whoever else has its identifiers.
pub(super) fn unresolved(form: &str, at: &str, body: &Value) -> Value {
    json!({"wire_form": form, "received_at": at, "resolve": false, "body": body})
}

/// Returns a text; an empty one for anything else.
pub(super) fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Counts rows, as a value to check.
pub(super) fn count<T>(rows: &[T]) -> Value {
    Value::from(rows.len())
}
