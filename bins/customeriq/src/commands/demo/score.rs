//! How well people were told apart, against the truth.

use std::collections::{BTreeMap, BTreeSet};

use ciq_event::EventId;
use serde::Serialize;
use serde_json::Value;

/// A customer, numbered in order of appearance.
type CustomerNumber = u32;

/// Whose each event became, and whose it is.
#[derive(Debug, Default)]
pub(super) struct Ownership {
    numbers: BTreeMap<String, CustomerNumber>,
    customer_of: BTreeMap<EventId, CustomerNumber>,
    /// Records by person and customer; `None` for those that nobody has.
    cells: BTreeMap<(u32, Option<CustomerNumber>), u64>,
}

/// How well people were told apart. Every share is 1 where there was nothing to get wrong.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Score {
    /// People all of whose records one customer holds, and nobody else's.
    pub(super) found: u64,
    /// Customers that hold records of one person only, among customers.
    pub(super) precision: f64,
    /// Found people among people.
    pub(super) recall: f64,
    /// Pairs of records of one person, among pairs that one customer holds.
    pub(super) pairwise_precision: f64,
    /// Pairs of records that one customer holds, among pairs of one person.
    pub(super) pairwise_recall: f64,
}

impl Ownership {
    /// Takes a row of `customer_raw_event`.
    pub(super) fn take_row(&mut self, columns: &[String], values: &[Value]) {
        let text = |name: &str| {
            let place = columns.iter().position(|column| column == name)?;
            values.get(place)?.as_str()
        };
        let event = text("id").and_then(|id| id.parse::<EventId>().ok());
        let (Some(event), Some(customer)) = (event, text("customer_profile_id")) else { return };
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(customer.to_owned()).or_insert(next);
        self.customer_of.insert(event, number);
    }

    /// Takes a record: whose it is, and what it told of.
    pub(super) fn take_record(&mut self, person: u32, events: &[EventId]) {
        let owners: BTreeSet<_> =
            events.iter().map(|event| self.customer_of.get(event).copied()).collect();
        let owners = if owners.is_empty() { BTreeSet::from([None]) } else { owners };
        for owner in owners {
            *self.cells.entry((person, owner)).or_default() += 1;
        }
    }

    /// Compares.
    pub(super) fn score(&self, people_count: usize) -> Score {
        let mut people_of: BTreeMap<CustomerNumber, BTreeSet<u32>> = BTreeMap::new();
        let mut customers_of: BTreeMap<u32, BTreeSet<Option<CustomerNumber>>> = BTreeMap::new();
        for (person, customer) in self.cells.keys() {
            customers_of.entry(*person).or_default().insert(*customer);
            if let Some(customer) = customer {
                people_of.entry(*customer).or_default().insert(*person);
            }
        }
        let is_pure = |customer: &CustomerNumber| {
            people_of.get(customer).is_some_and(|people| people.len() == 1)
        };
        let is_found = |customers: &&BTreeSet<Option<CustomerNumber>>| {
            let mut customers = customers.iter();
            matches!((customers.next(), customers.next()), (Some(Some(one)), None) if is_pure(one))
        };
        let found = customers_of.values().filter(is_found).count();
        let pure = people_of.keys().filter(|customer| is_pure(customer)).count();
        let [together, of_customers, of_people] = self.pairs();
        Score {
            found: found as u64,
            precision: ratio(pure as u64, people_of.len() as u64),
            recall: ratio(found as u64, people_count as u64),
            pairwise_precision: ratio(together, of_customers),
            pairwise_recall: ratio(together, of_people),
        }
    }

    /// Counts pairs of records: of one person and one customer, of one customer, of one person.
    fn pairs(&self) -> [u64; 3] {
        let mut of_customers: BTreeMap<CustomerNumber, u64> = BTreeMap::new();
        let mut of_people: BTreeMap<u32, u64> = BTreeMap::new();
        for ((person, customer), count) in &self.cells {
            *of_people.entry(*person).or_default() += count;
            if let Some(customer) = customer {
                *of_customers.entry(*customer).or_default() += count;
            }
        }
        let held = self.cells.iter().filter(|((_, customer), _)| customer.is_some());
        [
            held.map(|(_, count)| pairs_of(*count)).sum(),
            of_customers.into_values().map(pairs_of).sum(),
            of_people.into_values().map(pairs_of).sum(),
        ]
    }
}

fn pairs_of(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}

#[expect(clippy::cast_precision_loss, reason = "a share for people to read")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores records that are given as person and customer.
    fn score(records: &[(u32, &str)]) -> Score {
        let mut ownership = Ownership::default();
        let columns = ["id".to_owned(), "customer_profile_id".to_owned()];
        let people: BTreeSet<u32> = records.iter().map(|(person, _)| *person).collect();
        for (number, (person, customer)) in records.iter().enumerate() {
            let event = EventId::given("test", &number.to_string());
            ownership.take_row(&columns, &[event.to_string().into(), (*customer).into()]);
            ownership.take_record(*person, &[event]);
        }
        ownership.score(people.len())
    }

    #[test]
    fn people_told_apart_score_one() {
        let score = score(&[(1, "a"), (1, "a"), (2, "b")]);
        assert_eq!((score.found, score.precision, score.recall), (2, 1.0, 1.0));
        assert_eq!((score.pairwise_precision, score.pairwise_recall), (1.0, 1.0));
    }

    #[test]
    fn a_person_in_two_pieces_is_not_found() {
        let score = score(&[(1, "a"), (1, "b"), (2, "c"), (2, "c")]);
        assert_eq!((score.found, score.precision, score.recall), (1, 1.0, 0.5));
        assert_eq!((score.pairwise_precision, score.pairwise_recall), (1.0, 0.5));
    }

    #[test]
    fn two_people_in_one_customer_are_not_found() {
        let score = score(&[(1, "a"), (2, "a"), (3, "b")]);
        assert_eq!((score.found, score.precision), (1, 0.5));
        assert!(score.pairwise_precision < 0.01);
    }

    #[test]
    fn a_record_that_nobody_has_counts_against_recall() {
        let mut ownership = Ownership::default();
        ownership.take_record(1, &[]);
        assert_eq!(ownership.score(1).found, 0);
    }
}
