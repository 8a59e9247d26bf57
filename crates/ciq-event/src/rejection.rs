//! Why a message is not an event.

/// Why a message is not an event: which field, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Rejection {
    /// The field at fault, as a path such as `data.total`; `body` for the whole.
    pub field: String,
    /// What is wrong with it and what would be right. Never the value of a personal field.
    pub reason: String,
}

impl Rejection {
    /// Makes a rejection.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}
