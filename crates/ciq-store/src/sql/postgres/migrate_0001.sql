-- migrate_0001.sql
-- The tables and views of SQLite's migration of the same number, for PostgreSQL: the same names,
-- columns and values. Why a table is as it is, is said there. Whole numbers are BIGINT, and so are
-- truth values; JSON is TEXT, because it comes out as it went in; text compares by its bytes.

-- Functions that SQLite has. They find each other in this schema, so that the views work whatever a
-- reader's search path.

CREATE FUNCTION hex(bytes BYTEA) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(upper(encode(bytes, 'hex')), '');

CREATE FUNCTION unhex(digits TEXT) RETURNS BYTEA LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN digits ~ '^([0-9A-Fa-f]{2})*$' THEN decode(digits, 'hex') END;

CREATE FUNCTION instr(whole TEXT, part TEXT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CAST(strpos(whole, part) AS BIGINT);

CREATE FUNCTION substr(whole TEXT, place BIGINT, length BIGINT) RETURNS TEXT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.substr(whole, CAST(place AS INTEGER), CAST(length AS INTEGER));

CREATE FUNCTION substr(whole BYTEA, place BIGINT, length BIGINT) RETURNS BYTEA
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.substr(whole, CAST(place AS INTEGER), CAST(length AS INTEGER));

-- Nothing where either is nothing, unlike greatest and least.
CREATE FUNCTION max(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN a >= b THEN a WHEN a < b THEN b END;

CREATE FUNCTION max(a DOUBLE PRECISION, b DOUBLE PRECISION) RETURNS DOUBLE PRECISION
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN a >= b THEN a WHEN a < b THEN b END;

CREATE FUNCTION min(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN a <= b THEN a WHEN a > b THEN b END;

CREATE FUNCTION min(a DOUBLE PRECISION, b DOUBLE PRECISION) RETURNS DOUBLE PRECISION
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN a <= b THEN a WHEN a > b THEN b END;

-- Text as JSON that can be taken apart. PostgreSQL has no NUL and refuses a document that has one
-- anywhere: U+10FFFE and 0 stand for it, as in every text that the program writes, so spelt that
-- json_minified knows them again. U+0001 takes the place of a backslash that is escaped itself: no
-- JSON holds one.
CREATE FUNCTION json_guarded(document TEXT) RETURNS JSON LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CAST(
    CASE
        WHEN strpos(document, '\u0000') = 0 THEN document
        ELSE replace(replace(replace(document, '\\', chr(1)), '\u0000', '\udBfF\udFfE0'), chr(1), '\\')
    END
    AS JSON);

-- JSON without white space between its parts, each part as it was written. Mostly it has none.
CREATE FUNCTION json_minified(document TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN strpos(document, '\udBfF') = 0
        AND document ~ '^(?:[^" \t\n\r]|"(?:[^"\\]|\\.)*")*$' THEN document
    ELSE replace(
        replace(
            replace(
                regexp_replace(document, '("(?:[^"\\]|\\.)*")|[ \t\n\r]+', '\1', 'g'),
                '\\', chr(1)),
            '\udBfF\udFfE0', '\u0000'),
        chr(1), '\\')
END;

-- The text of a value: nothing for null, and JSON as it was written for what is no text. Of equal
-- names the last one counts. A path is of plain names and places: `$.cost[0][1]`.
CREATE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN json_guarded(document)
    #>> string_to_array(ltrim(translate(substr(path, 2), '[]', '.'), '.'), '.');

-- The same of each value in an object or a list, but 1 and 0 for true and false.
CREATE FUNCTION json_each(document TEXT) RETURNS TABLE (key TEXT, value TEXT)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT
        part.name,
        CASE
            WHEN json_typeof(part.content) <> 'boolean' THEN part.content #>> '{}'
            WHEN part.content #>> '{}' = 'true' THEN '1'
            ELSE '0'
        END
    FROM (
        SELECT member.name, member.content
        FROM pg_catalog.json_each(
            CASE WHEN json_typeof(json_guarded(document)) = 'object'
                THEN json_guarded(document) END) AS member (name, content)
        UNION ALL
        SELECT CAST(element.place - 1 AS TEXT), element.content
        FROM json_array_elements(
            CASE WHEN json_typeof(json_guarded(document)) = 'array'
                THEN json_guarded(document) END) WITH ORDINALITY AS element (content, place)
    ) AS part;
END;

CREATE FUNCTION json_array_text(words TEXT[]) RETURNS TEXT LANGUAGE sql STABLE PARALLEL SAFE
RETURN '[' || coalesce(
    (SELECT string_agg(coalesce(CAST(to_json(word) AS TEXT), 'null'), ',' ORDER BY place)
    FROM unnest(words) WITH ORDINALITY AS listed (word, place)), '') || ']';

CREATE AGGREGATE json_group_array (TEXT) (
    SFUNC = array_append,
    STYPE = TEXT[],
    INITCOND = '{}',
    FINALFUNC = json_array_text
);

CREATE TABLE meta (
    name TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE counter (
    name TEXT COLLATE "C" PRIMARY KEY,
    next BIGINT NOT NULL
) WITH (fillfactor = 50);

INSERT INTO counter (name, next) VALUES ('customer_key', 1), ('event_seq', 1), ('log_seq', 1);

-- What many writers of one brand need, and SQLite's one does not: the identifiers and orders that a
-- batch has claimed until it ends, by their hashes; and the numbers that each transaction reserved,
-- so that a reader of the feed stops before those that are not committed yet.
CREATE UNLOGGED TABLE claim (
    hash BIGINT PRIMARY KEY
);

CREATE TABLE reservation (
    xid xid8 PRIMARY KEY,
    log_seq BIGINT,
    event_seq BIGINT
);

CREATE TABLE currency (
    code TEXT COLLATE "C" PRIMARY KEY,
    divisor BIGINT NOT NULL
);

CREATE TABLE message (
    seq BIGINT PRIMARY KEY,
    form TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL
);

CREATE TABLE decision (
    seq BIGINT PRIMARY KEY,
    id BYTEA NOT NULL UNIQUE,
    decided_at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL
);

CREATE TABLE erased_event (
    id BYTEA PRIMARY KEY
);

CREATE TABLE event_type (
    key BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE source (
    key BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE event (
    seq BIGINT PRIMARY KEY,
    id BYTEA NOT NULL,
    message_seq BIGINT NOT NULL,
    customer_key BIGINT NOT NULL,
    type_key BIGINT NOT NULL,
    source_key BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    title TEXT COLLATE "C",
    description TEXT COLLATE "C",
    full_text TEXT COLLATE "C",
    amount_minor BIGINT,
    currency TEXT COLLATE "C",
    status TEXT COLLATE "C",
    agent_notes TEXT COLLATE "C",
    left_out TEXT COLLATE "C"
);

CREATE UNIQUE INDEX event_by_id ON event (id);
CREATE INDEX event_by_customer ON event (customer_key, occurred_at);

CREATE TABLE customer (
    key BIGINT PRIMARY KEY,
    minted_by BYTEA NOT NULL,
    root_key BIGINT NOT NULL,
    id TEXT COLLATE "C",
    origin_count BIGINT NOT NULL,
    email TEXT COLLATE "C",
    phone TEXT COLLATE "C",
    first_event_at BIGINT,
    first_event_id BYTEA,
    is_first_event_order BIGINT NOT NULL
) WITH (fillfactor = 90);

-- Every event changes its customer's row, and no column of an index: with room on the page, the new
-- row stays beside the old one and the index is left alone.
CREATE TABLE activity (
    key BIGINT PRIMARY KEY,
    fields TEXT COLLATE "C" NOT NULL,
    strength BIGINT NOT NULL,
    lifetime_value_minor BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    totals TEXT COLLATE "C",
    order_count BIGINT NOT NULL,
    event_count BIGINT NOT NULL,
    store_visit_count BIGINT NOT NULL,
    last_event_at BIGINT
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX customer_by_minting ON customer (minted_by);
CREATE INDEX customer_by_id ON customer (id) WHERE id IS NOT NULL;
CREATE INDEX customer_by_root ON customer (root_key);

CREATE TABLE identifier (
    customer_key BIGINT NOT NULL,
    hash BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (customer_key, hash)
);

CREATE INDEX identifier_by_hash ON identifier (hash);

CREATE TABLE purchase (
    event_seq BIGINT PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL,
    product_name TEXT COLLATE "C" NOT NULL,
    product_sku TEXT COLLATE "C",
    quantity BIGINT,
    price_minor BIGINT,
    total_minor BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    warranty_expires_at BIGINT
);

-- An order's id may be longer than an entry of a tree: one index keeps it unique, the other finds it.
-- So may a work order's.
CREATE UNIQUE INDEX purchase_by_id ON purchase (md5(id));
CREATE INDEX purchase_by_hash ON purchase USING hash (id);

CREATE TABLE work_order (
    event_seq BIGINT PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL,
    fields TEXT COLLATE "C" NOT NULL
);

CREATE UNIQUE INDEX work_order_by_id ON work_order (md5(id));
CREATE INDEX work_order_by_hash ON work_order USING hash (id);

CREATE TABLE knowledge (
    event_seq BIGINT PRIMARY KEY,
    content TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C",
    importance TEXT COLLATE "C",
    tags TEXT COLLATE "C"
);

CREATE TABLE visit (
    event_seq BIGINT PRIMARY KEY,
    store_id TEXT COLLATE "C" NOT NULL,
    store_name TEXT COLLATE "C",
    check_in_at BIGINT NOT NULL,
    check_out_at BIGINT,
    detection_method TEXT COLLATE "C"
);

CREATE TABLE merge (
    key BIGINT PRIMARY KEY,
    id BYTEA NOT NULL UNIQUE,
    merged_at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    base_key BIGINT NOT NULL,
    absorbed_keys TEXT COLLATE "C" NOT NULL,
    evidence TEXT COLLATE "C" NOT NULL,
    before_snapshot TEXT COLLATE "C" NOT NULL,
    after_snapshot TEXT COLLATE "C" NOT NULL,
    undone_at BIGINT
);

CREATE TABLE link (
    merge_id BYTEA NOT NULL,
    a_key BIGINT NOT NULL,
    b_key BIGINT NOT NULL,
    PRIMARY KEY (a_key, b_key, merge_id)
);

CREATE INDEX link_by_merge ON link (merge_id);

CREATE TABLE pin (
    a_key BIGINT NOT NULL,
    b_key BIGINT NOT NULL,
    PRIMARY KEY (a_key, b_key)
);

CREATE INDEX pin_by_b ON pin (b_key);

CREATE TABLE review (
    key BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    id BYTEA NOT NULL UNIQUE,
    customer_keys TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL
);

CREATE INDEX review_by_status ON review (status, key);

CREATE TABLE review_evidence (
    review_id BYTEA NOT NULL,
    event_id BYTEA NOT NULL,
    PRIMARY KEY (review_id, event_id)
);

CREATE TABLE dead_letter (
    key BIGINT PRIMARY KEY,
    id BYTEA NOT NULL UNIQUE,
    form TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL,
    arrival_count BIGINT NOT NULL
);

-- Search. The program cuts the words as SQLite's tokenizer does and writes them here itself.
CREATE TABLE customer_search (
    rowid BIGINT PRIMARY KEY,
    words TEXT COLLATE "C",
    document TSVECTOR
);

CREATE INDEX customer_search_by_word ON customer_search
USING gin (document) WITH (fastupdate = on);

CREATE TABLE event_search (
    rowid BIGINT PRIMARY KEY,
    document TSVECTOR
);

CREATE INDEX event_search_by_word ON event_search USING gin (document) WITH (fastupdate = on);

CREATE TABLE knowledge_search (
    rowid BIGINT PRIMARY KEY,
    document TSVECTOR
);

CREATE INDEX knowledge_search_by_word ON knowledge_search
USING gin (document) WITH (fastupdate = on);

-- What people query.

CREATE VIEW customers AS
SELECT
    c.id,
    coalesce(
        json_extract(a.fields, '$.name[0]'), json_extract(a.fields, '$.company[0]'),
        c.email, c.phone, c.id
    ) COLLATE "C" AS name,
    c.email,
    c.phone,
    json_extract(a.fields, '$.company[0]') COLLATE "C" AS company,
    coalesce(json_extract(a.fields, '$.status[0]'), 'active') COLLATE "C" AS status,
    c.first_event_at / 1000 AS customer_since,
    CAST(a.lifetime_value_minor AS DOUBLE PRECISION) / coalesce(u.divisor, 100) AS lifetime_value,
    json_extract(a.fields, '$.tags[0]') COLLATE "C" AS tags,
    (
        SELECT '{' || string_agg(
            CAST(to_json(substr(f.name, 8)) AS TEXT)
                || ':' || json_minified(CAST(f.stamped -> 0 AS TEXT)),
            ',' ORDER BY f.place) || '}'
        FROM pg_catalog.json_each(json_guarded(a.fields))
            WITH ORDINALITY AS f (name, stamped, place)
        WHERE f.name COLLATE "C" ILIKE 'custom.%'
    ) COLLATE "C" AS custom_fields,
    c.first_event_at / 1000 AS created_at,
    a.last_event_at / 1000 AS updated_at,
    a.currency,
    a.lifetime_value_minor
FROM customer AS c
JOIN activity AS a ON a.key = c.key
LEFT JOIN currency AS u ON u.code = a.currency
WHERE c.root_key = c.key AND c.id IS NOT NULL;

CREATE VIEW customer_events AS
SELECT
    ('evt_' || encode(e.id, 'hex')) COLLATE "C" AS id,
    r.id AS customer_id,
    t.name AS event_type,
    e.occurred_at / 1000 AS event_date,
    e.title,
    e.description,
    CAST(e.amount_minor AS DOUBLE PRECISION) / coalesce(u.divisor, 100) AS amount,
    e.status,
    CASE m.form
        WHEN 'envelope' THEN json_minified(json_extract(m.body, '$.metadata'))
        WHEN 'domain' THEN json_minified(json_extract(m.body, '$.props'))
    END COLLATE "C" AS metadata,
    e.agent_notes,
    s.name AS source_service,
    m.body AS raw_event_data,
    m.received_at / 1000 AS created_at,
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
    CAST(p.price_minor AS DOUBLE PRECISION) / coalesce(u.divisor, 100) AS price,
    CAST(p.total_minor AS DOUBLE PRECISION) / coalesce(u.divisor, 100) AS total,
    e.occurred_at / 1000 AS purchase_date,
    p.warranty_expires_at / 1000 AS warranty_expires,
    CASE m.form
        WHEN 'envelope' THEN json_minified(json_extract(m.body, '$.metadata'))
    END COLLATE "C" AS metadata,
    m.received_at / 1000 AS created_at,
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
    json_extract(w.fields, '$.order_type[0]') COLLATE "C" AS order_type,
    json_extract(w.fields, '$.issue_description[0]') COLLATE "C" AS issue_description,
    json_extract(w.fields, '$.resolution[0]') COLLATE "C" AS resolution,
    json_extract(w.fields, '$.status[0]') COLLATE "C" AS status,
    json_extract(w.fields, '$.priority[0]') COLLATE "C" AS priority,
    json_extract(w.fields, '$.assigned_to[0]') COLLATE "C" AS assigned_to,
    e.occurred_at / 1000 AS created_date,
    CAST(json_extract(w.fields, '$.completed_date[0]') AS BIGINT) AS completed_date,
    CAST(json_extract(w.fields, '$.cost[0][0]') AS DOUBLE PRECISION) / coalesce(u.divisor, 100)
        AS cost,
    CASE m.form
        WHEN 'envelope' THEN json_minified(json_extract(m.body, '$.metadata'))
    END COLLATE "C" AS metadata,
    json_extract(w.fields, '$.cost[0][1]') COLLATE "C" AS currency,
    CAST(json_extract(w.fields, '$.cost[0][0]') AS BIGINT) AS cost_minor
FROM work_order AS w
JOIN event AS e ON e.seq = w.event_seq
JOIN customer AS o ON o.key = e.customer_key
JOIN customer AS r ON r.key = o.root_key
JOIN message AS m ON m.seq = e.message_seq
LEFT JOIN currency AS u ON u.code = json_extract(w.fields, '$.cost[0][1]');

CREATE VIEW customer_knowledge AS
SELECT
    ('kno_' || encode(e.id, 'hex')) COLLATE "C" AS id,
    r.id AS customer_id,
    k.content,
    k.category,
    k.importance,
    k.tags,
    s.name AS source,
    e.occurred_at / 1000 AS created_at,
    e.occurred_at / 1000 AS updated_at
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
    i.first_seen_at / 1000 AS first_seen_at
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

CREATE VIEW aliases AS
SELECT
    ('prf_' || encode(o.minted_by, 'hex')) COLLATE "C" AS alias_id,
    r.id AS customer_id
FROM customer AS o
JOIN customer AS r ON r.key = o.root_key
WHERE o.root_key <> o.key;

CREATE VIEW customer_profile AS
SELECT
    c.id,
    (SELECT value FROM meta WHERE name = 'brand') AS brand_id,
    c.email,
    c.phone,
    (
        SELECT coalesce(
            '{' || string_agg(
                CAST(to_json(i.kind) AS TEXT) || ':' || i.list, ',' ORDER BY i.kind) || '}',
            '{}')
        FROM (
            SELECT n.kind, json_group_array(n.value ORDER BY n.value) AS list FROM (
                SELECT DISTINCT m.kind, m.value
                FROM customer AS o
                JOIN identifier AS m ON m.customer_key = o.key
                WHERE o.root_key = c.key
            ) AS n
            GROUP BY n.kind
        ) AS i
    ) COLLATE "C" AS identifiers,
    a.strength AS profile_strength,
    CAST(a.lifetime_value_minor AS DOUBLE PRECISION) / coalesce(u.divisor, 100) AS lifetime_value,
    a.currency,
    a.order_count AS total_orders,
    c.origin_count AS merged_profiles,
    c.first_event_at / 1000 AS created_at,
    a.last_event_at / 1000 AS updated_at
FROM customer AS c
JOIN activity AS a ON a.key = c.key
LEFT JOIN currency AS u ON u.code = a.currency
WHERE c.root_key = c.key AND c.id IS NOT NULL;

CREATE VIEW customer_raw_event AS
SELECT
    ('evt_' || encode(e.id, 'hex')) COLLATE "C" AS id,
    r.id AS customer_profile_id,
    t.name AS event_type,
    s.name AS source,
    m.form,
    m.body AS payload,
    e.left_out,
    e.occurred_at / 1000 AS occurred_at,
    m.received_at / 1000 AS received_at
FROM event AS e
JOIN customer AS o ON o.key = e.customer_key
JOIN customer AS r ON r.key = o.root_key
JOIN event_type AS t ON t.key = e.type_key
JOIN source AS s ON s.key = e.source_key
JOIN message AS m ON m.seq = e.message_seq;

CREATE VIEW store_visit AS
SELECT
    ('evt_' || encode(e.id, 'hex')) COLLATE "C" AS id,
    r.id AS customer_profile_id,
    v.store_id,
    v.store_name,
    v.check_in_at / 1000 AS check_in_at,
    v.check_out_at / 1000 AS check_out_at,
    (v.check_out_at - v.check_in_at) / 60000 AS duration_minutes,
    v.detection_method
FROM visit AS v
JOIN event AS e ON e.seq = v.event_seq
JOIN customer AS o ON o.key = e.customer_key
JOIN customer AS r ON r.key = o.root_key;

CREATE VIEW merge_history AS
SELECT
    ('mrg_' || encode(g.id, 'hex')) COLLATE "C" AS id,
    ('prf_' || encode(b.minted_by, 'hex')) COLLATE "C" AS base_profile_id,
    (
        SELECT json_group_array('prf_' || encode(a.minted_by, 'hex') ORDER BY k.place)
        FROM json_each(g.absorbed_keys) WITH ORDINALITY AS k (key, value, place)
        JOIN customer AS a ON a.key = CAST(k.value AS BIGINT)
    ) COLLATE "C" AS merged_profile_ids,
    r.id AS customer_id,
    g.reason,
    g.actor,
    g.evidence,
    g.before_snapshot,
    g.after_snapshot,
    g.merged_at / 1000 AS merged_at,
    g.undone_at / 1000 AS undone_at
FROM merge AS g
JOIN customer AS b ON b.key = g.base_key
JOIN customer AS r ON r.key = b.root_key;

CREATE VIEW manual_merge_queue AS
SELECT
    ('rev_' || encode(q.id, 'hex')) COLLATE "C" AS id,
    (
        SELECT json_group_array('prf_' || encode(a.minted_by, 'hex') ORDER BY k.place)
        FROM json_each(q.customer_keys) WITH ORDINALITY AS k (key, value, place)
        JOIN customer AS a ON a.key = CAST(k.value AS BIGINT)
    ) COLLATE "C" AS profile_ids,
    q.reason,
    q.status,
    (SELECT count(*) FROM review_evidence AS v WHERE v.review_id = q.id) AS evidence_count,
    q.opened_at / 1000 AS created_at
FROM review AS q;

CREATE VIEW dead_letters AS
SELECT
    ('ded_' || encode(d.id, 'hex')) COLLATE "C" AS id,
    d.form,
    d.field,
    d.reason,
    d.body AS payload,
    d.arrival_count,
    d.received_at / 1000 AS received_at
FROM dead_letter AS d;
