//! Customers, their payment methods, and events.

use crate::shape::{
    Field, beyond, boolean, integer, metadata, object, range, short_text, text, texts, word,
};

/// The longest e-mail address.
const EMAIL_LENGTH_MAX: usize = 512;
/// The longest name.
const NAME_LENGTH_MAX: usize = 256;
/// The longest phone number.
const PHONE_LENGTH_MAX: usize = 20;
/// The largest balance, either way.
const BALANCE_MAX: i64 = 999_999_999_999;

const TAX_EXEMPTIONS: &[&str] = &["exempt", "none", "reverse"];
const DISPLAY_PERMISSIONS: &[&str] = &["always", "limited", "unspecified"];

const PAYMENT_METHOD_TYPES: &[&str] = &[
    "acss_debit",
    "affirm",
    "afterpay_clearpay",
    "alipay",
    "alma",
    "amazon_pay",
    "au_becs_debit",
    "bacs_debit",
    "bancontact",
    "billie",
    "bizum",
    "blik",
    "boleto",
    "card",
    "cashapp",
    "crypto",
    "custom",
    "customer_balance",
    "eps",
    "fpx",
    "giropay",
    "grabpay",
    "ideal",
    "kakao_pay",
    "klarna",
    "konbini",
    "kr_card",
    "link",
    "mb_way",
    "mobilepay",
    "multibanco",
    "naver_pay",
    "nz_bank_account",
    "oxxo",
    "p24",
    "pay_by_bank",
    "payco",
    "paynow",
    "paypal",
    "paypay",
    "payto",
    "pix",
    "promptpay",
    "revolut_pay",
    "samsung_pay",
    "satispay",
    "scalapay",
    "sepa_debit",
    "sequra",
    "sofort",
    "sunbit",
    "swish",
    "twint",
    "upi",
    "us_bank_account",
    "wechat_pay",
    "zip",
];

const ADDRESS: &[Field] = &[
    text("city").unset(),
    text("country").unset(),
    text("line1").unset(),
    text("line2").unset(),
    text("postal_code").unset(),
    text("state").unset(),
];

const SHIPPING: &[Field] = &[
    object("address", ADDRESS).required(),
    short_text("name", NAME_LENGTH_MAX).required(),
    short_text("phone", PHONE_LENGTH_MAX).unset(),
];

const INVOICE_SETTINGS: &[Field] = &[
    text("default_payment_method").unset(),
    text("footer").unset(),
    beyond("custom_fields"),
    beyond("rendering_options"),
];

/// `POST /v1/customers`.
pub(crate) const CREATE_CUSTOMER: &[Field] = &[
    object("address", ADDRESS).unset(),
    integer("balance", -BALANCE_MAX, BALANCE_MAX),
    text("description").unset(),
    short_text("email", EMAIL_LENGTH_MAX).unset(),
    short_text("invoice_prefix", 12),
    object("invoice_settings", INVOICE_SETTINGS),
    metadata(),
    short_text("name", NAME_LENGTH_MAX).unset(),
    integer("next_invoice_sequence", 1, 1_000_000_000),
    text("payment_method"),
    short_text("phone", PHONE_LENGTH_MAX).unset(),
    texts("preferred_locales"),
    object("shipping", SHIPPING).unset(),
    word("tax_exempt", TAX_EXEMPTIONS).unset(),
    text("test_clock"),
    beyond("business_name"),
    beyond("cash_balance"),
    beyond("individual_name"),
    beyond("source"),
    beyond("tax"),
    beyond("tax_id_data"),
    beyond("validate"),
];

/// `POST /v1/customers/{id}`.
pub(crate) const UPDATE_CUSTOMER: &[Field] = &[
    object("address", ADDRESS).unset(),
    integer("balance", -BALANCE_MAX, BALANCE_MAX),
    text("description").unset(),
    short_text("email", EMAIL_LENGTH_MAX).unset(),
    short_text("invoice_prefix", 12),
    object("invoice_settings", INVOICE_SETTINGS),
    metadata(),
    short_text("name", NAME_LENGTH_MAX).unset(),
    integer("next_invoice_sequence", 1, 1_000_000_000),
    short_text("phone", PHONE_LENGTH_MAX).unset(),
    texts("preferred_locales"),
    object("shipping", SHIPPING).unset(),
    word("tax_exempt", TAX_EXEMPTIONS).unset(),
    beyond("business_name"),
    beyond("cash_balance"),
    beyond("default_source"),
    beyond("individual_name"),
    beyond("source"),
    beyond("tax"),
    beyond("validate"),
];

/// `GET /v1/customers`.
pub(crate) const LIST_CUSTOMERS: &[Field] =
    &[range("created"), short_text("email", EMAIL_LENGTH_MAX), text("test_clock")];

/// `POST /v1/payment_methods/{id}/attach`.
pub(crate) const ATTACH_PAYMENT_METHOD: &[Field] =
    &[text("customer").required(), beyond("customer_account")];

/// `GET /v1/payment_methods`.
pub(crate) const LIST_PAYMENT_METHODS: &[Field] = &[
    word("allow_redisplay", DISPLAY_PERMISSIONS),
    text("customer"),
    word("type", PAYMENT_METHOD_TYPES),
    beyond("customer_account"),
];

/// `GET /v1/customers/{id}/payment_methods`.
pub(crate) const LIST_CUSTOMER_PAYMENT_METHODS: &[Field] =
    &[word("allow_redisplay", DISPLAY_PERMISSIONS), word("type", PAYMENT_METHOD_TYPES)];

/// `GET /v1/events`.
pub(crate) const LIST_EVENTS: &[Field] =
    &[range("created"), boolean("delivery_success"), text("type"), texts("types")];
