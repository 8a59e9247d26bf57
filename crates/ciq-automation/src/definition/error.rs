//! What is wrong with a definition.

/// What is wrong with a definition: where, what, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// Not TOML.
    #[error("not valid TOML: {0}")]
    Toml(String),
    /// A field is missing, unknown, or holds what it cannot.
    #[error("{path}: {problem}")]
    Field {
        /// Where, such as `automation[0].trigger.threshold`.
        path: String,
        /// What is wrong, and what to write instead.
        problem: String,
    },
    /// Two automations have one id.
    #[error("two automations have the id {id:?}: give one of them another")]
    DuplicateId {
        /// The id.
        id: String,
    },
}
