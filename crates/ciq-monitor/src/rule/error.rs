//! What is wrong with rules.

/// What is wrong with rules: where, what, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not TOML.
    #[error("not valid TOML: {0}")]
    Toml(String),
    /// A field is missing, unknown, or holds what it cannot.
    #[error("{path}: {problem}")]
    Field {
        /// Where, such as `rule[0].when[1].field`.
        path: String,
        /// What is wrong, and what to write instead.
        problem: String,
    },
    /// Two rules are of one kind.
    #[error("two rules have the kind {kind:?}: give one of them another")]
    DuplicateKind {
        /// The kind.
        kind: String,
    },
}
