-- migrate_0001.sql
-- The compact tables. Keys are integers, ids are 16 bytes, times are milliseconds, money is minor
-- units. What people query are the views at the end, under the names and types that were promised.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counter (name, next) VALUES ('customer_key', 1), ('event_seq', 1), ('log_seq', 1);

-- Only currencies that do not have two decimals.
CREATE TABLE currency (
    code TEXT PRIMARY KEY,
    divisor INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The truth, one: messages as they arrived.
CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    form TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- The truth, two: what people decided, in the same sequence.
CREATE TABLE decision (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    decided_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL
) STRICT;

-- Events that were erased: they do not come back.
CREATE TABLE erased_event (
    id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE event_type (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE source (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- customer_key is the origin: the customer that the event was attached to first. It never moves.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    message_seq INTEGER NOT NULL,
    customer_key INTEGER NOT NULL,
    type_key INTEGER NOT NULL,
    source_key INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    title TEXT,
    description TEXT,
    full_text TEXT,
    amount_minor INTEGER,
    currency TEXT,
    status TEXT,
    agent_notes TEXT,
    left_out TEXT
) STRICT;

CREATE UNIQUE INDEX event_by_id ON event (id);
CREATE INDEX event_by_customer ON event (customer_key, occurred_at);

-- A customer is a root (root_key = key) and the origins under it. id is NULL for the latter. Here
-- stands what seldom changes; what every event changes stands in activity, which is small.
CREATE TABLE customer (
    key INTEGER PRIMARY KEY,
    minted_by BLOB NOT NULL,
    root_key INTEGER NOT NULL,
    id TEXT,
    origin_count INTEGER NOT NULL,
    email TEXT,
    phone TEXT,
    first_event_at INTEGER,
    first_event_id BLOB,
    is_first_event_order INTEGER NOT NULL
) STRICT;

-- One row per root. totals is JSON by currency where there are several.
CREATE TABLE activity (
    key INTEGER PRIMARY KEY,
    fields TEXT NOT NULL,
    strength INTEGER NOT NULL,
    lifetime_value_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    totals TEXT,
    order_count INTEGER NOT NULL,
    event_count INTEGER NOT NULL,
    store_visit_count INTEGER NOT NULL,
    last_event_at INTEGER
) STRICT;

CREATE UNIQUE INDEX customer_by_minting ON customer (minted_by);
CREATE INDEX customer_by_id ON customer (id) WHERE id IS NOT NULL;
CREATE INDEX customer_by_root ON customer (root_key);

-- What one customer holds stands together: every batch reads all of it, and adds to it at random.
-- hash is 64 bits of kind and value: a third of the size of an index over the texts.
CREATE TABLE identifier (
    customer_key INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    PRIMARY KEY (customer_key, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX identifier_by_hash ON identifier (hash);

-- What follows from an event stands under the event's number, and belongs to the event's customer:
-- one index by customer, that of event, serves them all.
CREATE TABLE purchase (
    event_seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    product_name TEXT NOT NULL,
    product_sku TEXT,
    quantity INTEGER,
    price_minor INTEGER,
    total_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    warranty_expires_at INTEGER
) STRICT;

CREATE UNIQUE INDEX purchase_by_id ON purchase (id);

CREATE TABLE work_order (
    event_seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    fields TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX work_order_by_id ON work_order (id);

CREATE TABLE knowledge (
    event_seq INTEGER PRIMARY KEY,
    content TEXT NOT NULL,
    category TEXT,
    importance TEXT,
    tags TEXT
) STRICT;

CREATE TABLE visit (
    event_seq INTEGER PRIMARY KEY,
    store_id TEXT NOT NULL,
    store_name TEXT,
    check_in_at INTEGER NOT NULL,
    check_out_at INTEGER,
    detection_method TEXT
) STRICT;

CREATE TABLE merge (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    merged_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    base_key INTEGER NOT NULL,
    absorbed_keys TEXT NOT NULL,
    evidence TEXT NOT NULL,
    before_snapshot TEXT NOT NULL,
    after_snapshot TEXT NOT NULL,
    undone_at INTEGER
) STRICT;

-- The links of merges that were not undone. Those of one customer form a tree.
CREATE TABLE link (
    merge_id BLOB NOT NULL,
    a_key INTEGER NOT NULL,
    b_key INTEGER NOT NULL,
    PRIMARY KEY (a_key, b_key, merge_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX link_by_merge ON link (merge_id);

-- Pairs that nothing automatic may join: a person decided.
CREATE TABLE pin (
    a_key INTEGER NOT NULL,
    b_key INTEGER NOT NULL,
    PRIMARY KEY (a_key, b_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX pin_by_b ON pin (b_key);

CREATE TABLE review (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    customer_keys TEXT NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    opened_at INTEGER NOT NULL
) STRICT;

CREATE INDEX review_by_status ON review (status, key);

CREATE TABLE review_evidence (
    review_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    PRIMARY KEY (review_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letter (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    form TEXT NOT NULL,
    body BLOB NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    arrival_count INTEGER NOT NULL
) STRICT;

-- Search. The text of events and notes stands in their tables only. Emoji (So) are words too. Rows
-- are inserted by the commit itself: a trigger would make the index flush at every row.
CREATE VIRTUAL TABLE customer_search USING fts5(
    words,
    tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);

CREATE VIRTUAL TABLE event_search USING fts5(
    title, description, full_text, content='event', content_rowid='seq',
    tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);

CREATE VIRTUAL TABLE knowledge_search USING fts5(
    content, tags, content='knowledge', content_rowid='event_seq',
    tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);

-- What people query.

CREATE VIEW customers AS
SELECT
    c.id,
    CAST(coalesce(
        json_extract(a.fields, '$.name[0]'), json_extract(a.fields, '$.company[0]'),
        c.email, c.phone, c.id
    ) AS TEXT) AS name,
    c.email,
    c.phone,
    CAST(json_extract(a.fields, '$.company[0]') AS TEXT) AS company,
    CAST(coalesce(json_extract(a.fields, '$.status[0]'), 'active') AS TEXT) AS status,
    CAST(c.first_event_at / 1000 AS INTEGER) AS customer_since,
    CAST(CAST(a.lifetime_value_minor AS REAL) / coalesce(u.divisor, 100) AS REAL) AS lifetime_value,
    CAST(json_extract(a.fields, '$.tags[0]') AS TEXT) AS tags,
    CAST((
        SELECT nullif(json_group_object(substr(f.key, 8), json(f.value) -> '$[0]'), '{}')
        FROM json_each(a.fields) AS f
        WHERE f.key LIKE 'custom.%'
    ) AS TEXT) AS custom_fields,
    CAST(c.first_event_at / 1000 AS INTEGER) AS created_at,
    CAST(a.last_event_at / 1000 AS INTEGER) AS updated_at,
    a.currency,
    a.lifetime_value_minor
FROM customer AS c
JOIN activity AS a ON a.key = c.key
LEFT JOIN currency AS u ON u.code = a.currency
WHERE c.root_key = c.key AND c.id IS NOT NULL;

CREATE VIEW customer_events AS
SELECT
    CAST('evt_' || lower(hex(e.id)) AS TEXT) AS id,
    r.id AS customer_id,
    t.name AS event_type,
    CAST(e.occurred_at / 1000 AS INTEGER) AS event_date,
    e.title,
    e.description,
    CAST(CAST(e.amount_minor AS REAL) / coalesce(u.divisor, 100) AS REAL) AS amount,
    e.status,
    CAST(CASE m.form
        WHEN 'envelope' THEN json_extract(m.body, '$.metadata')
        WHEN 'domain' THEN json_extract(m.body, '$.props')
    END AS TEXT) AS metadata,
    e.agent_notes,
    s.name AS source_service,
    m.body AS raw_event_data,
    CAST(m.received_at / 1000 AS INTEGER) AS created_at,
    e.currency,
    e.amount_minor
FROM event AS e
JOIN customer AS o ON o.key = e.customer_key
JOIN customer AS r ON r.key = o.root_key
JOIN event_type AS t ON t.key = e.type_key
JOIN source AS s ON s.key = e.source_key
JOIN message AS m ON m.seq = e.message_seq
LEFT JOIN currency AS u ON u.code = e.currency;

CREATE VIEW purchases AS
SELECT
    p.id,
    r.id AS customer_id,
    p.product_name,
    p.product_sku,
    p.quantity,
    CAST(CAST(p.price_minor AS REAL) / coalesce(u.divisor, 100) AS REAL) AS price,
    CAST(CAST(p.total_minor AS REAL) / coalesce(u.divisor, 100) AS REAL) AS total,
    CAST(e.occurred_at / 1000 AS INTEGER) AS purchase_date,
    CAST(p.warranty_expires_at / 1000 AS INTEGER) AS warranty_expires,
    CAST(CASE m.form
        WHEN 'envelope' THEN json_extract(m.body, '$.metadata')
    END AS TEXT) AS metadata,
    CAST(m.received_at / 1000 AS INTEGER) AS created_at,
    p.currency,
    p.total_minor
FROM purchase AS p
JOIN event AS e ON e.seq = p.event_seq
JOIN customer AS o ON o.key = e.customer_key
JOIN customer AS r ON r.key = o.root_key
JOIN message AS m ON m.seq = e.message_seq
LEFT JOIN currency AS u ON u.code = p.currency;

CREATE VIEW work_orders AS
SELECT
    w.id,
    r.id AS customer_id,
    CAST(json_extract(w.fields, '$.order_type[0]') AS TEXT) AS order_type,
    CAST(json_extract(w.fields, '$.issue_description[0]') AS TEXT) AS issue_description,
    CAST(json_extract(w.fields, '$.resolution[0]') AS TEXT) AS resolution,
    CAST(json_extract(w.fields, '$.status[0]') AS TEXT) AS status,
    CAST(json_extract(w.fields, '$.priority[0]') AS TEXT) AS priority,
    CAST(json_extract(w.fields, '$.assigned_to[0]') AS TEXT) AS assigned_to,
    CAST(e.occurred_at / 1000 AS INTEGER) AS created_date,
    CAST(json_extract(w.fields, '$.completed_date[0]') AS INTEGER) AS completed_date,
    CAST(CAST(json_extract(w.fields, '$.cost[0][0]') AS REAL) / coalesce(u.divisor, 100) AS REAL)
        AS cost,
    CAST(CASE m.form
        WHEN 'envelope' THEN json_extract(m.body, '$.metadata')
    END AS TEXT) AS metadata,
    CAST(json_extract(w.fields, '$.cost[0][1]') AS TEXT) AS currency,
    CAST(json_extract(w.fields, '$.cost[0][0]') AS INTEGER) AS cost_minor
FROM work_order AS w
JOIN event AS e ON e.seq = w.event_seq
JOIN customer AS o ON o.key = e.customer_key
JOIN customer AS r ON r.key = o.root_key
JOIN message AS m ON m.seq = e.message_seq
LEFT JOIN currency AS u ON u.code = json_extract(w.fields, '$.cost[0][1]');

CREATE VIEW customer_knowledge AS
SELECT
    CAST('kno_' || lower(hex(e.id)) AS TEXT) AS id,
    r.id AS customer_id,
    k.content,
    k.category,
    k.importance,
    k.tags,
    s.name AS source,
    CAST(e.occurred_at / 1000 AS INTEGER) AS created_at,
    CAST(e.occurred_at / 1000 AS INTEGER) AS updated_at
FROM knowledge AS k
JOIN event AS e ON e.seq = k.event_seq
JOIN customer AS o ON o.key = e.customer_key
JOIN customer AS r ON r.key = o.root_key
JOIN source AS s ON s.key = e.source_key;

CREATE VIEW identifiers AS
SELECT
    r.id AS customer_id,
    i.kind,
    i.value,
    CAST(i.first_seen_at / 1000 AS INTEGER) AS first_seen_at
FROM identifier AS i
JOIN customer AS o ON o.key = i.customer_key
JOIN customer AS r ON r.key = o.root_key
WHERE NOT EXISTS (
    SELECT 1
    FROM identifier AS j
    JOIN customer AS p ON p.key = j.customer_key
    WHERE j.hash = i.hash AND j.kind = i.kind AND j.value = i.value
        AND p.root_key = o.root_key AND j.customer_key < i.customer_key
);

-- Ids of customers that were merged into another: they resolve for ever.
CREATE VIEW aliases AS
SELECT
    CAST('prf_' || lower(hex(o.minted_by)) AS TEXT) AS alias_id,
    r.id AS customer_id
FROM customer AS o
JOIN customer AS r ON r.key = o.root_key
WHERE o.root_key <> o.key;

CREATE VIEW customer_profile AS
SELECT
    c.id,
    CAST((SELECT value FROM meta WHERE name = 'brand') AS TEXT) AS brand_id,
    c.email,
    c.phone,
    CAST((
        SELECT json_group_object(i.kind, json(i.list)) FROM (
            SELECT n.kind, json_group_array(n.value) AS list FROM (
                SELECT DISTINCT m.kind, m.value
                FROM customer AS o
                JOIN identifier AS m ON m.customer_key = o.key
                WHERE o.root_key = c.key
                ORDER BY m.kind, m.value
            ) AS n
            GROUP BY n.kind
        ) AS i
    ) AS TEXT) AS identifiers,
    a.strength AS profile_strength,
    CAST(CAST(a.lifetime_value_minor AS REAL) / coalesce(u.divisor, 100) AS REAL) AS lifetime_value,
    a.currency,
    a.order_count AS total_orders,
    c.origin_count AS merged_profiles,
    CAST(c.first_event_at / 1000 AS INTEGER) AS created_at,
    CAST(a.last_event_at / 1000 AS INTEGER) AS updated_at
FROM customer AS c
JOIN activity AS a ON a.key = c.key
LEFT JOIN currency AS u ON u.code = a.currency
WHERE c.root_key = c.key AND c.id IS NOT NULL;

CREATE VIEW customer_raw_event AS
SELECT
    CAST('evt_' || lower(hex(e.id)) AS TEXT) AS id,
    r.id AS customer_profile_id,
    t.name AS event_type,
    s.name AS source,
    m.form,
    m.body AS payload,
    e.left_out,
    CAST(e.occurred_at / 1000 AS INTEGER) AS occurred_at,
    CAST(m.received_at / 1000 AS INTEGER) AS received_at
FROM event AS e
JOIN customer AS o ON o.key = e.customer_key
JOIN customer AS r ON r.key = o.root_key
JOIN event_type AS t ON t.key = e.type_key
JOIN source AS s ON s.key = e.source_key
JOIN message AS m ON m.seq = e.message_seq;

CREATE VIEW store_visit AS
SELECT
    CAST('evt_' || lower(hex(e.id)) AS TEXT) AS id,
    r.id AS customer_profile_id,
    v.store_id,
    v.store_name,
    CAST(v.check_in_at / 1000 AS INTEGER) AS check_in_at,
    CAST(v.check_out_at / 1000 AS INTEGER) AS check_out_at,
    CAST((v.check_out_at - v.check_in_at) / 60000 AS INTEGER) AS duration_minutes,
    v.detection_method
FROM visit AS v
JOIN event AS e ON e.seq = v.event_seq
JOIN customer AS o ON o.key = e.customer_key
JOIN customer AS r ON r.key = o.root_key;

CREATE VIEW merge_history AS
SELECT
    CAST('mrg_' || lower(hex(g.id)) AS TEXT) AS id,
    CAST('prf_' || lower(hex(b.minted_by)) AS TEXT) AS base_profile_id,
    CAST((
        SELECT json_group_array('prf_' || lower(hex(a.minted_by)))
        FROM json_each(g.absorbed_keys) AS k
        JOIN customer AS a ON a.key = k.value
    ) AS TEXT) AS merged_profile_ids,
    r.id AS customer_id,
    g.reason,
    g.actor,
    g.evidence,
    g.before_snapshot,
    g.after_snapshot,
    CAST(g.merged_at / 1000 AS INTEGER) AS merged_at,
    CAST(g.undone_at / 1000 AS INTEGER) AS undone_at
FROM merge AS g
JOIN customer AS b ON b.key = g.base_key
JOIN customer AS r ON r.key = b.root_key;

CREATE VIEW manual_merge_queue AS
SELECT
    CAST('rev_' || lower(hex(q.id)) AS TEXT) AS id,
    CAST((
        SELECT json_group_array('prf_' || lower(hex(a.minted_by)))
        FROM json_each(q.customer_keys) AS k
        JOIN customer AS a ON a.key = k.value
    ) AS TEXT) AS profile_ids,
    q.reason,
    q.status,
    CAST((SELECT count(*) FROM review_evidence AS v WHERE v.review_id = q.id) AS INTEGER)
        AS evidence_count,
    CAST(q.opened_at / 1000 AS INTEGER) AS created_at
FROM review AS q;

CREATE VIEW dead_letters AS
SELECT
    CAST('ded_' || lower(hex(d.id)) AS TEXT) AS id,
    d.form,
    d.field,
    d.reason,
    d.body AS payload,
    d.arrival_count,
    CAST(d.received_at / 1000 AS INTEGER) AS received_at
FROM dead_letter AS d;
