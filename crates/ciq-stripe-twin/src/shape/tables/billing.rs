//! Test clocks, subscriptions and invoices.

use crate::shape::{
    Field, beyond, boolean, integer, metadata, object, objects, range, short_text, text, texts,
    time, time_or, word,
};

/// The longest name of a test clock.
const CLOCK_NAME_LENGTH_MAX: usize = 300;
/// The largest quantity.
const QUANTITY_MAX: i64 = 999_999_999;

/// The longest trial, in days.
const TRIAL_DAYS_MAX: i64 = 730;

const CANCEL_WORDS: &[&str] = &["max_billed_until", "max_period_end", "min_period_end"];
const COLLECTION_METHODS: &[&str] = &["charge_automatically", "send_invoice"];
const PRORATIONS: &[&str] = &["always_invoice", "create_prorations", "none"];
const PAYMENT_BEHAVIORS: &[&str] =
    &["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"];
const INVOICE_STATUSES: &[&str] = &["draft", "open", "paid", "uncollectible", "void"];
const SUBSCRIPTION_STATUSES: &[&str] = &[
    "active",
    "all",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
];
const FEEDBACK: &[&str] = &[
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
];

/// `POST /v1/test_helpers/test_clocks`.
pub(crate) const CREATE_TEST_CLOCK: &[Field] = &[
    time("frozen_time").required(),
    short_text("name", CLOCK_NAME_LENGTH_MAX),
    beyond("customer"),
];

/// `POST /v1/test_helpers/test_clocks/{id}/advance`.
pub(crate) const ADVANCE_TEST_CLOCK: &[Field] = &[time("frozen_time").required()];

const BILLING_MODE: &[Field] =
    &[word("type", &["classic", "flexible"]).required(), beyond("flexible")];

const CANCELLATION_DETAILS: &[Field] =
    &[text("comment").unset(), word("feedback", FEEDBACK).unset(), beyond("feedback_option")];

const PAYMENT_SETTINGS: &[Field] = &[
    texts("payment_method_types").unset(),
    word("save_default_payment_method", &["off", "on_subscription"]),
    beyond("payment_method_options"),
];

const TRIAL_END_BEHAVIOR: &[Field] = &[
    word("missing_payment_method", &["cancel", "create_invoice", "pause"]),
    beyond("billing_cycle_anchor"),
];

const TRIAL_SETTINGS: &[Field] = &[object("end_behavior", TRIAL_END_BEHAVIOR).required()];

const NEW_ANCHOR: &[Field] = &[word("type", &["now", "unchanged"]).required()];

const NEW_ITEM: &[Field] = &[
    text("price"),
    integer("quantity", 0, QUANTITY_MAX),
    metadata(),
    beyond("billing_thresholds"),
    beyond("current_trial"),
    beyond("discounts"),
    text("plan"),
    beyond("price_data"),
    beyond("tax_rates"),
];

const CHANGED_ITEM: &[Field] = &[
    text("id"),
    text("price"),
    integer("quantity", 0, QUANTITY_MAX),
    boolean("deleted"),
    metadata(),
    beyond("billing_thresholds"),
    beyond("clear_usage"),
    beyond("current_trial"),
    beyond("discounts"),
    text("plan"),
    beyond("price_data"),
    beyond("tax_rates"),
];

/// `POST /v1/subscriptions`.
pub(crate) const CREATE_SUBSCRIPTION: &[Field] = &[
    text("customer").required(),
    objects("items", NEW_ITEM).required(),
    object("billing_mode", BILLING_MODE),
    boolean("cancel_at_period_end"),
    word("collection_method", COLLECTION_METHODS),
    short_text("currency", 3),
    text("default_payment_method"),
    short_text("description", 500).unset(),
    metadata(),
    boolean("off_session"),
    word("payment_behavior", PAYMENT_BEHAVIORS),
    word("proration_behavior", PRORATIONS),
    beyond("add_invoice_items"),
    beyond("application_fee_percent"),
    beyond("automatic_tax"),
    beyond("backdate_start_date"),
    time("billing_cycle_anchor"),
    beyond("billing_cycle_anchor_config"),
    beyond("billing_schedules"),
    beyond("billing_thresholds"),
    time_or("cancel_at", CANCEL_WORDS),
    beyond("customer_account"),
    beyond("days_until_due"),
    beyond("default_source"),
    beyond("default_tax_rates"),
    beyond("discounts"),
    beyond("invoice_settings"),
    beyond("on_behalf_of"),
    object("payment_settings", PAYMENT_SETTINGS),
    beyond("pending_invoice_item_interval"),
    beyond("transfer_data"),
    time_or("trial_end", &["now"]),
    boolean("trial_from_plan"),
    integer("trial_period_days", 0, TRIAL_DAYS_MAX),
    object("trial_settings", TRIAL_SETTINGS),
];

/// `POST /v1/subscriptions/{id}`.
pub(crate) const UPDATE_SUBSCRIPTION: &[Field] = &[
    objects("items", CHANGED_ITEM),
    boolean("cancel_at_period_end"),
    object("cancellation_details", CANCELLATION_DETAILS),
    word("collection_method", COLLECTION_METHODS),
    text("default_payment_method").unset(),
    short_text("description", 500).unset(),
    metadata(),
    boolean("off_session"),
    word("payment_behavior", PAYMENT_BEHAVIORS),
    word("proration_behavior", PRORATIONS),
    beyond("add_invoice_items"),
    beyond("application_fee_percent"),
    beyond("automatic_tax"),
    object("billing_cycle_anchor", NEW_ANCHOR),
    beyond("billing_schedules"),
    beyond("billing_thresholds"),
    time_or("cancel_at", CANCEL_WORDS).unset(),
    beyond("days_until_due"),
    beyond("default_source"),
    beyond("default_tax_rates"),
    beyond("discounts"),
    beyond("invoice_settings"),
    beyond("on_behalf_of"),
    beyond("pause_collection"),
    object("payment_settings", PAYMENT_SETTINGS),
    beyond("pending_invoice_item_interval"),
    time("proration_date"),
    beyond("transfer_data"),
    time_or("trial_end", &["now"]),
    boolean("trial_from_plan"),
    object("trial_settings", TRIAL_SETTINGS),
];

/// `DELETE /v1/subscriptions/{id}`.
pub(crate) const CANCEL_SUBSCRIPTION: &[Field] = &[
    object("cancellation_details", CANCELLATION_DETAILS),
    boolean("invoice_now"),
    boolean("prorate"),
];

/// `GET /v1/subscriptions`.
pub(crate) const LIST_SUBSCRIPTIONS: &[Field] = &[
    word("collection_method", COLLECTION_METHODS),
    range("created"),
    range("current_period_end"),
    range("current_period_start"),
    text("customer"),
    text("price"),
    word("status", SUBSCRIPTION_STATUSES),
    text("test_clock"),
    beyond("automatic_tax"),
    beyond("customer_account"),
    beyond("plan"),
];

/// `GET /v1/invoices`.
pub(crate) const LIST_INVOICES: &[Field] = &[
    word("collection_method", COLLECTION_METHODS),
    range("created"),
    text("customer"),
    word("status", INVOICE_STATUSES),
    text("subscription"),
    beyond("customer_account"),
    beyond("due_date"),
];

/// `POST /v1/invoices/{id}/pay`.
pub(crate) const PAY_INVOICE: &[Field] = &[
    boolean("off_session"),
    boolean("paid_out_of_band"),
    text("payment_method"),
    boolean("forgive"),
    beyond("mandate"),
    beyond("source"),
];

/// `POST /v1/invoices/{id}/finalize`.
pub(crate) const FINALIZE_INVOICE: &[Field] = &[boolean("auto_advance")];
