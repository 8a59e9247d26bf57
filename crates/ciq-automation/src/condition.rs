//! What has to hold besides the trigger.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::definition::{DefinitionError, Reader, nearest};
use crate::segment::condition_value;
use crate::{Facts, template};

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Equals the value.
    Eq,
    /// Does not equal the value, or is not known.
    Ne,
    /// Is a greater number.
    Gt,
    /// Is a greater number or the same.
    Ge,
    /// Is a smaller number.
    Lt,
    /// Is a smaller number or the same.
    Le,
    /// Equals one of the values.
    In,
    /// Equals none of the values, or is not known.
    NotIn,
    /// Is a text with that text in it, or a list with that value in it.
    Contains,
    /// Is known; with the value `false`, is not known.
    Exists,
}

impl Op {
    const ALL: [(&'static str, Self); 10] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("gt", Self::Gt),
        ("ge", Self::Ge),
        ("lt", Self::Lt),
        ("le", Self::Le),
        ("in", Self::In),
        ("not_in", Self::NotIn),
        ("contains", Self::Contains),
        ("exists", Self::Exists),
    ];

    /// Returns the name, such as `not_in`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, op)| *op == self).map_or("", |(name, _)| name)
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, op)| *op)
    }
}

/// What has to hold of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Which field: one of the names that a wrong one lists, or `fields.NAME` for a custom field.
    pub field: String,
    /// How it is compared.
    pub op: Op,
    /// With what.
    pub value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    List,
    Any,
}

/// The fields and what they hold. Amounts are whole units with decimals, such as 89.99.
const FIELDS: [(&str, Kind); 22] = [
    ("cart_count", Kind::Number),
    ("churn", Kind::Number),
    ("company", Kind::Text),
    ("currency", Kind::Text),
    ("customer_id", Kind::Text),
    ("email", Kind::Text),
    ("inactive_days", Kind::Number),
    ("intent_count", Kind::Number),
    ("journey_score", Kind::Number),
    ("lifetime_value", Kind::Number),
    ("name", Kind::Text),
    ("order_count", Kind::Number),
    ("phone", Kind::Text),
    ("previous_segment", Kind::Text),
    ("recency_days", Kind::Number),
    ("segment", Kind::Text),
    ("spent", Kind::Number),
    ("stage", Kind::Text),
    ("status", Kind::Text),
    ("strength", Kind::Number),
    ("tags", Kind::List),
    ("whatsapp", Kind::Text),
];

impl Condition {
    pub(crate) fn read(value: &Value, path: &str) -> Result<Self, DefinitionError> {
        let mut reader = Reader::new(value, path)?;
        let field = reader.required_text("field", "which field to look at, such as \"segment\"")?;
        let kind = kind_of(field).ok_or_else(|| {
            let names = FIELDS.iter().map(|(name, _)| *name);
            let hint = nearest(field, names.clone());
            let all = names.collect::<Vec<_>>().join(", ");
            let text = format!(
                "{field:?} is no field{hint}; there are {all}, and fields.NAME for custom ones"
            );
            reader.problem("field", text)
        })?;
        let op = reader.text("op")?.unwrap_or("eq");
        let op = Op::parse(op).ok_or_else(|| {
            let all = Op::ALL.map(|(name, _)| name).join(", ");
            reader.problem("op", format!("{op:?} does not exist; there are {all}"))
        })?;
        let value = match reader.take("value") {
            Some(value) => value.clone(),
            None if op == Op::Exists => Value::Bool(true),
            None => return Err(reader.problem("value", "is missing: what to compare with")),
        };
        if let Some(text) = misfit(kind, op, &value) {
            return Err(reader.problem("value", format!("{text}, not {value}")));
        }
        let value = if op == Op::Contains { Ok(value) } else { condition_value(field, value) };
        let value = value.map_err(|text| reader.problem("value", text))?;
        reader.finish()?;
        Ok(Self { field: field.to_owned(), op, value })
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"field": self.field, "op": self.op.name(), "value": self.value})
    }

    /// Tells whether the condition holds. What is not known equals nothing and is neither greater
    /// nor smaller than anything.
    #[must_use]
    pub fn holds(&self, facts: &Facts, as_of: Timestamp) -> bool {
        let found = value_of(facts, &self.field, as_of);
        let compare = |test: fn(f64, f64) -> bool| match (found.as_f64(), self.value.as_f64()) {
            (Some(left), Some(right)) => test(left, right),
            _ => false,
        };
        match self.op {
            Op::Eq => is_same(&found, &self.value),
            Op::Ne => !is_same(&found, &self.value),
            Op::Gt => compare(|left, right| left > right),
            Op::Ge => compare(|left, right| left >= right),
            Op::Lt => compare(|left, right| left < right),
            Op::Le => compare(|left, right| left <= right),
            Op::In => has(&self.value, &found),
            Op::NotIn => !has(&self.value, &found),
            Op::Contains => match (&found, &self.value) {
                (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
                (list, value) => has(list, value),
            },
            Op::Exists => found.is_null() != self.value.as_bool().unwrap_or(true),
        }
    }
}

fn kind_of(field: &str) -> Option<Kind> {
    if let Some(custom) = field.strip_prefix("fields.") {
        return (!custom.is_empty()).then_some(Kind::Any);
    }
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, kind)| *kind)
}

/// Returns what the value of a condition would have to be, if it is something else.
fn misfit(kind: Kind, op: Op, value: &Value) -> Option<&'static str> {
    let fits = |value: &Value| match kind {
        Kind::Text | Kind::List => value.is_string(),
        Kind::Number => value.is_number(),
        Kind::Any => value.is_string() || value.is_number() || value.is_boolean(),
    };
    let scalar = match kind {
        Kind::Text | Kind::List => "must be a text",
        Kind::Number => "must be a number",
        Kind::Any => "must be a text, a number, true or false",
    };
    match op {
        Op::Exists => (!value.is_boolean()).then_some("must be true or false"),
        Op::Contains if kind == Kind::Number => Some("a number contains nothing: use eq"),
        Op::Contains => (!fits(value)).then_some(scalar),
        _ if kind == Kind::List => Some("a list is only asked with contains or exists"),
        Op::Eq | Op::Ne => (!fits(value)).then_some(scalar),
        Op::Gt | Op::Ge | Op::Lt | Op::Le if kind == Kind::Text => {
            Some("a text is not greater or smaller: use eq, ne, in, not_in, contains or exists")
        }
        Op::Gt | Op::Ge | Op::Lt | Op::Le => (!value.is_number()).then_some("must be a number"),
        Op::In | Op::NotIn => {
            let is_list =
                value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(fits));
            (!is_list).then_some("must be a list of at least one value of the field's kind")
        }
    }
}

fn value_of(facts: &Facts, field: &str, as_of: Timestamp) -> Value {
    let amount = |minor| json!(template::major_units(minor, facts.currency_digits));
    match field {
        "cart_count" => json!(facts.carts.len()),
        "churn" => json!(facts.churn),
        "company" => json!(facts.company),
        "currency" => json!(facts.currency),
        "customer_id" => json!(facts.customer_id),
        "email" => json!(facts.email),
        "inactive_days" => {
            json!(facts.last_event_at.map(|at| as_of.duration_since(at).as_hours().div_euclid(24)))
        }
        "intent_count" => json!(facts.intents.len()),
        "journey_score" => json!(facts.journey_score),
        "lifetime_value" => amount(facts.lifetime_value_minor),
        "name" => json!(facts.name),
        "order_count" => json!(facts.order_count),
        "phone" => json!(facts.phone),
        "previous_segment" => json!(facts.previous_segment),
        "recency_days" => json!(facts.recency_days),
        "segment" => json!(facts.segment),
        "spent" => amount(facts.spent_minor),
        "stage" => json!(facts.stage),
        "status" => json!(facts.status),
        "strength" => json!(facts.strength),
        "tags" => json!(facts.tags),
        "whatsapp" => json!(facts.whatsapp),
        custom => custom
            .strip_prefix("fields.")
            .and_then(|name| facts.fields.get(name))
            .cloned()
            .unwrap_or_default(),
    }
}

/// Numbers are the same by value: 1 is 1.0.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.total_cmp(&right).is_eq(),
        _ => !left.is_null() && left == right,
    }
}

fn has(list: &Value, value: &Value) -> bool {
    list.as_array().is_some_and(|list| list.iter().any(|entry| is_same(entry, value)))
}
