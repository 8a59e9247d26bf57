//! Matching: which customers an event's identifiers lead to.

use std::collections::BTreeMap;

use ciq_event::IdentifierKind;

use super::{Candidate, CustomerKey, Decision, Directory, Identifier, LeftOut, LeftOutReason};

/// The customers that match, in order of key.
pub(super) type Matched<'a> = BTreeMap<CustomerKey, &'a Candidate>;

impl<'a> Decision<'a> {
    /// Returns the customers that the usable identifiers lead to. Those of a device that lead
    /// from one known customer to another are left out: people share devices.
    pub(super) fn match_customers(&mut self) -> Matched<'a> {
        let mut matched = Matched::new();
        for identifier in self.usable.iter().filter(|one| leads_to_anybody(one.kind())) {
            matched.extend(candidates(self.directory, identifier));
        }
        let is_of_a_known = self.usable.iter().any(|one| one.kind().is_of_a_known_customer());
        self.usable.retain(|identifier| {
            if !identifier.kind().is_of_a_device() {
                return true;
            }
            let met = newly_met(self.directory, identifier, &matched);
            let known_count = met.values().filter(|candidate| candidate.is_known()).count();
            let is_taken = is_of_a_known || matched.values().any(|candidate| candidate.is_known());
            if known_count > 1 || (known_count == 1 && is_taken) {
                self.left_out.push(LeftOut {
                    identifier: (*identifier).clone(),
                    reason: LeftOutReason::SharedDevice,
                });
                return false;
            }
            matched.extend(met);
            true
        });
        matched
    }
}

/// Tells whether a kind leads to whoever holds a value of it.
fn leads_to_anybody(kind: &IdentifierKind) -> bool {
    !kind.is_of_a_device() && *kind != IdentifierKind::CardLast4
}

fn newly_met<'a>(
    directory: &'a dyn Directory,
    identifier: &Identifier,
    matched: &Matched<'a>,
) -> Matched<'a> {
    candidates(directory, identifier).filter(|(key, _)| !matched.contains_key(key)).collect()
}

fn candidates<'a>(
    directory: &'a dyn Directory,
    identifier: &Identifier,
) -> impl Iterator<Item = (CustomerKey, &'a Candidate)> {
    directory.holders(identifier).into_iter().filter_map(|key| {
        let candidate = directory.candidate(key);
        debug_assert!(candidate.is_some(), "every holder is a customer");
        Some((key, candidate?))
    })
}
