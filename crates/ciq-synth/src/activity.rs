//! Accounts of a product with an API, and what they do from cycle to cycle.
//!
//! Reading order:
//!
//! 1. [`Account`] is one of them as it is now: made up here, or as a service tells of it.
//! 2. [`Activity`] holds them all. [`Activity::populate`] adds the four of every demonstration and
//!    as many more as are asked for; [`Activity::cycle`] draws what happens next.
//! 3. [`ActivityEvent`] is one thing that happened: a [`Change`] with before and after, the JSON in
//!    which a service takes it, and a line for people.
//! 4. [`rates`] says how likely everything is.
//!
//! A cycle is a function of the seed, its number and the accounts as they are: every draw has a
//! stream of its own, named by its purpose and the account.
//!
//! ```
//! use ciq_synth::{Seed, activity::Activity};
//!
//! let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse()?;
//! let mut activity = Activity::new(Seed::new(1));
//! assert_eq!(activity.populate(4, start).len(), 4);
//! let cycle = activity.cycle(start + jiff::SignedDuration::from_secs(30));
//! assert!(cycle.events.iter().all(|event| event.envelope().starts_with(b"{\"event_id\"")));
//! # Ok::<(), jiff::Error>(())
//! ```

mod account;
mod change;
mod company;
mod cycle;
mod demo;
mod dice;
mod event;
pub mod rates;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use self::account::Account;
pub use self::change::Change;
pub use self::event::ActivityEvent;

use self::company::Companies;
use self::dice::Dice;
use crate::Seed;

/// Most accounts: beyond them nobody new comes.
pub const ACCOUNTS_MAX: usize = 100_000;

/// Accounts, and where their story has come to.
#[derive(Debug, Clone)]
pub struct Activity {
    seed: Seed,
    /// The last cycle; 0 before the first.
    number: u64,
    accounts: BTreeMap<String, Account>,
    companies: Companies,
}

/// What one cycle did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// Which, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What happened, by account.
    pub events: Vec<ActivityEvent>,
}

impl Activity {
    /// Makes a story without accounts.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { seed, number: 0, accounts: BTreeMap::new(), companies: Companies::new(seed) }
    }

    /// Takes an account as it is told of elsewhere, instead of the one with its id.
    pub fn take_up(&mut self, account: Account) {
        self.accounts.insert(account.id.clone(), account);
    }

    /// Returns the accounts, by id.
    #[must_use]
    pub fn accounts(&self) -> impl ExactSizeIterator<Item = &Account> {
        self.accounts.values()
    }

    /// Returns an account.
    #[must_use]
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// Adds the accounts of every demonstration that are missing, at most `count` of them, then
    /// made-up ones until there are `count` in all; never more than [`ACCOUNTS_MAX`].
    pub fn populate(&mut self, count: usize, at: Timestamp) -> Vec<ActivityEvent> {
        let count = count.min(ACCOUNTS_MAX);
        let mut changes = Vec::new();
        for account in demo::accounts(at).into_iter().take(count) {
            if !self.accounts.contains_key(&account.id) {
                changes.push(self.create(account));
            }
        }
        while self.accounts.len() < count {
            let company = self.companies.next(|id| self.accounts.contains_key(id));
            changes.push(self.create(demo::established(self.seed, &company, at)));
        }
        self.told(changes, at)
    }

    /// Draws the next cycle. `at` should be after the cycle before: what a service knows of an
    /// account follows the latest word.
    pub fn cycle(&mut self, at: Timestamp) -> Cycle {
        self.number += 1;
        let dice = Dice::new(self.seed, self.number);
        let mut changes = Vec::new();
        for account in self.accounts.values_mut() {
            for change in cycle::changes(dice, account, at) {
                account.apply(&change, at);
                changes.push((account.id.clone(), account.company.clone(), change));
            }
        }
        if self.accounts.len() < ACCOUNTS_MAX && cycle::is_somebody_new(dice) {
            let company = self.companies.next(|id| self.accounts.contains_key(id));
            changes.push(self.create(Account::new(&company, at)));
        }
        Cycle { number: self.number, at, events: self.told(changes, at) }
    }

    fn create(&mut self, account: Account) -> (String, String, Change) {
        let change = Change::Created(Box::new(account.clone()));
        let names = (account.id.clone(), account.company.clone());
        self.take_up(account);
        (names.0, names.1, change)
    }

    /// Makes events of changes. An id names the time, the seed, the cycle and the place in it, so
    /// that telling twice is telling once, and another run is another story.
    fn told(&self, changes: Vec<(String, String, Change)>, at: Timestamp) -> Vec<ActivityEvent> {
        let begin = format!("sim-{}-{}-{}", at.as_millisecond(), self.seed.value(), self.number);
        let numbered = changes.into_iter().enumerate();
        let event = |(place, (customer_id, company, change))| ActivityEvent {
            id: format!("{begin}-{place}"),
            at,
            customer_id,
            company,
            change,
        };
        numbered.map(event).collect()
    }
}
