//! What queries return: the shapes of the API, the command line's `--json` and the pages.

use std::collections::BTreeMap;

use ciq_event::{Currency, Money};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// Most rows of a page.
const PAGE_SIZE_MAX: u32 = 1_000;

/// Rows of a page where the caller does not say.
const PAGE_SIZE_DEFAULT: u32 = 50;

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// The cursor that the page before returned; `None` for the first.
    pub cursor: Option<String>,
    /// Rows wanted.
    pub limit: Option<u32>,
}

impl PageRequest {
    /// Returns how many rows to return: 1 to 1,000, 50 where nothing is asked.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.limit.unwrap_or(PAGE_SIZE_DEFAULT).clamp(1, PAGE_SIZE_MAX)
    }

    /// Leaves the rows of the page, of which one more was asked for than it has, and returns the
    /// cursor of the next.
    pub(crate) fn cut<T>(&self, rows: &mut Vec<T>, id: impl FnOnce(&T) -> &str) -> Option<String> {
        let size = self.size() as usize;
        let is_more = rows.len() > size;
        rows.truncate(size);
        rows.last().filter(|_| is_more).map(|last| id(last).to_owned())
    }
}

/// In which order customers are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CustomerSort {
    /// The latest to come into being first.
    #[default]
    Newest,
    /// The largest lifetime value first.
    LifetimeValue,
    /// Those most likely to leave first. Whoever no pass has looked at is not listed.
    ChurnRisk,
    /// Those whose account goes worst first. Whoever has no account, or was not checked yet, is not
    /// listed.
    Health,
}

/// An amount of money as JSON: a number with exactly the currency's decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let exact = RawValue::from_string(self.0.to_string()).map_err(serde::ser::Error::custom)?;
        exact.serialize(serializer)
    }
}

impl utoipa::PartialSchema for Amount {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Number)
            .description(Some("a decimal number, exact to the currency's smallest unit"))
            .into()
    }
}

impl ToSchema for Amount {}

pub(crate) fn amount(minor: i64, code: &str) -> Amount {
    Amount(Money { minor, currency: Currency::parse(code).unwrap_or(Currency::USD) })
}

pub(crate) fn rfc3339(ms: Option<i64>) -> Option<String> {
    Timestamp::from_millisecond(ms?).ok().map(|at| at.to_string())
}

/// A customer as the table `customers` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustomerSummary {
    /// The company's own customer id, else a minted one.
    pub id: String,
    /// The name, or the best that stands for one.
    pub name: String,
    /// The address to write to.
    pub email: Option<String>,
    /// The number to call.
    pub phone: Option<String>,
    /// The company.
    pub company: Option<String>,
    /// Such as `active`.
    pub status: String,
    /// How well the customer is known, in percent.
    pub profile_strength: u8,
    /// What the customer spent, in `currency`.
    #[schema(value_type = f64)]
    pub lifetime_value: Amount,
    /// The currency of `lifetime_value`.
    pub currency: String,
    /// Distinct orders.
    pub total_orders: i64,
    /// Events.
    pub event_count: i64,
    /// When the first event happened.
    pub customer_since: Option<String>,
    /// When the latest event happened.
    pub last_event_at: Option<String>,
}

/// A page of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustomerPage {
    /// The customers.
    pub data: Vec<CustomerSummary>,
    /// The cursor of the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// A customer with everything that was said of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerDetail {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: CustomerSummary,
    /// Free words.
    pub tags: Vec<String>,
    /// Further fields, by name.
    #[schema(value_type = std::collections::BTreeMap<String, Object>)]
    pub custom_fields: BTreeMap<String, serde_json::Value>,
    /// What was spent, by currency. Currencies are never added up.
    #[schema(value_type = std::collections::BTreeMap<String, f64>)]
    pub lifetime_values: BTreeMap<String, Amount>,
}

/// A customer as identity resolution sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProfileDetail {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: CustomerSummary,
    /// Each kind's primary value: the one set last, else the one seen first.
    pub identifiers: BTreeMap<String, String>,
    /// Every value of every kind.
    pub all_identifiers: BTreeMap<String, Vec<String>>,
    /// How many customers were merged into this one, itself included.
    pub merged_profiles: i64,
    /// Visits to stores.
    pub store_visit_count: i64,
}

/// An identifier and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IdentifierView {
    /// The kind, such as `email`.
    pub kind: String,
    /// The normalised value.
    pub value: String,
    /// When it was first seen.
    pub first_seen_at: Option<String>,
}

/// An event of a timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventView {
    /// The event.
    pub id: String,
    /// Whose it is.
    pub customer_id: String,
    /// What happened.
    pub event_type: String,
    /// When.
    pub occurred_at: Option<String>,
    /// One line.
    pub title: Option<String>,
    /// The text, or its summary.
    pub description: Option<String>,
    /// The money involved.
    #[schema(value_type = Option<f64>)]
    pub amount: Option<Amount>,
    /// Its currency.
    pub currency: Option<String>,
    /// A state.
    pub status: Option<String>,
    /// Who said so.
    pub source_service: String,
    /// Identifiers that took no effect, with reasons.
    #[schema(value_type = Option<Vec<Object>>)]
    pub left_out: Option<serde_json::Value>,
}

/// A page of a timeline, the latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventPage {
    /// The events.
    pub data: Vec<EventView>,
    /// The cursor of the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PurchaseView {
    /// The order's id.
    pub id: String,
    /// The product, or the first of several.
    pub product_name: String,
    /// Its stock keeping unit.
    pub product_sku: Option<String>,
    /// How many.
    pub quantity: Option<i64>,
    /// What it cost.
    #[schema(value_type = f64)]
    pub total: Amount,
    /// The currency.
    pub currency: String,
    /// When.
    pub purchased_at: Option<String>,
    /// When the warranty ends.
    pub warranty_expires_at: Option<String>,
}

/// A work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkOrderView {
    /// The work order's id.
    pub id: String,
    /// Such as `repair`.
    pub order_type: Option<String>,
    /// What is wrong.
    pub issue_description: Option<String>,
    /// What was done.
    pub resolution: Option<String>,
    /// Such as `open`.
    pub status: Option<String>,
    /// Such as `high`.
    pub priority: Option<String>,
    /// Who works on it.
    pub assigned_to: Option<String>,
    /// When it was opened.
    pub created_at: Option<String>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnowledgeView {
    /// The note.
    pub content: String,
    /// What it is about.
    pub category: Option<String>,
    /// Such as `high`.
    pub importance: Option<String>,
    /// When it was taken.
    pub created_at: Option<String>,
}

/// A visit to a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StoreVisitView {
    /// Which store.
    pub store_id: String,
    /// Its name.
    pub store_name: Option<String>,
    /// When the customer came.
    pub check_in_at: Option<String>,
    /// How long the customer stayed.
    pub duration_minutes: Option<i64>,
    /// How the visit was noticed.
    pub detection_method: Option<String>,
}
