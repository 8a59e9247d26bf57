//! One clause of a query, and how queries are read.

use serde_json::Value;

use super::{Joint, fields, plural, refused};
use crate::ApiError;
use crate::route::Kind;

/// `-field:"value"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    is_negated: bool,
    field: Field,
    operator: Operator,
    /// Nothing stands for `null`.
    value: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    Named(String),
    Metadata(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    Contains,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// Fields that hold numbers: they are compared, and not looked into.
const NUMBERS: [&str; 3] = ["canceled_at", "created", "total"];

impl Clause {
    /// Checks that a kind of object can be searched so.
    pub(super) fn check(&self, kind: Kind) -> Result<(), ApiError> {
        let is_number = match &self.field {
            Field::Metadata(_) => false,
            Field::Named(name) if !fields(kind).contains(&name.as_str()) => {
                let kind = plural(kind);
                return Err(refused(&format!(
                    "Field `{name}` is an unsupported search field for resource `{kind}`. See \
                     https://stripe.com/docs/search#query-fields-for-{kind} for a list of \
                     supported fields."
                )));
            }
            Field::Named(name) => NUMBERS.contains(&name.as_str()),
        };
        match self.operator {
            Operator::Contains if is_number => {
                Err(refused("A substring can be looked for in texts only."))
            }
            Operator::Is | Operator::Contains => Ok(()),
            _ if is_number && self.number().is_some() => Ok(()),
            _ => Err(refused("The operators <, <=, > and >= compare numbers only.")),
        }
    }

    fn number(&self) -> Option<i64> {
        self.value.as_deref()?.parse().ok()
    }

    /// Tells whether an object is looked for.
    pub(super) fn matches(&self, object: &Value) -> bool {
        let found = match &self.field {
            Field::Metadata(key) => object["metadata"].get(key),
            Field::Named(name) if name == "subscription" => {
                object.pointer("/parent/subscription_details/subscription")
            }
            Field::Named(name) => object.get(name),
        };
        let found = found.filter(|value| !value.is_null());
        let is_match = match (found, &self.value) {
            (None, None) => true,
            (Some(found), Some(wanted)) => self.compares(found, wanted),
            (Some(_), None) | (None, Some(_)) => false,
        };
        is_match != self.is_negated
    }

    fn compares(&self, found: &Value, wanted: &str) -> bool {
        let text = match found {
            Value::String(text) => text.to_lowercase(),
            other => other.to_string(),
        };
        let order = || found.as_i64().zip(self.number()).map(|(found, wanted)| found.cmp(&wanted));
        match self.operator {
            Operator::Is => text == wanted.to_lowercase(),
            Operator::Contains => text.contains(&wanted.to_lowercase()),
            Operator::Above => order().is_some_and(std::cmp::Ordering::is_gt),
            Operator::AtLeast => order().is_some_and(std::cmp::Ordering::is_ge),
            Operator::Below => order().is_some_and(std::cmp::Ordering::is_lt),
            Operator::AtMost => order().is_some_and(std::cmp::Ordering::is_le),
        }
    }
}

/// Reads a query from left to right.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text.trim() }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads `AND` or `OR`.
    pub(super) fn joint(&mut self) -> Option<Joint> {
        let (word, after) = self.rest.split_once(' ')?;
        let joint = match word {
            word if word.eq_ignore_ascii_case("and") => Joint::And,
            word if word.eq_ignore_ascii_case("or") => Joint::Or,
            _ => return None,
        };
        self.rest = after.trim_start();
        Some(joint)
    }

    /// Reads a clause and the space after it.
    pub(super) fn clause(&mut self) -> Option<Clause> {
        let is_negated = self.skip("-");
        let field = self.field()?;
        let operator = self.operator()?;
        let value = self.value()?;
        self.rest = self.rest.trim_start();
        Some(Clause { is_negated, field, operator, value })
    }

    fn skip(&mut self, text: &str) -> bool {
        let after = self.rest.strip_prefix(text);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Takes what goes on as long as it is of a sort; nothing where that is nothing.
    fn word(&mut self, is_part: impl Fn(char) -> bool) -> Option<String> {
        let end = self.rest.find(|sign| !is_part(sign)).unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(end);
        self.rest = after;
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn field(&mut self) -> Option<Field> {
        let name = self.word(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '.'))?;
        if name != "metadata" {
            return Some(Field::Named(name));
        }
        let is_opened = self.skip("[");
        let key = is_opened.then(|| self.quoted()).flatten()?;
        self.skip("]").then_some(Field::Metadata(key))
    }

    fn operator(&mut self) -> Option<Operator> {
        let operators = [
            (":", Operator::Is),
            ("~", Operator::Contains),
            (">=", Operator::AtLeast),
            (">", Operator::Above),
            ("<=", Operator::AtMost),
            ("<", Operator::Below),
        ];
        operators.into_iter().find(|(sign, _)| self.skip(sign)).map(|(_, operator)| operator)
    }

    /// Reads a quoted text, a number, `true`, `false` or `null`.
    #[expect(clippy::option_option, reason = "null is a value, and no value is an error")]
    fn value(&mut self) -> Option<Option<String>> {
        if self.rest.starts_with(['"', '\'']) {
            return self.quoted().map(Some);
        }
        let word = self.word(|sign| !sign.is_whitespace())?;
        match word.as_str() {
            "null" => Some(None),
            "true" | "false" => Some(Some(word)),
            _ => word.parse::<i64>().is_ok().then_some(Some(word)),
        }
    }

    /// Reads a text between quotes of one sort; a backslash takes the next sign as it is.
    fn quoted(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
        let mut text = String::new();
        let mut signs = self.rest.char_indices().skip(1);
        while let Some((place, sign)) = signs.next() {
            if sign == quote {
                self.rest = &self.rest[place + quote.len_utf8()..];
                return Some(text);
            }
            text.push(if sign == '\\' { signs.next()?.1 } else { sign });
        }
        None
    }
}
