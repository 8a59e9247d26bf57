//! The bodies of those who act on interventions, for the documentation only: other code parses
//! them.
#![expect(dead_code, reason = "these types describe; nothing makes a value of them")]

use utoipa::ToSchema;

/// Who acts.
#[derive(ToSchema)]
pub(crate) struct ActorBody {
    /// Who acts, up to 120 characters: kept in the history. The role of the token unless told.
    #[schema(example = "kim", max_length = 120)]
    by: Option<String>,
}

/// Until when an intervention rests: one of `until` and `for`.
#[derive(ToSchema)]
#[schema(example = json!({"for": "4h", "by": "kim"}))]
pub(crate) struct SnoozeBody {
    /// Until when: RFC 3339, at most 90 days ahead.
    until: Option<String>,
    /// For how long from now on, such as `30m`, `4h` or `2d`; up to `90d`.
    #[schema(rename = "for")]
    span: Option<String>,
    /// Who acts.
    #[schema(max_length = 120)]
    by: Option<String>,
}

/// Whose an intervention is.
#[derive(ToSchema)]
#[schema(example = json!({"to": "kim"}))]
pub(crate) struct AssignBody {
    /// Whose, up to 120 characters; `null` for nobody.
    #[schema(required, max_length = 120)]
    to: Option<String>,
    /// Who acts.
    #[schema(max_length = 120)]
    by: Option<String>,
}

/// What came of it.
#[derive(ToSchema)]
#[schema(example = json!({"note": "Their proxy dropped a header; fixed on a call.", "by": "kim"}))]
pub(crate) struct ResolveBody {
    /// What came of it, up to 2,000 characters.
    #[schema(max_length = 2000)]
    note: Option<String>,
    /// Who acts.
    #[schema(max_length = 120)]
    by: Option<String>,
}

/// A word about an intervention.
#[derive(ToSchema)]
#[schema(example = json!({"text": "Called, nobody there.", "by": "kim"}))]
pub(crate) struct CommentBody {
    /// The words, up to 2,000 characters.
    #[schema(max_length = 2000)]
    text: String,
    /// Who acts.
    #[schema(max_length = 120)]
    by: Option<String>,
}

/// The rules of the monitor, all of them.
#[derive(ToSchema)]
#[schema(example = json!({"rules": [{
    "kind": "error_debugging",
    "title": "Calls fail",
    "severity": "high",
    "when": [{"field": "error_rate", "op": "gt", "value": 0.1}]
}]}))]
pub(crate) struct RulesBody {
    /// The rules: what is not in here is gone.
    #[schema(value_type = Vec<Object>)]
    rules: (),
}
