-- migrate_0005.sql
-- Subscriptions: what a customer pays for, and whether it does.

-- One row per subscription of a root: what its fields in activity say, in columns. mrr_minor is what
-- it brings in a month while it runs; status is in Stripe's words. is_payment_open: the last payment
-- failed, and nothing says since that all is well.
CREATE TABLE subscription (
    customer_key INTEGER NOT NULL,
    id TEXT NOT NULL,
    plan TEXT,
    screens INTEGER,
    mrr_minor INTEGER,
    currency TEXT,
    status TEXT,
    started_at INTEGER,
    cancelled_at INTEGER,
    last_paid_at INTEGER,
    last_payment_failed_at INTEGER,
    is_payment_open INTEGER NOT NULL,
    PRIMARY KEY (customer_key, id)
) STRICT, WITHOUT ROWID;

-- One row per root that has or had a subscription: how it pays for all of them.
CREATE TABLE billing (
    customer_key INTEGER PRIMARY KEY,
    health TEXT NOT NULL,
    last_paid_at INTEGER,
    last_payment_failed_at INTEGER,
    open_failure_count INTEGER NOT NULL
) STRICT;

CREATE INDEX billing_by_health ON billing (health);

-- What people query. mrr is what a subscription brings in a month now, so that a sum over a currency
-- is the revenue: nothing unless it is active or past due.

CREATE VIEW subscriptions AS
SELECT
    c.id AS customer_id,
    s.id AS subscription_id,
    s.plan,
    s.screens,
    CAST(iif(s.status IS NULL OR s.status IN ('active', 'past_due'), s.mrr_minor,
        s.mrr_minor * 0) AS REAL) / coalesce(u.divisor, 100) AS mrr,
    iif(s.status IS NULL OR s.status IN ('active', 'past_due'), s.mrr_minor, s.mrr_minor * 0)
        AS mrr_minor,
    s.currency,
    s.status,
    CAST(s.started_at / 1000 AS INTEGER) AS started_at,
    CAST(s.cancelled_at / 1000 AS INTEGER) AS cancelled_at,
    CAST(s.last_paid_at / 1000 AS INTEGER) AS last_paid_at,
    CAST(s.last_payment_failed_at / 1000 AS INTEGER) AS last_payment_failed_at
FROM subscription AS s
JOIN customer AS c ON c.key = s.customer_key
LEFT JOIN currency AS u ON u.code = s.currency;

CREATE VIEW billing_health AS
SELECT
    c.id AS customer_id,
    b.health,
    b.open_failure_count,
    CAST(b.last_paid_at / 1000 AS INTEGER) AS last_paid_at,
    CAST(b.last_payment_failed_at / 1000 AS INTEGER) AS last_payment_failed_at
FROM billing AS b
JOIN customer AS c ON c.key = b.customer_key;
