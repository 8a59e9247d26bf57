//! Who is who can be found out, by exact identifiers alone and within the limits.

use std::collections::{BTreeMap, BTreeSet};

use ciq_synth::{DAYS_MIN, Identifier, Kind, Record, Seed, WorldSettings};
use proptest::prelude::*;

use crate::small_world;

/// Customers that one event may join.
const MERGE_MAX: usize = 3;

/// Session ids that one customer keeps.
const SESSIONS_MAX: usize = 5;

/// What a resolver would hold: customers with their identifiers and whose records they got.
#[derive(Default)]
struct Resolver {
    customers: BTreeMap<usize, Customer>,
    holders: BTreeMap<Identifier, usize>,
    merges: usize,
    created: usize,
}

#[derive(Default)]
struct Customer {
    identifiers: BTreeSet<Identifier>,
    people: BTreeSet<u32>,
}

impl Customer {
    fn is_known(&self) -> bool {
        self.identifiers.iter().any(|identifier| identifier.kind.is_joining())
    }

    fn count(&self, kind: Kind) -> usize {
        self.identifiers.iter().filter(|identifier| identifier.kind == kind).count()
    }
}

impl Resolver {
    /// Joins by exact identifiers; devices, cookies and sessions join nobody who is known.
    fn take(&mut self, record: &Record) {
        let holders_of = |is_joining: bool| -> BTreeSet<usize> {
            let kinds = record.identifiers.iter().filter(|i| i.kind.is_joining() == is_joining);
            kinds.filter_map(|identifier| self.holders.get(identifier)).copied().collect()
        };
        let mut matched = holders_of(true);
        let is_known = record.identifiers.iter().any(|i| i.kind.is_joining());
        for weak in holders_of(false) {
            if !is_known || !self.customers[&weak].is_known() {
                matched.insert(weak);
            }
        }
        assert!(matched.len() <= MERGE_MAX, "{record:?} joins {matched:?}");
        let base = matched.pop_first().unwrap_or_else(|| {
            self.created += 1;
            self.created
        });
        self.merges += matched.len();
        for absorbed in matched {
            self.absorb(base, absorbed);
        }
        self.attach(base, record);
    }

    fn absorb(&mut self, base: usize, absorbed: usize) {
        let absorbed = self.customers.remove(&absorbed).unwrap();
        let customer = self.customers.get_mut(&base).unwrap();
        let sessions = customer.count(Kind::SessionId) + absorbed.count(Kind::SessionId);
        assert!(sessions <= SESSIONS_MAX, "a limit stands in the way of a merge");
        for identifier in absorbed.identifiers {
            self.holders.insert(identifier.clone(), base);
            customer.identifiers.insert(identifier);
        }
        customer.people.extend(absorbed.people);
    }

    fn attach(&mut self, base: usize, record: &Record) {
        let customer = self.customers.entry(base).or_default();
        customer.people.insert(record.person);
        for identifier in &record.identifiers {
            let is_full = identifier.kind == Kind::SessionId
                && customer.count(Kind::SessionId) >= SESSIONS_MAX;
            if !is_full && !self.holders.contains_key(identifier) {
                self.holders.insert(identifier.clone(), base);
                customer.identifiers.insert(identifier.clone());
            }
        }
    }
}

#[test]
fn a_resolver_finds_every_person_and_joins_no_two() {
    let world = small_world(1_000);
    let mut resolver = Resolver::default();
    for record in world.records() {
        resolver.take(record);
    }
    let found: BTreeSet<u32> =
        resolver.customers.values().flat_map(|customer| &customer.people).copied().collect();
    assert!(resolver.customers.values().all(|customer| customer.people.len() == 1));
    assert_eq!(found.len(), 1_000);
    assert_eq!(resolver.customers.len(), 1_000);
    assert!(resolver.merges >= 500, "{} merges", resolver.merges);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_world_of_any_length_can_be_resolved(seed: u64, days in DAYS_MIN..120) {
        let settings = WorldSettings::new(Seed::new(seed), 40, days).unwrap();
        let mut resolver = Resolver::default();
        for record in ciq_synth::records(&settings, 1) {
            prop_assert!(record.at < settings.end());
            resolver.take(&record);
        }
        prop_assert_eq!(resolver.customers.len(), 40);
        prop_assert!(resolver.customers.values().all(|customer| customer.people.len() == 1));
    }
}

#[test]
fn no_two_people_share_a_joining_identifier() {
    let mut owners: BTreeMap<Identifier, u32> = BTreeMap::new();
    for truth in small_world(1_000).truth() {
        for identifier in truth.identifiers.into_iter().filter(|i| i.kind.is_joining()) {
            let owner = owners.insert(identifier.clone(), truth.person.index);
            assert_eq!(owner, None, "{identifier:?}");
        }
    }
}

#[test]
fn some_people_share_a_device_and_nothing_else() {
    let mut owners: BTreeMap<Identifier, BTreeSet<u32>> = BTreeMap::new();
    for truth in small_world(2_000).truth() {
        for identifier in truth.identifiers {
            owners.entry(identifier).or_default().insert(truth.person.index);
        }
    }
    let shared: Vec<_> = owners.into_iter().filter(|(_, people)| people.len() > 1).collect();
    assert!((10..60).contains(&shared.len()), "{}", shared.len());
    assert!(shared.iter().all(|(identifier, _)| identifier.kind == Kind::DeviceId));
}

#[test]
fn a_device_comes_only_with_an_account() {
    for record in small_world(500).records() {
        let has = |kind| record.identifiers.iter().any(|identifier| identifier.kind == kind);
        assert!(!has(Kind::DeviceId) || has(Kind::CustomerId), "{record:?}");
    }
}

#[test]
fn no_record_has_a_session_and_nothing_else() {
    for record in small_world(500).records() {
        assert!(record.identifiers.iter().any(|identifier| identifier.kind != Kind::SessionId));
    }
}

#[test]
fn a_person_has_few_values_of_each_kind() {
    for truth in small_world(1_000).truth() {
        let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
        for identifier in truth.identifiers {
            *counts.entry(identifier.kind).or_default() += 1;
        }
        counts.remove(&Kind::SessionId);
        assert!(counts.get(&Kind::CustomerId).copied().unwrap_or(0) <= 1);
        assert!(counts.values().all(|count| *count <= 3), "{counts:?}");
    }
}
