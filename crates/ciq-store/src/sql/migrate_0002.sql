-- migrate_0002.sql
-- What carried a message over a bus; how far readers of the feed are; which file this is.

ALTER TABLE message ADD COLUMN subject TEXT;
ALTER TABLE message ADD COLUMN message_id TEXT;
ALTER TABLE dead_letter ADD COLUMN subject TEXT;
ALTER TABLE dead_letter ADD COLUMN headers TEXT;

-- How far a reader of what changed has come, in the numbers of each table.
CREATE TABLE feed_cursor (
    name TEXT PRIMARY KEY,
    event_seq INTEGER NOT NULL,
    merge_key INTEGER NOT NULL,
    decision_seq INTEGER NOT NULL,
    dead_letter_key INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Tells two files of one brand apart: a customer's events must not go to both.
INSERT INTO meta (name, value) VALUES ('file_id', lower(hex(randomblob(16))));

DROP VIEW dead_letters;

CREATE VIEW dead_letters AS
SELECT
    CAST('ded_' || lower(hex(d.id)) AS TEXT) AS id,
    d.form,
    d.field,
    d.reason,
    d.body AS payload,
    d.arrival_count,
    CAST(d.received_at / 1000 AS INTEGER) AS received_at,
    d.subject,
    d.headers
FROM dead_letter AS d;
