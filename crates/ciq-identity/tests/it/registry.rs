//! A registry of customers in memory, which carries out what `decide` decides.

use std::collections::{BTreeMap, BTreeSet};

use ciq_event::{CustomerId, MergeId};
use ciq_identity::{
    Candidate, CustomerKey, Directory, Holding, Identifier, Link, Outcome, Policy, Strength,
    Verdict, base_of, decide,
};
use jiff::Timestamp;

/// Reads identifiers such as `email=jane@example.com cookie_id=c1` and sorts them by priority.
pub(crate) fn identifiers(text: &str) -> Vec<Identifier> {
    let mut all: Vec<_> = text
        .split_whitespace()
        .map(|word| {
            let (kind, value) = word.split_once('=').expect("kind=value");
            Identifier::from_raw(kind.parse().expect("a kind"), value)
        })
        .collect();
    all.sort();
    all
}

/// The customers of one brand.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registry {
    /// What each origin holds, since when.
    origins: BTreeMap<CustomerKey, BTreeMap<Identifier, Timestamp>>,
    /// Who was taken in, and by whom.
    merged_into: BTreeMap<CustomerKey, CustomerKey>,
    candidates: BTreeMap<CustomerKey, Candidate>,
    pub(crate) links: Vec<Link>,
    pins: BTreeSet<(CustomerKey, CustomerKey)>,
    /// The origin of each event, `None` for one that was refused.
    pub(crate) events: Vec<Option<CustomerKey>>,
}

impl Registry {
    /// Adds a customer as an import does: without looking for matches.
    pub(crate) fn import(&mut self, held: &str, repeat_order_count: u64) -> CustomerKey {
        let held = identifiers(held);
        let strength = Strength::of(held.iter().map(Identifier::kind), repeat_order_count);
        let key = self.create(&held);
        self.candidates.get_mut(&key).expect("just made").strength = strength;
        key
    }

    pub(crate) fn pin(&mut self, a: CustomerKey, b: CustomerKey) {
        self.pins.insert((a, b));
    }

    /// Decides about an event and does so.
    pub(crate) fn receive(&mut self, event: &[Identifier], policy: &Policy) -> Verdict {
        let verdict = decide(event, self, policy);
        let origin = match &verdict.outcome {
            Outcome::Create => Some(self.create(&verdict.kept)),
            Outcome::Refuse => None,
            Outcome::Attach(key) => Some(self.attach(*key, &verdict.kept)),
            Outcome::Merge { base, absorbed } => {
                let home = self.home_in(*base, event);
                self.merge(home, absorbed, event);
                Some(self.attach(*base, &verdict.kept))
            }
        };
        self.events.push(origin);
        verdict
    }

    /// Returns who a key stands for today.
    pub(crate) fn root(&self, key: CustomerKey) -> CustomerKey {
        self.merged_into.get(&key).map_or(key, |next| self.root(*next))
    }

    pub(crate) fn origins(&self) -> BTreeSet<CustomerKey> {
        self.origins.keys().copied().collect()
    }

    pub(crate) fn customers(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.values()
    }

    /// Returns the origins of each customer.
    pub(crate) fn partition(&self) -> BTreeSet<BTreeSet<CustomerKey>> {
        self.candidates.keys().map(|root| self.origins_of(*root)).collect()
    }

    /// Returns which events belong together, by the number that `name` gives each.
    pub(crate) fn partition_of_events(&self, name: &[usize]) -> BTreeSet<BTreeSet<usize>> {
        let mut parts: BTreeMap<CustomerKey, BTreeSet<usize>> = BTreeMap::new();
        for (origin, name) in self.events.iter().zip(name) {
            let root = self.root(origin.expect("no event was refused"));
            parts.entry(root).or_default().insert(*name);
        }
        parts.into_values().collect()
    }

    fn create(&mut self, held: &[Identifier]) -> CustomerKey {
        let key = CustomerKey(i64::try_from(self.origins.len()).expect("few") + 1);
        let held = held.iter().map(|one| (one.clone(), self.now())).collect();
        self.origins.insert(key, held);
        self.refresh(key);
        key
    }

    /// Gives identifiers to the origin that holds the first of them, and returns it.
    fn attach(&mut self, root: CustomerKey, kept: &[Identifier]) -> CustomerKey {
        let home = self.home_in(root, kept);
        let now = self.now();
        for identifier in kept {
            if !self.candidates[&root].identifiers.contains_key(identifier) {
                let held = self.origins.get_mut(&home).expect("an origin");
                held.insert(identifier.clone(), now);
            }
        }
        self.refresh(root);
        home
    }

    fn merge(&mut self, home: CustomerKey, absorbed: &[CustomerKey], event: &[Identifier]) {
        let merge = MergeId::from_raw((self.links.len() as u128 + 1).to_be_bytes());
        let base = self.root(home);
        for key in absorbed {
            self.links.push(Link { merge, a: home, b: self.home_in(*key, event) });
        }
        for key in absorbed {
            self.candidates.remove(key).expect("a root");
            self.merged_into.insert(*key, base);
        }
        self.refresh(base);
    }

    fn home_in(&self, root: CustomerKey, identifiers: &[Identifier]) -> CustomerKey {
        let held = &self.candidates[&root].identifiers;
        identifiers.iter().find_map(|one| held.get(one)).map_or(root, |holding| holding.origin)
    }

    fn origins_of(&self, root: CustomerKey) -> BTreeSet<CustomerKey> {
        self.origins.keys().copied().filter(|key| self.root(*key) == root).collect()
    }

    fn refresh(&mut self, root: CustomerKey) {
        let origins = self.origins_of(root);
        let mut identifiers = BTreeMap::new();
        for origin in &origins {
            for (identifier, first_seen_at) in &self.origins[origin] {
                let holding = Holding { origin: *origin, first_seen_at: *first_seen_at };
                identifiers.entry(identifier.clone()).or_insert(holding);
            }
        }
        let candidate = Candidate {
            key: root,
            id: CustomerId::from_raw(format!("prf_{:04}", root.0)),
            first_seen_at: Timestamp::from_second(root.0).expect("in range"),
            strength: Strength::of(identifiers.keys().map(Identifier::kind), 0),
            identifiers,
        };
        self.candidates.insert(root, candidate);
    }

    fn now(&self) -> Timestamp {
        let seconds = i64::try_from(self.events.len()).expect("few");
        Timestamp::from_second(seconds).expect("in range")
    }
}

impl Directory for Registry {
    fn holders(&self, identifier: &Identifier) -> Vec<CustomerKey> {
        self.candidates
            .values()
            .filter(|candidate| candidate.identifiers.contains_key(identifier))
            .map(|candidate| candidate.key)
            .collect()
    }

    fn candidate(&self, key: CustomerKey) -> Option<&Candidate> {
        self.candidates.get(&key)
    }

    fn is_pinned_apart(&self, a: CustomerKey, b: CustomerKey) -> bool {
        self.pins.iter().any(|(one, other)| {
            let roots = (self.root(*one), self.root(*other));
            roots == (a, b) || roots == (b, a)
        })
    }
}

#[test]
fn the_strongest_survives_then_the_oldest_then_the_smallest_id() {
    let mut registry = Registry::default();
    let weak = registry.import("email=a@x.io", 0);
    let strong = registry.import("email=b@x.io phone=12025550143", 0);
    let as_strong = registry.import("email=c@x.io phone=12025550144", 0);
    let base = |keys: &[CustomerKey]| base_of(keys.iter().map(|key| &registry.candidates[key]));
    assert_eq!(base(&[weak, as_strong, strong]), Some(strong));
    assert_eq!(base(&[as_strong, weak]), Some(as_strong));
    assert_eq!(base(&[]), None);

    let one = Candidate { id: CustomerId::from_raw("b"), ..registry.candidates[&weak].clone() };
    let other = Candidate { id: CustomerId::from_raw("a"), key: CustomerKey(9), ..one.clone() };
    assert_eq!(base_of([&one, &other]), Some(CustomerKey(9)));
}
