//! The bodies that senders write, for the documentation only: `ciq_event` parses them.
#![expect(dead_code, reason = "these types describe; nothing makes a value of them")]

use utoipa::ToSchema;

/// One event or several.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum EventsBody {
    /// One.
    One(EventBody),
    /// Several, which are refused one by one.
    Several(Vec<EventBody>),
}

/// One event, in either form.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum EventBody {
    /// The envelope.
    Envelope(EnvelopeBody),
    /// A domain event.
    Domain(DomainBody),
}

/// The envelope of an event.
#[derive(ToSchema)]
pub(crate) struct EnvelopeBody {
    /// The company's own id of the customer. Not needed where `data` identifies the customer.
    #[schema(example = "cust_001")]
    customer_id: Option<String>,
    /// What happened.
    #[schema(example = "purchase")]
    event_type: String,
    /// When: seconds since 1970, or RFC 3339. Not 0, and not more than a day ahead.
    #[schema(value_type = String, example = "2024-01-15T10:30:00Z")]
    timestamp: String,
    /// Who says so; `unknown` unless told.
    #[schema(example = "shop")]
    source_service: Option<String>,
    /// The id of the event, where it has one. Without, it follows from the content.
    event_id: Option<String>,
    /// What the event tells, by its type. Money is a number or a text, and parses exactly.
    #[schema(value_type = Option<Object>)]
    data: Option<()>,
    /// Where the customer was: `session_id`, `device_id`, `cookie_id`.
    #[schema(value_type = Option<Object>)]
    metadata: Option<()>,
}

/// A domain event.
#[derive(ToSchema)]
pub(crate) struct DomainBody {
    /// The id of the event.
    #[schema(example = "evt_1")]
    id: Option<String>,
    /// When: RFC 3339, or seconds since 1970.
    #[schema(value_type = String, example = "2024-01-15T10:30:00Z")]
    ts: String,
    /// The company's own id of the customer.
    #[schema(rename = "userId", example = "cust_001")]
    user_id: String,
    /// What happened.
    #[schema(example = "page_view")]
    name: String,
    /// What the event tells.
    #[schema(value_type = Option<Object>)]
    props: Option<()>,
}

/// Which customers are one.
#[derive(ToSchema)]
#[schema(example = json!({
    "profile_ids": ["prf_00000000000000000000000000000001", "cust_002"],
    "reason": "same person, says the store"
}))]
pub(crate) struct MergeBody {
    /// The customers, by any id that names them: 2 to 100.
    #[schema(min_items = 2, max_items = 100)]
    profile_ids: Vec<String>,
    /// Why, in your words: up to 1,000 characters, `manual_merge` unless told.
    #[schema(max_length = 1000)]
    reason: Option<String>,
}
