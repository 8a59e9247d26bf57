//! The id of a user: three letters and three digits, one to one with the index.

use std::fmt;

use super::marks::{Marks, scrambled};
use crate::Seed;
use crate::saas::Population;

/// How many triples of letters there are.
const LETTERS: u32 = 26 * 26 * 26;

/// How many triples of digits there are.
const DIGITS: u32 = 1_000;

/// How many ids there are: more than any population has users.
pub const USER_IDS: u32 = LETTERS * DIGITS;

const _: () = assert!(USER_IDS > crate::saas::USERS_MAX, "every user has an id");

/// Names a user: three letters and three digits, such as `ABC123`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId([u8; 6]);

impl UserId {
    /// Returns the six characters.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 6] {
        &self.0
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Returns the id of a user: another for every index below [`USER_IDS`], scattered by the seed.
#[must_use]
pub fn user_id(population: &Population, index: u32) -> UserId {
    UserIds::new(population.seed()).at(index)
}

/// Returns the index of the user of an id; none where the population has no such user.
#[must_use]
pub fn user_index(population: &Population, id: &str) -> Option<u32> {
    let index = UserIds::new(population.seed()).index(id)?;
    (index < population.users()).then_some(index)
}

/// The ids under one seed.
///
/// The index is a pair: letters and digits. The letters move by what a hash of the digits says,
/// then the digits by what a hash of the letters says. Each step can be taken back, so that two
/// indexes never meet in one id.
#[derive(Debug, Clone, Copy)]
pub(in crate::saas) struct UserIds {
    letters_key: u64,
    digits_key: u64,
}

impl UserIds {
    pub(in crate::saas) fn new(seed: Seed) -> Self {
        let marks = Marks::new(seed, "user-id");
        Self { letters_key: marks.at(1), digits_key: marks.at(2) }
    }

    /// Returns the id of an index. Indexes above [`USER_IDS`] begin anew.
    pub(in crate::saas) fn at(self, index: u32) -> UserId {
        let (letters, digits) = (index / DIGITS % LETTERS, index % DIGITS);
        let letters = (letters + offset(self.letters_key, digits, LETTERS)) % LETTERS;
        let digits = (digits + offset(self.digits_key, letters, DIGITS)) % DIGITS;
        UserId([
            letter(letters / 676),
            letter(letters / 26 % 26),
            letter(letters % 26),
            digit(digits / 100),
            digit(digits / 10 % 10),
            digit(digits % 10),
        ])
    }

    /// Returns the index of an id: the steps of [`UserIds::at`] taken back.
    fn index(self, id: &str) -> Option<u32> {
        let (letters, digits) = id.as_bytes().split_at_checked(3)?;
        let letters = number(letters, b'A', 26)?;
        let digits = number(<&[u8; 3]>::try_from(digits).ok()?, b'0', 10)?;
        let digits = (digits + DIGITS - offset(self.digits_key, letters, DIGITS)) % DIGITS;
        let letters = (letters + LETTERS - offset(self.letters_key, digits, LETTERS)) % LETTERS;
        Some(letters * DIGITS + digits)
    }
}

/// By how much one half moves, as the other half says.
fn offset(key: u64, other: u32, limit: u32) -> u32 {
    let hash = scrambled(key ^ u64::from(other)) >> 32;
    u32::try_from((hash * u64::from(limit)) >> 32).unwrap_or(0)
}

/// Reads a number whose digits are the `base` characters from `zero` on.
fn number(text: &[u8], zero: u8, base: u8) -> Option<u32> {
    text.iter().try_fold(0, |sum, byte| {
        let digit = byte.checked_sub(zero).filter(|digit| *digit < base)?;
        Some(sum * u32::from(base) + u32::from(digit))
    })
}

fn letter(place: u32) -> u8 {
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place as usize % 26]
}

fn digit(place: u32) -> u8 {
    b"0123456789"[place as usize % 10]
}
