//! The log read back: messages and decisions in the order in which they came.

use ciq_engine::{Action, Decision};
use ciq_event::{DecisionId, Message};

use crate::StoreError;
use crate::codec::{carrier, message, timestamp};
use crate::sql::Connection;

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogEntry {
    /// A message that told of events.
    Message(Message),
    /// A decision of a person.
    Decision(Decision),
}

/// Entries read at once: bounds the memory of a pass over the log.
pub(crate) const LOG_PAGE: i64 = 5_000;

/// Reads up to [`LOG_PAGE`] places of the log from `after` on. `None` past the end.
pub(crate) fn read_page(
    connection: &Connection,
    after: i64,
) -> Result<Option<(i64, Vec<LogEntry>)>, StoreError> {
    const SQL: &str = "SELECT seq, form, received_at, body, NULL AS id, NULL AS actor, subject,
                message_id, coalesce(is_unresolved, 0)
            FROM message WHERE seq > ?1 AND seq <= ?2
        UNION ALL SELECT seq, '', decided_at, action, id, actor, NULL, NULL, 0
            FROM decision WHERE seq > ?1 AND seq <= ?2
        ORDER BY seq";
    let doing = StoreError::doing("read the log");
    let end: i64 = connection
        .query_row("SELECT next FROM counter WHERE name = 'log_seq'", [], |row| row.get(0))
        .map_err(&doing)?;
    if after + 1 >= end {
        return Ok(None);
    }
    let until = after + LOG_PAGE;
    let mut statement = connection.prepare_cached(SQL).map_err(&doing)?;
    let mut rows = statement.query([after, until]).map_err(&doing)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next().map_err(&doing)? {
        let form: String = row.get(1).map_err(&doing)?;
        let body: String = row.get(3).map_err(&doing)?;
        let decision_id: Option<[u8; 16]> = row.get(4).map_err(&doing)?;
        entries.push(match decision_id {
            None => LogEntry::Message(Message {
                carrier: carrier(row.get(6).map_err(&doing)?, row.get(7).map_err(&doing)?),
                is_unresolved: row.get(8).map_err(&doing)?,
                ..message(&form, body, row.get(2).map_err(&doing)?)?
            }),
            Some(id) => LogEntry::Decision(Decision {
                id: DecisionId::from_raw(id),
                decided_at: timestamp(row.get(2).map_err(&doing)?)?,
                actor: row.get(5).map_err(&doing)?,
                action: Action::from_json(&body)
                    .map_err(|_| StoreError::corrupt("decision", "unreadable action"))?,
            }),
        });
    }
    Ok(Some((until, entries)))
}
