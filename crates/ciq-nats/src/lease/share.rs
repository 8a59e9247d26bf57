//! Who takes and gives which partition: worked out from what all see, without asking anybody.

use std::collections::{BTreeMap, BTreeSet};

use crate::Partitions;

/// Who holds what, as the server has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaseView {
    /// The partitions that somebody holds.
    pub leases: BTreeMap<u32, Lease>,
    /// The workers that are there.
    pub workers: BTreeSet<String>,
}

/// A partition that somebody holds for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The worker.
    pub holder: String,
    /// Names this state of the lease: whoever changes it must know it.
    pub revision: u64,
}

/// What a worker should do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moves {
    /// The partitions to take, each with the revision that is to be replaced; 0 for none.
    pub take: Vec<(u32, u64)>,
    /// The partitions to give up.
    pub give: Vec<u32>,
}

impl LeaseView {
    /// Returns what a worker that has `held` should do to come to its share.
    ///
    /// Shares differ by one at most: the first workers by name have one more where it does not
    /// come out even. What is free is cut up in the same order, so that nobody reaches for what
    /// another one will take.
    #[must_use]
    pub fn moves(&self, me: &str, held: &BTreeSet<u32>, partitions: Partitions) -> Moves {
        let mut workers: BTreeSet<&str> = self.workers.iter().map(String::as_str).collect();
        workers.insert(me);
        let share_of = |rank: usize| share(partitions, workers.len(), rank);
        let mut before = 0;
        let earlier = workers.range(..me).enumerate();
        for (rank, worker) in earlier.clone() {
            before += share_of(rank).saturating_sub(self.count_of(worker));
        }
        let share = share_of(earlier.count());
        if held.len() > share {
            return Moves { take: Vec::new(), give: held.iter().skip(share).copied().collect() };
        }
        // What is mine at the server and not with me: I lost count of it.
        let mine =
            self.leases.iter().filter(|(at, lease)| lease.holder == me && !held.contains(at));
        let mine = mine.map(|(partition, lease)| (*partition, lease.revision));
        let all = 0..partitions.count();
        let is_free = |at: &u32| !self.leases.contains_key(at) && !held.contains(at);
        let free = all.filter(is_free).skip(before).map(|partition| (partition, 0));
        Moves { take: mine.chain(free).take(share - held.len()).collect(), give: Vec::new() }
    }

    fn count_of(&self, worker: &str) -> usize {
        self.leases.values().filter(|lease| lease.holder == worker).count()
    }
}

/// Returns how many partitions are the share of the worker with a rank.
fn share(partitions: Partitions, worker_count: usize, rank: usize) -> usize {
    let count = usize::try_from(partitions.count()).unwrap_or(usize::MAX);
    count / worker_count + usize::from(rank < count % worker_count)
}

#[cfg(test)]
mod tests;
