-- migrate_0002.sql
-- What carried a message over a bus; how far readers of the feed are; which schema this is.

ALTER TABLE message ADD COLUMN subject TEXT COLLATE "C";
ALTER TABLE message ADD COLUMN message_id TEXT COLLATE "C";
ALTER TABLE dead_letter ADD COLUMN subject TEXT COLLATE "C";
ALTER TABLE dead_letter ADD COLUMN headers TEXT COLLATE "C";

CREATE TABLE feed_cursor (
    name TEXT COLLATE "C" PRIMARY KEY,
    event_seq BIGINT NOT NULL,
    merge_key BIGINT NOT NULL,
    decision_seq BIGINT NOT NULL,
    dead_letter_key BIGINT NOT NULL
) WITH (fillfactor = 50);

INSERT INTO meta (name, value)
VALUES ('file_id', replace(CAST(gen_random_uuid() AS TEXT), '-', ''));

DROP VIEW dead_letters;

CREATE VIEW dead_letters AS
SELECT
    ('ded_' || encode(d.id, 'hex')) COLLATE "C" AS id,
    d.form,
    d.field,
    d.reason,
    d.body AS payload,
    d.arrival_count,
    d.received_at / 1000 AS received_at,
    d.subject,
    d.headers
FROM dead_letter AS d;
