//! Which customers a list or a search leaves.

use crate::sql::Value;
use ciq_event::BillingHealth;

/// The lowest score of each band of health and the highest, as [`CustomerFilter`] knows them by
/// name: an index over the scores finds them, one over the names would be a second.
const BANDS: [(&str, u8, u8); 3] = [("healthy", 70, 100), ("watch", 40, 69), ("at_risk", 0, 39)];

/// Which customers a list or a search leaves: those of whom all that is given holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// Of this segment only.
    pub segment: Option<String>,
    /// At this stage of their way only.
    pub journey_stage: Option<String>,
    /// Whose account has come this far only.
    pub account_stage: Option<String>,
    /// Whose account is of this tier only.
    pub tier: Option<String>,
    /// Whose account goes like this only.
    pub health_band: Option<String>,
    /// Who pays like this only: `none`, `good`, `past_due` or `cancelled`.
    pub billing: Option<String>,
}

impl CustomerFilter {
    /// Tells whether everybody is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { segment, journey_stage, account_stage, tier, health_band, billing } = self;
        let all = [segment, journey_stage, account_stage, tier, health_band, billing];
        all.iter().all(|it| it.is_none())
    }

    /// Returns statements that each select keys, and what is given to each: who is among all of
    /// them is left. Each reads an index, or a table of few and narrow columns.
    pub(super) fn parts(&self) -> Vec<(String, Vec<Value>)> {
        let Self { segment, journey_stage, account_stage, tier, health_band, billing } = self;
        let equal = |table: &str, columns: [(&str, &Option<String>); 2]| {
            let told = columns.iter().filter(|(_, value)| value.is_some());
            let conditions: Vec<String> = told.map(|(name, _)| format!("{name} = ?")).collect();
            let values =
                columns.into_iter().filter_map(|(_, value)| value.clone()).map(Value::from);
            let sql =
                format!("SELECT customer_key FROM {table} WHERE {}", conditions.join(" AND "));
            (!conditions.is_empty()).then(|| (sql, values.collect()))
        };
        let insight = equal(
            "insight INDEXED BY insight_by_segment",
            [("segment", segment), ("stage", journey_stage)],
        );
        let account = equal("account", [("stage", account_stage), ("tier", tier)]);
        let health = health_band.as_deref().map(|band| {
            let known = BANDS.iter().find(|(name, ..)| *name == band);
            let (low, high) = known.map_or((1, 0), |(_, low, high)| (*low, *high));
            let sql = "SELECT customer_key FROM health WHERE score BETWEEN ? AND ?".to_owned();
            (sql, vec![Value::from(low), Value::from(high)])
        });
        let billing = billing.as_deref().map(|health| {
            if BillingHealth::parse(health) == Some(BillingHealth::None) {
                const NEVER: &str = "SELECT key FROM activity
                    WHERE key NOT IN (SELECT customer_key FROM billing)";
                return (NEVER.to_owned(), Vec::new());
            }
            let sql = "SELECT customer_key FROM billing WHERE health = ?".to_owned();
            (sql, vec![Value::from(health.to_owned())])
        });
        [insight, account, health, billing].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_not_asked() {
        assert!(CustomerFilter::default().is_empty());
        assert_eq!(CustomerFilter::default().parts(), []);
        let tier = CustomerFilter { tier: Some("pro".to_owned()), ..CustomerFilter::default() };
        let sql = "SELECT customer_key FROM account WHERE tier = ?".to_owned();
        assert_eq!(tier.parts(), [(sql, vec![Value::from("pro".to_owned())])]);
        assert!(!tier.is_empty());
    }
}
