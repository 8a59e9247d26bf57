-- migrate_0004.sql
-- Accounts: how a customer uses what it bought. What the monitor wants a person to do about that.

ALTER TABLE activity ADD COLUMN api_call_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activity ADD COLUMN last_api_call_at INTEGER;

-- One row per root whose events tell of an account: what its fields and sums in activity say, in
-- columns, so that a check of everyone reads no JSON. error_rate is in millionths.
CREATE TABLE account (
    customer_key INTEGER PRIMARY KEY,
    stage TEXT NOT NULL,
    tier TEXT NOT NULL,
    status TEXT,
    signed_up_at INTEGER,
    api_call_count INTEGER NOT NULL,
    last_api_call_at INTEGER,
    error_rate INTEGER NOT NULL,
    usage_trend TEXT NOT NULL,
    integration_status TEXT
) STRICT;

-- How well an account goes, 0 to 100, as the last check found it. parts is JSON.
CREATE TABLE health (
    customer_key INTEGER PRIMARY KEY,
    score INTEGER NOT NULL,
    band TEXT NOT NULL,
    parts TEXT NOT NULL,
    as_of INTEGER NOT NULL
) STRICT;

CREATE INDEX health_by_score ON health (score);

-- Who is of a segment, or at a stage: lists and counts read the index alone, because the rows are
-- wide.
CREATE INDEX insight_by_segment ON insight (segment, stage);

-- Something that a person should do about a customer. customer_key is an origin, as in event.
-- revision grows with every change, so that a check that was overtaken by a person changes nothing;
-- nor does one that was overtaken by an erasure, as numbers are given once.
CREATE TABLE intervention (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    customer_key INTEGER NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    severity INTEGER NOT NULL,
    status TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    snoozed_until INTEGER,
    closed_at INTEGER,
    close_reason TEXT,
    assignee TEXT,
    due_at INTEGER,
    action TEXT NOT NULL,
    evidence TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX intervention_open ON intervention (customer_key, kind)
WHERE status <> 'resolved';
CREATE INDEX intervention_by_customer ON intervention (customer_key, kind, closed_at);
CREATE INDEX intervention_by_severity ON intervention (severity, key) WHERE status <> 'resolved';

-- Each step in the life of an intervention, by whom. The keys are numbers that are given once.
CREATE TABLE intervention_change (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    intervention_key INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    status TEXT NOT NULL,
    detail TEXT
) STRICT;

CREATE INDEX intervention_change_by_intervention ON intervention_change (intervention_key);

-- The rules of the monitor, where the default set was replaced. definition is JSON; position is
-- their order.
CREATE TABLE monitor_rule (
    kind TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    definition TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- How often each rule opened an intervention: whose turn it is.
CREATE TABLE monitor_turn (
    kind TEXT PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE feed_cursor ADD COLUMN intervention_key INTEGER NOT NULL DEFAULT 0;

-- What people query.

CREATE VIEW accounts AS
SELECT
    c.id AS customer_id,
    a.stage,
    a.tier,
    a.api_call_count AS total_api_calls,
    CAST(a.last_api_call_at / 1000 AS INTEGER) AS last_api_call,
    CAST(a.error_rate / 1000000.0 AS REAL) AS error_rate,
    a.usage_trend,
    a.integration_status,
    CAST(a.signed_up_at / 1000 AS INTEGER) AS signed_up_at,
    h.score AS health_score,
    h.band AS health_band
FROM account AS a
JOIN customer AS c ON c.key = a.customer_key
LEFT JOIN health AS h ON h.customer_key = a.customer_key;

CREATE VIEW interventions AS
SELECT
    CAST('itv_' || lower(hex(i.id)) AS TEXT) AS id,
    r.id AS customer_id,
    i.kind,
    i.title,
    CASE i.severity WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' ELSE 'critical' END
        AS severity,
    i.status,
    i.assignee,
    i.evidence,
    i.close_reason,
    CAST(i.opened_at / 1000 AS INTEGER) AS opened_at,
    CAST(i.due_at / 1000 AS INTEGER) AS due_at,
    CAST(i.snoozed_until / 1000 AS INTEGER) AS snoozed_until,
    CAST(i.closed_at / 1000 AS INTEGER) AS closed_at
FROM intervention AS i
JOIN customer AS o ON o.key = i.customer_key
JOIN customer AS r ON r.key = o.root_key;

CREATE VIEW intervention_history AS
SELECT
    CAST('itv_' || lower(hex(i.id)) AS TEXT) AS intervention_id,
    h.action,
    h.actor,
    h.status,
    h.detail,
    CAST(h.changed_at / 1000 AS INTEGER) AS changed_at
FROM intervention_change AS h
JOIN intervention AS i ON i.key = h.intervention_key;
