//! The figures that speak for an intervention: a JSON list of
//! `{"field", "value", "op", "threshold"}`.
//!
//! All of a figure but its value is written when a rule is read, since every check of everyone who
//! has an intervention compares them.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::field::Known;
use crate::number::{rounded, whole};
use crate::{Condition, Field, Op, Subject};

/// More decimals than this are shown in full.
const DECIMAL_COUNT_MAX: i32 = 6;

/// What every figure has between its value and its op.
const AFTER_VALUE: &str = ",\"op\":";

/// What stands around the value of a figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    before: String,
    after: String,
}

impl Frame {
    pub(crate) fn new(field: Field, op: Op, threshold: &Value) -> Self {
        Self {
            before: format!("{{\"field\":\"{}\",\"value\":", field.name()),
            after: format!("{AFTER_VALUE}\"{}\",\"threshold\":{threshold}}}", op.name()),
        }
    }
}

/// A customer at a time, and the conditions whose figures are shown: all of a rule, and of those
/// that made it so severe the ones whose fields the others do not show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence<'a> {
    pub(crate) when: &'a [Condition],
    pub(crate) severe: &'a [Condition],
    pub(crate) subject: &'a Subject,
    pub(crate) as_of: Timestamp,
}

/// A figure as it is read.
#[derive(Debug, Deserialize)]
struct Shown<'a> {
    field: &'a str,
    #[serde(borrow)]
    value: &'a RawValue,
    op: &'a str,
    threshold: Value,
}

impl<'a> Evidence<'a> {
    /// Writes the figures.
    pub(crate) fn write(&self) -> String {
        let mut out = String::with_capacity(256);
        for condition in self.conditions() {
            out.push(if out.is_empty() { '[' } else { ',' });
            out.push_str(&condition.frame().before);
            out.push_str(&self.value_text(condition));
            out.push_str(&condition.frame().after);
        }
        out.push(']');
        out
    }

    /// Tells whether a text shows these figures. That time passed is no news: an age that only grew
    /// may stay as it was shown.
    pub(crate) fn is_shown_by(&self, text: &str) -> bool {
        let Some(values) = self.framed_values(text).or_else(|| self.read_values(text)) else {
            return false;
        };
        self.conditions().zip(values).all(|(condition, shown)| {
            let now = self.value_text(condition);
            now == shown || has_grown(condition.field(), shown, &now)
        })
    }

    fn conditions(&self) -> impl Iterator<Item = &'a Condition> + use<'a> {
        let when = self.when;
        let is_new = move |it: &&Condition| when.iter().all(|other| other.field() != it.field());
        when.iter().chain(self.severe.iter().filter(is_new))
    }

    /// Returns the values of a text that was written here for the same conditions.
    fn framed_values<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let mut values = Vec::with_capacity(self.when.len());
        let mut rest = text;
        for condition in self.conditions() {
            rest = rest.strip_prefix(if values.is_empty() { '[' } else { ',' })?;
            rest = rest.strip_prefix(condition.frame().before.as_str())?;
            let (value, after) = rest.split_at(rest.find(AFTER_VALUE)?);
            values.push(value);
            rest = after.strip_prefix(condition.frame().after.as_str())?;
        }
        (rest == "]").then_some(values)
    }

    /// Returns the values of any JSON that has figures for the same conditions.
    fn read_values<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let figures: Vec<Shown<'t>> = serde_json::from_str(text).ok()?;
        let is_same = |(figure, condition): (&Shown<'_>, &Condition)| {
            figure.field == condition.field().name()
                && figure.op == condition.op().name()
                && figure.threshold == *condition.value()
        };
        let is_all = figures.len() == self.conditions().count();
        let is_alike = is_all && figures.iter().zip(self.conditions()).all(is_same);
        is_alike.then(|| figures.iter().map(|figure| figure.value.get()).collect())
    }

    fn value_text(&self, condition: &Condition) -> String {
        match condition.field().of(self.subject, self.as_of) {
            Known::Nothing => "null".to_owned(),
            Known::Text(text) => Value::from(text).to_string(),
            Known::Number(number) => {
                let number = readable(condition, number);
                whole(number).map_or_else(|| number.to_string(), |whole| whole.to_string())
            }
        }
    }
}

fn has_grown(field: Field, shown: &str, now: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    field.grows_with_time() && number(shown).zip(number(now)).is_some_and(|(old, new)| new >= old)
}

/// Rounds a number as people read it, but not so far that it seems to break its condition.
fn readable(condition: &Condition, number: f64) -> f64 {
    (condition.field().decimal_count()..=DECIMAL_COUNT_MAX)
        .map(|decimal_count| rounded(number, decimal_count))
        .find(|rounded| condition.holds_for(Known::Number(*rounded)))
        .unwrap_or(number)
}
