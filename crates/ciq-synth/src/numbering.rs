//! Values that belong to one person only: each is a bijection of the person's index.

use crate::areas::AREA_CODES;
use crate::{PEOPLE_MAX, Seed};

/// Telephone numbers that each person has room for.
const PHONES_PER_PERSON: u64 = 2;

/// Numbers 555-0100 to 555-0199 over all area codes: reserved for fiction, handed out first.
const RESERVED_COUNT: u64 = 100 * AREA_CODES.len() as u64;

/// The other numbers on the 555 exchange.
const SPARE_COUNT: u64 = 9_900 * AREA_CODES.len() as u64;

/// Loyalty numbers have seven digits.
const LOYALTY_COUNT: u64 = 9_000_000;

const _: () = assert!(PEOPLE_MAX as u64 * PHONES_PER_PERSON <= RESERVED_COUNT + SPARE_COUNT);
const _: () = assert!(PEOPLE_MAX as u64 <= LOYALTY_COUNT);

/// Returns a telephone number as international digits, such as `12015550123`.
pub(crate) fn phone(seed: Seed, person: u32, place: u64) -> String {
    let slot = u64::from(person) * PHONES_PER_PERSON + place.min(PHONES_PER_PERSON - 1);
    let (cell, offset) = if slot < RESERVED_COUNT {
        (scatter(seed, slot, RESERVED_COUNT), 100)
    } else {
        (scatter(seed, slot - RESERVED_COUNT, SPARE_COUNT), 0)
    };
    let area_count = AREA_CODES.len() as u64;
    let area = AREA_CODES[usize::try_from(cell % area_count).unwrap_or(0)];
    let rest = cell / area_count;
    // The spare numbers step over the hundred reserved ones.
    let line = if offset == 0 && rest >= 100 { rest + 100 } else { rest + offset };
    format!("1{area}555{line:04}")
}

/// Returns the number of a loyalty card.
pub(crate) fn loyalty_id(seed: Seed, person: u32) -> String {
    format!("LOY-{}", 1_000_000 + scatter(seed, u64::from(person), LOYALTY_COUNT))
}

/// Returns the company's own id of a person.
pub(crate) fn customer_id(person: u32) -> String {
    format!("cust_{:06}", u64::from(person) + 1)
}

/// Returns a number below 2^64 for the `count`-th thing of a person.
///
/// Up to 2^32 things each never meet another's.
pub(crate) fn thing(person: u32, count: u32) -> u64 {
    (u64::from(person) << 32) | u64::from(count)
}

/// Moves a slot within `0..range`, one to one: a prime that divides no range here, and a shift.
fn scatter(seed: Seed, slot: u64, range: u64) -> u64 {
    const STRIDE: u64 = 1_000_003;
    (slot % range * STRIDE + seed.mark("numbering", range) % range) % range
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_people_share_a_number() {
        let people = 30_000;
        let mut phones = BTreeSet::new();
        let mut cards = BTreeSet::new();
        for person in (0..people).chain(PEOPLE_MAX - people..PEOPLE_MAX) {
            assert!(cards.insert(loyalty_id(Seed::new(7), person)));
            for place in 0..PHONES_PER_PERSON {
                let phone = phone(Seed::new(7), person, place);
                assert_eq!(phone.len(), 11, "{phone}");
                assert!(phones.insert(phone));
            }
        }
    }

    #[test]
    fn the_first_numbers_are_the_ones_reserved_for_fiction() {
        assert!((0..2_000).all(|person| phone(Seed::new(1), person, 1)[4..].starts_with("55501")));
    }
}
