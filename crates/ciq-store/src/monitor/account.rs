//! Accounts as the API, the command line and the pages show them.

use ciq_event::{CustomerId, ErrorRate};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::query::rfc3339;
use crate::sql::{OptionalExtension, Row};
use crate::{PageRequest, Reader, StoreError, sql};

/// How far a customer has come with what it uses, and how that goes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AccountView {
    /// The customer.
    pub customer_id: String,
    /// The customer's name, or the best that stands for one.
    pub name: String,
    /// The company.
    pub company: Option<String>,
    /// Such as `active`.
    pub status: String,
    /// How far the account has come.
    pub stage: String,
    /// What it pays for.
    pub tier: String,
    /// All calls that it made.
    pub total_api_calls: i64,
    /// When it made the latest.
    pub last_api_call: Option<String>,
    /// The share of its calls that fail, 0 to 1.
    pub error_rate: f64,
    /// Which way its use goes.
    pub usage_trend: String,
    /// The state of its integration.
    pub integration_status: Option<String>,
    /// When it signed up, where that was told.
    pub signed_up_at: Option<String>,
    /// How well it goes, 0 to 100; `null` before the first check.
    pub health_score: Option<u8>,
    /// The same in a word.
    pub health_band: Option<String>,
}

/// Which accounts to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// At this stage only.
    pub stage: Option<String>,
    /// Of this tier only.
    pub tier: Option<String>,
    /// That go like this only.
    pub health_band: Option<String>,
}

/// A page of accounts, the latest to come into being first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AccountPage {
    /// The accounts.
    pub data: Vec<AccountView>,
    /// The cursor of the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// How well an account goes, as the last check found it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HealthView {
    /// The customer.
    pub customer_id: String,
    /// 0 to 100.
    pub score: u8,
    /// The score in a word.
    pub band: String,
    /// What the score is made of.
    #[schema(value_type = Vec<Object>)]
    pub parts: Box<RawValue>,
    /// The time that it was computed for.
    pub as_of: Option<String>,
}

const SELECT: &str = "SELECT r.id,
        coalesce(json_extract(a.fields, '$.name[0]'), json_extract(a.fields, '$.company[0]'),
            r.email, r.phone, r.id),
        json_extract(a.fields, '$.company[0]'), coalesce(t.status, 'active'), t.stage, t.tier,
        t.api_call_count, t.last_api_call_at, t.error_rate, t.usage_trend, t.integration_status,
        t.signed_up_at, h.score, h.band
    FROM account AS t CROSS JOIN customer AS r ON r.key = t.customer_key
    CROSS JOIN activity AS a ON a.key = r.key
    LEFT JOIN health AS h ON h.customer_key = t.customer_key";

impl Reader {
    /// Returns a page of accounts, the latest to come into being first.
    pub fn accounts(
        &self,
        filter: &AccountFilter,
        page: &PageRequest,
    ) -> Result<AccountPage, StoreError> {
        let doing = StoreError::doing("list accounts");
        let sql = format!(
            "{SELECT} WHERE (?1 IS NULL OR t.stage = ?1) AND (?2 IS NULL OR t.tier = ?2)
                AND (?3 IS NULL OR h.band = ?3) AND (?4 IS NULL OR t.customer_key < ?4)
            ORDER BY t.customer_key DESC LIMIT ?5"
        );
        let after = match &page.cursor {
            Some(cursor) => self.key_of(&CustomerId::from_raw(cursor.as_str()))?.map(|key| key.0),
            None => None,
        };
        let AccountFilter { stage, tier, health_band } = filter;
        let size = page.size();
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let given = (stage, tier, health_band, after, size + 1);
        let rows = statement.query_map(given, view_of).map_err(&doing)?;
        let mut data: Vec<AccountView> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let next_cursor = page.cut(&mut data, |last| &last.customer_id);
        Ok(AccountPage { data, next_cursor })
    }

    /// Returns an account, by any id that ever named its customer; `None` where no event told of
    /// one.
    pub fn account(&self, id: &CustomerId) -> Result<Option<AccountView>, StoreError> {
        let Some(key) = self.key_of(id)? else { return Ok(None) };
        let doing = StoreError::doing("read an account");
        let sql = format!("{SELECT} WHERE t.customer_key = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        statement.query_row([key.0], view_of).optional().map_err(&doing)
    }

    /// Returns how well an account goes, by any id that ever named its customer; `None` before
    /// the first check.
    pub fn health(&self, id: &CustomerId) -> Result<Option<HealthView>, StoreError> {
        const SQL: &str = "SELECT r.id, h.score, h.band, h.parts, h.as_of
            FROM health AS h JOIN customer AS r ON r.key = h.customer_key
            WHERE h.customer_key = ?1";
        let Some(key) = self.key_of(id)? else { return Ok(None) };
        let doing = StoreError::doing("read how an account goes");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let health = statement.query_row([key.0], |row| {
            let parts: String = row.get(3)?;
            Ok(HealthView {
                customer_id: row.get(0)?,
                score: row.get(1)?,
                band: row.get(2)?,
                parts: RawValue::from_string(parts).unwrap_or_default(),
                as_of: rfc3339(row.get(4)?),
            })
        });
        health.optional().map_err(&doing)
    }
}

fn view_of(row: &Row<'_>) -> sql::Result<AccountView> {
    Ok(AccountView {
        customer_id: row.get(0)?,
        name: row.get(1)?,
        company: row.get(2)?,
        status: row.get(3)?,
        stage: row.get(4)?,
        tier: row.get(5)?,
        total_api_calls: row.get(6)?,
        last_api_call: rfc3339(row.get(7)?),
        error_rate: ErrorRate::from_millionths(row.get(8)?).as_fraction(),
        usage_trend: row.get(9)?,
        integration_status: row.get(10)?,
        signed_up_at: rfc3339(row.get(11)?),
        health_score: row.get(12)?,
        health_band: row.get(13)?,
    })
}
