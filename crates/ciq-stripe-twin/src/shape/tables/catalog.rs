//! Products and prices.

use crate::shape::{
    Field, Shape, beyond, boolean, integer, metadata, object, range, short_text, text, texts, word,
};

/// The largest amount: Stripe's limit of twelve digits.
const AMOUNT_MAX: i64 = 999_999_999_999;

/// The longest interval, in days.
const INTERVAL_COUNT_MAX: i64 = 1_095;

/// The longest trial, in days.
const TRIAL_DAYS_MAX: i64 = 730;

const PRODUCT_TYPES: &[&str] = &["good", "service"];
const PRICE_TYPES: &[&str] = &["one_time", "recurring"];
const INTERVALS: &[&str] = &["day", "month", "week", "year"];
const USAGE_TYPES: &[&str] = &["licensed", "metered"];
const TAX_BEHAVIORS: &[&str] = &["exclusive", "inclusive", "unspecified"];

const RECURRING: &[Field] = &[
    word("interval", INTERVALS).required(),
    integer("interval_count", 1, INTERVAL_COUNT_MAX),
    word("usage_type", USAGE_TYPES),
    beyond("meter"),
    integer("trial_period_days", 0, TRIAL_DAYS_MAX),
];

const DEFAULT_PRICE_DATA: &[Field] = &[
    short_text("currency", 3).required(),
    metadata(),
    object("recurring", RECURRING),
    word("tax_behavior", TAX_BEHAVIORS),
    integer("unit_amount", 0, AMOUNT_MAX),
    Field::new("unit_amount_decimal", Shape::Decimal),
    beyond("currency_options"),
    beyond("custom_unit_amount"),
];

/// `POST /v1/products`.
pub(crate) const CREATE_PRODUCT: &[Field] = &[
    text("name").required(),
    text("id"),
    boolean("active"),
    text("description").unset(),
    texts("images"),
    metadata(),
    boolean("shippable"),
    short_text("statement_descriptor", 22),
    word("type", PRODUCT_TYPES),
    short_text("unit_label", 12),
    text("url"),
    object("default_price_data", DEFAULT_PRICE_DATA),
    beyond("marketing_features"),
    beyond("package_dimensions"),
    beyond("tax_code"),
    beyond("tax_details"),
];

/// `POST /v1/products/{id}`.
pub(crate) const UPDATE_PRODUCT: &[Field] = &[
    text("name"),
    boolean("active"),
    text("description").unset(),
    texts("images").unset(),
    metadata(),
    boolean("shippable"),
    short_text("statement_descriptor", 22),
    short_text("unit_label", 12).unset(),
    text("url").unset(),
    text("default_price"),
    beyond("marketing_features"),
    beyond("package_dimensions"),
    beyond("tax_code"),
    beyond("tax_details"),
];

/// `GET /v1/products`.
pub(crate) const LIST_PRODUCTS: &[Field] = &[
    boolean("active"),
    range("created"),
    texts("ids"),
    boolean("shippable"),
    word("type", PRODUCT_TYPES),
    text("url"),
];

const PRODUCT_DATA: &[Field] = &[
    text("name").required(),
    boolean("active"),
    text("id"),
    metadata(),
    short_text("statement_descriptor", 22),
    short_text("unit_label", 12),
    beyond("tax_code"),
    beyond("tax_details"),
];

const RECURRING_FILTER: &[Field] =
    &[word("interval", INTERVALS), word("usage_type", USAGE_TYPES), text("meter")];

/// `POST /v1/prices`.
pub(crate) const CREATE_PRICE: &[Field] = &[
    short_text("currency", 3).required(),
    boolean("active"),
    word("billing_scheme", &["per_unit", "tiered"]),
    short_text("lookup_key", 200),
    metadata(),
    text("nickname").unset(),
    text("product"),
    object("product_data", PRODUCT_DATA),
    object("recurring", RECURRING),
    word("tax_behavior", TAX_BEHAVIORS),
    boolean("transfer_lookup_key"),
    integer("unit_amount", 0, AMOUNT_MAX),
    Field::new("unit_amount_decimal", Shape::Decimal),
    beyond("currency_options"),
    beyond("custom_unit_amount"),
    beyond("tiers"),
    beyond("tiers_mode"),
    beyond("transform_quantity"),
];

/// `POST /v1/prices/{id}`.
pub(crate) const UPDATE_PRICE: &[Field] = &[
    boolean("active"),
    short_text("lookup_key", 200).unset(),
    metadata(),
    text("nickname").unset(),
    word("tax_behavior", TAX_BEHAVIORS),
    boolean("transfer_lookup_key"),
    beyond("currency_options"),
];

/// `GET /v1/prices`.
pub(crate) const LIST_PRICES: &[Field] = &[
    boolean("active"),
    range("created"),
    short_text("currency", 3),
    texts("lookup_keys"),
    text("product"),
    object("recurring", RECURRING_FILTER),
    word("type", PRICE_TYPES),
];
