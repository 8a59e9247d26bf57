//! Laws that hold for every stream of events.

use std::collections::{BTreeMap, BTreeSet};

use ciq_event::{ContactPoint, IdentifierKind, MergeId};
use ciq_identity::{
    AutoCreate, AutoMerge, Candidate, CustomerKey, Directory, Identifier, Limits, Link,
    NormaliseRules, Outcome, Policy, Verdict, components, decide, normalise, path_between, split,
};
use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::normalise::{KINDS, one};
use crate::registry::{Registry, identifiers};

/// What happens to a registry.
#[derive(Debug, Clone)]
enum Step {
    Event(Vec<Identifier>),
    Pin(usize, usize),
}

fn universe() -> Vec<Identifier> {
    identifiers(
        "customer_id=1 customer_id=2 customer_id=3 email=1 email=2 email=3 email=4 phone=1 \
         phone=2 phone=3 whatsapp=1 whatsapp=2 loyalty_id=1 loyalty_id=2 external:a=1 \
         external:a=2 external:b=1 upi=1 upi=2 device_id=1 device_id=2 cookie_id=1 cookie_id=2 \
         cookie_id=3 session_id=1 session_id=2 card_last4=1 card_last4=2 card_last4=3",
    )
}

fn event() -> impl Strategy<Value = Vec<Identifier>> {
    subsequence(universe(), 0..=4)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        9 => event().prop_map(Step::Event),
        1 => (0..40_usize, 0..40_usize).prop_map(|(a, b)| Step::Pin(a, b)),
    ];
    proptest::collection::vec(step, 1..40)
}

fn policy() -> impl Strategy<Value = Policy> {
    let auto_merge =
        prop_oneof![1 => Just(AutoMerge::Off), 5 => (1..5_usize).prop_map(AutoMerge::UpTo)];
    let auto_create = prop_oneof![1 => Just(AutoCreate::Off), 9 => Just(AutoCreate::On)];
    (1..3_usize, 1..5_usize, auto_merge, auto_create).prop_map(
        |(customer_id, other, auto_merge, auto_create)| Policy {
            limits: Limits { customer_id, other },
            auto_merge,
            auto_create,
        },
    )
}

/// Merges freely: no customer ids in the way, no limit, no device.
fn free() -> Policy {
    Policy {
        limits: Limits { customer_id: 100, other: 100 },
        auto_merge: AutoMerge::UpTo(100),
        auto_create: AutoCreate::On,
    }
}

/// Takes a step and hands the registry before it, the event and the verdict to `check`.
fn walk(
    steps: &[Step],
    policy: &Policy,
    mut check: impl FnMut(&Registry, &[Identifier], &Verdict, &Registry),
) -> Registry {
    let mut registry = Registry::default();
    for step in steps {
        match step {
            Step::Pin(a, b) => pin(&mut registry, *a, *b),
            Step::Event(event) => {
                let before = registry.clone();
                let verdict = registry.receive(event, policy);
                check(&before, event, &verdict, &registry);
            }
        }
    }
    registry
}

/// Pins two customers apart, as a person does who sees two.
fn pin(registry: &mut Registry, a: usize, b: usize) {
    let roots: Vec<CustomerKey> = registry.customers().map(|customer| customer.key).collect();
    if let (Some(a), Some(b)) = (roots.get(a), roots.get(b))
        && a != b
    {
        registry.pin(*a, *b);
    }
}

fn merged(verdict: &Verdict) -> Vec<CustomerKey> {
    match &verdict.outcome {
        Outcome::Merge { base, absorbed } => absorbed.iter().copied().chain([*base]).collect(),
        Outcome::Create | Outcome::Refuse | Outcome::Attach(_) => Vec::new(),
    }
}

fn count_by_kind(customer: &Candidate) -> BTreeMap<&IdentifierKind, usize> {
    let mut counts = BTreeMap::new();
    for identifier in customer.identifiers.keys() {
        *counts.entry(identifier.kind()).or_default() += 1;
    }
    counts
}

fn values<'a>(
    registry: &'a Registry,
    key: CustomerKey,
    kind: &IdentifierKind,
) -> BTreeSet<&'a str> {
    let customer = registry.candidate(key).expect("a customer");
    let of_kind = customer.identifiers.keys().filter(|one| one.kind() == kind);
    of_kind.map(Identifier::value).collect()
}

proptest! {
    /// I-1: nothing is lost by a merge, and a merged key resolves for ever.
    #[test]
    fn every_identifier_survives_and_every_key_resolves(steps in steps(), policy in policy()) {
        walk(&steps, &policy, |before, _, _, after| {
            for customer in before.customers() {
                let now = after.candidate(after.root(customer.key)).expect("resolves");
                assert!(customer.identifiers.keys().all(|one| now.identifiers.contains_key(one)));
            }
            for origin in after.origins() {
                assert!(after.candidate(after.root(origin)).is_some());
            }
        });
    }

    /// I-2: an undo right after a merge gives back who there was before.
    #[test]
    fn undoing_the_last_merge_gives_back_who_there_was(steps in steps(), policy in policy()) {
        walk(&steps, &policy, |before, _, verdict, after| {
            if merged(verdict).is_empty() {
                return;
            }
            let last = after.links.last().expect("a link").merge;
            let parts = split(&after.origins(), &after.links, last);
            assert_eq!(parts.into_iter().collect::<BTreeSet<_>>(), before.partition());
        });
    }

    /// I-2: links are a forest, so that each merge undone gives one part more for each link.
    #[test]
    fn links_make_the_customers_and_each_merge_is_undone_by_itself(steps in steps()) {
        let registry = walk(&steps, &free(), |_, _, _, _| {});
        let whole = components(&registry.origins(), &registry.links);
        prop_assert_eq!(&whole.iter().cloned().collect::<BTreeSet<_>>(), &registry.partition());
        let merges: BTreeSet<MergeId> = registry.links.iter().map(|link| link.merge).collect();
        for merge in merges {
            let cut_count = registry.links.iter().filter(|link| link.merge == merge).count();
            let parts = split(&registry.origins(), &registry.links, merge);
            prop_assert_eq!(parts.len(), whole.len() + cut_count);
        }
    }

    /// I-2: in whatever order all merges are undone, every origin is by itself in the end.
    #[test]
    fn undoing_all_merges_in_any_order_leaves_every_origin_by_itself(
        (registry, order) in steps().prop_flat_map(|steps| {
            let registry = walk(&steps, &free(), |_, _, _, _| {});
            let merges: BTreeSet<_> = registry.links.iter().map(|link| link.merge).collect();
            let order = Just(merges.into_iter().collect::<Vec<_>>()).prop_shuffle();
            (Just(registry), order)
        })
    ) {
        let origins = registry.origins();
        let mut links: Vec<Link> = registry.links.clone();
        let mut part_count = components(&origins, &links).len();
        for merge in order {
            let parts = split(&origins, &links, merge);
            prop_assert!(parts.len() > part_count);
            part_count = parts.len();
            links.retain(|link| link.merge != merge);
            prop_assert_eq!(parts, components(&origins, &links));
        }
        prop_assert_eq!(part_count, origins.len());
    }

    /// I-3: order does not matter where nobody is asked and nothing is left out.
    #[test]
    fn order_does_not_matter(
        (stream, order) in proptest::collection::vec(clean_event(), 1..25).prop_flat_map(|stream| {
            let order = (0..stream.len()).collect::<Vec<_>>();
            (Just(stream), Just(order).prop_shuffle())
        })
    ) {
        let in_order: Vec<usize> = (0..stream.len()).collect();
        if let (Some(one), Some(other)) =
            (clean_partition(&stream, &in_order), clean_partition(&stream, &order))
        {
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn different_customer_ids_and_pins_stay_apart(steps in steps(), policy in policy()) {
        walk(&steps, &policy, |before, _, verdict, _| {
            let merged = merged(verdict);
            for (index, a) in merged.iter().enumerate() {
                for b in &merged[index + 1..] {
                    assert!(!before.is_pinned_apart(*a, *b));
                    let of_a = values(before, *a, &IdentifierKind::CustomerId);
                    let of_b = values(before, *b, &IdentifierKind::CustomerId);
                    assert!(of_a.is_empty() || of_b.is_empty() || !of_a.is_disjoint(&of_b));
                }
            }
        });
    }

    #[test]
    fn no_customer_comes_to_hold_more_than_the_limit(steps in steps(), policy in policy()) {
        walk(&steps, &policy, |_, _, _, after| {
            for customer in after.customers() {
                for (kind, count) in count_by_kind(customer) {
                    assert!(count <= policy.limits.of(kind), "{count} of {kind}");
                }
            }
        });
    }

    #[test]
    fn kept_and_left_out_are_the_event(steps in steps(), policy in policy()) {
        walk(&steps, &policy, |_, event, verdict, _| {
            let left_out = verdict.left_out.iter().map(|one| &one.identifier);
            let mut all: Vec<_> = verdict.kept.iter().chain(left_out).collect();
            assert!(verdict.kept.is_sorted());
            all.sort();
            assert_eq!(all, event.iter().collect::<Vec<_>>());
        });
    }

    #[test]
    fn no_device_joins_two_known_customers(steps in steps(), policy in policy()) {
        walk(&steps, &policy, |before, event, verdict, _| {
            let is_known =
                |key: &&CustomerKey| before.candidate(**key).is_some_and(Candidate::is_known);
            let joins = |kind: &IdentifierKind| {
                !kind.is_of_a_device() && *kind != IdentifierKind::CardLast4
            };
            let strong = event.iter().filter(|one| joins(one.kind()));
            let by_strong: BTreeSet<_> = strong.flat_map(|one| before.holders(one)).collect();
            let is_of_a_known = event.iter().any(|one| one.kind().is_of_a_known_customer())
                || by_strong.iter().any(|key| is_known(&key));
            let merged = merged(verdict);
            let by_device = merged.iter().filter(|key| !by_strong.contains(key)).filter(is_known);
            assert!(by_device.count() <= usize::from(!is_of_a_known));
        });
    }

    /// Also over customers that were imported without looking for matches.
    #[test]
    fn imported_customers_keep_the_laws(
        held in proptest::collection::vec(subsequence(universe(), 1..=5), 1..8),
        event in event(),
        policy in policy(),
    ) {
        let mut registry = Registry::default();
        for held in &held {
            let held: Vec<_> = held.iter().map(ToString::to_string).collect();
            registry.import(&held.join(" "), 0);
        }
        let verdict = decide(&event, &registry, &policy);
        prop_assert_eq!(verdict.kept.len() + verdict.left_out.len(), event.len());
        let matched = merged(&verdict);
        let ids: BTreeSet<_> = matched
            .iter()
            .flat_map(|key| values(&registry, *key, &IdentifierKind::CustomerId))
            .collect();
        let richest = matched
            .iter()
            .map(|key| values(&registry, *key, &IdentifierKind::CustomerId).len());
        prop_assert!(ids.len() <= richest.max().unwrap_or(0).max(1));
        if let Outcome::Attach(key) = verdict.outcome {
            for one in verdict.kept.iter().filter(|one| *one.kind() != IdentifierKind::CardLast4) {
                prop_assert!(registry.holders(one).iter().all(|holder| *holder == key));
            }
        }
    }

    #[test]
    fn no_text_panics(kind in 0..KINDS.len(), text in ".*", region in region()) {
        let _outcome = one(KINDS[kind], &text, &region);
    }

    #[test]
    fn no_number_panics(text in "[+]?[-0-9 ().x٣５+]{0,30}", region in region()) {
        let _outcome = one("phone", &text, &region);
    }

    /// A number needs its `+` again: without one it would be read in the region.
    #[test]
    fn a_normal_form_is_its_own_normal_form(
        kind in 0..KINDS.len(),
        text in prop_oneof![".*", "[+]?[0-9 ]{4,20}", "[a-zA-ZİΣß]{1,8}@[a-z.]{1,8}"],
        region in region(),
    ) {
        let kind = KINDS[kind];
        if let Ok(value) = one(kind, &text, &region) {
            let again = if kind == "phone" { format!("+{value}") } else { value.clone() };
            prop_assert_eq!(one(kind, &again, &region), Ok(value));
        }
    }

    #[test]
    fn phone_and_whatsapp_of_one_number_agree(text in "[+]?[0-9]{7,15}", region in region()) {
        let phone = one("phone", &text, &region).map(|digits| format!("+{digits}"));
        prop_assert_eq!(phone, one("whatsapp", &text, &region));
    }

    #[test]
    fn normalised_identifiers_are_sorted_and_each_once(
        contacts in proptest::collection::vec((0..KINDS.len(), "[a-cA-C@ ]{0,4}"), 0..12)
    ) {
        let contacts: Vec<_> = contacts
            .into_iter()
            .map(|(kind, value)| ContactPoint::new(KINDS[kind].parse().expect("a kind"), value))
            .collect();
        let normalised = normalise(&contacts, &NormaliseRules::new("US").expect("a region"));
        prop_assert!(normalised.identifiers.is_sorted_by(|a, b| a < b));
        prop_assert!(normalised.identifiers.len() + normalised.dropped.len() <= contacts.len());
    }

    #[test]
    fn a_path_leads_from_one_to_the_other(steps in steps()) {
        let registry = walk(&steps, &free(), |_, _, _, _| {});
        for a in registry.origins() {
            for b in registry.origins() {
                let path = path_between(&registry.links, a, b);
                prop_assert_eq!(path.is_some(), registry.root(a) == registry.root(b));
                let end = path.iter().flatten().try_fold(a, |at, link| match *link {
                    Link { a, b, .. } if a == at => Some(b),
                    Link { a, b, .. } if b == at => Some(a),
                    Link { .. } => None,
                });
                prop_assert!(path.is_none() || end == Some(b));
            }
        }
    }
}

fn region() -> impl Strategy<Value = NormaliseRules> {
    prop_oneof![Just("US"), Just("GB"), Just("BR"), Just("MX"), Just("IN"), Just("DE")]
        .prop_map(|region| NormaliseRules::new(region).expect("a region"))
}

/// An event with a chance to leave nothing out: mostly of one strong identifier or two.
fn clean_event() -> impl Strategy<Value = Vec<Identifier>> {
    let strong = identifiers(
        "email=1 email=2 email=3 email=4 email=5 email=6 phone=1 phone=2 phone=3 phone=4 \
         loyalty_id=1 loyalty_id=2 external:a=1 external:a=2 upi=1 upi=2 upi=3",
    );
    let weak = identifiers(
        "email=1 phone=1 upi=1 upi=2 device_id=1 device_id=2 device_id=3 cookie_id=1 cookie_id=2 cookie_id=3 \
         session_id=1 session_id=2 session_id=3 card_last4=1",
    );
    prop_oneof![4 => subsequence(strong, 1..=2), 1 => subsequence(weak, 1..=2)]
}

/// Returns which events belong together, unless somebody was asked or something left out.
fn clean_partition(
    stream: &[Vec<Identifier>],
    order: &[usize],
) -> Option<BTreeSet<BTreeSet<usize>>> {
    let mut registry = Registry::default();
    for index in order {
        let verdict = registry.receive(&stream[*index], &free());
        if verdict.review.is_some() || !verdict.left_out.is_empty() {
            return None;
        }
    }
    Some(registry.partition_of_events(order))
}
