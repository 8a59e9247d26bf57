//! Decisions of people. With the raw messages they are the truth that everything else follows
//! from, so they are logged and folded again by a rebuild.

use std::fmt;
use std::str::FromStr;

use ciq_event::{CustomerId, DecisionId, MergeId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a person decided, when, and who it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Names the decision.
    pub id: DecisionId,
    /// When it was taken.
    pub decided_at: Timestamp,
    /// Who took it: a role or a user's name, never a secret.
    pub actor: String,
    /// What was decided.
    pub action: Action,
}

impl Decision {
    /// Makes a decision, with an id that follows from it.
    pub fn new(decided_at: Timestamp, actor: impl Into<String>, action: Action) -> Self {
        let id = DecisionId::of_content(decided_at, &action.to_json());
        Self { id, decided_at, actor: actor.into(), action }
    }
}

/// Names an entry of the review queue: the set of customers that it is about, so that the same
/// set never queues twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReviewId([u8; 16]);

impl ReviewId {
    /// What the text form begins with.
    pub const PREFIX: &'static str = "rev_";

    /// Derives the id of a set of customers from the ids they were minted with, which never
    /// change. The order does not matter.
    pub fn of_set<'a>(minted: impl IntoIterator<Item = &'a ciq_event::EventId>) -> Self {
        let mut members: Vec<_> = minted.into_iter().map(ciq_event::EventId::as_bytes).collect();
        members.sort_unstable();
        let mut hasher = blake3::Hasher::new();
        for member in members {
            hasher.update(member);
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(bytes)
    }

    /// Trusts bytes that were an id before.
    #[must_use]
    pub const fn from_raw(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the sixteen bytes, as they are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ReviewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::PREFIX)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ReviewId {
    type Err = ActionError;

    fn from_str(text: &str) -> Result<Self, ActionError> {
        // The form is that of a merge id under another prefix.
        let hex = text.strip_prefix(Self::PREFIX).ok_or(ActionError::NotAnId("rev_"))?;
        let id: MergeId = format!("{}{hex}", MergeId::PREFIX)
            .parse()
            .map_err(|_| ActionError::NotAnId("rev_"))?;
        Ok(Self(*id.as_bytes()))
    }
}

/// What a person may decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// These customers are one. Lifts pins between them.
    Merge {
        /// The customers; at least two.
        customers: Vec<CustomerId>,
        /// Why, in the person's words.
        reason: String,
    },
    /// That merge was wrong. Leaves a pin.
    Undo {
        /// The merge.
        merge: MergeId,
    },
    /// The customers of a review are one.
    Approve {
        /// The entry of the queue.
        review: ReviewId,
    },
    /// The customers of a review are different. Leaves pins.
    Reject {
        /// The entry of the queue.
        review: ReviewId,
    },
    /// Some of the customers of a review are one, and the others are neither that one nor each
    /// other. Leaves pins.
    Split {
        /// The entry of the queue.
        review: ReviewId,
        /// Who is one; at least two, each of the review.
        customers: Vec<CustomerId>,
    },
    /// Everything about a customer goes, and does not come back on replay.
    Erase {
        /// The customer.
        customer: CustomerId,
    },
}

/// Why a text is not an action.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// Not JSON of the expected shape.
    #[error("not an action")]
    Json(#[from] serde_json::Error),
    /// An id in it is malformed.
    #[error("not an id of the form {0}<32 hex digits>")]
    NotAnId(&'static str),
}

/// The action as it is logged. Old logs are read for ever: only ever add variants and optional
/// fields.
#[derive(Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
enum LoggedAction {
    Merge { customers: Vec<String>, reason: String },
    Undo { merge: String },
    Approve { review: String },
    Reject { review: String },
    Split { review: String, customers: Vec<String> },
    Erase { customer: String },
}

impl Action {
    /// Writes the action as it is logged.
    #[must_use]
    pub fn to_json(&self) -> String {
        let texts = |ids: &[CustomerId]| ids.iter().map(ToString::to_string).collect();
        let logged = match self {
            Self::Merge { customers, reason } => {
                LoggedAction::Merge { customers: texts(customers), reason: reason.clone() }
            }
            Self::Undo { merge } => LoggedAction::Undo { merge: merge.to_string() },
            Self::Approve { review } => LoggedAction::Approve { review: review.to_string() },
            Self::Reject { review } => LoggedAction::Reject { review: review.to_string() },
            Self::Split { review, customers } => {
                LoggedAction::Split { review: review.to_string(), customers: texts(customers) }
            }
            Self::Erase { customer } => LoggedAction::Erase { customer: customer.to_string() },
        };
        serde_json::to_string(&logged).unwrap_or_default()
    }

    /// Reads what [`Self::to_json`] writes.
    pub fn from_json(text: &str) -> Result<Self, ActionError> {
        let not_a_merge = |_| ActionError::NotAnId(MergeId::PREFIX);
        let ids = |texts: Vec<String>| texts.into_iter().map(CustomerId::from_raw).collect();
        Ok(match serde_json::from_str(text)? {
            LoggedAction::Merge { customers, reason } => {
                Self::Merge { customers: ids(customers), reason }
            }
            LoggedAction::Undo { merge } => {
                Self::Undo { merge: merge.parse().map_err(not_a_merge)? }
            }
            LoggedAction::Approve { review } => Self::Approve { review: review.parse()? },
            LoggedAction::Reject { review } => Self::Reject { review: review.parse()? },
            LoggedAction::Split { review, customers } => {
                Self::Split { review: review.parse()?, customers: ids(customers) }
            }
            LoggedAction::Erase { customer } => {
                Self::Erase { customer: CustomerId::from_raw(customer) }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ciq_event::EventId;

    #[test]
    fn actions_read_back_what_they_log() {
        let event = EventId::given("a", "b");
        let review = ReviewId::of_set([&event]);
        let customer = CustomerId::from_raw("cust \"1\"");
        for action in [
            Action::Merge { customers: vec![customer.clone()], reason: "same".to_owned() },
            Action::Undo { merge: MergeId::caused_by_event(event) },
            Action::Approve { review },
            Action::Reject { review },
            Action::Split { review, customers: vec![customer.clone()] },
            Action::Erase { customer },
        ] {
            assert_eq!(Action::from_json(&action.to_json()).unwrap(), action);
        }
    }

    #[test]
    fn a_set_of_customers_has_one_review_id() {
        let (a, b) = (EventId::given("x", "1"), EventId::given("x", "2"));
        assert_eq!(ReviewId::of_set([&a, &b]), ReviewId::of_set([&b, &a]));
        assert_ne!(ReviewId::of_set([&a, &b]), ReviewId::of_set([&a]));
    }
}
