//! Health of a brand's tables, for `doctor`.

use serde::Serialize;

use crate::{Reader, StoreError};

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub is_ok: bool,
    /// What was found, and what to do about it where it is not as it should be.
    pub finding: String,
}

/// Statements that return how many rows are not as they should be.
const COUNTS: [(&str, &str, &str); 7] = [
    (
        "every customer has its sums, and nothing else has",
        "SELECT (SELECT count(*) FROM customer WHERE root_key = key)
            - (SELECT count(*) FROM activity AS a JOIN customer AS c
                ON c.key = a.key AND c.root_key = c.key)
            + (SELECT count(*) FROM activity AS a
                WHERE NOT EXISTS (SELECT 1 FROM customer AS c
                    WHERE c.key = a.key AND c.root_key = c.key))",
        "run `customeriq rebuild`",
    ),
    (
        "events belong to customers",
        "SELECT count(*) FROM event AS e
            WHERE NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.key = e.customer_key)",
        "run `customeriq rebuild`",
    ),
    (
        "events have their messages",
        "SELECT count(*) FROM event AS e
            WHERE NOT EXISTS (SELECT 1 FROM message AS m WHERE m.seq = e.message_seq)",
        "restore a backup: messages are the truth",
    ),
    (
        "merged customers point at a customer",
        "SELECT count(*) FROM customer AS c JOIN customer AS r ON r.key = c.root_key
            WHERE r.root_key <> r.key",
        "run `customeriq rebuild`",
    ),
    (
        "order counts agree with orders",
        "SELECT count(*) FROM customer AS c JOIN activity AS a ON a.key = c.key
            WHERE a.order_count <>
            (SELECT count(*) FROM customer AS o JOIN event AS e ON e.customer_key = o.key
                JOIN purchase AS p ON p.event_seq = e.seq WHERE o.root_key = c.key)",
        "run `customeriq rebuild`",
    ),
    (
        "event counts agree with events",
        "SELECT count(*) FROM customer AS c JOIN activity AS a ON a.key = c.key
            WHERE a.event_count <>
            (SELECT count(*) FROM customer AS o JOIN event AS e ON e.customer_key = o.key
                WHERE o.root_key = c.key)",
        "run `customeriq rebuild`",
    ),
    (
        "subscriptions and how they are paid belong to customers",
        "SELECT (SELECT count(*) FROM billing AS b
                WHERE NOT EXISTS (SELECT 1 FROM subscription AS s
                    WHERE s.customer_key = b.customer_key))
            + (SELECT count(*) FROM subscription AS s
                WHERE NOT EXISTS (SELECT 1 FROM billing AS b JOIN customer AS c
                    ON c.key = b.customer_key AND c.root_key = c.key
                    WHERE b.customer_key = s.customer_key))",
        "run `customeriq rebuild`",
    ),
];

impl Reader {
    /// Checks that the tables agree; and of a file, its pages and its search indexes.
    pub fn check(&self) -> Result<Vec<Check>, StoreError> {
        let doing = StoreError::doing("check the tables");
        let mut checks: Vec<Check> = self.check_pages()?.into_iter().collect();
        for (name, sql, remedy) in COUNTS {
            let count: i64 =
                self.connection.query_row(sql, [], |row| row.get(0)).map_err(&doing)?;
            let finding =
                if count == 0 { "ok".to_owned() } else { format!("{count} do not: {remedy}") };
            checks.push(Check { name, is_ok: count == 0, finding });
        }
        Ok(checks)
    }

    /// PostgreSQL looks after its pages by itself.
    fn check_pages(&self) -> Result<Option<Check>, StoreError> {
        let Some(connection) = self.connection.as_sqlite() else { return Ok(None) };
        let found: String = connection
            .query_row("PRAGMA quick_check", [], |row| row.get(0))
            .map_err(StoreError::doing("check the file"))?;
        let is_ok = found == "ok";
        let finding = if is_ok { found } else { format!("{found}: restore a backup") };
        Ok(Some(Check { name: "pages are sound", is_ok, finding }))
    }
}
