//! Customers side by side: what is the same, what differs, and what an event told of them at once.

use std::collections::BTreeSet;

use ciq_store::ProfileDetail;
use maud::{Markup, html};

use crate::format::{count, cut, day, kind_words, money, text};
use crate::parts::strength;
use crate::visitor::Visitor;

/// Most characters of a value that a cell shows.
const VALUE_LENGTH_MAX: usize = 80;

/// Most values of a cell.
const VALUES_MAX: usize = 6;

/// Most customers that have a key to tick them.
const KEYS_MAX: usize = 9;

/// Kinds of which a person has one, as a rule: another one is a word against being the same.
const OF_ONE: [&str; 6] = ["name", "company", "email", "phone", "whatsapp", "loyalty_id"];

/// Kinds that come first, in this order.
const FIRST_KINDS: [&str; 5] = ["customer_id", "email", "phone", "whatsapp", "loyalty_id"];

/// Identifiers that the evidence told of: kind and value.
pub(crate) type Carried = BTreeSet<(String, String)>;

/// How a value goes with those of the other customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Nothing to say.
    Plain,
    /// An event told of it and of something of another customer at once.
    Told,
    /// Another customer has it too.
    Same,
    /// The others have other ones.
    Differs,
    /// The others have other ones, of which nobody has two.
    Conflict,
}

/// A row of the table: what it is about, and the values of each customer.
#[derive(Debug)]
struct Row {
    label: String,
    cells: Vec<Vec<(String, Fit)>>,
}

/// Shows customers side by side. Where some of them may be made one, each has a box to tick that
/// belongs to the form of this id.
pub(super) fn table(
    visitor: &Visitor,
    customers: &[ProfileDetail],
    carried: &Carried,
    split_form: Option<&str>,
) -> Markup {
    html! {
        div.wide role="region" aria-label="The customers side by side" tabindex="0" {
            table.compare {
                thead {
                    tr {
                        th scope="col" { span.unseen { "What" } }
                        @for (place, customer) in customers.iter().enumerate() {
                            th scope="col" { (heading(visitor, customer, place, split_form)) }
                        }
                    }
                }
                tbody {
                    @for row in rows(customers, carried) {
                        tr {
                            th scope="row" { (row.label) }
                            @for values in &row.cells { td { (cell(values)) } }
                        }
                    }
                    (sums(customers))
                }
            }
        }
    }
}

fn heading(
    visitor: &Visitor,
    customer: &ProfileDetail,
    place: usize,
    split_form: Option<&str>,
) -> Markup {
    let summary = &customer.summary;
    let name = cut(&summary.name, VALUE_LENGTH_MAX);
    let key = (place < KEYS_MAX).then(|| (place + 1).to_string());
    html! {
        @if let Some(form) = split_form {
            label {
                input type="checkbox" name="customer" value=(summary.id) form=(form)
                    data-key=[key.as_deref()] aria-keyshortcuts=[key.as_deref()];
                " " span.unseen { "One of those that are one: " }
                (name)
                @if let Some(key) = &key { " " kbd aria-hidden="true" { (key) } }
            }
            span.sub { a href=(visitor.links.customer(&summary.id)) { "Open" span.unseen { " " (name) } } }
        } @else {
            a href=(visitor.links.customer(&summary.id)) { (name) }
        }
    }
}

fn cell(values: &[(String, Fit)]) -> Markup {
    html! {
        @if values.is_empty() { (text(None)) }
        @for (value, fit) in values.iter().take(VALUES_MAX) {
            span.value { (cut(value, VALUE_LENGTH_MAX)) " " (mark(*fit)) }
        }
        @if values.len() > VALUES_MAX { span.sub { "and " (values.len() - VALUES_MAX) " more" } }
    }
}

fn mark(fit: Fit) -> Markup {
    let (class, sign, word) = match fit {
        Fit::Plain => return html! {},
        Fit::Told => ("told", "\u{25c6}", "in the evidence"),
        Fit::Same => ("same", "=", "same"),
        Fit::Differs => ("differs", "\u{2260}", "differs"),
        Fit::Conflict => ("conflict", "\u{2260}", "conflict"),
    };
    html! { span.fit.(class) { span aria-hidden="true" { (sign) " " } (word) } }
}

fn rows(customers: &[ProfileDetail], carried: &Carried) -> Vec<Row> {
    let named = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    let names: Vec<_> = customers.iter().map(|it| vec![it.summary.name.clone()]).collect();
    let companies: Vec<_> = customers.iter().map(|it| named(&it.summary.company)).collect();
    let mut rows = vec![row("name", "Name".to_owned(), &names, carried)];
    let kinds: BTreeSet<&str> =
        customers.iter().flat_map(|it| it.all_identifiers.keys().map(String::as_str)).collect();
    let others = kinds.iter().copied().filter(|kind| !FIRST_KINDS.contains(kind));
    for kind in FIRST_KINDS.into_iter().filter(|kind| kinds.contains(kind)).chain(others) {
        let held: Vec<_> = customers
            .iter()
            .map(|it| it.all_identifiers.get(kind).cloned().unwrap_or_default())
            .collect();
        let alike: Vec<_> = customers.iter().map(|it| numbers_of(it, kind)).collect();
        rows.push(identifier_row(kind, &held, &alike, carried));
    }
    if companies.iter().any(|it| !it.is_empty()) {
        rows.push(row("company", "Company".to_owned(), &companies, carried));
    }
    rows
}

/// The values of another kind that may be the same thing: a number may be called and written to.
fn numbers_of(customer: &ProfileDetail, kind: &str) -> Vec<String> {
    let other = match kind {
        "phone" => "whatsapp",
        "whatsapp" => "phone",
        _ => return Vec::new(),
    };
    customer.all_identifiers.get(other).cloned().unwrap_or_default()
}

fn row(kind: &str, label: String, held: &[Vec<String>], carried: &Carried) -> Row {
    let alike = vec![Vec::new(); held.len()];
    Row { label, cells: cells(kind, held, &alike, carried) }
}

fn identifier_row(
    kind: &str,
    held: &[Vec<String>],
    alike: &[Vec<String>],
    carried: &Carried,
) -> Row {
    Row { label: kind_words(kind), cells: cells(kind, held, alike, carried) }
}

/// `alike` are values of another kind, which count as the same where they are.
fn cells(
    kind: &str,
    held: &[Vec<String>],
    alike: &[Vec<String>],
    carried: &Carried,
) -> Vec<Vec<(String, Fit)>> {
    let with_fit = |(place, values): (usize, &Vec<String>)| {
        let others = |lists: &[Vec<String>]| -> BTreeSet<String> {
            let of_others = lists.iter().enumerate().filter(|(at, _)| *at != place);
            of_others.flat_map(|(_, values)| values).map(|it| comparable(kind, it)).collect()
        };
        let (same, same_number) = (others(held), others(alike));
        let is_shared = |value: &String| {
            let value = comparable(kind, value);
            same.contains(&value) || same_number.contains(&value)
        };
        let is_any_shared = values.iter().any(is_shared);
        let fit = |value: &String| {
            if is_shared(value) {
                Fit::Same
            } else if carried.contains(&(kind.to_owned(), value.clone())) {
                Fit::Told
            } else if same.is_empty() || is_any_shared {
                Fit::Plain
            } else if kind == "customer_id" {
                Fit::Conflict
            } else if OF_ONE.contains(&kind) {
                Fit::Differs
            } else {
                Fit::Plain
            }
        };
        values.iter().map(|value| (value.clone(), fit(value))).collect()
    };
    held.iter().enumerate().map(with_fit).collect()
}

/// Writes a value as it is compared: people write one name in several ways, and a number too.
fn comparable(kind: &str, value: &str) -> String {
    if matches!(kind, "phone" | "whatsapp") {
        return value.chars().filter(char::is_ascii_digit).collect();
    }
    let words: Vec<String> = value.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

fn sums(customers: &[ProfileDetail]) -> Markup {
    html! {
        tr {
            th scope="row" { "Strength" }
            @for it in customers { td { (strength(it.summary.profile_strength)) } }
        }
        tr { th scope="row" { "Orders" } @for it in customers { td { (count(it.summary.total_orders)) } } }
        tr {
            th scope="row" { "Lifetime value" }
            @for it in customers { td { (money(it.summary.lifetime_value.0)) } }
        }
        tr {
            th scope="row" { "First seen" }
            @for it in customers { td { (day(it.summary.customer_since.as_deref())) } }
        }
        tr {
            th scope="row" { "Last event" }
            @for it in customers { td { (day(it.summary.last_event_at.as_deref())) } }
        }
        tr {
            th scope="row" { "Id" }
            @for it in customers { td { span.id { (it.summary.id) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(kind: &str, held: &[&[&str]], carried: &[(&str, &str)]) -> Vec<Vec<Fit>> {
        let held: Vec<Vec<String>> =
            held.iter().map(|it| it.iter().map(ToString::to_string).collect()).collect();
        let carried =
            carried.iter().map(|(kind, value)| (kind.to_string(), value.to_string())).collect();
        let alike = vec![Vec::new(); held.len()];
        let of_cell = |cell: Vec<(String, Fit)>| cell.into_iter().map(|(_, fit)| fit).collect();
        cells(kind, &held, &alike, &carried).into_iter().map(of_cell).collect()
    }

    #[test]
    fn one_name_in_two_ways_is_the_same() {
        let found = fits("name", &[&["Ana  Bell"], &["ana bell"], &["Bo"]], &[]);
        assert_eq!(found, [[Fit::Same], [Fit::Same], [Fit::Differs]]);
    }

    #[test]
    fn two_customer_ids_are_in_conflict_and_none_is_not() {
        let found = fits("customer_id", &[&["a"], &["b"], &[]], &[]);
        assert_eq!(found, [vec![Fit::Conflict], vec![Fit::Conflict], vec![]]);
        assert_eq!(fits("customer_id", &[&["a"], &[]], &[]), [vec![Fit::Plain], vec![]]);
    }

    #[test]
    fn what_the_evidence_told_of_is_marked_before_it_differs() {
        let found =
            fits("email", &[&["a@x.org", "b@x.org"], &["c@x.org"]], &[("email", "a@x.org")]);
        assert_eq!(found, [vec![Fit::Told, Fit::Differs], vec![Fit::Differs]]);
    }

    #[test]
    fn a_number_to_call_is_the_same_as_one_to_write_to() {
        let held = [vec!["+1 415 555 2671".to_owned()], vec!["14155550000".to_owned()]];
        let alike = [Vec::new(), vec!["+14155552671".to_owned()]];
        let found = cells("phone", &held, &alike, &Carried::new());
        assert_eq!((found[0][0].1, found[1][0].1), (Fit::Same, Fit::Differs));
    }

    #[test]
    fn two_devices_say_nothing() {
        assert_eq!(fits("device_id", &[&["a"], &["b"]], &[]), [[Fit::Plain], [Fit::Plain]]);
    }
}
