//! What is asked and answered, as JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Users to make.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SeedUsers {
    /// How many, 1 to 1,000,000.
    #[schema(default = 5_000, minimum = 1, maximum = 1_000_000)]
    pub(crate) count: Option<u32>,
    /// From which all else follows. Without one, a seed is drawn and told.
    #[schema(example = 42)]
    pub(crate) seed: Option<u64>,
    /// The shares of the segments.
    pub(crate) mix: Option<MixBody>,
    /// The share of users who said no to text messages or mail, 0 to 1.
    #[schema(default = 0.0, minimum = 0.0, maximum = 1.0)]
    pub(crate) opt_out: Option<f64>,
}

/// The shares of the segments. They sum to 1.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Mix)]
pub(crate) struct MixBody {
    /// Those who use the product much.
    #[schema(example = 0.2)]
    pub(crate) power: f64,
    /// Those who use it now and then.
    #[schema(example = 0.6)]
    pub(crate) casual: f64,
    /// Those who may leave.
    #[schema(example = 0.2)]
    pub(crate) at_risk: f64,
}

/// A stream to start.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StartStream {
    /// Events per minute, 1 to 6,000,000.
    #[schema(default = 60, minimum = 1, maximum = 6_000_000)]
    pub(crate) rate: Option<u64>,
    /// Of `product`, `billing`, `ticket` and `profile`; without them the first three.
    #[schema(example = json!(["product", "billing"]))]
    pub(crate) modes: Option<Vec<String>>,
    /// Whether the gaps between events vary as between people who do not know of each other.
    #[schema(default = true)]
    pub(crate) jitter: Option<bool>,
}

/// One event to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Emit {
    /// What happened.
    #[schema(example = "pre_renewal_card_decline")]
    pub(crate) name: String,
    /// Whose; one of the users, drawn, without it.
    #[schema(example = "ABC123")]
    pub(crate) user_id: Option<String>,
    /// When, as RFC 3339; now without it.
    #[schema(example = "2025-01-20T10:00:00.000Z")]
    pub(crate) ts: Option<String>,
    /// What else there is to say.
    #[schema(value_type = Option<Object>, example = json!({"daysToRenewal": 3, "amount": 49}))]
    pub(crate) props: Option<Map<String, Value>>,
}

/// A history to make. It ends now.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BackfillAsked {
    /// How many days, 1 to 730.
    #[schema(default = 60, minimum = 1, maximum = 730)]
    pub(crate) days: Option<u32>,
    /// Events a day of all users together, on average.
    #[schema(default = 80, minimum = 1)]
    pub(crate) density: Option<u64>,
    /// Events a day of each user, on average, instead of `density`.
    #[schema(example = 0.5)]
    pub(crate) per_user_density: Option<f64>,
    /// Of `product`, `billing`, `ticket` and `profile`; without them the first three.
    pub(crate) modes: Option<Vec<String>>,
    /// Whether the data has the faults of real data: `true`, or the share of each fault. The faults
    /// are `typos`, `sharedDevices`, `duplicates`, `late` and `missing`.
    #[schema(value_type = Option<Object>, example = json!({"late": 0.02, "duplicates": 0.01}))]
    pub(crate) dirty: Option<Value>,
}

/// It runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    pub(crate) status: &'static str,
}

/// The users that were made.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Seeded {
    /// How many.
    pub(crate) users: u32,
    /// The seed: the same one makes the same users.
    pub(crate) seed: u64,
    /// The shares of the segments.
    pub(crate) mix: MixBody,
    /// Where half of them live.
    pub(crate) region: &'static str,
    /// What users agreed to unless they said no: text messages.
    pub(crate) sms_consent: bool,
    /// What users agreed to unless they said no: mail.
    pub(crate) email_consent: bool,
    /// The share of users who said no.
    pub(crate) opt_out: f64,
}

/// A page of users.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what is written byte by byte")]
pub(crate) struct UsersPage {
    /// How many there are in all.
    pub(crate) total: u32,
    /// The cursor of the next page; `null` on the last.
    pub(crate) next_cursor: Option<String>,
    /// The users of this page.
    pub(crate) users: Vec<UserBody>,
}

/// A user.
#[derive(Debug, ToSchema)]
#[schema(as = User)]
#[expect(dead_code, reason = "describes what is written byte by byte")]
pub(crate) struct UserBody {
    /// Three letters and three digits.
    #[schema(example = "ABC123")]
    pub(crate) id: String,
    /// First and last name.
    pub(crate) name: String,
    /// At a reserved domain.
    pub(crate) email: String,
    /// A number reserved for fiction; `null` once those are used up.
    pub(crate) phone: Option<String>,
    /// `power`, `casual` or `at_risk`.
    pub(crate) segment: String,
    /// Where the user lives.
    pub(crate) region: String,
    /// `starter`, `pro`, `business` or `enterprise`.
    pub(crate) plan: String,
    /// Whether text messages are allowed.
    #[schema(rename = "smsConsent")]
    pub(crate) sms_consent: bool,
    /// Whether mail is allowed.
    #[schema(rename = "emailConsent")]
    pub(crate) email_consent: bool,
}

/// What became of a stream.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StreamBody {
    /// Whether it runs.
    pub(crate) streaming: bool,
    /// The events per minute that were asked for.
    pub(crate) rate: u64,
    /// The events per minute that came about since the start.
    pub(crate) achieved_rate: f64,
    /// What it is made of.
    pub(crate) modes: Vec<&'static str>,
    /// Whether the gaps vary.
    pub(crate) jitter: bool,
    /// When it started; `null` while the users get ready, which takes a moment for very many.
    pub(crate) started_at: Option<String>,
    /// Events that the sink took.
    pub(crate) emitted: u64,
    /// Events that the sink had no room for.
    pub(crate) dropped: u64,
    /// Events that came more than 100 ms after their time.
    pub(crate) late: u64,
}

/// Whether a stream was stopped.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stopped {
    /// Always false.
    pub(crate) streaming: bool,
    /// What became of the stream; `null` where none ran.
    pub(crate) stopped: Option<StreamBody>,
}

/// What was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Emitted {
    /// The event as it was sent.
    pub(crate) event: EventBody,
    /// What is odd about it.
    pub(crate) warnings: Vec<String>,
}

/// An event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub(crate) struct EventBody {
    /// Unique for ever.
    #[schema(example = "evt_5d41402abc4b2a76")]
    pub(crate) id: String,
    /// When, as RFC 3339 with milliseconds.
    #[schema(example = "2025-01-20T10:00:00.000Z")]
    pub(crate) ts: String,
    /// Whose.
    #[schema(example = "ABC123")]
    pub(crate) user_id: String,
    /// What happened.
    #[schema(example = "feature_used")]
    pub(crate) name: String,
    /// What else there is to say.
    #[schema(value_type = Object)]
    pub(crate) props: Map<String, Value>,
}

/// How a backfill stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Backfill)]
pub(crate) struct BackfillBody {
    /// Its name.
    #[schema(example = "bf_1")]
    pub(crate) id: String,
    /// `running`, `done`, `cancelled` or `failed`.
    pub(crate) state: &'static str,
    /// How much of the time is covered, 0 to 1.
    pub(crate) progress: f64,
    /// Events handed to the sink so far.
    pub(crate) events: u64,
    /// Seconds that it may still take; `null` while nobody can tell, and at the end.
    pub(crate) eta_seconds: Option<f64>,
    /// Seconds that it took so far.
    pub(crate) seconds: f64,
    /// Where the history begins.
    pub(crate) from: String,
    /// Where it ends.
    pub(crate) to: String,
    /// What is odd about it.
    pub(crate) warnings: Vec<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// The sink: where events go.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Sink)]
pub(crate) struct SinkBody {
    /// Where to, without secrets.
    pub(crate) to: String,
    /// `healthy` or `failing`.
    pub(crate) state: &'static str,
    /// Events that it took.
    pub(crate) accepted: u64,
    /// Events that arrived.
    pub(crate) delivered: u64,
    /// Events that the other side refused for good.
    pub(crate) refused: u64,
    /// Attempts that had to be repeated.
    pub(crate) retried: u64,
    /// Events that it had no room for.
    pub(crate) dropped: u64,
    /// Events that wait.
    pub(crate) buffered: u64,
    /// The last thing that went wrong.
    pub(crate) last_error: Option<String>,
}

/// The service as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status {
    /// The version of the program.
    pub(crate) version: &'static str,
    /// How long it runs.
    pub(crate) uptime_seconds: f64,
    /// How many users there are.
    pub(crate) users: u32,
    /// Their seed; `null` before there are any.
    pub(crate) seed: Option<u64>,
    /// Whether a stream runs.
    pub(crate) streaming: bool,
    /// The stream, or the last one; `null` before the first.
    pub(crate) stream: Option<StreamBody>,
    /// Where events go.
    pub(crate) sink: SinkBody,
    /// The backfills, the latest first.
    pub(crate) backfills: Vec<BackfillBody>,
}
