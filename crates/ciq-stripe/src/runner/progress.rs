//! What a runner tells while it works.

/// Something that a person may want to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A new piece of work begins.
    Phase {
        /// Its name, such as `month 2 of 6: changing subscriptions`.
        name: String,
        /// How many steps it has.
        total: u64,
    },
    /// One of its steps is done, or was done before.
    Step,
    /// All clocks are advancing.
    Clocks {
        /// How many have arrived.
        ready: u64,
        /// How many there are.
        total: u64,
    },
    /// A month is done, and its snapshot written.
    Month {
        /// Which, from 0.
        month: u32,
        /// How many subscriptions it has.
        rows: u64,
    },
    /// Something worth a line.
    Note(String),
}
