//! Random words by name: any part of a life can be looked up without the parts before it.

/// 2^64 divided by the golden ratio.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a word is for: streams of different purposes have nothing in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Traits that never change.
    Trait,
    /// One day.
    Day,
    /// Health in one week.
    Week,
    /// The false dip of one span of days.
    Dip,
    /// The decision to leave of one month.
    Decision,
    /// The payment of one month.
    Payment,
    /// How the payment went on.
    Dunning,
}

/// Returns the word of a key, a purpose and a place.
#[inline]
pub(super) fn word(key: u64, purpose: Purpose, place: i32) -> u64 {
    let place = u64::from(place.cast_unsigned()) | (purpose as u64) << 32;
    mix(key.wrapping_add(place.wrapping_mul(GOLDEN_GAMMA)))
}

/// Returns another word that follows from one.
#[inline]
pub(super) fn next(word: u64) -> u64 {
    mix(word.wrapping_add(GOLDEN_GAMMA))
}

/// Returns the upper half of a word.
#[inline]
pub(super) const fn upper(word: u64) -> u32 {
    (word >> 32) as u32
}

/// Returns a number below a limit from a word: its upper half is used.
#[inline]
pub(super) fn below(word: u64, limit: u32) -> u32 {
    upper(u64::from(upper(word)) * u64::from(limit))
}

/// The finaliser of [`SplitMix64`](https://doi.org/10.1145/2714064.2660195): a bijection.
#[inline]
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
