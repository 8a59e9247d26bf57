//! Identifiers of our own making: each in a type of its own, with a prefixed text form.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}<32 hex digits>: {text:?}")]
pub struct IdError {
    prefix: &'static str,
    text: String,
}

/// Defines a 16-byte id whose text form is a prefix and 32 hex digits.
macro_rules! sixteen_byte_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// What the text form begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Trusts bytes that were an id before.
            pub const fn from_raw(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Returns the sixteen bytes, as they are stored.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                decode_hex(text, $prefix).map(Self)
            }
        }
    };
}

sixteen_byte_id!(
    /// Names one event. Derived from the message, so the same message twice is one event.
    EventId,
    "evt_"
);
sixteen_byte_id!(
    /// Names one merge of customers.
    MergeId,
    "mrg_"
);
sixteen_byte_id!(
    /// Names one intervention.
    InterventionId,
    "itv_"
);
sixteen_byte_id!(
    /// Names one decision of a person: a merge, an undo, an approval, a rejection, an erasure.
    DecisionId,
    "dec_"
);

impl EventId {
    /// Derives the id of an event that brings an id of its own: equal for equal `(source, id)`,
    /// whatever else the message says.
    #[must_use]
    pub fn given(source: &str, id: &str) -> Self {
        Self(first_sixteen(&digest(&[b"given", source.as_bytes(), id.as_bytes()])))
    }

    /// Derives the id of an event from its content. With a time of its own the id is
    /// time-ordered: 48 bits of milliseconds and 80 bits of BLAKE3, because random keys cost an
    /// index about a fifth of its insert rate.
    #[must_use]
    pub fn of_content(occurred_at: Option<Timestamp>, parts: &[&[u8]]) -> Self {
        let mut bytes = first_sixteen(&digest(parts));
        if let Some(at) = occurred_at {
            bytes[..6].copy_from_slice(&at.as_millisecond().max(0).to_be_bytes()[2..]);
        }
        Self(bytes)
    }

    /// Derives the id of a further event of the same message.
    #[must_use]
    pub fn sibling(self, role: &str) -> Self {
        let mut bytes = first_sixteen(&digest(&[&self.0, role.as_bytes()]));
        bytes[..6].copy_from_slice(&self.0[..6]);
        Self(bytes)
    }
}

impl MergeId {
    /// Derives the id of the merge that an event caused.
    #[must_use]
    pub fn caused_by_event(event: EventId) -> Self {
        Self(first_sixteen(&digest(&[b"merge", event.as_bytes()])))
    }

    /// Derives the id of the merge that a decision caused.
    #[must_use]
    pub fn caused_by_decision(decision: DecisionId) -> Self {
        Self(first_sixteen(&digest(&[b"merge", decision.as_bytes()])))
    }
}

impl InterventionId {
    /// Derives an intervention's id from what opened it: a check that is repeated opens it once.
    #[must_use]
    pub fn of_opening(customer: &CustomerId, kind: &str, opened_at: Timestamp) -> Self {
        let at = opened_at.as_nanosecond().to_be_bytes();
        let parts = [b"intervention", customer.as_str().as_bytes(), kind.as_bytes(), &at[..]];
        Self(first_sixteen(&digest(&parts)))
    }
}

impl DecisionId {
    /// Derives a decision's id from what was decided and when.
    #[must_use]
    pub fn of_content(decided_at: Timestamp, body: &str) -> Self {
        let at = decided_at.as_nanosecond().to_be_bytes();
        Self(first_sixteen(&digest(&[b"decision", &at, body.as_bytes()])))
    }
}

/// Names a customer to the outside: the company's own customer id where there is one, else a
/// minted one, `prf_` and 32 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(String);

impl CustomerId {
    /// What a minted id begins with.
    pub const MINTED_PREFIX: &'static str = "prf_";

    /// Mints the id of a customer that came into being with `event`.
    #[must_use]
    pub fn minted_by(event: EventId) -> Self {
        let hex = event.to_string();
        Self(format!("{}{}", Self::MINTED_PREFIX, &hex[EventId::PREFIX.len()..]))
    }

    /// Trusts a text that was an id before, or that a caller wants resolved.
    pub fn from_raw(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the event that minted this id, if it is a minted one.
    pub fn minting_event(&self) -> Option<EventId> {
        decode_hex(&self.0, Self::MINTED_PREFIX).ok().map(EventId)
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not a brand name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a brand name: {0:?} (1 to 64 of a-z, 0-9 and -)")]
pub struct BrandError(String);

/// Names one tenant: 1 to 64 of `a-z`, `0-9` and `-`. Safe as a file name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Brand(String);

impl Brand {
    /// Most characters a name may have.
    pub const LENGTH_MAX: usize = 64;

    /// Parses a brand name.
    pub fn parse(text: &str) -> Result<Self, BrandError> {
        let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > Self::LENGTH_MAX || !text.bytes().all(is_allowed) {
            return Err(BrandError(text.chars().take(80).collect()));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Brand {
    /// Returns the brand `default`.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl fmt::Display for Brand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Hashes parts so that no two different lists of parts give the same input.
fn digest(parts: &[&[u8]]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize()
}

fn first_sixteen(hash: &blake3::Hash) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    bytes
}

fn decode_hex(text: &str, prefix: &'static str) -> Result<[u8; 16], IdError> {
    let error = || IdError { prefix, text: text.chars().take(80).collect() };
    let hex = text.strip_prefix(prefix).ok_or_else(error)?.as_bytes();
    if hex.len() != 32 {
        return Err(error());
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        let digits = std::str::from_utf8(pair).map_err(|_| error())?;
        if !pair.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b)) {
            return Err(error());
        }
        *byte = u8::from_str_radix(digits, 16).map_err(|_| error())?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_what_they_print() {
        let id = EventId::given("shop", "12345");
        assert_eq!(id.to_string().parse::<EventId>(), Ok(id));
        assert_eq!(CustomerId::minted_by(id).minting_event(), Some(id));
        assert_eq!(CustomerId::from_raw("cust_001").minting_event(), None);
    }

    #[test]
    fn content_ids_sort_by_time() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let early = EventId::of_content(Some(at(1_700_000_000)), &[b"zzz"]);
        let late = EventId::of_content(Some(at(1_700_000_001)), &[b"aaa"]);
        assert!(early < late);
        assert!(early.sibling("purchase") < late);
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(EventId::given("ab", "c"), EventId::given("a", "bc"));
    }

    #[test]
    fn brand_names_are_safe_file_names() {
        for bad in ["", "..", "a/b", "A", "a_b", "a b", "a\0", &"x".repeat(65)] {
            assert!(Brand::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Brand::parse("test-brand").is_ok());
    }

    #[test]
    fn ids_refuse_what_is_not_theirs() {
        for bad in ["", "evt_", "prf_00", "evt_zz000000000000000000000000000000", "evt_+f"] {
            assert!(bad.parse::<EventId>().is_err(), "{bad:?}");
        }
    }
}
