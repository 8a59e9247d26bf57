-- migrate_0003.sql
-- What events are about, what customers' histories mean, and what is done about it.

ALTER TABLE event ADD COLUMN sentiment INTEGER;

-- With all that a history needs of an event that is no order: passes read the index alone.
DROP INDEX event_by_customer;
CREATE INDEX event_by_customer
ON event (customer_key, occurred_at, type_key, source_key, sentiment);

-- 1 where the events of a message make a customer of their own, whoever holds their identifiers.
ALTER TABLE message ADD COLUMN is_unresolved INTEGER;

CREATE TABLE product (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE category (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- The products that an event is about.
CREATE TABLE line_item (
    event_seq INTEGER NOT NULL,
    line INTEGER NOT NULL,
    product_key INTEGER NOT NULL,
    category_key INTEGER,
    quantity INTEGER NOT NULL,
    price_minor INTEGER,
    currency TEXT,
    PRIMARY KEY (event_seq, line)
) STRICT, WITHOUT ROWID;

-- What a customer's history means, as of a time. A row per root; it follows from the events, so a
-- rebuilt file is without it until the next pass. Features and intents are JSON, products in it by
-- their names. wake_at is when to look again although nothing happened.
CREATE TABLE insight (
    customer_key INTEGER PRIMARY KEY,
    as_of INTEGER NOT NULL,
    features TEXT NOT NULL,
    churn REAL NOT NULL,
    lifetime_value_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    segment TEXT NOT NULL,
    segment_since INTEGER NOT NULL,
    previous_segment TEXT,
    recommendations TEXT NOT NULL,
    model_version TEXT NOT NULL,
    stage TEXT NOT NULL,
    stage_since INTEGER NOT NULL,
    previous_stage TEXT,
    journey_score INTEGER NOT NULL,
    previous_journey_score INTEGER,
    next_best_action TEXT NOT NULL,
    intents TEXT NOT NULL,
    wake_at INTEGER
) STRICT;

-- Those most likely to leave are listed first; those for whom time alone may trigger something have
-- to be found.
CREATE INDEX insight_by_churn ON insight (churn);
CREATE INDEX insight_by_waking ON insight (wake_at) WHERE wake_at IS NOT NULL;

-- Models trained on the brand's own history. One is in use at most.
CREATE TABLE model (
    version TEXT PRIMARY KEY,
    trained_at INTEGER NOT NULL,
    is_in_use INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    report TEXT NOT NULL
) STRICT;

-- What the passes remember, by name.
CREATE TABLE pass_state (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What people defined. Times in seconds: people query it as it is.
CREATE TABLE automation (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL GENERATED ALWAYS AS (json_extract(definition, '$.name')) VIRTUAL,
    trigger_type TEXT NOT NULL
        GENERATED ALWAYS AS (json_extract(definition, '$.trigger.type')) VIRTUAL,
    enabled INTEGER NOT NULL GENERATED ALWAYS AS (json_extract(definition, '$.enabled')) VIRTUAL,
    definition TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- An automation that was triggered for a customer. customer_key is an origin, as in event. The id derives from
-- automation, customer and occasion, so that one occasion is one execution.
CREATE TABLE execution (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    automation_id TEXT NOT NULL,
    automation_name TEXT NOT NULL,
    trigger_type TEXT NOT NULL,
    customer_key INTEGER NOT NULL,
    occasion TEXT NOT NULL,
    triggered_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    finished_at INTEGER,
    evidence TEXT NOT NULL
) STRICT;

CREATE INDEX execution_by_customer ON execution (customer_key, automation_id);
CREATE INDEX execution_due ON execution (due_at) WHERE status = 'triggered';

-- What is sent for an execution: one row per action. The recipient and the words stand here from
-- the moment of sending on. revision grows with every change, so that a worker whose claim another
-- took over changes nothing.
CREATE TABLE delivery (
    key INTEGER PRIMARY KEY,
    execution_key INTEGER NOT NULL,
    action_index INTEGER NOT NULL,
    channel TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    reason TEXT,
    not_before INTEGER NOT NULL,
    attempt_count INTEGER NOT NULL,
    lease_until INTEGER,
    is_unsure INTEGER NOT NULL,
    provider_id TEXT,
    recipient TEXT,
    subject TEXT,
    body TEXT,
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    revision INTEGER NOT NULL,
    UNIQUE (execution_key, action_index)
) STRICT;

CREATE INDEX delivery_open ON delivery (coalesce(lease_until, not_before))
WHERE status IN ('queued', 'sending');

-- What an automation asks a person to do.
CREATE TABLE task (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    customer_key INTEGER NOT NULL,
    title TEXT NOT NULL,
    body TEXT,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Segments that automations put customers into, beside the one that the model says.
CREATE TABLE membership (
    customer_key INTEGER NOT NULL,
    segment TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (customer_key, segment)
) STRICT, WITHOUT ROWID;

-- What people query.

CREATE VIEW line_items AS
SELECT
    CAST('evt_' || lower(hex(e.id)) AS TEXT) AS event_id,
    r.id AS customer_id,
    i.line,
    p.name AS product_name,
    c.name AS category,
    i.quantity,
    CAST(CAST(i.price_minor AS REAL) / coalesce(u.divisor, 100) AS REAL) AS price,
    i.currency
FROM line_item AS i
JOIN product AS p ON p.key = i.product_key
LEFT JOIN category AS c ON c.key = i.category_key
JOIN event AS e ON e.seq = i.event_seq
JOIN customer AS o ON o.key = e.customer_key
JOIN customer AS r ON r.key = o.root_key
LEFT JOIN currency AS u ON u.code = i.currency;

CREATE VIEW features AS
SELECT
    r.id AS customer_profile_id,
    CAST(f.key AS TEXT) AS feature_name,
    CAST(CASE f.type WHEN 'object' THEN json(f.value) ELSE f.value END AS TEXT) AS feature_value,
    CAST(n.as_of / 1000 AS INTEGER) AS calculated_at
FROM insight AS n
JOIN customer AS r ON r.key = n.customer_key AND r.root_key = r.key
JOIN json_each(n.features) AS f;

CREATE VIEW predictions AS
SELECT
    r.id AS customer_profile_id,
    n.churn AS churn_score,
    CAST(CAST(n.lifetime_value_minor AS REAL) / coalesce(u.divisor, 100) AS REAL)
        AS predicted_ltv,
    n.currency,
    n.segment,
    n.recommendations,
    n.model_version,
    CAST(n.as_of / 1000 AS INTEGER) AS predicted_at
FROM insight AS n
JOIN customer AS r ON r.key = n.customer_key AND r.root_key = r.key
LEFT JOIN currency AS u ON u.code = n.currency;

CREATE VIEW customer_journey AS
SELECT
    r.id AS customer_profile_id,
    n.stage AS current_stage,
    n.previous_stage,
    n.journey_score,
    n.previous_journey_score,
    n.next_best_action,
    CAST(n.stage_since / 1000 AS INTEGER) AS stage_since,
    CAST(n.as_of / 1000 AS INTEGER) AS updated_at
FROM insight AS n
JOIN customer AS r ON r.key = n.customer_key AND r.root_key = r.key;

CREATE VIEW product_intent AS
SELECT
    r.id AS customer_profile_id,
    CAST(json_extract(i.value, '$.product') AS TEXT) AS product_name,
    CAST(json_extract(i.value, '$.category') AS TEXT) AS category,
    CAST(json_extract(i.value, '$.score') AS INTEGER) AS intent_score,
    CAST(json_extract(i.value, '$.status') AS TEXT) AS status,
    CAST(json_extract(i.value, '$.first_at') AS INTEGER) AS created_at,
    CAST(json_extract(i.value, '$.last_at') AS INTEGER) AS updated_at
FROM insight AS n
JOIN customer AS r ON r.key = n.customer_key AND r.root_key = r.key
JOIN json_each(n.intents) AS i;

CREATE VIEW automation_execution AS
SELECT
    CAST('exe_' || lower(hex(x.id)) AS TEXT) AS id,
    x.automation_id,
    x.automation_name,
    x.trigger_type,
    r.id AS customer_profile_id,
    x.status,
    x.reason,
    x.occasion,
    x.evidence,
    CAST(x.triggered_at / 1000 AS INTEGER) AS triggered_at,
    CAST(x.due_at / 1000 AS INTEGER) AS due_at,
    CAST(x.finished_at / 1000 AS INTEGER) AS executed_at
FROM execution AS x
JOIN customer AS o ON o.key = x.customer_key
JOIN customer AS r ON r.key = o.root_key;

CREATE VIEW campaign_execution AS
SELECT
    d.idempotency_key AS id,
    CAST('exe_' || lower(hex(x.id)) AS TEXT) AS automation_execution_id,
    r.id AS customer_profile_id,
    d.channel,
    d.status,
    d.reason,
    d.recipient,
    d.subject,
    d.body AS content,
    d.attempt_count,
    d.provider_id,
    CAST(d.sent_at / 1000 AS INTEGER) AS sent_at,
    CAST(d.created_at / 1000 AS INTEGER) AS created_at
FROM delivery AS d
JOIN execution AS x ON x.key = d.execution_key
JOIN customer AS o ON o.key = x.customer_key
JOIN customer AS r ON r.key = o.root_key;

CREATE VIEW tasks AS
SELECT
    CAST('tsk_' || lower(hex(t.id)) AS TEXT) AS id,
    r.id AS customer_id,
    t.title,
    t.body,
    t.status,
    CAST(t.created_at / 1000 AS INTEGER) AS created_at
FROM task AS t
JOIN customer AS o ON o.key = t.customer_key
JOIN customer AS r ON r.key = o.root_key;
