//! Texts with gaps.
//!
//! The language is Jinja's: `{{ name }}` fills a gap, `{% if churn_percent > 50 %}` chooses. There
//! are no loops and no assignments: a text cannot run for long or grow without end.

use std::collections::BTreeSet;

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, filters, tests};
use serde_json::{Map, Value, json};

use crate::definition::nearest;
use crate::{Facts, Trigger, Triggered};

/// Most bytes that a template may have.
const SOURCE_BYTES_MAX: usize = 4096;

/// What is known of everybody.
const ALWAYS: [&str; 4] = ["currency", "lifetime_value", "order_count", "spent"];

/// What is known of most. Where it is not, and the text has no default, nothing is sent.
const MOSTLY: [&str; 8] =
    ["churn_percent", "company", "email", "first_name", "name", "recency_days", "segment", "stage"];

/// What only some triggers know.
const BY_TRIGGER: [&str; 4] = ["category", "price", "product", "store"];

/// Tags that a template may have.
const TAGS: [&str; 4] = ["if", "elif", "else", "endif"];

/// A text with gaps that only names what exists.
///
/// Always there: `currency`, `order_count`, and `lifetime_value` and `spent` as an amount with its
/// currency (`450.00 USD`). Mostly there: `name`, `first_name`, `email`, `company`, `segment`,
/// `stage`, `recency_days` and `churn_percent` (0 to 100). There with some triggers: `product`,
/// `category`, `price` and `store`. Custom fields are `fields.NAME`, and need a default:
/// `{{ fields.size | default("your size") }}`.
///
/// Filters are `default`, `upper`, `lower`, `title`, `capitalize`, `trim` and `round`; tests are
/// `defined` and `undefined`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    source: String,
}

/// Something that the text needs is not known of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Incomplete;

impl Template {
    /// Returns the template as written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Checks a template for a trigger. The error says what is wrong and what to write instead.
    pub(crate) fn parse(source: &str, trigger: &Trigger) -> Result<Self, String> {
        if source.len() > SOURCE_BYTES_MAX {
            return Err(format!("must have {SOURCE_BYTES_MAX} bytes at most"));
        }
        if let Some(tag) = foreign_tag(source) {
            return Err(format!(
                "{{% {tag} %}} is not possible: there is only if, elif, else, endif"
            ));
        }
        let environment = environment();
        let template = environment.template_from_str(source).map_err(|error| in_words(&error))?;
        let names: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
        for name in &names {
            check_name(name)?;
        }
        let known = |name: &str| is_known(name, trigger);
        if let Err(error) = template.render(sample(&names, known)) {
            let culprit = names.iter().find(|name| {
                !known(name) && template.render(sample(&names, |other| other != *name)).is_err()
            });
            return Err(match culprit {
                Some(name) if error.kind() == ErrorKind::UndefinedError => {
                    needs_default(name, trigger)
                }
                _ => in_words(&error),
            });
        }
        Ok(Self { source: source.to_owned() })
    }

    /// Fills the gaps.
    pub(crate) fn render(&self, context: &Value) -> Result<String, Incomplete> {
        environment().render_str(&self.source, context).map_err(|_| Incomplete)
    }
}

/// Gathers what templates may name. What is not known is left out.
pub(crate) fn context(facts: &Facts, triggered: &Triggered) -> Value {
    let mut map = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            map.insert(name.to_owned(), value);
        }
    };
    let amount = |minor| money(minor, facts.currency_digits, &facts.currency);
    put("currency", json!(facts.currency));
    put("lifetime_value", json!(amount(facts.lifetime_value_minor)));
    put("order_count", json!(facts.order_count));
    put("spent", json!(amount(facts.spent_minor)));
    put("churn_percent", json!(facts.churn.map(percent)));
    put("company", json!(facts.company));
    put("email", json!(facts.email));
    put("first_name", json!(facts.name.as_deref().and_then(|name| name.split_whitespace().next())));
    put("name", json!(facts.name));
    put("recency_days", json!(facts.recency_days));
    put("segment", json!(facts.segment));
    put("stage", json!(facts.stage));
    for name in BY_TRIGGER {
        put(name, triggered.evidence.get(name).cloned().unwrap_or_default());
    }
    // A field that holds null is as good as none.
    let fields: Map<String, Value> = facts
        .fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    put("fields", Value::Object(fields));
    Value::Object(map)
}

/// Writes an amount with its decimals and its currency: `450.00 USD`.
pub(crate) fn money(minor: i64, digits: u32, currency: &str) -> String {
    let width = usize::try_from(digits.min(4)).unwrap_or(2);
    let sign = if minor < 0 { "-" } else { "" };
    let text = format!("{:0width$}", minor.unsigned_abs(), width = width + 1);
    let (whole, fraction) = text.split_at(text.len() - width);
    let point = if width == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction} {currency}").trim_end().to_owned()
}

/// Returns an amount in whole units, for comparing only.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 minor units; only compared")]
pub(crate) fn major_units(minor: i64, digits: u32) -> f64 {
    minor as f64 / f64::from(10_u32.pow(digits.min(4)))
}

#[expect(clippy::cast_possible_truncation, reason = "between 0 and 100")]
fn percent(share: f64) -> i64 {
    (share.clamp(0.0, 1.0) * 100.0).round() as i64
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    // Messages are plain text; nothing in them is markup.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.add_filter("default", filters::default);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("title", filters::title);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("round", filters::round);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment
}

/// Returns the first tag that is not allowed.
fn foreign_tag(source: &str) -> Option<&str> {
    source.split("{%").skip(1).find_map(|rest| {
        let rest = rest.trim_start_matches(['-', '+']).trim_start();
        let tag = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
        (!TAGS.contains(&tag)).then_some(tag)
    })
}

fn all_names() -> impl Iterator<Item = &'static str> + Clone {
    ALWAYS.into_iter().chain(MOSTLY).chain(BY_TRIGGER)
}

fn check_name(name: &str) -> Result<(), String> {
    let is_field = name.strip_prefix("fields.").is_some_and(|field| !field.is_empty());
    if is_field || all_names().any(|known| known == name) {
        return Ok(());
    }
    let hint = nearest(name, all_names());
    let all = all_names().collect::<Vec<_>>().join(", ");
    Err(format!(
        "{name:?} does not exist{hint}; there are {all}, and fields.NAME for custom fields"
    ))
}

fn is_known(name: &str, trigger: &Trigger) -> bool {
    if BY_TRIGGER.contains(&name) {
        return trigger.provides().contains(&name);
    }
    !name.starts_with("fields.")
}

/// Returns values to try a template with: one for each name that is said to be known.
fn sample(names: &BTreeSet<String>, is_known: impl Fn(&str) -> bool) -> Value {
    let mut map = Map::new();
    let mut fields = Map::new();
    for name in names.iter().filter(|name| is_known(name)) {
        match name.strip_prefix("fields.") {
            Some(field) => fields.insert(field.to_owned(), json!("x")),
            None if matches!(name.as_str(), "churn_percent" | "order_count" | "recency_days") => {
                map.insert(name.clone(), json!(1))
            }
            None => map.insert(name.clone(), json!("x")),
        };
    }
    map.insert("fields".to_owned(), Value::Object(fields));
    Value::Object(map)
}

fn needs_default(name: &str, trigger: &Trigger) -> String {
    let why = if name.starts_with("fields.") {
        "not everybody has it".to_owned()
    } else {
        format!("the trigger {} does not know it", trigger.name())
    };
    format!("{name:?} needs a default, because {why}: {{{{ {name} | default(\"...\") }}}}")
}

fn in_words(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(" in line {line}")).unwrap_or_default();
    format!("is no valid template: {}{line}", error.detail().unwrap_or("it cannot be filled"))
}
