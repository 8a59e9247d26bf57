//! Whose an intervention is when it opens.

use std::collections::BTreeMap;

use crate::{Assignment, Rule};

/// Who has how much to do, and whose turn it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Team {
    opening_counts: BTreeMap<String, u64>,
    open_counts: BTreeMap<String, u64>,
}

impl Team {
    /// Makes a team of what was so far: how many interventions each kind opened, ever, and how many
    /// that are not over each person has.
    #[must_use]
    pub fn new(opening_counts: BTreeMap<String, u64>, open_counts: BTreeMap<String, u64>) -> Self {
        Self { opening_counts, open_counts }
    }

    /// Says whose the next intervention of a rule is, and counts it. Asked once for each opening.
    pub fn pick(&mut self, rule: &Rule) -> Option<String> {
        let turn = self.opening_counts.entry(rule.kind.clone()).or_default();
        let name = match &rule.assignment {
            Assignment::Nobody => None,
            Assignment::To(name) => Some(name),
            Assignment::RoundRobin(names) => in_turn(names, *turn),
            Assignment::LeastLoaded(names) => {
                let load = |name: &&String| self.open_counts.get(*name).copied().unwrap_or(0);
                // Of equals the first: min_by_key keeps it.
                names.iter().min_by_key(load)
            }
        };
        *turn = turn.saturating_add(1);
        if let Some(name) = name {
            let load = self.open_counts.entry(name.clone()).or_default();
            *load = load.saturating_add(1);
        }
        name.cloned()
    }

    /// Returns how many interventions a kind has opened, those included that were picked for here.
    #[must_use]
    pub fn opening_count(&self, kind: &str) -> u64 {
        self.opening_counts.get(kind).copied().unwrap_or(0)
    }
}

fn in_turn(names: &[String], turn: u64) -> Option<&String> {
    let count = u64::try_from(names.len()).ok()?;
    let index = usize::try_from(turn.checked_rem(count)?).ok()?;
    names.get(index)
}
