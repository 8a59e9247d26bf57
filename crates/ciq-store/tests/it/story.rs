//! Random stories of a few people, told in events.

use std::collections::{BTreeMap, BTreeSet};

use ciq_event::Message;
use proptest::prelude::*;
use serde_json::json;

use crate::shelf::{Shelf, envelope};

/// One event of one of a few people. People share nothing, and no event carries more than three
/// identifiers, so no stream of them needs a person.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) person: u8,
    pub(crate) second: i64,
    pub(crate) kind: u8,
    pub(crate) carries: BTreeSet<u8>,
    pub(crate) word: u8,
}

pub(crate) fn told() -> impl Strategy<Value = Told> {
    let carries = prop::collection::btree_set(0_u8..6, 1..=3);
    (0_u8..3, 1_i64..40, 0_u8..7, carries, 0_u8..4).prop_map(
        |(person, second, kind, carries, word)| Told { person, second, kind, carries, word },
    )
}

pub(crate) fn stream() -> impl Strategy<Value = Vec<Told>> {
    prop::collection::vec(told(), 1..24)
}

pub(crate) fn message_of(told: &Told) -> Message {
    let Told { person, second, kind, carries, word } = told;
    let mut data = json!({"note": format!("word {word}")});
    let mut customer_id = None;
    for carried in carries {
        match carried {
            0 => customer_id = Some(format!("cust_{person}")),
            1 => data["email"] = format!("Person{person}@Example.com").into(),
            2 => data["email"] = format!("other{person}@example.com").into(),
            3 => data["phone"] = format!("+1 202 555 01{person}0").into(),
            4 => data["loyalty_id"] = format!("LOY-{person}").into(),
            _ => data["whatsapp"] = format!("+120255501{person}0").into(),
        }
    }
    // An order is told by the one who placed it.
    let teller = format!("{person}_{}", carries.first().unwrap());
    let event_type = match kind {
        0 => {
            // The same order may be told twice, at different times and with different totals.
            data["purchase_id"] = format!("ord_{teller}_{}", word / 2).into();
            data["total"] = format!("{}.5{word}", second % 7).into();
            "purchase"
        }
        1 => {
            data["name"] = format!("Name {word}").into();
            data["custom_fields"] = json!({"plan": word});
            "profile_update"
        }
        2 => {
            data["content"] = "Prefers mail.".into();
            "note"
        }
        3 => {
            data["work_order_id"] = format!("WO-{teller}").into();
            data["status"] = if *word > 2 { "completed".into() } else { "open".into() };
            data["issue_description"] = format!("issue {word}").into();
            "repair"
        }
        4 => {
            data["subscription_id"] = format!("sub_{}", word / 3).into();
            data["plan"] = format!("Plan {}", second % 3).into();
            data["screens"] = (*word).into();
            data["mrr"] = format!("{}.5{word}", second % 7).into();
            ["subscription_started", "subscription_updated", "subscription_cancelled"]
                [usize::try_from(second % 3).unwrap()]
        }
        5 => {
            data["subscription_id"] = format!("sub_{}", word / 3).into();
            if *word % 2 == 0 { "invoice_paid" } else { "payment_failed" }
        }
        _ => "login",
    };
    envelope(event_type, *second, customer_id.as_deref(), data)
}

pub(crate) fn messages(stream: &[Told]) -> Vec<Message> {
    stream.iter().map(message_of).collect()
}

/// Everything about customers that does not depend on which event happened to arrive first: all
/// but minted ids, which are replaced by the customer's earliest event.
pub(crate) fn customers_by_events(shelf: &Shelf) -> String {
    let dump = shelf.dump_without(&["aliases", "merge_history", "pins", "manual_merge_queue"]);
    let mut first_event: BTreeMap<String, String> = BTreeMap::new();
    for line in dump.lines().filter(|line| line.starts_with("customer_events\t")) {
        let mut columns = line.split('\t').skip(1);
        let (event, customer) = (columns.next().unwrap(), columns.next().unwrap());
        first_event.entry(customer.to_owned()).or_insert_with(|| event.to_owned());
    }
    let mut lines = BTreeSet::new();
    for line in dump.lines() {
        let mut line = line.to_owned();
        for (customer, event) in &first_event {
            line = line.replace(customer.as_str(), event);
        }
        // How many customers there were on the way depends on the order.
        if line.starts_with("customer_profile\t") {
            line.truncate(line.rfind('\t').unwrap());
        }
        lines.insert(line);
    }
    Vec::from_iter(lines).join("\n")
}

/// The lines that stand in only one of two dumps, for a failure that can be read.
pub(crate) fn differences(a: &str, b: &str) -> String {
    let (a, b): (BTreeSet<&str>, BTreeSet<&str>) = (a.lines().collect(), b.lines().collect());
    let only = |mark: &str, lines: Vec<&&str>| -> Vec<String> {
        lines.into_iter().map(|line| format!("{mark} {line}")).collect()
    };
    let mut lines = only("-", a.difference(&b).collect());
    lines.extend(only("+", b.difference(&a).collect()));
    lines.join("\n")
}
