//! Names of made-up companies, each once.

use crate::Seed;
use crate::words::LAST_NAMES;

/// What a company does.
const TRADES: [&str; 24] = [
    "Apps", "Books", "Capital", "Cargo", "Clinics", "Devices", "Energy", "Foods", "Freight",
    "Games", "Health", "Hosting", "Imaging", "Insights", "Labs", "Media", "Mobility", "Networks",
    "Payments", "Robotics", "Software", "Studios", "Systems", "Travel",
];

/// How many names there are before they are numbered.
const NAMES: u64 = (LAST_NAMES.len() * TRADES.len()) as u64;

/// How far one name is from the next in the table of all: prime to its length, so that each comes
/// once before any comes again, and far enough that neighbours share no word.
const STRIDE: u64 = 1_153;

/// The names of companies in the order of a seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Companies {
    offset: u64,
    taken_count: u64,
}

impl Companies {
    pub(super) fn new(seed: Seed) -> Self {
        Self { offset: seed.mark("activity/company", 0) % NAMES, taken_count: 0 }
    }

    /// Returns the next name whose id is not taken.
    pub(super) fn next(&mut self, is_taken: impl Fn(&str) -> bool) -> String {
        loop {
            let name = self.name(self.taken_count);
            self.taken_count += 1;
            if !is_taken(&slug(&name)) {
                return name;
            }
        }
    }

    fn name(self, index: u64) -> String {
        let (round, step) = (index / NAMES, index % NAMES);
        let place = usize::try_from((self.offset + step * STRIDE) % NAMES).unwrap_or(0);
        let (last, trade) = (LAST_NAMES[place / TRADES.len()], TRADES[place % TRADES.len()]);
        match round {
            0 => format!("{last} {trade}"),
            round => format!("{last} {trade} {}", round + 1),
        }
    }
}

/// Makes an id of a name: small letters, digits, and hyphens between words.
pub(super) fn slug(name: &str) -> String {
    let words = name.split(|sign: char| !sign.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_id_is_readable() {
        assert_eq!(slug("Startup Inc"), "startup-inc");
        assert_eq!(slug("Maple & Rye Bakery"), "maple-rye-bakery");
    }

    #[test]
    fn every_name_comes_once() {
        let mut companies = Companies::new(Seed::new(1));
        let names: BTreeSet<String> = (0..3 * NAMES).map(|_| companies.next(|_| false)).collect();
        assert_eq!(names.len() as u64, 3 * NAMES);
        let slugs: BTreeSet<String> = names.iter().map(|name| slug(name)).collect();
        assert_eq!(slugs.len(), names.len());
    }

    #[test]
    fn a_name_that_is_taken_is_passed_over() {
        let first = Companies::new(Seed::new(1)).next(|_| false);
        let next = Companies::new(Seed::new(1)).next(|id| id == slug(&first));
        assert_ne!(first, next);
    }
}
