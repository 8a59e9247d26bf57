//! What has to hold of one field.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::evidence::Frame;
use crate::field::Known;
use crate::rule::{Reader, RuleError, nearest};
use crate::{Field, Subject};

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
    /// Is known; with the value `false`, is not known.
    Exists,
}

impl Op {
    const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("gt", Self::Gt),
        ("ge", Self::Ge),
        ("lt", Self::Lt),
        ("le", Self::Le),
        ("in", Self::In),
        ("not_in", Self::NotIn),
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

/// What has to hold of one field. Made by reading a rule, so that its value fits field and op.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    field: Field,
    op: Op,
    value: Value,
    expected: Expected,
    frame: Frame,
}

/// The value of a condition, ready to be compared: one where the op takes one.
#[derive(Debug, Clone, PartialEq)]
enum Expected {
    Texts(Vec<String>),
    /// Each is finite.
    Numbers(Vec<f64>),
    ToBeKnown(bool),
}

/// Longer lists are not written by hand, and would slow every check down.
const VALUE_COUNT_MAX: usize = 100;

impl Condition {
    /// Returns which field is asked about.
    #[must_use]
    pub fn field(&self) -> Field {
        self.field
    }

    /// Returns how it is compared.
    #[must_use]
    pub fn op(&self) -> Op {
        self.op
    }

    /// Returns with what: a text, a number, a list of one of them, or a flag.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    pub(crate) fn frame(&self) -> &Frame {
        &self.frame
    }

    pub(crate) fn read(value: &Value, path: &str) -> Result<Self, RuleError> {
        let mut reader = Reader::new(value, path)?;
        let name = reader.required_text("field", "which field to look at, such as \"tier\"")?;
        let field = Field::parse(name).ok_or_else(|| {
            let names = Field::ALL.map(Field::name);
            let hint = nearest(name, names.into_iter());
            let all = names.join(", ");
            reader.problem("field", format!("{name:?} is no field{hint}; there are {all}"))
        })?;
        let name = reader.text("op")?.unwrap_or("eq");
        let op = Op::parse(name).ok_or_else(|| {
            let all = Op::ALL.map(|(name, _)| name).join(", ");
            reader.problem("op", format!("{name:?} does not exist; there are {all}"))
        })?;
        let value = match reader.take("value") {
            Some(value) => value.clone(),
            None if op == Op::Exists => Value::Bool(true),
            None => return Err(reader.problem("value", "is missing: what to compare with")),
        };
        let expected = Expected::read(field, op, &value);
        let expected = expected.map_err(|text| reader.problem("value", text))?;
        reader.finish()?;
        // A segment has several spellings, and only one of them is compared and written again.
        let value = match (&expected, op) {
            (Expected::Texts(texts), Op::In | Op::NotIn) => json!(texts),
            (Expected::Texts(texts), _) => json!(texts.first()),
            (Expected::Numbers(_) | Expected::ToBeKnown(_), _) => value,
        };
        let frame = Frame::new(field, op, &value);
        Ok(Self { field, op, value, expected, frame })
    }

    /// Writes the condition as it is read.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"field": self.field.name(), "op": self.op.name(), "value": self.value})
    }

    /// Tells whether the condition holds. What is not known equals nothing and is neither greater
    /// nor smaller than anything.
    #[must_use]
    pub fn holds(&self, subject: &Subject, as_of: Timestamp) -> bool {
        self.holds_for(self.field.of(subject, as_of))
    }

    pub(crate) fn holds_for(&self, found: Known<'_>) -> bool {
        match self.op {
            Op::Eq | Op::In => self.expected.has(found),
            Op::Ne | Op::NotIn => !self.expected.has(found),
            Op::Gt => self.expected.order(found) == Some(Ordering::Greater),
            Op::Ge => self.expected.order(found).is_some_and(Ordering::is_ge),
            Op::Lt => self.expected.order(found) == Some(Ordering::Less),
            Op::Le => self.expected.order(found).is_some_and(Ordering::is_le),
            Op::Exists => self.expected == Expected::ToBeKnown(found != Known::Nothing),
        }
    }
}

impl Expected {
    fn read(field: Field, op: Op, value: &Value) -> Result<Self, String> {
        let list = match (op, value) {
            (Op::Exists, Value::Bool(is_known)) => return Ok(Self::ToBeKnown(*is_known)),
            (Op::Exists, other) => return Err(format!("must be true or false, not {other}")),
            (Op::Gt | Op::Ge | Op::Lt | Op::Le, _) if field.is_text() => {
                let text = "a text is not greater or smaller: use eq, ne, in, not_in or exists";
                return Err(text.to_owned());
            }
            (Op::In | Op::NotIn, Value::Array(list)) => list.as_slice(),
            (Op::In | Op::NotIn, other) => return Err(format!("must be a list, not {other}")),
            (_, one) => std::slice::from_ref(one),
        };
        if list.is_empty() || list.len() > VALUE_COUNT_MAX {
            return Err(format!("must be a list of 1 to {VALUE_COUNT_MAX} values"));
        }
        if field.is_text() {
            list.iter().map(|value| text(field, value)).collect::<Result<_, _>>().map(Self::Texts)
        } else {
            let numbers = list.iter().map(|value| number(field, value));
            numbers.collect::<Result<_, _>>().map(Self::Numbers)
        }
    }

    fn has(&self, found: Known<'_>) -> bool {
        match (self, found) {
            (Self::Texts(texts), Known::Text(found)) => texts.iter().any(|text| text == found),
            (Self::Numbers(numbers), Known::Number(found)) => {
                numbers.iter().any(|number| found.partial_cmp(number) == Some(Ordering::Equal))
            }
            _ => false,
        }
    }

    /// Returns how what was found stands to the value.
    fn order(&self, found: Known<'_>) -> Option<Ordering> {
        match (self, found) {
            (Self::Numbers(numbers), Known::Number(found)) => found.partial_cmp(numbers.first()?),
            _ => None,
        }
    }
}

fn text(field: Field, value: &Value) -> Result<String, String> {
    match value.as_str().map(str::trim) {
        Some(text) if !text.is_empty() => field.read_text(text),
        _ => Err(format!("must be a text that is not empty, not {value}")),
    }
}

fn number(field: Field, value: &Value) -> Result<f64, String> {
    let number = value.as_f64().filter(|number| number.is_finite());
    let number = number.ok_or_else(|| format!("must be a number, not {value}"))?;
    let (min, max, remedy) = field.limits();
    if (min..=max).contains(&number) { Ok(number) } else { Err(format!("{remedy}, not {value}")) }
}
