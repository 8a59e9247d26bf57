//! The whole meaning of a file as sorted text: two files that say the same give the same dump.

use std::io::Write;

use crate::sql::Value;
use crate::{Reader, StoreError};

/// A section per table: its name and what it shows, in an order of its own. Left out is what is
/// not meaning: internal numbers, and when a message happened to arrive.
const SECTIONS: [(&str, &str); 23] = [
    (
        "accounts",
        "SELECT customer_id, stage, tier, total_api_calls, last_api_call, error_rate, usage_trend,
            integration_status, signed_up_at FROM accounts ORDER BY customer_id",
    ),
    ("aliases", "SELECT alias_id, customer_id FROM aliases ORDER BY alias_id"),
    (
        "billing_health",
        "SELECT customer_id, health, open_failure_count, last_paid_at, last_payment_failed_at
        FROM billing_health ORDER BY customer_id",
    ),
    (
        "customer_events",
        // Over the tables: joining the two views by their printed ids would compare all with all.
        "SELECT 'evt_' || lower(hex(e.id)), r.id, t.name, e.occurred_at / 1000, e.title,
            e.description, CAST(e.amount_minor AS REAL) / coalesce(u.divisor, 100), e.currency,
            e.status, e.agent_notes, s.name, m.form, e.left_out, m.body
        FROM event AS e
        JOIN customer AS o ON o.key = e.customer_key
        JOIN customer AS r ON r.key = o.root_key
        JOIN event_type AS t ON t.key = e.type_key
        JOIN source AS s ON s.key = e.source_key
        JOIN message AS m ON m.seq = e.message_seq
        LEFT JOIN currency AS u ON u.code = e.currency
        ORDER BY e.id",
    ),
    (
        "customer_knowledge",
        "SELECT id, customer_id, content, category, importance, tags, source, created_at
        FROM customer_knowledge ORDER BY id",
    ),
    (
        "customer_profile",
        "SELECT id, identifiers, profile_strength, lifetime_value, currency, total_orders,
            merged_profiles FROM customer_profile ORDER BY id",
    ),
    (
        "customers",
        "SELECT id, name, email, phone, company, status, customer_since, lifetime_value, tags,
            custom_fields, created_at, updated_at, currency FROM customers ORDER BY id",
    ),
    ("automation", "SELECT id, definition, created_at, updated_at FROM automation ORDER BY id"),
    (
        "automation_execution",
        "SELECT id, automation_id, automation_name, trigger_type, customer_profile_id, status,
            reason, occasion, evidence, triggered_at, due_at, executed_at
        FROM automation_execution ORDER BY id",
    ),
    (
        "campaign_execution",
        "SELECT id, automation_execution_id, customer_profile_id, channel, status, reason,
            recipient, subject, content, attempt_count, provider_id, sent_at, created_at
        FROM campaign_execution ORDER BY id",
    ),
    ("dead_letters", "SELECT id, form, field, reason, payload FROM dead_letters ORDER BY id"),
    (
        "identifiers",
        "SELECT customer_id, kind, value, first_seen_at FROM identifiers
        ORDER BY customer_id, kind, value",
    ),
    (
        "interventions",
        "SELECT id, customer_id, kind, title, severity, status, assignee, evidence, close_reason,
            opened_at, due_at, snoozed_until, closed_at FROM interventions ORDER BY id",
    ),
    (
        "intervention_history",
        "SELECT 'itv_' || lower(hex(i.id)), h.action, h.actor, h.status, h.detail,
            h.changed_at / 1000
        FROM intervention_change AS h JOIN intervention AS i ON i.key = h.intervention_key
        ORDER BY i.id, h.key",
    ),
    (
        "line_items",
        "SELECT 'evt_' || lower(hex(e.id)), i.line, p.name, c.name, i.quantity, i.price_minor,
            i.currency
        FROM line_item AS i JOIN event AS e ON e.seq = i.event_seq
        JOIN product AS p ON p.key = i.product_key
        LEFT JOIN category AS c ON c.key = i.category_key
        ORDER BY e.id, i.line",
    ),
    (
        "manual_merge_queue",
        "SELECT id, profile_ids, reason, status, evidence_count, created_at
        FROM manual_merge_queue ORDER BY id",
    ),
    (
        "merge_history",
        "SELECT id, base_profile_id, merged_profile_ids, customer_id, reason, actor, evidence,
            before_snapshot, after_snapshot, merged_at, undone_at
        FROM merge_history ORDER BY id",
    ),
    (
        "monitor_rule",
        "SELECT kind, position, definition, updated_at / 1000 FROM monitor_rule ORDER BY position",
    ),
    (
        "pins",
        "SELECT 'prf_' || lower(hex(a.minted_by)), 'prf_' || lower(hex(b.minted_by))
        FROM pin AS p JOIN customer AS a ON a.key = p.a_key JOIN customer AS b ON b.key = p.b_key
        ORDER BY 1, 2",
    ),
    (
        "purchases",
        "SELECT id, customer_id, product_name, product_sku, quantity, price, total, currency,
            purchase_date, warranty_expires FROM purchases ORDER BY id",
    ),
    (
        "store_visit",
        "SELECT id, customer_profile_id, store_id, store_name, check_in_at, check_out_at,
            detection_method FROM store_visit ORDER BY id",
    ),
    (
        "subscriptions",
        "SELECT customer_id, subscription_id, plan, screens, mrr, currency, status, started_at,
            cancelled_at, last_paid_at, last_payment_failed_at
        FROM subscriptions ORDER BY customer_id, subscription_id",
    ),
    (
        "work_orders",
        "SELECT id, customer_id, order_type, issue_description, resolution, status, priority,
            assigned_to, created_date, completed_date, cost, currency FROM work_orders ORDER BY id",
    ),
];

impl Reader {
    /// Writes the dump: a line per row, `table<TAB>value<TAB>...`, tables and rows sorted. Text
    /// is JSON, absent values are `null`.
    pub fn dump(&self, out: &mut dyn Write) -> Result<std::io::Result<()>, StoreError> {
        for (name, sql) in SECTIONS {
            if let Err(error) = self.dump_section(name, sql, out)? {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn dump_section(
        &self,
        name: &str,
        sql: &str,
        out: &mut dyn Write,
    ) -> Result<std::io::Result<()>, StoreError> {
        let doing = StoreError::doing("dump a table");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let mut rows = statement.stream([]).map_err(&doing)?;
        while let Some(row) = rows.next().map_err(&doing)? {
            let mut line = name.to_owned();
            for column in 0..row.column_count() {
                line.push('\t');
                line.push_str(&value_text(row.value(column).map_err(&doing)?));
            }
            if let Err(error) = writeln!(out, "{line}") {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}

/// Writes a value as JSON.
fn value_text(value: Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => serde_json::Value::from(text).to_string(),
        Value::Blob(bytes) => serde_json::Value::from(String::from_utf8_lossy(&bytes)).to_string(),
    }
}
