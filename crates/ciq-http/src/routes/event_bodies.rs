//! The bodies that senders write, for the documentation only: other code parses them.
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

/// Which customers of a review are one.
#[derive(ToSchema)]
pub(crate) struct SplitBody {
    /// The customers, by any id that names them: 2 or more of the review's. The others are kept
    /// apart.
    #[schema(min_items = 2, max_items = 100)]
    profile_ids: Vec<String>,
}

/// For which time.
#[derive(ToSchema)]
pub(crate) struct AsOfBody {
    /// The time: RFC 3339, at most a day ahead of the clock; now unless told.
    #[schema(example = "2024-01-15T10:30:00Z")]
    as_of: Option<String>,
}

/// What to learn.
#[derive(ToSchema)]
pub(crate) struct TrainBody {
    /// What was until then is known, what came after is the answer: RFC 3339. A horizon before the
    /// latest event unless told.
    #[schema(example = "2024-01-15T00:00:00Z")]
    cut: Option<String>,
    /// How many days count as soon: 30 unless told.
    #[schema(minimum = 1, maximum = 3650)]
    horizon_days: Option<u16>,
    /// What counts as staying: `purchase` or `activity`; by the data unless told.
    #[schema(example = "purchase")]
    target: Option<String>,
}

/// Which model.
#[derive(ToSchema)]
pub(crate) struct ModelBody {
    /// The version of a trained model; `null` for the scorecard.
    #[schema(required)]
    version: Option<String>,
}

/// Whether an automation acts.
#[derive(ToSchema)]
pub(crate) struct SwitchBody {
    /// Whether it acts.
    enabled: bool,
}

/// An automation.
#[derive(ToSchema)]
#[schema(example = json!({
    "id": "cart-recovery",
    "trigger": {"type": "cart_abandonment", "after": "2h"},
    "actions": [{
        "type": "send_message",
        "channel": "whatsapp",
        "body": "Hi {{ first_name | default('there') }}! Your cart is waiting: CART10"
    }]
}))]
pub(crate) struct AutomationBody {
    /// Its name for machines: 1 to 64 of `a-z`, `0-9`, `-` and `_`.
    id: String,
    /// Its name for people; the id unless told.
    name: Option<String>,
    /// Whether it acts at all; it does unless told.
    enabled: Option<bool>,
    /// What sets it off: `type`, and what that type takes.
    #[schema(value_type = Object)]
    trigger: (),
    /// What has to hold besides, all of it: `field`, `op`, `value`.
    #[schema(value_type = Option<Vec<Object>>)]
    conditions: Option<()>,
    /// What it does: 1 to 10 actions, each with its `type`.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 10)]
    actions: (),
    /// How long after it was set off, such as `3h`; at once unless told.
    delay: Option<String>,
    /// How long it rests for a customer after an execution; `24h` unless told.
    cool_down: Option<String>,
    /// Higher goes first; 0 unless told.
    priority: Option<i64>,
    /// When no message goes to a customer: `from`, `to`, `time_zone`.
    #[schema(value_type = Option<Object>)]
    quiet_hours: Option<()>,
    /// How many messages a customer may get from all automations: `max`, 3 unless told, `per`,
    /// `7d` unless told.
    #[schema(value_type = Option<Object>)]
    frequency_cap: Option<()>,
    /// Which word of the customer it needs: `implied`, which is anything but a no, or `explicit`.
    consent: Option<String>,
}
