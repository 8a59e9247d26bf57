//! How well a customer is known, in percent.

use std::collections::BTreeSet;
use std::fmt;

use ciq_event::IdentifierKind;

/// How well a customer is known, in percent: the larger of two readings, one of identity (how
/// many kinds of identifier) and one of history (how many repeat orders).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Strength(u8);

impl Strength {
    /// Reads the strength of a customer who holds `kinds` and placed `repeat_order_count` orders
    /// after the event that created the customer. Kinds that name a visit or a card rather than a
    /// person (session, last four digits) do not count. Without any identifier it is 0.
    pub fn of<'a>(
        kinds: impl IntoIterator<Item = &'a IdentifierKind>,
        repeat_order_count: u64,
    ) -> Self {
        let mut has_any = false;
        let mut lasting = BTreeSet::new();
        for kind in kinds {
            has_any = true;
            if kind.is_lasting() {
                lasting.insert(kind);
            }
        }
        if !has_any {
            return Self(0);
        }
        let identity = match lasting.len() {
            0 | 1 => 40,
            2 => 60,
            3 => 75,
            4 => 85,
            5 => 90,
            _ => 95,
        };
        let history = match repeat_order_count {
            0 => 40,
            1 => 50,
            2 => 60,
            3 => 70,
            4 => 75,
            _ => 80,
        };
        Self(identity.max(history))
    }

    /// Trusts a figure that was a strength before.
    #[must_use]
    pub fn from_raw(percent: u8) -> Self {
        Self(percent)
    }

    /// Returns the figure, 0 to 95.
    #[must_use]
    pub fn percent(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}
