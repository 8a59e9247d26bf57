-- migrate_0005.sql
-- Subscriptions: what a customer pays for, and whether it does.

CREATE TABLE subscription (
    customer_key BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    plan TEXT COLLATE "C",
    screens BIGINT,
    mrr_minor BIGINT,
    currency TEXT COLLATE "C",
    status TEXT COLLATE "C",
    started_at BIGINT,
    cancelled_at BIGINT,
    last_paid_at BIGINT,
    last_payment_failed_at BIGINT,
    is_payment_open BIGINT NOT NULL,
    PRIMARY KEY (customer_key, id)
);

CREATE TABLE billing (
    customer_key BIGINT PRIMARY KEY,
    health TEXT COLLATE "C" NOT NULL,
    last_paid_at BIGINT,
    last_payment_failed_at BIGINT,
    open_failure_count BIGINT NOT NULL
);

CREATE INDEX billing_by_health ON billing (health);

-- What people query. mrr is what a subscription brings in a month now, so that a sum over a
-- currency is the revenue: nothing unless it is active or past due.

CREATE VIEW subscriptions AS
SELECT
    c.id AS customer_id,
    s.id AS subscription_id,
    s.plan,
    s.screens,
    CAST(
        CASE
            WHEN s.status IS NULL OR s.status IN ('active', 'past_due') THEN s.mrr_minor
            ELSE s.mrr_minor * 0
        END AS DOUBLE PRECISION) / coalesce(u.divisor, 100) AS mrr,
    CASE
        WHEN s.status IS NULL OR s.status IN ('active', 'past_due') THEN s.mrr_minor
        ELSE s.mrr_minor * 0
    END AS mrr_minor,
    s.currency,
    s.status,
    s.started_at / 1000 AS started_at,
    s.cancelled_at / 1000 AS cancelled_at,
    s.last_paid_at / 1000 AS last_paid_at,
    s.last_payment_failed_at / 1000 AS last_payment_failed_at
FROM subscription AS s
JOIN customer AS c ON c.key = s.customer_key
LEFT JOIN currency AS u ON u.code = s.currency;

CREATE VIEW billing_health AS
SELECT
    c.id AS customer_id,
    b.health,
    b.open_failure_count,
    b.last_paid_at / 1000 AS last_paid_at,
    b.last_payment_failed_at / 1000 AS last_payment_failed_at
FROM billing AS b
JOIN customer AS c ON c.key = b.customer_key;
